"""Every finding over a set of texts: what is said that should not be, and what is owed and not said."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sangfroid.cases.charter import moments, personal, readability
from sangfroid.cases.charter.phrases import Readable, Span, first, found, listed, pattern, words
from sangfroid.model import Finding, ResponseKind
from sangfroid.organisation import Organisation
from sangfroid.organisation_parts import Language
from sangfroid.playbooks import Playbook
from sangfroid.text import leftovers
from sangfroid.text.folding import bare, folded

LISTED = re.compile(r"(?m)^[^\S\n]*+(?:[-*•–—‣◦▪]|\d++[.)])[^\S\n]++\S")

BLOCKING = {
    "forbidden_wording", "too_long", "email_address", "phone_number", "account_number", "personal_address", "confidential_term",
    "placeholder_left_in", "direction_override", "control_character", "unreadable_character",
}  # fmt: skip
"""What keeps a text out of review, unless somebody overrides it by name and with a reason."""

MARKED = (
    "shifts_blame", "conditional_apology", "promise", "legal_admission", "legal_language", "sarcasm", "patronising", "attacks",
    "ambiguous_wording", "relative_time",
)  # fmt: skip

OWED: dict[str, tuple[ResponseKind, ...]] = {
    "empathy": ("response", "answer"),
    "reason": ("response",),
    "solution": ("response",),
    "reassurance": ("response",),
    "next_news": ("response", "update"),
}


SHOWN = 10
"""Passages of one code that are named in one text; who mends these will see the next."""

REASSURING = (2, 3)
"""Case types whose playbook asks for reassurance in so many words (C2.3, C3.4)."""


def blocks(code: str) -> bool:
    """Whether a finding of this code keeps a text out of review."""
    return code in BLOCKING


def check(
    texts: dict[str, str], kind: ResponseKind, brand: str, playbook: Playbook, organisation: Organisation
) -> list[Finding]:
    """Findings over a set of texts; a blocking one keeps the version out of review as a draft."""
    return [
        *_missing(texts, kind, brand, organisation),
        *(
            one
            for language, text in texts.items()
            for one in _of_one(language, text, kind, playbook, organisation)
        ),
        *_differing(texts, organisation),
    ]


def _finding(code: str, language: str, spoken: str, span: Span | None = None, **parts: object) -> Finding:
    message = words()["messages"][spoken][code].format(**parts)
    place = {} if span is None else {"quote": span.quote, "start": span.start, "end": span.end}
    return Finding.model_validate(
        {
            "code": code,
            "severity": "blocking" if blocks(code) else "warning",
            "language": language,
            "message": message,
        }
        | place
    )


def _missing(
    texts: dict[str, str], kind: ResponseKind, brand: str, organisation: Organisation
) -> Iterator[Finding]:
    if kind == "answer":
        return  # one person is answered in their own language
    for language in organisation.brand(brand).languages:
        if language not in texts:
            yield _finding("missing_language", language, language, name=language)


def _of_one(
    language: str, text: str, kind: ResponseKind, playbook: Playbook, organisation: Organisation
) -> Iterator[Finding]:
    readable, charter = Readable(text, language), organisation.charter
    spoken: Language = "fr" if readable.language == "fr" else "en"

    def own(code: str, span: Span | None = None, **parts: object) -> Finding:
        return _finding(code, language, spoken, span, **parts)

    if len(text) > charter.max_characters:
        yield own("too_long", count=len(text), limit=charter.max_characters)
    for code, span in _passages(readable, organisation, spoken):
        yield own(code, span)
    yield from (own(code) for code in _unsaid(readable, kind, playbook, organisation, spoken))
    hard = readability.hardness(text, spoken)
    if hard.is_hard:
        yield own("hard_to_read", detail=hard.detail(spoken))


def _passages(readable: Readable, organisation: Organisation, spoken: Language) -> Iterator[tuple[str, Span]]:
    """Code and passage of what should not stand there: a passage once a code, and the first `SHOWN` of a code."""
    seen: dict[str, list[Span]] = {}
    for code, span in _every_passage(readable, organisation, spoken):
        before = seen.setdefault(code, [])
        if len(before) < SHOWN and not any(one.start < span.end and span.start < one.end for one in before):
            before.append(span)
            yield code, span


def _every_passage(
    readable: Readable, organisation: Organisation, spoken: Language
) -> Iterator[tuple[str, Span]]:
    charter = organisation.charter
    for code, lists in (
        ("forbidden_wording", charter.forbidden),
        ("confidential_term", charter.confidential),
        ("ambiguous_wording", charter.ambiguous),
    ):
        phrases = _starting(listed(lists, spoken))
        yield from ((code, span) for span in found(readable, phrases, accents=True))
        # Capitals and hurried sentences go without accents; one small word does not (`tue` is not `tué`).
        yield from ((code, span) for span in found(readable, phrases) if _goes_without_accents(span.quote))
    for code in MARKED:
        yield from ((code, span) for span in found(readable, listed(words()["marks"][code], spoken)))
    yield from _left_in(readable)
    contacts = frozenset(personal.plain(contact) for contact in charter.public_contacts)
    people = frozenset(bare(name) for name in charter.public_people)
    yield from personal.findings(readable.text, contacts, people)


def _goes_without_accents(quote: str) -> bool:
    return bare(quote) == folded(quote) and (quote.isupper() or len(quote.split()) > 1)


def _left_in(readable: Readable) -> Iterator[tuple[str, Span]]:
    """What was left in by mistake and readers would see, or what they would not see and should."""
    text = readable.text
    for code, quotes in (
        ("placeholder_left_in", leftovers.placeholders(text, readable.language)),
        ("direction_override", leftovers.turned(text)),
        ("control_character", leftovers.controls(text)),
        ("unreadable_character", leftovers.unreadable(text)),
        ("hidden_character", leftovers.hidden(text)),
        ("look_alike_letters", leftovers.mixed(text)),
        ("escape_left_in", leftovers.escapes(text)),
        ("doubtful_mark", leftovers.doubtful(text)),
    ):
        after = 0
        for quote in quotes[:SHOWN]:
            sign = chr(int(quote[2:], 16)) if re.fullmatch(r"U\+[0-9A-F]{4,6}", quote) else quote
            start = max(text.find(sign, after), 0)
            after = start + len(sign)
            yield code, Span(start, after, quote[:120])


def _unsaid(
    readable: Readable, kind: ResponseKind, playbook: Playbook, organisation: Organisation, spoken: Language
) -> Iterator[str]:
    charter = organisation.charter
    heard = first(readable, listed(words()["owed"]["empathy"], spoken))
    sorry = (*_starting(listed(charter.apology, spoken)), *listed(words()["owed"]["apology"], spoken))
    apologises = first(readable, sorry) is not None
    if kind == "response" and playbook.apology_expected and not apologises:
        yield "no_apology"
    unsaid = set()
    for what, kinds in OWED.items():
        if kind not in kinds or (what == "empathy" and playbook.apology_expected and kind == "response"):
            continue
        if what == "reason" and playbook.case == 4:
            continue  # nothing of ours caused it
        if what == "reassurance" and (playbook.case not in REASSURING or "solution" in unsaid):
            continue  # what is done is what reassures: not said twice
        phrases = listed(words()["owed"][what], spoken)
        said = _tells_when(readable, phrases) if what == "next_news" else first(readable, phrases) is not None
        if not said:
            unsaid.add(what)
            yield f"no_{what}"
    argued = first(readable, listed(words()["marks"]["argument"], spoken))
    if kind in ("response", "answer") and argued is not None and (heard is None or argued < heard):
        yield "argues_first"
    named = (
        not charter.correction.get(spoken)
        or first(readable, _starting(listed(charter.correction, spoken))) is not None
    )
    if kind == "correction" and not named:
        yield "unmarked_correction"
    if kind == "closing_announcement" and not LISTED.search(readable.text):
        yield "no_measures"


def _starting(phrases: tuple[str, ...]) -> tuple[str, ...]:
    """The organisation's own phrases: any ending, as its file has always said."""
    return tuple(phrase if phrase.endswith("*") else phrase + "*" for phrase in phrases)


