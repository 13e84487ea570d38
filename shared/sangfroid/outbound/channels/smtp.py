"""`smtp`: e-mail through the organisation's own mail server (RFC 5321), with a Message-ID made from the delivery's key.

SMTP has no look-up. Where an archive mailbox is configured, it gets a blind copy of every letter, and IMAP finds and reads it
back there by its Message-ID; without one a lost answer ends with a person. Postfix can be stopped for real (postfix.py).
"""

from __future__ import annotations

import imaplib
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sangfroid import wall_clock
from sangfroid.outbound.channels import mailing
from sangfroid.outbound.channels.base import Correction, Limits, Parts, Plain, Suspension
from sangfroid.outbound.channels.http import altered, name_of, reading_back, same
from sangfroid.outbound.channels.postfix import Postfix
from sangfroid.outbound.channels.settings import LOOPBACK, Secret, Settings, secret_of, settings_of
from sangfroid.outbound.channels.stopped import StoppedRecord
from sangfroid.outbound.channels.timed import Deadline
from sangfroid.outbound.errors import AnswerLost, CannotLook, ChannelFault, ChannelRefused, ChannelThrottled
from sangfroid.outbound.letter import Letter, Receipt
from sangfroid.text import mail_address

Security = Literal["tls", "starttls", "none"]
ADDRESS = re.compile(r"[^\s<>,;:\"()]+@[^\s<>,;:\"()]+")
BUSY = (421, 450, 451, 452)
SLOW_DOWN = 60.0


def _protected(host: str, security: Security) -> None:
    if security == "none" and host not in LOOPBACK:
        raise ValueError("`security: none` only to this machine")


