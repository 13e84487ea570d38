"""C3.0b: stop what the channels would send by themselves, read back that they stopped, and restore exactly that.

The adapter of each channel knows how; here stands what is recorded and when. A failure never lifts the freeze.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

from aws_lambda_powertools.metrics import MetricUnit

from sangfroid.casework import Casework
from sangfroid.freeze.procedure import Freezer, silenced
from sangfroid.model import Intent
from sangfroid.observability import logger, metrics
from sangfroid.organisation_parts import ChannelSettings
from sangfroid.outbound.channels.base import Channel, Suspension
from sangfroid.outbound.errors import ChannelFault, NotConnected
from sangfroid.store import freeze as freezing
from sangfroid.store.freeze import Freeze, SuspendedChannel


@runtime_checkable
class Surveyed(Protocol):
    """A channel that can say how it stands before it is stopped."""

    def survey(self) -> Mapping[str, Any]:
        """What `resume` will need. With `target`, channels that share one switch share what is known of it."""


@runtime_checkable
class ReadBack(Protocol):
    """A channel that can be asked whether it is still stopped."""

    def is_suspended(self, suspension: Suspension) -> bool:
        """True where the platform says that it sends nothing by itself."""


class Suspensions:
    """The suspension of every channel that a freeze silences."""

    def __init__(
        self,
        casework: Casework,
        channels: Callable[[str], Channel],
        freezer: Freezer,
        *,
        silences: bool = True,
    ) -> None:
        self._silences = silences
        self._table = casework.table
        self._organisation = casework.organisation
        self._channels = channels
        self._now = casework.now
        self._freezer = freezer

    def channels(self) -> list[str]:
        """Ids of the channels to silence."""
        return [channel.id for channel in silenced(self._organisation)]

    def suspend(self, channel_id: str, epoch: int) -> dict[str, Any]:
        """Stop one channel and record how; raises ChannelFault where it cannot be stopped now."""
        freeze = freezing.read(self._table)
        if not freeze.active or freeze.raised_epoch != epoch:
            return {"outcome": "superseded"}
        entry = freeze.suspension(channel_id)
        if entry is not None and (entry.settled or entry.result == "by_person"):
            return {"outcome": entry.result}
        return {"outcome": self._stop(channel_id, freeze).result}

    def _stop(self, channel_id: str, freeze: Freeze) -> SuspendedChannel:
        if not self._silences:
            entry = self._entry(channel_id, "nothing", "a deployment for rehearsals silences nobody", {})
            self._record(entry)
            return entry
        try:
            return self._stop_connected(channel_id, freeze)
        except NotConnected:
            entry = self._entry(channel_id, "nothing", "not connected: it has no credentials", {})
            self._record(entry)
            return entry

    def _stop_connected(self, channel_id: str, freeze: Freeze) -> SuspendedChannel:
        adapter, standing = self._channels(channel_id), freeze.suspension(channel_id)
        before = dict(standing.state) if standing is not None and standing.result != "resumed" else {}
        if not before and isinstance(adapter, Surveyed):
            before = dict(adapter.survey())
            # On record before anything is stopped: an attempt that dies half-way must not take "stopped" for "was never on".
            freeze = self._record(self._entry(channel_id, "failed", "not yet stopped", before))
        done = adapter.suspend()
        for other in freeze.suspensions:
            if other.result != "resumed" and other.state.get("target") is not None:
                same = other.state["target"] == before.get("target")
                before = dict(other.state) if same and other.state.get("was_enabled") else before
        result: freezing.Stopped = (
            "by_person" if done.mode == "by_person" else "nothing" if done.mode == "nothing" else "stopped"
        )
        entry = self._entry(channel_id, result, done.detail, before or dict(done.state))
        self._record(entry)
        return entry

    def note_failure(self, channel_id: str, error: str) -> dict[str, Any]:
        """Every retry failed: on record, an alarm, and a person has it on the checklist."""
        freeze = freezing.read(self._table)
        standing = freeze.suspension(channel_id)
        state = standing.state if standing is not None else {}
        self._record(
            self._entry(channel_id, "failed", f"could not be stopped ({error}); stop it by hand", state)
        )
        metrics.add_metric(name="SuspensionFailed", unit=MetricUnit.Count, value=1)
        logger.error("channel not suspended", channel=channel_id, error=error)
        return {"outcome": "failed"}

    def verify(self, epoch: int) -> dict[str, Any]:
        """Read every channel back; one that failed or sends again is stopped again. `failed` names those that are not quiet."""
        failed: list[str] = []
        for channel in silenced(self._organisation):
            freeze = freezing.read(self._table)
            if not freeze.active or freeze.raised_epoch != epoch:
                return {"outcome": "superseded", "failed": []}
            if freeze.state == "statement" and channel.statement_during_freeze:
                continue  # let out for the statement
            try:
                self._verify(channel, freeze)
            except ChannelFault as fault:
                self.note_failure(channel.id, type(fault).__name__)
                failed.append(channel.id)
        self._freezer.mark_suspended()
        return {"outcome": "verified" if not failed else "failed", "failed": failed}

    def _verify(self, channel: ChannelSettings, freeze: Freeze) -> None:
        entry = freeze.suspension(channel.id)
        if entry is not None and (entry.result in ("by_person", "nothing") or entry.proof):
            return
        adapter = self._channels(channel.id)
        if entry is None or entry.result != "stopped":
            entry = self._stop(channel.id, freeze)
        if entry.result != "stopped":
            return
        if isinstance(adapter, ReadBack) and not adapter.is_suspended(_suspension(entry)):
            adapter.suspend()
        entry.verified_at = self._now()
        self._record(entry)

    def resume(self, channel_id: str, epoch: int) -> dict[str, Any]:
        """Restore what was stopped on one channel; in the stage `statement` only where the statement goes."""
        freeze = freezing.read(self._table)
        channel = self._organisation.channel(channel_id)
        entry = freeze.suspension(channel_id)
        if not self._may_resume(freeze, channel, epoch):
            return {"outcome": "superseded"}
        if entry is None or entry.result not in ("stopped", "failed") or not entry.state:
            return {"outcome": "nothing"}
        adapter = self._channels(channel_id)
        adapter.resume(_suspension(entry))
        resumed = self._entry(channel_id, "resumed", "restored", entry.state)

        def work(current: Freeze) -> list[Intent] | None:
            if not self._may_resume(current, channel, epoch):
                return None
            current.record(resumed)
            return []

        after = self._freezer.alter(work)
        if not self._may_resume(after, channel, epoch):
            adapter.suspend()  # a new freeze was raised meanwhile: it finds the channel as its record says, stopped
            return {"outcome": "superseded"}
        return {"outcome": "resumed"}

    @staticmethod
    def _may_resume(freeze: Freeze, channel: ChannelSettings, epoch: int) -> bool:
        if freeze.raised_epoch != epoch:
            return False
        return not freeze.active or (freeze.state == "statement" and channel.statement_during_freeze)

    def statement_channels(self) -> list[str]:
        """Ids of the channels that a released statement goes to."""
        return [channel.id for channel in silenced(self._organisation) if channel.statement_during_freeze]

    def _entry(
        self, channel_id: str, result: freezing.Stopped, detail: str, state: Mapping[str, Any]
    ) -> SuspendedChannel:
        return SuspendedChannel(
            channel=channel_id, result=result, detail=detail, state=dict(state), at=self._now()
        )

    def _record(self, entry: SuspendedChannel) -> Freeze:
        def work(freeze: Freeze) -> list[Intent]:
            freeze.record(entry)
            return []

        return self._freezer.alter(work)


def _suspension(entry: SuspendedChannel) -> Suspension:
    return Suspension(entry.result, entry.detail, entry.state)
