"""Procedures that ask people and wait: the machine `ask`, from its callers' side (I14), and rounds that cannot be started."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

import pytest

from local.stack import Stack
from tests.support.crises import EMMA, Crisis

LONGEST_NAME = 80
"""Characters that Step Functions allows in the name of an execution."""


def reject(crisis: Crisis) -> None:
    written = crisis.write()
    body = {"decision": "reject", "content_hash": written["content_hash"], "comment": "too cold"}
    crisis.expect(200, EMMA, "POST", f"/cases/{{case}}/response/{written['version']}/review", body)


def test_asking_again_and_again_has_names_of_its_own_and_breaks_nothing(stack: Stack) -> None:
    crisis = Crisis(stack)
    crisis.triage(2)
    reject(crisis)
    crisis.write()
    crisis.advance(minutes=1)
    crisis.triage(4)
    reject(crisis)
    crisis.advance(hours=5)
    crisis.approve()
    crisis.advance(minutes=10)
    asks = [one for one in stack.executions() if one["machine"] == "ask"]
    assert len(asks) >= 6
    assert {one["status"] for one in stack.executions()} == {"SUCCEEDED", "RUNNING"}
    assert max(len(one["name"]) for one in stack.executions()) <= LONGEST_NAME - len("-d199-99-1764300000000")
    # The agency has its file and is chased until it replies: that one goes on.
    waiting = {one["name"] for one in asks if one["status"] == "RUNNING" and "-agency-" not in one["name"]}
    assert waiting == set(), "what was asked is over, and the community is told by its channels"


def test_silence_climbs_one_person_at_a_time_and_an_answer_ends_it(stack: Stack) -> None:
    """Two hours of silence over the draft ask one person quietly; two hours later the next one is called; the draft ends it."""
    crisis = Crisis(stack)
    crisis.triage(1)
    crisis.advance(hours=2, minutes=1)
    assert len(crisis.left("team", kind="silence")) == 1
    assert crisis.left("out_of_band", kind="silence") == []
    crisis.advance(hours=2)
    called = crisis.left("out_of_band", kind="silence")
    assert len(called) == 1
    crisis.write()
    crisis.advance(minutes=90)
    assert crisis.left("out_of_band", kind="silence") == called
    before = len(crisis.left("team", kind="silence"))
    crisis.advance(minutes=40)
    assert len(crisis.left("team", kind="silence")) > before, "the review is asked for as well"


def test_what_presses_climbs_at_the_pace_of_the_organisation(stack: Stack) -> None:
    """Two hours before the response is due nobody is asked quietly any more, and not every two hours."""
    crisis = Crisis(stack)
    crisis.triage(1)
    crisis.advance(hours=9)
    before = len(crisis.left("out_of_band", kind="silence"))
    crisis.advance(hours=2)
    called = crisis.left("out_of_band", kind="silence")[before:]
    moments = sorted({one["at"] for one in called})
    assert len(moments) >= 2
    assert all(_minutes_between(*pair) >= 20 for pair in pairwise(moments)), "one at a time"
    assert any(_minutes_between(*pair) == 20 for pair in pairwise(moments))


def _minutes_between(earlier: str, later: str) -> float:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds() / 60


@pytest.fixture
def without_rounds(stack: Stack) -> Iterator[Stack]:
    """A stack whose machine `rounds` is gone, stopped afterwards so that nobody else borrows it."""
    client = stack.client("stepfunctions")
    machines = client.list_state_machines()["stateMachines"]
    (rounds,) = [one["stateMachineArn"] for one in machines if one["name"].endswith("rounds")]
    client.delete_state_machine(stateMachineArn=rounds)
    yield stack
    stack.stop()


def test_rounds_that_cannot_be_started_are_on_record_and_a_person_is_called(without_rounds: Stack) -> None:
    crisis = Crisis(without_rounds)
    crisis.triage(2)
    crisis.advance(minutes=10)
    (failure,) = [event for event in crisis.events if event["kind"] == "procedure_failed"]
    assert failure["data"]["where"] == f"{crisis.id}-case_2-r1/StartRound"
    assert crisis.left("out_of_band", kind="procedure_failed")
    assert crisis.running()[f"{crisis.id}-case_2-r1"] == "RUNNING", "everything else goes on"
