"""What the desk tells people: who is told, over which channel, and in which words (R2, R3).

A notice says what happened, who wrote it where, what is asked of its reader, how much time is left on the reader's clock, who is
asked next, and where it is done. One that goes out of band carries no content of the case (I3); one about a leak carries none by
any way that a freeze would stop, also while the leak is only suspected.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sangfroid.casefile import CaseFile
from sangfroid.cases.clocks import STOPPED
from sangfroid.cases.team_room import rooms, silent
from sangfroid.model import Case, Delivery, Duty, Message, Panel
from sangfroid.organisation import Organisation
from sangfroid.organisation_parts import ChannelSettings, Person
from sangfroid.outbound.wording import (
    excerpt,
    local_time,
    page,
    plural,
    time_left,
    typeset,
    wordings,
    words,
)
from sangfroid.roster import people_for, staying

__all__ = [
    "Recipient",
    "Scene",
    "compose",
    "notice",
    "people",
    "recipients",
    "time_left",
    "wordings",
]

To = Literal["team", "out_of_band"]

OF_A_LEAK = (
    "leak_suspected",
    "leak_source",
    "frozen",
    "drain_failing",
    "suspension_failed",
)
"""Kinds that say by their name that there is a leak, or may be one."""

OWN_DUTIES = (
    "crisis_opened",
    "clock_reminder",
    "clock_breached",
    "silence",
    "procedure_failed",
    "published",
    "freeze_over",
)
"""Kinds that list what is the reader's own to do."""

PLACES = {
    "triage_requested": "/triage", "draft_requested": "/write", "review_requested": "/review/{version}",
    "no_response_proposed": "/no-response", "no_response_watch": "/messages", "retraction_requested": "/deliveries",
    "retraction_failing": "/deliveries", "delivery_failing": "/deliveries", "publish_by_hand": "/deliveries",
    "text_rejected": "/write", "community_first": "/duty/{duty}", "round_missed": "/duty/{duty}", "leak_source": "/duty/{duty}",
    "leak_suspected": "/suspicion", "duty_handed_on": "/duty/{duty}",
    "community_order": "/community-first", "case_closed": "/report",
}  # fmt: skip
"""Kind -> where the console does what it asks, behind the case; the case itself for all others."""


@dataclass(frozen=True)
class Recipient:
    """Somebody on one channel: a person's address there, or the channel itself (a team room). `zone`: of their clock."""

    channel: ChannelSettings
    language: str
    address: str | None
    name: str
    zone: str = "UTC"


@dataclass(frozen=True)
class Scene:
    """What a notice is about: the case, the message that caused it, and who is asked next and when, where somebody is."""

    organisation: Organisation
    file: CaseFile
    message: Message | None = None
    next_person: Person | None = None
    next_at: datetime | None = None
    details: dict[str, Any] = field(default_factory=dict)


def discreet(kind: str, case: Case) -> bool:
    """Whether a notice of the case says nothing of it by a way that a freeze would stop: there is a leak, or may be one."""
    return kind in OF_A_LEAK or silent(case)


def quotes(kind: str, case: Case, recipient: Recipient) -> bool:
    """Whether the notice shows its reader anything of the case: the message that began it among the rest."""
    return recipient.channel.audience != "out_of_band" and not discreet(kind, case)


def compose(kind: str, scene: Scene, recipient: Recipient) -> tuple[str, str]:
    """Subject and text of a notice for one reader."""
    organisation, file, language = scene.organisation, scene.file, recipient.language
    frame = words("frame", language)
    if recipient.channel.audience == "out_of_band":
        clock = file.case.has_clock(scene.details.get("clock", ""))
        held = clock is not None and clock.frozen_since is not None
        text = page(kind, language, organisation.console, organisation.crisis_phone, in_freeze=held)
        return text, text
    if discreet(kind, file.case):
        lines = [str(frame["discreet"]), *_clock_lines(scene, recipient), *_next_lines(scene, recipient)]
        # The way to the case, not to what is asked there: a path would say what kind of case it is.
        lines += _link_lines(scene, recipient, "crisis_opened")
        return typeset(frame["discreet_subject"], language), "\n".join(lines)
    facts = _facts(scene, language)
    told = wordings()[kind][language]
    subject = typeset(frame["subject"], language).format(
        brand=file.case.brand, subject=typeset(told["subject"], language).format_map(facts)
    )
    ask = told["ask_several"] if len(_tasks(scene)) > 1 else told["ask"]
    lines = [subject, typeset(ask, language).format_map(facts), ""]
    if scene.message is not None:
        lines.append(said(scene.message, scene, recipient))
    elif file.case.notes:
        # Nothing is public yet: what was asked or found, as it was written down.
        lines.append(typeset(frame["noted"], language).format(excerpt=excerpt(file.case.notes)))
    lines += _by_hand(scene, recipient)
    lines += _own_duties(kind, scene, recipient)
    lines += _clock_lines(scene, recipient)
    lines += _next_lines(scene, recipient)
    lines += _link_lines(scene, recipient, kind)
    return subject, "\n".join(lines)


