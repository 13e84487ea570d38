"""SES v2: the switches of sending, of the account and of a configuration set, which moto lacks."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote


def apply() -> None:
    """Let both switches be looked at and turned; where one that a message belongs to is off, SES refuses to send it."""
    from moto.core.exceptions import JsonRESTError
    from moto.sesv2 import responses

    kind: Any = responses.SESV2Response
    plain_send, plain_set = kind.send_email, kind.get_configuration_set

    def get_account(self: Any) -> str:
        return json.dumps({"SendingEnabled": getattr(self.sesv2_backend, "sending_enabled", True)})

    def put_account_sending_attributes(self: Any) -> str:
        self.sesv2_backend.sending_enabled = bool(json.loads(self.body).get("SendingEnabled", False))
        return "{}"

    def stopped(self: Any) -> set[str]:
        if not hasattr(self.sesv2_backend, "stopped_sets"):
            self.sesv2_backend.stopped_sets = set()
        found: set[str] = self.sesv2_backend.stopped_sets
        return found

    def get_configuration_set(self: Any) -> str:
        answer = json.loads(plain_set(self))
        answer["SendingOptions"] = {"SendingEnabled": answer["ConfigurationSetName"] not in stopped(self)}
        return json.dumps(answer)

    def put_configuration_set_sending_options(self: Any) -> str:
        name = unquote(self._get_param("ConfigurationSetName") or self.path.split("/")[-2])
        self.sesv2_backend.get_configuration_set(name)  # refuses one that is not there
        on = bool(json.loads(self.body).get("SendingEnabled", False))
        stopped(self).discard(name) if on else stopped(self).add(name)
        return "{}"

    def send_email(self: Any) -> str:
        if not getattr(self.sesv2_backend, "sending_enabled", True):
            raise JsonRESTError("SendingPausedException", "Email sending has been disabled for this account.")
        name = json.loads(self.body).get("ConfigurationSetName")
        if name is not None:
            self.sesv2_backend.get_configuration_set(name)
            if name in stopped(self):
                raise JsonRESTError(
                    "SendingPausedException", f"Sending is disabled for configuration set {name}."
                )
        answer: str = plain_send(self)
        return answer

    kind.get_account = get_account
    kind.put_account_sending_attributes = put_account_sending_attributes
    kind.get_configuration_set = get_configuration_set
    kind.put_configuration_set_sending_options = put_configuration_set_sending_options
    kind.send_email = send_email
