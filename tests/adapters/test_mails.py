"""Corrections and images by e-mail through SES (moto), read as a mail program reads them; and what both mail channels write."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import boto3
import pytest
from moto import mock_aws

from sangfroid.model import ResponseKind
from sangfroid.outbound.channels import ADAPTERS, mailing
from sangfroid.outbound.channels.base import Channel, Correction
from sangfroid.outbound.errors import ChannelRefused
from sangfroid.outbound.letter import Image, Letter, Receipt
from tests.adapters.kind import LIMIT, letter, parts
from tests.support.desks import Platform, TestDesk

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
        sent(found).clear()  # a stack that runs in this process keeps what was sent before
        found.create_email_identity(EmailIdentity="desk@example.test")
        yield found


def sent(client: Any) -> list[Any]:
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.ses.models import ses_backends

    kept: list[Any] = ses_backends[DEFAULT_ACCOUNT_ID][client.meta.region_name].sent_messages
    return kept


def messages(client: Any) -> list[EmailMessage]:
    found = [message_from_bytes(one.raw_data.encode(), policy=policy.default) for one in sent(client)]
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


def test_an_email_is_published_by_its_id_and_has_no_address(client: Any) -> None:
    """A delivery of a channel that gives no address has `url: null` and is `published` by its id."""
    receipt = ses(client).publish(letter(TEXT))
    assert receipt.external_id
    assert receipt.url is None


def test_a_line_of_corrections_is_one_conversation(client: Any) -> None:
    """`Re:` with the subject of the first, and every message of the line in `References` (RFC 5322, 3.6.4 and 3.6.5)."""
    channel = ses(client)
    first = channel.publish(letter("Panne de paiement.\nDésolés."))
    second = channel.publish(letter("Correction.", key="2", corrects=first, began="Panne de paiement."))
    third = letter("Encore.", key="3", corrects=second, before=(first,), began="Panne de paiement.")
    channel.publish(third)
    subjects = [one["Subject"] for one in messages(client)]
    assert subjects == ["Panne de paiement.", "Re: Panne de paiement.", "Re: Panne de paiement."]
    *_, last = messages(client)
    ids = [f"<{one.external_id}@" for one in (first, second)]
    assert [one.partition("@")[0] + "@" for one in last["References"].split()] == ids
    assert last["In-Reply-To"] == last["References"].split()[-1]


def test_the_door_names_the_whole_line() -> None:
    world = TestDesk()
    seen: list[Letter] = []

    class Mail(Platform):
        def correction(self, letter: Letter) -> Correction:
            return "reply"

        def publish(self, letter: Letter) -> Receipt:
            seen.append(letter)
            return super().publish(letter)

    world.platforms["customer-email"] = Mail("customer-email")
    case = world.report()
    world.triage(case, 1)
    for number, text in enumerate(("Panne.\nDésolés.", "Correction : midi.", "Correction : une heure."), 1):
        kind: ResponseKind | None = "correction" if number > 1 else None
        world.publish(case, world.approve(case, {"fr": text, "en": text}, kind))
    french = [one for one in seen if one.language == "fr"]
    assert [one.began for one in french] == ["", "Panne.", "Panne."]
    first, second, third = (world.desk.casework.read(case).deliveries[one.key] for one in french)
    assert french[1].before == ()
    assert [one.external_id for one in french[2].before] == [first.external_id]
    assert french[2].corrects is not None
    assert french[2].corrects.external_id == second.external_id
    assert third.target == second.key


@pytest.mark.parametrize(
    "sender",
    ["Nuage, SA <desk@example.test>", "Nuage (FR) <desk@example.test>", "Société <desk@example.test>"],
)
def test_a_sender_is_quoted_as_mail_wants_it(client: Any, sender: str) -> None:
    given = parts("ses", {"from": sender, "to": ["press@example.test"]}, {}, LIMIT)
    ADAPTERS["ses"](type(given)(**{**vars(given), "client": lambda _: client})).publish(letter(TEXT))
    (message,) = messages(client)
    (address,) = message["From"].addresses
    assert (address.display_name, address.addr_spec) == (sender.partition(" <")[0], "desk@example.test")


def test_a_domain_in_another_script_is_written_to_in_its_ascii_form(client: Any) -> None:
    ses(client).publish(letter(TEXT, recipient="info@müller.example"))
    (message,) = messages(client)
    assert message["To"] == "info@xn--mller-kva.example"


@pytest.mark.parametrize(
    "recipient",
    ["nobody", "café@nuage.example", "a@b.example\r\nBcc: c@d.example", "a@b.example, c@d.example"],
)
@pytest.mark.parametrize("kind", ["ses", "smtp"])
def test_what_can_never_be_written_to_is_refused_for_good(kind: str, recipient: str) -> None:
    settings = {"from": SENDER} | (
        {"host": "127.0.0.1", "security": "none", "port": 9} if kind == "smtp" else {}
    )
    with pytest.raises(ChannelRefused) as refused:
        ADAPTERS[kind](parts(kind, settings, {}, LIMIT)).publish(letter(TEXT, recipient=recipient))
    assert refused.value.permanent
    assert recipient not in str(refused.value)


def test_the_deployments_own_set_is_used_unless_a_channel_names_another_or_none() -> None:
    class Client:
        asked: dict[str, Any]

        def send_email(self, **asked: Any) -> dict[str, str]:
            Client.asked = asked
            return {"MessageId": "1"}

    for settings, wanted in (
        ({}, "prod"),
        ({"configuration_set": "prod-press"}, "prod-press"),
        ({"configuration_set": None}, None),
    ):
        given = parts("ses", {"from": SENDER, "to": ["press@example.test"], **settings}, {}, LIMIT)
        channel = ADAPTERS["ses"](
            type(given)(**{**vars(given), "client": lambda _: Client(), "email_set": "prod"})
        )
        channel.publish(letter(TEXT))
        assert Client.asked.get("ConfigurationSetName") == wanted


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


def test_headers_that_are_remembered_are_those_of_the_library() -> None:
    """Byte for byte, first and again, in one message or in several; what the library refuses is refused."""

    def written(how: policy.EmailPolicy, values: dict[str, str]) -> bytes:
        message = EmailMessage(policy=how)
        for name, value in values.items():
            message[name] = value
        message.set_content(TEXT)
        return message.as_bytes()

    plain = policy.SMTP.clone(cte_type="7bit")
    senders = [SENDER, '"Désk, Nuage" <desk@example.test>', "desk@example.test"]
    subjects = [
        "Short",
        "À qualifier — une mention nouvelle demande votre réponse avant midi " * 3,
        "x" * 300,
        "",
    ]
    readers = [
        "a@example.test",
        "a@example.test, b@example.test",
        ", ".join(f"p{n}@example.test" for n in range(20)),
    ]
    for _ in range(2):
        for sender in senders:
            for subject in subjects:
                for reader in readers:
                    values = {
                        "From": sender,
                        "To": reader,
                        "Subject": subject,
                        "X-Sangfroid-Key": subject[:9],
                    }
                    assert written(mailing.SEVEN_BITS, values) == written(plain, values)
    # Folded anew for another policy, and the same text under another name is another header.
    message = EmailMessage(policy=mailing.SEVEN_BITS)
    message["Subject"] = message["X-Sangfroid-Key"] = subjects[1]
    broad = policy.SMTP.clone(cte_type="7bit", max_line_length=None)
    assert message.as_bytes(policy=broad).count(b"\r\n") < message.as_bytes().count(b"\r\n")
    with pytest.raises(ValueError, match="linefeed"):
        message["To"] = "a@example.test\r\nBcc: b@example.test"
    with pytest.raises(ValueError, match="at most 1"):
        message["Subject"] = "again"
