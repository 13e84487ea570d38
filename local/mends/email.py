"""SES v2: the switch of the account's sending, which moto lacks (GetAccount, PutAccountSendingAttributes)."""

from __future__ import annotations

import json
from typing import Any


def apply() -> None:
    """Let the account's sending be looked at and switched; while it is off, SES refuses to send."""
    from moto.core.exceptions import JsonRESTError
    from moto.sesv2 import responses

    kind: Any = responses.SESV2Response
    plain_send = kind.send_email

    def get_account(self: Any) -> str:
        return json.dumps({"SendingEnabled": getattr(self.sesv2_backend, "sending_enabled", True)})

    def put_account_sending_attributes(self: Any) -> str:
        self.sesv2_backend.sending_enabled = bool(json.loads(self.body).get("SendingEnabled", False))
        return "{}"

    def send_email(self: Any) -> str:
        if not getattr(self.sesv2_backend, "sending_enabled", True):
            raise JsonRESTError("SendingPausedException", "Email sending has been disabled for this account.")
        answer: str = plain_send(self)
        return answer

    kind.get_account = get_account
    kind.put_account_sending_attributes = put_account_sending_attributes
    kind.send_email = send_email
