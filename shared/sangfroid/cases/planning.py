"""The plan of a case (R1, R10): objectives, strategy, posture, and a named person for each action, from playbook and roster.

The posture follows what the public thinks of who is responsible (Coombs): correct what is wrong, repair what is ours. Denying and
attacking are refused where the company is at fault (cases 2 and 3).
"""

from __future__ import annotations

from sangfroid.casefile import CaseFile
from sangfroid.cases.substance import required
from sangfroid.errors import FieldError, IllegalTransition, Invalid
from sangfroid.model import CaseNumber, Duty, Plan, PlannedAction, Posture
from sangfroid.organisation import Organisation
from sangfroid.playbooks import wordings
from sangfroid.roster import person_for

OURS: tuple[CaseNumber, ...] = (2, 3)
"""Case types in which the company is at fault, or caused the harm itself."""

NEVER_WHERE_OURS: tuple[Posture, ...] = ("deny", "attack")

MOST_ACTIONS = 40


def make(file: CaseFile, organisation: Organisation) -> None:
    """The plan that playbook and roster give at this moment; a change of the classification makes it anew."""
    case = file.case
    if case.case is None:
        return
    case.plan = Plan(
        objectives=wordings.objective(case.case),
        strategy=wordings.strategy(case.case),
        posture=wordings.posture(case.case),
        actions=[
            PlannedAction(
                text=duty.title.get("en", duty.id), person=_person(duty, file, organisation), duty=duty.id
            )
            for duty in case.duties
            if duty.state == "open"
        ],
        by="sangfroid",
        at=file.now,
    )
    unnamed = [action.duty for action in case.plan.actions if action.person is None]
    file.note("plan_made", posture=case.plan.posture, actions=len(case.plan.actions), unnamed=unnamed)


def _person(duty: Duty, file: CaseFile, organisation: Organisation) -> str | None:
    """Whose the action is: the duty's owner, or whoever has its role at this moment."""
    on_duty = person_for(organisation, duty.role, file.now)
    return duty.owner or (on_duty.id if on_duty is not None else None)


def change(
    file: CaseFile,
    note: str,
    organisation: Organisation,
    *,
    objectives: dict[str, str] | None = None,
    strategy: dict[str, str] | None = None,
    posture: Posture | None = None,
    actions: list[PlannedAction] | None = None,
) -> Plan:
    """Change the plan, with a note that says why; what is left out stays. Raises Invalid for a posture that the case does not
    bear, words that say nothing, and people whom the organisation file does not know."""
    case, plan = file.case, file.case.plan
    if case.status == "closed" or plan is None:
        raise IllegalTransition(f"The case is {case.status}: it has no plan that could change.")
    note = required(note, "/note", "why the plan changes")
    if posture is not None and case.case in OURS and posture in NEVER_WHERE_OURS:
        raise Invalid(
            f"A case of type {case.case} is ours to repair: the posture `{posture}` is refused. Inform, correct or repair.",
            errors=[FieldError("/posture", "inform, correct or repair")],
        )
    for name, texts in (("objectives", objectives), ("strategy", strategy)):
        for language, text in (texts or {}).items():
            required(text, f"/{name}/{language}", "what the case is to reach, and how")
    if actions is not None:
        _checked(actions, file, organisation)
    if objectives:
        plan.objectives = plan.objectives | objectives
    if strategy:
        plan.strategy = plan.strategy | strategy
    plan.posture = posture or plan.posture
    plan.actions = actions if actions is not None else plan.actions
    plan.by, plan.at, plan.note = file.by, file.now, note
    case.plan = plan
    file.note("plan_changed", note=note, posture=plan.posture, actions=len(plan.actions))
    return plan


def _checked(actions: list[PlannedAction], file: CaseFile, organisation: Organisation) -> None:
    if len(actions) > MOST_ACTIONS:
        raise Invalid("A plan has at most 40 actions.", errors=[FieldError("/actions", "at most 40")])
    for number, action in enumerate(actions):
        required(action.text, f"/actions/{number}/text", "what is done")
        if action.person is None or organisation.person(action.person) is None:
            raise Invalid(
                "Each action has a person of the organisation file who is responsible for it.",
                errors=[
                    FieldError(f"/actions/{number}/person", "the id of a person of the organisation file")
                ],
            )
        if action.duty is not None and file.case.duty(action.duty) is None:
            raise Invalid(
                f"The case has no duty {action.duty!r}.",
                errors=[FieldError(f"/actions/{number}/duty", "the id of a duty of this case")],
            )


def objective(file: CaseFile, wanted: str | None, language: str) -> str:
    """The objective kept with a version: the writer's own, else that of the case's plan."""
    if wanted is not None:
        return required(wanted, "/objective", "what the text is to reach")
    plan = file.case.plan
    if plan is not None:
        return plan.objectives.get(language) or next(iter(plan.objectives.values()), "")
    return wordings.objective(file.case.case).get(language, "") if file.case.case is not None else ""
