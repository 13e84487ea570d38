"""`x`: posts of an account on X, through API v2 (https://docs.x.com/x-api/posts/create-or-edit-post), signed with OAuth 1.0a.

X has no idempotency key, but refuses a text that the account has just posted (403, "duplicate content"). The account's
latest posts are looked through before a retry. A post can be edited for 30 minutes, by some accounts, and gets another id by
it, so a correction answers the post that it corrects.

Since 23 February 2026 an app without Enterprise access may answer only posts whose author mentions the account or quotes it
(https://docs.x.com/x-api/posts/manage-tweets/integrate). The page does not say that the account's own posts are excepted, on
which threads and corrections rest: try one, or set `max_posts` to 1.

X's description of its API (openapi.json 2.167) calls fields of a post otherwise than its pages do; both are understood.
"""

from __future__ import annotations

import html
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from sangfroid import wall_clock
from sangfroid.outbound.channels.base import Correction, Limits
from sangfroid.outbound.channels.http import (
    HttpChannel,
    Line,
    altered,
    gone,
    missing,
    reading_back,
    same,
    unanswerable,
)
from sangfroid.outbound.channels.oauth1 import Keys, authorization
from sangfroid.outbound.channels.settings import BaseUrl, Secret, Settings, Token
from sangfroid.outbound.channels.wire import Answer, File
from sangfroid.outbound.channels.x_length import MAX_WEIGHTED_LENGTH, weighted_length
from sangfroid.outbound.errors import AnswerLost, CannotLook, ChannelFault, ChannelRefused
from sangfroid.outbound.letter import Image, Letter, Receipt

PICTURES = {"expansions": "attachments.media_keys", "media.fields": "alt_text"}
NAMES: tuple[dict[str, str], ...] = (
    {**PICTURES, "tweet.fields": "text,entities,attachments,note_tweet,referenced_tweets"},
    {
        "expansions": "attachments.media_keys,referenced_posts",
        "media.fields": "alt_text",
        "post.fields": "text,entities,attachments,note_post",
    },
)
"""What is asked of a post: as the pages say, and as openapi.json says; a name that X does not know is refused with 400."""
STATUS = re.compile(
    r"https://(?:(?:www|mobile)\.)?(?:x|twitter)\.com/(?:[A-Za-z0-9_]{1,15}|i/web)/status/([0-9]{1,19})(?:\?[!-~]*)?"
)
NOT_SUMMONED = "have not been mentioned or otherwise engaged"
NOT_THERE = "deleted or not visible"


class XSettings(Settings):
    """`user_id`: the account's number. `max_length`: 280, or what the account's subscription allows."""

    user_id: str = Field(pattern=r"^[0-9]{1,19}$")
    api: BaseUrl = "https://api.x.com"
    max_length: int = Field(default=MAX_WEIGHTED_LENGTH, ge=140, le=25_000)
    max_posts: int = Field(default=10, ge=1, le=25)


class XSecret(Secret):
    """Keys of the app and of the user who may post for the account."""

    api_key: Token
    api_secret: Token
    access_token: Token
    access_secret: Token


