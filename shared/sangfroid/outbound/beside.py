"""What whoever sends letters writes besides, in the very transactions by which they are claimed and settled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sangfroid.outbound.sending import Place, Sent
from sangfroid.table import Item, Table, Write

ATTEMPTS_BESIDE = 3
"""How often a change of the case is tried together with a settlement; then each is written by itself: a freeze waits for it."""

End = Callable[[list[Sent], list[Write]], bool]
"""Gets what came of each letter, in their order, and the writes that settle them. It commits these with its own and says True,
or commits nothing and says False. Whatever it raises, each letter is settled by itself.
"""


@dataclass
class Beside:
    """`begin` is committed with the claims, or before any of the letters is claimed by itself.

    `end` is asked where all letters are over at once; nobody else asks it. `known`: items as they were just read, which the first
    look need not read again.
    """

    begin: Sequence[Write] = ()
    end: End | None = None
    known: Mapping[Place, Item | None] = field(default_factory=dict)

    def begin_by_itself(self, table: Table) -> None:
        """Commit what begins, where it was not committed with claims. Raises ConditionFailed: then nothing may be sent."""
        if self.begin:
            table.transact(list(self.begin))
            self.begin = ()
