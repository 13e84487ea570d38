"""The organisation as one validated YAML file: brands, people, roles, channels, the charter and the thresholds.

The file is read once per Lambda start. Every fault in it is named with its place before anything runs.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError

from sangfroid.data_files import LOADER
from sangfroid.faults import Fault, InWords, nearest, of_validation, with_lines
from sangfroid.model import Audience
from sangfroid.organisation_parts import (
    ANSWERED_AT,
    E_MAIL,
    Brand,
    ChannelSettings,
    Charter,
    Escalation,
    Part,
    Person,
    Retrying,
    Source,
    Thresholds,
    Triage,
)
from sangfroid.staffing import (
    Absence,
    AbsenceCalendar,
    Calendar,
    Hours,
    Override,
    PublicationHours,
    Rotation,
    Zone,
)
from sangfroid.text import mail_address
from sangfroid.text.folding import bare


class Organisation(Part):
    """The whole file."""

    name: str
    time_zone: Zone = Field(default="UTC", description="Of whoever does not name one of their own.")
    public_holidays: Calendar | None = Field(default=None, description="Whose are days off: `FR`, `DE-BY` …")
    days_off: list[date] = Field(
        default_factory=list, description="Further days on which the offices are shut."
    )
    quiet_hours: Hours | None = Field(
        default=None, description="When nobody is woken for what can wait, in their zone."
    )
    publication_hours: dict[Audience, PublicationHours] = Field(
        default_factory=dict,
        description="When updates and closing announcements leave, by audience; whatever meets a clock never waits for it.",
    )
    console: str | None = Field(
        default=None, pattern=r"^https?://[^\s?#]+$", description="Address of the console, for links."
    )
    crisis_phone: str | None = Field(default=None, pattern=r"^\+?[0-9 ().-]{3,25}$")
    brands: list[Brand] = Field(min_length=1)
    rivals: list[str] = Field(default_factory=list)
    listed: bool = Field(
        default=False,
        description="Listed on a market: whether the community hears first is asked before anything leaves (MAR 17).",
    )
    people: list[Person] = Field(min_length=1)
    cell: dict[str, list[str]] = Field(
        default_factory=dict,
        description="Roles of the crisis cell (pilot, log_keeper …): who holds each, then the deputies in their order.",
    )
    rotations: list[Rotation] = Field(default_factory=list)
    absences: list[Absence] = Field(default_factory=list)
    absence_calendars: list[AbsenceCalendar] = Field(default_factory=list)
    overrides: list[Override] = Field(default_factory=list)
    channels: list[ChannelSettings] = Field(min_length=1)
    escalation: Escalation
    retrying: Retrying = Retrying()
    thresholds: Thresholds = Thresholds()
    triage: Triage = Triage()
    charter: Charter = Charter()
    listening: list[Source] = Field(default_factory=list)

    def disagreements(self) -> Iterator[Fault]:
        """Where one part of the file names what another does not know; `load` refuses the file for it."""
        channels = {channel.id for channel in self.channels}
        yield from self._named_twice()
        yield from self._unknown_people()
        for number, person in enumerate(self.people):
            for way, reach in enumerate(person.reach):
                if reach.channel not in channels:
                    values = {
                        "person": person.id,
                        "value": reach.channel,
                        "nearest": nearest(reach.channel, channels),
                    }
                    place = ("people", number, "reach", way, "channel")
                    yield Fault("unknown_channel", place, values | {"known": ", ".join(sorted(channels))})
                elif self.channel(reach.channel).type in E_MAIL:
                    try:
                        mail_address.mailbox(reach.address)
                    except mail_address.BadAddress as bad:
                        detail = {"value": reach.address, "detail": f"{person.id}: {bad}"}
                        yield Fault("bad_value", ("people", number, "reach", way, "address"), detail)
        for number, source in enumerate(self.listening):
            answered = [one.id for one in self.channels if one.type in ANSWERED_AT.get(source.format, ())]
            if source.channel is not None and source.channel not in answered:
                values = {"source": source.id, "value": source.channel, "known": ", ".join(answered) or "-"}
                values |= {"nearest": nearest(source.channel, set(answered))}
                yield Fault("not_answered", ("listening", number, "channel"), values)
        for number, channel in enumerate(self.channels):
            publisher = self.person(channel.publisher) if channel.publisher is not None else None
            if channel.publisher is not None and (publisher is None or not publisher.reach):
                people = {person.id for person in self.people if person.reach}
                values = {"channel": channel.id, "nearest": nearest(channel.publisher, people)}
                yield Fault("nobody_to_publish", ("channels", number, "settings", "person"), values)
        roles = {role for person in self.people for role in person.duties}
        roles |= set(self.cell) | {rotation.role for rotation in self.rotations}
        for number, rung in enumerate(self.escalation.ladder):
            if rung.role != "owner" and rung.role not in roles:
                values = {"role": rung.role, "nearest": nearest(rung.role, roles)}
                yield Fault("unknown_role", ("escalation", "ladder", number, "role"), values)
        if not any(channel.audience == "public" and channel.required for channel in self.channels):
            yield Fault("no_public_channel", ("channels",))

    def _named_twice(self) -> Iterator[Fault]:
        kinds: dict[str, tuple[InWords, list[str]]] = {
            "channels": (InWords("canal", "channel id"), [channel.id for channel in self.channels]),
            "people": (InWords("personne", "person id"), [person.id for person in self.people]),
            "listening": (
                InWords("source d'écoute", "listening source id"),
                [source.id for source in self.listening],
            ),
            "rotations": (
                InWords("rotation", "role of a rotation"),
                [rotation.role for rotation in self.rotations],
            ),
        }
        for place, (what, names) in kinds.items():
            for number, name in enumerate(names):
                if name in names[:number]:
                    yield Fault("used_twice", (place, number), {"what": what, "value": name})

    def _unknown_people(self) -> Iterator[Fault]:
        named: list[tuple[tuple[str | int, ...], str]] = [
            (("cell", role, n), person) for role, order in self.cell.items() for n, person in enumerate(order)
        ]
        named += [(("absences", n, "person"), one.person) for n, one in enumerate(self.absences)]
        named += [(("overrides", n, "person"), one.person) for n, one in enumerate(self.overrides)]
        named += [
            (("absence_calendars", n, "person"), one.person)
            for n, one in enumerate(self.absence_calendars)
            if one.person
        ]
        for number, rotation in enumerate(self.rotations):
            for layer, one in enumerate(rotation.layers):
                place = ("rotations", number, "layers", layer, "people")
                named += [((*place, n), person) for n, person in enumerate(one.people)]
        known = {person.id for person in self.people}
        for where, name in named:
            if name not in known:
                yield Fault("unknown_person", where, {"value": name, "nearest": nearest(name, known)})

    def channel(self, channel_id: str) -> ChannelSettings:
        """Settings of one channel; KeyError where there is none."""
        for channel in self.channels:
            if channel.id == channel_id:
                return channel
        raise KeyError(channel_id)

    def answered_at(self, channel_id: str) -> Source | None:
        """The source by which somebody says that they have a page of the channel in hand; None where none does."""
        return next((source for source in self.listening if source.channel == channel_id), None)

    def brand(self, name: str) -> Brand:
        """The configured brand of that name or alias; one that the file no longer knows gets the first brand's languages."""
        return self.known_brand(name) or Brand(name=name, languages=self.brands[0].languages)

    def known_brand(self, name: str) -> Brand | None:
        """The configured brand of that name or alias, however it is spelt, or None."""
        wanted = bare(name)
        for brand in self.brands:
            if wanted in {bare(known) for known in (brand.name, *brand.aliases)}:
                return brand
        return None

    def nearest_brand(self, name: str) -> str | None:
        """The name of the brand that was most likely meant, or None where none is near."""
        known = {bare(spelt): brand.name for brand in self.brands for spelt in (brand.name, *brand.aliases)}
        near = difflib.get_close_matches(bare(name)[:200], list(known), 1, 0.5)
        return known[near[0]] if near else None

    def with_duty(self, role: str) -> list[Person]:
        """Everybody who has the role: in the order of `cell`, then of the file. Who has left for good has none.

        The first owns its duties by default. Who is there at a moment, `sangfroid.roster` says.
        """
        order = [*self.cell.get(role, ()), *(person.id for person in self.people if role in person.duties)]
        found = (self.person(person_id) for person_id in dict.fromkeys(order))
        return [person for person in found if person is not None and person.left is not True]

    def person(self, person_id: str) -> Person | None:
        """The person of that id, or None (a token may name somebody whom the file does not know)."""
        return next((person for person in self.people if person.id == person_id), None)

    def name_of(self, person_id: str) -> str:
        """The name of the person of that id; the id where the file does not know them."""
        known = self.person(person_id)
        return known.name if known is not None else person_id

    def named(self, *names: str) -> Person | None:
        """The person whom one of these names means: their id, or one of their `subjects`; the first name counts most."""
        for name in names:
            for person in self.people:
                if name == person.id or name in person.subjects:
                    return person
        return None

    def duties_of(self, person_id: str) -> list[str]:
        """Every role of a person: of the playbooks, of the crisis cell, and those that they take in turns."""
        person = self.person(person_id)
        if person is None:
            return []
        cell = (role for role, order in self.cell.items() if person_id in order)
        turns = (one.role for one in self.rotations if any(person_id in layer.people for layer in one.layers))
        return list(dict.fromkeys([*person.duties, *cell, *turns]))

    def channels_for(self, *audiences: Audience) -> Iterator[ChannelSettings]:
        """Channels of these audiences, in the order of the file."""
        return (channel for channel in self.channels if channel.audience in audiences)


