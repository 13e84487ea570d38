"""Who is asked next while nobody answers (I14): one person at a time, by their next way, at the organisation's pace.

Pure: what was tried so far stands in the case (`Called`), the time is an argument. A person is not called for the same thing
again before `again_after`; at night nobody is woken for what can wait, and one thing has at most `calls_in_a_night` calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sangfroid.model import Called
from sangfroid.organisation import Organisation
from sangfroid.organisation_parts import Person, Reach
from sangfroid.triage import harm

A_NIGHT = timedelta(hours=12)
"""Within which the calls of one night are counted."""

TIME_TO_ACT = timedelta(hours=2)
"""What must be left of a deadline in the morning: what is due sooner cannot wait for it."""


@dataclass(frozen=True)
class Next:
    """Either `person` is asked now, by `ways` in this order until one gets through; or nobody before `until`."""

    person: Person | None = None
    ways: tuple[Reach, ...] = ()
    until: datetime | None = None


def quiet(organisation: Organisation, person: Person, at: datetime) -> bool:
    """Whether it is night for the person at `at` (aware): their quiet hours, else the organisation's, else the humane ones."""
    here = at.astimezone(ZoneInfo(person.time_zone or organisation.time_zone))
    hours = person.quiet_hours or organisation.quiet_hours
    if hours is None:
        return harm.is_night(here, organisation.thresholds.waking)
    clock = here.time()
    if hours.start <= hours.to:
        return hours.start <= clock < hours.to
    return clock >= hours.start or clock < hours.to


def wakes_up(organisation: Organisation, person: Person, at: datetime) -> datetime:
    """When the person may be called again for what can wait; `at` itself where it is not their night."""
    step = timedelta(minutes=15)
    moment = at
    while quiet(organisation, person, moment) and moment - at < timedelta(days=1):
        moment += step - timedelta(
            minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond
        )
    return moment


def can_wait(organisation: Organisation, person: Person, at: datetime, due_at: datetime | None) -> bool:
    """Whether something due at `due_at` (None: never) leaves time to act once the person is up."""
    return due_at is None or due_at - wakes_up(organisation, person, at) >= TIME_TO_ACT


def next_rung(
    organisation: Organisation,
    order: Sequence[Person],
    calls: Iterable[Called],
    now: datetime,
    *,
    urgent: bool,
    quietly: bool = False,
    rung: Mapping[str, datetime] | None = None,
) -> Next:
    """Who is asked now, or until when nobody is. `urgent`: it cannot wait for anybody's morning; `quietly`: by the ways that do
    not ring first; `rung`: when people were last rung up for something else that stands for this too."""
    escalation = organisation.escalation
    calls = list(calls)
    loud = [one for one in calls if one.audience == "out_of_band" and now - one.at < A_NIGHT]
    full = len(loud) >= escalation.calls_in_a_night
    moments = [one.at + A_NIGHT for one in loud] if full else []
    for person in order:
        asleep = quiet(organisation, person, now)
        ways = _ways(organisation, person, calls, quietly=quietly)
        if not ways:
            continue
        free_at = max(_heard(calls, rung, person.id), default=None)
        if free_at is not None and free_at + escalation.again_after > now:
            moments.append(free_at + escalation.again_after)
            continue
        if asleep and not urgent:
            moments.append(wakes_up(organisation, person, now))
            continue
        if full and asleep:
            moments.append(wakes_up(organisation, person, now))
            continue
        return Next(person, tuple(ways))
    return Next(until=min((one for one in moments if one > now), default=now + escalation.again_after))


def following(
    organisation: Organisation,
    order: Sequence[Person],
    calls: Iterable[Called],
    now: datetime,
    person: Person,
    rung: Mapping[str, datetime] | None = None,
) -> Person | None:
    """Who is asked after `person`, where silence goes on; None where nobody is left. `rung` as for `next_rung`."""
    since, calls = now - organisation.escalation.again_after, list(calls)
    left = [one for one in order if all(at <= since for at in _heard(calls, rung, one.id))]
    return next((one for one in left if one.id != person.id and one.reach), None)


def _heard(calls: Iterable[Called], rung: Mapping[str, datetime] | None, person: str) -> list[datetime]:
    """When the person was called for it, or for what stands for it."""
    elsewhere = [rung[person]] if rung and person in rung else []
    return [*(one.at for one in calls if one.person == person), *elsewhere]


def _ways(organisation: Organisation, person: Person, calls: list[Called], *, quietly: bool) -> list[Reach]:
    """The person's ways: those that ring first, the longest unused first, then the quiet ones; `quietly`: the other way round."""
    last = {one.channel: one.at for one in calls if one.person == person.id}
    long_ago = datetime.min.replace(tzinfo=ZoneInfo("UTC"))
    ringing = [one for one in person.reach if organisation.channel(one.channel).audience == "out_of_band"]
    ringing.sort(key=lambda one: last.get(one.channel, long_ago))
    quiet_ways = [one for one in person.reach if one not in ringing]
    return [*quiet_ways, *ringing] if quietly else [*ringing, *quiet_ways]
