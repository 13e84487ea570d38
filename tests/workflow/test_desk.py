"""The desk follows the crises by the table's stream: through a leak, its release, and faults of the function that keeps it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from local.stack import Stack
from tests.support.crises import ANA, DIRK, DORA, EMMA, Crisis


def kinds(crisis: Crisis, who: tuple[str, list[str]]) -> list[str]:
    """What waits for somebody, as kinds."""
    return [one["kind"] for one in crisis.expect(200, who, "GET", "/desk")["waiting"]]


def desk(crisis: Crisis, who: tuple[str, list[str]] = ANA) -> Any:
    return crisis.expect(200, who, "GET", "/desk")


def test_a_case_is_on_the_desk_of_those_who_act_next_until_it_ends(stack: Stack) -> None:
    crisis = Crisis(stack, message={"text": "Hm.", "platform": "x", "published_at": "2026-11-20T07:00:00Z"})
    assert desk(crisis)["cases"][0]["title"] == "Hm."
    assert "review" not in kinds(crisis, EMMA)
    crisis.triage(2)
    assert "write" in kinds(crisis, ANA)
    crisis.write()
    assert "write" not in kinds(crisis, ANA)
    assert "review" in kinds(crisis, EMMA)
    crisis.triage(None)
    board = desk(crisis)
    assert (board["cases"], board["waiting"], board["counts"]) == ([], [], {"open": 0})


def test_a_freeze_is_on_every_desk_and_its_release_waits_for_the_second_director(stack: Stack) -> None:
    crisis = Crisis(stack)
    crisis.triage(3, leak=True)
    crisis.advance(minutes=2)
    board = desk(crisis)
    assert board["freeze"]["active"] is True
    assert board["freeze"]["holding"] == [crisis.id]
    assert board["freeze"]["raised_by"] is not None
    assert board["cases"][0]["step"] == "held"
    asked = {"scope": "all", "reason": "over", "case_id": crisis.id}
    crisis.expect(202, DORA, "POST", "/freeze/release", asked)
    assert "release" in kinds(crisis, DIRK)
    assert "release" not in kinds(crisis, DORA)
    assert "release" not in kinds(crisis, EMMA)
    path = f"/desk/release:all:{crisis.id}/acknowledge"
    assert crisis.call(EMMA, "POST", path).status == 403
    crisis.expect(200, DIRK, "POST", path)
    (release,) = [one for one in desk(crisis, DIRK)["waiting"] if one["kind"] == "release"]
    assert release["acknowledged"]["by"] == "dirk"
    assert crisis.happened("acknowledged", what="release")
    crisis.expect(200, DIRK, "POST", "/freeze/release", asked)
    crisis.advance(minutes=2)
    assert desk(crisis)["freeze"]["active"] is False
    assert "release" not in kinds(crisis, DIRK)
    assert crisis.call(DIRK, "POST", path).status == 409


def test_a_desk_that_lags_catches_up_and_holds_up_no_crisis(stack: Stack) -> None:
    """What the desk shows is written with the case; what lags is the tag by which an unchanged desk costs one read."""
    token = stack.token(*ANA)
    before = stack.request("GET", "/desk", token=token).headers["etag"]
    stack.faults.set([{"point": "function:index", "mode": "error", "times": 3}])
    crisis = Crisis(stack)
    crisis.triage(2)
    assert crisis.document["status"] == "responding", "the case does not wait for the desk"
    assert desk(crisis)["counts"] == {"open": 1}
    seen = stack.request("GET", "/desk", token=token, headers={"If-None-Match": before})
    assert seen.status == 304, "it lags"
    crisis.advance(minutes=2)
    assert stack.request("GET", "/desk", token=token, headers={"If-None-Match": before}).status == 200
    assert "write" in kinds(crisis, ANA)


def test_a_function_that_dies_half_way_leaves_nothing_wrong_behind(stack: Stack) -> None:
    stack.faults.set([{"point": "function:index", "mode": "crash", "times": 2}])
    crisis = Crisis(stack)
    crisis.triage(2)
    stack.clock.advance(timedelta(minutes=2))
    board = desk(crisis)
    assert board["counts"] == {"open": 1}
    assert board["cases"][0]["step"] == "write"
    assert len({one["id"] for one in board["waiting"]}) == len(board["waiting"])
