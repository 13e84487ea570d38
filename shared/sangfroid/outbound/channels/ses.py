"""`ses`: e-mail through Amazon SES v2 (SendEmail, https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html).

SES has no idempotency key and no way to look a message up by one, so a lost answer ends with a person (I6).
"""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from functools import lru_cache
from typing import Any

from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError
from pydantic import Field

from sangfroid.outbound.channels import mailing
from sangfroid.outbound.channels.aws import UNANSWERED, code_of
from sangfroid.outbound.channels.base import Correction, Limits, Parts, Plain, Suspension
from sangfroid.outbound.channels.settings import Settings, settings_of
from sangfroid.outbound.errors import AnswerLost, CannotLook, ChannelFault, ChannelRefused, ChannelThrottled
from sangfroid.outbound.letter import Letter, Receipt
from sangfroid.text import mail_address

THROTTLED = ("TooManyRequestsException", "LimitExceededException", "Throttling", "ThrottlingException")
PERMANENT = (
    "MessageRejected",
    "MailFromDomainNotVerifiedException",
    "BadRequestException",
    "NotFoundException",
)
UNCERTAIN = (
    "InternalServiceErrorException",
    "InternalFailure",
    "ServiceUnavailable",
    "500",
    "502",
    "503",
    "504",
)
REFUSED_EARLY = (ConnectTimeoutError, EndpointConnectionError)


class SesSettings(Settings):
    """`from`: a verified identity; `to` for letters without a recipient; `configuration_set`: null for none at all.

    Where no configuration set is named, it is the deployment's own (`Parts.email_set`).
    """

    sender: mailing.MailboxText = Field(alias="from")
    to: list[mailing.AddressText] = Field(default_factory=list)
    configuration_set: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]{1,64}$")


class Ses(Plain):
    """Sends to the letter's recipient, or to the list `to` of the settings; `from` is a verified identity."""

    takes_back = False
    idempotent = False
    images = True

    settings_model = SesSettings

    def __init__(self, parts: Parts) -> None:
        self._settings = settings_of(parts, SesSettings)
        named = "configuration_set" in parts.settings
        self._set = self._settings.configuration_set if named else parts.email_set
        self._client_of = parts.client

    @property
    def _client(self) -> Any:
        return self._client_of("sesv2")

    def limits(self) -> Limits:
        """No limit of characters that a text could reach (SES takes 40 MB)."""
        return Limits()

    def correction(self, letter: Letter) -> Correction:
        """A further message, which mail programs show beneath the first."""
        return "reply"

    def publish(self, letter: Letter) -> Receipt:
        """Send one message; the receipt is SES's message id."""
        recipients = mailing.recipients(letter, self._settings.to)
        sender = mail_address.mailbox(self._settings.sender)
        asked: dict[str, Any] = {
            "FromEmailAddress": _encoded(sender),
            "Destination": {"ToAddresses": recipients},
            "Content": {"Raw": {"Data": self._message(letter, sender, recipients).as_bytes()}},
        }
        if self._set is not None:
            asked["ConfigurationSetName"] = self._set
        answer: dict[str, Any] = {}
        fault: ChannelFault | None = None
        try:
            answer = self._client.send_email(**asked)
        except ClientError as error:
            fault = _refusal(code_of(error))
        except REFUSED_EARLY:
            fault = ChannelRefused("SES was not reached")
        except UNANSWERED as error:
            fault = AnswerLost(f"SES did not answer ({type(error).__name__})")
        if fault is None and "MessageId" not in answer:
            fault = AnswerLost("SES did not say under which id it took the message")
        if fault is not None:
            # Raised outside the handler: the original error holds the service's answer.
            raise fault
        # An e-mail has no address that anybody could open (RFC 2392 names parts within one mailbox): its id is the proof.
        return Receipt(external_id=answer["MessageId"])

    def find(self, letter: Letter) -> Receipt | None:
        """SES has no look-up by an own key."""
        raise CannotLook("SES cannot be asked whether a message was sent")

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """The message id is SES's acceptance, all that SES can confirm at once."""
        return receipt

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """A sent e-mail cannot be taken back."""
        raise ChannelRefused("an e-mail cannot be taken back", permanent=True)

    def survey(self) -> dict[str, Any]:
        """Which switch is this channel's (its configuration set, or the account), and whether it is on."""
        return {"target": self._switch, "was_enabled": self._is_on()}

    def suspend(self) -> Suspension:
        """Stop sending of the configuration set, or of the whole account where none is set (PutAccountSendingAttributes)."""
        before = self._is_on()
        if before:
            self._turn(on=False)
        if self._is_on():
            raise ChannelRefused("SES still sends after it was told to stop")
        return Suspension(
            "stopped", f"SES sending is off ({self._switch})", {"target": self._switch, "was_enabled": before}
        )

    def is_suspended(self, suspension: Suspension) -> bool:
        """Whether sending is off."""
        return not self._is_on()

    def resume(self, suspension: Suspension) -> None:
        """Switch sending on again, where it was on before."""
        if not suspension.state.get("was_enabled"):
            return
        self._turn(on=True)

    @property
    def _switch(self) -> str:
        return self._set or "the account"

    def _is_on(self) -> bool:
        name = self._set
        if name:
            answer = _asked(lambda: self._client.get_configuration_set(ConfigurationSetName=name))
            answer = answer.get("SendingOptions", {})
        else:
            answer = _asked(self._client.get_account)
        if "SendingEnabled" not in answer:
            raise AnswerLost("SES did not say whether it sends")
        return bool(answer["SendingEnabled"])

    def _turn(self, *, on: bool) -> None:
        name = self._set
        if name:
            _asked(
                lambda: self._client.put_configuration_set_sending_options(
                    ConfigurationSetName=name, SendingEnabled=on
                )
            )
        else:
            _asked(lambda: self._client.put_account_sending_attributes(SendingEnabled=on))

    def _message(self, letter: Letter, sender: mail_address.Mailbox, recipients: list[str]) -> EmailMessage:
        message = EmailMessage(policy=mailing.SEVEN_BITS)
        mailing.begin(message, letter, sender, recipients)
        message["X-Sangfroid-Key"] = letter.key
        line = [*letter.before, letter.corrects] if letter.corrects is not None else []
        mailing.write(message, letter, [self._message_id(one) for one in line])
        return message

    def _message_id(self, receipt: Receipt) -> str:
        """The Message-ID that SES gave the message (https://docs.aws.amazon.com/ses/latest/dg/header-fields.html)."""
        region = str(self._client.meta.region_name)
        domain = "email.amazonses.com" if region == "us-east-1" else f"{region}.amazonses.com"
        return f"<{receipt.external_id}@{domain}>"


@lru_cache(maxsize=16)
def _encoded(sender: mail_address.Mailbox) -> str:
    """The sender as SES takes it: ASCII alone, a name in another script as encoded words (RFC 2047)."""
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit", max_line_length=None))
    message["From"] = sender.header
    return message.as_string().partition(":")[2].strip()


def _refusal(code: str) -> ChannelFault:
    if code in THROTTLED:
        return ChannelThrottled(retry_after=30.0)
    if code in UNCERTAIN:
        return AnswerLost(f"SES failed while it handled the message ({code})")
    return ChannelRefused(f"SES: {code}", permanent=code in PERMANENT)


def _asked(call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The answer about the switch; SES's refusals as this desk's."""
    fault: ChannelFault
    try:
        return call()
    except ClientError as error:
        fault = ChannelRefused(f"SES: {code_of(error)}")
    except UNANSWERED as error:
        fault = AnswerLost(f"SES did not answer ({type(error).__name__})")
    raise fault
