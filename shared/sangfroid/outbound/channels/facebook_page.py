"""`facebook_page`: posts of a Page (https://developers.facebook.com/docs/pages-api/posts).

The Graph API has no idempotency key: the Page's latest posts, or the answers to a comment, are looked through before a retry.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic import Field

from sangfroid.outbound.channels.base import Correction, Limits
from sangfroid.outbound.channels.graph import GraphChannel, GraphSettings
from sangfroid.outbound.channels.http import altered, gone, missing, reading_back, same, unanswerable
from sangfroid.outbound.channels.wire import File
from sangfroid.outbound.letter import Letter, Receipt

POST_FIELDS = "id,message,permalink_url,is_published"
COMMENT_FIELDS = "id,message,permalink_url"
COMMENT = re.compile(
    r"https://(?:www\.|m\.)?facebook\.com/(?:"
    r"(?P<page>[0-9]{1,20})/posts/(?P<post>[0-9]{1,20})\?"
    r"|permalink\.php\?story_fbid=(?P<story>[0-9]{1,20})&id=(?P<owner>[0-9]{1,20})&"
    r")comment_id=(?P<comment>[0-9]{1,20})"
)
"""Addresses of comments that say every number. Those with a `pfbid…` cannot be turned into an id."""


class FacebookPageSettings(GraphSettings):
    """`page_id`: the Page's number."""

    page_id: str = Field(pattern=r"^[0-9]+$")


class FacebookPage(GraphChannel[FacebookPageSettings]):
    """One post a letter, or one comment where the letter answers a comment beneath a post of the Page."""

    platform = "Facebook"
    settings_model = FacebookPageSettings
    by_hand = "stop scheduled posts, advertisements and automated answers of the Page in Meta Business Suite"
    images = True

    def limits(self) -> Limits:
        """63,206 characters."""
        return Limits(63_206)

    def correction(self, letter: Letter) -> Correction:
        """The words are edited, and the picture stays; a letter with a picture of its own is a post of its own."""
        return "edit" if letter.image is None else "anew"

    def answers(self, url: str) -> bool:
        """Comments beneath posts of this Page."""
        return self._comment(url) is not None

    def publish(self, letter: Letter) -> Receipt:
        """Post to the Page's feed or photos, answer a comment, or edit the post that is corrected."""
        (text,) = self.posts(letter)
        line = self.line()
        if letter.corrects is not None and self.correction(letter) == "edit":
            answer = self.ask(
                line, "POST", letter.corrects.external_id, form={"message": text}, ok=(400, 404)
            )
            if answer.status != 200:
                raise gone(self.platform)
            return letter.corrects
        if letter.answers is not None:
            comment = self._comment(letter.answers)
            if comment is None:
                raise unanswerable(self.platform)
            answer = self.ask(line, "POST", f"{comment}/comments", form={"message": text}, ok=(400, 404))
            if answer.status != 200:
                raise gone(self.platform, "the comment that the text answers")
            return _receipt({"id": answer.document()["id"]})
        form = {"message": text, "published": "true"}
        if letter.image is not None:
            # https://developers.facebook.com/docs/graph-api/reference/page/photos/: `id` is the photo's, `post_id` the post's.
            image = letter.image
            files: dict[str, File] = {"source": (image.name, image.data, image.media_type)}
            form["alt_text_custom"] = image.alt
            answer = self.ask(line, "POST", f"{self.settings.page_id}/photos", form=form, files=files)
            return _receipt({"id": answer.document()["post_id"]})
        answer = self.ask(line, "POST", f"{self.settings.page_id}/feed", form=form)
        return _receipt({"id": answer.document()["id"]})

    def find(self, letter: Letter) -> Receipt | None:
        """Look for the text among the Page's latest hundred posts, or among the Page's answers to the comment."""
        (text,) = self.posts(letter)
        if letter.corrects is not None and self.correction(letter) == "edit":
            return self.edited(letter)
        if letter.answers is not None:
            return self._answered(letter.answers, text)
        query = {"fields": POST_FIELDS, "limit": "100"}
        answer = self.ask(self.line(), "GET", f"{self.settings.page_id}/published_posts", query=query)
        for post in answer.document().get("data", []):
            if same(post.get("message", ""), text):
                return _receipt(post)
        return None

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """The post or comment as the Page has it."""
        (text,) = self.posts(letter)
        is_post = receipt.external_id.startswith(f"{self.settings.page_id}_")
        query = {"fields": POST_FIELDS if is_post else COMMENT_FIELDS}
        with reading_back(self.platform):
            answer = self.ask(self.line(), "GET", receipt.external_id, query=query, ok=(400, 404))
            post = answer.document()
            if answer.status != 200 or not post.get("is_published", True):
                raise missing(self.platform)
        if not same(post.get("message", ""), text):
            raise altered(self.platform)
        return _receipt(post)

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """Delete the post or comment."""
        self.ask(self.line(), "DELETE", receipt.external_id, ok=(400, 404))

    def _answered(self, url: str, text: str) -> Receipt | None:
        comment = self._comment(url)
        if comment is None:
            return None
        query = {"fields": f"{COMMENT_FIELDS},from", "limit": "100", "order": "reverse_chronological"}
        answer = self.ask(self.line(), "GET", f"{comment}/comments", query=query, ok=(400, 404))
        if answer.status != 200:
            return None  # the comment has gone, and every answer with it
        for one in answer.document().get("data", []):
            ours = str((one.get("from") or {}).get("id")) == self.settings.page_id
            if ours and same(one.get("message", ""), text):
                return _receipt(one)
        return None

    def _comment(self, url: str) -> str | None:
        """Id of the comment at an address, where it stands beneath a post of this Page."""
        found = COMMENT.fullmatch(url)
        if found is None or (found["page"] or found["owner"]) != self.settings.page_id:
            return None
        return f"{found['post'] or found['story']}_{found['comment']}"


def _receipt(post: dict[str, Any]) -> Receipt:
    return Receipt(str(post["id"]), post.get("permalink_url") or f"https://www.facebook.com/{post['id']}")