def bare(kind: str, recipient: Recipient, organisation: Organisation) -> tuple[str, str]:
    """What is told where a notice cannot be composed: its page, which needs nothing of the case."""
    text = page(kind, recipient.language, organisation.console, organisation.crisis_phone)
    return text, text


def said(message: Message, scene: Scene, recipient: Recipient) -> str:
    """Who wrote what, where and when."""
    frame, language = words("frame", recipient.language), recipient.language
    places = words("places", language)
    author = excerpt(str(message.author.get("handle") or message.author.get("name") or ""), 60)
    return typeset(frame["said"], language).format(
        author=author or frame["nobody"].capitalize(),
        place=places.get(message.platform, places["other"]),
        published=local_time(message.published_at, scene.file.now, recipient.zone, language),
        excerpt=excerpt(message.text),
    )


def _by_hand(scene: Scene, recipient: Recipient) -> list[str]:
    """What the reader publishes by hand: each text once, under the places where it goes; the reader's language first."""
    tasks, version = _tasks(scene), _version(scene)
    if not tasks or version is None:
        return []
    heading, lines = words("press", recipient.language)["heading"], [""]
    for language in sorted(
        {task.language for task in tasks}, key=lambda one: (one != recipient.language, one)
    ):
        places = ", ".join(task.channel for task in tasks if task.language == language)
        lines += [heading.format(language=language.upper(), channels=places, post="")]
        lines += [version.texts[language], ""]
    return lines


def _tasks(scene: Scene) -> list[Delivery]:
    """Deliveries that are the reader's to publish."""
    return [one for one in scene.details.get("deliveries", []) if isinstance(one, Delivery)]


def _own_duties(kind: str, scene: Scene, recipient: Recipient) -> list[str]:
    """What is the reader's own to do: nobody is shown what is asked of others."""
    if kind not in OWN_DUTIES:
        return []
    mine = [
        duty
        for duty in scene.file.case.duties
        if duty.state == "open" and not duty.automatic and duty.owner == recipient.name
    ]
    titles = [f"- {title_of(duty, recipient.language)} ({duty.id})" for duty in mine]
    return (
        [typeset(words("frame", recipient.language)["yours"], recipient.language), *titles] if titles else []
    )


def _clock_lines(scene: Scene, recipient: Recipient) -> Iterator[str]:
    """One line for each clock that still runs."""
    language, now = recipient.language, scene.file.now
    frame, names = words("frame", language), words("clocks", language)
    for clock in scene.file.case.clocks:
        if clock.state not in STOPPED:
            late = clock.due_at < now
            yield typeset(frame["clock_late" if late else "clock"], language).format(
                clock=names[clock.id],
                left=time_left(clock.due_at, now, language),
                due=local_time(clock.due_at, now, recipient.zone, language, bare=True),
            )


def _next_lines(scene: Scene, recipient: Recipient) -> Iterator[str]:
    if scene.next_person is not None and scene.next_at is not None and scene.next_person.id != recipient.name:
        yield typeset(words("frame", recipient.language)["next"], recipient.language).format(
            next_at=local_time(scene.next_at, scene.file.now, recipient.zone, recipient.language),
            next_person=scene.next_person.name,
        )


def _link_lines(scene: Scene, recipient: Recipient, kind: str) -> Iterator[str]:
    frame = words("frame", recipient.language)
    yield typeset(frame["link"], recipient.language).format(link=link_to(kind, scene))


def link_to(kind: str, scene: Scene) -> str:
    """The place in the console where what is asked is done; the case's id alone where the organisation names no console."""
    case, given = scene.file.case, scene.details
    place = PLACES.get(kind, "")
    if "{version}" in place and not isinstance(given.get("version"), int):
        place = ""
    if "{duty}" in place and not given.get("duty"):
        place = ""
    rest = f"/#/cases/{case.id}" + place.format(version=given.get("version"), duty=given.get("duty"))
    return (scene.organisation.console or "").rstrip("/") + rest


def _version(scene: Scene) -> Any:
    number = scene.details.get("version")
    return scene.file.version(number) if isinstance(number, int) else None


