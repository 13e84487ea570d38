"""The embedded classifier: spans, size, work, hostile input, and a lexicon that is general."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from sangfroid.triage import Embedded, Report, decide
from sangfroid.triage.features import extract
from sangfroid.triage.lexicon import Hit, Lexicon, parse, shipped
from sangfroid.triage.sentences import WINDOWS, load, window
from sangfroid.triage.text import fold, tokens
from tests.support.steps import steps
from tools.triage.dataset import DEV, bank_lines, read_banks, read_items
from tools.triage.robustness import CHANGES, changed

ROOT = Path(__file__).resolve().parents[2]
DATA = resources.files("sangfroid.triage").joinpath("data")


ITEMS = read_items(DEV)


def report(text: str, notes: str = "") -> Report:
    message = {"text": text, "platform": "x", "published_at": "2026-11-20T08:00:00Z"}
    return Report.model_validate({"brand": "B", "message": message, "notes": notes})


@pytest.mark.parametrize(
    ("text", "notes", "case", "leak"),
    [
        (
            "Nothing works since noon!",
            "The carrier confirmed: a digger cut its trunk line, the town is offline.",
            1,
            False,
        ),
        (
            "Rien ne marche depuis midi !",
            "Notre déploiement de ce matin a cassé la connexion, retour arrière fait.",
            2,
            False,
        ),
        ("Le vendeur s'est moqué de mon accent devant tout le magasin, méprisant.", "", 3, False),
        ("Their site shows me other customers' passports and bank details.", "", 3, True),
        (
            "Found a needle in my salad!!",
            "Never been a customer; same text on ten restaurants, photo is fake.",
            4,
            False,
        ),
        ("Merci à toute l'équipe, accueil formidable, on reviendra !", "", None, False),
    ],
)
def test_plain_examples_of_each_label(text: str, notes: str, case: int | None, leak: bool) -> None:
    verdict = Embedded.load().classify(report(text, notes))
    assert (verdict.case, verdict.leak) == (case, leak), verdict.why


def test_the_evidence_is_quoted_from_where_it_stands() -> None:
    quoted = 0
    for item in ITEMS[:20]:
        verdict = Embedded.load().classify(item.report)
        assert len(verdict.alternatives) == 2
        assert (verdict.alternatives[0].case, verdict.alternatives[0].leak) == (verdict.case, verdict.leak)
        first, second = (candidate.probability for candidate in verdict.alternatives)
        assert first >= second or verdict.leak or verdict.alternatives[1].leak
        for reason in [*verdict.reasons, *verdict.alternatives[1].reasons]:
            source = item.report.message.text if reason.field == "text" else item.report.notes
            assert reason.quote == source[reason.start : reason.end] != ""
            quoted += 1
    assert quoted > 70


def test_offsets_are_true_where_folding_is_hard() -> None:
    text = "ÉTÉ à l’hôtel İstanbul : e\u0301te\u0301, cœur 😭 FUITE"
    last = tokens(text)[-1]
    assert text[last.start : last.end] == "FUITE"
    assert "ete" in [token.word for token in tokens(text)]


@pytest.mark.parametrize(
    "text", ["😭" * 500, "a" * 20_000, "\x00\u202e\ufeff.", "?!" * 9_000, "漢字のメッセージ"]
)
def test_any_text_gets_a_verdict(text: str) -> None:
    verdict = Embedded.load().classify(report(text, text[:10_000]))
    assert 0 <= verdict.confidence <= 1


def test_probabilities_add_up_to_one() -> None:
    chances = Embedded.load().probabilities(report("Panne générale, mots de passe en ligne ?"))
    assert sum(chances.values()) == pytest.approx(1)


def test_small_enough_for_a_lambda() -> None:
    size = sum(len(DATA.joinpath(name).read_bytes()) for name in ("model.json.gz", "lexicon.txt"))
    assert size < 30_000_000


@pytest.mark.parametrize("unit", ["a", "passport data leaked ", "!", "é", "x\u200b", "аb", "漢", "a.", "no "])
def test_a_long_text_costs_its_length_and_no_more(unit: str) -> None:
    """Twice the text, at most about twice the steps, before the sentence model, whose window is bounded (S1)."""
    text = (unit * 20_000)[:20_000]
    extract(report(text[:200]))  # what is learnt once a process
    half, whole = report(text[:10_000]), report(text)
    one, two = (steps(lambda about=about: extract(about)) for about in (half, whole))  # type: ignore[misc]
    # A text is read whole up to a length, and only the sentences that carry the matter beyond it: less than twice is right.
    assert one < 10_000 * STEPS
    assert two < 2.1 * one + 10 * STEPS


STEPS = 30
"""Steps a character, at most, of everything that comes before the sentence model."""


class Weighing:
    """The sentence model, and how much it was given."""

    def __init__(self) -> None:
        self.model = load()
        self.calls: list[int] = []

    def embed(self, said: str, limit: int) -> list[float] | None:
        self.calls.append(len(window(said, limit)))
        assert self.model is not None
        return self.model.embed(said, limit)


@pytest.mark.parametrize("length", [67, 1_000, 20_000])
def test_the_sentence_model_reads_a_bounded_window_once_a_zone(length: int) -> None:
    """It costs 0.6 ms a character: whatever the text, one window of the message and one of the notes."""
    weighing = Weighing()
    text = ("Since this morning I see another customer's invoices. " * 400)[:length]
    Embedded(model_file(), weighing).classify(report(text, text[:10_000]))
    most = [WINDOWS["text"] + 3, WINDOWS["notes"] + 3]
    assert len(weighing.calls) == 2
    assert all(given <= limit for given, limit in zip(weighing.calls, most, strict=True))


def test_a_report_of_usual_length_costs_few_steps() -> None:
    words = Embedded(model_file())
    for item in ITEMS[:20]:
        words.classify(item.report)
        length = len(item.report.message.text) + len(item.report.notes)
        assert steps(lambda about=item.report: words.classify(about)) < 10_000 + 80 * length  # type: ignore[misc]


def model_file() -> Any:
    return json.loads(gzip.decompress(DATA.joinpath("model.json.gz").read_bytes()))


def test_without_the_sentence_model_the_words_decide_alone() -> None:
    words = Embedded(model_file())
    verdict = words.classify(report("X suffered a data breach, the customers' passwords are for sale"))
    assert verdict.leak
    assert words.sure_from != Embedded.load().sure_from, "thresholds of its own"
    assert sum(words.probabilities(report("Nothing works since noon")).values()) == pytest.approx(1)


def test_the_sentence_model_is_used_where_it_is_installed() -> None:
    model = load()
    assert model is not None
    one, other, far = (
        model.embed(said, 300)
        for said in ("my passport is on the internet", "mon passeport est sur internet", "soup was cold")
    )
    assert one
    assert other
    assert far

    def like(a: list[float], b: list[float]) -> float:
        return sum(x * y for x, y in zip(a, b, strict=True))

    assert like(one, one) == pytest.approx(1, abs=1e-4)
    assert like(one, other) > like(one, far)
    assert model.embed("   ", 300) is None


@pytest.mark.parametrize("text", ["X suffered a data breach", "X a subi une fuite de données"])
def test_the_plainest_words_are_a_leak(text: str) -> None:
    verdict = decide(report(text), Embedded.load())
    assert (verdict.case, verdict.leak, verdict.sure) == (3, True, True)


@pytest.mark.parametrize("note", ["seen this morning", "vu ce matin", "for information"])
@pytest.mark.parametrize(
    "text",
    [
        "I forgot my passport at reception, they posted it the same day, thank you!",
        "How do I change the e-mail of my account?",
        "The risotto was cold and the waiter colder.",
    ],
)
def test_neither_missing_notes_nor_notes_that_say_nothing_make_a_suspicion(text: str, note: str) -> None:
    plain, noted = (Embedded.load().classify(report(text, notes)) for notes in ("", note))
    assert not plain.leak_suspected
    assert (plain.case, plain.leak, plain.leak_suspected) == (noted.case, noted.leak, noted.leak_suspected)


@pytest.mark.parametrize("name", [name for name in CHANGES if name != "one typing error"])
def test_the_same_words_written_otherwise_are_judged_alike(name: str) -> None:
    """A few items; `make eval-triage` counts many."""
    for at, item in enumerate(ITEMS[20:23]):
        plain = Embedded.load().classify(item.report)
        other = Embedded.load().classify(changed(item.report, CHANGES[name], at))
        if plain.confidence > 0.7:
            assert (plain.case, plain.leak) == (other.case, other.leak), item.id


def test_runs_without_the_packages_of_the_training(tmp_path: Path) -> None:
    some = tmp_path / "some.jsonl"
    some.write_text("".join(DEV.read_text(encoding="utf-8").splitlines(keepends=True)[:5]), encoding="utf-8")
    code = (
        "import sys; sys.modules.update({'numpy': None, 'sklearn': None, 'scipy': None}); "
        "from tools.triage.evaluate import main; main([sys.argv[1], '--json'])"
    )
    done = subprocess.run(  # noqa: S603 our own interpreter and code
        [sys.executable, "-c", code, str(some)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert '"macro_f1"' in done.stdout


def test_every_concept_is_general() -> None:
    """A rule that fires on one item alone is a defect: each concept is met in many places, of more than one story."""
    lexicon = shipped()
    sources = [f"{item.report.message.text}\n{item.report.notes}" for item in read_items(DEV)]
    met_items = dict.fromkeys(lexicon.concepts, 0)
    met_lines = dict.fromkeys(lexicon.concepts, 0)
    for met, texts in ((met_items, sources), (met_lines, bank_lines(read_banks()))):
        for text in texts:
            for concept in {hit.concept for hit in lexicon.find(tokens(text))}:
                met[concept] += 1
    rare = {
        concept: (met_items[concept], met_lines[concept])
        for concept in lexicon.concepts
        if met_items[concept] < 2 or met_items[concept] + met_lines[concept] < 8
    }
    assert not rare


def test_every_concept_has_many_cues_in_both_languages_and_no_name_of_a_brand() -> None:
    concepts = parse(DATA.joinpath("lexicon.txt").read_text(encoding="utf-8"))
    brands = {word for item in read_items(DEV) for word in fold(item.report.brand).split() if len(word) > 5}
    everyday = {
        "banque",
        "motors",
        "telecom",
        "groupe",
        "presse",
        "hosting",
        "energy",
        "mobile",
        "security",
        "courrier",
    }
    names = brands - everyday - _common()
    for name, cues in concepts.items():
        assert len(set(cues)) >= 4, name
        assert not {cue.strip("*") for cue in cues} & names, name


def _common() -> set[str]:
    """Words of brand names that are words of the language too: they stand in the banks, which name no brand."""
    return {token.word for line in bank_lines(read_banks()) for token in tokens(line)}


def test_cues_match_whole_words_prefixes_phrases_and_know_negation() -> None:
    lexicon = Lexicon({"leak": ["leak", "fuite_de_donne*", "pirat*"]})

    def found(text: str) -> list[tuple[str, bool]]:
        return [(text[h.start : h.end], h.negated) for h in lexicon.find(tokens(text))]

    assert found("A leak. Leaky.") == [("leak", False)]
    assert found("Fuite de données ? Piratés !") == [("Fuite de données", False), ("Piratés", False)]
    assert found("No, it was no leak") == [("leak", True)]
    assert found("Pas de chance. Leak") == [("Leak", False)], "a negation ends with its sentence"
    assert lexicon.find([]) == []
    assert isinstance(lexicon.find(tokens("leak"))[0], Hit)