class Archive(BaseModel):
    """A mailbox that gets a blind copy of every letter, and where it stands for IMAP."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: mailing.AddressText
    host: str
    port: int = 993
    security: Literal["tls", "none"] = "tls"
    folder: str = Field(default="INBOX", pattern=r"^[^\"\r\n\\]+$")

    @model_validator(mode="after")
    def _is_protected(self) -> Self:
        _protected(self.host, self.security)
        return self


class SmtpSettings(Settings):
    """`from`, and `to` for letters without a recipient. `postfix`: how its commands are run, as in `[ssh, mail, sudo]`."""

    host: str
    port: int = 587
    security: Security = "starttls"
    sender: mailing.MailboxText = Field(alias="from")
    to: list[mailing.AddressText] = Field(default_factory=list)
    archive: Archive | None = None
    postfix: list[str] | None = None

    @model_validator(mode="after")
    def _is_protected(self) -> Self:
        _protected(self.host, self.security)
        return self


class SmtpSecret(Secret):
    """All may be left out where the server knows the desk by its address."""

    username: str | None = None
    password: str | None = None
    imap_username: str | None = None
    imap_password: str | None = None


class Smtp(Plain):
    """One message a letter, to all its recipients or to none."""

    takes_back = False
    idempotent = False
    images = True

    settings_model = SmtpSettings

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._settings = settings_of(parts, SmtpSettings)
        self._sender = mail_address.mailbox(self._settings.sender)

    def limits(self) -> Limits:
        """No limit that a text could reach."""
        return Limits()

    def correction(self, letter: Letter) -> Correction:
        """A further message, which mail programs show beneath the first."""
        return "reply"

    def publish(self, letter: Letter) -> Receipt:
        """Hand the message to the mail server; a refused recipient refuses the whole message before anything is sent."""
        secret = secret_of(self._parts, SmtpSecret)
        deadline = Deadline(self._parts.time_limit)
        recipients = mailing.recipients(letter, self._settings.to)
        message = self._message(letter, recipients)
        if self._settings.archive is not None:
            recipients = [*recipients, self._settings.archive.address]
        fault: ChannelFault | None = None
        try:
            with self._session(secret, deadline) as smtp:
                _expect(smtp.mail(self._sender.address), secret)
                for recipient in recipients:
                    smtp.timeout = _left(smtp, deadline)
                    _expect(smtp.rcpt(recipient), secret)
                _left(smtp, deadline)
                _expect(smtp.docmd("DATA"), secret)
                _hand_over(smtp, message.as_bytes(), secret, deadline)
        except smtplib.SMTPAuthenticationError as error:
            fault = ChannelRefused(f"the mail server does not accept the credentials ({error.smtp_code})")
        except (smtplib.SMTPException, OSError, ValueError) as error:
            fault = ChannelRefused(f"the mail server was not reached or broke off ({type(error).__name__})")
        if fault is not None:
            # Raised outside the handler: the original error holds what the server said.
            raise fault
        return Receipt(self._message_id(letter))

    def find(self, letter: Letter) -> Receipt | None:
        """The copy in the archive. Where none is there yet, the message may still stand in a queue: a person decides."""
        if self._settings.archive is None:
            raise CannotLook("a mail server cannot be asked whether a message was sent")
        if self._archived(letter, self._settings.archive) is None:
            raise CannotLook("the message is not in the archive mailbox, and may still stand in a queue")
        return Receipt(self._message_id(letter))

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """The archived copy, where it has arrived; else the server's acceptance is all that mail can give."""
        if self._settings.archive is None:
            return receipt
        with reading_back("the archive mailbox"):
            found = self._archived(letter, self._settings.archive)
        if found is not None and not same(mailing.says(found), letter.text):
            raise altered("the archive mailbox")
        if found is not None and letter.image is not None and not mailing.shows(found, letter.image):
            raise altered("the archive mailbox")
        return receipt

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """A sent e-mail cannot be taken back."""
        raise ChannelRefused("an e-mail cannot be taken back", permanent=True)

    def suspend(self) -> Suspension:
        """Hold the queue of Postfix and stop what comes in anew from leaving."""
        if self._settings.postfix is None:
            return Suspension(
                "by_person", "hold the queue of the mail server, and stop campaigns that use it"
            )
        return self._postfix(self._settings.postfix).hold()

    def is_suspended(self, suspension: Suspension) -> bool:
        """Whether the server lets nothing leave."""
        return self._settings.postfix is None or self._postfix(self._settings.postfix).holds()

    def resume(self, suspension: Suspension) -> None:
        """Release exactly the messages that were held."""
        if suspension.mode == "stopped" and self._settings.postfix is not None:
            self._postfix(self._settings.postfix).release(suspension.state)

    def _postfix(self, prefix: list[str]) -> Postfix:
        return Postfix(prefix, Deadline(self._parts.time_limit), StoppedRecord(self._parts))

    def _message_id(self, letter: Letter) -> str:
        return f"<{name_of(letter)[:40]}.sangfroid@{self._sender.domain}>"

    def _message(self, letter: Letter, recipients: list[str]) -> EmailMessage:
        # Seven bits: it is handed over as ASCII.
        message = EmailMessage(policy=mailing.SEVEN_BITS)
        mailing.begin(message, letter, self._sender, recipients)
        message["Message-ID"] = self._message_id(letter)
        message["Date"] = format_datetime(wall_clock.now())
        message["Auto-Submitted"] = "auto-generated"
        line = [*letter.before, letter.corrects] if letter.corrects is not None else []
        mailing.write(message, letter, [one.external_id for one in line])
        return message

    @contextmanager
    def _session(self, secret: SmtpSecret, deadline: Deadline) -> Iterator[smtplib.SMTP]:
        """A connection, ready to take a message. Every failure before the message is handed over means that nothing was sent."""
        smtp = self._connect(secret, deadline)
        try:
            yield smtp
        finally:
            with suppress(smtplib.SMTPException, OSError):
                _left(smtp, deadline)
                smtp.quit()
            smtp.close()

    def _connect(self, secret: SmtpSecret, deadline: Deadline) -> smtplib.SMTP:
        settings = self._settings
        context = ssl.create_default_context()
        if settings.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host, settings.port, timeout=deadline.left, context=context
            )
        else:
            smtp = smtplib.SMTP(settings.host, settings.port, timeout=deadline.left)
        _left(smtp, deadline)
        smtp.ehlo_or_helo_if_needed()
        if settings.security == "starttls":
            smtp.starttls(context=context)
            _left(smtp, deadline)
            smtp.ehlo()
        if secret.username is not None and secret.password is not None:
            _left(smtp, deadline)
            smtp.login(secret.username, secret.password)
        _left(smtp, deadline)
        return smtp

    def _archived(self, letter: Letter, archive: Archive) -> EmailMessage | None:
        """The archived copy, or None; raises ChannelRefused where the archive cannot be asked."""
        secret = secret_of(self._parts, SmtpSecret)
        fault: str | None = None
        try:
            return self._search(archive, secret, self._message_id(letter))
        except (imaplib.IMAP4.error, OSError, ValueError, LookupError) as error:
            fault = type(error).__name__
        raise ChannelRefused(f"the archive mailbox cannot be read ({fault})")

    def _search(self, archive: Archive, secret: SmtpSecret, message_id: str) -> EmailMessage | None:
        deadline = Deadline(self._parts.time_limit)
        if archive.security == "tls":
            context = ssl.create_default_context()
            imap: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                archive.host, archive.port, ssl_context=context, timeout=deadline.left
            )
        else:
            imap = imaplib.IMAP4(archive.host, archive.port, timeout=deadline.left)
        try:
            imap.sock.settimeout(max(deadline.left, 0.01))
            imap.login(
                secret.imap_username or secret.username or "", secret.imap_password or secret.password or ""
            )
            imap.sock.settimeout(max(deadline.left, 0.01))
            _ok(imap.select(f'"{archive.folder}"', readonly=True))
            imap.sock.settimeout(max(deadline.left, 0.01))
            found = _ok(imap.search(None, "HEADER", "Message-ID", f'"{message_id}"'))
            numbers = (found[0] or b"").split()
            if not numbers:
                return None
            fetched = _ok(imap.fetch(numbers[0].decode(), "(BODY.PEEK[])"))
            raw = next((part[1] for part in fetched if isinstance(part, tuple)), None)
            if raw is None:
                raise imaplib.IMAP4.error("no message in the answer")
            return message_from_bytes(raw, policy=policy.default)
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                imap.logout()


