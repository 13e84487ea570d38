"""Corrections and images by e-mail through SES (moto), read as a mail program reads them; and what both mail channels write."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import boto3
import pytest
from moto import mock_aws

from sangfroid.outbound.channels import ADAPTERS, mailing
from sangfroid.outbound.channels.base import Channel
from sangfroid.outbound.letter import Image, Receipt
from tests.adapters.kind import LIMIT, letter, parts

SENDER = "Nuage <desk@example.test>"
TEXT = "Désolés.\n\n.Un point au début, & <ici> #42.\nhttps://status.example.test/?a=1&b=2"
PICTURE = Image("image/png", b"\x89PNG\r\n\x1a\nbytes", 'Courbe : "3 %" < 5 %\nà midi', "../x.png")


def ses(client: Any) -> Channel:
    given = parts("ses", {"from": SENDER, "to": ["press@example.test"]}, {}, LIMIT)
    return ADAPTERS["ses"](type(given)(**{**vars(given), "client": lambda _: client}))


@pytest.fixture(params=["eu-west-3", "us-east-1"])
def client(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        found = boto3.client("sesv2", region_name=request.param)
        found.create_email_identity(EmailIdentity="desk@example.test")
        yield found


def messages(client: Any) -> list[EmailMessage]:
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.ses.models import ses_backends

    sent = ses_backends[DEFAULT_ACCOUNT_ID][client.meta.region_name].sent_messages
    found = [message_from_bytes(one.raw_data.encode(), policy=policy.default) for one in sent]
    assert all(isinstance(one, EmailMessage) for one in found)
    return found  # type: ignore[return-value]


def test_a_correction_answers_the_message_id_that_ses_gave(client: Any) -> None:
    channel = ses(client)
    first = channel.publish(letter(TEXT))
    right = letter("Correction.", key="2", corrects=first)
    assert channel.correction(right) == "reply"
    channel.publish(right)
    _, correction = messages(client)
    domain = "email" if client.meta.region_name == "us-east-1" else client.meta.region_name
    assert (
        correction["In-Reply-To"]
        == correction["References"]
        == f"<{first.external_id}@{domain}.amazonses.com>"
    )
    assert mailing.says(correction).splitlines() == ["Correction."]


def test_an_image_goes_with_the_words_and_changes_none(client: Any) -> None:
    channel = ses(client)
    assert channel.images
    channel.publish(letter(TEXT, image=PICTURE))
    (message,) = messages(client)
    assert mailing.says(message).splitlines() == TEXT.splitlines()
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
    ]  # fmt: skip
    page = message.get_body(("html",))
    assert page is not None
    assert mailing.shows(message, PICTURE)
    picture = next(part for part in message.walk() if part.get_content_maintype() == "image")
    assert picture["Content-Description"] == 'Courbe : "3 %" < 5 % à midi'
    assert picture.get_filename() == "image.png"
    cid = re.search(r'src="cid:([^"]+)" alt="Courbe : &quot;3 %&quot; &lt; 5 % à midi"', page.get_content())
    assert cid is not None
    assert picture["Content-ID"] == f"<{cid[1]}>"


@pytest.mark.parametrize("forged", ["<a@b>\r\nBcc: all@example.test", "no id", "<a@b> <c@d>", ""])
def test_what_is_no_message_id_becomes_no_header(forged: str) -> None:
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = SENDER
    mailing.write(message, letter(TEXT, corrects=Receipt(forged)), [forged])
    assert "In-Reply-To" not in message
    assert "Bcc" not in message


def test_another_image_or_another_description_is_seen() -> None:
    message = EmailMessage(policy=policy.SMTP.clone(cte_type="7bit"))
    message["From"] = SENDER
    mailing.write(message, letter(TEXT, image=PICTURE), [])
    read = message_from_bytes(message.as_bytes(), policy=policy.default)
    assert isinstance(read, EmailMessage)
    assert mailing.shows(read, PICTURE)
    for name, value in {"data": b"\x89PNG other", "alt": "Autre chose"}.items():
        assert not mailing.shows(read, Image(**{**vars(PICTURE), name: value}))
    assert message.as_bytes().isascii(), "it passes servers of seven bits"
