"""What an operator prepares once in an AWS account, prepared on this machine: SES identities and channel credentials."""

from __future__ import annotations

import base64
import json
from email.utils import parseaddr
from typing import Any, Protocol

from local.partner import Partner
from sangfroid.organisation import Organisation

LISTENING_SECRET = "whsec_" + base64.b64encode(b"local listening secret 1").decode()
"""Of every listening source of the stack on this machine, to sign with or to send as its token:
whsec_bG9jYWwgbGlzdGVuaW5nIHNlY3JldCAx."""


class Clients(Protocol):
    """Gives a boto3 client of the stack."""

    def client(self, service: str) -> Any:
        """The client of a service."""


def sow(stack: Clients, organisation: Organisation, stack_name: str, partner: Partner) -> None:
    """Verify the senders of every `ses` channel, and give every other channel that needs one a secret."""
    for source in organisation.listening:
        # Known to whoever reads this file: it opens nothing but a stack on this machine.
        proof = {"secret": LISTENING_SECRET, "token": LISTENING_SECRET}
        stack.client("secretsmanager").create_secret(
            Name=f"{stack_name}/listening/{source.id}", SecretString=json.dumps(proof)
        )
    for channel in organisation.channels:
        if channel.type == "ses":
            sender = parseaddr(str(channel.settings.get("from", "")))[1]
            for identity in {sender, sender.partition("@")[2]} - {""}:
                _verify(stack.client("sesv2"), identity)
        elif channel.type == "webhook":
            secret = json.dumps({"url": partner.url, "secret": partner.secret})
            name = f"{stack_name}/channels/{channel.id}"
            stack.client("secretsmanager").create_secret(Name=name, SecretString=secret)


def _verify(ses: Any, identity: str) -> None:
    known = {entry["IdentityName"] for entry in ses.list_email_identities().get("EmailIdentities", [])}
    if identity not in known:
        ses.create_email_identity(EmailIdentity=identity)
