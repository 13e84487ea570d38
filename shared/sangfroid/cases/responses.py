"""Response versions and their review (C1.2, C3.1, R4): immutable texts, approved byte for byte, never by their author (I5)."""

from __future__ import annotations

from collections.abc import Sequence

from sangfroid.casefile import CaseFile
from sangfroid.cases import (
    authorship,
    cell,
    charter,
    clocks,
    community,
    concerns,
    drafting,
    facts,
    planning,
)
from sangfroid.cases.asking import ask_for_decision
from sangfroid.cases.held import approved_again
from sangfroid.cases.response_findings import Shown, answered_badly, stays, undescribed, unheard, unnamed
from sangfroid.cases.substance import required
from sangfroid.errors import FieldError, IllegalTransition, Invalid, NotAllowed, NotFound
from sangfroid.model import Approval, BasedOn, Message, ResponseKind, ResponseVersion, Submission
from sangfroid.organisation import Organisation
from sangfroid.playbooks import wordings
from sangfroid.text.identity import same_person

WEIGHT = ("blocking", "warning", "info")
VOIDABLE = ("draft", "in_review", "approved")


def refuse_writing(file: CaseFile) -> None:
    """Raises IllegalTransition where nothing can be written for the case as it stands."""
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


def refuse_overwriting(file: CaseFile, based_on: BasedOn | None) -> None:
    """Whoever writes on an older version is told of the newest and overwrites nothing; 0: there was none yet."""
    if based_on is None:
        return
    texts = [version for version in file.responses if version.kind != "answer"]
    if based_on == drafting.FIRST_DRAFT:
        # A first word was written from another template: it overtakes nobody's response.
        based_on, texts = 0, [version for version in texts if version.kind == "response"]
    newest = texts[-1] if texts else None
    if based_on and file.version(based_on) is None:
        known = ", ".join(str(version.version) for version in texts) or "none yet: send 0, or leave it out"
        raise Invalid(
            f"There is no version {based_on}.", errors=[FieldError("/based_on", f"one of: {known}")]
        )
    if newest is not None and newest.version > based_on:
        shown = newest.model_dump(mode="json", include={"version", "by", "at", "texts", "state"})
        raise IllegalTransition(
            f"{newest.by} has written version {newest.version} meanwhile. Yours was not taken: look at what has changed, then "
            f"send it with `based_on` {newest.version}.",
            newest=shown,
        )


SLOT_ASKED = {
    "fact": "what is established",
    "concerned": "who is concerned",
    "action": "what is done now",
    "next": "when the next news come",
}


def holding_texts(file: CaseFile, slots: dict[str, dict[str, str]]) -> dict[str, str]:
    """The first word of the case type, in each language whose slots are given; raises Invalid for a slot that says nothing."""
    number, texts = file.case.case, {}
    if number is None:
        raise IllegalTransition(
            "The case is still in triage. Decide what it is first: POST /cases/{id}/triage."
        )
    for language, filled in slots.items():
        told: list[str] = []
        for name in wordings.SLOTS:
            pointer = f"/slots/{language}/{name}"
            told.append(required(filled[name], pointer, SLOT_ASKED[name], least=1, besides=told).rstrip(". "))
        text = wordings.holding(number, language, dict(zip(wordings.SLOTS, told, strict=True)))
        if text is None:
            raise Invalid(
                f"The playbook has no holding text in {language!r}: send the text itself.",
                errors=[FieldError(f"/slots/{language}", "a language of the playbook's holding texts")],
            )
        texts[language] = text
    return texts


