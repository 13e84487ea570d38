"""`make nights`: who is called at night, when, how and how often, in virtual time, told in French and in English (I14, R3).

Six nights on the whole local stack, with the organisation of the examples and nobody awake: nothing is simulated but the time.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from local.organisation_files import EXAMPLE
from local.stack import Stack
from sangfroid.acts.notices import WITH_THE_FREEZE
from sangfroid.model import rfc3339
from sangfroid.organisation import Organisation, load
from sangfroid.outbound.wording import plural, typeset, wordings

PARIS = ZoneInfo("Europe/Paris")
EVENING = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
"""23:00 in Paris."""

ANA = ("ana", ["reporter", "responder"])
WEAK = "Rumeur : une fuite chez Nuage ? Pas de source"
STRONG = "LEAKED: confidential salary file of all employees of Nuage, internal documents, customer database dump online"
DOUBTFUL = "Nuage, franchement, c'est toujours pareil avec vous…"

WORDS: dict[str, dict[str, Any]] = {
    "fr": {
        "call": "appel", "quiet": "message discret", "calls": {"one": "{n} appel", "other": "{n} appels"},
        "why": "Pourquoi : {why}", "failed": "n'aboutit pas", "unreached": "Jamais joints : {who}",
    },
    "en": {
        "call": "call", "quiet": "quiet message", "calls": {"one": "{n} call", "other": "{n} calls"},
        "why": "Why: {why}", "failed": "does not get through", "unreached": "Never reached: {who}",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Night:
    """One night: what happens in it, until when it is watched, and its title."""

    title: dict[str, str]
    begin: Callable[[Stack], str]
    lasts: timedelta = timedelta(hours=8)
    starts: datetime = EVENING


def report(stack: Stack, text: str, *, ago: timedelta, platform: str = "x", **more: Any) -> str:
    """Somebody reports a message that was published `ago`; the id of its case."""
    message = {"text": text, "platform": platform, "published_at": rfc3339(stack.clock.now() - ago)}
    answer = stack.request(
        "POST", "/incidents", {"brand": "Nuage SA", "message": message} | more, token=stack.token(*ANA)
    )
    stack.settle()
    return str(answer.json["case_id"])


def doubtful(stack: Stack) -> str:
    """A message that no machine can classify; its 12 h end before anybody would have time in the morning."""
    return report(stack, DOUBTFUL, ago=timedelta(hours=4))


def without_pager(stack: Stack) -> str:
    """The same, with the pager down all night."""
    stack.faults.set([{"point": "channel:pager", "mode": "error", "times": 1000}])
    return doubtful(stack)


def breach(stack: Stack) -> str:
    """A crisis opened in the afternoon, for which nobody did anything: its 12 h end at 03:00."""
    case = report(stack, "Plus rien ne marche chez Nuage depuis ce matin", ago=timedelta(minutes=10))
    body = {"case": 1, "leak": False, "reason": "it is ours"}
    stack.request("POST", f"/cases/{case}/triage", body, token=stack.token(*ANA))
    stack.settle()
    return case


NIGHTS = (
    Night(
        {"fr": "Un message douteux à 23 h 00, personne ne répond", "en": "One doubtful message at 23:00, nobody answers"},
        doubtful,
    ),
    Night({"fr": "Le même, l'astreinte téléphonique en panne", "en": "The same, with the pager down"}, without_pager),
    Night(
        {"fr": "Un faible soupçon de fuite", "en": "A weak suspicion of a leak"},
        lambda stack: report(stack, WEAK, ago=timedelta(hours=1), platform="forum"),
    ),
    Night(
        {"fr": "Un fort soupçon de fuite", "en": "A strong suspicion of a leak"},
        lambda stack: report(stack, STRONG, ago=timedelta(hours=1), platform="forum"),
        timedelta(hours=3),
    ),
    Night(
        {"fr": "Une fuite affirmée de l'intérieur", "en": "A leak that an insider asserts"},
        lambda stack: report(stack, STRONG, ago=timedelta(hours=1), asserted={"confidential_leak": True}),
        timedelta(hours=3),
    ),
    Night(
        {"fr": "Une échéance dépassée à 03 h 00", "en": "A deadline that passes at 03:00"},
        breach,
        timedelta(hours=17),
        datetime(2026, 11, 20, 14, 10, tzinfo=UTC),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """One attempt to reach somebody: whom (a person, or a room), by which channel, about what, and whether it got through."""

    at: datetime
    who: str
    channel: str
    rings: bool
    kind: str
    through: bool

    @property
    def at_night(self) -> bool:
        """Whether it was between 22:00 and 07:00 in Paris."""
        return not 7 <= self.at.astimezone(PARIS).hour < 22


@dataclass(frozen=True)
class Seen:
    """What was seen in one night: everything that was told between evening and morning, why, and who was never reached."""

    night: Night
    told: list[Told]
    why: dict[str, str]
    unreached: list[str]

    @property
    def calls(self) -> list[Told]:
        """What rang."""
        return [one for one in self.told if one.rings and one.through]


def watch(night: Night, organisation: Organisation) -> Seen:
    """Live through the night on a stack of its own."""
    stack = Stack.borrow(now=night.starts)
    stack.faults.clear()
    case = night.begin(stack)
    stack.clock.advance(night.lasts)
    stack.faults.clear()
    token = stack.token("auditor", ["auditor"])
    events = stack.request("GET", f"/cases/{case}/timeline", None, token=token).json["events"]
    found = [one for event in events if event["kind"] == "notified" for one in _of(event, organisation)]
    for letter in stack.outbox():  # calls about the freeze itself belong to no case
        if letter["case_id"] == "freeze":
            who = letter["key"].split(":")[-2]
            found.append(
                Told(datetime.fromisoformat(letter["at"]), who, letter["channel"], True, letter["kind"], True)
            )
    why: dict[str, str] = next(
        (event["data"]["why"] for event in events if event["kind"] == "leak_suspected"), {}
    )
    unreached = [one for event in events if event["kind"] == "not_reached" for one in event["data"]["people"]]
    at_night = sorted((one for one in found if one.at_night), key=lambda one: one.at)
    return Seen(night, at_night, why, list(dict.fromkeys(unreached)))


def _of(event: dict[str, Any], organisation: Organisation) -> Iterator[Told]:
    for one in event["data"]["recipients"]:
        to, _, outcome = one.partition(": ")
        who, _, channel = to.rpartition("@")
        if outcome == WITH_THE_FREEZE:
            continue  # the page of the freeze is the call
        rings = organisation.channel(channel).audience == "out_of_band"
        at = datetime.fromisoformat(event["at"])
        yield Told(at, who, channel, rings, event["data"]["notice"], outcome == "published")


def tell(seen: Seen, language: str, organisation: Organisation, out: TextIO) -> None:
    """One night in one language."""
    words = WORDS[language]

    def name_of(who: str) -> str:
        person = organisation.person(who)
        return person.name if person is not None else who

    def say(text: str) -> None:
        print(typeset(text, language), file=out)

    say(f"\n{seen.night.title[language]}")
    if seen.why:
        say("  " + words["why"].format(why=seen.why[language]))
    for one in seen.told:
        how = words["call"] if one.rings else words["quiet"]
        about = wordings()[one.kind][language]["page"].partition(":")[2].strip()
        failed = "" if one.through else f" ({words['failed']})"
        say(
            f"  {one.at.astimezone(PARIS):%H:%M}  {how:<15} {name_of(one.who):<18} {one.channel:<11} {about}{failed}"
        )
    counts = Counter(one.who for one in seen.calls)
    each = ", ".join(f"{name_of(who)} × {n}" for who, n in counts.items())
    say(f"  = {plural(words['calls'], sum(counts.values()), language)}" + (f" ({each})" if each else ""))
    if seen.unreached:
        say("  " + words["unreached"].format(who=", ".join(map(name_of, seen.unreached))))


def main(out: TextIO = sys.stdout) -> int:
    """Live through every night once, and tell it twice."""
    organisation = load(EXAMPLE)
    seen = [watch(night, organisation) for night in NIGHTS]
    for language, title in (("fr", "NUITS"), ("en", "NIGHTS")):
        print(f"\n=== {title} ===", file=out)
        for one in seen:
            tell(one, language, organisation, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
