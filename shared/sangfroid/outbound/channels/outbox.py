"""`outbox`: the desk's own record as a channel, for rehearsals and for places where a person publishes by hand.

What is sent is kept in the table under its key; the key is the idempotency key.
"""

from __future__ import annotations

from contextlib import suppress

from sangfroid.outbound.channels.base import Correction, Limits, NothingOfItsOwn, Parts
from sangfroid.outbound.errors import ChannelRefused
from sangfroid.outbound.letter import Letter, Receipt
from sangfroid.table import ABSENT, ConditionFailed, Delete, Item, Put


class Outbox(NothingOfItsOwn):
    """Keeps every letter in the store; reads it back from there."""

    idempotent = True

    def __init__(self, parts: Parts) -> None:
        self._channel = parts.channel_id
        self._table = parts.table
        self._kept: dict[str, str] = {}
        limit = parts.settings.get("max_characters")
        self._limits = Limits(int(limit) if limit is not None else None)
        self._edits = bool(parts.settings.get("edits"))

    def limits(self) -> Limits:
        """`max_characters` of the settings."""
        return self._limits

    def correction(self, letter: Letter) -> Correction:
        """In the place of what it corrects, where the settings say `edits: true`; else a publication of its own."""
        return "edit" if self._edits else "anew"

    def answers(self, url: str) -> bool:
        """Whoever publishes by hand can answer anything."""
        return True

    def publish(self, letter: Letter) -> Receipt:
        """Keep the letter; a second time under the same key changes nothing."""
        if (
            self._limits.max_characters is not None
            and self._limits.count(letter.text) > self._limits.max_characters
        ):
            raise ChannelRefused(f"longer than {self._limits.max_characters} characters", permanent=True)
        if letter.corrects is not None and self._edits:
            return self._edit(letter, letter.corrects)
        # Where it was kept before, nothing is to be done: that is what the key is for.
        with suppress(ConditionFailed):
            self._table.transact([Put(self._item(letter, letter.key), ABSENT)])
            self._kept[letter.key] = letter.text
        return self._receipt(letter)

    def _edit(self, letter: Letter, corrects: Receipt) -> Receipt:
        """What was kept, with other words; its id stays."""
        changed = self._item(letter, corrects.external_id)
        try:
            self._table.transact([Put(changed, {"sk": corrects.external_id})])
        except ConditionFailed as gone:
            raise ChannelRefused("what it corrects is not kept any more", permanent=True) from gone
        self._kept[letter.key] = letter.text
        return corrects

    def _item(self, letter: Letter, key: str) -> Item:
        return {"pk": self._place, "sk": key, "recipient": letter.recipient, **letter.shown()}

    def find(self, letter: Letter) -> Receipt | None:
        """The receipt of an earlier publication under the key."""
        if letter.corrects is not None and self._edits:
            item = self._table.get(self._place, letter.corrects.external_id)
            return letter.corrects if item is not None and item["key"] == letter.key else None
        return self._receipt(letter) if self._table.get(self._place, letter.key) else None

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """The letter as kept, compared byte for byte."""
        if self._kept.pop(letter.key, None) == letter.text:
            return receipt  # the commit of the store was the reading: these very bytes are kept
        item = self._table.get(self._place, receipt.external_id)
        if item is None or item["text"] != letter.text:
            raise ChannelRefused("what was kept is not what was sent")
        return receipt

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """Remove the letter from the record."""
        self._table.transact([Delete(self._place, letter.key)])

    @property
    def _place(self) -> str:
        return f"OUTBOX#{self._channel}"

    def _receipt(self, letter: Letter) -> Receipt:
        return Receipt(external_id=letter.key, url=f"urn:sangfroid:{self._channel}:{letter.key}")
