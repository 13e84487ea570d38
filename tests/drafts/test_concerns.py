"""What people ask for is summed up for whoever writes the answer (A17)."""

from __future__ import annotations

from datetime import timedelta

from sangfroid.cases import concerns
from sangfroid.model import rfc3339
from sangfroid.triage.report import ReportedMessage
from tests.support.desks import TestDesk

SAID = [
    "Plus rien ne marche chez Nuage depuis ce matin. Quand est-ce réparé ?",
    "Still down at Nuage. When will it be back? And I want a refund.",
    "Nuage ne marche plus depuis ce matin, quand pensez-vous réparer ? Et mes données ?",
    "Nuage en panne. Le chat a-t-il mangé le câble ?",
]


def test_what_people_ask_is_counted_and_quoted_for_the_writer() -> None:
    desk = TestDesk()
    case_id = desk.report(text=SAID[0])
    for number, text in enumerate(SAID[1:], 1):
        at = rfc3339(desk.now - timedelta(minutes=5 - number))
        message = {"text": text, "platform": "x", "published_at": at}
        desk.desk.reports.add_message(case_id, ReportedMessage.model_validate(message), "ana")
    desk.triage(case_id, 1)
    asked = desk.desk.drafts.first(case_id).asked
    assert {one.id: one.messages for one in asked} == {"when": 3, "data": 1, "money": 1, "other": 1}
    assert asked[0].id == "when", "the most frequent first"
    for one in asked:
        assert set(one.title) == {"fr", "en"}
        for message, quote in one.quotes:
            said = {known.id: known.text for known in desk.desk.casework.store.messages(case_id)}
            assert quote in said[message], "in their own words, from the message that is named"


def test_a_withdrawn_message_asks_for_nothing_and_one_message_counts_once() -> None:
    desk = TestDesk()
    case_id = desk.report(text="Un remboursement ! Je veux un remboursement. Remboursez-nous !")
    (message,) = desk.desk.casework.store.messages(case_id)
    assert [(one.id, one.messages, len(one.quotes)) for one in concerns.asked([message])] == [("money", 1, 1)]
    assert concerns.asked([message.model_copy(update={"withdrawn": True})]) == []


def test_a_text_that_asks_nothing_is_no_concern() -> None:
    desk = TestDesk()
    case_id = desk.report(text="Le site de Nuage est bleu. Il fait beau…")
    assert concerns.asked(desk.desk.casework.store.messages(case_id)) == []
