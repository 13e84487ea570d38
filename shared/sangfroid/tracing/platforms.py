"""The open interfaces of Bluesky and Mastodon: what a post is, who wrote it and when, and what it answers or quotes.

Both are read without an account. Bluesky: `app.bsky.feed.getPostThread` of the public AppView (docs.bsky.app). Mastodon:
`GET /api/v1/statuses/:id` and `…/context` of the instance (docs.joinmastodon.org/methods/statuses).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from sangfroid.tracing.metadata import moment, plain_text

APPVIEW = "https://public.api.bsky.app"
_BLUESKY = re.compile(r"/profile/([^/]{3,255})/post/([A-Za-z0-9._~-]{1,512})/?")
_AT = re.compile(r"at://([^/]{3,255})/app\.bsky\.feed\.post/([A-Za-z0-9._~-]{1,512})")
_MASTODON = re.compile(r"/(?:@[^/]{1,200}|users/[^/]{1,200}/statuses|web/statuses)/(\d{5,25})/?")
DEPTH = 30


@dataclass(frozen=True)
class Post:
    """One post as its platform shows it; `since` is when its author's account was made."""

    url: str
    author: str
    handle: str
    bio: str
    since: datetime | None
    followers: int | None
    published_at: datetime | None
    text: str


def bluesky_thread(url: str) -> str | None:
    """The interface's address for a post of Bluesky (a page of bsky.app or an at:// address), or None."""
    found = _AT.fullmatch(url)
    parts = urlsplit(url)
    if found is None and parts.hostname in ("bsky.app", "www.bsky.app", "staging.bsky.app"):
        found = _BLUESKY.fullmatch(parts.path)
    if found is None:
        return None
    uri = f"at://{found[1]}/app.bsky.feed.post/{found[2]}"
    return (
        f"{APPVIEW}/xrpc/app.bsky.feed.getPostThread?uri={quote(uri, safe='')}&depth=0&parentHeight={DEPTH}"
    )


def bluesky_posts(answer: Any) -> list[Post]:
    """The post first, then what it answers and quotes."""
    node = _map(_map(answer).get("thread"))
    posts: list[Post] = []
    for _ in range(DEPTH + 1):
        shown = _map(node.get("post"))
        if not shown:
            break
        posts += filter(None, [_bluesky(shown), _quoted(shown)])
        node = _map(node.get("parent"))
    return posts


def _bluesky(shown: dict[str, Any]) -> Post | None:
    author, record = _map(shown.get("author")), _map(shown.get("record") or shown.get("value"))
    found = _AT.fullmatch(_text(shown.get("uri")))
    if found is None:
        return None
    # The author's program writes `createdAt`; `indexedAt` is when the network first saw the post.
    written, seen = moment(record.get("createdAt")), moment(shown.get("indexedAt"))
    handle = _text(author.get("handle")) or found[1]
    return Post(
        url=f"https://bsky.app/profile/{handle}/post/{found[2]}",
        author=_text(author.get("displayName"))[:200],
        handle=handle[:200],
        bio=_text(author.get("description"))[:2_000],
        since=moment(author.get("createdAt")),
        followers=_count(author.get("followersCount")),
        published_at=written or seen,
        text=_text(record.get("text"))[:20_000],
    )


def _quoted(shown: dict[str, Any]) -> Post | None:
    embed = _map(shown.get("embed"))
    record = _map(embed.get("record"))
    record = _map(record.get("record")) or record
    return _bluesky(record) if record.get("uri") else None


def mastodon_status(url: str) -> str | None:
    """The interface's address for a post of a Mastodon instance, or None. Whether it is one, its answer tells."""
    parts = urlsplit(url)
    found = _MASTODON.fullmatch(parts.path)
    if found is None or parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return f"{parts.scheme}://{parts.netloc}/api/v1/statuses/{found[1]}"


def mastodon_posts(answer: Any) -> list[Post]:
    """The post first, then the one that it boosts or quotes."""
    status = _map(answer)
    quote_ = _map(status.get("quote"))
    quoted = _map(quote_.get("quoted_status")) or quote_
    return [post for shown in (status, _map(status.get("reblog")), quoted) if (post := _mastodon(shown))]


def mastodon_answers(answer: Any) -> bool:
    """Whether the post answers another one, which `…/context` gives."""
    return bool(_map(answer).get("in_reply_to_id"))


def mastodon_ancestors(answer: Any) -> list[Post]:
    """The posts above, from an answer of `…/context`."""
    above = _map(answer).get("ancestors")
    shown = above if isinstance(above, list) else []
    return [post for status in shown[:DEPTH] if (post := _mastodon(_map(status)))]


def _mastodon(status: dict[str, Any]) -> Post | None:
    account = _map(status.get("account"))
    url = _text(status.get("url")) or _text(status.get("uri"))
    if not account or not url.startswith(("http://", "https://")):
        return None
    return Post(
        url=url[:2_000],
        author=_text(account.get("display_name"))[:200],
        handle=_text(account.get("acct"))[:200],
        bio=plain_text(_text(account.get("note"))[:20_000])[:2_000],
        since=moment(account.get("created_at")),
        followers=_count(account.get("followers_count")),
        published_at=moment(status.get("created_at")),
        text=plain_text(_text(status.get("content"))[:100_000])[:20_000],
    )


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**11 else None