def _facts(scene: Scene, language: str) -> _Details:
    """What the words of a kind may name, each in the reader's language."""
    case, details = scene.file.case, scene.details
    version = _version(scene)
    reasons = words("reasons", language)
    reason = str(details.get("reason", ""))
    duty = case.duty(str(details.get("duty") or reason))
    if duty is not None:
        reason = title_of(duty, language)
    delivery = None
    if details.get("channel") and not _tasks(scene):
        delivery = scene.file.deliveries.get(str(details["channel"]))
    proposed = case.no_response
    writer = version.by if version is not None else proposed.proposed_by if proposed is not None else ""
    return _Details(
        brand=case.brand,
        title=excerpt(scene.message.text, 80) if scene.message is not None else case.brand,
        case=case.case or "–",
        severity=words("severities", language)[case.severity],
        version=details.get("version", "–"),
        text=words("kinds", language)[version.kind] if version is not None else "–",
        reason=reason if duty is not None else reasons.get(reason, reasons["other"]),
        duty=f"{title_of(duty, language)} ({duty.id})" if duty else details.get("duty", "–"),
        clock=words("clocks", language).get(str(details.get("clock")), "–"),
        channel=delivery.channel if delivery is not None else details.get("channel", "–"),
        writer=_name(writer, scene.organisation, language),
        by=_name(str(details.get("by") or ""), scene.organisation, language),
        role=words("cell_roles", language).get(str(details.get("role")), str(details.get("role", "–"))),
        conditions=_conditions(proposed.reopen_if if proposed is not None else [], language),
        file=details.get("file", ""),
    )


def title_of(duty: Duty, language: str) -> str:
    """The duty in the reader's language."""
    return typeset(duty.title.get(language, duty.title.get("en", "")), language)


def _name(person: str, organisation: Organisation, language: str) -> str:
    known = organisation.person(person)
    return known.name if known is not None else person or str(words("frame", language)["nobody"])


def _conditions(conditions: list[str], language: str) -> str:
    """What reopens a case that is not answered, in words; those that a person watches for are that person's own."""
    table = words("conditions", language)
    told = []
    for condition in conditions:
        name, _, about = condition.partition(":")
        if name == "person":
            told.append(about)
        elif about.isdigit():
            told.append(plural(table[name], int(about), language))
        else:
            told.append(str(table[name]))
    return " ; ".join(told) if told and language == "fr" else "; ".join(told) or str(table["none"])


class _Details(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "–"


def people(organisation: Organisation, file: CaseFile, roles: Iterable[str]) -> list[Person]:
    """Those who have one of the roles, each once; `owner` means who owns an open duty of the case."""
    found: list[Person] = []
    for role in roles:
        if role == "owner":
            ids = [
                duty.owner
                for duty in file.case.duties
                if duty.state == "open" and not duty.automatic and duty.owner
            ]
            there = {person.id: person for person in staying(organisation, file.now)}
            chosen = [there[one] for one in dict.fromkeys(ids) if one in there]
            chosen = chosen or people_for(organisation, "on_call", file.now)
        elif role.startswith("person:"):
            wanted = role.removeprefix("person:")
            chosen = [person for person in staying(organisation, file.now) if person.id == wanted]
        else:
            chosen = people_for(organisation, role, file.now)
        found += [person for person in chosen if person not in found]
    return found


def recipients(
    organisation: Organisation, file: CaseFile, roles: Iterable[str], to: To, *, room: bool
) -> list[Recipient]:
    """Where a notice goes: each person's first address of that audience (any address where they have none there),
    and with `room` the team channels that belong to nobody."""
    chosen: list[Recipient] = []
    for person in people(organisation, file, roles):
        reaches = [(organisation.channel(reach.channel), reach.address) for reach in person.reach]
        fitting = [reach for reach in reaches if reach[0].audience == to] or (
            [] if to == "out_of_band" else reaches
        )
        if fitting:
            channel, address = fitting[0]
            chosen.append(to_person(organisation, person, channel, address))
    if room and to == "team":
        chosen += team_rooms(organisation)
    return chosen


def team_rooms(organisation: Organisation) -> list[Recipient]:
    """The team's channels as readers, each in its first language."""
    return [
        Recipient(channel, channel.languages[0], None, channel.id, organisation.time_zone)
        for channel in rooms(organisation)
    ]


def to_person(
    organisation: Organisation, person: Person, channel: ChannelSettings, address: str | None
) -> Recipient:
    """A person on one of their ways, with their language and their clock."""
    zone = person.time_zone or organisation.time_zone
    return Recipient(channel, person.language, address, person.id, zone)


def notice(
    kind: str,
    subject_key: str,
    file: CaseFile,
    recipient: Recipient,
    told: tuple[str, str],
    panel: Panel | None = None,
    waiting: str | None = None,
) -> Delivery:
    """The notice as a delivery; its key says case, occasion and reader, so that a retried step tells nobody twice (I6).

    `told`: its subject and text, as `compose` makes them. `waiting`: what its reader may acknowledge where it rings.
    """
    subject, text = told
    return Delivery(
        key=f"{file.case.id}:{kind}:{subject_key}:{recipient.name}:{recipient.channel.id}",
        case_id=file.case.id,
        kind=kind,
        channel=recipient.channel.id,
        audience=recipient.channel.audience,
        language=recipient.language,
        required=False,
        text=text,
        subject=subject,
        recipient=recipient.address,
        panel=panel,
        waiting=waiting,
        person=recipient.name if waiting is not None else None,
        created_at=file.now,
    )
