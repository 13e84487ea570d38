"""The charter (R4, A2, A17, R14): measured on labelled texts, exact in its places, the same for every way of writing."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from sangfroid.cases import charter
from sangfroid.cases.charter import moments, personal
from sangfroid.cases.charter.phrases import Readable, words
from sangfroid.model import Finding
from sangfroid.organisation import load
from sangfroid.playbooks import playbook
from tools.eval_charter import ORGANISATION, judged, measure

TEXTS = yaml.safe_load((Path(__file__).parent / "texts.yaml").read_text("utf-8"))
GOOD = TEXTS[0]["texts"]


def found(text: str, language: str = "fr", kind: str = "response", case: int = 2) -> list[Finding]:
    return charter.check({language: text}, kind, "Nuage SA", playbook(case), load(ORGANISATION))  # type: ignore[arg-type]


def codes(text: str, language: str = "fr", kind: str = "answer") -> set[str]:
    return {one.code for one in found(text, language, kind)}


def test_the_labelled_texts_are_judged_as_well_as_the_documents_say(
    record_property: pytest.FixtureRequest,
) -> None:
    figures = measure(TEXTS)
    record_property(
        "explored",
        f"charter: {figures['found']} of {figures['marked']} marks found, {figures['false']} besides",
    )  # type: ignore[operator]
    assert (figures["texts"], figures["good"]) == (60, 30)
    assert figures["found"] / figures["marked"] >= 0.95
    assert figures["false"] <= 28
    assert figures["good_without_finding"] >= 28


@pytest.mark.parametrize("code", sorted(set(words()["messages"]["fr"])))
def test_every_code_has_its_words_in_both_languages(code: str) -> None:
    assert words()["messages"]["en"][code].strip()
    assert words()["messages"]["fr"][code].strip()


@pytest.mark.parametrize("code", sorted(words()["marks"]))
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_phrase_is_found_where_it_stands(code: str, language: str) -> None:
    """Each phrase of the catalogue matches itself once its signs are written out: a typing error in it would match nothing."""
    from sangfroid.cases.charter.phrases import pattern

    for phrase in words()["marks"][code][language]:
        written = phrase.replace("*", "")
        while "(" in written:  # the first of several, innermost first
            start = written.rindex("(")
            end = written.index(")", start)
            rest = written[end + 1 :].removeprefix("?")
            written = written[:start] + written[start + 1 : end].split("|")[0] + rest
        written = written.replace(" ?", " ").replace("?", "").replace("…", "de tout")
        assert pattern((phrase,)).search(Readable(written, language).bare), phrase


@pytest.mark.parametrize(
    "written",
    [
        "plus jamais",
        "plus\u00a0jamais",
        "plus  jamais",
        "plus\njamais",
        "pl\u00adus jam\u200bais",
        "PLUS JAMAIS",
        "ｐｌｕｓ jamais",
    ],
)
def test_a_phrase_is_found_however_it_is_written_and_quoted_as_it_stands(written: str) -> None:
    text = f"« Éh bien : {written} », dit-on."
    (one,) = [finding for finding in found(text) if finding.code == "promise"]
    assert text[one.start : one.end] == one.quote == written
    assert one.message.startswith("Une promesse")


def test_messages_are_in_the_language_of_the_text() -> None:
    assert "Write day and hour" in next(
        f.message for f in found("It broke this morning.", "en") if f.code == "relative_time"
    )
    assert "Écrivez le jour" in next(
        f.message for f in found("C'est arrivé ce matin.") if f.code == "relative_time"
    )


def test_personal_data_blocks_but_for_what_the_organisation_says_in_public() -> None:
    text = "Appelez le 06 12 34 56 78 ou le +33 1 23 45 67 89, écrivez à lea@courriel.example."
    found_ = [one for one in found(text, kind="answer") if one.code in ("phone_number", "email_address")]
    assert [(one.code, one.severity) for one in found_] == [
        ("email_address", "blocking"), ("phone_number", "blocking"), ("phone_number", "blocking"),
    ]  # fmt: skip
    own = frozenset(personal.plain(one) for one in ("+33 1 23 45 67 89", "Lea@courriel.example"))
    assert [span.quote for _, span in personal.findings(text, own, frozenset())] == ["06 12 34 56 78"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("le compte FR76 3000 6000 0112 3456 7890 189", "account_number"),
        ("le compte FR76 3000 6000 0112 3456 7890 188", None),  # the checksum is wrong: it is no account
        ("la carte 4970 1000 0000 0055", "account_number"),
        ("la commande 4970 1000 0000 0056", None),
        ("14 bis, rue des Lilas à Tours", "personal_address"),
        ("at 221B Baker Street in London", "personal_address"),
        ("14 jours de retard dans la rue", None),
        ("Mme Marchand nous a écrit", "person_name"),
        ("nous avons parlé à Sylvie Marchand", "person_name"),
        ("Paris Nord et Lyon Part-Dieu", None),
        ("6 200 comptes sur 9 000, 1 840 factures", None),
    ],
)
def test_numbers_count_by_their_checksums_and_names_by_what_stands_before(
    text: str, code: str | None
) -> None:
    kinds = {"account_number", "personal_address", "person_name", "phone_number", "email_address"}
    assert codes(text) & kinds == ({code} if code else set())


@pytest.mark.parametrize(
    ("french", "english", "only"),
    [
        ("Le 2 mars à 14 h.", "On 2 March at 14:00.", set()),
        ("Le 2 mars à 14 h 30.", "On March 2 at 2:30 pm.", set()),
        ("À midi le 1er juin.", "At noon on 1 June.", set()),
        ("12\u202f500 clients, 7,5 % de nous", "12,500 customers, 7.5 % of us", set()),
        ("Le 2 mars.", "On 3 March.", {"fr", "en"}),
        ("530 clients.", "Customers.", {"fr"}),
        ("À 14 h.", "At 4 pm.", {"fr", "en"}),
    ],
)
def test_languages_are_compared_by_hours_days_and_numbers(french: str, english: str, only: set[str]) -> None:
    findings = charter.check(
        {"fr": french, "en": english}, "update", "Nuage SA", playbook(2), load(ORGANISATION)
    )
    assert {one.language for one in findings if one.code == "languages_differ"} == only


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Prochaine nouvelle à 14 h.", "2026-11-28T13:00:00+00:00"),
        ("Prochaine nouvelle à 9 h.", "2026-11-29T08:00:00+00:00"),  # nine has passed: tomorrow's
        ("Prochaine nouvelle le 2 décembre à 9 h 30.", "2026-12-02T08:30:00+00:00"),
        ("Prochaine nouvelle le 3 janvier à midi.", "2027-01-03T11:00:00+00:00"),
    ],
)
def test_a_promised_hour_is_a_moment_where_the_readers_are(text: str, expected: str) -> None:
    now = datetime(2026, 11, 28, 11, 0, tzinfo=UTC)
    (one,) = moments.promised(Readable(text, "fr"), now, ZoneInfo("Europe/Paris"))
    assert one.at.astimezone(UTC).isoformat() == expected


def test_a_hostile_text_gets_no_more_findings_than_a_person_can_mend() -> None:
    assert len(found("ce matin plus jamais " * 450)) < 40


def test_a_text_in_one_language_that_is_good_has_no_finding_but_the_missing_one() -> None:
    assert {one.code for one in found(GOOD["fr"])} == {"missing_language"}


def test_the_lists_of_the_organisation_count_too() -> None:
    assert "forbidden_wording" in codes("Sans\u00a0commentaire.")
    assert "confidential_term" in codes("Le projet\u00a0MISTRAL est cité.")


def test_labels_name_codes_that_exist() -> None:
    known = set(words()["messages"]["fr"])
    assert {code for item in TEXTS for code in item["expect"]} <= known
    assert all(judged(item) <= known for item in TEXTS)
