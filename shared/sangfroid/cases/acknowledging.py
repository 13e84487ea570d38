"""Acknowledgements approved beforehand (A14): one text, approved once, sent to one person at once.

The approval covers exactly the template's hash: its texts, and the list of what may be filled in. That list has one entry, the
person's own public name, for every other word in the text would be one that nobody approved.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import regex

from sangfroid.cases import charter
from sangfroid.errors import FieldError, IllegalTransition, Invalid, NotAllowed
from sangfroid.model import AcknowledgementTemplate, Finding
from sangfroid.organisation import Organisation
from sangfroid.playbooks import playbook
from sangfroid.text import leftovers
from sangfroid.text.identity import same_person

NAME = "{name}"
FILLED_IN = ("name",)
"""What may be filled in: the public name of the person who wrote the message, and nothing else."""

LONGEST = timedelta(days=366)
_SLOT = regex.compile(r"\{[^{}]*\}")
_WITH_BLANK = regex.compile(r"\s?\{name\}")
_A_NAME = regex.compile(r"\p{L}[\p{L}\p{M}]*(?:(?: |-|'|’|\. ?)\p{L}[\p{L}\p{M}]*){0,3}\.?")
_EXAMPLE = "Camille"


def content_hash(texts: dict[str, str]) -> str:
    """SHA-256 over the list of what may be filled in and the texts by language, length-prefixed."""
    digest = hashlib.sha256()
    for part in [*FILLED_IN, *(part for language in sorted(texts) for part in (language, texts[language]))]:
        data = part.encode()
        digest.update(f"{len(data)}:".encode() + data)
    return "sha256:" + digest.hexdigest()


def propose(
    template_id: str, texts: dict[str, str], organisation: Organisation, by: str, now: datetime
) -> AcknowledgementTemplate:
    """A new template, which nobody has approved; raises Invalid where it asks for more than a name, or breaks the charter."""
    for language, text in texts.items():
        if any(slot[0] != NAME for slot in _SLOT.finditer(text)) or text.count(NAME) > 1:
            raise Invalid(
                f"Only the person's own name is filled in, once: {NAME}.",
                errors=[FieldError(f"/texts/{language}", f"nothing but one {NAME} may be filled in")],
            )
        blocking = [
            one
            for one in _checked(language, filled(text, _EXAMPLE), organisation)
            if one.severity == "blocking"
        ]
        if blocking:
            raise Invalid(
                f"The charter does not let this through: {blocking[0].message}",
                errors=[FieldError(f"/texts/{language}", one.code) for one in blocking],
            )
    return AcknowledgementTemplate(
        id=template_id, texts=texts, content_hash=content_hash(texts), by=by, at=now, fills=list(FILLED_IN)
    )  # fmt: skip


def _checked(language: str, text: str, organisation: Organisation) -> list[Finding]:
    brand = organisation.brands[0].name
    return charter.check({language: text}, "answer", brand, playbook(1), organisation)


def approve(
    template: AcknowledgementTemplate, digest: str, expires_at: datetime, by: str, now: datetime
) -> None:
    """Approve the template until `expires_at`; raises NotAllowed for its author."""
    _unchanged(template, digest)
    if template.revoked_at is not None:
        raise IllegalTransition("The template was revoked. Propose it again: POST /acknowledgements.")
    if template.approved_at is not None:
        raise IllegalTransition(f"{template.approved_by} has approved the template already.")
    if same_person(by, template.by):
        raise NotAllowed("Nobody approves words of their own: ask another approver.")
    if not now < expires_at <= now + LONGEST:
        raise Invalid(
            "An approval lasts at most a year.", errors=[FieldError("/expires_at", "in the next 366 days")]
        )
    template.approved_by, template.approved_at, template.expires_at = by, now, expires_at


def revoke(template: AcknowledgementTemplate, reason: str, by: str, now: datetime) -> None:
    """From now on nothing more is sent from it."""
    if template.revoked_at is not None:
        raise IllegalTransition("The template is revoked already.")
    template.revoked_by, template.revoked_at, template.revoked_because = by, now, reason


def refuse_unusable(template: AcknowledgementTemplate, digest: str, now: datetime) -> None:
    """Raises IllegalTransition where the approval does not cover a sending now."""
    _unchanged(template, digest)
    if template.revoked_at is not None:
        raise IllegalTransition(f"{template.revoked_by} has revoked the template: {template.revoked_because}")
    if template.approved_at is None or template.expires_at is None:
        raise IllegalTransition("Nobody has approved the template yet.")
    if now >= template.expires_at:
        raise IllegalTransition("The approval of the template has expired. Have it approved again.")


def _unchanged(template: AcknowledgementTemplate, digest: str) -> None:
    # What is kept is hashed again: an approval is for the words, not for the item that holds them.
    if digest != template.content_hash or content_hash(template.texts) != template.content_hash:
        raise IllegalTransition(
            "The hash is not that of the template: you may have read another text. Read it again.",
            expected=template.content_hash,
        )


def public_name(handle: str) -> str | None:
    """The name as it may stand in a text, or None: a sentence, a link, a sign that is none of a name's is nobody's name."""
    name = " ".join(handle.strip().removeprefix("@").split())
    if not 2 <= len(name) <= 40 or not _A_NAME.fullmatch(name):
        return None
    if leftovers.mixed(name) or leftovers.hidden(name) or leftovers.turned(name):
        return None
    return name


def filled(text: str, name: str | None) -> str:
    """The text to the person; without a name it says none, and the blank before it goes too."""
    return text.replace(NAME, name) if name is not None else _WITH_BLANK.sub("", text)


def addressed(text: str, language: str, handle: str, organisation: Organisation) -> str:
    """The text as it goes to the author of a message: with their name only where that adds nothing to its findings."""
    plain = filled(text, None)
    name = public_name(handle) if NAME in text else None
    if name is None:
        return plain
    named = filled(text, name)
    before = {one.code for one in _checked(language, filled(text, _EXAMPLE), organisation)}
    after = {one.code for one in _checked(language, named, organisation)}
    return named if after <= before else plain
