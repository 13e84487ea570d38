"""Silence climbs one person at a time, round what is down, and stops where somebody has it (I14)."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from sangfroid.casefile import CaseFile
from sangfroid.cases import waiting
from sangfroid.model import Role, rfc3339
from sangfroid.outbound.errors import ChannelRefused
from sangfroid.outbound.letter import Letter
from sangfroid.store import freeze as freezing
from tests.support.counted import Counted
from tests.support.desks import Platform, TestDesk

ELEVEN = datetime(2026, 11, 20, 22, tzinfo=UTC)
"""23:00 in Paris."""

RESPONDER: frozenset[Role] = frozenset({"responder"})
Call = tuple[datetime, str]


def a_night(published: timedelta, **verdict: Any) -> tuple[TestDesk, str]:
    """A message at 23:00 that no machine is sure about."""
    desk = TestDesk(sure=False, confidence=0.4, **({"severity": "medium"} | verdict))
    desk.now = ELEVEN
    message = {"text": "C'est toujours pareil", "platform": "x", "published_at": rfc3339(ELEVEN - published)}
    case = desk.report(message=message)
    desk.desk.triage.classify(case)
    return desk, case


def silence(desk: TestDesk, case: str, hours: float, *, until: str = "classified") -> list[Call]:
    """Nobody answers: the reminders of the machine `ask`, for so long; who was rung up, and when."""
    ends, calls, seen = desk.now + timedelta(hours=hours), [], 0
    desk.advance(timedelta(minutes=20))
    while desk.now < ends:
        told = desk.desk.notices.climb(
            case, "triage_requested", f"o{desk.now.isoformat()}", ["on_call", "pr_lead", "director"], "out_of_band", {}, until
        )  # fmt: skip
        letters = desk.reached("out_of_band")
        calls += [(desk.now, str(letter.recipient)) for letter in letters[seen:]]
        seen = len(letters)
        desk.advance(timedelta(seconds=told["again_after"]))
    return calls


def down(*_: Any) -> None:
    raise ChannelRefused("down")


def climbed(desk: TestDesk, case: str) -> dict[str, Any]:
    return desk.desk.notices.climb(
        case, "triage_requested", "o", ["on_call", "pr_lead", "director"], "out_of_band", {}, "classified"
    )


def test_a_page_and_what_it_is_about_leave_together() -> None:
    desk, case = a_night(timedelta(hours=4))
    desk.advance(timedelta(minutes=20))
    counted = Counted(desk)
    assert climbed(desk, case)["told"] == 1
    assert counted.reads == 1, f"the case and the freeze, with what is quoted: {counted.calls}"
    assert counted.calls["transact"] == 3, "both claimed, both settled, and written down"
    counted.end()
    (page,) = desk.reached("out_of_band")
    assert "Nuage SA" not in page.text
    (content,) = [one for one in desk.reached("team") if one.kind == page.kind]
    assert "C'est toujours pareil" in content.text


def test_who_is_not_reached_by_the_page_has_what_it_is_about_once() -> None:
    """The pager is down: the quiet way is the one that gets through, and nobody else is rung for it."""
    desk, case = a_night(timedelta(hours=4))
    desk.advance(timedelta(minutes=20))
    for name, platform in desk.platforms.items():
        if desk.organisation.channel(name).audience == "out_of_band":
            platform.fault = down
    assert climbed(desk, case)["told"] == 1
    (content,) = [one for one in desk.reached("team") if one.kind == "triage_requested"]
    (*_, noted) = [one for one in desk.desk.casework.store.events(case) if one.kind == "notified"]
    assert sum(line.endswith(": published") for line in noted.data["recipients"]) == 1, noted.data
    assert desk.desk.casework.read(case).case.unreached == {}, content


def test_one_doubtful_message_calls_one_person_at_a_time_and_twelve_times_at_most() -> None:
    desk, case = a_night(timedelta(hours=4))
    calls = silence(desk, case, 8)
    assert 6 <= len(calls) <= 12
    assert len({at for at, _ in calls}) == len(calls), "one at a time"
    assert calls[0][1] == "+33100000001", "who is on duty comes first"
    assert max(Counter(who for _, who in calls).values()) == 2
    for who in {who for _, who in calls}:
        times = [at for at, called in calls if called == who]
        assert all(later - earlier >= timedelta(hours=1) for earlier, later in pairwise(times))


def test_what_can_wait_for_the_morning_wakes_nobody() -> None:
    desk, case = a_night(timedelta(minutes=10))
    assert not silence(desk, case, 7.9), "it is due at 10:50, and people are up at seven"
    assert silence(desk, case, 1), "in the morning it climbs"


def test_what_is_grave_does_not_wait() -> None:
    desk, case = a_night(timedelta(minutes=10), severity="critical")
    assert silence(desk, case, 1)


def test_an_acknowledgement_stops_it_for_the_organisation_s_time() -> None:
    desk, case = a_night(timedelta(hours=4))
    assert len(silence(desk, case, 0.5)) == 1

    def seen(file: CaseFile) -> None:
        waiting.acknowledge(file, f"triage:{case}", RESPONDER, frozenset({"on_call"}), timedelta(hours=1))

    desk.desk.casework.change(case, "ana", seen)
    begun = desk.now
    calls = silence(desk, case, 3)
    assert len(calls) > 1
    assert calls[1][0] - begun >= timedelta(hours=1) - timedelta(minutes=20)


def test_a_pager_that_is_down_is_gone_round_at_once_and_everybody_is_told_in_turn() -> None:
    desk, case = a_night(timedelta(hours=4))
    desk.platforms["pager"].fault = down
    assert not silence(desk, case, 2)
    mailed = [str(one.recipient) for one in desk.reached("team")]
    assert mailed[0] == "ana@nuage.example"
    assert len(mailed) == len(set(mailed)) >= 4
    assert desk.desk.casework.read(case).case.unreached == {}


def test_whoever_cannot_be_reached_is_shown_and_the_next_one_is_called_at_once() -> None:
    desk, case = a_night(timedelta(hours=4))

    def ana_cannot_be_reached(_: Platform, letter: Letter) -> None:
        if letter.recipient in ("ana@nuage.example", "+33100000001"):
            down()

    for channel in ("pager", "team-email"):
        desk.platforms[channel].fault = ana_cannot_be_reached
    told = desk.desk.notices.climb(
        case, "triage_requested", "o", ["on_call"], "out_of_band", {}, "classified"
    )
    assert told["told"] == 1
    assert [one.recipient for one in desk.reached("out_of_band")] == ["+33100000002"], "Ben, at once"
    assert list(desk.desk.casework.read(case).case.unreached) == ["ana"]
    (event,) = [one for one in desk.desk.casework.store.events(case) if one.kind == "not_reached"]
    assert event.data["people"] == ["ana"]


def test_a_repeated_step_calls_nobody_twice() -> None:
    desk, case = a_night(timedelta(hours=4))
    for _ in range(3):
        desk.desk.notices.climb(case, "triage_requested", "o", ["on_call"], "out_of_band", {}, "classified")
    assert len(desk.reached("out_of_band")) == 1


def test_a_breach_with_the_pager_down_reaches_people_by_another_way() -> None:
    desk, case = a_night(timedelta(hours=4))
    desk.platforms["pager"].fault = down
    desk.desk.notices.tell(
        case, "clock_breached", "o", ["director"], "out_of_band", {"clock": "response_ready"}, room=False
    )
    assert {one.recipient for one in desk.reached("team")} == {"dora@nuage.example", "dirk@nuage.example"}


@pytest.mark.parametrize(
    ("suspicion", "severity", "action"),
    [(0.95, "critical", "page_director"), (0.4, "high", "ask_quietly"), (0.05, "low", "wait_until_morning")],
)
def test_who_is_woken_for_a_suspicion_is_decided_by_expected_harm(
    suspicion: float, severity: str, action: str
) -> None:
    desk, case = a_night(timedelta(hours=1), leak_suspected=True, suspicion=suspicion, severity=severity)
    detail = desk.desk.casework.read(case).case.triage_detail
    assert detail["woken"] == action
    assert {"fr", "en"} == set(detail["why_woken"])


def test_one_question_at_a_time_while_a_leak_is_suspected() -> None:
    desk, case = a_night(timedelta(hours=4), leak_suspected=True, suspicion=0.4, severity="high")
    assert not silence(desk, case, 3), "the machine `suspicion` asks"
    assert silence(desk, case, 1, until="freeze_decided")


def test_a_clock_is_never_silent_and_calls_nobody_twice_within_the_hour() -> None:
    desk, case = a_night(timedelta(hours=4))
    for rung in range(3):
        desk.desk.notices.tell(
            case,
            "clock_breached",
            f"o{rung}",
            ["on_call"],
            "out_of_band",
            {"clock": "response_ready"},
            room=True,
        )
        desk.advance(timedelta(minutes=30))
    called = [letter.recipient for letter in desk.reached("out_of_band")]
    assert len(called) == 3
    assert called[0] == called[2] == "+33100000001"
    assert called[1] != called[0]


def a_frozen_night() -> tuple[TestDesk, str]:
    """A leak case that holds the freeze, which has just been raised."""
    desk, case = a_night(timedelta(hours=1))
    desk.freeze(case)
    return desk, case


def rung_up(desk: TestDesk) -> list[str]:
    """Who was rung up about the case, in order."""
    return [str(one.recipient) for one in desk.reached("out_of_band")]


def test_within_the_hour_of_a_freeze_work_on_its_case_rings_nobody_a_second_time() -> None:
    desk, case = a_frozen_night()
    for kind in ("crisis_opened", "draft_requested"):
        desk.desk.notices.tell(case, kind, kind, ["on_call", "director"], "team", {}, room=True)
    assert rung_up(desk) == [], "the page of the freeze has rung everybody, and the console shows what waits"
    (*_, event) = [one for one in desk.desk.casework.store.events(case) if one.kind == "notified"]
    assert all(one.endswith(": with_the_freeze") for one in event.data["recipients"]), "it is written down"
    desk.advance(timedelta(hours=1))
    desk.desk.notices.tell(case, "draft_requested", "later", ["on_call"], "team", {}, room=True)
    assert rung_up(desk) == ["+33100000001"], "an hour later it is a call of its own"


def test_whoever_the_page_of_the_freeze_did_not_reach_is_rung_up_for_the_work() -> None:
    desk, case = a_frozen_night()
    freeze = freezing.read(desk.desk.casework.table)
    freeze.unreached = ["ana"]
    desk.table.transact([freezing.write(freeze)])
    desk.desk.notices.tell(case, "draft_requested", "o", ["on_call"], "team", {}, room=True)
    assert rung_up(desk) == ["+33100000001"]


def test_while_the_freeze_holds_a_clock_rings_one_person_and_then_the_next() -> None:
    desk, case = a_frozen_night()
    roles, clock = ["on_call", "pr_lead", "director"], {"clock": "first_word"}
    desk.desk.notices.tell(case, "clock_reminder", "soon", roles, "team", clock, room=True)
    desk.advance(timedelta(minutes=20))
    desk.desk.notices.tell(case, "clock_breached", "late", roles, "team", clock, room=True)
    called = rung_up(desk)
    assert len(called) == len(set(called)) == 2, "one at a time, nobody twice within the hour for one clock"


def test_while_the_freeze_holds_a_clock_goes_round_whoever_cannot_be_reached() -> None:
    desk, case = a_frozen_night()

    def not_ana(_: Platform, letter: Letter) -> None:
        if letter.recipient == "+33100000001":
            down()

    desk.platforms["pager"].fault = not_ana
    desk.desk.notices.tell(
        case, "clock_reminder", "soon", ["on_call"], "team", {"clock": "first_word"}, room=True
    )
    assert len(rung_up(desk)) >= 1
    assert "ana" in desk.desk.casework.read(case).case.unreached


def suspected() -> tuple[TestDesk, str]:
    """A strong suspicion of a leak at 23:00, for which a director has been asked."""
    desk = TestDesk(leak_suspected=True, confidence=0.99)
    desk.now = ELEVEN
    case = desk.report(message={"text": "LEAKED", "platform": "forum", "published_at": rfc3339(ELEVEN)})
    desk.desk.triage.classify(case)
    assert desk.desk.casework.read(case).case.suspicion == "pending"
    return desk, case


def asked_to_freeze(desk: TestDesk, case: str, occasion: str) -> str | None:
    """Whom the climb of the suspicion rings up now; None where nobody is."""
    before = len(desk.platforms["pager"].published)
    order = ["director", "pr_lead", "security_lead", "on_call"]
    desk.desk.notices.climb(case, "leak_suspected", occasion, order, "out_of_band", {}, "freeze_decided")
    new = desk.platforms["pager"].published[before:]
    return str(new[0].recipient) if new else None


def late(desk: TestDesk, case: str, occasion: str, *roles: str) -> list[str]:
    """Whom a clock that has run out rings up now."""
    before = len(desk.platforms["pager"].published)
    desk.desk.notices.tell(
        case, "clock_breached", occasion, list(roles), "out_of_band", {"clock": "response_ready"}, room=False
    )
    return [str(one.recipient) for one in desk.platforms["pager"].published[before:]]


def test_a_clock_rings_nobody_whom_the_case_has_rung_within_the_hour() -> None:
    desk, case = suspected()
    assert asked_to_freeze(desk, case, "1") == "+33100000006"
    desk.advance(timedelta(minutes=30))
    assert late(desk, case, "a", "director") == ["+33100000007"], "Dora was rung half an hour ago"
    desk.advance(timedelta(minutes=31))
    assert late(desk, case, "b", "director") == ["+33100000006"]
    for number in range(6):
        late(desk, case, f"c{number}", "on_call")
    # A clock is never silenced: where everybody was rung, it rings whom it is meant for.
    assert late(desk, case, "d", "director"), "everybody has been rung, and the clock rings all the same"


def test_who_cannot_decide_is_not_woken_again_for_what_the_desk_shows_them() -> None:
    desk, case = suspected()
    assert late(desk, case, "a", "pr_lead") == ["+33100000005"]
    desk.advance(timedelta(minutes=5))
    assert late(desk, case, "b", "director") == ["+33100000006", "+33100000007"]
    rung = []
    for number in range(6):
        desk.advance(timedelta(minutes=20))
        rung.append(asked_to_freeze(desk, case, str(number)))
    assert rung[:2] == ["+33100000006", "+33100000007"], (
        "whoever can decide is called, whatever else they were called for"
    )
    assert "+33100000005" not in rung, "Emma was rung up for this case already"
    assert rung[2:] == ["+33100000004", "+33100000001", "+33100000002", None]


def test_the_desk_names_who_is_called_next_for_it() -> None:
    desk, case = suspected()
    assert late(desk, case, "a", "security_lead") == ["+33100000004"]
    asked_to_freeze(desk, case, "1")
    entry = next(one for one in waiting.waits(desk.desk.casework.read(case)) if one.kind == "suspicion")
    organisation = desk.organisation
    people = [one for one in organisation.people if one.id in ("dev", "dora")]
    assert list(entry.rung_elsewhere(people)) == ["dev"]
