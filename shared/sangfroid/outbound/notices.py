"""What the desk tells people: who is told, over which channel, and in which words (R2, R3).

A notice names the case, what is asked, and the time left on the clock, in the reader's language. One that goes out of band
carries no content of the case: neither brand nor text (I3).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from sangfroid.casefile import CaseFile
from sangfroid.cases.clocks import STOPPED
from sangfroid.model import Case, Delivery, Message, rfc3339
from sangfroid.organisation import ChannelSettings, Organisation, Person
from sangfroid.roster import people_for, staying

To = Literal["team", "out_of_band"]


@dataclass(frozen=True)
class Recipient:
    """Somebody on one channel: a person's address there, or the channel itself (a team room)."""

    channel: ChannelSettings
    language: str
    address: str | None
    name: str


@cache
def wordings() -> dict[str, dict[str, dict[str, str]]]:
    """kind -> language -> {subject, ask}; kept as data in notices.yaml."""
    text = (files("sangfroid.outbound") / "notices.yaml").read_text("utf-8")
    loaded: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(text)
    return loaded


@cache
def words_within() -> dict[str, dict[str, dict[str, str]]]:
    """`kinds` and `reasons` -> language -> words; kept as data in notice_words.yaml."""
    text = (files("sangfroid.outbound") / "notice_words.yaml").read_text("utf-8")
    loaded: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(text)
    return loaded


def time_left(due_at: datetime, now: datetime, language: str) -> str:
    """`5 h 30 min left` / `il reste 5 h 30 min`, or how long the deadline has passed."""
    gap = due_at - now
    late = gap < timedelta(0)
    minutes = int(abs(gap).total_seconds()) // 60
    days, hours, rest = minutes // 1440, minutes // 60, minutes % 60
    span = f"{hours} h {rest:02d} min" if days < 3 else f"{days} {'jours' if language == 'fr' else 'days'}"
    if language == "fr":
        return f"dépassé depuis {span}" if late else f"il reste {span}"
    return f"{span} overdue" if late else f"{span} left"


def clock_lines(case: Case, now: datetime, language: str) -> Iterator[str]:
    """One line for each clock that still runs."""
    names = {
        "fr": {
            "response_ready": "Réponse prête (12 h)",
            "response_published": "Réponse publiée (48 h)",
            "first_word": "Premier mot (règle interne)",
        },
        "en": {
            "response_ready": "Response ready (12 h)",
            "response_published": "Response published (48 h)",
            "first_word": "First word (our own rule)",
        },
    }[language]
    for clock in case.clocks:
        if clock.state not in STOPPED:
            when = clock.due_at.strftime("%Y-%m-%d %H:%M UTC")
            yield f"{names[clock.id]} : {time_left(clock.due_at, now, language)} ({when})"


def compose(kind: str, file: CaseFile, recipient: Recipient, details: dict[str, Any]) -> tuple[str, str]:
    """Subject and text of a notice for one reader."""
    case, language = file.case, recipient.language
    words = wordings()[kind][language]
    if recipient.channel.audience == "out_of_band":
        lines = [
            words["page"] if "page" in words else words["subject"].format_map(_Bare(details)),
            f"{case.id}",
        ]
        lines += clock_lines(case, file.now, language)
        return lines[0], "\n".join(lines)
    version = file.version(details["version"]) if isinstance(details.get("version"), int) else None
    reason = str(details.get("reason", "–"))
    facts = _Details(
        details
        | {"brand": case.brand, "case": case.case, "severity": case.severity, "status": case.status}
        | {"text": words_within()["kinds"][language][version.kind] if version is not None else "–"}
        | {"reason": words_within()["reasons"][language].get(reason, reason)}
    )
    subject = f"[{case.brand}] {words['subject'].format_map(facts)}"
    lines = [words["ask"].format_map(facts)]
    if isinstance(by_hand := details.get("delivery"), Delivery) and version is not None:
        lines += ["", version.texts[by_hand.language], ""]
    if details.get("duties"):
        titles = [duty for duty in case.duties if duty.id in details["duties"]]
        lines += [f"- {duty.id} {duty.title.get(language, duty.title.get('en', ''))}" for duty in titles]
    lines += clock_lines(case, file.now, language)
    lines.append(("Dossier : " if language == "fr" else "Case: ") + case.id)
    return subject, "\n".join(lines)


def file_for_agency(case: Case, messages: Iterable[Message]) -> str:
    """The whole file in plain text: what is known, and the messages (C4.1)."""
    first = case.first_published_at
    lines = [f"{case.brand} · {case.severity} · {case.why}", f"1st: {rfc3339(first) if first else '–'}"]
    lines += [
        f"- {rfc3339(message.published_at)} {message.platform} {message.url or ''}\n  {message.text}"
        for message in messages
    ]
    return "\n".join(lines)


class _Details(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "–"


class _Bare(dict[str, Any]):
    """Details for a page: nothing of the case but what names a clock or a number."""

    SAFE = ("clock", "rung", "channel", "duty")

    def __missing__(self, key: str) -> str:
        return "–"

    def __getitem__(self, key: str) -> Any:
        return super().__getitem__(key) if key in self.SAFE and key in self else "–"


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
            chosen.append(Recipient(channel, person.language, address, person.id))
    if room and to == "team":
        personal = {reach.channel for person in organisation.people for reach in person.reach}
        chosen += [
            Recipient(channel, channel.languages[0], None, channel.id)
            for channel in organisation.channels_for("team")
            if channel.id not in personal
        ]
    return chosen


def notice(
    kind: str, subject_key: str, file: CaseFile, recipient: Recipient, details: dict[str, Any]
) -> Delivery:
    """The notice as a delivery; its key says case, occasion and reader, so that a retried step tells nobody twice (I6)."""
    subject, text = compose(kind, file, recipient, details)
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
        created_at=file.now,
    )
