"""Addresses of e-mail as people write them, in the form that a mail server takes (RFC 5321, RFC 5322, IDNA 2008).

Syntax and domains are judged by `email-validator`; no name server is asked. Whatever can never work is refused here, when the
organisation file is loaded and again before a message is built.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.headerregistry import Address

import email_validator

# Mail servers of a house answer to names that the public internet keeps for itself (`.local`, `.test`).
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()

NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>")
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class BadAddress(ValueError):
    """What stands there can never be written to; the message says why and does not repeat the address."""


@dataclass(frozen=True)
class Mailbox:
    """An address and the name before it, empty where there is none. `address` is ASCII: a domain is in its IDNA form."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        """The part after the `@`."""
        return self.address.rpartition("@")[2]

    @property
    def header(self) -> Address:
        """For a header of a message: what must be quoted or encoded there is."""
        local, _, domain = self.address.rpartition("@")
        return Address(self.name, local, domain)

    def __str__(self) -> str:
        return str(self.header)


def mailbox(text: str) -> Mailbox:
    """`care@nuage.example`, or `Nuage, SA <care@nuage.example>` with the name as people write it; raises BadAddress."""
    named = NAMED.fullmatch(text.strip())
    if named is None:
        return Mailbox(address(text))
    name = " ".join(named["name"].split())
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    if UNSEEN.search(named["name"]):
        raise BadAddress(
            "the name before an e-mail address stands on one line and holds no control characters"
        )
    return Mailbox(address(named["address"]), name)


def address(text: str) -> str:
    """One address in the form that a mail server takes, without a name; raises BadAddress.

    Letters beyond ASCII before the `@` need a mail server with SMTPUTF8 on every step of the way (RFC 6531); Amazon SES and
    most others have none, so such an address is refused.
    """
    try:
        found = email_validator.validate_email(text.strip(), check_deliverability=False, strict=True)
    except email_validator.EmailNotValidError as error:
        fault = str(error)
    else:
        if found.ascii_email is not None:
            return found.ascii_email
        fault = "Before the @-sign only letters, digits and signs of ASCII reach every mail server."
    # Raised outside the handler: the original error holds the address.
    raise BadAddress(f"not an e-mail address: {fault}")
