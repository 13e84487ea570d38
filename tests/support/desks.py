"""A desk on the in-memory table, with channels that keep what really reached them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import sangfroid
from sangfroid.casefile import CaseFile
from sangfroid.desk import Desk
from sangfroid.model import CaseNumber, Intent, ResponseKind, ResponseVersion, Submission
from sangfroid.organisation import Organisation, load
from sangfroid.organisation_parts import Brand
from sangfroid.outbound.channels.base import NothingOfItsOwn
from sangfroid.outbound.errors import ChannelFault, ChannelRefused
from sangfroid.outbound.letter import Letter, Receipt
from sangfroid.store import content
from sangfroid.table import Put, Write
from sangfroid.triage.report import Report, Verdict
from tests.support.memory_table import MemoryTable

EXAMPLE = Path(sangfroid.__file__).parent / "organisation.example.yaml"
NINE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@dataclass
class Platform(NothingOfItsOwn):
    """A platform that counts publications as a server does: every call that reaches it is one, whatever its key.

    `fault` decides about a call before it counts; raising after `self.publish_for_real` is a lost answer. `ever` keeps the key
    of every publication, also of those that were taken back.
    """

    channel: str
    published: list[Letter] = field(default_factory=list)
    fault: Callable[[Platform, Letter], None] | None = None
    idempotent: bool = False
    ever: list[str] = field(default_factory=list)

    def answers(self, url: str) -> bool:
        return url.startswith("https://")

    def publish_for_real(self, letter: Letter) -> Receipt:
        self.published.append(letter)
        self.ever.append(letter.key)
        return Receipt(
            f"{self.channel}/{len(self.published)}", f"https://{self.channel}.example/{len(self.published)}"
        )

    def publish(self, letter: Letter) -> Receipt:
        if self.fault is not None:
            self.fault(self, letter)
        return self.publish_for_real(letter)

    def find(self, letter: Letter) -> Receipt | None:
        for number, one in enumerate(self.published, 1):
            if one.key == letter.key:
                return Receipt(f"{self.channel}/{number}", f"https://{self.channel}.example/{number}")
        return None

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        if not any(one.key == letter.key and one.text == letter.text for one in self.published):
            raise ChannelRefused("not there")
        return receipt

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        self.published = [one for one in self.published if one.key != letter.key]


def two_brands() -> Organisation:
    """The example's organisation with a second brand."""
    example = load(EXAMPLE)
    return example.model_copy(update={"brands": [*example.brands, Brand(name="Cirrus")]})


class OneVerdict:
    """A classifier whose verdict a test chooses; triage itself has tests of its own."""

    def __init__(self, **changes: Any) -> None:
        self.changes = changes
        self.sure_from = 0.9

    def classify(self, report: Report) -> Verdict:
        plain: dict[str, Any] = {
            "case": 2, "leak": False, "leak_suspected": False, "author": "customer", "severity": "high",
            "confidence": 0.99, "by": "model", "why": "chosen by the test",
        }  # fmt: skip
        return Verdict.model_validate(plain | self.changes)


class RelayedTable(MemoryTable):
    """The table with what `relay` does of its stream: notes of deliveries, and what a change left to be written of many."""

    def __init__(self) -> None:
        super().__init__()
        self.desk: Desk | None = None

    def transact(self, writes: Sequence[Write]) -> None:
        super().transact(writes)
        put = [write.item for write in writes if isinstance(write, Put)]
        for item in put:
            if self.desk is None or not str(item["sk"]).startswith("INTENT#"):
                continue
            intent = Intent.model_validate(content(item))
            if intent.action == "note":
                self.desk.publication.take_notes(intent.partition.removeprefix("CASE#"))
            elif intent.action == "settle":
                self.desk.publication.settle_rest(intent)
                self.desk.procedures.carried_out([intent])


