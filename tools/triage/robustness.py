"""Pairs of a report and the same report written otherwise: triage must say the same of both."""

# ruff: noqa: ARG001 - every change has one form, whether or not it needs the language or chance
from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Mapping, Sequence

from sangfroid.triage.embedded import Embedded
from sangfroid.triage.report import Report
from tools.triage.dataset import label_of, read_banks
from tools.triage.gate import FOLDER

NEUTRAL = 4_000
_LIKE = dict(zip("aceopxyiABCEHKMOPTX", "асеорхуіАВСЕНКМОРТХ", strict=True))  # Latin, Cyrillic
_SHARE = 0.15

Change = Callable[[str, str, random.Random], str]


def full_width(text: str, language: str, draw: random.Random) -> str:
    """Letters and digits in their full-width forms."""
    return "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalnum() else c for c in text)


def blanks(text: str, language: str, draw: random.Random) -> str:
    """No-break spaces for spaces."""
    return text.replace(" ", "\u00a0")


def invisible(text: str, language: str, draw: random.Random) -> str:
    """A zero-width space after every fourth character."""
    return "".join(c + ("\u200b" if at % 4 == 3 else "") for at, c in enumerate(text))


def look_alike(text: str, language: str, draw: random.Random) -> str:
    """15 % of all letters replaced by letters of another alphabet that look the same."""
    places = [at for at, c in enumerate(text) if c in _LIKE]
    letters = sum(c.isalpha() for c in text)
    chosen = set(draw.sample(places, min(len(places), round(letters * _SHARE))))
    return "".join(_LIKE[c] if at in chosen else c for at, c in enumerate(text))


def no_accents(text: str, language: str, draw: random.Random) -> str:
    """Without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def typing_error(text: str, language: str, draw: random.Random) -> str:
    """Two neighbouring letters changed round, one left out, or one doubled, in a word of four letters or more."""
    words = text.split(" ")
    places = [at for at, word in enumerate(words) if len(word) >= 4 and word.isalpha()]
    if not places:
        return text
    at = draw.choice(places)
    word = words[at]
    here = draw.randrange(1, len(word) - 1)
    kind = draw.randrange(3)
    if kind == 0:
        word = word[:here] + word[here + 1] + word[here] + word[here + 2 :]
    elif kind == 1:
        word = word[:here] + word[here + 1 :]
    else:
        word = word[: here + 1] + word[here:]
    return " ".join([*words[:at], word, *words[at + 1 :]])


def _neutral(language: str, draw: random.Random) -> str:
    lines = read_banks(FOLDER)["neutral"]["fr" if language.startswith("fr") else "en"]
    said = ""
    while len(said) < NEUTRAL:
        said += draw.choice(lines) + " "
    return said[:NEUTRAL].rsplit(" ", 1)[0]


def neutral_before(text: str, language: str, draw: random.Random) -> str:
    """4,000 neutral characters before."""
    return f"{_neutral(language, draw)}. {text}"


def neutral_after(text: str, language: str, draw: random.Random) -> str:
    """4,000 neutral characters after."""
    return f"{text} {_neutral(language, draw)}"


def mention_and_link(text: str, language: str, draw: random.Random) -> str:
    """A mention before and a link after."""
    return f"@someone {text} https://example.org/{draw.randrange(10**6)}"


CHANGES: Mapping[str, Change] = {
    "full-width letters": full_width,
    "no-break blanks": blanks,
    "zero-width blanks": invisible,
    "look-alike letters": look_alike,
    "missing accents": no_accents,
    "one typing error": typing_error,
    "4,000 neutral before": neutral_before,
    "4,000 neutral after": neutral_after,
    "a mention and a link": mention_and_link,
}


def changed(report: Report, change: Change, seed: int) -> Report:
    """The report with its message written otherwise."""
    draw = random.Random(seed)  # noqa: S311 no secret
    message = report.message
    text = change(message.text, message.language or "en", draw)[:20_000]
    return report.model_copy(update={"message": message.model_copy(update={"text": text})})


def with_note(report: Report, seed: int) -> Report:
    """The report with a note that establishes nothing; the report itself where it has notes."""
    if report.notes.strip():
        return report
    notes = read_banks(FOLDER)["notes"]["fr" if (report.message.language or "en").startswith("fr") else "en"]
    return report.model_copy(update={"notes": notes[seed % len(notes)]})


def flips(reports: Sequence[Report], classifier: Embedded) -> dict[str, tuple[float, float]]:
    """For each change: share of reports whose class changes, and whose suspicion of a leak changes."""

    def says(report: Report) -> tuple[str, bool]:
        verdict = classifier.classify(report)
        return label_of(verdict.case, verdict.leak), verdict.leak_suspected

    plain = [says(report) for report in reports]
    found: dict[str, tuple[float, float]] = {}
    for name, change in CHANGES.items():
        found[name] = _share(plain, [says(changed(r, change, at)) for at, r in enumerate(reports)])
    bare = [at for at, report in enumerate(reports) if not report.notes.strip()]
    found["a note that says nothing"] = _share(
        [plain[at] for at in bare], [says(with_note(reports[at], at)) for at in bare]
    )
    return found


def _share(one: Sequence[tuple[str, bool]], other: Sequence[tuple[str, bool]]) -> tuple[float, float]:
    whole = max(1, len(one))
    return (
        sum(a[0] != b[0] for a, b in zip(one, other, strict=True)) / whole,
        sum(a[1] != b[1] for a, b in zip(one, other, strict=True)) / whole,
    )
