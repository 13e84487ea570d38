"""`instagram`: a picture with the text as its caption (https://developers.facebook.com/docs/instagram-platform/content-publishing/).

Instagram takes no text without a picture, so the settings name one for each language, such as a card "Statement", with its
alternative text. It fetches the picture from a public address, so a letter's own image cannot be used. Publishing is two
steps: a container, which is visible to nobody, then its publication.

A caption cannot be changed through the interface (the one thing that `POST /{media}` sets is `comment_enabled`,
https://developers.facebook.com/docs/instagram-platform/reference/instagram-media), and a comment takes 300 characters and
one link at most, so a correction is a picture of its own. The addresses of comments do not say the ids that the interface
wants, so none is answered.
"""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, model_validator

from sangfroid import wall_clock
from sangfroid.outbound.channels.base import Limits
from sangfroid.outbound.channels.graph import GraphChannel, GraphSecret, GraphSettings
from sangfroid.outbound.channels.http import Line, altered, missing, reading_back, same
from sangfroid.outbound.errors import ChannelRefused
from sangfroid.outbound.letter import Letter, Receipt

FIELDS = "id,caption,permalink"
POLL = 1.0


class InstagramSettings(GraphSettings):
    """`user_id`: number of the professional account. `images` and `alt_texts`: by language; both for the same languages."""

    user_id: str = Field(pattern=r"^[0-9]+$")
    images: dict[str, str] = Field(min_length=1)
    alt_texts: dict[str, str] = Field(min_length=1)

    @model_validator(mode="after")
    def _every_image_is_described(self) -> Self:
        if set(self.images) != set(self.alt_texts):
            raise ValueError("every image needs an alternative text in its language")
        if not all(url.startswith("https://") for url in self.images.values()):
            raise ValueError("images must be https:// addresses that Instagram can reach")
        return self


class Instagram(GraphChannel[InstagramSettings]):
    """One picture a letter."""

    platform = "Instagram"
    settings_model = InstagramSettings
    by_hand = "stop scheduled posts, stories and advertisements of the account in Meta Business Suite"

    def limits(self) -> Limits:
        """2,200 characters of caption."""
        return Limits(2_200)

    def publish(self, letter: Letter) -> Receipt:
        """Make the container, wait until it is ready, publish it. Nothing is public before the last call."""
        (text,) = self.posts(letter)
        if letter.language not in self.settings.images:
            raise ChannelRefused(
                f"Instagram: no image is set for language {letter.language!r}", permanent=True
            )
        line = self.line()
        form = {
            "image_url": self.settings.images[letter.language],
            "alt_text": self.settings.alt_texts[letter.language],
            "caption": text,
        }
        container = self.ask(line, "POST", f"{self.settings.user_id}/media", form=form).document()["id"]
        self._wait(line, container)
        answer = self.ask(
            line, "POST", f"{self.settings.user_id}/media_publish", form={"creation_id": container}
        )
        return Receipt(str(answer.document()["id"]))

    def find(self, letter: Letter) -> Receipt | None:
        """Look for the caption among the account's latest hundred pictures."""
        (text,) = self.posts(letter)
        query = {"fields": FIELDS, "limit": "100"}
        answer = self.ask(self.line(), "GET", f"{self.settings.user_id}/media", query=query)
        for media in answer.document().get("data", []):
            if same(media.get("caption", ""), text):
                return _receipt(media)
        return None

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """The picture as the account has it."""
        (text,) = self.posts(letter)
        with reading_back(self.platform):
            answer = self.ask(
                self.line(), "GET", receipt.external_id, query={"fields": FIELDS}, ok=(400, 404)
            )
            if answer.status != 200:
                raise missing(self.platform)
        if not same(answer.document().get("caption", ""), text):
            raise altered(self.platform)
        return _receipt(answer.document())

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """Delete the picture; the token needs `instagram_manage_contents`, else a person does it in the app."""
        self.ask(self.line(), "DELETE", receipt.external_id, ok=(400, 404))

    def _wait(self, line: Line[GraphSecret], container: str) -> None:
        while True:
            answer = self.ask(line, "GET", container, query={"fields": "status_code"})
            status = answer.document().get("status_code")
            if status == "FINISHED":
                return
            if status in ("ERROR", "EXPIRED"):
                raise ChannelRefused(
                    f"Instagram could not take the picture ({status})", permanent=status == "ERROR"
                )
            if line.wire.deadline.left <= POLL:
                raise ChannelRefused("Instagram has not finished with the picture; nothing was published")
            wall_clock.sleep(POLL)


def _receipt(media: dict[str, Any]) -> Receipt:
    return Receipt(str(media["id"]), media.get("permalink"))
