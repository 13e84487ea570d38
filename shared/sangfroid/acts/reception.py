"""A report comes in: into the open case of the same brand that tells of the same event, or as a new case (I1, I7).

Which case it is, is found by a bounded number of reads of single items, never by looking through cases. While a case is
young every report is a change of it. In a storm, a report that changes nothing of the case (no earlier origin, nothing newly
vouched for, no condition come true) only leaves its message and a mark on a counter: parallel reports do not wait for each other.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sangfroid.acts import arrivals
from sangfroid.casefile import CaseFile
from sangfroid.cases import classification, clocks, intake, joining, no_response, titles
from sangfroid.casework import Casework
from sangfroid.errors import NotFound, Unavailable
from sangfroid.freeze.procedure import Freezer
from sangfroid.model import Case, Message, rfc3339
from sangfroid.store import CHANGE_ATTEMPTS, CaseStore, message_write, messages_key
from sangfroid.table import ConditionFailed, Item, Put, Write
from sangfroid.triage.report import IncidentReport, ReportedMessage

CALM = 20
"""Up to so many messages, each report is a change of the case with its own line in the timeline."""

SETTLE_EVERY = 20
"""So many reports of one counter are taken over into the case at once."""

TEXTS_COMPARED = 3
CHAIN = 5
INDEXED_FOR = timedelta(days=30)
Answer = dict[str, Any]


class Reception:
    """Takes reports in."""

    def __init__(self, casework: Casework, freezer: Freezer) -> None:
        self._casework = casework
        self._store = casework.store
        self._freezer = freezer

    def take_in(
        self, report: IncidentReport, now: datetime, by: str, key: str | None, fingerprint: str
    ) -> Answer:
        """One attempt; raises ConditionFailed where another report of the same event was faster: look again."""
        arrival = _Arrival(self._store, report, now, by, key, fingerprint)
        for case_id, how in arrival.exactly():
            answer = self._join(arrival, case_id, how)
            if answer is not None:
                return answer
        for case_id, how in arrival.nearly():
            answer = self._join(arrival, case_id, how)
            if answer is not None:
                return answer
        return self._open(arrival)

    def _open(self, arrival: _Arrival) -> Answer:
        report, now = arrival.report, arrival.now
        case_id = f"case-{now:%Y%m%d}-{uuid4().hex[:10]}"
        file = intake.open_case(case_id, arrival.incident_id, report, now, arrival.by)
        if report.asserted.confidential_leak:
            self._freezer.hold(file, "an insider vouches for a leak")
        answer = arrival.answer(case_id, joined=False)
        file.extra_writes += [*arrival.ties(case_id, answer), *arrival.index(case_id)]
        file.extra_writes.append(arrivals.first(case_id, now))
        self._casework.open(file)
        return answer

    def _join(self, arrival: _Arrival, case_id: str, how: str) -> Answer | None:
        """Into that case, or into the one that it was merged into; None where it is closed."""
        for _ in range(CHAIN):
            head = self._store.head(case_id)
            if head is None:
                return None
            if head.status != "closed":
                break
            case_id = head.links.merged_into or ""
            if not case_id:
                return None
        else:
            return None
        if not self._only_adds(head, arrival.report):
            return self._join_fully(arrival, case_id, how)
        if head.message_count < CALM:
            with suppress(Unavailable):
                return self._join_fully(arrival, case_id, how, attempts=3)
        return self._join_lightly(arrival, case_id)

    @staticmethod
    def _only_adds(case: Case, report: IncidentReport) -> bool:
        """Whether the report changes nothing of the case but its number of messages."""
        vouched = report.asserted.model_dump(exclude_unset=True)
        news = any(case.asserted.get(fact) in (None, False) and value for fact, value in vouched.items())
        if report.message is None:
            return not news
        earlier = case.first_published_at is None or report.message.published_at < case.first_published_at
        author = report.message.author.model_dump()
        reopens = no_response.would_reopen(case, report.message.platform, author)
        return not (news or earlier or reopens)

    def _join_fully(
        self, arrival: _Arrival, case_id: str, how: str, attempts: int = CHANGE_ATTEMPTS
    ) -> Answer | None:
        def join(file: CaseFile) -> Answer | None:
            if file.case.status == "closed":
                return None
            if intake.join_case(file, arrival.incident_id, arrival.report, how):
                classification.by_insider(file, self._casework.organisation)
                self._freezer.hold(file, "an insider vouches for a leak")
            arrivals.settle(file, self._store)
            counted = arrivals.count(self._store, case_id, file.now, _shard(), light=False)
            answer = arrival.answer(case_id, joined=True)
            file.extra_writes += [counted.write, *arrival.ties(case_id, answer)]
            return answer

        return self._casework.change(case_id, arrival.by, join, attempts)

    def _join_lightly(self, arrival: _Arrival, case_id: str) -> Answer:
        """The message and a mark on a counter, without a change of the case."""
        answer = arrival.answer(case_id, joined=True)
        counted = arrivals.count(self._store, case_id, arrival.now, _shard(), light=True)
        writes: list[Write] = [message_write(arrival.message(case_id)), counted.write]
        # A mark on a shard that another report took at this moment fails: the whole report is looked at again.
        self._store.table.transact([*writes, *arrival.ties(case_id, answer)])
        head = self._store.head(case_id)
        if head is None or head.status == "closed":
            # It closed at this very moment, so nobody would see the message there: it is looked at again.
            again = _Arrival.after(arrival)
            into = head.links.merged_into if head else None
            return (self._join_fully(again, into, "words") if into else None) or self._open(again)
        said = arrival.report.message
        if said is not None and (
            head.first_published_at is None or said.published_at < head.first_published_at
        ):
            self._casework.change(case_id, arrival.by, lambda file: _move(file, said))
        if counted.light % SETTLE_EVERY == 1:
            self.settle(case_id)
        return answer

    def settle(self, case_id: str) -> None:
        """Take over what joined without a change of the case. Somebody else does it where the case is busy now."""
        with suppress(Unavailable, NotFound, ConditionFailed):
            self._casework.change(
                case_id, "sangfroid", lambda file: arrivals.settle(file, self._store), attempts=2
            )


def _shard() -> int:
    return random.randrange(arrivals.SHARDS)  # noqa: S311 - it only spreads the writers


def _move(file: CaseFile, said: ReportedMessage) -> None:
    known = file.case.first_published_at
    if (known is None or said.published_at < known) and file.case.status != "closed":
        titles.consider(file.case, said.text, said.published_at)
        clocks.move_origin(file, said.published_at, "an earlier message joined")


class _Arrival:
    """One report on its way in, with what the index said about it."""

    def __init__(
        self,
        store: CaseStore,
        report: IncidentReport,
        now: datetime,
        by: str,
        key: str | None,
        fingerprint: str,
    ) -> None:
        self._store = store
        self.report = report
        self.now = now
        self.by = by
        self._key = key
        self._fingerprint = fingerprint
        self._again = False
        self.incident_id = f"inc-{uuid4().hex[:16]}"
        message = report.message
        prints = intake.prints(message) if message is not None else []
        linked = joining.linked_prints(message) if message is not None else []
        seen = store.seen(report.brand, [*prints, *linked])
        self._seen = {print_: seen[print_] for print_ in prints}
        self._linked = [seen[print_] for print_ in linked]
        self._entries: dict[str, Item | None] = {}
        # A case that begins with a question is found by the words of its notes, once the first message is public.
        self._topic = joining.topic(message.text if message is not None else report.notes, report.brand)
        self._bands = joining.bands(message.text) if message is not None else []

    @classmethod
    def after(cls, arrival: _Arrival) -> _Arrival:
        """The same report once more, with the index as it stands now."""
        again = cls(
            arrival._store, arrival.report, arrival.now, arrival.by, arrival._key, arrival._fingerprint
        )
        again._again = True
        again._read([*again._bands, *again._topic_keys])
        return again

    def answer(self, case_id: str, *, joined: bool) -> Answer:
        """What the reporter is told."""
        return {"case_id": case_id, "incident_id": self.incident_id, "joined": joined}

    @property
    def published(self) -> datetime | None:
        """When the message was published; None where nothing is public."""
        return self.report.message.published_at if self.report.message is not None else None

    def message(self, case_id: str) -> Message:
        """The message as it is kept, under an id of its own; only a report of a message joins."""
        said = self.report.message
        if said is None:
            raise ValueError("a report without a message joins no case")
        return Message(
            id="m-" + self.incident_id.removeprefix("inc-"),
            case_id=case_id,
            incident_id=self.incident_id,
            notes=self.report.notes,
            reported_by=self.by,
            reported_at=self.now,
            author=said.author.model_dump(),
            **said.model_dump(exclude={"author"}),
        )

    # -- which case

    def exactly(self) -> Iterator[tuple[str, str]]:
        """Cases of the same address or the very same words; then those of an address that the text links to."""
        found = set()
        for print_, case_id in self._seen.items():
            if case_id is not None and case_id not in found:
                found.add(case_id)
                yield case_id, "address" if print_.startswith("URL#") else "words"
        for case_id in self._linked:
            if case_id is not None and case_id not in found:
                found.add(case_id)
                yield case_id, "link"

    def nearly(self) -> Iterator[tuple[str, str]]:
        """Cases of a near-duplicate, then those of the same rare words within a day.

        None for a report that vouches for a leak: what freezes the company is never guessed into another case.
        """
        if self.report.message is None:
            self._read(self._topic_keys)  # what is not public yet is never guessed into another case
            return
        self._read([*self._bands, *self._topic_keys])
        if not self.report.asserted.confidential_leak:
            yield from ((case_id, "text") for case_id in self._copies())
        if not self.report.asserted.confidential_leak:
            yield from ((case_id, "topic") for case_id in self._topics())

    @property
    def _topic_keys(self) -> list[str]:
        return [f"TOPIC#{word}" for word in self._topic.words[: joining.TOPIC_LOOKUPS]]

    def _read(self, keys: list[str]) -> None:
        missing = [key for key in dict.fromkeys(keys) if key not in self._entries]
        self._entries |= self._store.indexed(self.report.brand, missing)

    def _copies(self) -> Iterator[str]:
        entries = [entry for key in self._bands if (entry := self._entries.get(key))]
        places = dict.fromkeys((entry["case_id"], entry["message"]) for entry in entries)
        for case_id, message in list(places)[:TEXTS_COMPARED]:
            item = self._store.table.get(messages_key(case_id), message)
            if (
                item
                and not item.get("withdrawn")
                and self.report.message is not None
                and joining.same_text(item["text"], self.report.message.text)
            ):
                yield case_id

    def _topics(self) -> Iterator[str]:
        entries = {entry["case_id"]: entry for key in self._topic_keys if (entry := self._entries.get(key))}
        for case_id, entry in entries.items():
            theirs = joining.Topic(tuple(entry["words"]), frozenset(entry["names"]))
            apart = abs((self.published or self.now) - datetime.fromisoformat(entry["at"]))
            if apart <= joining.TOPIC_WINDOW and joining.same_topic(self._topic, theirs):
                yield case_id

    # -- what is remembered of it

    def ties(self, case_id: str, answer: Answer) -> list[Write]:
        """The writes by which the same message, and the same idempotency key, lead to this case from now on."""
        writes: list[Write] = [
            self._store.remember_print(self.report.brand, print_, case_id, standing)
            for print_, standing in self._seen.items()
            if standing != case_id
        ]
        if self._key is not None:
            writes.append(
                self._store.remember(self._key, self._fingerprint, answer, self.now, again=self._again)
            )
        return writes

    def index(self, case_id: str) -> list[Write]:
        """The writes by which copies of the text and messages of the same topic lead to the case that it opened."""
        at = self.published or self.report.known_at or self.now
        place = f"{rfc3339(at)}#m000001"
        copy = {"case_id": case_id, "message": place}
        about = {
            "case_id": case_id,
            "at": rfc3339(at),
            "words": list(self._topic.words),
            "names": sorted(self._topic.names),
        }
        brand, kept = self.report.brand, self.now + INDEXED_FOR
        writes: list[Write] = [
            self._store.index(brand, key, copy, self._entries.get(key), kept) for key in self._bands
        ]
        for word in self._topic.words:
            key = f"TOPIC#{word}"
            entry = self._store.index(brand, key, about, self._entries.get(key), kept)
            # Only what was looked up is guarded against another report that is faster.
            writes.append(entry if key in self._entries else Put(entry.item))
        return writes
