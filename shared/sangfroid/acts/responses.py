"""Texts: written, looked at, reviewed, with the image out of the case's evidence and the way to one person (C1.2, C1.5, A3)."""

from __future__ import annotations

import re
from collections.abc import Callable

from sangfroid.casefile import CaseFile
from sangfroid.cases import concerns, no_response, responses
from sangfroid.casework import Casework
from sangfroid.errors import FieldError, IllegalTransition, Invalid, NotFound
from sangfroid.evidence.keeping import EvidenceKeeper
from sangfroid.model import Audience, Message, OneToOne, Picture, ResponseKind, ResponseVersion, Submission
from sangfroid.organisation_parts import ChannelSettings
from sangfroid.outbound.channels import pictures
from sangfroid.outbound.channels.base import Channel, Limits
from sangfroid.outbound.errors import ChannelFault
from sangfroid.outbound.previews import Preview, Previewer, as_shown

ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
MAILBOX = re.compile(
    rf"(?=.{{1,64}}@){ATOM}(?:\.{ATOM})*@(?:{LABEL}\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]", re.ASCII
)
"""A mailbox as mail servers take it: dots between atoms (RFC 5322, 3.2.3), and a domain of at least two names."""


class Responses:
    """Writing and reviewing. `channels` gives the adapter of a channel id."""

    def __init__(
        self, casework: Casework, channels: Callable[[str], Channel], evidence: EvidenceKeeper
    ) -> None:
        self._casework = casework
        self._channels = channels
        self._evidence = evidence
        self._previewer = Previewer(casework.organisation, channels)

    def submit(self, case_id: str, submission: Submission, by: str) -> ResponseVersion:
        """A new version of whatever kind: the response, what follows it, or an answer to one person."""
        shown = self._previewer.every(submission)
        heard = self._heard(case_id)
        return self._casework.change(
            case_id,
            by,
            lambda file: responses.submit(file, submission, self._casework.organisation, shown, heard),
        )

    def _heard(self, case_id: str) -> list[Message]:
        """What people wrote, as far as it is read for what they ask (A17)."""
        return self._casework.store.messages(case_id, limit=concerns.MESSAGES_READ)

    def check(self, case_id: str, submission: Submission, by: str) -> tuple[ResponseVersion, list[Preview]]:
        """What would become of a text if it were submitted now, and how it would look everywhere. Nothing is kept."""
        shown = self._previewer.every(submission)
        file = self._casework.read(case_id)
        file.by = by
        heard = self._heard(case_id)
        version = responses.submit(file, submission, self._casework.organisation, shown, heard)
        return version, self._previewer.of(version, file)

    def texts_of(
        self,
        case_id: str,
        kind: ResponseKind | None,
        texts: dict[str, str] | None,
        slots: dict[str, dict[str, str]],
    ) -> dict[str, str]:
        """The texts of a submission: as they were written, or the holding text of the case type with its slots filled in."""
        if not slots:
            return texts or {}
        if kind != "holding" or texts:
            raise Invalid(
                "Slots fill the holding text of the playbook: send them with kind `holding`, and without texts.",
                errors=[FieldError("/slots", "only with kind `holding`, and without texts")],
            )
        file = self._casework.read(case_id)
        responses.refuse_writing(file)
        return responses.holding_texts(file, slots)

    def limits(self, channel: str) -> Limits | None:
        """What fits on a channel; None where only the platform knows it."""
        return self._previewer.limits(channel)

    def preview(self, case_id: str, number: int) -> tuple[ResponseVersion, list[Preview]]:
        """A version, and how it would look now on every channel × language."""
        version, previews = self._previewed(self._casework.read(case_id), number)
        if not version.renderings and not as_shown(version, previews):
            version.renderings = self._casework.store.renderings(
                case_id, number
            )  # which places are otherwise
        return version, previews

    def _previewed(self, file: CaseFile, number: int) -> tuple[ResponseVersion, list[Preview]]:
        version = file.version(number)
        if version is None:
            raise NotFound(f"Case {file.case.id} has no response version {number}.")
        return version, self._previewer.of(version, file)

    def review(
        self,
        case_id: str,
        version: int,
        approve: bool,
        content_hash: str,
        comment: str,
        by: str,
        *,
        director: bool,
    ) -> ResponseVersion:
        """A reviewer's decision; a yes is to the posts as they were shown."""
        file = None
        if approve:
            file = self._casework.read(case_id)
            file.versions.every()  # whose words they are, the others tell
            seen, now = self._previewed(file, version)
            if not as_shown(seen, now):
                raise IllegalTransition(
                    "The channels' settings have changed since the text was written, so it would look otherwise than it was "
                    f"shown. Look at GET /cases/{case_id}/response/{version}/preview, and write the text again."
                )
        return self._casework.change(
            case_id,
            by,
            lambda file: responses.review(file, version, approve, content_hash, comment, director=director),
            seen=file,
        )

    def no_response(
        self,
        case_id: str,
        reason: str,
        reopen_if: list[str],
        by: str,
        *,
        may_propose: bool,
        may_confirm: bool,
    ) -> tuple[bool, CaseFile]:
        """Propose or confirm not to respond; True once it is confirmed."""

        def act(file: CaseFile) -> tuple[bool, CaseFile]:
            confirmed = no_response.decide(
                file, reason, reopen_if, may_propose=may_propose, may_confirm=may_confirm
            )
            return confirmed, file

        return self._casework.change(case_id, by, act)

    def picture(self, case_id: str, evidence: str, alt: dict[str, str]) -> Picture:
        """The image that was attached to the case under this id, with its descriptions by language; raises Invalid."""
        entry = next((one for one in self._evidence.listed(case_id) if one.id == evidence), None)
        file = entry.files[0] if entry is not None and entry.kind == "attachment" else None
        if file is None or file.media_type not in ("image/png", "image/jpeg"):
            raise Invalid(
                "The image must be a PNG or JPEG that was attached to the case before: POST /cases/{id}/evidence.",
                errors=[FieldError("/image/evidence", "not an image among the evidence of this case")],
            )
        data = self._evidence.vault.read(file.key, file.version)
        if data is None or not pictures.whole(data):
            raise Invalid(
                "The image is cut off: no platform would show it. Attach it again.",
                errors=[FieldError("/image/evidence", "an image that is not whole")],
            )
        return Picture.model_validate(
            {
                "evidence": evidence,
                "media_type": file.media_type,
                "name": file.name,
                "sha256": file.sha256,
                "key": file.key,
                "object_version": file.version,
                "alt": alt,
            }
        )

    def one_to_one(self, case_id: str, message: str, channel: str | None, to: str | None) -> OneToOne:
        """The way to the author of a message: to an address `to`, or as an answer on the platform of the message.

        Without `channel`, the first one that the organisation file names for it (`answers`). Raises Invalid or
        IllegalTransition with what to do instead.
        """
        responses.refuse_writing(self._casework.read(case_id))
        found = next(
            (
                one
                for one in self._casework.store.messages(case_id, limit=None)
                if one.id == message and not one.withdrawn
            ),
            None,
        )
        if found is None:
            raise NotFound(f"Case {case_id} has no message {message!r} (or it was withdrawn).")
        to = to.strip() if to is not None else None
        if to is not None and not MAILBOX.fullmatch(to):
            raise Invalid(
                "The address is not an e-mail address.", errors=[FieldError("/to", "name@example.org")]
            )
        if to is not None and to.casefold() in self._own_addresses():
            raise Invalid(
                "This is an address of the organisation file, not of one person.",
                errors=[FieldError("/to", "the address of the person who wrote the message")],
            )
        wanted = "email" if to is not None else found.platform
        fitting = [one for one in self._casework.organisation.channels if wanted in one.answers]
        if channel is not None:
            fitting = [one for one in fitting if one.id == channel]
            if not fitting:
                raise Invalid(
                    f"Channel {channel} does not answer {wanted} messages (`answers` of the organisation file).",
                    errors=[FieldError("/channel", f"a channel that answers {wanted}")],
                )
        if not fitting:
            raise IllegalTransition(
                f"No channel of the organisation file answers {wanted} messages one to one. Send `to` with the person's "
                "e-mail address, or answer by hand and note it with the duty (C1.5)."
            )
        if to is not None:
            return OneToOne(message=message, channel=fitting[0].id, recipient=to)
        able = [one for one in fitting if found.url is not None and self._can_answer(one, found.url)]
        if not able:
            raise IllegalTransition(
                f"The message cannot be answered on {found.platform}: its address is missing or is not one that "
                f"{', '.join(one.id for one in fitting)} can answer. Send `to`, or answer by hand and note it (C1.5)."
            )
        return OneToOne(message=message, channel=able[0].id, url=found.url)

    def audience_of(self, answer: OneToOne) -> Audience:
        """To whom the channel of an answer speaks."""
        return self._casework.organisation.channel(answer.channel).audience

    def _own_addresses(self) -> set[str]:
        """Lists to which channels send, and how the team is reached: an answer to one person must not go there."""
        found = {reach.address for person in self._casework.organisation.people for reach in person.reach}
        for channel in self._casework.organisation.channels:
            listed = channel.settings.get("to", [])
            found |= {listed} if isinstance(listed, str) else {str(one) for one in listed}
        return {address.casefold() for address in found}

    def _can_answer(self, channel: ChannelSettings, url: str) -> bool:
        try:
            return self._channels(channel.id).answers(url)
        except ChannelFault:
            return False
