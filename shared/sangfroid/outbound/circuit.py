"""A circuit per channel: while a platform fails again and again, it is left alone, and only that platform.

`CHANNEL#<id>` / `CIRCUIT` holds `failures` in a row and, once they are too many, `until`: before it nothing is sent there; then
one sending is let through as a probe. What succeeds forgets the item. It only ever delays: nothing is sent because of it,
no claim depends on it, and losing a write of it loses a count. Calls to people never wait for a circuit.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sangfroid.model import rfc3339
from sangfroid.organisation_parts import Retrying
from sangfroid.table import ABSENT, ConditionFailed, Delete, Item, Put, Table


@dataclass(frozen=True)
class Circuit:
    """How a channel stands for one sending: `waits_until` where it must not call now, and how it was counted before."""

    channel: str
    failures: int = 0
    waits_until: datetime | None = None
    opened_at: str | None = None


class Circuits:
    """The circuits of all channels, in the table that all senders share."""

    def __init__(self, table: Table, retrying: Retrying) -> None:
        self._table = table
        self._retrying = retrying

    def ask(self, channel: str, now: datetime, probe: timedelta, item: Item | None) -> Circuit:
        """Whether a sending may call the channel now, as `item` (what stands at `circuit_place`) says.

        Whoever is let through half-open keeps the others out for `probe`.
        """
        circuit = _circuit(channel, item)
        if item is None or circuit.waits_until is None:
            return circuit
        if now < circuit.waits_until:
            return circuit
        try:
            # One of all that wait goes first; the others come back once its result must be known.
            self._write(circuit, item, circuit.failures, now + probe, circuit.opened_at)
        except ConditionFailed:
            return Circuit(channel, circuit.failures, now + probe, circuit.opened_at)
        return Circuit(channel, circuit.failures, None, circuit.opened_at)

    def failed(self, before: Circuit, now: datetime) -> None:
        """Count a failure in a row; the circuit opens with too many, for longer with each probe that fails."""
        item = self._table.get(*circuit_place(before.channel))
        circuit = _circuit(before.channel, item)
        failures = circuit.failures + 1
        retrying = self._retrying
        until, opened_at = None, circuit.opened_at
        if failures >= retrying.open_after:
            pauses = min(failures - retrying.open_after, 20)
            until = now + min(retrying.open_at_most, retrying.open_for * retrying.factor**pauses)
            opened_at = opened_at or rfc3339(now)
        with suppress(ConditionFailed):  # another sender counted at the same moment
            self._write(circuit, item, failures, until, opened_at)

    def succeeded(self, before: Circuit) -> None:
        """The platform works: what was counted is forgotten."""
        if before.failures:
            self._table.transact([Delete(*circuit_place(before.channel))])

    def _write(
        self,
        circuit: Circuit,
        item: Item | None,
        failures: int,
        until: datetime | None,
        opened_at: str | None,
    ) -> None:
        pk, sk = circuit_place(circuit.channel)
        changed: Item = {"pk": pk, "sk": sk, "failures": failures, "opened_at": opened_at}
        changed["until"] = rfc3339(until) if until else None
        expect = {"failures": item["failures"], "until": item["until"]} if item else ABSENT
        self._table.transact([Put(changed, expect)])


def circuit_place(channel: str) -> tuple[str, str]:
    """Primary key of the circuit of a channel."""
    return f"CHANNEL#{channel}", "CIRCUIT"


def _circuit(channel: str, item: Item | None) -> Circuit:
    if item is None:
        return Circuit(channel)
    until = datetime.fromisoformat(item["until"]) if item["until"] else None
    return Circuit(channel, int(item["failures"]), until, item["opened_at"])
