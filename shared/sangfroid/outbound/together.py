"""Many sendings at once: read in one call, claimed in one transaction, called side by side, settled in one transaction.

Nothing of what the door promises changes: each sending has a claim and a permit of its own, every claim stands in the same
commit as the check of the freeze, and each call is settled whatever becomes of the others. Where anything stands in the way
of doing it together, each is sent by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from threading import Lock
from typing import Protocol

from sangfroid import side_by_side
from sangfroid.errors import StoreRefused
from sangfroid.outbound.beside import Beside, End
from sangfroid.outbound.calling import Caller
from sangfroid.outbound.sending import Addressed, Claim, Decided, Place, Ready, Sent
from sangfroid.outbound.settling import Ends, Settlement, Settler
from sangfroid.store.seen import Seen
from sangfroid.table import ConditionFailed, Item, Put, Table, Write

TOGETHER = 10
"""As many as are claimed and settled in one transaction: at most five writes each, of the hundred that the store takes."""

WINDOW = 2.0
"""Seconds from the beginning of the calls: what is over by then is settled in one transaction, all else when it is over."""

LOOKS_TOGETHER = 2
"""How often all are looked at together; where somebody else has written again by then, each is sent by itself."""


class Sender(Protocol):
    """What the door does for one delivery."""

    def look(self, letters: Iterable[Addressed], seen: Seen, *, again: bool) -> None:
        """Read in one call what their sendings will want."""

    def prepare(
        self, letter: Addressed, seen: Seen, opened: Item | None = None, *, again: bool
    ) -> Ready | Decided | Sent:
        """Decide about one: what may leave now is ready to be claimed. Nothing is written yet."""

    def attempt(self, letter: Addressed) -> Sent:
        """One attempt, by itself."""


class Together:
    """Sends many at once."""

    def __init__(self, table: Table, sender: Sender, caller: Caller, settler: Settler) -> None:
        self._table = table
        self._sender = sender
        self._caller = caller
        self._settler = settler

    def send(
        self, letters: Sequence[Addressed], opened: Item | None = None, beside: Beside | None = None
    ) -> list[Sent]:
        """One attempt at each; what came of them, in their order. More than TOGETHER go in several groups, side by side.

        What is raised is raised when every other one is settled. `beside`: what the sender writes in the same transactions.
        """
        sents: dict[int, Sent] = {}
        numbered = list(enumerate(letters))
        groups = [dict(numbered[start : start + TOGETHER]) for start in range(0, len(letters), TOGETHER)]
        together = beside or Beside()
        if len(groups) > 1:
            together.begin_by_itself(self._table)
            together = Beside(known=together.known)
        _side_by_side([partial(self._group, group, opened, together, sents) for group in groups])
        return [sents[number] for number in range(len(letters))]

    def _group(
        self, letters: dict[int, Addressed], opened: Item | None, beside: Beside, sents: dict[int, Sent]
    ) -> None:
        claims = self._claimed(letters, opened, beside, sents)
        calls = _Calls(self._settler, sents, len(letters), beside.end)

        def by_itself(number: int) -> None:
            sents[number] = self._sender.attempt(letters[number])

        alone = [number for number in letters if number not in sents and number not in claims]
        if alone:
            beside.begin_by_itself(self._table)
        works = [partial(self._call, calls, number, claim) for number, claim in claims.items()]
        _side_by_side([*works, *(partial(by_itself, number) for number in alone)], calls.settle)

    def _claimed(
        self, letters: dict[int, Addressed], opened: Item | None, beside: Beside, sents: dict[int, Sent]
    ) -> dict[int, Claim]:
        """The claims of all that may leave now, committed in one transaction with whatever else was decided (in `sents`).

        Who is in neither is to be sent by itself.
        """
        left = dict(letters)
        for look in range(LOOKS_TOGETHER):
            seen, again = Seen(self._table), look > 0
            if not again:
                seen.know(beside.known)
            self._sender.look(left.values(), seen, again=again)
            writes: dict[Place, Write] = {}
            ready: dict[int, Ready | Decided] = {}
            for number, letter in left.items():
                decided = self._decided(letter, seen, None if again else opened, again=again)
                if isinstance(decided, Sent):
                    sents[number] = decided
                elif decided is not None and _joins(writes, decided.writes):
                    ready[number] = decided
            if not ready:
                break
            try:
                self._table.transact([*writes.values(), *beside.begin])
            except ConditionFailed:
                # Frozen, voided or taken by another sender in between: nothing was claimed.
                left = {number: left[number] for number in ready}
                continue
            except StoreRefused:
                break  # one of them is not what the store takes
            beside.begin = ()
            sents |= {number: one.sent for number, one in ready.items() if isinstance(one, Decided)}
            return {number: one.committed() for number, one in ready.items() if isinstance(one, Ready)}
        return {}

    def _decided(
        self, letter: Addressed, seen: Seen, opened: Item | None, *, again: bool
    ) -> Ready | Decided | Sent | None:
        try:
            return self._sender.prepare(letter, seen, opened, again=again)
        except Exception:  # noqa: BLE001 - it holds up no other; by itself it is looked at anew, and raises what it raises
            return None

    def _call(self, calls: _Calls, number: int, claim: Claim) -> None:
        calls.over(number, self._caller.call(claim))


class _Calls:
    """Calls under way: what is over when the window closes is settled together, and each later one by itself."""

    def __init__(self, settler: Settler, sents: dict[int, Sent], letters: int, end: End | None) -> None:
        self._settler = settler
        self._sents = sents
        self._letters = letters
        self._end = end
        self._guard = Lock()
        self._over: dict[int, Settlement] | None = {}

    def over(self, number: int, done: Settlement) -> None:
        """A call has ended, on the thread that made it."""
        with self._guard:
            if self._over is not None:
                self._over[number] = done
                return
        self._sents[number] = self._settler.settle(done)

    def settle(self) -> None:
        """The window closes."""
        with self._guard:
            over, self._over = dict(sorted((self._over or {}).items())), None
        if over:
            settled = self._settler.settle_together(list(over.values()), self._ends(over))
            self._sents.update(zip(over, settled, strict=True))

    def _ends(self, over: dict[int, Settlement]) -> Ends | None:
        """Who commits the settlement with something of their own: only where nothing is left that would come after it."""
        end, all_over = self._end, self._sents | {number: done.sent for number, done in over.items()}
        if end is None or len(all_over) < self._letters:
            return None
        return partial(end, [all_over[number] for number in sorted(all_over)])


def _side_by_side(works: Sequence[side_by_side.Work], meanwhile: side_by_side.Work = lambda: None) -> None:
    """Each work on a thread of its own; a single one needs none."""
    if len(works) > 1:
        side_by_side.run(works, WINDOW, meanwhile)
    else:
        for work in works:
            work()
        meanwhile()


def _joins(writes: dict[Place, Write], more: Sequence[Write]) -> bool:
    """Whether these writes fit into one transaction with the others, which may touch no item in two ways; then they are added.

    A check that stands there already is made once for all.
    """
    added = {
        (one.item["pk"], one.item["sk"]) if isinstance(one, Put) else (one.pk, one.sk): one for one in more
    }
    if any(place in writes and writes[place] != one for place, one in added.items()):
        return False
    writes |= added
    return True
