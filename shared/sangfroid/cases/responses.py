"""Response versions and their review (C1.2, C3.1, R4): immutable texts, approved byte for byte, never by their author (I5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sangfroid.casefile import CaseFile
from sangfroid.cases import charter, clocks, facts
from sangfroid.errors import IllegalTransition, NotAllowed, NotFound
from sangfroid.freeze.held import approved_again
from sangfroid.model import Approval, ResponseKind, ResponseVersion
from sangfroid.organisation import Organisation

if TYPE_CHECKING:
    from sangfroid.outbound.previews import Preview

VOIDABLE = ("draft", "in_review", "approved")


def submit(
    file: CaseFile,
    texts: dict[str, str],
    kind: ResponseKind | None,
    organisation: Organisation,
    previews: list[Preview],
) -> ResponseVersion:
    """A new version: checked against the charter, put into review, and earlier approvals of its kind are void.

    `previews` are the texts as they will stand on every channel: what does not fit is found now, and only these posts go out.
    """
    case = file.case
    if case.status == "closed":
        raise IllegalTransition("The case is closed; nothing more can be written for it.")
    if case.status == "triage":
        raise IllegalTransition(
            "The case is still in triage. Decide what it is first: POST /cases/{id}/triage."
        )
    decision = case.no_response
    if decision and decision.stands:
        raise IllegalTransition(
            "It was decided not to respond. Reopen the case first: POST /cases/{id}/triage with the same classification."
        )
    published = case.clock("response_published").met_at is not None
    kind = kind or ("correction" if published else "response")
    if kind == "response" and published:
        raise IllegalTransition(
            "The response was published already: send kind `update`, `correction` or `closing_announcement`."
        )
    if kind != "response" and not published:
        raise IllegalTransition(
            f"A text of kind `{kind}` follows the published response; write the response first."
        )
    playbook = facts.current_playbook(file)
    if playbook is None:
        raise IllegalTransition(
            "The case has no playbook yet. Decide what it is first: POST /cases/{id}/triage."
        )
    for earlier in file.responses:
        if (
            earlier.kind == kind
            and earlier.state in VOIDABLE
            and not (kind != "response" and earlier.state == "approved")
        ):
            _void(file, earlier, "a new version was written")
    findings = charter.check(texts, kind, case.brand, playbook, organisation)
    findings += [finding for preview in previews for finding in preview.findings()]
    blocked = any(finding.severity == "blocking" for finding in findings)
    needed = organisation.thresholds.approvals.get(playbook.case, playbook.approvals_needed)
    version = ResponseVersion(
        case_id=case.id,
        version=len(file.responses) + 1,
        kind=kind,
        texts=texts,
        content_hash=facts.content_hash(texts),
        by=file.by,
        at=file.now,
        round=case.round,
        state="draft" if blocked else "in_review",
        approvals_needed=needed,
        findings=findings,
        renderings={preview.place: preview.digest for preview in previews},
    )
    file.responses.append(version)
    if case.status == "published":
        case.status = "following_up"
    file.note(
        "response_submitted",
        version=version.version,
        content_hash=version.content_hash,
        text_kind=kind,
        state=version.state,
        languages=sorted(texts),
        findings=[finding.code for finding in findings],
    )
    return version


def review(
    file: CaseFile, number: int, approve: bool, content_hash: str, comment: str, *, director: bool
) -> ResponseVersion:
    """One reviewer's decision over exactly the bytes that they saw."""
    version = file.version(number)
    if version is None:
        raise NotFound(f"Case {file.case.id} has no response version {number}.")
    if file.case.status == "closed":
        raise IllegalTransition("The case is closed; nothing can be reviewed any more.")
    if content_hash != version.content_hash:
        raise IllegalTransition(
            f"The hash is not that of version {number}: you may have read another text. Read the case again.",
            expected=version.content_hash,
        )
    if version.state != "in_review":
        raise IllegalTransition(f"Version {number} is {version.state}, not in review.")
    authors = {other.by for other in file.responses if other.content_hash == version.content_hash}
    if approve and file.by in authors:
        raise NotAllowed("Nobody approves a text of their own: ask another approver.")
    if not approve:
        version.state, version.review_comment = "rejected", comment or None
        file.note("response_rejected", version=number, content_hash=content_hash, comment=comment)
        return version
    if any(approval.by == file.by for approval in version.approvals):
        raise IllegalTransition(
            f"You have approved version {number} already; it needs {version.approvals_needed} different approvers."
        )
    version.approvals = [
        *version.approvals,
        Approval(by=file.by, at=file.now, content_hash=content_hash, director=director),
    ]
    complete = len(version.approvals) >= version.approvals_needed
    file.note(
        "response_approved" if complete else "approval_given",
        version=number,
        content_hash=content_hash,
        approvals=len(version.approvals),
        needed=version.approvals_needed,
        comment=comment,
    )
    if complete:
        version.state = "approved"
        approved_again(file, version)
        if version.kind != "response":
            # The response itself is published by the machine of its case; what follows it starts its own publication.
            name = f"{file.case.id}-v{number}-publication"
            file.start(
                "publication", name, case_id=file.case.id, version=number, wave="all", round=file.case.round
            )
    return version


def void_all(file: CaseFile, because: str) -> None:
    """Void whatever is not yet published: drafts, running reviews, approvals and waiting deliveries."""
    for version in file.responses:
        if version.state in VOIDABLE and not _is_out(file, version):
            _void(file, version, because)


def _is_out(file: CaseFile, version: ResponseVersion) -> bool:
    """A version of which everything left is no longer a plan but a fact."""
    deliveries = file.deliveries_of(version.version)
    return bool(deliveries) and all(delivery.state in ("published", "cancelled") for delivery in deliveries)


def _void(file: CaseFile, version: ResponseVersion, because: str) -> None:
    was = version.state
    version.state = "superseded"
    for delivery in file.deliveries_of(version.version):
        if delivery.state in ("waiting", "held", "failed", "manual") and not delivery.unknown_outcome:
            delivery.state, delivery.reason = "cancelled", because
    file.note("response_voided", version=version.version, was=was, because=because)
    if version.kind == "response" and was == "approved":
        clocks.reopen(file, "response_ready", f"the approval of version {version.version} is void: {because}")