def submit(
    file: CaseFile,
    submitted: Submission,
    organisation: Organisation,
    previews: Sequence[Shown],
    messages: Sequence[Message] = (),
) -> ResponseVersion:
    """A new version: checked against the charter, put into review, and earlier approvals of its kind are void.

    `previews` are the texts as they will stand on every channel: what does not fit is found now, and only these posts go out.
    `messages`: what people wrote; the text is checked against what they ask for (A17).
    """
    refuse_writing(file)
    refuse_overwriting(file, submitted.based_on)
    case, texts, kind = file.case, submitted.texts, submitted.kind
    published = facts.response_is_out(case)
    kind = kind or ("correction" if published else "response")
    if kind == "response" and published:
        raise IllegalTransition(
            "The response was published already: send kind `update`, `correction` or `closing_announcement`."
        )
    if kind == "holding" and published:
        raise IllegalTransition("The response is published already: a first word has nothing more to hold.")
    if kind not in ("response", "answer", "holding") and not published:
        raise IllegalTransition(
            f"A text of kind `{kind}` follows the published response; write the response first."
        )
    playbook = facts.current_playbook(file)
    if playbook is None:
        raise IllegalTransition(
            "The case has no playbook yet. Decide what it is first: POST /cases/{id}/triage."
        )
    corrects = _corrected(file, kind, submitted.corrects)
    for earlier in file.responses:
        if earlier.kind != kind or earlier.state not in VOIDABLE:
            continue
        right = file.version(corrects) if corrects is not None else None
        if right is not None and facts.root(file, earlier) != facts.root(file, right):
            continue  # it puts another publication right
        if kind == "response" or (earlier.state != "approved" and earlier.answer == submitted.answer):
            _void(file, earlier, "a new version was written")
    findings = charter.check(texts, kind, case.brand, playbook, organisation)
    findings += [finding for preview in previews for finding in preview.findings()]
    findings += undescribed(submitted) + stays(file, submitted, corrects) + answered_badly(file, submitted)
    findings += unheard(submitted, previews) + unnamed(file, kind, texts)
    to = submitted.answer.message if submitted.answer else None
    findings += concerns.unanswered(messages, texts, kind, to)
    findings.sort(key=lambda finding: WEIGHT.index(finding.severity))
    blocked = any(finding.severity == "blocking" for finding in findings)
    needed = organisation.thresholds.approvals.get(playbook.case, playbook.approvals_needed)
    if kind in ("answer", "holding"):
        needed = 1  # a second person has read it (A7); a first word cannot wait for two
    words = authorship.digests(texts)
    renderings = {preview.place: preview.digest for preview in previews}
    version = ResponseVersion(
        case_id=case.id,
        version=len(file.responses) + 1,
        kind=kind,
        texts=texts,
        content_hash=facts.content_hash(texts, submitted.picture, submitted.answer),
        by=file.by,
        at=file.now,
        round=case.round,
        state="draft" if blocked else "in_review",
        approvals_needed=needed,
        findings=findings,
        renderings=renderings,
        shown_as=facts.shown_as(renderings),
        objective=planning.objective(file, submitted.objective, next(iter(texts)))
        if kind != "answer"
        else "",
        corrects=corrects,
        answer=submitted.answer,
        picture=submitted.picture,
        based_on=submitted.based_on,
        first_draft=drafting.first_draft(file, organisation).texts if kind == "response" else {},
        words=words,
        words_of=authorship.whose(words, file.by, file.responses),
    )
    version.acknowledges = submitted.acknowledges
    if submitted.beforehand is not None:
        _approved_beforehand(file, version, submitted.beforehand)
    if version.state == "in_review":
        version.reviewers = cell.reviewers(file, version, organisation)
    file.responses.append(version)
    if case.status == "published" and kind != "answer":
        case.status = "following_up"
    if version.state == "in_review" and kind != "response":
        # The review of the response is asked for by the machine `response`; of what follows it, by `review`.
        author = f"person:{file.by}" if organisation.person(file.by) else "writer"
        patience = organisation.thresholds.deputy_after if kind == "holding" else None
        until = f"review_decided:{version.version}"
        ask_for_decision(file, until, version.version, author=author, patience=patience)
    file.note(
        "response_submitted",
        version=version.version,
        content_hash=version.content_hash,
        text_kind=kind,
        state=version.state,
        languages=sorted(texts),
        findings=[finding.code for finding in findings],
        corrects=corrects,
        channel=submitted.answer.channel if submitted.answer else None,
        message=submitted.answer.message if submitted.answer else None,
        image=submitted.picture.sha256 if submitted.picture else None,
    )
    return version