class X(HttpChannel[XSettings, XSecret]):
    """A post or a thread a letter. The receipt's id names every post of the thread, in order, with commas."""

    platform = "X"
    settings_model = XSettings
    secret_model = XSecret
    by_hand = "stop scheduled posts, promoted posts and other tools that post to the account"
    images = True

    def limits(self) -> Limits:
        """280 weighted characters a post, as a thread of at most `max_posts`."""
        return Limits(
            self.settings.max_length, weighted_length, "weighted characters", self.settings.max_posts
        )

    def correction(self, letter: Letter) -> Correction:
        """An answer to the last post of what is corrected."""
        return "reply"

    def answers(self, url: str) -> bool:
        """Posts on X; whether X allows the answer shows only when it is sent."""
        return STATUS.fullmatch(url) is not None

    def publish(self, letter: Letter) -> Receipt:
        """Post what is not there yet, each post as an answer to the one before; the image stands in the first."""
        line = self.line()
        posts, root = self.posts(letter), self._root(letter)
        there = self._there(line, posts, root) if len(posts) > 1 else []
        for text in posts[len(there) :]:
            body: dict[str, Any] = {"text": text}
            if not there and letter.image is not None:
                body["media"] = {"media_ids": [self._upload(line, letter.image)]}
            parent = there[-1] if there else root
            if parent is not None:
                body["reply"] = {"in_reply_to_tweet_id": parent}
            answer = self._ask(line, "POST", "/2/tweets", body=body, ok=(403,))
            if answer.status == 403:
                raise self._refusal(line, answer, len(there))
            there.append(str(answer.document()["data"]["id"]))
        return _receipt(there)

    def find(self, letter: Letter) -> Receipt | None:
        """Look for the texts among the account's latest hundred posts."""
        posts = self.posts(letter)
        there = self._there(self.line(), posts, self._root(letter))
        return _receipt(there) if len(there) == len(posts) else None

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """The posts as X shows them, with its short links opened again, and the alternative text of the image."""
        found: list[dict[str, Any]] = []
        with reading_back(self.platform):
            query = {"ids": receipt.external_id}
            document = self._look(self.line(), "/2/tweets", query).document()
            by_id = {post["id"]: post for post in document.get("data", [])}
            for post_id in receipt.external_id.split(","):
                if post_id not in by_id:
                    raise missing(self.platform)
                found.append(by_id[post_id])
        posts = self.posts(letter)
        if len(found) != len(posts) or not all(
            same(_text(one), text) for one, text in zip(found, posts, strict=True)
        ):
            raise altered(self.platform)
        if letter.image is not None and not same(_description(found[0], document), letter.image.alt):
            raise altered(self.platform)
        return receipt

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """Delete the posts, the last of a thread first."""
        line = self.line()
        for post_id in reversed(receipt.external_id.split(",")):
            self._ask(line, "DELETE", f"/2/tweets/{post_id}", ok=(404,))

    def _root(self, letter: Letter) -> str | None:
        """The post that the first of the letter's posts answers."""
        if letter.corrects is not None:
            return letter.corrects.external_id.split(",")[-1]
        if letter.answers is None:
            return None
        found = STATUS.fullmatch(letter.answers)
        if found is None:
            raise unanswerable(self.platform)
        return found[1]

    def _refusal(self, line: Line[XSecret], answer: Answer, begun: int) -> ChannelFault:
        """What a 403 to a post means; `begun` posts of the thread stand already."""
        said = answer.document().get("detail") or ""
        if "duplicate content" in said:
            return AnswerLost("X says that the account has just posted this text")
        if NOT_THERE in said and not begun:
            return gone(self.platform, "the post that the text corrects or answers")
        if NOT_SUMMONED in said:
            stands = f"; {begun} posts of the thread stand" if begun else ""
            return ChannelRefused(
                "X: without Enterprise access an app may answer only posts that mention or quote the account; "
                f"a person can answer by hand{stands}",
                permanent=True,
            )
        return line.wire.fault(answer)

    def _upload(self, line: Line[XSecret], image: Image) -> str:
        """Bring the image and then its description to X, where nobody sees either before a post; gives its id.

        https://docs.x.com/x-api/media/upload-media, https://docs.x.com/x-api/media/create-media-metadata
        """
        files: dict[str, File] = {"media": (image.name, image.data, image.media_type)}
        form = {"media_category": "tweet_image"}
        answer = self._ask(line, "POST", "/2/media/upload", form=form, files=files, looking=True)
        media_id = str(answer.document()["data"]["id"])
        described = {"id": media_id, "metadata": {"alt_text": {"text": image.alt}}}
        self._ask(line, "POST", "/2/media/metadata", body=described, looking=True)
        return media_id

    def _there(self, line: Line[XSecret], posts: Sequence[str], root: str | None) -> list[str]:
        """Ids of the account's posts that begin this thread beneath `root`, in order; as many as there are."""
        query = {"max_results": "100", "exclude": "retweets"}
        answer = self._look(line, f"/2/users/{self.settings.user_id}/tweets", query, ok=(403,))
        if answer.status == 403:
            raise CannotLook("the access level of the app does not allow to read the account's posts")
        latest = answer.document().get("data", [])
        there: list[str] = []
        for text in posts:
            parent = there[-1] if there else root
            fitting = [post["id"] for post in latest if _answers(post) == parent and same(_text(post), text)]
            if not fitting:
                break
            there.append(fitting[-1])
        return there

    def _look(
        self, line: Line[XSecret], route: str, query: Mapping[str, str], ok: tuple[int, ...] = ()
    ) -> Answer:
        """Read posts, by whichever names X takes."""
        answer = self._ask(line, "GET", route, query={**query, **NAMES[0]}, ok=(*ok, 400))
        if answer.status == 400:
            answer = self._ask(line, "GET", route, query={**query, **NAMES[1]}, ok=ok)
        return answer

    def _ask(
        self,
        line: Line[XSecret],
        method: str,
        route: str,
        *,
        body: dict[str, Any] | None = None,
        query: dict[str, str] | None = None,
        form: dict[str, str] | None = None,
        files: dict[str, File] | None = None,
        ok: tuple[int, ...] = (),
        looking: bool | None = None,
    ) -> Answer:
        url, secret = f"{self.settings.api}{route}", line.secret
        keys = Keys(secret.api_key, secret.api_secret, secret.access_token, secret.access_secret)
        nonce, now = secrets.token_hex(16), int(wall_clock.now().timestamp())
        headers = {"authorization": authorization(method, url, query or {}, keys, nonce=nonce, timestamp=now)}
        # Neither JSON nor multipart takes part in the signature.
        return line.wire.call(
            method,
            url,
            json=body,
            form=form,
            files=files,
            params=query,
            headers=headers,
            ok=ok,
            looking=looking,
        )


def _answers(post: dict[str, Any]) -> str | None:
    referenced = post.get("referenced_tweets") or post.get("referenced_posts") or []
    return next((str(one["id"]) for one in referenced if one.get("type") == "replied_to"), None)


def _text(post: dict[str, Any]) -> str:
    """The text as it was posted: X shortens links, adds one for an image, and escapes three characters."""
    note = post.get("note_tweet") or post.get("note_post") or {}
    text = str(note.get("text") or post.get("text", ""))
    for link in (note.get("entities") or post.get("entities") or {}).get("urls") or []:
        text = text.replace(link["url"], "" if link.get("media_key") else link["expanded_url"])
    return html.unescape(text)


def _description(post: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    """The alternative text of the post's image."""
    keys = (post.get("attachments") or {}).get("media_keys") or []
    pictures = (document.get("includes") or {}).get("media") or []
    return next((one.get("alt_text") or "" for one in pictures if one.get("media_key") in keys), "")


def _receipt(ids: Sequence[str]) -> Receipt:
    return Receipt(",".join(ids), f"https://x.com/i/web/status/{ids[0]}")
