"""The state of the freeze as one item, and the permits by which it knows what is still in flight.

`open` -> `raised` (no new sending starts) -> `effective` (none is in flight) -> `statement` (only the statements released
by two directors) -> `open`. The epoch rises with every change of what may leave, so a sending that decided under another
epoch loses its claim (I3).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import Field

from sangfroid.model import Audience, Instant, Model, rfc3339
from sangfroid.table import ABSENT, Check, Put, Table

FREEZE_PLACE = ("FREEZE", "STATE")
PERMITS = "FREEZE#PERMITS"

CLOCK_SKEW = timedelta(seconds=2)
"""How far the clocks of two Lambdas may stand apart; every lease is judged with this margin on the safe side."""

FreezeState = Literal["open", "raised", "effective", "statement"]


class Release(Model):
    """One director's yes to a stage of the release; for a statement it covers exactly one text (its content hash)."""

    scope: Literal["statement", "all"]
    by: str
    at: Instant
    reason: str
    case_id: str | None = None
    content_hash: str | None = None
    version: int | None = None


class Freeze(Model):
    """The one freeze of the company. `cases` are the leak cases that hold it; it ends when all are released."""

    epoch: int = 0
    state: FreezeState = "open"
    reason: str | None = None
    raised_at: Instant | None = None
    raised_by: str | None = None
    effective_at: Instant | None = None
    released_at: Instant | None = None
    cases: list[str] = Field(default_factory=list)
    released_cases: list[str] = Field(default_factory=list)
    statements: dict[str, str] = Field(default_factory=dict, description="case id -> content hash that may leave")
    releases: list[Release] = Field(default_factory=list)
    suspensions: list[dict[str, Any]] = Field(default_factory=list)
    waits: list[dict[str, Any]] = Field(default_factory=list)
    revision: int = 0

    @property
    def active(self) -> bool:
        """True from the raise to the last release."""
        return self.state != "open"

    def allows(self, audience: Audience, case_id: str, content_hash: str | None, *, names_channel: bool) -> bool:
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
    item = table.get(*FREEZE_PLACE)
    if item is None:
        return Freeze()
    return Freeze.model_validate({key: value for key, value in item.items() if key not in ("pk", "sk")})


def write(freeze: Freeze) -> Put:
    """The conditional write of a changed freeze; fails where somebody else changed it since it was read."""
    place = {"pk": FREEZE_PLACE[0], "sk": FREEZE_PLACE[1]}
    item = freeze.model_dump(mode="json") | place | {"revision": freeze.revision + 1}
    return Put(item, ABSENT if freeze.revision == 0 else {"revision": freeze.revision})


def still(freeze: Freeze) -> Check:
    """The check that goes into the claim of a sending: nothing of what may leave has changed since `freeze` was read."""
    return Check(*FREEZE_PLACE, {"epoch": freeze.epoch, "state": freeze.state}, or_absent=freeze.revision == 0)


def permit(claim: str, case_id: str, channel: str, key: str, until: datetime) -> Put:
    """The permit of one sending in flight; it is deleted when the sending is settled, and void after `until`."""
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
