"""Pages and answers of platforms as they really look."""

from __future__ import annotations

from typing import Any

ARTICLE = """<!doctype html><html><head><title> Panne  chez Nuage </title>
<meta property="og:site_name" content="Le Matin"><meta name="author" content="Jeanne Roy">
<meta property="article:published_time" content="2026-11-20T08:30:00+01:00">
<link rel="canonical" href="/2026/panne"><link rel="alternate" type="application/json+oembed" href="/oembed?x=1">
</head><body><script>var a = "<p>not text</p>"</script><p>Rien ne <b>marche</b> &amp; rien ne va</p>
<blockquote cite="https://bsky.app/profile/bob.test/post/3k">hier</blockquote>
<a href="https://x.com/bob/status/12345">bob</a><a href="/autre">autre</a><a href="javascript:x()">x</a></body></html>"""


AUTHOR = {"did": "did:plc:a", "handle": "bob.test", "displayName": "Bob", "createdAt": "2025-01-01T00:00:00Z"}


def post(handle: str, key: str, at: str, **more: Any) -> dict[str, Any]:
    return {
        "uri": f"at://did:plc:{handle}/app.bsky.feed.post/{key}",
        "author": AUTHOR | {"handle": handle},
        "record": {"$type": "app.bsky.feed.post", "text": f"by {handle}", "createdAt": at},
        "indexedAt": at,
    } | more


THREAD = {
    "thread": {
        "$type": "app.bsky.feed.defs#threadViewPost",
        "post": post(
            "bob.test", "3k2", "2026-11-20T08:00:00.000Z",
            embed={
                "$type": "app.bsky.embed.record#view",
                "record": {
                    "uri": "at://did:plc:eve/app.bsky.feed.post/3k0", "author": AUTHOR | {"handle": "eve.test"},
                    "value": {"text": "quoted", "createdAt": "2026-11-20T05:00:00Z"},
                },
            },
        ),
        "parent": {"post": post("zoe.test", "3k1", "2026-11-20T06:00:00.000Z")},
    }
}  # fmt: skip


STATUS = {
    "id": "113500000000000001", "created_at": "2026-11-20T08:00:00.000Z", "url": "https://social.org/@bob/113500000000000001",
    "in_reply_to_id": "113400000000000000", "content": "<p>rien ne <em>marche</em></p>",
    "account": {
        "acct": "bob", "display_name": "Bob", "note": "<p>works at <b>Cirrus</b> Cloud</p>", "followers_count": 12,
        "created_at": "2020-01-01T00:00:00.000Z", "url": "https://social.org/@bob",
    },
}  # fmt: skip
