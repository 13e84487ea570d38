"""The organisation as one validated YAML file: brands, people, roles, channels, the charter and the thresholds.

The file is read once per Lambda start. Every fault in it is named with its place before anything runs.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sangfroid.faults import LOADER, Fault, InWords, nearest, of_validation, with_lines
from sangfroid.model import Audience, CaseNumber, ClockId, Role
from sangfroid.staffing import Absence, AbsenceCalendar, Calendar, Duration, Hours, Override, Rotation, Zone
from sangfroid.text import mail_address
from sangfroid.text.folding import bare
from sangfroid.triage import harm
from sangfroid.triage.report import Platform

Language = Literal["fr", "en"]

E_MAIL = ("ses", "smtp")
"""Types of channels whose addresses are those of e-mail."""


def _both() -> list[Language]:
    return ["fr", "en"]


def _reminders() -> dict[ClockId, list[timedelta]]:
    return {
        "response_ready": [timedelta(hours=6), timedelta(hours=2), timedelta(minutes=30)],
        "response_published": [timedelta(hours=24), timedelta(hours=6), timedelta(hours=1)],
        "first_word": [timedelta(minutes=20)],
    }


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Brand(_Part):
    """A name under which the public knows the company, and the languages in which it answers."""

    name: str
    aliases: list[str] = Field(default_factory=list)
    languages: list[Language] = Field(default_factory=_both, min_length=1)


class Reach(_Part):
    """How one person is reached on one channel; `address` is a mailbox, a number or a handle there."""

    channel: str
    address: str


class Person(_Part):
    """Somebody of the team. `duties` are the roles of the playbooks and of the crisis cell, `access` those of the HTTP interface.

    `reach` is in the order in which the ways are tried. Whoever leaves stays in the file, marked `left`: cases go on naming them.
    """

    id: str
    name: str
    language: Language = "en"
    time_zone: Zone | None = Field(default=None, description="Else the organisation's.")
    access: list[Role] = Field(default_factory=list)
    duties: list[str] = Field(default_factory=list)
    reach: list[Reach] = Field(default_factory=list)
    email: str | None = Field(default=None, description="To which the invitation to sign in goes.")
    quiet_hours: Hours | None = Field(default=None, description="Else the organisation's.")
    subjects: list[str] = Field(
        default_factory=list,
        description="How tokens name the person, where that is not the id: `sub` or user name of an own identity provider.",
    )
    phone: str | None = Field(default=None, pattern=r"^\+?[0-9 ().-]{3,25}$", description="For call buttons.")
    left: Literal[True] | date | None = Field(
        default=None,
        description="`true`, or the first day on which they no longer are with the organisation.",
    )


class ChannelSettings(_Part):
    """One place where texts go. `type` names the adapter; `settings` is what that adapter validates for itself.

    `publishes` is False for places that carry notices but never a response; `required` ones hold the 48 h clock.
    `time_limit` is the longest that one call to the platform may take; a sending makes up to three, and its Lambda's own
    time limit must leave room for them.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    type: str
    audience: Audience
    languages: list[Language] = Field(default_factory=_both, min_length=1)
    required: bool = True
    publishes: bool = True
    time_limit: Duration = Field(default=timedelta(seconds=10), gt=timedelta(0), le=timedelta(seconds=15))
    statement_during_freeze: bool = False
    answers: list[Platform | Literal["email"]] = Field(
        default_factory=list,
        description="Whose messages are answered one to one through this channel (C1.5): platforms, or `email`.",
    )
    settings: dict[str, Any] = Field(default_factory=dict)

    @property
    def publisher(self) -> str | None:
        """Id of the person who publishes there, where that is done by hand."""
        return str(self.settings.get("person")) if self.type == "by_hand" else None

    @model_validator(mode="after")
    def _mail_can_be_written_to(self) -> Self:
        if self.type not in E_MAIL:
            return self
        archive = self.settings.get("archive")
        given = [("from", self.settings.get("from"))] if "from" in self.settings else []
        given += [("to", one) for one in self.settings.get("to") or []]
        given += [("archive.address", archive.get("address"))] if isinstance(archive, dict) else []
        for name, one in given:
            try:
                (mail_address.mailbox if name == "from" else mail_address.address)(str(one))
            except mail_address.BadAddress as bad:
                raise ValueError(f"channel {self.id}: settings.{name}: {one!r} is {bad}") from None
        return self


class Rung(_Part):
    """One step of the escalation ladder: who is called, and over which audience of channels."""

    role: str
    audience: Literal["team", "out_of_band"] = "team"


class Escalation(_Part):
    """The ladder that is climbed while nobody acts; its last rung is repeated at `repeat_last_every`."""

    every: Duration = timedelta(minutes=30)
    repeat_last_every: Duration = timedelta(hours=24)
    acknowledged_for: Duration = Field(
        default=timedelta(hours=1),
        gt=timedelta(0),
        le=timedelta(hours=24),
        description="For how long nobody else is called for what somebody has acknowledged.",
    )
    again_after: Duration = Field(
        default=timedelta(hours=4),
        ge=timedelta(hours=1),
        description="Nobody is called again for the same thing before that.",
    )
    calls_in_a_night: int = Field(
        default=12, ge=1, description="Calls for one thing within a night, at most."
    )
    ladder: list[Rung] = Field(min_length=1)


class Retrying(_Part):
    """How a delivery is tried again: exponential backoff with full jitter, then a person is called and it goes on slowly.

    A channel that fails `open_after` times in a row, over all cases, is left alone (its circuit opens) but for single probes.
    """

    first_after: Duration = timedelta(seconds=30)
    factor: float = 2.0
    at_most: Duration = timedelta(minutes=30)
    call_a_person_after: int = 6
    open_after: int = Field(
        default=5, ge=1, description="Failures of a channel in a row that open its circuit."
    )
    open_for: Duration = Field(
        default=timedelta(minutes=2), description="Until the first probe; then longer."
    )
    open_at_most: Duration = timedelta(minutes=15)


