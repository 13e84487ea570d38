"""Measures against a repeat (C2.6, R7): an owner who exists, a date to come, and named in the closing announcement."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sangfroid.casefile import CaseFile
from sangfroid.cases.substance import WORD, required
from sangfroid.errors import FieldError, IllegalTransition, Invalid
from sangfroid.model import Measure
from sangfroid.organisation import Organisation
from sangfroid.text.folding import bare
from sangfroid.text.identity import same_words, words_of

MOST = 40
"""Measures of one case, at most."""


def record(file: CaseFile, measures: Sequence[Measure], organisation: Organisation, pointer: str) -> None:
    """Record measures of a case; one that is recorded already, in the same words, takes the new owner and date.

    `pointer` is where they stand in the body, with `{}` for the number. Raises Invalid for words that say nothing, an owner whom
    the organisation file does not know, and a date that is past.
    """
    if file.case.status == "closed":
        raise IllegalTransition("The case is closed; its measures stand as they are.")
    for number, measure in enumerate(measures):
        place = pointer.format(number)
        text = required(measure.text, f"{place}/text", "what is done against a repeat")
        owner = _owner(measure.owner, organisation, f"{place}/owner")
        _ahead(measure.due, file.now, f"{place}/due")
        checked = Measure(text=text, owner=owner, due=measure.due)
        standing = [one for one in file.case.measures if not same_words(one.text, text)]
        known = len(standing) < len(file.case.measures)
        if len(standing) >= MOST:
            raise IllegalTransition(f"A case keeps at most {MOST} measures.")
        if checked in file.case.measures:
            continue
        file.case.measures = [*standing, checked]
        file.note("measure_changed" if known else "measure_recorded", owner=owner, due=checked.due, text=text)


def _owner(name: str, organisation: Organisation, pointer: str) -> str:
    for person in organisation.people:
        if name == person.id or same_words(name, person.name):
            return person.id
    known = ", ".join(person.id for person in organisation.people)
    raise Invalid(
        f"Nobody called “{name[:40]}” stands in the organisation file, so nobody would do it. Its people: {known}.",
        errors=[FieldError(pointer, "the id of a person of the organisation file")],
    )


def _ahead(due: str, now: datetime, pointer: str) -> None:
    past = date.fromisoformat(due) < now.date() if len(due) == 10 else datetime.fromisoformat(due) < now
    if past:
        raise Invalid(
            f"{due} is past: a measure has a date by which it is going to be done.",
            errors=[FieldError(pointer, "a date that is not past")],
        )


def named(measure: str, text: str) -> bool:
    """Whether a reader of `text` finds the measure there: its very words, or each of its words that carry meaning, inflected
    as may be. Linear in both but for a search."""
    said = words_of(measure)
    if said and said in words_of(text):
        return True
    wanted = {word for word in WORD.findall(bare(measure)) if len(word) >= 4 or word.isdigit()}
    there = sorted(set(WORD.findall(bare(text))))
    return bool(wanted) and all(_stands(word, there) for word in wanted)


def _stands(word: str, there: list[str]) -> bool:
    stem = word if word.isdigit() else word[: max(4, len(word) - 2)]
    place = bisect_left(there, stem)
    if place >= len(there):
        return False
    return there[place] == word if word.isdigit() else there[place].startswith(stem)


def unnamed(measures: Iterable[Measure], texts: Iterable[str]) -> list[Measure]:
    """The measures that no text of the announcement names: one language that names it is enough."""
    every = list(texts)
    return [measure for measure in measures if not any(named(measure.text, text) for text in every)]
