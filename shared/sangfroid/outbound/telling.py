"""The one teller: whatever the desk tells people, a notice about a case or a page about the freeze, is told here.

Each is written once an occasion and reader, and leaves through the one door; a repeated step tells nobody twice (I6).
"""

from __future__ import annotations

from collections.abc import Sequence

from sangfroid.model import Delivery
from sangfroid.outbound.beside import Beside
from sangfroid.outbound.door import Door
from sangfroid.outbound.sending import Addressed, Sent
from sangfroid.store import delivery_place
from sangfroid.table import Item


class Teller:
    """Tells people, one letter each."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def tell(self, letter: Delivery, opened: Item | None = None) -> Sent:
        """Send the letter, written together with its claim; one that an earlier attempt has written is looked at as it stands.

        `opened`: the item of the freeze, as whoever tells many has just read it.
        """
        return self._door.send(delivery_place(letter), letter, opened)

    def tell_all(
        self, letters: Sequence[Delivery], opened: Item | None = None, beside: Beside | None = None
    ) -> list[Sent]:
        """Send letters that do not depend on one another, side by side: no way that hangs holds up another.

        What came of each, in their order. `opened` as `tell`; `beside`: what is written in the same transactions.
        """
        addressed = [Addressed(delivery_place(one), one) for one in letters]
        return self._door.send_together(addressed, opened, beside)
