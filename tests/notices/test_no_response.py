"""A proposal not to respond asks those who may confirm it, and names what would reopen the case (N6)."""

from __future__ import annotations

from sangfroid.cases.conditions import outcome_of
from sangfroid.model import Wait
from tests.support.desks import TestDesk


def test_those_who_may_confirm_are_asked_until_somebody_has_decided() -> None:
    desk = TestDesk()
    case = desk.report()
    desk.triage(case, 4)
    decide = desk.desk.responses.no_response
    decide(
        case,
        "a provoker",
        ["press", "messages_over:1", "the mayor speaks"],
        "ana",
        may_propose=True,
        may_confirm=False,
    )
    asked = [
        item["payload"]
        for item in desk.table.items.values()
        if item.get("machine") == "review" and item["payload"].get("notice") == "no_response_proposed"
    ]
    assert [one["until"] for one in asked] == ["no_response_decided"]
    desk.desk.notices.tell(case, "no_response_proposed", "o", ["approver"], "team", {}, room=False)
    french, english = (letter.text for letter in desk.reached("team"))
    assert "Ana Ferreira propose de ne pas répondre" in french
    assert "la presse en parle ; plus de 1 message arrive ; the mayor speaks" in french
    assert "the press takes it up; more than 1 message arrives; the mayor speaks" in english
    file = desk.desk.casework.read(case)
    wait = Wait(name="w", until="no_response_decided", token="t", round=file.case.round, since=desk.now)  # noqa: S106
    assert outcome_of(wait, file) is None
    decide(case, "yes", [], "emma", may_propose=False, may_confirm=True)
    assert outcome_of(wait, desk.desk.casework.read(case)) == {"outcome": "decided"}
