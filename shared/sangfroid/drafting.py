"""What a draft needs besides its texts: the image out of the case's evidence, and the way to one person (C1.5, A3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from sangfroid.cases import responses
from sangfroid.errors import FieldError, IllegalTransition, Invalid, NotFound
from sangfroid.evidence.keeping import EvidenceKeeper
from sangfroid.model import OneToOne, Picture
from sangfroid.organisation import ChannelSettings, Organisation
from sangfroid.outbound.channels import pictures
from sangfroid.outbound.channels.base import Channel
from sangfroid.outbound.errors import ChannelFault
from sangfroid.store import CaseStore

ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
MAILBOX = re.compile(
    rf"(?=.{{1,64}}@){ATOM}(?:\.{ATOM})*@(?:{LABEL}\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]", re.ASCII
)
"""A mailbox as mail servers take it: dots between atoms (RFC 5322, 3.2.3), and a domain of at least two names."""


class Drafting:
    """Looks up what a draft refers to. `channels` gives the adapter of a channel id."""

    def __init__(
        self,
        store: CaseStore,
        organisation: Organisation,
        channels: Callable[[str], Channel],
        evidence: EvidenceKeeper,
        now: Callable[[], datetime],
    ) -> None:
        self._now = now
        self._store, self._organisation = store, organisation
        self._channels, self._evidence = channels, evidence

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

    def image(self, picture: Picture) -> bytes | None:
        """The bytes of a version's image, or None where they are gone; raises Unavailable."""
        return self._evidence.vault.read(picture.key, picture.object_version)

    def one_to_one(self, case_id: str, message: str, channel: str | None, to: str | None) -> OneToOne:
        """The way to the author of a message: to an address `to`, or as an answer on the platform of the message.

        Without `channel`, the first one that the organisation file names for it (`answers`). Raises Invalid or
        IllegalTransition with what to do instead.
        """
        responses.refuse_writing(self._store.load(case_id, self._now(), ""))
        found = next(
            (
                one
                for one in self._store.messages(case_id, limit=None)
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
        fitting = [one for one in self._organisation.channels if wanted in one.answers]
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

    def _own_addresses(self) -> set[str]:
        """Lists to which channels send, and how the team is reached: an answer to one person must not go there."""
        found = {reach.address for person in self._organisation.people for reach in person.reach}
        for channel in self._organisation.channels:
            listed = channel.settings.get("to", [])
            found |= {listed} if isinstance(listed, str) else {str(one) for one in listed}
        return {address.casefold() for address in found}

    def _can_answer(self, channel: ChannelSettings, url: str) -> bool:
        try:
            return self._channels(channel.id).answers(url)
        except ChannelFault:
            return False
