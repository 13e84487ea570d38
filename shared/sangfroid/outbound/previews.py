"""How a text will look on every channel, before anybody approves it: the same rendering that the adapters publish.

Neither a network nor a credential is needed. Each version keeps a digest of its renderings as they were when it was
submitted; where a channel's settings or limits have changed since, the door does not send what nobody has seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from sangfroid.casefile import CaseFile
from sangfroid.cases import deliveries, facts
from sangfroid.model import Delivery, Finding, Picture, ResponseVersion, Submission
from sangfroid.organisation import Organisation
from sangfroid.organisation_parts import ChannelSettings
from sangfroid.outbound.channels.base import Channel, Correction, Limits
from sangfroid.outbound.errors import ChannelFault
from sangfroid.outbound.letter import Letter, Receipt
from sangfroid.outbound.rendering import Rendering, render


@dataclass(frozen=True)
class Preview:
    """One text on one channel. `limits` is None where the channel's own limits are not known without asking the platform."""

    channel: ChannelSettings
    language: str
    rendering: Rendering
    limits: Limits | None
    picture: Picture | None = None
    """The image, where it stands on this channel with its description."""
    without_image: bool = False
    """Whether the version has an image that this channel does not carry."""
    correction: Correction | None = None
    """How a correction reaches the readers here; None where the version is none, or where the platform must be asked."""
    target: Delivery | None = None
    """What a correction puts right here."""

    @property
    def place(self) -> str:
        """Name of the place within a version: `<channel>/<language>`."""
        return facts.place_of(self.channel.id, self.language)

    @property
    def digest(self) -> str:
        """SHA-256 over exactly these posts and their image with its description, length-prefixed."""
        digest = hashlib.sha256()
        image = [self.picture.sha256, self.picture.alt.get(self.language, "")] if self.picture else []
        for part in [*self.rendering.parts, *image]:
            data = part.encode()
            digest.update(f"{len(data)}:".encode() + data)
        return "sha256:" + digest.hexdigest()

    def findings(self) -> list[Finding]:
        """What to tell the writer, each naming channel and language.

        `does_not_fit`, `limit_unknown`, `shown_otherwise`, `image_left_out`: a text that can never stand on a required channel
        blocks; where another channel cannot take it, or where it becomes a thread, it is a warning.
        """
        return [*self._about_the_text(), *self._about_what_is_shown(), *self._about_the_image()]

    def _about_what_is_shown(self) -> list[Finding]:
        place = f"{self.channel.id} ({self.language}): "
        return [
            _finding(found.code, found.severity, self.language, place + found.message)
            for found in self.rendering.findings
            if found.severity != "blocking"
        ]

    def _about_the_image(self) -> list[Finding]:
        if not self.without_image:
            return []
        alone = f"{self.channel.id} ({self.language}): the text goes out without the image here."
        return [_finding("image_left_out", "info", self.language, alone)]

    def _about_the_text(self) -> list[Finding]:
        place = f"{self.channel.id} ({self.language}): "
        if not self.rendering.fits:
            severity = "blocking" if self.channel.required else "warning"
            return [
                _finding("does_not_fit", severity, self.language, place + found.message, found.quote)
                for found in self.rendering.findings
                if found.severity == "blocking"
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


def as_shown(version: ResponseVersion, previews: list[Preview]) -> bool:
    """Whether the version would look on every place as it was shown to whoever wrote and approved it."""
    now = {one.place: one.digest for one in previews}
    if version.shown_as is not None:
        return version.shown_as == facts.shown_as(now)
    # Written before that was kept: by place, or not at all.
    return not version.renderings or version.renderings == now


class Previewer:
    """Renders texts for the organisation's channels. `channels` gives the adapter of a channel id."""

    def __init__(self, organisation: Organisation, channels: Callable[[str], Channel]) -> None:
        self._organisation = organisation
        self._channels = channels

    def every(self, submitted: Submission) -> list[Preview]:
        """The texts on every channel × language to which a version of them goes."""
        if (answer := submitted.answer) is not None:
            ways = [one for one in self._organisation.channels if one.id == answer.channel]
            places = [(way, language) for way in ways for language in submitted.texts]
        else:
            places = facts.places(self._organisation, submitted.texts)
        return [
            self.one(channel, language, submitted.texts[language], submitted.picture)
            for channel, language in places
        ]

    def of(self, version: ResponseVersion, file: CaseFile) -> list[Preview]:
        """A version of the case as it would look now; of a correction also where it puts what right, and how."""
        shown = self.every(Submission(version.texts, picture=version.picture, answer=version.answer))
        return [self._correcting(preview, version, file) for preview in shown]

    def _correcting(self, preview: Preview, version: ResponseVersion, file: CaseFile) -> Preview:
        if version.kind != "correction":
            return preview
        planned = facts.delivery_key(file.case.id, version.version, preview.channel.id, preview.language)
        if planned in file.deliveries:
            key = file.deliveries[planned].target
        else:
            key = deliveries.corrected(file, version, preview.channel.id, preview.language)
        target = file.deliveries.get(key) if key is not None else None
        if target is None or target.external_id is None:
            return replace(preview, correction="anew")
        if preview.limits is None:
            return replace(preview, target=target)
        letter = Letter(
            key=planned,
            case_id=file.case.id,
            kind=version.kind,
            channel=preview.channel.id,
            audience=preview.channel.audience,
            language=preview.language,
            text=version.texts[preview.language],
            corrects=Receipt(target.external_id, target.url),
        )
        how = self._channels(preview.channel.id).correction(letter)
        return replace(preview, correction=how, target=target)

    def one(
        self, channel: ChannelSettings, language: str, text: str, picture: Picture | None = None
    ) -> Preview:
        """One text on one channel."""
        limits = self.limits(channel.id)
        carried = picture is not None and self._carries_images(channel.id)
        return Preview(
            channel,
            language,
            render(text, language, channel.settings, limits or Limits()),
            limits,
            picture if carried else None,
            without_image=picture is not None and not carried,
        )

    def _carries_images(self, channel_id: str) -> bool:
        try:
            return self._channels(channel_id).images
        except ChannelFault:
            return False

    def limits(self, channel_id: str) -> Limits | None:
        """What fits on a channel; None where only the platform knows it. Nobody is asked."""
        try:
            adapter = self._channels(channel_id)
            # An adapter that would have to ask its platform says so, and is not asked here.
            known = getattr(adapter, "known_limits", adapter.limits)
            return known()
        except ChannelFault:
            return None


def _finding(code: str, severity: str, language: str, message: str, quote: str | None = None) -> Finding:
    return Finding.model_validate(
        {"code": code, "severity": severity, "language": language, "message": message, "quote": quote}
    )
