"""Which case it is: the first verdict, a person's decision, and reclassification while everything runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sangfroid.casefile import CaseFile
from sangfroid.cases import cell, clocks, community, facts, no_response, planning, responses, retractions
from sangfroid.cases.substance import required
from sangfroid.errors import FieldError, IllegalTransition, Invalid
from sangfroid.model import CaseNumber, Duty
from sangfroid.organisation import Organisation
from sangfroid.playbooks import PlaybookDuty, playbook
from sangfroid.roster import person_for
from sangfroid.triage import harm
from sangfroid.triage.report import Verdict

TRACED = ("C1.1", "C2.1")
"""Duties to which the findings of the source tracing belong."""


def by_machine(file: CaseFile, verdict: Verdict, organisation: Organisation, reach: int = 0) -> bool:
    """Keep the classifier's verdict; below the threshold nothing is decided and a person is asked (returns False).

    Does nothing where a person has decided already. `reach` (0 to 4): how many people see the message.
    """
    case = file.case
    if case.round > 0:
        return True
    case.severity, case.author, case.confidence = (
        verdict.severity,
        verdict.author,
        round(verdict.confidence, 3),
    )
    case.why, case.leak_suspected = verdict.why, verdict.leak_suspected
    case.triage_detail = verdict.model_dump(
        mode="json", include={"reasons", "alternatives", "contradictions", "suspicion", "danger"}
    )
    if (verdict.leak or verdict.leak_suspected) and not case.asserted.get("confidential_leak"):
        _suspect(file, organisation, woken(file, verdict, organisation, reach))
    # A person took the trouble to report it: that it is nothing is for a person to say, however sure a machine is.
    dismissed = verdict.case is None and not case.opened_by.startswith("webhook:")
    if not verdict.sure or dismissed:
        file.note(
            "triage_unsure", confidence=case.confidence, candidates=[a.case for a in verdict.alternatives]
        )
        return False
    _classify(
        file,
        verdict.case,
        verdict.leak,
        "rules" if verdict.by == "insider" else verdict.by,
        verdict.why,
        organisation,
    )
    return True


def woken(file: CaseFile, verdict: Verdict, organisation: Organisation, reach: int) -> harm.Decision:
    """Who is called about a suspected leak now: decided by expected harm alone (triage/harm.py)."""
    rules = organisation.thresholds.waking
    # A classifier that gives no probability is taken at its word: suspicion is cheap, silence is not (I8).
    suspicion = verdict.suspicion or rules.page_certainty
    director = person_for(organisation, "director", file.now)
    zone = (director.time_zone if director is not None else None) or organisation.time_zone
    return harm.weigh(
        harm.Situation(
            suspicion=suspicion,
            danger=verdict.danger,
            severity=verdict.severity,
            reach=reach,
            spiking=file.case.spiking,
            local=file.now.astimezone(ZoneInfo(zone)),
        ),
        rules,
    )


def freezes_at_once(file: CaseFile, organisation: Organisation) -> bool:
    """Whether the organisation has set that a suspicion like this one freezes without a director."""
    return organisation.thresholds.suspicion_freezes or file.case.triage_detail.get("woken") == "freeze"


def _suspect(file: CaseFile, organisation: Organisation, decision: harm.Decision) -> None:
    """The text alone suggests a leak: a director decides whether to freeze (I8); who is asked first, expected harm says."""
    case = file.case
    if case.suspicion is not None or case.freeze_epoch is not None:
        return
    case.suspicion = "pending"
    case.triage_detail |= {"woken": decision.action, "why_woken": decision.reason}
    file.note("leak_suspected", action=decision.action, why=decision.reason)
    if not freezes_at_once(file, organisation):
        file.start("suspicion", f"{case.id}-suspicion", case_id=case.id)


def no_leak(file: CaseFile, organisation: Organisation) -> None:
    """A director declined the suspicion: what is owed only in a leak is owed no more."""
    case = file.case
    case.leak = case.leak_suspected = False
    if case.case is not None and case.status not in ("triage", "closed"):
        exchange_duties(file, organisation)


def by_insider(file: CaseFile, organisation: Organisation) -> None:
    """An insider vouches for a leak in a report that joined a case classified as something else: it is case 3 with a leak now.

    Before the first classification triage itself gives the assertion its weight.
    """
    if file.case.round > 0 and not (file.case.case == 3 and file.case.leak):
        _classify(file, 3, True, "rules", "An insider vouches for a leak of confidential data.", organisation)


def by_person(
    file: CaseFile,
    number: CaseNumber | None,
    leak: bool,
    reason: str,
    organisation: Organisation,
    *,
    restart: bool = False,
) -> None:
    """A person confirms or changes the classification, at any time while the case is open.

    With `restart` a new crisis execution takes the case over, for when the old one was aborted: procedures of the old one
    that still run end as interrupted, and what was written, approved and delivered stays.
    """
    case = file.case
    if _said_before(file, number, leak, reason) and not restart:
        return
    if case.status == "closed":
        raise IllegalTransition(
            "The case is closed. Report the new message: POST /incidents opens another case."
        )
    if leak and number != 3:
        raise Invalid(
            "A leak of confidential information is case 3: send case 3 with leak true.",
            errors=[FieldError("/leak", "true only with case 3")],
        )
    reason = required(reason, "/reason", "why it is this case", least=1)
    case.confidence = 1.0
    if case.suspicion == "pending" and not leak:
        # Somebody has read it and says that it is none: directors are not called out of bed any more.
        case.suspicion = "declined"
        case.leak_suspected = False
        file.note("suspicion_declined", reason=reason)
    if case.round > 0 and (case.case, case.leak) == (number, leak):
        case.triaged_by, case.why = file.by, reason
        file.note("classification_confirmed", case=number, leak=leak, reason=reason)
        if restart or any(wait.until == "taken_over" for wait in case.waits):
            # A procedure had stopped for a person: it starts again, and everything that was written and approved stays.
            case.round += 1
            file.note("procedure_restarted", round=case.round)
        if case.no_response and case.no_response.stands:
            no_response.reopen(file, f"{file.by}: {reason}")
    else:
        _classify(file, number, leak, file.by, reason, organisation)
    if restart and not case.no_crisis:
        file.start("crisis", f"{case.id}-r{case.round}", case_id=case.id)


def _said_before(file: CaseFile, number: CaseNumber | None, leak: bool, reason: str) -> bool:
    """Whether the very same person said the very same, and nothing has come since that saying it again would change."""
    case = file.case
    return (
        case.round > 0
        and (case.case, case.leak, case.triaged_by, case.why) == (number, leak, file.by, reason)
        and case.status != "closed"
        and not any(wait.until == "taken_over" for wait in case.waits)
        and not (case.no_response and case.no_response.stands)
        and case.suspicion != "pending"
    )


def _classify(
    file: CaseFile,
    number: CaseNumber | None,
    leak: bool,
    triaged_by: str,
    why: str,
    organisation: Organisation,
) -> None:
    case = file.case
    before: dict[str, Any] = {"case": case.case, "leak": case.leak}
    first = case.round == 0
    case.round += 1
    case.case, case.leak, case.triaged_by, case.why = number, leak, triaged_by, why
    kind = "classified" if first else "reclassified"
    file.note(kind, case=number, leak=leak, by=triaged_by, why=why, **({} if first else {"before": before}))
    if number is None:
        _end_without_crisis(file, why)
        return
    if not first:
        responses.void_all(file, "the case was reclassified")
        if not facts.community_has_it(file, organisation):
            community.not_told_any_more(file, "what the community heard was taken back")
        case.no_response = None
        for clock in case.clocks:
            if clock.state == "cancelled":
                clocks.reopen(file, clock.id, "the case was reclassified")
    case.community_first = None
    case.status = "responding"
    exchange_duties(file, organisation)
    planning.make(file, organisation)
    clocks.open_first_word(file, organisation)


def _end_without_crisis(file: CaseFile, why: str) -> None:
    case = file.case
    if any(retractions.under_way(delivery) for delivery in file.deliveries.values()):
        raise IllegalTransition("A publication of this case is being taken back. Let that end first.")
    responses.void_all(file, "no crisis")
    clocks.cancel(file, "no crisis")
    for duty in case.duties:
        if duty.state == "open":
            duty.state, duty.note, duty.by, duty.closed_at = "waived", "no crisis", file.by, file.now
    case.no_crisis, case.status, case.closed_at = True, "closed", file.now
    file.note("case_closed", no_crisis=True, reason=why)


def applies(row: PlaybookDuty, file: CaseFile) -> bool:
    """Whether the row is owed in this case (leak rows, the row about one identified customer, rows about responding)."""
    case = file.case
    if row.only_if == "leak":
        return case.leak
    if row.only_if == "identified_customer":
        return case.author == "customer"
    if row.only_if == "responding":
        decision = case.no_response
        return not (decision and decision.stands)
    return True


def exchange_duties(file: CaseFile, organisation: Organisation) -> None:
    """Bring the duties in line with the playbook: kept, added and cancelled, as a difference shown in the timeline."""
    case = file.case
    if case.case is None:
        return
    cell.form(file, organisation)
    plan = playbook(case.case)
    rows = [row for row in plan.duties if applies(row, file)]
    wanted = {row.id for row in rows}
    kept, added, cancelled = [], [], []
    for duty in case.duties:
        if duty.id in wanted:
            kept.append(duty.id)
        elif duty.state == "open" and duty.promised_in is None:
            duty.state, duty.by, duty.closed_at = "waived", "sangfroid", file.now
            duty.note = "no longer owed: the playbook changed"
            cancelled.append(duty.id)
    for row in rows:
        standing = case.duty(row.id)
        if standing is not None and not (standing.by == "sangfroid" and standing.state == "waived"):
            continue
        fresh = _kept(_duty(row, file, organisation), row, case.duties)
        if standing is None:
            case.duties.append(fresh)
        else:
            case.duties[case.duties.index(standing)] = fresh
            kept.remove(row.id)
        added.append(row.id)
    file.note("duties_opened", added=added, kept=kept, cancelled=cancelled, cell=case.cell)


def _people(roles: list[str], file: CaseFile, organisation: Organisation) -> list[str]:
    """Who the roles are in this case: of its cell, else whoever is there for them."""
    found = []
    for role in roles:
        holder = file.case.cell.get(role)
        person = None if holder else person_for(organisation, role, file.now)
        found += [holder] if holder else [person.id] if person else []
    return list(dict.fromkeys(found))


def _kept(fresh: Duty, row: PlaybookDuty, standing: list[Duty]) -> Duty:
    """What is done under another case type is done by its substance (C1.1 is C2.1): it is not done twice."""
    for before in standing:
        if row.substance is not None and before.state == "done" and before.id in same_substance(row):
            fresh.state, fresh.evidence, fresh.finding = "done", before.evidence, before.finding
            fresh.by, fresh.closed_at, fresh.kept_from = before.by, before.closed_at, before.id
    return fresh


def same_substance(row: PlaybookDuty) -> set[str]:
    """The rows of every playbook that are about the same."""
    numbers: tuple[CaseNumber, ...] = (1, 2, 3, 4)
    return {
        other.id
        for number in numbers
        for other in playbook(number).duties
        if other.substance == row.substance
    }


def _duty(row: PlaybookDuty, file: CaseFile, organisation: Organisation) -> Duty:
    owner = person_for(organisation, row.role, file.now)
    clock = file.case.has_clock(row.due) if row.due else None
    due = clock.due_at if clock is not None else None
    if row.every_hours:
        due = file.now + timedelta(hours=row.every_hours)
    return Duty(
        id=row.id,
        title=row.title,
        role=row.role,
        owner=owner.id if owner is not None else None,
        consulted=_people(row.consulted, file, organisation),
        informed=_people(row.informed, file, organisation),
        due_at=due,
        opened_at=file.now,
        # The trace may have run before a person decided which case it is.
        note=file.case.trace.note if file.case.trace is not None and row.id in TRACED else None,
        evidence_required=row.evidence_required,
        automatic=row.automatic,
        every_hours=row.every_hours,
    )
