"""The one teller: whatever the desk tells people, a notice about a case or a page about the freeze, is told here.

Each is written once an occasion and reader, and leaves through the one door; a repeated step tells nobody twice (I6).
"""

from __future__ import annotations

from contextlib import suppress

from sangfroid.model import Delivery
from sangfroid.outbound.door import Door, Sent
from sangfroid.store import delivery_place, put_delivery
from sangfroid.table import ConditionFailed, Table


class Teller:
    """Tells people, one letter each."""

    def __init__(self, table: Table, door: Door) -> None:
        self._table = table
        self._door = door

    def tell(self, letter: Delivery) -> Sent:
        """Write the letter where no earlier attempt has, and send it."""
        with suppress(ConditionFailed):  # written by an earlier attempt; the door knows whether it went out
            self._table.transact([put_delivery(letter)])
        return self._door.send(delivery_place(letter))
