"""What a receiver of signed calls is told, by a server of the test that checks every signature."""

from __future__ import annotations

import base64
import time
from typing import Any

import pytest

from sangfroid.outbound.channels import ADAPTERS
from sangfroid.outbound.channels.webhook import genuine
from sangfroid.outbound.letter import Receipt
from tests.adapters.kind import letter, parts
from tests.adapters.strict import Call, Platform, Reply, serving

KEY = "whsec_" + base64.b64encode(b"a key of the test, 32 bytes long").decode()
MESSAGE = "https://social.example/@somebody/1?x=1"


class Receiver(Platform):
    """Standard Webhooks 1.0.0: a call counts once for its `webhook-id`, and only with its signature."""

    prefix = "receiver"

    def publishes(self, call: Call) -> bool:
        return True

    def answer(self, call: Call) -> Reply:
        self.rule(genuine(KEY, call.headers, call.body, time.time()), "the call is signed")
        self.published.setdefault(call.headers["webhook-id"], call.json)
        return Reply(200, {"id": "post-7"})


def told(*letters: Any) -> list[dict[str, Any]]:
    receiver = Receiver()
    with serving(receiver) as base:
        channel = ADAPTERS["webhook"](parts("webhook", {}, {"url": f"{base}/receiver/in", "secret": KEY}))
        for one in letters:
            channel.publish(one)
    assert receiver.violations == []
    return list(receiver.published.values())


def test_an_event_names_what_it_corrects_or_answers() -> None:
    first = Receipt("post-7", "https://news.example/7")
    plain, correction, answer = told(
        letter(),
        letter("Corrigé", "k2", kind="correction", corrects=first),
        letter("Réponse", "k3", kind="answer", answers=MESSAGE),
    )
    assert plain["type"] == "response.published"
    assert not {"corrects", "answers"} & set(plain["data"])
    assert correction["type"] == "correction.published"
    assert correction["data"]["corrects"] == {"id": "post-7", "url": "https://news.example/7"}
    assert answer["type"] == "answer.published"
    assert answer["data"]["answers"] == MESSAGE


def test_an_event_that_is_sent_again_counts_once() -> None:
    correction = letter("Corrigé", "k2", kind="correction", corrects=Receipt("post-7"))
    assert len(told(correction, correction)) == 1


@pytest.mark.parametrize(
    ("url", "answered"),
    [
        (MESSAGE, True),
        ("https://forum.example", True),
        ("http://forum.example/1", False),
        ("https://forum.example/1\nx: y", False),
        ("https://a@forum.example/1", False),
        ("javascript:alert(1)", False),
    ],
)
def test_addresses_on_the_web_can_be_answered(url: str, answered: bool) -> None:
    channel = ADAPTERS["webhook"](parts("webhook", {}, {}))
    assert channel.answers(url) is answered
