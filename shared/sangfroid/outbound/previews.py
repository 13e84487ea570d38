"""How a text will look on every channel, before anybody approves it: the same rendering that the adapters publish.

Neither a network nor a credential is needed. Each version keeps a digest of its renderings as they were when it was
submitted; where a channel's settings or limits have changed since, the door does not send what nobody has seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from sangfroid.cases import facts
from sangfroid.model import Finding
from sangfroid.organisation import ChannelSettings, Organisation
from sangfroid.outbound.channels.base import Channel, Limits
from sangfroid.outbound.errors import ChannelFault
from sangfroid.outbound.rendering import Rendering, render


@dataclass(frozen=True)
class Preview:
    """One text on one channel. `limits` is None where the channel's own limits are not known without asking the platform."""

    channel: ChannelSettings
    language: str
    rendering: Rendering
    limits: Limits | None

    @property
    def place(self) -> str:
        """Name of the place within a version: `<channel>/<language>`."""
        return place_of(self.channel.id, self.language)

    @property
    def digest(self) -> str:
        """SHA-256 over exactly these posts, length-prefixed."""
        digest = hashlib.sha256()
        for part in self.rendering.parts:
            data = part.encode()
            digest.update(f"{len(data)}:".encode() + data)
        return "sha256:" + digest.hexdigest()

    def findings(self) -> list[Finding]:
        """What to tell the writer (`does_not_fit`, `limit_unknown`), each naming channel and language.

        A text that can never stand on a required channel blocks; where another channel cannot take it, or where it becomes a
        thread, it is a warning.
        """
        place = f"{self.channel.id} ({self.language}): "
        if not self.rendering.fits:
            severity = "blocking" if self.channel.required else "warning"
            return [
                _finding("does_not_fit", severity, self.language, place + found.message, found.quote)
                for found in self.rendering.findings
            ]
        if self.limits is None:
            unknown = (
                "how long a text may be there is not in the channel's settings, so nobody has checked it."
            )
            return [_finding("limit_unknown", "warning", self.language, place + unknown)]
        if len(self.rendering.parts) > 1:
            posts = len(self.rendering.parts)
            thread = (
                f"longer than {self.limits.max_characters} {self.limits.unit}; a thread of {posts} posts."
            )
            return [_finding("does_not_fit", "warning", self.language, place + thread)]
        return []


class Previewer:
    """Renders texts for the organisation's channels. `channels` gives the adapter of a channel id."""

    def __init__(self, organisation: Organisation, channels: Callable[[str], Channel]) -> None:
        self._organisation = organisation
        self._channels = channels

    def every(self, texts: dict[str, str]) -> list[Preview]:
        """The texts on every channel × language to which a version of them goes."""
        return [
            self.one(channel, language, texts[language])
            for channel, language in facts.places(self._organisation, texts)
        ]

    def one(self, channel: ChannelSettings, language: str, text: str) -> Preview:
        """One text on one channel."""
        limits = self._limits(channel.id)
        return Preview(
            channel, language, render(text, language, channel.settings, limits or Limits()), limits
        )

    def _limits(self, channel_id: str) -> Limits | None:
        try:
            adapter = self._channels(channel_id)
            # An adapter that would have to ask its platform says so, and is not asked here.
            known = getattr(adapter, "known_limits", adapter.limits)
            return known()
        except ChannelFault:
            return None


def place_of(channel: str, language: str) -> str:
    """Key of a rendering within a version."""
    return f"{channel}/{language}"


def _finding(code: str, severity: str, language: str, message: str, quote: str | None = None) -> Finding:
    return Finding.model_validate(
        {"code": code, "severity": severity, "language": language, "message": message, "quote": quote}
    )