def _ok(answer: tuple[str, list[Any]]) -> list[Any]:
    """What an IMAP command brought; what the server says to a refusal is not repeated."""
    if answer[0] != "OK":
        raise imaplib.IMAP4.error("refused")
    return answer[1]


def _left(smtp: smtplib.SMTP, deadline: Deadline) -> float:
    """Set what is left of the time limit on the connection; raises TimeoutError when it is over."""
    if deadline.left <= 0:
        raise TimeoutError("the time limit is over")
    if smtp.sock is not None:
        smtp.sock.settimeout(deadline.left)
    return deadline.left


def _expect(answer: tuple[int, bytes], secret: SmtpSecret) -> None:
    """Raise what a reply before the message means; 2xx and 3xx are fine."""
    code, said = answer
    if 200 <= code < 400:
        return
    text = secret.scrub(said.decode("utf-8", "replace"))
    # Servers repeat whom they refuse, and a reason stands in the timeline.
    text = ADDRESS.sub("…", text)[:200]
    if code in BUSY:
        raise ChannelThrottled(SLOW_DOWN, f"the mail server is busy ({code})")
    raise ChannelRefused(
        f"the mail server refused ({code} {text})", permanent=500 <= code < 600 and code not in (530, 535)
    )


def _hand_over(smtp: smtplib.SMTP, message: bytes, secret: SmtpSecret, deadline: Deadline) -> None:
    """Send the message and wait for the reply that takes it over (RFC 5321, 4.1.1.4). From here on it may have been taken."""
    lost: str | None = None
    answer = (-1, b"")
    try:
        _left(smtp, deadline)
        quoted = smtplib._quote_periods(smtplib._fix_eols(message.decode("ascii")).encode("ascii"))  # type: ignore[attr-defined]
        smtp.send(quoted + (b"" if quoted.endswith(b"\r\n") else b"\r\n") + b".\r\n")
        _left(smtp, deadline)
        answer = smtp.getreply()
    except (smtplib.SMTPException, OSError) as error:
        lost = type(error).__name__
    if lost is not None or answer[0] < 0:
        raise AnswerLost(f"the mail server did not answer after it was handed the message ({lost})")
    _expect(answer, secret)