def _tells_when(readable: Readable, phrases: tuple[str, ...]) -> bool:
    """Whether a sentence that speaks of the next news names a day or an hour."""
    return any(True for _ in news_times(readable, phrases))


def news_times(readable: Readable, phrases: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """The parts of the folded text in which the time of the next news is named (R14): what a promise is read from."""
    named: list[moments.Hour | moments.Day] = [*moments.hours(readable.bare), *moments.days(readable.bare)]
    timed = [(one.start, one.end) for one in named]
    last = -1
    for match in pattern(phrases).finditer(readable.bare):
        if match.start() < last:
            continue
        end = _sentence_end(readable.bare, match.end())
        if any(match.start() - 60 <= start and stop <= end for start, stop in timed):
            last = end
            yield match.start(), end


def _sentence_end(text: str, start: int) -> int:
    """Where the sentence ends: at most 160 characters on, for nobody names a time later."""
    found = re.compile(r"[.!?;](?=\s|$)|\n").search(text, start, start + 160)
    return found.end() if found else min(len(text), start + 160)


def _differing(texts: dict[str, str], organisation: Organisation) -> Iterator[Finding]:
    """Languages that do not state the same hours, days, numbers and names: each is compared with the first."""
    if len(texts) < 2:
        return
    names = [brand.name for brand in organisation.brands] + organisation.rivals
    told = {}
    for language, text in texts.items():
        readable = Readable(text, language)
        known = {name for name in names if re.search(rf"(?<!\w){re.escape(bare(name))}(?!\w)", readable.bare)}
        told[language] = moments.facts(readable) | known
    (one, facts), *others = told.items()
    for other, theirs in others:
        for language, more, fewer, elsewhere in ((one, facts, theirs, other), (other, theirs, facts, one)):
            only = sorted(more - fewer)
            if only:
                spoken = "fr" if language.startswith("fr") else "en"
                where = {
                    "fr": f"seulement ici, pas en {elsewhere} : ",
                    "en": f"only here, not in {elsewhere}: ",
                }[spoken]
                yield _finding("languages_differ", language, spoken, detail=where + ", ".join(only[:8]))