class Thresholds(_Part):
    """Numbers that a communications director sets."""

    sure_from: float | None = Field(
        default=None, ge=0, le=1, description="None: the classifier's own threshold."
    )
    suspicion_freezes: bool = False
    waking: harm.Rules = Field(default=harm.HUMANE, description="Who is woken for what: triage/harm.py.")
    trace: bool = Field(
        default=True,
        description="Whether the page of a message is fetched to find its source; never in a leak.",
    )
    ask_again_after: Duration = timedelta(minutes=20)
    silence_after: Duration = timedelta(hours=2)
    reminders: dict[ClockId, list[Duration]] = Field(
        default_factory=_reminders,
        description="How long before each deadline a reminder goes out.",
    )
    first_word: timedelta = Field(
        default=timedelta(hours=1),
        gt=timedelta(0),
        description="The desk's own rule, not the source documents': a first word so long after a crisis is recognised.",
    )
    deputy_after: timedelta = Field(
        default=timedelta(minutes=15),
        gt=timedelta(0),
        description="How long the approver of a holding text is waited for before the others are asked.",
    )
    approvals: dict[CaseNumber, int] = Field(default_factory=dict, description="Overrides of the playbooks.")


class Triage(_Part):
    """Which classifier judges reports; `bedrock` needs a model id, and permission by the stack's parameter `BedrockModelArns`."""

    model: Literal["embedded", "bedrock"] = "embedded"
    bedrock_model_id: str | None = Field(
        default=None, min_length=1, description="model or inference profile id for the Converse API"
    )
    time_limit: Duration = Field(
        default=timedelta(seconds=8),
        gt=timedelta(0),
        le=timedelta(seconds=30),
        description="how long an answer of Bedrock is awaited before the embedded classifier decides",
    )

    @model_validator(mode="after")
    def _bedrock_has_a_model(self) -> Self:
        if self.model == "bedrock" and self.bedrock_model_id is None:
            raise ValueError("triage.model is bedrock, but triage.bedrock_model_id is missing")
        return self


class Charter(_Part):
    """The communication charter (R4): words that never go out, and how long a text may be."""

    forbidden: dict[Language, list[str]] = Field(default_factory=dict)
    ambiguous: dict[Language, list[str]] = Field(default_factory=dict)
    apology: dict[Language, list[str]] = Field(default_factory=dict)
    correction: dict[Language, list[str]] = Field(
        default_factory=dict,
        description="Words of which a correction has one, so that nobody edits in silence.",
    )
    max_characters: int = 10_000
    confidential: dict[Language, list[str]] = Field(
        default_factory=dict, description="Terms that never leave the house: names of projects, of customers."
    )
    public_contacts: list[str] = Field(
        default_factory=list, description="Addresses and numbers of the organisation that texts may name."
    )
    public_people: list[str] = Field(
        default_factory=list, description="People who speak in public and may be named (A16)."
    )


ReportField = Literal[
    "brand", "notes", "message.text", "message.language", "message.url", "message.platform", "message.published_at",
    "message.on_own_platform", "message.author.handle", "message.author.bio", "message.author.followers",
]  # fmt: skip
"""What a listening tool's alert may fill of an incident report."""


class Source(_Part):
    """A listening tool that sends webhooks to `POST /webhooks/{id}`; its secret is `<stack>/listening/<id>`.

    `standard_webhooks`: the body's `data` is an incident report. `mapped`: `mapping` names for each field of the report the
    dotted path in the tool's own JSON; `each` is the path of a list, where one alert holds many messages.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    format: Literal["standard_webhooks", "mapped"]
    proof: Literal["signature", "token"] = "signature"
    brand: str | None = Field(default=None, min_length=1, description="Where the alert does not name it.")
    language: str | None = Field(default=None, description="BCP 47, where the alert does not say it.")
    platform: Platform = Field(default="other", description="Where the alert does not say it.")
    platforms: dict[str, Platform] = Field(
        default_factory=dict,
        description="The tool's name of a platform, in small letters -> ours; else `other`.",
    )
    mapping: dict[ReportField, str] = Field(default_factory=dict)
    each: str = ""

    @model_validator(mode="after")
    def _maps_what_a_report_needs(self) -> Self:
        if self.format == "mapped":
            needed: list[ReportField] = ["message.text", "message.published_at"]
            missing = [field for field in needed if field not in self.mapping]
            if self.brand is None and "brand" not in self.mapping:
                missing.append("brand")
            if missing:
                raise ValueError(f"listening source {self.id} maps nothing to {', '.join(missing)}")
        elif self.mapping or self.each:
            raise ValueError(f"listening source {self.id}: a mapping is for format `mapped` alone")
        return self


class Organisation(_Part):
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


def parse(text: str, path: str | Path = "organisation") -> Organisation:
    """The organisation that a YAML (or JSON) text describes; raises OrganisationFault. `path` is how the text is called."""
    return of_document(document(text, path), text, path)


def document(text: str, path: str | Path = "organisation") -> dict[str, Any]:
    """What stands in the text, not yet validated; raises OrganisationFault where it is no mapping."""
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


def _unreadable(error: Exception) -> Fault:
    mark = getattr(error, "problem_mark", None)
    detail = getattr(error, "problem", None) or _reason(error)
    return Fault("unreadable", values={"detail": detail}, line=mark.line + 1 if mark else None)


def _reason(error: Exception) -> str:
    return str(error.strerror if isinstance(error, OSError) and error.strerror else error)
