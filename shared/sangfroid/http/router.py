"""A part of the interface: a Powertools router that knows the desk and the caller of the running call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from sangfroid.desk import Desk
from sangfroid.http import preference
from sangfroid.http.identity import Caller
from sangfroid.http.sign_in import SignIn
from sangfroid.tracing.looking import Looking

Secrets = Callable[[str], Mapping[str, Any]]
"""The secret of a listening source, by its name."""


class Calls(APIGatewayHttpRouter):
    """The calls of one subject."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Powertools leaves it without types

    @property
    def desk(self) -> Desk:
        """The desk that is called."""
        desk: Desk = self.context["desk"]
        return desk

    @property
    def secrets(self) -> Secrets:
        """The secrets of listening sources."""
        secrets: Secrets = self.context["secrets"]
        return secrets

    @property
    def looking(self) -> Looking:
        """What looks at pages before they are reported."""
        looking: Looking = self.context["looking"]
        return looking

    @property
    def sign_in(self) -> SignIn:
        """What exchanges the codes of the login."""
        sign_in: SignIn = self.context["sign_in"]
        return sign_in

    @property
    def caller(self) -> Caller:
        """The caller, in routes that ask for a token."""
        caller: Caller = self.context["caller"]
        return caller

    @property
    def language(self) -> preference.Language:
        """The language that the caller prefers."""
        return preference.language(self.current_event.headers)
