"""What the e-mail channels share: to whom, a message that answers an earlier one, and an image that changes no approved word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.headerregistry import BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP, Policy
from functools import lru_cache
from hashlib import sha256
from typing import Annotated, Any

from pydantic import AfterValidator

from sangfroid.outbound.channels.pictures import file_name
from sangfroid.outbound.errors import ChannelRefused
from sangfroid.outbound.letter import Image, Letter
from sangfroid.text import mail_address
from sangfroid.text.mail_address import BadAddress, Mailbox

MESSAGE_ID = re.compile(r"<[^<>@\s]+@[^<>@\s]+>", re.ASCII)


KEPT = 128
"""Headers that are remembered: what goes to several people has one sender and one subject."""


class _Header(BaseHeader):
    """A header that is folded once for the messages that share it. Nobody writes into a header."""

    _folded: tuple[Policy[Any], str] | None = None

    def fold(self, *, policy: Policy[Any]) -> str:
        """As the library's."""
        if self._folded is None or self._folded[0] is not policy:
            self._folded = (policy, super().fold(policy=policy))
        return self._folded[1]


class _Headers(HeaderRegistry):
    """Makes headers; the library makes a class for each of them, and parses the same sender for every message."""

    def __init__(self) -> None:
        super().__init__(base_class=_Header)
        self._kind = lru_cache(maxsize=KEPT)(super().__getitem__)
        self._made = lru_cache(maxsize=KEPT)(super().__call__)

    def __getitem__(self, name: str) -> Any:
        return self._kind(name.lower())

    def __call__(self, name: str, value: Any) -> Any:
        """As the library's."""
        return self._made(name, value) if type(value) is str else super().__call__(name, value)


SEVEN_BITS = SMTP.clone(cte_type="7bit", header_factory=_Headers())
"""How messages are written: not every server on the way takes more than seven bits."""


def _mailbox(text: str) -> str:
    mail_address.mailbox(text)
    return text


def _address(text: str) -> str:
    return mail_address.address(text)


MailboxText = Annotated[str, AfterValidator(_mailbox)]
"""A setting with an address, and a name before it or none."""
AddressText = Annotated[str, AfterValidator(_address)]
"""A setting with an address alone; kept in its ASCII form."""


def recipients(letter: Letter, default: Sequence[str]) -> list[str]:
    """To whom a letter goes, as a mail server takes it; raises ChannelRefused (permanent) where it can never be sent."""
    given = [letter.recipient] if letter.recipient else list(default)
    if not given:
        raise ChannelRefused("nobody to send to", permanent=True)
    fault: str
    try:
        return [mail_address.mailbox(one).address for one in given]
    except BadAddress as bad:
        fault = str(bad)
    raise ChannelRefused(f"a recipient's address can never be written to: {fault}", permanent=True)


def begin(message: EmailMessage, letter: Letter, sender: Mailbox, to: Sequence[str]) -> None:
    """From whom, to whom, about what: an answer to an earlier message keeps that one's subject, after `Re:` (RFC 5322, 3.6.5)."""
    message["From"], message["To"] = sender.header, ", ".join(to)
    about = letter.began if letter.corrects is not None else ""
    message["Subject"] = f"Re: {about}" if about else letter.headline
    message["Content-Language"] = letter.language


def write(message: EmailMessage, letter: Letter, corrected: Sequence[str]) -> None:
    """The text, byte for byte, and beneath which messages mail programs show it (RFC 5322, 3.6.4).

    `corrected` are the Message-IDs of what it puts right: the first publication, and the corrections since, oldest first.
    With an image there is an HTML part that says the same words: only there does a mail have a place for the alternative text.
    """
    line = [one for one in corrected if MESSAGE_ID.fullmatch(one)]
    if line and line[-1] == corrected[-1]:
        message["In-Reply-To"], message["References"] = line[-1], " ".join(line)
    message.set_content(letter.text)
    if letter.image is None:
        return
    from sangfroid.outbound.channels.hypertext import as_html, image_html  # loaded for few letters alone

    image, alt = letter.image, " ".join(letter.image.alt.split())
    domain = str(message["From"].addresses[0].domain)
    name = sha256(f"{letter.channel}\n{letter.key}".encode()).hexdigest()[:40]
    content_id = f"{name}.image@{domain}"
    message.add_alternative(
        f"{as_html(letter.text)}\n\n{image_html(f'cid:{content_id}', alt)}\n", subtype="html"
    )
    page: Any = message.get_payload(1)
    kind, _, subtype = image.media_type.partition("/")
    name = file_name(image, "image")
    page.add_related(image.data, kind, subtype, cid=f"<{content_id}>", filename=name, disposition="inline")
    page.get_payload(1)["Content-Description"] = alt


def says(message: EmailMessage) -> str:
    """The text of a message."""
    body = message.get_body(("plain",))
    return str(body.get_content()) if body is not None else ""


def shows(message: EmailMessage, image: Image) -> bool:
    """Whether the message holds exactly this image with its alternative text, and no other."""
    held = [part for part in message.walk() if part.get_content_maintype() == "image"]
    alt = " ".join(image.alt.split())
    return len(held) == 1 and held[0].get_content() == image.data and held[0]["Content-Description"] == alt
