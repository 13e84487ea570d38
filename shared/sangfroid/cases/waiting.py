"""What a case waits for, and whose it is: one entry for each thing that a person can do next (R2, R3).

Drawn from the case alone, so that the index of the desk can be made anew from it at any time. Who of the people with a role is
there, and whether a freeze stands, is for whoever reads the index.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import Field

from sangfroid.casefile import CaseFile
from sangfroid.cases import cell, closing, tally, version_lines
from sangfroid.cases.promises import NEWS
from sangfroid.errors import IllegalTransition, NotAllowed, NotFound
from sangfroid.known import ReviewLine, VersionLine
from sangfroid.model import Acknowledgement, Called, Duty, Instant, Model, Role, rfc3339
from sangfroid.organisation_parts import Person
from sangfroid.text.identity import same_person

Kind = Literal[
    "triage", "write", "review", "duty", "release", "confirm_no_response", "retraction", "delivery", "comment", "measure",
    "acknowledge", "suspicion", "freeze_checklist", "close", "reply", "community_first", "called",
]  # fmt: skip
Step = Literal["triage", "write", "review", "publish", "watching", "follow_up", "close", "held", "closed"]
"""Where a case stands, in one word. `held`: the freeze holds it. `watching`: it was decided not to respond."""

ANY_MAY_DECIDE: list[Role] = ["approver", "director"]
CLOCKS_OF = {"response": ("response_ready",), "holding": ("first_word",)}
"""Kind of a text -> the clocks that its approval is for."""

CALLS_SHOWN = 12
"""Calls from which it is told who is called next: as many as a night has at most by default."""

LIVE = ("draft", "in_review", "approved")


class Awaited(Model):
    """One thing that waits. `access`: roles of the interface of which one is needed; `duties`: roles of the playbook whose it is.

    `people`: who is asked by name (empty: everybody who has one of the `duties`, or where there are none, of the `access`);
    `never`: who must not do it. `link` is a place of the console behind `/#`.
    """

    id: str
    kind: Kind
    access: list[Role]
    duties: list[str] = Field(default_factory=list)
    people: list[str] = Field(default_factory=list)
    open_to_others: bool = False
    never: list[str] = Field(default_factory=list)
    due_at: Instant | None = None
    since: Instant
    link: str
    what: dict[str, Any] = Field(default_factory=dict)
    acknowledged: Acknowledgement | None = None
    calls: list[Called] = Field(
        default_factory=list, description="Who was called for it so far, the latest last."
    )

    rung: dict[str, Instant] = Field(
        default_factory=dict,
        description="Who was rung up for something else of the case, and when last.",
    )

    def rung_elsewhere(self, people: Iterable[Person]) -> dict[str, datetime]:
        """Those who were rung up for something else of the case and cannot do this anyway: they are up, and the desk shows them
        everything that waits. Whoever can do it is called for it, whatever else they were called for."""
        return {
            one.id: self.rung[one.id]
            for one in people
            if one.id in self.rung and not self.may(one.id, frozenset(one.access))
        }

    def may(self, person: str, roles: frozenset[Role]) -> bool:
        """Whether somebody with these roles may do it at all."""
        if any(same_person(person, other) for other in self.never):
            return False
        return not roles.isdisjoint(self.access)

    def is_for(self, person: str, roles: frozenset[Role], duties: frozenset[str]) -> bool:
        """Whether it waits for somebody with these roles and duties. Who has no duties is asked for what the roles allow."""
        if not self.may(person, roles):
            return False
        if person in self.people or self.open_to_others:
            return True
        if self.people:
            return False
        return not self.duties or not duties or not duties.isdisjoint(self.duties)

    def has_called(self, person: str) -> bool:
        """Whether somebody was reached for it while nobody answered: then they may say that they have it (I14)."""
        if any(same_person(person, other) for other in self.never):
            return False
        return any(one.reached and same_person(one.person, person) for one in self.calls)


def waits(file: CaseFile) -> list[Awaited]:
    """Everything that the case waits for now, in no special order."""
    found = [*_decisions(file), *_texts(file), *_work(file)] if file.case.status != "closed" else []
    for one in found:
        one.acknowledged = file.case.acknowledged.get(one.id)
        one.calls = file.case.calls.get(one.id, [])[-CALLS_SHOWN:]
        one.rung = last_rung(file, but=one.id)
    return found


def last_rung(file: CaseFile, *, but: str = "") -> dict[str, datetime]:
    """When each person was last rung up for something of the case, and it got through; `but`: a thing that does not count."""
    found: dict[str, datetime] = {}
    for thing, calls in file.case.calls.items():
        for one in calls if thing != but else ():
            if one.reached and one.audience == "out_of_band":
                found[one.person] = max(one.at, found.get(one.person, one.at))
    return found


def step(file: CaseFile) -> Step:
    """Where the case stands, the freeze aside."""
    case = file.case
    if case.status in ("closed", "triage"):
        return "closed" if case.status == "closed" else "triage"
    if _silent(file):
        return "watching"
    if case.status == "responding":
        version = _current(file)
        if version is None or version.state == "draft":
            return "write"
        return "review" if version.state == "in_review" else "publish"
    return "follow_up" if closing.is_owed(file) else "close"


def acknowledge(
    file: CaseFile, waiting_id: str, roles: frozenset[Role], duties: frozenset[str], lasting: timedelta
) -> Acknowledgement:
    """Whoever it waits for has seen it: nobody else is called for it before `lasting` is over.

    Raises NotFound, IllegalTransition (it waits no longer) and NotAllowed.
    """
    standing = {one.id: one for one in waits(file)}
    found = standing.get(waiting_id)
    if found is None:
        if waiting_id.partition(":")[0] not in KINDS:
            raise NotFound("Nothing of that name waits.")
        raise IllegalTransition("It waits no longer: somebody has done it, or the case has moved on.")
    if not (found.is_for(file.by, roles, duties) or found.has_called(file.by)):
        raise NotAllowed("This waits for others, not for you.")
    seen = Acknowledgement(by=file.by, at=file.now, until=file.now + lasting)
    kept = {key: value for key, value in file.case.acknowledged.items() if key in standing}
    file.case.acknowledged = kept | {waiting_id: seen}
    file.note("acknowledged", waiting=waiting_id, what=found.kind, until=rfc3339(seen.until))
    return seen


KINDS = frozenset(Kind.__args__)  # type: ignore[attr-defined]  # the words of a Literal


def _silent(file: CaseFile) -> bool:
    return file.case.no_response is not None and file.case.no_response.stands


def _current(file: CaseFile) -> VersionLine | None:
    """The response that people work on: the newest that is not dead."""
    living = [one for one in file.lines if one.kind == "response" and one.state in LIVE]
    return living[-1] if living else None


def _due(file: CaseFile, *clocks: str) -> datetime | None:
    """When the first of these clocks that has not stopped is due."""
    owed = [
        one.due_at for one in file.case.clocks if one.id in clocks and one.state in ("running", "breached")
    ]
    return min(owed, default=None)


def _decisions(file: CaseFile) -> Iterator[Awaited]:
    case, place, ready = file.case, f"/cases/{file.case.id}", _due(file, "response_ready")
    if case.status == "triage":
        yield Awaited(
            id=f"triage:{case.id}", kind="triage", access=["responder"], duties=["on_call", "writer"],
            due_at=ready, since=case.opened_at, link=f"{place}/triage",
        )  # fmt: skip
    if case.suspicion == "pending":
        yield Awaited(
            id=f"suspicion:{case.id}", kind="suspicion", access=["director"], since=case.opened_at, link=f"{place}/suspicion",
        )  # fmt: skip
    proposed = case.no_response
    if proposed is not None and proposed.confirmed_at is None:
        yield Awaited(
            id=f"confirm_no_response:{case.id}", kind="confirm_no_response", access=ANY_MAY_DECIDE,
            never=[proposed.proposed_by], due_at=ready, since=proposed.proposed_at, link=f"{place}/no-response",
            what={"by": proposed.proposed_by},
        )  # fmt: skip
    asked = next((one for one in case.waits if one.until == "order_decided"), None)
    if asked is not None and case.community_first is None:
        yield Awaited(
            id=f"community_first:{case.id}", kind="community_first", access=ANY_MAY_DECIDE,
            due_at=_due(file, "response_published"), since=asked.since, link=f"{place}/community-first",
        )  # fmt: skip
    for key, back in sorted(tally.known(file).proposed.items()):
        yield Awaited(
            id=f"retraction:{case.id}:{key}", kind="retraction", access=ANY_MAY_DECIDE, never=[back.by],
            since=back.since, link=f"{place}/deliveries",
            what={"n": 1, "channel": back.channel, "by": back.by, "delivery": key},
        )  # fmt: skip


def _texts(file: CaseFile) -> Iterator[Awaited]:
    case, place = file.case, f"/cases/{file.case.id}"
    if case.status == "responding" and not _silent(file):
        version = _current(file)
        if version is None or version.state == "draft":
            last = file.latest("response")
            again = last if last is not None and last.state in ("rejected", "draft") else None
            yield Awaited(
                id=f"write:{case.id}", kind="write", access=["responder"], duties=["writer"],
                due_at=_due(file, "first_word", "response_ready"),
                since=again.at if again else case.opened_at, link=f"{place}/write",
                what={"again": again.version, "state": again.state, "by": again.by} if again else {},
            )  # fmt: skip
    for line in file.lines:
        if line.review is not None:
            yield _review(file, line, line.review, _due(file, *CLOCKS_OF.get(line.kind, ())))


def _review(file: CaseFile, version: VersionLine, review: ReviewLine, due: datetime | None) -> Awaited:
    """Those who were asked come first, but everybody who may say yes can: whoever is asked may be asleep."""
    given, authors = review.given, review.authors or version_lines.authors(file, version.version)
    pilot = file.case.cell.get(cell.PILOT)
    return Awaited(
        id=f"review:{file.case.id}:{version.version}", kind="review", access=ANY_MAY_DECIDE,
        people=[one for one in review.asked if one not in given], open_to_others=True,
        never=list(dict.fromkeys([*authors, *given, *([pilot] if pilot else [])])), due_at=due, since=version.at,
        link=f"/cases/{file.case.id}/review/{version.version}",
        what={
            "version": version.version, "by": version.by, "kind": version.kind, "approvals": len(given),
            "needed": review.needed,
        },
    )  # fmt: skip


def _work(file: CaseFile) -> Iterator[Awaited]:
    case, place = file.case, f"/cases/{file.case.id}"
    yield from (
        _duty(file, duty)
        for duty in case.duties
        if duty.state == "open" and (not duty.automatic or _has_to_be_written(file, duty))
    )
    stuck = [one for _, one in sorted(tally.known(file).stuck.items())]
    if stuck:
        yield Awaited(
            id=f"delivery:{case.id}", kind="delivery", access=["responder"], due_at=_due(file, "response_published"),
            since=min(one.since for one in stuck), link=f"{place}/deliveries",
            what={"n": len(stuck), "channel": stuck[0].channel, "state": stuck[0].state},
        )  # fmt: skip
    if case.status in ("published", "following_up", "responding") and not closing.is_owed(file):
        yield Awaited(
            id=f"close:{case.id}", kind="close", access=["responder"], duties=["writer", cell.PILOT],
            since=case.updated_at, link=f"{place}/close",
        )  # fmt: skip


def _has_to_be_written(file: CaseFile, duty: Duty) -> bool:
    """Whether somebody still has to write the news that a text has promised: they keep it, once they are out."""
    promised = duty.promised_in
    return promised is not None and not any(
        one.kind in NEWS and one.version > promised and one.state in ("in_review", "approved")
        for one in file.lines
    )


def _duty(file: CaseFile, duty: Duty) -> Awaited:
    return Awaited(
        id=f"duty:{file.case.id}:{duty.id}", kind="duty", access=["responder"], duties=[duty.role],
        people=[duty.owner] if duty.owner else [], due_at=duty.due_at, since=duty.opened_at,
        link=f"/cases/{file.case.id}/duty/{duty.id}", what={"duty": duty.id, "titles": duty.title, "role": duty.role},
    )  # fmt: skip
