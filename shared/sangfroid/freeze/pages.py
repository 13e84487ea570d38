"""Calls to people out of band about the freeze itself: they name no case and carry no content (I3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sangfroid.model import Delivery
from sangfroid.organisation import Organisation, Person
from sangfroid.outbound.wording import page
from sangfroid.roster import people_for, staying

PARTITION = "freeze"
"""Stands where a case id stands in other notices: a page about the freeze belongs to no case."""


def pages(
    organisation: Organisation, now: datetime, kind: str, occasion: str, roles: list[str]
) -> Iterator[Delivery]:
    """One page for everybody who has one of the roles (`everybody`: all who can be paged), once an occasion."""
    for person in _people(organisation, roles, now):
        text = page(kind, person.language, organisation.console, organisation.crisis_phone)
        for reach in person.reach:
            channel = organisation.channel(reach.channel)
            if channel.audience == "out_of_band":
                yield Delivery(
                    key=f"freeze:{kind}:{occasion}:{person.id}:{channel.id}",
                    case_id=PARTITION,
                    kind=kind,
                    channel=channel.id,
                    audience="out_of_band",
                    language=person.language,
                    required=False,
                    text=text,
                    subject=text,
                    recipient=reach.address,
                    created_at=now,
                )
                break


def _people(organisation: Organisation, roles: list[str], now: datetime) -> list[Person]:
    if "everybody" in roles:
        return staying(organisation, now)
    chosen = [person.id for role in roles for person in people_for(organisation, role, now)]
    return [person for person in organisation.people if person.id in chosen]
