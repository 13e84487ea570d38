"""Calls to people out of band about the freeze itself: they name no case and carry no content (I3)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from sangfroid.model import Delivery
from sangfroid.organisation import Organisation, Person
from sangfroid.outbound.door import Door
from sangfroid.outbound.notices import wordings
from sangfroid.store import delivery_place, put_delivery
from sangfroid.table import ConditionFailed, Table

PARTITION = "freeze"
"""Stands where a case id stands in other notices: a page about the freeze belongs to no case."""


def page(
    table: Table,
    door: Door,
    organisation: Organisation,
    now: datetime,
    kind: str,
    occasion: str,
    roles: list[str],
) -> dict[str, int]:
    """Page everybody who has one of the roles (`everybody`: all who can be paged), once an occasion.

    Answers how many were told, and how many wait for another attempt.
    """
    told = waiting = 0
    for notice in _pages(organisation, now, kind, occasion, roles):
        with suppress(ConditionFailed):  # written by an earlier attempt; the door knows whether it went out
            table.transact([put_delivery(notice)])
        outcome = door.send(delivery_place(notice)).outcome
        told += outcome == "published"
        waiting += outcome == "retry"
    return {"told": told, "waiting": waiting}


def _pages(
    organisation: Organisation, now: datetime, kind: str, occasion: str, roles: list[str]
) -> Iterator[Delivery]:
    for person in _people(organisation, roles):
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
                    text=wordings()[kind][person.language]["page"],
                    subject=wordings()[kind][person.language]["page"],
                    recipient=reach.address,
                    created_at=now,
                )
                break


def _people(organisation: Organisation, roles: list[str]) -> list[Person]:
    if "everybody" in roles:
        return list(organisation.people)
    return [person for person in organisation.people if set(roles) & set(person.duties)]
