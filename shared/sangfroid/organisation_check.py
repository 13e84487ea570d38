"""Everything that can be known to be wrong with an organisation before anybody relies on it.

`organisation.load` refuses what has no meaning. Here stands what has one and would fail people in a crisis: nobody to release a
freeze, nobody to call, a channel that cannot be built, a night without anybody. It is asked by `make check-organisation`, before
a stack starts on one's own machine, and before an uploaded version takes effect. A running desk is never stopped by it.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, get_args

from pydantic import BaseModel, Field, ValidationError

from sangfroid.faults import Fault, InWords, nearest, of_validation
from sangfroid.model import CaseNumber
from sangfroid.organisation import Organisation
from sangfroid.organisation_parts import ChannelSettings, Person
from sangfroid.outbound.channels import ADAPTERS
from sangfroid.outbound.channels.settings import Settings
from sangfroid.playbooks import playbook
from sangfroid.roster import Gap, Roster
from sangfroid.roster.hours import local
from sangfroid.roster.public_holidays import calendars, last_day

AHEAD = timedelta(days=90)
"""How far ahead nobody may be missing."""

CELL = (
    "pilot", "log_keeper", "spokesperson", "internal_communication", "legal", "business_owner", "customer_care", "monitoring",
)  # fmt: skip
"""The usual roles of a crisis cell."""

PERSON_ID = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
MOST_GAPS = 5
MOST_ROUNDS = 4


@dataclass(frozen=True)
class Checked:
    """`faults`: with these it does not take effect. `remarks`: it works, but somebody should know."""

    faults: list[Fault]
    remarks: list[Fault]


def check(organisation: Organisation, now: datetime) -> Checked:
    """Every fault and remark; `now` (aware) is when the 90 days of duty that are looked at begin."""
    return Checked(
        [*standing_faults(organisation), *_gap_faults(organisation, now)],
        [*_people_remarks(organisation), *_time_remarks(organisation, now)],
    )


def without_faults(document: Mapping[str, Any]) -> Organisation | None:
    """The organisation of a document without the names whose values make no sense; None where it needs one of them."""
    rest = copy.deepcopy(dict(document))
    for _ in range(MOST_ROUNDS):
        try:
            return Organisation.model_validate(rest)
        except ValidationError as error:
            taken = [_take_out(rest, one["loc"]) for one in error.errors(include_url=False)]
            if not all(taken):
                return None
    return None


def _take_out(document: Any, way: tuple[str | int, ...]) -> bool:
    """Whether the name at the end of the way could be taken out; lists keep their length, so that places stay right."""
    for part in way[:-1]:
        try:
            document = document[part]
        except (KeyError, IndexError, TypeError):
            return False
    if not way or not isinstance(document, dict):
        return False
    return document.pop(way[-1], None) is not None


def standing_faults(organisation: Organisation) -> list[Fault]:
    """The faults that do not depend on the day."""
    return [
        *organisation.disagreements(),
        *_ids(organisation),
        *_who_may(organisation),
        *_who_does(organisation),
        *_who_is_called(organisation),
        *_pilots(organisation),
        *_calendars(organisation),
        *_turned_round(organisation),
        *(fault for number, one in enumerate(organisation.channels) for fault in channel_faults(number, one)),
    ]


def _staying(organisation: Organisation) -> list[Person]:
    return [person for person in organisation.people if person.left is not True]


# People ----------------------------------------------------------------------------------------------------------------
def _ids(organisation: Organisation) -> Iterator[Fault]:
    for number, person in enumerate(organisation.people):
        if not PERSON_ID.fullmatch(person.id):
            yield Fault("bad_person_id", ("people", number, "id"), {"value": person.id})
    named = Counter(name for person in organisation.people for name in {person.id, *person.subjects})
    for name, times in named.items():
        if times > 1:
            who = [one.name for one in organisation.people if name in (one.id, *one.subjects)]
            yield Fault("same_subject", ("people",), {"value": name, "people": ", ".join(who)})


def _who_may(organisation: Organisation) -> Iterator[Fault]:
    people = _staying(organisation)
    directors = [one for one in people if "director" in one.access]
    if len(directors) < 2:
        yield Fault("two_directors", ("people",), {"count": _people(len(directors))})
    for role, without in (
        ("reporter", InWords("personne ne peut signaler de message", "nobody can report a message")),
        ("responder", InWords("personne ne peut écrire de réponse", "nobody can write a response")),
    ):
        if not any(role in one.access for one in people):
            yield Fault("no_access_role", ("people",), {"role": role, "needed": without})
    can = sum(1 for one in people if {"approver", "director"} & set(one.access))
    needs = {
        case: organisation.thresholds.approvals.get(case, playbook(case).approvals_needed)
        for case in get_args(CaseNumber)
    }
    case = max(needs, key=lambda one: needs[one])
    if can < needs[case]:
        place = ("thresholds", "approvals") if case in organisation.thresholds.approvals else ("people",)
        yield Fault("few_approvers", place, {"count": _people(can), "case": case, "needed": needs[case]})


def _who_does(organisation: Organisation) -> Iterator[Fault]:
    needed: dict[str, list[str]] = {}
    for case in get_args(CaseNumber):
        for row in playbook(case).duties:
            needed.setdefault(row.role, []).append(row.id)
    rotations = {one.role for one in organisation.rotations}
    for role, rows in needed.items():
        if role not in rotations and not organisation.with_duty(role):
            yield Fault("no_duty_role", ("people",), {"role": role, "needed": ", ".join(rows)})


def _who_is_called(organisation: Organisation) -> Iterator[Fault]:
    pagers = [one.id for one in organisation.channels_for("out_of_band")]
    if not pagers:
        yield Fault("no_out_of_band", ("channels",))
        return
    for number, rung in enumerate(organisation.escalation.ladder):
        people = _of_role(organisation, rung.role)
        if rung.audience == "out_of_band" and people and not any(_ways(one, pagers) for one in people):
            values = {
                "role": rung.role,
                "people": ", ".join(one.id for one in people),
                "known": ", ".join(pagers),
            }
            yield Fault("nobody_out_of_band", ("escalation", "ladder", number), values)


def _pilots(organisation: Organisation) -> Iterator[Fault]:
    for person in organisation.with_duty("pilot"):
        if {"approver", "director"} & set(person.access):
            place = ("cell", "pilot") if person.id in organisation.cell.get("pilot", ()) else ("people",)
            yield Fault("pilot_approves", place, {"people": person.name})


def _people(count: int) -> InWords:
    fr = {0: "personne ne figure", 1: "une seule personne figure"}.get(count, f"{count} personnes figurent")
    return InWords(
        fr, {0: "nobody is there", 1: "only one person is there"}.get(count, f"{count} people are there")
    )


def _of_role(organisation: Organisation, role: str) -> list[Person]:
    order = [one.id for one in organisation.with_duty(role)]
    order += [
        person
        for one in organisation.rotations
        if one.role == role
        for layer in one.layers
        for person in layer.people
    ]
    return [
        found
        for one in dict.fromkeys(order)
        if (found := organisation.person(one)) and found.left is not True
    ]


def _ways(person: Person, channels: Iterable[str]) -> bool:
    return any(reach.channel in channels for reach in person.reach)


def _people_remarks(organisation: Organisation) -> Iterator[Fault]:
    for role in dict.fromkeys(
        [*(one.role for one in organisation.rotations), *(one.role for one in organisation.escalation.ladder)]
    ):
        people = _of_role(organisation, role)
        if len(people) == 1:
            yield Fault("one_alone", ("people",), {"role": role, "people": people[0].name})
    holders = {role: len(_of_role(organisation, role)) for role in CELL}
    for code, count in (("no_cell_role", 0), ("no_deputy", 1)):
        roles = [role for role in CELL if holders[role] == count]
        if roles:
            yield Fault(code, ("cell",), {"roles": ", ".join(roles)})
    pagers = [one.id for one in organisation.channels_for("out_of_band")]
    called = {one.id for rung in organisation.escalation.ladder for one in _of_role(organisation, rung.role)}
    for number, person in enumerate(organisation.people):
        if pagers and person.id in called and not _ways(person, pagers):
            yield Fault(
                "no_pager", ("people", number, "reach"), {"people": person.name, "known": ", ".join(pagers)}
            )
    if organisation.console is None:
        yield Fault("no_console")


# Time ------------------------------------------------------------------------------------------------------------------
def _calendars(organisation: Organisation) -> Iterator[Fault]:
    known = calendars()
    named: list[tuple[tuple[str | int, ...], str | None]] = [
        (("public_holidays",), organisation.public_holidays)
    ]
    named += [
        (("rotations", number, "public_holidays"), one.public_holidays)
        for number, one in enumerate(organisation.rotations)
    ]
    for place, calendar in named:
        if calendar is not None and calendar not in known:
            values = {
                "value": calendar,
                "nearest": nearest(calendar, known),
                "known": ", ".join(one for one in known if "-" not in one),
            }
            yield Fault("unknown_calendar", place, values)


def _turned_round(organisation: Organisation) -> Iterator[Fault]:
    roster = Roster(organisation)
    for number, absence in enumerate(organisation.absences):
        span = roster.span(absence)
        if span.end <= span.start:
            yield Fault("ends_before", ("absences", number))


def gaps(organisation: Organisation, start: datetime, end: datetime) -> list[Gap]:
    """When, between two moments (aware), nobody who was planned is there for a role on duty."""
    roster = Roster(organisation)
    return [gap for role in roster.roles_on_duty() for gap in roster.gaps(role, start, end)]


def _gap_faults(organisation: Organisation, now: datetime) -> Iterator[Fault]:
    places = {one.role: ("rotations", number) for number, one in enumerate(organisation.rotations)}
    found = gaps(organisation, now, now + AHEAD)
    for role in dict.fromkeys(gap.role for gap in found):
        of_role = [gap for gap in found if gap.role == role]
        for gap in of_role[:MOST_GAPS]:
            yield Fault("gap", places.get(role, ("people",)), _gap_values(organisation, gap, len(of_role)))


def _gap_values(organisation: Organisation, gap: Gap, count: int) -> Mapping[str, object]:
    def shown(moment: datetime) -> str:
        return f"{local(moment, organisation.time_zone):%Y-%m-%d %H:%M}"

    more = count - MOST_GAPS
    fr = f"{more} autres trous suivent. " if more > 0 else ""
    en = f"{more} more gaps follow. " if more > 0 else ""
    if gap.instead is None:
        instead = InWords(f"{fr}Personne d'autre n'a ce rôle.", f"{en}Nobody else has this role.")
    else:
        instead = InWords(
            f"{fr}Sinon {gap.instead} serait appelé(e) sans être prévenu(e).",
            f"{en}Else {gap.instead} would be called without knowing it.",
        )
    return {"role": gap.role, "start": shown(gap.start), "end": shown(gap.end), "instead": instead}


def _time_remarks(organisation: Organisation, now: datetime) -> Iterator[Fault]:
    uses = any(
        layer.days in ("working_days", "days_off") for one in organisation.rotations for layer in one.layers
    )
    if uses and (now + AHEAD).date() > last_day():
        yield Fault("table_ends", ("public_holidays",), {"value": last_day().isoformat()})


# Channels --------------------------------------------------------------------------------------------------------------
class _Outbox(Settings):
    max_characters: int | None = Field(default=None, ge=1)
    edits: bool = Field(default=False, description="A correction takes the place of what it corrects.")


class _Ses(Settings):
    sender: str = Field(alias="from", min_length=3)
    to: list[str] = Field(default_factory=list)
    configuration_set: str | None = None


class _Webhook(Settings):
    pass


_PLAIN: Mapping[str, type[BaseModel]] = {"outbox": _Outbox, "ses": _Ses, "webhook": _Webhook}
"""Settings of the adapters that read them as they come."""


def channel_faults(number: int, channel: ChannelSettings) -> list[Fault]:
    """What keeps the channel, the `number`th of the file, from being built: its type, or one of its settings."""
    if channel.type not in ADAPTERS:
        values = {
            "value": channel.type, "nearest": nearest(channel.type, ADAPTERS), "known": ", ".join(sorted(ADAPTERS)),
        }  # fmt: skip
        return [Fault("unknown_channel_type", ("channels", number, "type"), values)]
    model = settings_model(channel.type)
    if model is None:
        return []
    before = ("channels", number, "settings")
    try:
        model.model_validate(dict(channel.settings))
    except ValidationError as error:
        return [_of_channel(fault, channel) for fault in of_validation(error, model, before)]
    return []


def _of_channel(fault: Fault, channel: ChannelSettings) -> Fault:
    if fault.code not in ("bad_value", "does_not_agree"):
        return fault
    values = {"type": channel.type, "channel": channel.id, "detail": fault.values["detail"]}
    return Fault("bad_setting", fault.place, values)


def settings_model(kind: str) -> type[BaseModel] | None:
    """The model of a channel type's settings; None for an adapter that has none."""
    adapter: Any = ADAPTERS[kind]
    found = getattr(adapter, "settings_model", None)
    if found is None:
        module = import_module(adapter.__module__)
        found = getattr(module, f"{adapter.__name__}Settings", None) or _PLAIN.get(kind)
    return found if isinstance(found, type) and issubclass(found, BaseModel) else None
