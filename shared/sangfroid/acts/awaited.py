"""What waits in the desk: of whom it is asked, who is called next, and what a freeze waits for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sangfroid.cases.waiting import Awaited
from sangfroid.model import Acknowledgement, Role
from sangfroid.organisation import Organisation
from sangfroid.organisation_parts import Person
from sangfroid.roster import Roster, ladder, people_for
from sangfroid.store.freeze import Freeze
from sangfroid.text.identity import same_person

Document = dict[str, Any]
"""As JSON, and as an item keeps it."""


class Asked:
    """Who is asked for what waits, among those who are there now; each role is looked up once."""

    def __init__(self, organisation: Organisation, roster: Roster, now: datetime) -> None:
        self._organisation, self._roster, self._now = organisation, roster, now
        self._there = {one.id: one for one in organisation.people if roster.present(one.id, now)}
        self._of_role: dict[str, list[str]] = {}
        self._behind: dict[str, list[str]] = {}
        rung = organisation.escalation.ladder[0]
        climbing = [one for one in organisation.escalation.ladder if one.role != "owner"]
        self._ladder = [one.role for one in climbing] or [rung.role]

    def standing_in(self, awaited: Iterable[Awaited]) -> Iterable[Awaited]:
        """What waits; where nobody who was asked by name is there, it waits for everybody with the role."""
        for one in awaited:
            if one.people and one.duties and not any(person in self._there for person in one.people):
                yield one.model_copy(update={"people": []})
            else:
                yield one

    def people(self, awaited: Iterable[Awaited]) -> list[str]:
        """Whose yes or work is missing, by name."""
        found: dict[str, None] = {}
        for one in self.standing_in(awaited):
            named = [person for person in one.people if person in self._there] or self._with(one)
            found |= dict.fromkeys(person for person in named if person not in one.never)
        return list(found)

    def with_access(self, role: Role) -> list[str]:
        """Everybody who is there and has this role of the interface."""
        return [person.id for person in self._there.values() if role in person.access]

    def next_call(self, one: Awaited) -> tuple[str | None, datetime | None]:
        """Who is called where nobody acts, and when: as the ladder will find it then, with the calls that were made so far.

        Whoever it was put to by name has it already; they are called again only once calls have begun.
        """
        organisation = self._organisation
        pace = organisation.thresholds
        if one.acknowledged is not None:
            at = one.acknowledged.until
        elif one.calls:
            at = one.calls[-1].at + pace.ask_again_after
        else:
            at = one.since + pace.silence_after
        order = self._callable(one)
        if not order:
            return None, None
        urgent = not ladder.can_wait(organisation, order[0], at, one.due_at)
        rung = ladder.next_rung(
            organisation, order, one.calls, at, urgent=urgent, rung=one.rung_elsewhere(order)
        )
        return (rung.person or order[0]).id, rung.until or at

    def _callable(self, one: Awaited) -> list[Person]:
        """Everybody whom the ladder can call for it, the first first: those meant, then its roles, as `Notices` asks them."""
        meant = one.people if one.people else [person for role in one.duties for person in self._ranked(role)]
        ids = [*meant, *(person for role in self._ladder for person in self._ranked(role))]
        found = [self._there[person] for person in dict.fromkeys(ids) if person in self._there]
        asked = () if one.calls else one.people
        return [
            person
            for person in found
            if person.reach
            and person.id not in asked
            and not any(same_person(person.id, other) for other in one.never)
        ]

    def _ranked(self, role: str) -> list[str]:
        """People of a role: whoever is on duty first, those behind them after that."""
        if role not in self._behind:
            self._behind[role] = [one.person.id for one in self._roster.ranked(role, self._now)]
        return self._behind[role]

    def _with(self, one: Awaited) -> list[str]:
        if one.duties:
            return [person for role in one.duties for person in self._first(role)]
        return [person.id for person in self._there.values() if not set(person.access).isdisjoint(one.access)]

    def _first(self, role: str) -> list[str]:
        if role not in self._of_role:
            order: list[Person] = people_for(self._organisation, role, self._now)
            self._of_role[role] = [one.id for one in order]
        return self._of_role[role]


OF_THE_FREEZE = ("release", "freeze_checklist")
"""Kinds that wait for the freeze, not for one case."""


def freeze_document(freeze: Freeze, held: int) -> Document:
    """What the index holds of the freeze; nothing of one that is over."""
    kept = {
        "state",
        "raised_at",
        "raised_by",
        "effective_at",
        "reason",
        "cases",
        "statements",
        "releases",
        "acknowledged",
    }
    shown = (freeze if freeze.active else Freeze()).model_dump(mode="json", include=kept)
    suspended = freeze.suspensions if freeze.active else []
    by_hand = [one.channel for one in suspended if one.result in ("by_person", "failed") and not one.proof]
    return shown | {
        "active": freeze.active,
        "holding": freeze.holding if freeze.active else [],
        "held_count": held,
        "suspended_count": sum(1 for one in suspended if one.settled),
        "open_checklist": len(by_hand),
        "by_hand": by_hand[:1],
    }


def of_freeze(freeze: Document, approved: dict[str, Document]) -> list[Awaited]:
    """What the freeze waits for: proofs that channels were stopped by hand, and directors for each stage of the release."""
    if not freeze.get("active"):
        return []
    found = []
    if freeze["open_checklist"]:
        found.append(
            Awaited(
                id="freeze_checklist:all", kind="freeze_checklist", access=["responder", "director"], since=freeze["raised_at"],
                link="/freeze", what={"n": freeze["open_checklist"], "channel": freeze["by_hand"][0]},
            )
        )  # fmt: skip
    for case_id in freeze["holding"] or [None]:
        text = approved.get(case_id) if case_id else None
        for scope in ("statement", "all"):
            votes = [
                vote
                for vote in freeze["releases"]
                if vote["scope"] == scope
                and vote["case_id"] == case_id
                and (scope == "all" or (text is not None and vote["content_hash"] == text["content_hash"]))
            ]
            ready = scope == "statement" and text is not None and freeze["state"] != "raised"
            if scope == "all" and case_id in freeze["statements"]:
                ready = True  # the statement is out: what is left is to lift the rest, once it is over
            if (
                scope == "statement"
                and ready
                and text is not None
                and freeze["statements"].get(case_id) == text["content_hash"]
            ):
                continue
            if votes or ready:
                found.append(_release(scope, case_id, votes, text, freeze["raised_at"]))
    for one in found:
        seen = freeze["acknowledged"].get(one.id)
        one.acknowledged = Acknowledgement.model_validate(seen) if seen else None
    return found


def _release(
    scope: str, case_id: str | None, votes: list[Document], text: Document | None, raised_at: str
) -> Awaited:
    place = f"{scope}/{case_id}" if case_id else scope
    what = {"scope": scope, "case_id": case_id, "by": votes[0]["by"] if votes else None}
    return Awaited.model_validate(
        {
            "id": f"release:{place.replace('/', ':')}",
            "kind": "release",
            "access": ["director"],
            "never": [vote["by"] for vote in votes],
            "since": votes[0]["at"] if votes else raised_at,
            "link": f"/release/{place}",
            "what": what | ({"version": text["version"]} if scope == "statement" and text else {}),
        }
    )
