"""What procedures wait for: every condition, whether its wait outlives a classification, and what answers it.

A condition is written as its name, with what it is about behind a colon where it is about something: `duty:C2.3`,
`delivery:<key>`, `review_decided:<version>`. The machine `ask` names it in the field `until`. A case that closes ends every wait.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sangfroid.casefile import CaseFile
from sangfroid.cases import facts
from sangfroid.model import SETTLED, Wait

RETRACTION = "retraction:"
"""How the wave begins that takes one publication back; its delivery's key stands behind it."""

Outcome = dict[str, Any]
"""With what a wait ends: `outcome`, and the version where it is about one."""


@dataclass(frozen=True)
class Condition:
    """One kind of wait.

    `answer` gives the outcome, or None while the wait goes on; it gets what stands behind the colon. A wait that does not
    outlive a classification ends as `interrupted` by the next one. One that is for a response also ends as `no_response`
    when it is decided that there will be none.
    """

    answer: Callable[[CaseFile, str, Wait], Outcome | None]
    outlives: Callable[[CaseFile, str], bool]
    for_a_response: bool = False


def condition_of(wait: Wait) -> tuple[Condition, str]:
    """The condition of a wait and what it is about; raises ValueError where there is no such condition."""
    name, _, subject = wait.until.partition(":")
    if name not in CONDITIONS:
        raise ValueError(f"unknown condition {wait.until!r}")
    return CONDITIONS[name], subject


def outcome_of(wait: Wait, file: CaseFile) -> Outcome | None:
    """Output with which the wait ends now, or None while it goes on; raises ValueError for an unknown condition."""
    if file.case.status == "closed":
        return {"outcome": "closed"}
    condition, subject = condition_of(wait)
    if not condition.outlives(file, subject):
        if file.case.round != wait.round:
            return {"outcome": "interrupted"}
        if condition.for_a_response and _silent(file):
            return {"outcome": "no_response"}
    return condition.answer(file, subject, wait)


# -- which waits outlive a classification


def _always(file: CaseFile, subject: str) -> bool:  # noqa: ARG001
    return True


def _never(file: CaseFile, subject: str) -> bool:  # noqa: ARG001
    return False


def _delivery_decided_on_its_own(file: CaseFile, key: str) -> bool:
    """What follows the response, and what takes it back, was decided on its own, whatever the case is called now."""
    delivery = file.deliveries.get(key)
    return delivery is not None and (delivery.act == "retract" or delivery.kind != "response")


def _text_decided_on_its_own(file: CaseFile, version: str) -> bool:
    """What follows the response is decided on its own; where its text is void, nobody is asked any more."""
    asked = file.line(int(version))
    return asked is not None and asked.kind != "response"


# -- what answers them


def _silent(file: CaseFile) -> bool:
    decision = file.case.no_response
    return decision is not None and decision.stands


def _classified(file: CaseFile, subject: str, wait: Wait) -> Outcome | None:  # noqa: ARG001
    return {"outcome": "classified"} if file.case.round > wait.round else None


def _freeze_decided(file: CaseFile, subject: str, wait: Wait) -> Outcome | None:  # noqa: ARG001
    decided = file.case.suspicion
    return {"outcome": decided} if decided in ("frozen", "declined") else None


def _settled(file: CaseFile, duty_id: str, wait: Wait) -> Outcome | None:  # noqa: ARG001
    duty = file.case.duty(duty_id)
    return {"outcome": duty.state} if duty is not None and duty.state != "open" else None


def _retraction_decided(file: CaseFile, key: str, wait: Wait) -> Outcome | None:  # noqa: ARG001
    proposed = file.deliveries.get(key)
    is_open = proposed is not None and proposed.retraction and not proposed.retraction.confirmed_at
    return None if is_open else {"outcome": "decided"}


def _delivery(file: CaseFile, key: str, wait: Wait) -> Outcome | None:  # noqa: ARG001
    delivery = file.deliveries.get(key)
    if delivery is None:
        return {"outcome": "superseded"}
    if delivery.state == "cancelled":
        return {"outcome": "cancelled" if _delivery_decided_on_its_own(file, key) else "superseded"}
    return {"outcome": delivery.state} if delivery.state in (*facts.OUT, "waiting") else None