def _approved_beforehand(file: CaseFile, version: ResponseVersion, approval: Approval) -> None:
    """A text from a template that an approver has read leaves at once; what the charter finds now stops it all the same."""
    if version.state != "in_review":
        codes = ", ".join(one.code for one in version.findings if one.severity == "blocking")
        raise IllegalTransition(
            f"The charter does not let the acknowledgement through as it is now: {codes}."
        )
    version.state, version.approvals = "approved", [approval]
    name = f"{file.case.id}-v{version.version}-publication"
    file.start(
        "publication", name, case_id=file.case.id, version=version.version, wave="all", round=file.case.round
    )
    file.note(
        "acknowledgement_sent",
        version=version.version,
        template=version.acknowledges,
        approved_by=approval.by,
        template_hash=approval.content_hash,
    )


def _corrected(file: CaseFile, kind: ResponseKind, wanted: int | None) -> int | None:
    """The version that a correction puts right: the one named, or the newest that has reached anybody."""
    if kind != "correction":
        if wanted is not None:
            raise Invalid(
                "Only a correction, which follows the publication, puts another version right.",
                errors=[FieldError("/corrects", "send it with kind `correction`")],
            )
        return None
    standing = [
        version.version
        for version in file.responses
        if version.kind != "answer"
        and any(delivery.state == "published" for delivery in file.deliveries_of(version.version))
    ]
    if wanted is None:
        return standing[-1] if standing else None
    if wanted not in standing:
        raise Invalid(
            f"Version {wanted} stands nowhere, so there is nothing to correct.",
            errors=[FieldError("/corrects", f"one of {standing}")],
        )
    return wanted


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
    if approve and not authorship.may_approve(file.by, version, file.responses):
        raise NotAllowed("Nobody approves words of their own: ask another approver.")
    if approve and file.by == file.case.cell.get(cell.PILOT):
        raise NotAllowed(
            "You steer this case, and whoever steers does not approve. Ask another approver, or hand the pilot's place over: "
            f"POST /cases/{file.case.id}/cell/{cell.PILOT}."
        )
    if not approve:
        version.state, version.review_comment = "rejected", comment or None
        file.note("response_rejected", version=number, content_hash=content_hash, comment=comment)
        return version
    if any(same_person(approval.by, file.by) for approval in version.approvals):
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
    for line in file.lines:
        version = file.version(line.version) if line.state in VOIDABLE else None
        if version is not None and _is_out(file, version):
            _cancel_the_rest(file, version, because)
        elif version is not None:
            _void(file, version, because)


def void_undecided(file: CaseFile, because: str) -> None:
    """Void what nobody has decided: drafts and running reviews."""
    for line in file.lines:
        version = file.version(line.version) if line.state in ("draft", "in_review") else None
        if version is not None:
            _void(file, version, because)


def _is_out(file: CaseFile, version: ResponseVersion) -> bool:
    """A version of which everything left is no longer a plan but a fact.

    A response is one once every required place has it. One that some had heard, and that was taken back from all of them before
    everybody did, is none.
    """
    published = version.kind == "response" and facts.response_is_out(file.case)
    if version.kind == "response" and not published and facts.stands_nowhere(file, version.version):
        return False
    deliveries = [one for one in file.deliveries_of(version.version) if one.act == "publish"]
    out = any(one.state in facts.OUT for one in deliveries)
    return bool(deliveries) and all(
        one.state in (*facts.OUT, "cancelled")
        for one in deliveries
        if one.required or not (published and out)
    )


def _cancel_the_rest(file: CaseFile, version: ResponseVersion, because: str) -> None:
    for delivery in file.deliveries_of(version.version):
        if delivery.act == "retract":
            continue  # taking something back was decided on its own
        if delivery.state in ("waiting", "held", "failed", "manual") and not delivery.unknown_outcome:
            delivery.state, delivery.reason = "cancelled", because


def _void(file: CaseFile, version: ResponseVersion, because: str) -> None:
    was = version.state
    version.state = "superseded"
    _cancel_the_rest(file, version, because)
    file.note("response_voided", version=version.version, was=was, because=because)
    if version.kind == "response" and was == "approved":
        community.not_told_any_more(file, f"the approval of version {version.version} is void: {because}")
        clocks.reopen(file, "response_ready", f"the approval of version {version.version} is void: {because}")
