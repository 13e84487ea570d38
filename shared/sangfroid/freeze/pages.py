"""Calls to people about the freeze itself: they name no case and carry no content (I3); who is not reached is known (I14)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sangfroid.model import Delivery
from sangfroid.organisation import Organisation
from sangfroid.organisation_parts import Person
from sangfroid.outbound.wording import page
from sangfroid.roster import ladder, people_for, staying

PARTITION = "freeze"
"""Stands where a case id stands in other notices: a page about the freeze belongs to no case."""

CAN_WAIT = ("freeze_over",)
"""Kinds that wake nobody: whoever sleeps is told by a quiet way."""


@dataclass(frozen=True)
class Called:
    """Somebody to be told, and the letters by which that is tried, the best way first; none where they have no way."""

    person: str
    letters: list[Delivery]


def pages(
    organisation: Organisation,
    now: datetime,
    kind: str,
    occasion: str,
    roles: list[str],
    *,
    frozen: bool,
    never: frozenset[str] = frozenset(),
    waiting: str | None = None,
) -> Iterator[Called]:
    """Everybody who has one of the roles (`everybody`: all of the file), once an occasion, but those of `never`.

    While it is `frozen` only ways out of band are used; once it is over, all others come behind them. `waiting`: what waits in
    the desk for whoever is called.
    """
    for person in _people(organisation, roles, now):
        if person.id in never:
            continue
        ways = [(organisation.channel(reach.channel), reach.address) for reach in person.reach]
        ringing = [way for way in ways if way[0].audience == "out_of_band"]
        others = [] if frozen else [way for way in ways if way not in ringing]
        asleep = kind in CAN_WAIT and ladder.quiet(organisation, person, now)
        text = page(kind, person.language, organisation.console, organisation.crisis_phone)
        yield Called(
            person.id,
            [
                Delivery(
                    key=f"freeze:{kind}:{occasion}:{person.id}:{channel.id}",
                    case_id=PARTITION,
                    kind=kind,
                    channel=channel.id,
                    audience=channel.audience,
                    language=person.language,
                    required=False,
                    text=text,
                    subject=text,
                    recipient=address,
                    waiting=waiting,
                    person=person.id if waiting is not None else None,
                    created_at=now,
                )
                for channel, address in ([*others, *ringing] if asleep else [*ringing, *others])
            ],
        )


def _people(organisation: Organisation, roles: list[str], now: datetime) -> list[Person]:
    if "everybody" in roles:
        return staying(organisation, now)
    chosen = [person.id for role in roles for person in people_for(organisation, role, now)]
    return [person for person in organisation.people if person.id in chosen]