class TestDesk:
    """A desk, its clock, its table and its platforms."""

    __test__ = False

    def __init__(self, organisation: Organisation | None = None, **verdict: Any) -> None:
        self.now = NINE
        self.organisation = organisation or load(EXAMPLE)
        self.table = RelayedTable()
        self.platforms = {channel.id: Platform(channel.id) for channel in self.organisation.channels}
        self.desk = Desk(
            self.table,
            self.organisation,
            lambda: OneVerdict(**verdict),
            lambda channel: self.platforms[channel],
            lambda: self.now,
        )
        self.table.desk = self.desk

    def pending(self, action: str) -> list[Intent]:
        """Intents of this kind that nobody has carried out."""
        items = [item for key, item in sorted(self.table.items.items()) if key[1].startswith("INTENT#")]
        return [one for one in map(Intent.model_validate, map(content, items)) if one.action == action]

    def advance(self, span: timedelta) -> None:
        self.now += span

    def report(
        self,
        *,
        ago: timedelta = timedelta(hours=1),
        key: str | None = None,
        text: str = "C'est en panne",
        **more: Any,
    ) -> str:
        body: dict[str, Any] = {
            "brand": "Nuage SA",
            "message": {"text": text, "platform": "x", "published_at": (self.now - ago).isoformat()},
        } | more
        answer = self.desk.reports.submit(Report.model_validate(body), body, key, "rita")
        return str(answer["case_id"])

    def triage(
        self, case_id: str, number: CaseNumber | None, *, leak: bool = False, reason: str = "we looked at it"
    ) -> CaseFile:
        """A person says what it is."""
        return self.desk.triage.decide(case_id, number, leak, reason, "ana")

    def write(
        self,
        case_id: str,
        texts: dict[str, str],
        kind: ResponseKind | None = None,
        *,
        by: str = "ana",
        **more: Any,
    ) -> ResponseVersion:
        """A new version of the response, or what follows it."""
        return self.desk.responses.submit(case_id, Submission(texts, kind, **more), by)

    def review(self, case_id: str, version: ResponseVersion, *by: str, approve: bool = True) -> None:
        """Each of these people (Emma where none is named) decides over the version as it was written."""
        for who in by or ("emma",):
            self.desk.responses.review(
                case_id, version.version, approve, version.content_hash, "", who, director=False
            )

    def approve(self, case_id: str, texts: dict[str, str], kind: ResponseKind | None = None) -> int:
        """A text written by one person and approved by as many others as it needs; the number of its version."""
        version = self.write(case_id, texts, kind)
        self.review(case_id, version, *("emma", "dora", "dirk")[: version.approvals_needed])
        return version.version

    def answer(self, case_id: str, message: str, texts: dict[str, str], to: str) -> ResponseVersion:
        """An answer to the author of one message, by e-mail."""
        way = self.desk.responses.one_to_one(case_id, message, None, to)
        return self.write(case_id, texts, answer=way, kind="answer")

    def propose_to_retract(self, case_id: str, key: str, reason: str = "wrong") -> None:
        """One person proposes to take a publication back."""
        self.desk.publication.retract(case_id, key, reason, "ana", may_propose=True, may_confirm=False)

    def retract(self, case_id: str, key: str, reason: str = "wrong") -> None:
        """A publication is to be taken back: proposed by one person, confirmed by another."""
        self.propose_to_retract(case_id, key, reason)
        self.desk.publication.retract(case_id, key, "yes", "emma", may_propose=False, may_confirm=True)

    def freeze(self, case_id: str | None = None) -> dict[str, Any]:
        """A director freezes all communication; the freeze as it is shown."""
        return self.desk.freezer.raise_freeze(case_id, "a leak", "dora")

    def release(self, scope: Literal["statement", "all"], case_id: str | None = None) -> dict[str, Any]:
        """Two directors release a stage of the freeze; the freeze as it is shown."""
        self.desk.freezer.release(scope, "over", "dora", case_id=case_id)
        complete, shown = self.desk.freezer.release(scope, "over", "dirk", case_id=case_id)
        assert complete
        return shown

    def publish(self, case_id: str, version: int, wave: Any = "all") -> None:
        """Attempt every delivery of a wave until none is left that a machine could still bring out now."""
        for key in self.desk.publication.plan(case_id, version, wave)["deliveries"]:
            for _ in range(50):
                try:
                    sent = self.desk.publication.send(case_id, key)
                except ChannelFault:  # pragma: no cover - the door lets none through
                    raise
                if sent.outcome != "retry":
                    break
                assert sent.until is not None
                self.now = max(self.now, sent.until)

    def take_back(self, case_id: str) -> None:
        """Attempt every retraction that was confirmed."""
        for delivery in list(self.desk.casework.read(case_id).deliveries.values()):
            if delivery.act == "retract":
                self.publish(case_id, delivery.version or 0, f"retraction:{delivery.key}")

    def reached(self, *audiences: str) -> list[Letter]:
        """What reached the platforms of these audiences."""
        return [
            letter
            for platform in self.platforms.values()
            for letter in platform.published
            if letter.audience in audiences
        ]