def _all_deliveries(file: CaseFile, subject: str, wait: Wait) -> Outcome | None:  # noqa: ARG001
    """`<version>:<wave>`: nothing of the wave is left that anybody waits for. While the case's count says that something is
    owed, no delivery is read.

    Once everything required is out, what else is left goes on by itself; but the community hears first of all its places.
    """
    number, _, wave = subject.partition(":")
    if wave.startswith(RETRACTION):
        back = file.deliveries.get(wave.removeprefix(RETRACTION))
        left = back is not None and back.act == "retract" and back.state not in SETTLED
        return None if left else {"outcome": "settled"}
    audiences = {"community"} if wave == "community" else None
    if _left(file.case.open_deliveries, number, audiences):
        return {"outcome": "settled"} if audiences is None and _required_are_out(file, number) else None
    if file.case.delivery_tally is not None:
        return {"outcome": "settled"}
    left = any(
        one.state not in SETTLED and one.act == "publish" and (audiences is None or one.audience in audiences)
        for one in file.deliveries_of(int(number))
    )
    return None if left else {"outcome": "settled"}


def _left(counts: dict[str, int], number: str, audiences: set[str] | None = None) -> bool:
    """Whether the count of `<version>:<audience>` says that something of the version is left."""
    names = [name.partition(":") for name, count in counts.items() if count > 0]
    return any(
        version == number and (audiences is None or audience in audiences) for version, _, audience in names
    )


def _required_are_out(file: CaseFile, number: str) -> bool:
    """Whether something of the version is required, and all of it is out."""
    if _left(file.case.owed_deliveries, number):
        return False
    tally = file.case.delivery_tally
    if tally is not None and f"{number}:" in tally.confirmed:
        return True
    required = [one for one in file.deliveries_of(int(number)) if one.act == "publish" and one.required]
    return bool(required) and all(one.state in facts.OUT for one in required)


def _duty(file: CaseFile, duty_id: str, wait: Wait) -> Outcome | None:  # noqa: ARG001
    duty = file.case.duty(duty_id)
    if duty is None or duty.state != "open":
        return {"outcome": "done"}
    return {"outcome": "superseded"} if file.approved is None and not _silent(file) else None


def _order_decided(file: CaseFile, subject: str, wait: Wait) -> Outcome | None:  # noqa: ARG001
    if file.case.community_first is not None:
        return {"outcome": "decided"}
    return {"outcome": "superseded"} if file.approved is None else None


def _response_written(file: CaseFile, subject: str, wait: Wait) -> Outcome | None:  # noqa: ARG001
    latest = file.latest("response")
    if latest is None or latest.state not in ("in_review", "approved"):
        return None
    return {"outcome": "written", "version": latest.version}


def _review_decided(file: CaseFile, number: str, wait: Wait) -> Outcome | None:  # noqa: ARG001
    version = file.line(int(number))
    if version is None:
        return {"outcome": "superseded"}
    if version.state == "in_review":
        return None
    if version.kind == "response" and version.state in ("superseded", "draft"):
        return {"outcome": "superseded"}
    return {"outcome": version.state, "version": version.version}


def _no_response_decided(file: CaseFile, subject: str, wait: Wait) -> Outcome | None:  # noqa: ARG001
    proposed = file.case.no_response
    return None if proposed is not None and proposed.confirmed_at is None else {"outcome": "decided"}


def _reopened(file: CaseFile, subject: str, wait: Wait) -> Outcome | None:  # noqa: ARG001
    return None if _silent(file) else {"outcome": "reopened"}


def _nothing_else(file: CaseFile, subject: str, wait: Wait) -> Outcome | None:  # noqa: ARG001
    """Only the close or another classification ends it."""
    return None


CONDITIONS: dict[str, Condition] = {
    "classified": Condition(_classified, _always),
    "freeze_decided": Condition(_freeze_decided, _always),
    "settled": Condition(_settled, _always),
    "agency_replied": Condition(_settled, _never),
    "retraction_decided": Condition(_retraction_decided, _always),
    "deliveries": Condition(_all_deliveries, _always),
    "delivery": Condition(_delivery, _delivery_decided_on_its_own),
    "review_decided": Condition(_review_decided, _text_decided_on_its_own, for_a_response=True),
    "response_written": Condition(_response_written, _never, for_a_response=True),
    "duty": Condition(_duty, _never),
    "order_decided": Condition(_order_decided, _never, for_a_response=True),
    "no_response_decided": Condition(_no_response_decided, _never),
    "reopened_or_closed": Condition(_reopened, _never),
    "taken_over": Condition(_nothing_else, _never),
    "closed": Condition(_nothing_else, _never),
}
"""Every condition that a procedure can wait for."""
