"""What pages and the open interfaces of platforms say, well made and broken."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sangfroid.tracing import platforms
from sangfroid.tracing.metadata import moment, parsed, plain_text, read_page

AT = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)

ARTICLE = """<!doctype html><html><head><title> Panne  chez Nuage </title>
<meta property="og:site_name" content="Le Matin"><meta name="author" content="Jeanne Roy">
<meta property="article:published_time" content="2026-11-20T08:30:00+01:00">
<link rel="canonical" href="/2026/panne"><link rel="alternate" type="application/json+oembed" href="/oembed?x=1">
</head><body><script>var a = "<p>not text</p>"</script><p>Rien ne <b>marche</b> &amp; rien ne va</p>
<blockquote cite="https://bsky.app/profile/bob.test/post/3k">hier</blockquote>
<a href="https://x.com/bob/status/12345">bob</a><a href="/autre">autre</a><a href="javascript:x()">x</a></body></html>"""

LINKED = """<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [{"@type": "WebSite"},
{"@type": ["NewsArticle"], "headline": "Fuite", "datePublished": "2026-11-20T07:30:00Z", "url": "https://news.org/fuite",
"author": [{"@type": "Person", "name": "Max Stein", "url": "https://news.org/max", "description": "Cirrus Cloud evangelist"}],
"isBasedOn": {"url": "https://forum.org/t/9"}}]}</script>"""


def test_an_article_says_who_when_where_and_what_it_quotes() -> None:
    found = read_page(ARTICLE, "https://matin.org/p?id=1")
    assert (found.author, found.site, found.title) == ("Jeanne Roy", "Le Matin", "Panne chez Nuage")
    assert found.published_at == AT
    assert found.canonical_url == "https://matin.org/2026/panne"
    assert found.oembed == "https://matin.org/oembed?x=1"
    assert found.sources == ["https://bsky.app/profile/bob.test/post/3k"]
    assert found.links == ["https://x.com/bob/status/12345", "https://matin.org/autre"]
    assert found.text == "Rien ne marche & rien ne va\nhier\nbobautrex"


def test_linked_data_is_read_inside_graphs() -> None:
    found = read_page(LINKED, "https://news.org/a")
    assert (found.author, found.author_url, found.author_bio) == (
        "Max Stein",
        "https://news.org/max",
        "Cirrus Cloud evangelist",
    )
    assert (found.published_at, found.title, found.canonical_url) == (AT, "Fuite", "https://news.org/fuite")
    assert found.sources == ["https://forum.org/t/9"]


def test_a_time_element_counts_where_nothing_else_says_when() -> None:
    assert read_page('<time datetime="2026-11-20T07:30Z">', "https://a.org/").published_at == AT


@pytest.mark.parametrize(
    "said", ["2026-11-20T07:30:00", "2026-11-20", "yesterday", "", None, 17, "9999-99-99T00:00:00Z"]
)
def test_a_time_without_zone_or_sense_is_no_time(said: Any) -> None:
    assert moment(said) is None


@pytest.mark.parametrize(
    "broken",
    [
        "", "<", "<!", "<![CDATA[", "<!DOCTYPE", "<html" * 5_000, "<div>" * 30_000, "<meta property content>",
        "<a href>", "&#xffffffff;",
        '<script type="application/ld+json">{"@type": "Article", "author": [[]], "isBasedOn": [1, null, {}]}</script>',
        '<script type="application/ld+json">' + "[" * 20_000 + "</script>",
        '<script type="application/ld+json">{"@graph": {"@graph": []}}</script>', "</script></p></x>", "<link rel=canonical href='http://['>",
    ],
    ids=range(15),
)  # fmt: skip
def test_a_broken_page_says_less_and_never_fails(broken: str) -> None:
    assert read_page(broken, "https://a.org/").author == ""


@given(st.text(alphabet="<>/!-=\"' abmet&#;[]{}:", max_size=80))
def test_no_markup_whatever_makes_it_fail(html: str) -> None:
    read_page(html, "https://a.org/")
    plain_text(html)


def test_json_that_is_none() -> None:
    assert parsed("{") is None
    assert parsed("[" * 100_000) is None


# -- platforms: answers in the shape of the documented interfaces

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


def test_a_post_of_bluesky_with_what_it_quotes_and_answers() -> None:
    asked = platforms.bluesky_thread("https://bsky.app/profile/bob.test/post/3k2")
    assert asked == (
        "https://public.api.bsky.app/xrpc/app.bsky.feed.getPostThread"
        "?uri=at%3A%2F%2Fbob.test%2Fapp.bsky.feed.post%2F3k2&depth=0&parentHeight=30"
    )
    posts = platforms.bluesky_posts(THREAD)
    assert [(one.handle, one.text) for one in posts] == [
        ("bob.test", "by bob.test"),
        ("eve.test", "quoted"),
        ("zoe.test", "by zoe.test"),
    ]
    assert posts[1].published_at == datetime(2026, 11, 20, 5, tzinfo=UTC)
    assert posts[0].url == "https://bsky.app/profile/bob.test/post/3k2"


STATUS = {
    "id": "113500000000000001", "created_at": "2026-11-20T08:00:00.000Z", "url": "https://social.org/@bob/113500000000000001",
    "in_reply_to_id": "113400000000000000", "content": "<p>rien ne <em>marche</em></p>",
    "account": {
        "acct": "bob", "display_name": "Bob", "note": "<p>works at <b>Cirrus</b> Cloud</p>", "followers_count": 12,
        "created_at": "2020-01-01T00:00:00.000Z", "url": "https://social.org/@bob",
    },
}  # fmt: skip


def test_a_post_of_mastodon_with_its_author() -> None:
    for url in (
        "https://social.org/@bob/113500000000000001",
        "https://social.org/users/bob/statuses/113500000000000001",
    ):
        assert platforms.mastodon_status(url) == "https://social.org/api/v1/statuses/113500000000000001"
    (shown,) = platforms.mastodon_posts(STATUS)
    assert (shown.handle, shown.bio, shown.text, shown.followers) == (
        "bob",
        "works at Cirrus Cloud",
        "rien ne marche",
        12,
    )
    assert platforms.mastodon_answers(STATUS)
    quoting = STATUS | {
        "quote": {
            "state": "accepted",
            "quoted_status": STATUS | {"url": "https://a.org/@x/113000000000000000"},
        }
    }
    assert len(platforms.mastodon_posts(quoting)) == 2


@pytest.mark.parametrize(
    "url",
    [
        "https://bsky.app/",
        "https://bsky.app.evil.org/profile/a.b/post/1",
        "https://news.org/@x",
        "ftp://s.org/@bob/113500000000000001",
        "",
    ],
)
def test_what_is_no_post(url: str) -> None:
    assert platforms.bluesky_thread(url) is None
    assert platforms.mastodon_status(url) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([
            "thread", "post", "parent", "record", "author", "uri", "embed", "value", "account", "url", "quote", "reblog",
            "note", "ancestors",
            "created_at", "createdAt", "followers_count", "content", "quoted_status",
        ]), inner, max_size=4)
    ),
    max_leaves=20,
)  # fmt: skip


@given(JSON)
def test_no_answer_whatever_makes_it_fail(answer: Any) -> None:
    platforms.bluesky_posts(answer)
    platforms.mastodon_posts(answer)
    platforms.mastodon_ancestors(answer)
    platforms.mastodon_answers(answer)
