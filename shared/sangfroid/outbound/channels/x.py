"""`x`: posts of an account on X, through API v2 (https://docs.x.com/x-api/posts/create-or-edit-post), signed with OAuth 1.0a.

X has no idempotency key, but refuses a text that the account has just posted (403, "duplicate content"). The account's
latest posts are looked through before a retry.
"""

from __future__ import annotations

import html
import secrets
from collections.abc import Sequence
from typing import Any

from pydantic import Field

from sangfroid import wall_clock
from sangfroid.outbound.channels.base import Limits
from sangfroid.outbound.channels.http import HttpChannel, Line, altered, missing, reading_back, same
from sangfroid.outbound.channels.oauth1 import Keys, authorization
from sangfroid.outbound.channels.settings import BaseUrl, Secret, Settings, Token
from sangfroid.outbound.channels.wire import Answer
from sangfroid.outbound.channels.x_length import MAX_WEIGHTED_LENGTH, weighted_length
from sangfroid.outbound.errors import AnswerLost, CannotLook
from sangfroid.outbound.letter import Letter, Receipt

FIELDS = "text,entities,note_tweet,referenced_tweets"


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

    def limits(self) -> Limits:
        """280 weighted characters a post, as a thread of at most `max_posts`."""
        return Limits(
            self.settings.max_length, weighted_length, "weighted characters", self.settings.max_posts
        )

    def publish(self, letter: Letter) -> Receipt:
        """Post what is not there yet, each post as an answer to the one before."""
        line = self.line()
        posts = self.posts(letter)
        there = self._there(line, posts) if len(posts) > 1 else []
        for text in posts[len(there) :]:
            body: dict[str, Any] = {"text": text}
            if there:
                body["reply"] = {"in_reply_to_tweet_id": there[-1]}
            answer = self._ask(line, "POST", "/2/tweets", body=body, ok=(403,))
            if answer.status == 403:
                if "duplicate content" in answer.document().get("detail", ""):
                    raise AnswerLost("X says that the account has just posted this text")
                raise line.wire.fault(answer)
            there.append(str(answer.document()["data"]["id"]))
        return _receipt(there)

    def find(self, letter: Letter) -> Receipt | None:
        """Look for the texts among the account's latest hundred posts."""
        posts = self.posts(letter)
        there = self._there(self.line(), posts)
        return _receipt(there) if len(there) == len(posts) else None

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """The posts as X shows them, with its short links opened again."""
        found: list[dict[str, Any]] = []
        with reading_back(self.platform):
            query = {"ids": receipt.external_id, "tweet.fields": FIELDS}
            document = self._ask(self.line(), "GET", "/2/tweets", query=query).document()
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
        return receipt

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """Delete the posts, the last of a thread first."""
        line = self.line()
        for post_id in reversed(receipt.external_id.split(",")):
            self._ask(line, "DELETE", f"/2/tweets/{post_id}", ok=(404,))

    def _there(self, line: Line[XSecret], posts: Sequence[str]) -> list[str]:
        """Ids of the account's posts that begin this thread, in order; as many as there are."""
        query = {"max_results": "100", "tweet.fields": FIELDS, "exclude": "retweets"}
        answer = self._ask(line, "GET", f"/2/users/{self.settings.user_id}/tweets", query=query, ok=(403,))
        if answer.status == 403:
            raise CannotLook("the access level of the app does not allow to read the account's posts")
        latest = answer.document().get("data", [])
        there: list[str] = []
        for text in posts:
            parent = there[-1] if there else None
            fitting = [post["id"] for post in latest if _answers(post) == parent and same(_text(post), text)]
            if not fitting:
                break
            there.append(fitting[-1])
        return there

    def _ask(
        self,
        line: Line[XSecret],
        method: str,
        route: str,
        *,
        body: dict[str, Any] | None = None,
        query: dict[str, str] | None = None,
        ok: tuple[int, ...] = (),
    ) -> Answer:
        url, secret = f"{self.settings.api}{route}", line.secret
        keys = Keys(secret.api_key, secret.api_secret, secret.access_token, secret.access_secret)
        nonce, now = secrets.token_hex(16), int(wall_clock.now().timestamp())
        headers = {"authorization": authorization(method, url, query or {}, keys, nonce=nonce, timestamp=now)}
        return line.wire.call(method, url, json=body, params=query, headers=headers, ok=ok)


def _answers(post: dict[str, Any]) -> str | None:
    referenced = post.get("referenced_tweets", [])
    return next((str(one["id"]) for one in referenced if one.get("type") == "replied_to"), None)


def _text(post: dict[str, Any]) -> str:
    """The text as it was posted: X shortens links and escapes three characters."""
    note = post.get("note_tweet") or {}
    text = str(note.get("text") or post.get("text", ""))
    for link in (note.get("entities") or post.get("entities") or {}).get("urls", []):
        text = text.replace(link["url"], link["expanded_url"])
    return html.unescape(text)


def _receipt(ids: Sequence[str]) -> Receipt:
    return Receipt(",".join(ids), f"https://x.com/i/web/status/{ids[0]}")