class OrganisationFault(Exception):
    """The organisation file cannot be used; the message says where, why and how it is mended. `faults` holds each."""

    def __init__(self, path: str | Path, faults: list[Fault]) -> None:
        super().__init__(f"{path}: " + "\n  ".join(fault.told("en") for fault in faults))
        self.path = str(path)
        self.faults = faults

    def in_one_line(self) -> str:
        """The first fault, and how to see the others."""
        told = f"{self.path}: {self.faults[0].told('en')}" if self.faults else self.path
        more = len(self.faults) - 1
        others = f" {more} more: make check-organisation FILE={self.path}" if more > 0 else ""
        return " ".join(f"{told}{others}".split())


def load(path: str | Path) -> Organisation:
    """Read and validate the file; raises OrganisationFault."""
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OrganisationFault(path, [Fault("unreadable", values={"detail": _reason(error)})]) from error
    return parse(text, path)


DEEPEST = 100
_BRACKET = re.compile(r"[][{}]")


def parse(text: str, path: str | Path = "organisation") -> Organisation:
    """The organisation that a YAML (or JSON) text describes; raises OrganisationFault. `path` is how the text is called."""
    return of_document(document(text, path), text, path)


def document(text: str, path: str | Path = "organisation") -> dict[str, Any]:
    """What stands in the text, not yet validated; raises OrganisationFault where it is no mapping."""
    if _nested(text) > DEEPEST:
        raise OrganisationFault(path, [Fault("unreadable", values={"detail": f"nested > {DEEPEST}"})])
    try:
        content = yaml.load(text, Loader=LOADER)  # noqa: S506 - both are safe ones
    except (yaml.YAMLError, ValueError) as error:
        raise OrganisationFault(path, [_unreadable(error)]) from error
    if not isinstance(content, dict):
        raise OrganisationFault(path, [Fault("not_a_mapping")])
    return content


def of_document(content: dict[str, Any], text: str, path: str | Path = "organisation") -> Organisation:
    """The organisation of a document that was read from `text`; raises OrganisationFault."""
    try:
        organisation = Organisation.model_validate(content)
    except ValidationError as error:
        raise OrganisationFault(path, with_lines(of_validation(error, Organisation), text)) from error
    faults = list(organisation.disagreements())
    if faults:
        raise OrganisationFault(path, with_lines(faults, text))
    return organisation


def _nested(text: str) -> int:
    """How deep brackets stand within brackets at most: the reader of YAML looks at every open one at each sign."""
    depth = deepest = 0
    for bracket in _BRACKET.finditer(text):
        depth += 1 if bracket[0] in "[{" else -(depth > 0)
        deepest = max(deepest, depth)
    return deepest


def _unreadable(error: Exception) -> Fault:
    mark = getattr(error, "problem_mark", None)
    detail = getattr(error, "problem", None) or _reason(error)
    return Fault("unreadable", values={"detail": detail}, line=mark.line + 1 if mark else None)


def _reason(error: Exception) -> str:
    return str(error.strerror if isinstance(error, OSError) and error.strerror else error)
