"""Publication hours: what waits for them, what never does, and what the change of hour makes of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sangfroid.cases.publication_hours import opens_at
from sangfroid.model import Delivery, ResponseKind
from sangfroid.organisation import Organisation, load
from sangfroid.staffing import PublicationHours
from tests.support.desks import EXAMPLE, TestDesk

RESPONSE = {"fr": "Nous vous présentons nos excuses.", "en": "We apologise."}
NEWS = {"fr": "Tout est réparé sur les serveurs de Lyon.", "en": "All is repaired on the servers in Lyon."}
SHUT = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)  # 23:00 in Paris
OPENS = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)  # 07:00 in Paris
HOURS: dict[str, Any] = {"public": {"from": "07:00", "to": "21:00"}}


def organised(hours: dict[str, Any]) -> Organisation:
    document = load(EXAMPLE).model_dump(by_alias=True) | {"publication_hours": hours}
    return Organisation.model_validate(document)


def in_the_evening(text: dict[str, str] = RESPONSE, hours: dict[str, Any] = HOURS) -> tuple[TestDesk, str]:
    """A case whose response went out at nine, and it is 23:00 in Paris now."""
    desk = TestDesk(organised(hours))
    case_id = desk.report()
    desk.triage(case_id, 1)
    desk.publish(case_id, desk.approve(case_id, text))
    desk.now = SHUT
    return desk, case_id


def attempt(desk: TestDesk, case_id: str, version: int) -> list[Delivery]:
    """One attempt at each delivery of a version, as the machine makes it; what became of them."""
    for key in desk.desk.publication.plan(case_id, version, "all")["deliveries"]:
        desk.desk.publication.send(case_id, key)
    found = desk.desk.casework.read(case_id).deliveries.values()
    return [one for one in found if one.version == version]


def public(found: list[Delivery]) -> set[tuple[str, datetime | None]]:
    return {(one.state, one.opens_at) for one in found if one.audience == "public"}


@pytest.mark.parametrize("kind", ["update", "closing_announcement"])
def test_news_wait_for_the_hours_of_their_audience_and_leave_by_themselves(kind: ResponseKind) -> None:
    desk, case_id = in_the_evening()
    version = desk.approve(case_id, NEWS, kind)
    before = len(desk.reached("public"))
    found = attempt(desk, case_id, version)
    assert public(found) == {("waiting", OPENS)}
    assert {one.state for one in found if one.audience != "public"} <= {"published", "manual"}
    key = next(one.key for one in found if one.audience == "public")
    sent = desk.desk.publication.send(case_id, key)
    assert (sent.outcome, sent.until, sent.call_a_person) == ("retry", OPENS, False), "the machine comes back"
    assert len(desk.reached("public")) == before
    said = [
        event
        for event in desk.desk.casework.store.events(case_id)
        if event.kind == "delivery_waits_for_hours"
    ]
    assert {event.data["until"] for event in said} == {"2026-11-21T06:00:00Z"}
    desk.now = OPENS - timedelta(seconds=1)
    assert public(attempt(desk, case_id, version)) == {("waiting", OPENS)}
    desk.now = OPENS
    assert {state for state, _ in public(attempt(desk, case_id, version))} <= {"published", "manual"}
    assert len(desk.reached("public")) > before


def test_what_meets_a_clock_or_puts_right_leaves_at_any_hour() -> None:
    desk = TestDesk(organised(HOURS))
    desk.now = SHUT
    case_id = desk.report()
    desk.triage(case_id, 1)
    assert all(
        state != "waiting" for state, _ in public(attempt(desk, case_id, desk.approve(case_id, RESPONSE)))
    )
    fixed = {"fr": "Correction : " + NEWS["fr"], "en": "Correction: " + NEWS["en"]}
    found = attempt(desk, case_id, desk.approve(case_id, fixed, "correction"))
    assert all(state != "waiting" for state, _ in public(found))


@pytest.mark.parametrize(
    ("hour", "waits"),
    [("23 h 30", False), ("22 h", False), ("10 h", True)],
    ids=["due in the night", "overdue", "due after the hours begin"],
)
def test_promised_news_never_wait_past_their_time(hour: str, waits: bool) -> None:
    day = "21" if waits else "20"
    promising = {"fr": RESPONSE["fr"] + f" Prochaine nouvelle le {day} novembre à {hour}."}
    desk, case_id = in_the_evening(promising)
    promised = [duty for duty in desk.desk.casework.read(case_id).case.duties if duty.promised_in]
    assert len(promised) == 1
    found = attempt(desk, case_id, desk.approve(case_id, {"fr": NEWS["fr"]}, "update"))
    assert (("waiting", OPENS) in public(found)) is waits


def test_the_freeze_wins_over_the_hours() -> None:
    desk, case_id = in_the_evening()
    version = desk.approve(case_id, NEWS, "update")
    attempt(desk, case_id, version)
    desk.freeze()
    desk.now = OPENS
    found = attempt(desk, case_id, version)
    assert {state for state, _ in public(found)} == {"held"}


def test_without_hours_nothing_waits() -> None:
    desk, case_id = in_the_evening(hours={"partner": HOURS["public"]})
    found = attempt(desk, case_id, desk.approve(case_id, NEWS, "update"))
    assert all(state != "waiting" for state, _ in public(found))


def hours(start: str, to: str, **more: Any) -> PublicationHours:
    return PublicationHours.model_validate({"from": start, "to": to} | more)


@pytest.mark.parametrize(
    ("window", "now", "opens"),
    [
        # In Paris the clocks go back on 25 October 2026 at 01:00Z and forward on 28 March 2027 at 01:00Z.
        (hours("08:00", "20:00"), "2026-10-24T19:00Z", "2026-10-25T07:00Z"),
        (hours("08:00", "20:00"), "2026-10-23T19:00Z", "2026-10-24T06:00Z"),
        (hours("08:00", "20:00"), "2027-03-27T20:00Z", "2027-03-28T06:00Z"),
        (hours("02:30", "20:00"), "2027-03-27T20:00Z", "2027-03-28T01:30Z"),
        (hours("08:00", "20:00"), "2026-10-25T18:59Z", None),
        (hours("08:00", "20:00"), "2026-10-25T19:00Z", "2026-10-26T07:00Z"),
        (hours("08:00", "20:00"), "2026-10-25T07:00Z", None),
        (hours("20:00", "02:00"), "2026-11-20T00:30Z", None),
        (hours("20:00", "02:00"), "2026-11-20T01:00Z", "2026-11-20T19:00Z"),
        (hours("08:00", "20:00", days=["mon"]), "2026-11-23T19:00Z", "2026-11-30T07:00Z"),
        (hours("22:00", "02:00", days=["fri"]), "2026-11-21T00:30Z", None),
        (hours("08:00", "20:00", time_zone="Asia/Tokyo"), "2026-11-20T12:00Z", "2026-11-20T23:00Z"),
        (hours("00:00", "24:00"), "2026-11-20T23:00Z", None),
    ],
)  # fmt: skip
def test_local_clocks_decide_across_the_change_of_hour(
    window: PublicationHours, now: str, opens: str | None
) -> None:
    found = opens_at(window, "Europe/Paris", datetime.fromisoformat(now))
    assert found == (datetime.fromisoformat(opens) if opens else None)
