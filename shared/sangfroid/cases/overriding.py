"""Findings that keep a text out of review, set aside by a named person with a reason (R4).

A rule cannot know every good sentence, so a person may say that a finding does not hold; the approver sees who said so and why.
What no person's word can change is never set aside: see `never`.
"""

from __future__ import annotations

from sangfroid.casefile import CaseFile
from sangfroid.cases import cell
from sangfroid.cases.asking import ask_for_decision
from sangfroid.cases.substance import required
from sangfroid.errors import FieldError, IllegalTransition, NotFound
from sangfroid.model import Finding, FindingOverride, ResponseVersion
from sangfroid.organisation import Organisation
from sangfroid.playbooks import firstdrafts
from sangfroid.text.identity import words_of

LIMITS = ("too_long", "does_not_fit")
"""Limits of platforms and of the organisation's own charter: a text that does not fit is not published by saying that it does."""


def never(file: CaseFile, finding: Finding, *, frozen: bool) -> str | None:
    """Why nobody may set this finding aside, or None."""
    if finding.code in LIMITS:
        return "A limit stays what it is, whoever says otherwise. Shorten the text."
    if finding.code == "no_alternative_text":
        return "Describe the image: those who cannot see it have nothing else."
    if finding.code == "confidential_term" and frozen:
        return "During a freeze a confidential term leaves no text: that is what the freeze is for. Write the text without it."
    if finding.code == "placeholder_left_in" and _of_first_draft(file, finding.quote or ""):
        return "The brackets are the first draft's questions to you. Answer them, or take them out."
    return None


def _of_first_draft(file: CaseFile, quote: str) -> bool:
    asked = words_of(quote)
    number = file.case.case
    return bool(asked) and number is not None and asked in firstdrafts.questions(number)


def still_blocking(version: ResponseVersion) -> list[str]:
    """Codes of the findings that block the version and that nobody has set aside, each once."""
    aside = {one.code for one in version.overrides}
    codes = [one.code for one in version.findings if one.severity == "blocking" and one.code not in aside]
    return list(dict.fromkeys(codes))


def override(
    file: CaseFile, number: int, code: str, reason: str, organisation: Organisation, *, frozen: bool
) -> ResponseVersion:
    """Set the blocking findings of one code aside; once none is left, the version goes into review.

    Raises Invalid for a reason that says nothing, NotFound for an unknown version, IllegalTransition for anything else that
    cannot be: a version that is no draft, a code that does not block it, a finding that is never set aside.
    """
    version = file.version(number)
    if version is None:
        raise NotFound(f"Case {file.case.id} has no response version {number}.")
    if file.case.status == "closed":
        raise IllegalTransition("The case is closed; nothing can be changed any more.")
    reason = required(reason, "/reason", "why the finding does not hold here", least=2)
    if version.state != "draft":
        raise IllegalTransition(f"Version {number} is {version.state}: nothing keeps it out of review.")
    blocking = still_blocking(version)
    if code not in blocking:
        raise IllegalTransition(
            f"No blocking finding `{code}` stands against version {number}.",
            errors=[FieldError("/code", f"one of {blocking}")],
        )
    for finding in version.findings:
        if finding.code == code and finding.severity == "blocking":
            why_not = never(file, finding, frozen=frozen)
            if why_not is not None:
                raise IllegalTransition(why_not, errors=[FieldError("/code", "never set aside")])
    made = FindingOverride(code=code, reason=reason, by=file.by, at=file.now)
    version.overrides = [*version.overrides, made]
    left = still_blocking(version)
    if not left:
        _into_review(file, version, organisation)
    file.note("finding_overridden", version=number, code=code, reason=reason, left=left, state=version.state)
    return version


def _into_review(file: CaseFile, version: ResponseVersion, organisation: Organisation) -> None:
    version.state = "in_review"
    version.reviewers = cell.reviewers(file, version, organisation)
    if version.kind == "response":
        return  # the machine `response` waits for a text that can be reviewed, and asks
    author = f"person:{version.by}" if organisation.person(version.by) else "writer"
    ask_for_decision(file, f"review_decided:{version.version}", version.version, author=author)
