"""The case as one unit of change: its header, versions and deliveries, with what a change adds to timeline and intents.

A rule gets a CaseFile, changes it, and notes what happened; the store then writes all of it in one transaction or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sangfroid import timeline
from sangfroid.known import ReviewLine, VersionLine
from sangfroid.model import Case, Delivery, Event, Intent, Message, ResponseVersion
from sangfroid.table import Write

_VERSION = re.compile(r":v(\d{1,9}):")
"""In the key of a delivery: the version that it is of."""


class Deliveries(MutableMapping[str, Delivery]):
    """The deliveries of a case by their keys, each read when it is first asked for; who goes through them reads them all.

    Without readers it is a case that is being written. `planned`: the versions that have any, where the case knows it; none of
    another version is looked for. `changed` knows what became of those that were looked at.
    """

    def __init__(
        self,
        some: Callable[[list[str]], list[Delivery]] | None = None,
        every: Callable[[int | None], list[Delivery]] | None = None,
        planned: Iterable[int] | None = None,
    ) -> None:
        self._some, self._every = some, every
        self._whole: set[int] = set()
        self._planned = None if planned is None else frozenset(planned)
        self._known: dict[str, Delivery] = {}
        self._before: dict[str, dict[str, Any]] = {}
        self._absent: set[str] = set()

    def changed(self) -> list[tuple[Delivery, dict[str, Any] | None]]:
        """Those that are otherwise than they were read, each with how it was (None: it is new), in the order of their keys."""
        return [
            (self._known[key], self._before.get(key))
            for key in sorted(self._known)
            # A delivery holds plain values alone, so a shallow comparison tells; a case may have hundreds of them.
            if self._before.get(key) != self._known[key].__dict__
        ]

    def looked_at(self) -> list[Delivery]:
        """Those that were read or added, in the order of their keys."""
        return [self._known[key] for key in sorted(self._known)]

    def load(self) -> None:
        """Reads all at once, where each would be asked for by itself otherwise."""
        if self._every is not None:
            every, self._every, self._some = self._every, None, None
            for delivery in every(None) if self._planned is None or self._planned else ():
                self._read(delivery)
            self._known = dict(sorted(self._known.items()))

    def load_version(self, number: int) -> None:
        """Reads those of one version at once, where they were not all read yet."""
        if self._every is None or number in self._whole:
            return
        self._whole.add(number)
        for delivery in self._every(number) if self._planned is None or number in self._planned else ():
            self._read(delivery)

    def fetch(self, keys: Iterable[str]) -> None:
        """Reads those that were not looked at yet, in one call."""
        wanted = [key for key in dict.fromkeys(keys) if key not in self._known and key not in self._absent]
        if self._some is None or not wanted:
            return
        there = [key for key in wanted if self._may_be(key)]
        for delivery in self._some(there) if there else ():
            self._read(delivery)
        self._absent.update(key for key in wanted if key not in self._known)

    def _may_be(self, key: str) -> bool:
        named = _VERSION.search(key)
        if named is None:
            return True
        number = int(named[1])
        return number not in self._whole and (self._planned is None or number in self._planned)

    def _read(self, delivery: Delivery) -> None:
        if delivery.key not in self._known:
            self._known[delivery.key] = delivery
            self._before[delivery.key] = dict(delivery.__dict__)

    def __getitem__(self, key: str) -> Delivery:
        self.fetch([key])
        return self._known[key]

    def __setitem__(self, key: str, delivery: Delivery) -> None:
        self._known[key] = delivery

    def __delitem__(self, key: str) -> None:
        del self._known[key]

    def __iter__(self) -> Iterator[str]:
        self.load()
        return iter(sorted(self._known))

    def __len__(self) -> int:
        self.load()
        return len(self._known)


class Versions:
    """The response versions of a case, each read when it is first asked for; who goes through them reads them all.

    Without readers it is a case that is being written. `changed` knows what became of those that were looked at.
    """

    def __init__(
        self,
        one: Callable[[int], ResponseVersion | None] | None = None,
        every: Callable[[], list[ResponseVersion]] | None = None,
    ) -> None:
        self._one, self._every = one, every
        self._known: list[ResponseVersion] = []
        self._before: dict[int, dict[str, Any]] = {}

    @property
    def all_read(self) -> bool:
        """Whether there is none that was not looked at."""
        return self._every is None

    def get(self, number: int) -> ResponseVersion | None:
        """The version of that number, or None."""
        for version in self._known:
            if version.version == number:
                return version
        found = self._one(number) if self._one is not None and self._every is not None else None
        if found is not None:
            self._read(found)
        return found

    def every(self) -> list[ResponseVersion]:
        """All of them in order; who writes a new one appends it here."""
        if self._every is not None:
            every, self._every = self._every, None
            looked_at = {version.version: version for version in self._known}
            # Whoever was looked at before is what the rules have in hand, and may have changed.
            self._known = []
            for version in every():
                if (known := looked_at.get(version.version)) is not None:
                    self._known.append(known)
                else:
                    self._read(version)
        return self._known

    def replace(self, versions: list[ResponseVersion]) -> None:
        """These are the versions of the case."""
        self.every()
        self._known = versions

    def changed(self) -> list[ResponseVersion]:
        """Those that are new, or otherwise than they were read."""
        return [one for one in self._known if self._before.get(one.version) != one.model_dump()]

    def looked_at(self) -> list[ResponseVersion]:
        """Those that were read or added."""
        return list(self._known)

    def _read(self, version: ResponseVersion) -> None:
        self._known.append(version)
        self._before[version.version] = version.model_dump()


def line_of(version: ResponseVersion) -> VersionLine:
    """What a case knows of a version without reading it."""
    review = None
    if version.state == "in_review":
        given = [approval.by for approval in version.approvals]
        review = ReviewLine(asked=version.reviewers, given=given, needed=version.approvals_needed)
    return VersionLine(
        version=version.version,
        kind=version.kind,
        state=version.state,
        by=version.by,
        at=version.at,
        languages=list(version.texts),
        channel=version.answer.channel if version.answer is not None else None,
        corrects=version.corrects,
        content_hash=version.content_hash
        if version.kind == "response" and version.state == "approved"
        else "",
        review=review,
    )


@dataclass
class CaseFile:
    """A loaded case and everything that the running change adds to it."""

    case: Case
    now: datetime
    by: str
    versions: Versions = field(default_factory=Versions)
    deliveries: Deliveries = field(default_factory=Deliveries)
    messages: list[Message] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    intents: list[Intent] = field(default_factory=list)
    extra_writes: list[Write] = field(default_factory=list)
    let_go: list[str] = field(default_factory=list)
    """Keys of deliveries that the freeze held and holds no longer."""
    show: Callable[[CaseFile], dict[str, Any] | None] | None = None
    """Draws what the desk shows of the case, which is written with it."""
    lines_drawn: bool = False
    """Whether what the case knows of its versions was brought up to date at the end of this change."""
    woken: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    """Waits for a delivery that end with this change: its key, the token, and with what."""

    def __post_init__(self) -> None:
        self._began = (self.case.status == "closed", self.case.round)

    def again(self, now: datetime, by: str) -> CaseFile:
        """What was read, for a change by `by` at `now`."""
        return CaseFile(self.case, now, by, self.versions, self.deliveries)

    @property
    def responses(self) -> list[ResponseVersion]:
        """Every version with its texts, in order; it reads them all. Most rules need `lines` alone."""
        return self.versions.every()

    @responses.setter
    def responses(self, versions: list[ResponseVersion]) -> None:
        self.versions.replace(versions)

    @property
    def lines(self) -> list[VersionLine]:
        """What the case knows of its versions, in order; none is read, but where the case is older than that knowledge."""
        kept = self.case.version_lines
        if kept is None or self.versions.all_read:
            return [line_of(version) for version in self.versions.every()]
        if not self.versions.looked_at():
            return kept
        changed = {version.version: line_of(version) for version in self.versions.changed()}
        return [changed.get(line.version, line) for line in kept]

    def line(self, number: int) -> VersionLine | None:
        """What the case knows of that version, or None where there is none."""
        for line in self.lines:
            if line.version == number:
                return line
        version = self.version(number)
        return line_of(version) if version is not None else None

    @property
    def over(self) -> bool:
        """Whether this change closes the case or classifies it anew."""
        return self._began != (self.case.status == "closed", self.case.round)

    def note(self, kind: str, **data: Any) -> None:
        """Append an event to the timeline."""
        case = self.case
        event = timeline.chained(
            case.id, case.timeline_seq + 1, self.now, kind, self.by, data, case.timeline_hash
        )
        case.timeline_seq, case.timeline_hash = event.seq, event.hash
        self.events.append(event)

    def start(self, machine: str, name: str, **payload: Any) -> None:
        """Have `relay` start an execution under a deterministic name; starting it twice is harmless."""
        self._intend("start", machine=machine, name=name, payload=payload)

    def resume(self, token: str, output: dict[str, Any]) -> None:
        """Have `relay` end the wait of a procedure with `output`."""
        self._intend("resume", token=token, payload=output)

    def _intend(self, action: Any, **what: Any) -> None:
        # The revision makes the id unique per change, and orders intents as they were meant.
        number = f"{self.case.revision + 1:08d}-{len(self.intents):03d}"
        self.intents.append(
            Intent(id=number, partition=f"CASE#{self.case.id}", action=action, at=self.now, **what)
        )

    def version(self, number: int) -> ResponseVersion | None:
        """The response version of that number with its texts, or None."""
        return self.versions.get(number)

    def latest(self, *kinds: str) -> VersionLine | None:
        """The newest version of these kinds (all kinds where none is named)."""
        fitting = [line for line in self.lines if not kinds or line.kind in kinds]
        return fitting[-1] if fitting else None

    @property
    def approved(self) -> VersionLine | None:
        """The approved response of the case: the newest version of kind `response`, where it stands approved."""
        latest = self.latest("response")
        return latest if latest is not None and latest.state == "approved" else None

    def deliveries_of(self, version: int) -> list[Delivery]:
        """The deliveries of one version, in the order of their keys; none is read where the case knows that it has none."""
        self.deliveries.load_version(version)
        return [one for one in self.deliveries.looked_at() if one.version == version]
