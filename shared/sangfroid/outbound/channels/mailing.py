"""What the e-mail channels share: a message that answers an earlier one, and an image that changes no approved word."""

from __future__ import annotations

import html
import re
from email.message import EmailMessage
from hashlib import sha256
from typing import Any

from sangfroid.outbound.channels.hypertext import as_html
from sangfroid.outbound.channels.pictures import file_name
from sangfroid.outbound.letter import Image, Letter

MESSAGE_ID = re.compile(r"<[^<>@\s]+@[^<>@\s]+>", re.ASCII)


def write(message: EmailMessage, letter: Letter, corrects: str | None) -> None:
    """The text, byte for byte, and beneath which message mail programs show it (RFC 5322, 3.6.4).

    With an image there is an HTML part that says the same words: only there does a mail have a place for the alternative text.
    """
    if corrects is not None and MESSAGE_ID.fullmatch(corrects):
        message["In-Reply-To"] = message["References"] = corrects
    message.set_content(letter.text)
    if letter.image is None:
        return
    image, alt = letter.image, " ".join(letter.image.alt.split())
    domain = str(message["From"].addresses[0].domain)
    name = sha256(f"{letter.channel}\n{letter.key}".encode()).hexdigest()[:40]
    content_id = f"{name}.image@{domain}"
    shown = f'<p><img src="cid:{content_id}" alt="{html.escape(alt)}" style="max-width:100%"></p>'
    message.add_alternative(f"{as_html(letter.text)}\n\n{shown}\n", subtype="html")
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
