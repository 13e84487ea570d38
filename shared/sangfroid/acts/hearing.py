"""Listening tools: is what they send genuine, and which reports does it hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sangfroid.casework import Casework
from sangfroid.errors import NotFound
from sangfroid.listening import webhooks
from sangfroid.organisation_parts import Source


class Hearing:
    """The sources of the organisation file."""

    def __init__(self, casework: Casework) -> None:
        self._casework = casework

    def genuine(
        self,
        name: str,
        secrets: Callable[[str], Mapping[str, Any]],
        headers: Mapping[str, str],
        body: bytes,
        query: str = "",
    ) -> tuple[Source, str]:
        """The source of that name and the idempotency key of its webhook; raises NotFound or NotGenuine."""
        listening = self._casework.organisation.listening
        source = next((source for source in listening if source.id == name), None)
        if source is None:
            raise NotFound("No webhook source of that name is configured.")
        return source, webhooks.check(source, secrets(name), headers, body, self._casework.now(), query)
