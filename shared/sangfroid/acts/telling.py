"""A round of telling: its letters are composed first and leave together; whoever is not reached is told by another way.

What came of it stands in the timeline, and who was not reached by any way in the case too (I14).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from sangfroid.acts import whom
from sangfroid.acts.subjects import Subject
from sangfroid.casefile import CaseFile
from sangfroid.cases import waiting
from sangfroid.casework import Casework
from sangfroid.model import Called, Delivery, Message
from sangfroid.organisation_parts import Person, Reach
from sangfroid.outbound import notices, panels
from sangfroid.outbound.beside import ATTEMPTS_BESIDE, Beside
from sangfroid.outbound.channels.base import Channel
from sangfroid.outbound.previews import Previewer
from sangfroid.outbound.sending import Sent
from sangfroid.outbound.telling import Teller
from sangfroid.store import CHANGE_ATTEMPTS
from sangfroid.table import Item, Write

REMEMBERED = 48
"""Calls that a case remembers for one thing."""

log = logging.getLogger(__name__)


@dataclass
class Start:
    """How things stood when the act began: the case, and the item of the freeze (empty where none was ever raised).

    `first` gives the message by which the case began; it is read when it is asked for, and once. `fresh`: the act has not
    written the case since.
    """

    file: CaseFile
    opened: Item
    first: Callable[[], Message | None]
    fresh: bool = True


@dataclass(eq=False)
class Round:
    """One subject, and what came of telling it. `thing` is what the calls are remembered for, where they are."""

    subject: Subject
    scene: notices.Scene
    start: Start
    thing: str | None = None
    chosen: list[notices.Recipient] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    calls: list[Called] = field(default_factory=list)
    unreached: list[str] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)
    waiting: int = 0
    recorded: bool = False
    """Whether what came of it stands in the case."""

    @property
    def file(self) -> CaseFile:
        """The case as this act has read it."""
        return self.start.file

    def called(self, recipient: notices.Recipient, *, reached: bool) -> None:
        """Remember that somebody was called."""
        channel = recipient.channel
        self.calls.append(
            Called(
                person=recipient.name, channel=channel.id, audience=channel.audience, at=self.file.now, reached=reached,
                occasion=self.subject.occasion,
            )
        )  # fmt: skip


class Telling:
    """Tells rounds of one case and writes down what came of them."""

    def __init__(self, casework: Casework, teller: Teller, channels: Callable[[str], Channel]) -> None:
        self._casework = casework
        self._organisation = casework.organisation
        self._teller = teller
        self._previewer = Previewer(casework.organisation, channels)

    def send(self, letters: list[tuple[Round, notices.Recipient]], rounds: Sequence[Round] = ()) -> list[str]:
        """Tell each of these readers, all together; the outcomes, in their order.

        `rounds` begin with these letters: where all get through, what came of them is recorded in the settlement.
        """
        if not letters:
            return []
        composed = [self._letter(one, recipient) for one, recipient in letters]
        beside = Beside(end=partial(self._all_told, letters, rounds)) if rounds else None
        outcomes: list[str] = []
        sent = self._teller.tell_all(composed, letters[0][0].start.opened, beside)
        for (one, recipient), what in zip(letters, sent, strict=True):
            if (line := _said(recipient, what.outcome)) not in one.told:
                one.told.append(line)
            outcomes.append(what.outcome)
        return outcomes

    def _all_told(
        self,
        letters: list[tuple[Round, notices.Recipient]],
        rounds: Sequence[Round],
        sents: list[Sent],
        writes: list[Write],
    ) -> bool:
        """Where everybody was reached: recorded with the settlement of their letters. Else other ways are tried first."""
        if any(sent.outcome != "published" for sent in sents):
            return False
        ended = {
            id(one): replace(one, told=[*one.told], calls=[*one.calls], reached={*one.reached})
            for one in rounds
        }
        for begun, recipient in letters:
            one = ended[id(begun)]
            one.told.append(_said(recipient, "published"))
            one.reached.add(recipient.name)
            if one.thing is not None:
                one.called(recipient, reached=True)
        self._record(list(ended.values()), writes)
        for one in rounds:
            one.recorded = True
        return True

    def by_another_way(self, one: Round, person: Person, ways: Sequence[Reach]) -> bool:
        """Tell the person by the first of these ways that gets through."""
        (reached,) = self.by_other_ways([(one, person, ways)])
        return reached

    def by_other_ways(
        self,
        tried: list[tuple[Round, Person, Sequence[Reach]]],
        beside: Sequence[tuple[Round, notices.Recipient]] = (),
    ) -> list[bool]:
        """Tell each of these people by the first of their ways that gets through: the first ways together, then the second…

        `beside` leaves together with the first ones, whatever becomes of it.
        """
        reached = [False] * len(tried)
        for number in range(max((len(ways) for _, _, ways in tried), default=0)):
            now = [
                (place, one, whom.recipient(self._organisation, person, ways[number]))
                for place, (one, person, ways) in enumerate(tried)
                if not reached[place] and number < len(ways)
            ]
            letters = [(one, recipient) for _, one, recipient in now]
            outcomes = self.send([*letters, *(beside if number == 0 else ())])
            for (place, one, recipient), outcome in zip(now, outcomes, strict=False):
                reached[place] = outcome == "published"
                one.called(recipient, reached=reached[place])
        return reached

    def with_content(self, one: Round, person: Person, ways: Sequence[Reach]) -> bool:
        """Tell the person by the first of these ways that gets through. A page names nothing: what it is about leaves together
        with it, by the person's quiet way.
        """
        paged = whom.recipient(self._organisation, person, ways[0]).channel
        beside = self._content(one, person, paged.id) if paged.audience == "out_of_band" else []
        (reached,) = self.by_other_ways([(one, person, ways)], beside)
        if reached and not beside:
            self.send(self._content(one, person))
        return reached

    def _content(self, one: Round, person: Person, *paged: str) -> list[tuple[Round, notices.Recipient]]:
        """The person's quiet way that they were not told by; nothing where there is none."""
        told = {call.channel for call in one.calls if call.person == person.id}.union(paged)
        for way in person.reach:
            recipient = whom.recipient(self._organisation, person, way)
            if recipient.channel.audience != "out_of_band" and way.channel not in told:
                return [(one, recipient)]
        return []

    def record(self, rounds: list[Round]) -> None:
        """Who was told and who was not, in the timeline; who was not reached by any way also in the case."""
        self._record([one for one in rounds if not one.recorded])

    def _record(self, rounds: list[Round], writes: Sequence[Write] = ()) -> None:
        """`writes` are committed with it, or nothing is."""
        rounds = [one for one in rounds if one.told or one.unreached]
        if not rounds:
            return

        def act(file: CaseFile) -> None:
            file.extra_writes += writes
            for one in rounds:
                _noted(file, one)

        start = rounds[0].start
        # As the act has read it; once that was written over, or may have been, it is read anew.
        seen, start.fresh = start.file if start.fresh else None, False
        attempts = ATTEMPTS_BESIDE if writes else CHANGE_ATTEMPTS
        self._casework.change(start.file.case.id, "sangfroid", act, attempts, seen=seen)

    def _letter(self, one: Round, recipient: notices.Recipient) -> Delivery:
        """The notice for one reader. What cannot be composed is told by its bare page, never left out (I14)."""
        kind, scene = one.subject.kind, self._scene_for(one, recipient)
        panel, seen = None, None
        try:
            told = notices.compose(kind, scene, recipient)
            panel = panels.panel(kind, scene, recipient, self._previewer)
            seen = panels.answerable(kind, scene, recipient)
        except Exception:
            log.exception("A notice of kind %s could not be composed.", kind)
            told = notices.bare(kind, recipient, scene.organisation)
        return notices.notice(kind, one.subject.occasion, scene.file, recipient, told, panel, seen)

    @staticmethod
    def _scene_for(one: Round, recipient: notices.Recipient) -> notices.Scene:
        """With what the reader is shown: the message that began it is read only for whoever gets to see it."""
        if not notices.quotes(one.subject.kind, one.file.case, recipient):
            return one.scene
        return replace(one.scene, message=one.start.first())


def _said(recipient: notices.Recipient, outcome: str) -> str:
    """What the timeline says of one letter."""
    return f"{recipient.name}@{recipient.channel.id}: {outcome}"


def _noted(file: CaseFile, one: Round) -> None:
    """Write down in the case what came of a round."""
    case, subject, thing = file.case, one.subject, one.thing
    file.note("notified", notice=subject.kind, occasion=subject.occasion, recipients=one.told)
    if thing is not None and one.calls:
        standing = {entry.id for entry in waiting.waits(file)} | {thing}
        standing |= {f"clock:{clock.id}" for clock in case.clocks}
        kept = {key: calls for key, calls in case.calls.items() if key in standing}
        case.calls = kept | {thing: [*case.calls.get(thing, []), *one.calls][-REMEMBERED:]}
    for person in one.reached:
        case.unreached.pop(person, None)
    if one.unreached:
        file.note("not_reached", notice=subject.kind, occasion=subject.occasion, people=one.unreached)
        case.unreached |= dict.fromkeys(one.unreached, file.now)
