"""The first draft of a case, once it is known what it is: the playbook's text, with what the desk knows filled in (A1, R14).

What the desk cannot know stays as a question in square brackets; the charter finds those, so no draft can be approved unread.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sangfroid.casefile import CaseFile
from sangfroid.cases import wording
from sangfroid.cases.charter import moments
from sangfroid.cases.concerns import Concern
from sangfroid.errors import FieldError, IllegalTransition, Invalid
from sangfroid.model import BasedOn, CaseNumber, ResponseVersion, rfc3339
from sangfroid.organisation import Organisation
from sangfroid.playbooks import firstdrafts

FIRST_DRAFT: Literal["first-draft"] = "first-draft"


@dataclass(frozen=True)
class FirstDraft:
    """Texts by audience and language; `source`: who wrote them; `facts`: what of them the desk knows, and how surely;
    `asked`: what people ask for in their messages (A17)."""

    by_audience: dict[str, dict[str, str]]
    source: Literal["template", "model"] = "template"
    facts: list[dict[str, Any]] = field(default_factory=list)
    asked: list[Concern] = field(default_factory=list)

    @property
    def texts(self) -> dict[str, str]:
        """The texts for the public, by language."""
        return self.by_audience["public"]


def first_draft(file: CaseFile, organisation: Organisation) -> FirstDraft:
    """The draft of the case as it stands; raises IllegalTransition before triage, and where there is no crisis."""
    case = file.case
    if case.case is None:
        raise IllegalTransition(
            "It is not decided yet what the case is, so there is no draft: POST /cases/{id}/triage."
            if case.status == "triage"
            else "The case is no crisis: nothing is drafted for it."
        )
    drafts = from_template(file, case.case, organisation)
    worded = case.worded
    # What a model worded stands while it says nothing else than the template does of the case as it is now.
    if (
        worded is not None
        and worded.case == case.case
        and not leaks(file)
        and wording.unlike(worded.texts, drafts) is None
    ):
        by_model = {
            audience: {tag: worded.texts[audience][tag] for tag in drafts[audience]} for audience in drafts
        }
        return FirstDraft(by_model, source="model", facts=known_facts(file))
    return FirstDraft(drafts, facts=known_facts(file))


def leaks(file: CaseFile) -> bool:
    """Whether the case is a leak, may be one, or was told as one: nothing of it is shown to a model."""
    case = file.case
    return bool(
        case.leak
        or case.leak_suspected
        or case.suspicion is not None
        or case.freeze_epoch is not None
        or case.asserted.get("confidential_leak")
    )


def from_template(
    file: CaseFile, number: CaseNumber, organisation: Organisation
) -> dict[str, dict[str, str]]:
    """The playbook's drafts of a case type by audience and language, filled from the case."""
    spoken = organisation.brand(file.case.brand).languages
    drafts: dict[str, dict[str, str]] = {}
    for audience in firstdrafts.AUDIENCES:
        texts = firstdrafts.template(number, audience)
        drafts[audience] = {
            str(language): firstdrafts.filled(text, _known(file, language, organisation))
            for language, text in sorted(texts.items(), key=lambda one: _place(spoken, one[0]))
            if language in spoken
        }
    if not drafts["public"]:
        # A brand of other languages: a draft in one that the playbook has is better than none.
        for audience in firstdrafts.AUDIENCES:
            drafts[audience] = {
                str(language): firstdrafts.filled(text, _known(file, language, organisation))
                for language, text in firstdrafts.template(number, audience).items()
            }
    return drafts


def _place(spoken: list[Any], language: str) -> int:
    return spoken.index(language) if language in spoken else len(spoken)


def _known(file: CaseFile, language: str, organisation: Organisation) -> dict[str, str]:
    """What of the draft's questions the desk can answer itself; times in the organisation's zone."""
    known = {}
    if file.case.first_published_at is not None:
        at = file.case.first_published_at.astimezone(ZoneInfo(organisation.time_zone))
        month = moments.month_name(at.month, language)
        known["since"] = (
            f"le {'1er' if at.day == 1 else at.day} {month} à {at.hour} h{f' {at.minute:02d}' if at.minute else ''}"
            if language.startswith("fr")
            else f"{at.day} {month} at {at.hour}:{at.minute:02d}"
        )
    return known


def known_facts(file: CaseFile) -> list[dict[str, Any]]:
    """What is known, `established` by a platform or a person, or `supposed` by a classifier."""
    case = file.case
    facts: list[dict[str, Any]] = []

    def add(name: str, value: Any, sure: str, source: str) -> None:
        if value not in (None, "", []):
            facts.append({"fact": name, "value": value, "standing": sure, "source": source})

    if case.first_published_at is not None:
        add("first_public_message_at", rfc3339(case.first_published_at), "established", "the reports")
    add("messages", case.message_count, "established", "the reports")
    for name, value in sorted(case.asserted.items()):
        add(name, value, "established", f"vouched for in the report of {case.opened_by}")
    by_person = case.triaged_by not in (None, "model", "rules", "bedrock")
    add("case_type", case.case, "established" if by_person else "supposed", str(case.triaged_by))
    add("author", case.author, "supposed", str(case.triaged_by))
    if case.trace is not None:
        add("author_named_by_page", case.trace.author.name, "supposed", "the page of the message")
        add("rivals_mentioned", case.trace.rivals, "supposed", "the page of the message")
    return facts


def origin_of(
    file: CaseFile, version: ResponseVersion, since: BasedOn | None
) -> tuple[BasedOn, dict[str, str]]:
    """What a version is compared with, and its texts: what it was started from where nothing else is asked.

    Raises NotFound-like Invalid where the version asked for does not exist.
    """
    chosen: BasedOn = since or version.based_on or FIRST_DRAFT
    if chosen == FIRST_DRAFT:
        return FIRST_DRAFT, version.first_draft
    older = file.version(chosen)
    if older is None:
        raise Invalid(
            f"Version {chosen} does not exist.", errors=[FieldError("/since", "a version of this case")]
        )
    return chosen, older.texts
