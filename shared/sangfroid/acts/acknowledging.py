"""Acknowledgements approved beforehand: proposed, approved, revoked, and sent to one person at once (A14)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from sangfroid.acts.responses import Responses
from sangfroid.cases import acknowledging
from sangfroid.cases.substance import required
from sangfroid.casework import Casework
from sangfroid.errors import FieldError, IllegalTransition, Invalid, NotFound, Unavailable
from sangfroid.model import AcknowledgementTemplate, Approval, ResponseVersion, Submission
from sangfroid.store import acknowledgements

MOST = 200


class Acknowledging:
    """The templates of the organisation, and what is sent from them."""

    def __init__(self, casework: Casework, responses: Responses) -> None:
        self._casework = casework
        self._responses = responses

    def every(self) -> list[AcknowledgementTemplate]:
        """All templates, the newest first."""
        found = [
            AcknowledgementTemplate.model_validate(one)
            for one in acknowledgements.every(self._casework.table)
        ]
        return sorted(found, key=lambda one: one.at, reverse=True)

    def propose(self, texts: dict[str, str], by: str) -> AcknowledgementTemplate:
        """A template that an approver has yet to read."""
        if len(acknowledgements.every(self._casework.table)) >= MOST:
            raise IllegalTransition(f"{MOST} templates stand already.")
        fresh = acknowledging.propose(
            f"ack-{uuid4().hex[:12]}", texts, self._casework.organisation, by, self._casework.now()
        )
        acknowledgements.write(self._casework.table, fresh.model_dump(mode="json"))
        return self._read(fresh.id)

    def approve(
        self, template_id: str, digest: str, expires_at: datetime, by: str
    ) -> AcknowledgementTemplate:
        """Approve exactly the template of that hash."""
        now = self._casework.now()
        return self._change(template_id, lambda one: acknowledging.approve(one, digest, expires_at, by, now))

    def revoke(self, template_id: str, reason: str, by: str) -> AcknowledgementTemplate:
        """Nothing more is sent from it."""
        now = self._casework.now()
        reason = required(reason, "/reason", "why it is revoked", least=1)
        return self._change(template_id, lambda one: acknowledging.revoke(one, reason, by, now))

    def send(
        self,
        case_id: str,
        template_id: str,
        digest: str,
        message: str,
        language: str,
        channel: str | None,
        to: str | None,
        by: str,
    ) -> ResponseVersion:
        """Send the acknowledgement to the author of a message; it leaves at once, through the one door.

        Raises IllegalTransition where the approval does not cover it, or this message was acknowledged before.
        """
        casework = self._casework
        template = self._read(template_id)
        acknowledging.refuse_unusable(template, digest, casework.now())
        if language not in template.texts:
            raise Invalid(
                f"The template has no text in {language!r}.",
                errors=[FieldError("/language", f"one of {sorted(template.texts)}")],
            )
        way = self._responses.one_to_one(case_id, message, channel, to)
        if any(
            one.acknowledges is not None and one.answer is not None and one.answer.message == message
            for one in casework.read(case_id).responses
            if one.state == "approved"
        ):
            raise IllegalTransition("This message was acknowledged already.")
        messages = casework.store.messages(case_id, limit=None)
        author = next(one.author for one in messages if one.id == message)
        text = acknowledging.addressed(
            template.texts[language], language, str(author.get("handle") or ""), casework.organisation
        )
        yes = Approval(
            by=template.approved_by or "", at=template.approved_at or casework.now(), content_hash=digest
        )
        submission = Submission(
            {language: text}, "answer", answer=way, beforehand=yes, acknowledges=template.id
        )
        return self._responses.submit(case_id, submission, by)

    def _read(self, template_id: str) -> AcknowledgementTemplate:
        found = acknowledgements.read(self._casework.table, template_id)
        if found is None:
            raise NotFound(f"There is no acknowledgement {template_id!r}: GET /acknowledgements.")
        return AcknowledgementTemplate.kept(found)

    def _change(
        self, template_id: str, work: Callable[[AcknowledgementTemplate], None]
    ) -> AcknowledgementTemplate:
        for _ in range(5):
            template = self._read(template_id)
            work(template)
            if acknowledgements.write(self._casework.table, template.model_dump(mode="json")):
                return self._read(template_id)
        raise Unavailable("Others change the template at this moment: try again.")
