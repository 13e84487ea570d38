"""`sns_sms`: text messages through Amazon SNS, with the Lambda's role (https://docs.aws.amazon.com/sns/latest/api/API_Publish.html).

SNS has no idempotency key for a phone number and no way to look a message up, so a lost answer ends with a person.
"""

from __future__ import annotations

from typing import Any, Literal

from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError
from pydantic import Field

from sangfroid.outbound.channels.aws import UNANSWERED, code_of
from sangfroid.outbound.channels.base import Limits, NothingOfItsOwn, Parts
from sangfroid.outbound.channels.settings import Settings, settings_of
from sangfroid.outbound.errors import AnswerLost, CannotLook, ChannelFault, ChannelRefused, ChannelThrottled
from sangfroid.outbound.letter import Letter, Receipt

THROTTLED = ("Throttled", "ThrottledException", "Throttling", "ThrottlingException", "KMSThrottling")
MENDABLE = ("AuthorizationError", "AccessDenied", "AccessDeniedException", "OptedOut", "ExpiredToken")
UNCERTAIN = ("InternalError", "InternalFailure", "ServiceUnavailable", "500", "502", "503", "504")
SLOW_DOWN = 30.0


class SnsSmsSettings(Settings):
    """`to` for letters without a recipient; `sender_id` where the country allows one."""

    to: str | None = Field(default=None, pattern=r"^\+[1-9][0-9]{5,14}$")
    sender_id: str | None = Field(default=None, pattern=r"^[A-Za-z0-9-]{1,11}$")
    type: Literal["Transactional", "Promotional"] = "Transactional"


class SnsSms(NothingOfItsOwn):
    """One message a letter."""

    takes_back = False
    idempotent = False

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._settings = settings_of(parts, SnsSmsSettings)

    def limits(self) -> Limits:
        """SNS takes 1,600 bytes and cuts them into messages by itself."""
        return Limits(1_600, lambda text: len(text.encode()), "bytes")

    def publish(self, letter: Letter) -> Receipt:
        """Send the message."""
        to = letter.recipient or self._settings.to
        if to is None:
            raise ChannelRefused("nobody to send to", permanent=True)
        if self.limits().count(letter.text) > 1_600:
            raise ChannelRefused("longer than 1,600 bytes", permanent=True)
        attributes: dict[str, Any] = {"AWS.SNS.SMS.SMSType": self._settings.type}
        if self._settings.sender_id is not None:
            attributes["AWS.SNS.SMS.SenderID"] = self._settings.sender_id
        typed = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        fault: ChannelFault
        try:
            answer = self._parts.client("sns").publish(
                PhoneNumber=to, Message=letter.text, MessageAttributes=typed
            )
            if "MessageId" in answer:
                return Receipt(str(answer["MessageId"]))
            fault = AnswerLost("SNS did not say under which id it took the message")
        except ClientError as error:
            fault = _fault(code_of(error))
        except (ConnectTimeoutError, EndpointConnectionError):
            fault = ChannelRefused("SNS was not reached")
        except UNANSWERED as error:
            fault = AnswerLost(f"SNS did not answer ({type(error).__name__})")
        raise fault

    def find(self, letter: Letter) -> Receipt | None:
        """SNS has no look-up."""
        raise CannotLook("SNS cannot be asked whether a message was sent")

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """The message id is SNS's acceptance, all that it can confirm at once."""
        return receipt

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """A sent text message cannot be taken back."""
        raise ChannelRefused("a text message cannot be taken back", permanent=True)


def _fault(code: str) -> ChannelFault:
    if code in THROTTLED:
        return ChannelThrottled(SLOW_DOWN)
    if code in UNCERTAIN:
        return AnswerLost(f"SNS: {code}")
    return ChannelRefused(f"SNS: {code}", permanent=code not in MENDABLE)
