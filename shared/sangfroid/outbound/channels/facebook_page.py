"""`facebook_page`: posts of a Page (https://developers.facebook.com/docs/pages-api/posts/).

The Graph API has no idempotency key: the Page's latest posts are looked through before a retry.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from sangfroid.outbound.channels.base import Limits
from sangfroid.outbound.channels.graph import GraphChannel, GraphSettings
from sangfroid.outbound.channels.http import altered, missing, reading_back, same
from sangfroid.outbound.letter import Letter, Receipt

FIELDS = "id,message,permalink_url,is_published"


class FacebookPageSettings(GraphSettings):
    """`page_id`: the Page's number."""

    page_id: str = Field(pattern=r"^[0-9]+$")


class FacebookPage(GraphChannel[FacebookPageSettings]):
    """One post a letter."""

    platform = "Facebook"
    settings_model = FacebookPageSettings
    by_hand = "stop scheduled posts, advertisements and automated answers of the Page in Meta Business Suite"

    def limits(self) -> Limits:
        """63,206 characters."""
        return Limits(63_206)

    def publish(self, letter: Letter) -> Receipt:
        """Post to the Page's feed."""
        (text,) = self.posts(letter)
        line = self.line()
        form = {"message": text, "published": "true"}
        post_id = self.ask(line, "POST", f"{self.settings.page_id}/feed", form=form).document()["id"]
        return Receipt(str(post_id), f"https://www.facebook.com/{post_id}")

    def find(self, letter: Letter) -> Receipt | None:
        """Look for the text among the Page's latest hundred posts."""
        (text,) = self.posts(letter)
        query = {"fields": FIELDS, "limit": "100"}
        answer = self.ask(self.line(), "GET", f"{self.settings.page_id}/published_posts", query=query)
        for post in answer.document().get("data", []):
            if same(post.get("message", ""), text):
                return _receipt(post)
        return None

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """The post as the Page has it."""
        (text,) = self.posts(letter)
        with reading_back(self.platform):
            answer = self.ask(
                self.line(), "GET", receipt.external_id, query={"fields": FIELDS}, ok=(400, 404)
            )
            post = answer.document()
            if answer.status != 200 or not post.get("is_published", True):
                raise missing(self.platform)
        if not same(post.get("message", ""), text):
            raise altered(self.platform)
        return _receipt(post)

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """Delete the post."""
        self.ask(self.line(), "DELETE", receipt.external_id, ok=(400, 404))


def _receipt(post: dict[str, Any]) -> Receipt:
    return Receipt(str(post["id"]), post.get("permalink_url") or f"https://www.facebook.com/{post['id']}")
