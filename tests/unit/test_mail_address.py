"""Addresses as people write them: in the form that a mail server takes, or refused before anything is sent."""

# ruff: noqa: E501 - tables

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
import yaml

from sangfroid.organisation import Organisation
from sangfroid.text import mail_address
from tests.support.desks import EXAMPLE


@pytest.mark.parametrize(
    ("written", "name", "address", "header"),
    [
        ("care@nuage.example", "", "care@nuage.example", "care@nuage.example"),
        ("Nuage, SA <care@nuage.example>", "Nuage, SA", "care@nuage.example", '"Nuage, SA" <care@nuage.example>'),
        ('"Nuage, SA" <care@nuage.example>', "Nuage, SA", "care@nuage.example", '"Nuage, SA" <care@nuage.example>'),
        ("Nuage (France); SA <care@nuage.example>", "Nuage (France); SA", "care@nuage.example", '"Nuage (France); SA" <care@nuage.example>'),
        ("Presse @ Nuage <care@nuage.example>", "Presse @ Nuage", "care@nuage.example", '"Presse @ Nuage" <care@nuage.example>'),
        ("  care@nuage.example ", "", "care@nuage.example", "care@nuage.example"),
        ("Müller <info@müller.example>", "Müller", "info@xn--mller-kva.example", "=?utf-8?q?M=C3=BCller?= <info@xn--mller-kva.example>"),
        ("info@xn--mller-kva.example", "", "info@xn--mller-kva.example", "info@xn--mller-kva.example"),
        ("info@straße.example", "", "info@xn--strae-oqa.example", "info@xn--strae-oqa.example"),
        ("desk@mail.local", "", "desk@mail.local", "desk@mail.local"),
        ("o'neill+x@nuage.example", "", "o'neill+x@nuage.example", "o'neill+x@nuage.example"),
    ],
)  # fmt: skip
def test_what_can_be_written_to(written: str, name: str, address: str, header: str) -> None:
    found = mail_address.mailbox(written)
    assert (found.name, found.address) == (name, address)
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    message["From"] = found.header
    raw = message.as_bytes()
    assert raw.isascii()
    assert b" ".join(raw.split()).decode() == f"From: {header}"


NEVER = [
    "", " ", "care", "@nuage.example", "care@", "care@@nuage.example", "a b@nuage.example", "care@nuage..example", "care@-x.example",
    "care@nuage.example, other@nuage.example", "Nuage <care@nuage.example> x", "<>", "Nuage <>", "Nuage <<care@nuage.example>>",
    "Nuage\r\nBcc: all@nuage.example <care@nuage.example>", "Nuage\u2028<care@nuage.example>", "care@nuage.example\r\nRCPT TO:<x@y.example>",
    "café@nuage.example", "care@nuage.example\u200b", "care@" + "a" * 64 + ".example", "a" * 65 + "@nuage.example", "care@nuage_x.example",
    "care@\ud800.example", "care@\x00.example",
]  # fmt: skip


@pytest.mark.parametrize("written", NEVER, ids=repr)
def test_what_never_can_is_refused_and_not_repeated(written: str) -> None:
    with pytest.raises(mail_address.BadAddress) as refused:
        mail_address.mailbox(written)
    assert refused.value.__cause__ is None
    assert not written.strip() or written.strip() not in str(refused.value)


def changed(change: Any) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(EXAMPLE.read_text("utf-8"))
    change({one["id"]: one for one in document["channels"]}, {one["id"]: one for one in document["people"]})
    return document


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda c, _: c["customer-email"]["settings"].update({"from": "Nuage SA"}), "channel customer-email: settings.from"),
        (lambda c, _: c["customer-email"]["settings"].update(to=["a@b@c.example"]), "channel customer-email: settings.to"),
        (lambda c, _: c["customer-email"].update(type="smtp", settings={"host": "x", "from": "a@b.example", "archive": {"address": "x", "host": "y"}}), "settings.archive.address"),
    ],
)  # fmt: skip
def test_a_bad_address_is_named_when_the_file_is_loaded(change: Any, place: str) -> None:
    with pytest.raises(ValueError, match="not an e-mail address") as refused:
        Organisation.model_validate(changed(change))
    assert place in str(refused.value)


def test_a_bad_address_of_a_person_is_named_with_its_place() -> None:
    document = changed(lambda _, p: p["ana"]["reach"][0].update(address="ana at nuage"))
    (fault,) = Organisation.model_validate(document).disagreements()
    assert fault.code == "bad_value"
    assert fault.place == ("people", 0, "reach", 0, "address")


def test_a_comma_in_a_name_and_letters_of_any_script_in_a_domain_are_no_fault() -> None:
    def change(channels: Any, _: Any) -> None:
        channels["customer-email"]["settings"] = {
            "from": "Nuage, SA <care@müller.example>",
            "to": ["x@müller.example"],
        }

    Organisation.model_validate(changed(change))
