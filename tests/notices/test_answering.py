"""A page answered where it rings: the same act as in the desk, once; and everything that changes nothing (I14)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from sangfroid.freeze.machine import FreezeStep, Machine
from sangfroid.http.calls.listening import take_in
from sangfroid.listening.webhooks import NotGenuine
from sangfroid.organisation import document, parse
from sangfroid.outbound.letter import Letter, named
from sangfroid.store import freeze as freezing
from tests.support.desks import EXAMPLE, TestDesk
from tests.support.pagers import (
    PAGERDUTY,
    TWILIO,
    acknowledged,
    answered_by,
    by_pagerduty,
    by_twilio,
    pressed,
    secrets,
)


@pytest.fixture
def pager() -> TestDesk:
    return TestDesk(parse(answered_by(PAGERDUTY)), sure=False, confidence=0.4)


@pytest.fixture
def phone() -> TestDesk:
    return TestDesk(parse(answered_by(TWILIO)), sure=False, confidence=0.4)


def rung(desk: TestDesk, *roles: str, occasion: str = "1") -> tuple[str, Letter]:
    """A report that nobody judges: whoever is on duty is rung up; the case, and the call."""
    case_id = desk.report(ago=timedelta(hours=10))
    desk.desk.triage.classify(case_id)
    return case_id, climbed(desk, case_id, *roles, occasion=occasion)


def climbed(desk: TestDesk, case_id: str, *roles: str, occasion: str = "1") -> Letter:
    order = list(roles or ("on_call", "director"))
    told = desk.desk.notices.climb(
        case_id, "triage_requested", occasion, order, "out_of_band", {}, "classified"
    )
    assert told["told"] == 1
    return desk.platforms["pager"].published[-1]


def answered(desk: TestDesk, body: str, **headers: str) -> Any:
    """What PagerDuty is answered."""
    return take_in(desk.desk, secrets, "pages", by_pagerduty(body) | headers, body)["acknowledged"]


def heard(desk: TestDesk, letter: Letter, digits: str = "1", **more: str) -> str:
    """What is said on the call after the key."""
    assert letter.keys_to is not None
    query = more.pop("query", letter.keys_to.partition("?")[2])
    body = pressed(digits, more.pop("to", str(letter.recipient)), more.pop("call", "CA1"))
    told: str = take_in(desk.desk, secrets, "phone", by_twilio(body, query) | more, body, query)["twiml"]
    return told


def holders(desk: TestDesk, case_id: str) -> dict[str, str]:
    return {thing: seen.by for thing, seen in desk.desk.casework.read(case_id).case.acknowledged.items()}


def times(desk: TestDesk, case_id: str) -> int:
    return sum(one.kind == "acknowledged" for one in desk.desk.casework.store.events(case_id))


def key_of(letter: Letter) -> str:
    return named(letter.channel, letter.key)


def test_an_incident_acknowledged_in_the_pager_is_in_that_person_s_hands(pager: TestDesk) -> None:
    case_id, letter = rung(pager)
    assert letter.recipient == "PANA"
    assert letter.keys_to is None
    assert answered(pager, acknowledged("PANA", key_of(letter))) is True
    assert holders(pager, case_id) == {f"triage:{case_id}": "ana"}
    told = pager.desk.notices.climb(
        case_id, "triage_requested", "2", ["on_call"], "out_of_band", {}, "classified"
    )
    assert (told["told"], told["again_after"]) == (0, 3600), (
        "nobody else is called for the organisation's hour"
    )


def test_another_person_s_pager_answers_where_it_waits_for_them_too() -> None:
    changed = document(answered_by(PAGERDUTY))
    changed["people"][1]["duties"].append("on_call")
    desk = TestDesk(parse(json.dumps(changed, default=str)), sure=False, confidence=0.4)
    case_id, letter = rung(desk)
    assert answered(desk, acknowledged("PBEN", key_of(letter))) is True
    assert holders(desk, case_id) == {f"triage:{case_id}": "ben"}


def test_the_same_answer_again_changes_nothing_however_late(pager: TestDesk) -> None:
    case_id, letter = rung(pager)
    body = acknowledged("PANA", key_of(letter))
    assert answered(pager, body) is True
    until = pager.desk.casework.read(case_id).case.acknowledged[f"triage:{case_id}"].until
    for span in (timedelta(minutes=1), timedelta(hours=3), timedelta(days=2)):
        pager.advance(span)
        answered(pager, body)
        assert pager.desk.casework.read(case_id).case.acknowledged[f"triage:{case_id}"].until == until
    assert times(pager, case_id) == 1
    # A page of the day before is answered no more, not even for the first time.
    assert answered(pager, acknowledged("PANA", key_of(letter), event="01DEF")) is False
    assert times(pager, case_id) == 1


@pytest.mark.parametrize(
    ("by", "changes"),
    [
        ("PNOBODY", {}),
        ("PEMMA", {}),
        ("PANA", {"event_type": "incident.triggered"}),
        ("PANA", {"event_type": "pagey.ping"}),
        ("PANA", {"agent": None}),
        ("PANA", {"agent": {"id": "PANA", "type": "service_reference"}}),
        ("PANA", {"data": {}}),
        ("PANA", {"data": {"incident_key": "0" * 64}}),
        ("PANA", {"data": {"incident_key": "PAGE#x"}}),
        ("PANA", {"id": ""}),
    ],
)
def test_what_is_nobody_s_answer_is_taken_and_changes_nothing(
    pager: TestDesk, by: str, changes: dict[str, Any]
) -> None:
    case_id, letter = rung(pager)
    before = dict(pager.table.items)
    assert answered(pager, acknowledged(by, key_of(letter), **changes)) is False
    assert (holders(pager, case_id), pager.table.items) == ({}, before)


@pytest.mark.parametrize(
    ("number", "change"), [(0, {"left": True}), (1, {"reach": [{"channel": "pager", "address": "PANA"}]})]
)
def test_whoever_has_left_or_shares_an_account_answers_for_nobody(
    pager: TestDesk, number: int, change: dict[str, Any]
) -> None:
    content = document(answered_by(PAGERDUTY))
    content["people"][number].update(change)
    case_id, letter = rung(pager)
    desk = TestDesk(parse(json.dumps(content, default=str)))
    desk.table.items.update(pager.table.items)
    assert answered(desk, acknowledged("PANA", key_of(letter))) is False
    assert holders(desk, case_id) == {}


@pytest.mark.parametrize(
    "signature",
    ["", "v1=", "v1=" + "0" * 64, "v0={}", "{}", "v1={}," * 500, "\ud800", "v1=é", "v1={}x"],
)
def test_an_answer_that_the_pager_did_not_sign_is_refused(pager: TestDesk, signature: str) -> None:
    case_id, letter = rung(pager)
    body = acknowledged("PANA", key_of(letter))
    known = by_pagerduty(body)["x-pagerduty-signature"].rpartition("v1=")[2]
    with pytest.raises(NotGenuine) as refused:
        answered(pager, body, **{"x-pagerduty-signature": signature.replace("{}", known)})
    assert refused.value.status == 401
    with pytest.raises(NotGenuine):
        take_in(pager.desk, secrets, "pages", by_pagerduty(body), body + " ")
    with pytest.raises(NotGenuine):
        take_in(pager.desk, lambda _: {}, "pages", by_pagerduty(body, ""), body)
    assert holders(pager, case_id) == {}


def test_a_key_on_the_call_says_that_somebody_has_it(phone: TestDesk) -> None:
    case_id, letter = rung(phone)
    spoken = heard(phone, letter)
    assert "C'est noté" in spoken
    assert "jusqu'à 11 h 00" in spoken
    assert 'language="fr-FR"' in spoken
    assert holders(phone, case_id) == {f"triage:{case_id}": "ana"}
    assert heard(phone, letter) == spoken, "the same key of the same call"
    assert times(phone, case_id) == 1


def test_another_key_is_asked_once_more_and_answers_nothing(phone: TestDesk) -> None:
    case_id, letter = rung(phone)
    spoken = heard(phone, letter, "7")
    assert "<Gather" in spoken
    assert "appuyez sur 1" in spoken
    assert str(letter.keys_to) in spoken
    assert holders(phone, case_id) == {}
    assert "C'est noté" in heard(phone, letter)


def test_a_call_to_another_number_or_about_another_page_answers_nothing(phone: TestDesk) -> None:
    case_id, letter = rung(phone)
    for more in (
        {"to": "+33100000002"},
        {"to": "client:ana"},
        {"query": "page=" + "0" * 64},
        {"query": ""},
        {"query": f"{str(letter.keys_to).partition('?')[2]}&page=1"},
    ):
        assert "Rien n'est noté" in heard(phone, letter, **more)
    phone.advance(timedelta(hours=25))
    assert "Rien n'est noté" in heard(phone, letter)
    assert holders(phone, case_id) == {}


def test_what_waits_no_longer_is_said(phone: TestDesk) -> None:
    case_id, letter = rung(phone)
    phone.triage(case_id, 1)
    assert "n'attend plus" in heard(phone, letter)


def test_who_may_not_take_it_in_hand_is_asked_for_no_key(phone: TestDesk) -> None:
    """The ladder calls an approver for a triage: she hears of it, and it goes on to whoever can do it."""
    _, letter = rung(phone, "pr_lead")
    assert letter.recipient == "+33100000005"
    assert letter.keys_to is None


@pytest.mark.parametrize("forged", ["", "AAAA", "é", "\ud800"])
def test_a_key_that_twilio_did_not_sign_is_refused(phone: TestDesk, forged: str) -> None:
    case_id, letter = rung(phone)
    with pytest.raises(NotGenuine) as refused:
        heard(phone, letter, **{"x-twilio-signature": forged})
    assert refused.value.status == 401
    query = str(letter.keys_to).partition("?")[2]
    body = pressed("1", str(letter.recipient))
    for wrong in ({"query": query + "&x=1"}, {"body": body.replace("Digits=1", "Digits=2")}):
        sent, asked = wrong.get("body", body), wrong.get("query", query)
        with pytest.raises(NotGenuine):
            take_in(phone.desk, secrets, "phone", by_twilio(body, query), sent, asked)
    assert holders(phone, case_id) == {}


def test_while_a_freeze_holds_a_page_is_answered_and_nothing_is_said_of_it(phone: TestDesk) -> None:
    phone.desk.freezer.raise_freeze(None, "drill", "dora")
    case_id, letter = rung(phone)
    spoken = heard(phone, letter)
    assert "C'est noté" in spoken
    assert holders(phone, case_id) == {f"triage:{case_id}": "ana"}
    words = {word for word in spoken.split() if word[:4] in ("Nuag", "case")}
    assert not words
    assert "C'est en panne" not in spoken


def test_the_second_director_answers_the_call_for_a_release(phone: TestDesk) -> None:
    phone.desk.freezer.raise_freeze(None, "drill", "dora")
    phone.desk.freezer.release("all", "it is over", "dora")
    machine = Machine(
        phone.desk.casework, phone.desk.freezer, phone.desk.teller, phone.desk.channels, None  # type: ignore[arg-type]
    )  # fmt: skip
    page = {"kind": "release_requested", "occasion": "1", "roles": ["director"]}
    machine.run(FreezeStep.model_validate({"step": "page", "epoch": 1} | page))
    (letter,) = phone.platforms["pager"].published
    assert letter.recipient == "+33100000007", "Dora has said yes already"
    assert "Noted" in heard(phone, letter)
    assert list(freezing.read(phone.table).acknowledged) == ["release:all"]


def test_without_a_source_nothing_is_kept_of_a_page() -> None:
    desk = TestDesk(parse(EXAMPLE.read_text("utf-8")), sure=False, confidence=0.4)
    _, letter = rung(desk)
    assert letter.keys_to is None
    assert not [one for one in desk.table.items if one[0].startswith("PAGE#")]
