"""What pages and the open interfaces of platforms say, well made and broken."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sangfroid.tracing import platforms
from sangfroid.tracing.metadata import moment, parsed, plain_text, read_page
from tests.tracing.pages import ARTICLE, STATUS, THREAD

AT = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)


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
