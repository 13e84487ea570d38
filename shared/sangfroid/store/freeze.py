"""The state of the freeze as one item, the permits by which it knows what is still in flight, and what it holds back.

`open` -> `raised` (no new call starts) -> `effective` (none is in flight) -> `statement` (only the statements released
by two directors) -> `open`. The epoch rises with every change of what may leave, so a sending that decided under another
epoch loses its claim (I3).

Keys (partition / sort): `FREEZE` / `STATE` the freeze, alone in its partition: few functions may write it (decision 0108)
`FREEZE#INTENTS` / `INTENT#<id>` · `FREEZE#PERMITS` / `<claim>` · `FREEZE#HELD` / `<case>|<delivery>`
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import Field

from sangfroid.model import Acknowledgement, Audience, Delivery, Instant, Model, rfc3339
from sangfroid.table import ABSENT, Check, Delete, Item, Put, Table

FREEZE_PLACE = ("FREEZE", "STATE")
INTENTS = "FREEZE#INTENTS"
PERMITS = "FREEZE#PERMITS"
HELD = "FREEZE#HELD"

CLOCK_SKEW = timedelta(seconds=2)
"""How far the clocks of two Lambdas may stand apart; every lease is judged with this margin on the safe side."""

FreezeState = Literal["open", "raised", "effective", "statement"]
Stopped = Literal["stopped", "nothing", "by_person", "failed", "resumed"]


class Release(Model):
    """One director's yes to a stage of the release; for a statement it covers exactly one text (its content hash)."""

    scope: Literal["statement", "all"]
    by: str
    at: Instant
    reason: str
    case_id: str | None = None
    content_hash: str | None = None
    version: int | None = None


class SuspendedChannel(Model):
    """What was stopped on one channel, and what restores exactly that.

    `result`: `stopped` (the platform confirms it), `nothing` (it sends nothing by itself), `by_person` (open until a proof is
    attached), `failed`, or `resumed`. `verified_at` is the moment of the last reading back.
    """

    channel: str
    result: Stopped
    detail: str
    state: dict[str, Any] = Field(default_factory=dict)
    at: Instant
    verified_at: Instant | None = None
    proof: str | None = None
    proof_by: str | None = None

    @property
    def settled(self) -> bool:
        """True where the channel is known to be quiet."""
        return (
            self.result == "nothing"
            or (self.result == "stopped" and self.verified_at is not None)
            or bool(self.proof)
        )


class Freeze(Model):
    """The one freeze of the company. `cases` are the leak cases that hold it; it ends when all are released.

    `raised_epoch` is the epoch of the last raise: it names the execution of the procedure that speaks for the freeze.
    """

    epoch: int = 0
    raised_epoch: int = 0
    state: FreezeState = "open"
    reason: str | None = None
    raised_at: Instant | None = None
    raised_by: str | None = None
    effective_at: Instant | None = None
    suspended_at: Instant | None = None
    released_at: Instant | None = None
    cases: list[str] = Field(default_factory=list)
    released_cases: list[str] = Field(default_factory=list)
    statements: dict[str, str] = Field(
        default_factory=dict, description="case id -> content hash that may leave"
    )
    releases: list[Release] = Field(default_factory=list)
    suspensions: list[SuspendedChannel] = Field(default_factory=list)
    unreached: list[str] = Field(
        default_factory=list, description="People who could not be told of it by any way."
    )
    waits: list[dict[str, Any]] = Field(default_factory=list)
    acknowledged: dict[str, Acknowledgement] = Field(
        default_factory=dict, description="id of what waits for the freeze -> who has seen it"
    )
    revision: int = 0

    @property
    def active(self) -> bool:
        """True from the raise to the last release."""
        return self.state != "open"

    @property
    def holding(self) -> list[str]:
        """The leak cases that still hold the freeze, the oldest first."""
        return [case_id for case_id in self.cases if case_id not in self.released_cases]

    def suspension(self, channel: str) -> SuspendedChannel | None:
        """What was stopped on the channel, or None."""
        return next((entry for entry in self.suspensions if entry.channel == channel), None)

    def record(self, entry: SuspendedChannel) -> None:
        """Put the entry in the place of the channel's earlier one."""
        self.suspensions = [other for other in self.suspensions if other.channel != entry.channel] + [entry]

    def allows(
        self, audience: Audience, case_id: str, content_hash: str | None, *, names_channel: bool
    ) -> bool:
        """Whether a letter may leave now. `names_channel`: the playbook of the leak names the channel for its statement."""
        if audience == "out_of_band" or not self.active:
            return True
        return (
            self.state == "statement"
            and names_channel
            and content_hash is not None
            and self.statements.get(case_id) == content_hash
        )


def read(table: Table) -> Freeze:
    """The freeze as it stands now (strongly consistent); an open one of epoch 0 where none was ever raised."""
    return of_item(table.get(*FREEZE_PLACE))


def of_item(item: Item | None) -> Freeze:
    """The freeze as an item says it; an open one of epoch 0 where there is none."""
    if item is None:
        return Freeze()
    return Freeze.kept({key: value for key, value in item.items() if key not in ("pk", "sk")})


def write(freeze: Freeze) -> Put:
    """The conditional write of a changed freeze; fails where somebody else changed it since it was read."""
    place = {"pk": FREEZE_PLACE[0], "sk": FREEZE_PLACE[1]}
    item = freeze.model_dump(mode="json") | place | {"revision": freeze.revision + 1}
    return Put(item, ABSENT if freeze.revision == 0 else {"revision": freeze.revision})


def still(freeze: Freeze) -> Check:
    """The check that goes into the claim of a sending: nothing of what may leave has changed since `freeze` was read."""
    return Check(
        *FREEZE_PLACE, {"epoch": freeze.epoch, "state": freeze.state}, or_absent=freeze.revision == 0
    )


def permit(claim: str, case_id: str, channel: str, key: str, until: datetime) -> Put:
    """The permit of one sending: its call *starts* with the commit that writes it, together with `still`.

    Deleted when settled, void after `until`.
    """
    item = {
        "pk": PERMITS,
        "sk": claim,
        "case_id": case_id,
        "channel": channel,
        "key": key,
        "until": rfc3339(until),
        "expires_at": int((until + timedelta(days=1)).timestamp()),
    }
    return Put(item, ABSENT)


def held(delivery: Delivery, now: datetime) -> Put:
    """The entry by which a delivery that the freeze refused is found again (no content)."""
    item = {
        "pk": HELD,
        "sk": f"{delivery.case_id}|{delivery.key}",
        "case_id": delivery.case_id,
        "delivery": delivery.key,
        "channel": delivery.channel,
        "audience": delivery.audience,
        "kind": delivery.kind,
        "notice": delivery.is_notice,
        "reason": delivery.reason,
        "held_at": rfc3339(now),
    }
    return Put(item)


def no_longer_held(case_id: str, key: str) -> Delete:
    """The write that takes a delivery off the list of what is held."""
    return Delete(HELD, f"{case_id}|{key}")
