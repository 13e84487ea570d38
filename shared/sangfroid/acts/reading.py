"""Reading: cases and what belongs to them, without changing anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sangfroid.acts import arrivals
from sangfroid.casefile import CaseFile
from sangfroid.casework import Casework
from sangfroid.errors import FieldError, Invalid
from sangfroid.evidence.keeping import EvidenceKeeper
from sangfroid.model import Case, Delivery, Event, Message
from sangfroid.store import message_sort
from sangfroid.text.folding import bare

CASES_LOOKED_AT = 25
MESSAGES_LOOKED_AT = 100
"""Of one search: so much is read, whatever is found."""

EXCERPT = 160
SEARCHED = 5_000
"""Characters of a message that are searched."""


@dataclass(frozen=True)
class Found:
    """What one stretch of a search found: cases, messages with an excerpt, and where it goes on (None: nothing is left)."""

    cases: list[Case]
    messages: list[tuple[Message, str]]
    after: str | None


class Reading:
    """What people look at."""

    def __init__(self, casework: Casework, evidence: EvidenceKeeper) -> None:
        self._casework = casework
        self._evidence = evidence

    def case(self, case_id: str) -> CaseFile:
        """The case as it stands; raises NotFound."""
        return self._casework.read(case_id)

    def head(self, case_id: str) -> Case:
        """The case without what belongs to it; raises NotFound."""
        return self._casework.store.existing(case_id)

    def cases(self, status: str | None, limit: int, after: str | None) -> tuple[list[Case], str | None]:
        """A page of cases, newest first, of one status or of all, and where the next page begins."""
        return self._casework.store.listed(status, limit, after)

    def messages(self, case_id: str, limit: int, after: str | None) -> list[Message]:
        """A page of the messages of a case, earliest publication first."""
        return self._casework.store.messages(case_id, limit=limit, after=after)

    def deliveries(self, case_id: str, limit: int, after: str | None) -> tuple[list[Delivery], str | None]:
        """A page of the deliveries of a case, in the order of their keys, and after which the next page begins."""
        return self._casework.store.deliveries_page(case_id, limit, after)

    def uncounted(self, case: Case) -> int:
        """How many messages of the case its own count does not know yet."""
        return arrivals.uncounted(self._casework.store, case)

    def events(self, case_id: str) -> list[Event]:
        """The whole timeline, in order."""
        return self._casework.store.events(case_id)

    def search(self, words: str, after: str | None) -> Found:
        """Look for words in a bounded number of cases and messages, newest case first; `after`: where an earlier search stopped.

        A message or a case is found where all the words stand in it, whatever their case and accents. Raises Invalid where there
        is no word to look for.
        """
        wanted = bare(words).split()
        if not wanted:
            raise Invalid("Say what to search for.", errors=[FieldError("/q", "a word")])
        listing, _, within = (after or "").partition("!")
        cases, messages, room = [], [], MESSAGES_LOOKED_AT
        found, place = self._casework.store.listed(None, CASES_LOOKED_AT, listing or None)
        begun, _, message = within.partition("!")
        if begun:
            # Within a case that has more messages than one search looks at: those before it were looked at.
            ids = [case.id for case in found]
            found = found[ids.index(begun) :] if begun in ids else found
        for case in found:
            goes_on = message if case.id == begun else None
            if not goes_on and _stands(wanted, f"{case.title or ''} {case.brand} {case.id}"):
                cases.append(case)
            page = self._casework.store.messages(case.id, limit=room, after=goes_on)
            room -= len(page)
            messages += [
                (one, _excerpt(wanted, one.text))
                for one in page
                if not one.withdrawn and _stands(wanted, one.text[:SEARCHED])
            ]
            if room <= 0:
                return Found(cases, messages, f"{listing}!{case.id}!{message_sort(page[-1])}")
        return Found(cases, messages, place)

    def events_from(self, case_id: str, after: int) -> Iterator[Event]:
        """The timeline later than seq `after`, read as far as it is asked for."""
        return self._casework.store.events_from(case_id, after)

    def evidence_pack(self, case_id: str) -> bytes:
        """The evidence of a case as a ZIP, with manifest, timeline and verification (A9)."""
        from sangfroid.evidence import pack  # few Lambdas zip anything

        case = self.case(case_id).case
        entries, vault = self._evidence.listed(case_id), self._evidence.vault
        return pack.build(case, entries, self.events(case_id), vault, self._casework.now())


def _stands(words: list[str], text: str) -> bool:
    plain = bare(text)
    return all(word in plain for word in words)


def _excerpt(words: list[str], text: str) -> str:
    """The stretch of the text around the first of the words, on one line."""
    line = " ".join(text[:SEARCHED].split())
    # Folding may change lengths: the place is near enough for a stretch of text.
    at = max(0, bare(line).find(words[0]) - EXCERPT // 3) if words else 0
    return ("…" if at else "") + line[at : at + EXCERPT] + ("…" if at + EXCERPT < len(line) else "")
