"""An act reads what it needs and nothing else (I15): how many calls of the table each kind of act may make, in a whole crisis.

A change that makes an act read more fails here. The numbers are what the act needs: the case in one call, what it decides about,
and one write; whoever raises one says in the commit what is read, and why it cannot be drawn from what the case knows.
"""

from __future__ import annotations

from fnmatch import fnmatch

import pytest

from local.rehearse import SCRIPTS
from tools.table_calls import Acts, played

OVERRIDES = "read ON_CALL / OVERRIDES"
"""Read anew after five seconds of real time: how often depends on the machine."""

ON_AVERAGE = {
    "api POST /incidents": 4,  # prints, likenesses, the write
    "api GET /cases/{id}/timeline": 2,
    "api GET /cases/{id}": 5,
    "api PUT /cases/{id}/response": 4,  # the messages, for what people ask; every version, for whose words they are
    "api POST /cases/{id}/response/{version}/review": 3,
    "api POST /cases/{id}/close": 8,
    "api POST /cases/{id}/duties/{duty}": 2,
    "api POST /cases/{id}/messages": 2,
    "api POST *": 6,  # the whole case is the answer
    "index": 2,
    "clock acts": 2,
    "wait *": 2,
    "playbook take_verdict": 4,
    "playbook plan": 3,
    "playbook confirm": 2,
    "playbook *": 2,
    "relay start": 1,
    "relay resume": 1,
    "relay resume + start": 1,
    "relay note": 5,  # notes, those that need a person, a version that is out, and its words for what they promise
    "relay note*": 2,
    "classify": 5,
    "trace": 3,
    "reconcile": 14,
    "notify news": 7,  # the case, what happened, begun, the two posts themselves, told
    "notify crisis_opened": 4,  # one post of its own in the team's channel
    "notify clock_*": 4,
    "notify published": 4,
    "notify *": 3,  # the case with what is quoted, claimed, settled
    "publish": 10,  # its posts among them: five places, and who publishes by hand is asked
}
"""Kind of act -> calls of one, on average over the crisis; the first that fits counts."""


@pytest.fixture(scope="module")
def crisis() -> Acts:
    """A whole crisis of case 2, counted."""
    acts, sent = played(SCRIPTS / "case_2.yaml")
    assert sent
    return acts


def test_no_act_reads_more_than_it_needs(crisis: Acts) -> None:
    for act, calls in crisis.calls.items():
        bound = next((most for kind, most in ON_AVERAGE.items() if fnmatch(act, _plain(kind))), None)
        assert bound is not None, f"{act}: say how many calls it needs"
        counted = calls - crisis.kinds[act][OVERRIDES]
        assert counted <= bound * crisis.ran[act], f"{act}: {dict(crisis.kinds[act])}"


def test_versions_are_read_whole_by_those_who_show_or_judge_them(crisis: Acts) -> None:
    """Everybody else draws on the lines of the case (decision 0137)."""
    whole = {
        act for act, kinds in crisis.kinds.items() if any("query" in k and "#VERSIONS" in k for k in kinds)
    }
    assert {act for act in whole if not act.startswith("api ")} == set()


def _plain(kind: str) -> str:
    """Square brackets mean something to `fnmatch`, braces do not."""
    return kind.replace("[", "[[]")
