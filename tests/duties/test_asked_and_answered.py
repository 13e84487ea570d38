"""A17, from the reports to the evidence: what many people ask for is what the response is checked against."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sangfroid.cases import concerns
from sangfroid.model import Finding, Message, Submission, rfc3339
from sangfroid.triage.report import ReportedMessage
from tests.support.desks import NINE, TestDesk

ASKED = [
    "Panne chez Nuage. Et mes données, elles sont où ?",
    "Nuage down. Is my data safe?",
    "Encore Nuage ! Je veux savoir si nos données sont perdues. Un remboursement ?",
]
SILENT = {
    "fr": "Nous vous présentons nos excuses. Un câble coupé par nous a mis Nuage en panne. Nous l'avons remplacé le 20 novembre "
    "à 10 h ; tout est rétabli. Prochaine nouvelle le 20 novembre à 14 h.",
    "en": "We apologise. A cable that we cut took Nuage down. We replaced it on 20 November at 10:00 and all is restored. "
    "Next news on 20 November at 14:00.",
}
SPOKEN = {
    "fr": SILENT["fr"] + " Vos données sont intactes.",
    "en": SILENT["en"] + " Your data is intact.",
}


def told(desk: TestDesk, texts: list[str]) -> str:
    """A case that began with the first text; the others follow, minutes apart."""
    case_id = desk.report(text=texts[0])
    for number, text in enumerate(texts[1:], 1):
        at = rfc3339(desk.now - timedelta(minutes=30 - number))
        message = {"text": text, "platform": "x", "published_at": at}
        desk.desk.reports.add_message(case_id, ReportedMessage.model_validate(message), "rita")
    return case_id


def unanswered(found: list[Finding]) -> list[Finding]:
    return [one for one in found if one.code == "unanswered_concern"]


def test_what_many_ask_and_the_response_does_not_speak_of_is_found_quoted_and_kept() -> None:
    desk = TestDesk()
    case_id = told(desk, ASKED)
    desk.triage(case_id, 2)
    checked, _ = desk.desk.responses.check(case_id, Submission(SILENT), "ana")
    assert [one.language for one in unanswered(checked.findings)] == ["fr", "en"], "seen while it is written"
    version = desk.write(case_id, SILENT)
    french, english = unanswered(version.findings)
    assert french.severity == "warning"
    assert version.state == "in_review", "said, not forbidden"
    assert "3 message" in french.message
    assert "Mes données" in french.message
    assert "Is my data safe?" in english.message
    assert french.quote == "Et mes données, elles sont où ?", "in the words of who asked first"
    assert french.start is None, "the quote is no passage of the text"
    evidence = [
        event.data["findings"]
        for event in desk.desk.casework.store.events(case_id)
        if event.kind == "response_submitted"
    ]
    assert evidence[-1].count("unanswered_concern") == 2, "the timeline says what was left unanswered"
    assert unanswered(desk.write(case_id, SPOKEN).findings) == []


def test_what_two_ask_is_no_finding_and_neither_is_what_was_withdrawn() -> None:
    desk = TestDesk()
    case_id = told(desk, ASKED[:2])
    desk.triage(case_id, 2)
    assert unanswered(desk.write(case_id, SILENT).findings) == []
    kept = desk.desk.casework.store.messages(case_id)
    three = [*kept, kept[0].model_copy(update={"id": "third"})]
    assert len(concerns.unanswered(three, SILENT, "response")) == 2
    three[-1] = three[-1].model_copy(update={"withdrawn": True})
    assert concerns.unanswered(three, SILENT, "response") == []


def test_an_answer_to_one_person_is_checked_against_what_that_person_asks() -> None:
    desk = TestDesk()
    case_id = told(desk, ASKED)
    desk.triage(case_id, 2)
    third = desk.desk.casework.store.messages(case_id)[-1]
    hollow = desk.answer(case_id, third.id, {"fr": "Merci, nous vous avons lu."}, "client@example.org")
    assert [one.quote for one in unanswered(hollow.findings)] == [
        "Je veux savoir si nos données sont perdues.",
        "Un remboursement ?",
    ]
    full = "Merci. Vos données sont intactes, et novembre vous est remboursé."
    assert unanswered(desk.answer(case_id, third.id, {"fr": full}, "client@example.org").findings) == []


@pytest.mark.parametrize("kind", ["holding", "update", "closing_announcement", "correction"])
def test_only_what_answers_owes_an_answer(kind: str) -> None:
    assert concerns.unanswered([_message(text) for text in ASKED], SILENT, kind) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("concern", "question", "language", "text"),
    [
        ("data", "Et mes données ?", "fr", "Aucun mot de passe n'est sorti."),
        ("money", "I want a refund.", "en", "Nobody is charged for November."),
        ("when", "C'est réparé quand ?", "fr", "Nous ne savons pas encore quand le service reviendra."),
        ("why", "Why does it fail?", "en", "An update of ours was wrong."),
        ("apology", "J'attends des excuses.", "fr", "Nous sommes désolés."),
        ("contact", "No one answers the phone.", "en", "Write to us at the address on your bill."),
        ("responsible", "Qui est responsable ?", "fr", "C'est notre faute."),
    ],
)
def test_each_thing_that_is_asked_has_words_that_speak_of_it(
    concern: str, question: str, language: str, text: str
) -> None:
    messages = [_message(question)] * concerns.MANY
    found = {one.id for one in concerns.asked(messages)}
    assert concern in found
    title = next(one.title for one in concerns.asked(messages) if one.id == concern)[language]
    before = concerns.unanswered(messages, {language: "Bonjour."}, "response")
    after = concerns.unanswered(messages, {language: text}, "response")
    assert title in " ".join(one.message for one in before)
    assert title not in " ".join(one.message for one in after)


def _message(text: str) -> Message:
    return Message(
        id="m", case_id="c", text=text, platform="x", published_at=NINE, reported_by="rita", reported_at=NINE
    )
