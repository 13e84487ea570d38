"""Text messages through SNS (on the emulator) and alerts through Apprise (to a server of the test)."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.sns.models import sns_backends

from sangfroid.outbound.channels import ADAPTERS
from sangfroid.outbound.channels.base import Channel, Parts
from sangfroid.outbound.errors import AnswerLost, CannotLook, ChannelFault, ChannelRefused, ChannelThrottled
from tests.adapters.kind import LIMIT, letter, parts
from tests.adapters.strict import Call, Platform, Reply, serving

PAGE = {"audience": "out_of_band", "kind": "page", "recipient": "+33612345678"}


def sms(client: Any) -> Channel:
    return ADAPTERS["sns_sms"](Parts("sms", {"sender_id": "NUAGE"}, LIMIT, dict, None, lambda _: client))


def test_sns_sends_one_message_to_the_recipient() -> None:
    with mock_aws():
        client = boto3.client(
            "sns",
            region_name="eu-west-3",
            aws_access_key_id="a",
            aws_secret_access_key="b",  # noqa: S106
        )
        receipt = sms(client).publish(letter("12 h : prêt ?", **PAGE))
        sent = sns_backends[DEFAULT_ACCOUNT_ID]["eu-west-3"].sms_messages
        assert {receipt.external_id: ("+33612345678", "12 h : prêt ?")} == dict(sent)


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (ClientError({"Error": {"Code": "ThrottlingException"}}, "Publish"), ChannelThrottled),
        (ClientError({"Error": {"Code": "InternalError"}}, "Publish"), AnswerLost),
        (ClientError({"Error": {"Code": "InvalidParameter"}}, "Publish"), ChannelRefused),
        (ReadTimeoutError(endpoint_url="https://sns"), AnswerLost),
    ],
)
def test_what_sns_refuses_or_loses(raised: Exception, kind: type[ChannelFault]) -> None:
    class Client:
        def publish(self, **given: Any) -> None:
            raise raised

    with pytest.raises(kind):
        sms(Client()).publish(letter("x", **PAGE))
    with pytest.raises(CannotLook):
        sms(Client()).find(letter("x", **PAGE))


class Json(Platform):
    """The receiver of Apprise's `json://` (https://github.com/caronc/apprise/wiki/Notify_Custom_JSON)."""

    prefix = "json"

    def publishes(self, call: Call) -> bool:
        return True

    def answer(self, call: Call) -> Reply:
        body = call.json
        self.rule({"version", "title", "message", "type"} <= set(body), "fields of a notification")
        self.published[self.next_id()] = {"message": body["message"], "title": body["title"]}
        return Reply(200, {})


def test_apprise_carries_alerts_to_the_team_and_nothing_else() -> None:
    platform = Json()
    with serving(platform) as base:
        url = f"{base}/json".replace("http://", "json://")
        channel = ADAPTERS["apprise"](parts("apprise", {}, {"url": url}))
        alert = letter("Case 7 needs you", audience="team", kind="notice", subject="Reminder")
        channel.publish(alert)
        assert list(platform.published.values()) == [{"message": "Case 7 needs you", "title": "Reminder"}]
        with pytest.raises(ChannelRefused, match="team"):
            channel.publish(letter("A response", audience="public"))
        with pytest.raises(CannotLook):
            channel.find(alert)
        platform.fault = lambda *_: "error"
        with pytest.raises(AnswerLost):
            channel.publish(alert)
    assert len(platform.published) == 1
    assert platform.violations == []
