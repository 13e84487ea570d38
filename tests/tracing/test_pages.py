"""Pages as they really are (P1, P2, P6): metadata written with liberties, and only what is tied to this page."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sangfroid.tracing.metadata import read_page

AT = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
HERE = "https://news.org/2026/panne"
WHEN = '"datePublished": "2026-11-20T07:30:00Z"'
WHO = '"author": {"@type": "Person", "name": "Max Stein"}'


def page(script: str, kind: str = "application/ld+json", head: str = "", body: str = "") -> str:
    return f'<html><head><title>Panne</title>{head}<script type="{kind}">{script}</script></head><body>{body}</body></html>'


ARTICLE = f'{{"@context": "https://schema.org", "@type": "NewsArticle", "headline": "Panne", {WHO}, {WHEN}}}'

LIBERTIES = {
    "plain": page(ARTICLE),
    "raw line break in a text": page(ARTICLE.replace('"Panne"', '"Panne\nchez Nuage\t!"')),
    "carriage return in a text": page(ARTICLE.replace('"Panne"', '"Panne\r\n"')),
    "CDATA": page(f"<![CDATA[{ARTICLE}]]>"),
    "CDATA in a comment of a script": page(f"//<![CDATA[\n{ARTICLE}\n//]]>"),
    "CDATA in another comment": page(f"/*<![CDATA[*/{ARTICLE}/*]]>*/"),
    "HTML comment around": page(f"<!-- {ARTICLE} -->"),
    "HTML comment around, old": page(f"<!--\n{ARTICLE}\n//-->"),
    "HTML comment inside": page(ARTICLE.replace(', "author"', ', <!-- by whom --> "author"')),
    "comment of a script inside": page(ARTICLE.replace(', "author"', ', /* by whom */ "author"')),
    "closing semicolon": page(ARTICLE + " ;\n"),
    "comma before a bracket": page(ARTICLE[:-1] + ",}"),
    "byte order mark": page("\ufeff" + ARTICLE),
    "charset in the type": page(ARTICLE, "application/ld+json; charset=utf-8"),
    "capitals in the type": page(ARTICLE, "Application/LD+JSON"),
    "capitals, a parameter and single quotes": page(ARTICLE).replace(
        '"application/ld+json"', "'Application/LD+JSON; Charset=UTF-8'"
    ),
    "a type without quotes": page(ARTICLE).replace('"application/ld+json"', "application/ld+json"),
    "a type with a profile": page(ARTICLE).replace(
        '"application/ld+json"', """'application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"'"""
    ),
    "a parameter behind a comma": page(ARTICLE, "application/ld+json, charset=utf-8"),
    "an empty address beside it": page(
        ARTICLE.replace('"headline"', f'"url": "{HERE}/amp", "headline"')
    ).replace("</title>", '</title><meta property="og:url" content="">'),
    "a graph in a list": page(f'[{{"@graph": [{ARTICLE}]}}]'),
    "a graph of one": page(f'{{"@graph": {ARTICLE}}}'),
    "blank in the type": page(ARTICLE, " application/ld+json "),
    "escaped": page(ARTICLE.replace('"', "&quot;")),
    "two documents": page('{"@type": "Organization", "name": "News"}\n' + ARTICLE),
    "a list": page(f"[{ARTICLE}]"),
    "a graph": page(f'{{"@graph": [{{"@type": "WebSite"}}, {ARTICLE}]}}'),
    "main entity": page(f'{{"@type": "WebPage", "mainEntity": {ARTICLE}}}'),
    **{
        kind: page(ARTICLE.replace("NewsArticle", kind))
        for kind in (
            "ReportageNewsArticle",
            "LiveBlogPosting",
            "OpinionNewsArticle",
            "AnalysisNewsArticle",
            "BackgroundNewsArticle",
            "BlogPosting",
            "Report",
            "SocialMediaPosting",
            "DiscussionForumPosting",
            "TechArticle",
            "ScholarlyArticle",
            "Review",
            "VideoObject",
            "AdvertiserContentArticle",
            "https://schema.org/NewsArticle",
            "http://schema.org/NewsArticle",
            "http://www.schema.org/NewsArticle",
            "schema:NewsArticle",
            "newsarticle",
        )
    },
    "several types": page(
        ARTICLE.replace('"NewsArticle"', '["Thing", "https://schema.org/LiveBlogPosting"]')
    ),
    "type without @": page(ARTICLE.replace('"@type": "NewsArticle"', '"type": "NewsArticle"')),
    "full names of properties": page(
        ARTICLE.replace('"author"', '"https://schema.org/author"').replace(
            '"datePublished"', '"schema:datePublished"'
        )
    ),
    "author as text": page(ARTICLE.replace(WHO, '"author": "Max Stein"')),
    "author as list": page(ARTICLE.replace(WHO, '"author": ["Max Stein", "Eve"]')),
    "author as list of objects": page(
        ARTICLE.replace(WHO, '"author": [{"name": "Max Stein"}, {"name": "Eve"}]')
    ),
    "author in a graph": page(
        f'{{"@graph": [{ARTICLE.replace(WHO, """"author": {"@id": "#max"}""")}, {{"@type": "Person", "@id": "#max", "name": "Max Stein"}}]}}'  # noqa: E501
    ),
    "author by reference alone": page(
        f'{{"@graph": [{{"@type": "Person", "@id": "https://news.org/#max", "name": "Max Stein"}}, {ARTICLE.replace(WHO, """"author": "https://news.org/#max" """)}]}}'  # noqa: E501
    ),
    "author in another script": page(ARTICLE.replace(WHO, '"author": [{"@id": "#max"}]'))
    + '<script type="application/ld+json">{"@type": "Person", "@id": "#max", "name": "Max Stein"}</script>',
    "author's name wrapped": page(
        ARTICLE.replace('"Max Stein"', '{"@value": "Max Stein", "@language": "fr"}')
    ),
    "author's name in two": page(
        ARTICLE.replace('"name": "Max Stein"', '"givenName": "Max", "familyName": "Stein"')
    ),
    "creator": page(ARTICLE.replace('"author"', '"creator"')),
    "date in a list": page(ARTICLE.replace('"2026-11-20T07:30:00Z"', '["2026-11-20T07:30:00Z"]')),
    "date in a list after none": page(
        ARTICLE.replace('"2026-11-20T07:30:00Z"', '["", "2026-11-20T07:30:00Z"]')
    ),
    "date wrapped": page(
        ARTICLE.replace('"2026-11-20T07:30:00Z"', '{"@type": "Date", "@value": "2026-11-20T07:30:00Z"}')
    ),
    "date as RFC 2822": page(ARTICLE.replace("2026-11-20T07:30:00Z", "Fri, 20 Nov 2026 08:30:00 +0100")),
    "date in words of UTC": page(ARTICLE.replace("2026-11-20T07:30:00Z", "2026-11-20 07:30:00 UTC")),
    "date with a small z": page(ARTICLE.replace("07:30:00Z", "07:30:00z")),
    "date with its place": page(ARTICLE.replace("07:30:00Z", "08:30:00+01:00[Europe/Paris]")),
    "date of the page": page(
        f'{{"@graph": [{{"@type": "NewsArticle", "headline": "Panne", {WHO}, "mainEntityOfPage": {{"@id": "{HERE}"}}}}, {{"@type": "WebPage", "@id": "{HERE}", {WHEN}}}]}}'  # noqa: E501
    ),
    "never closed": page(ARTICLE).partition("</script>")[0] + "</script>",
}


@pytest.mark.parametrize("html", LIBERTIES.values(), ids=LIBERTIES)
def test_linked_data_as_pages_write_it(html: str) -> None:
    found = read_page(html, HERE)
    assert (found.author, found.published_at) == ("Max Stein", AT)


OLD = "2019-01-01T00:00:00Z"
OTHER = f'"@type": "NewsArticle", "headline": "Autre", "datePublished": "{OLD}", "author": "Eve"'
LD = '<script type="application/ld+json">{}</script>'
META = (
    f'<meta property="article:published_time" content="{OLD}"><meta itemprop="datePublished" content="{OLD}">'
)

FOREIGN = {
    "related article of another address": LD.format(f'{{{OTHER}, "url": "https://news.org/2019/autre"}}'),
    "related article named as main entity of another page": LD.format(
        f'{{{OTHER}, "mainEntityOfPage": {{"@id": "https://news.org/autre"}}}}'
    ),
    "a list of articles": LD.format(f"[{{{OTHER}}}, {{{OTHER.replace('Autre', 'Encore')}}}]"),
    "items of a list": LD.format(f'{{"@type": "ItemList", "itemListElement": [{{{OTHER}}}]}}'),
    "a part": LD.format(f'{{"@type": "WebPage", "hasPart": {{{OTHER}}}}}'),
    "mentioned": LD.format(f'{{"@type": "WebPage", "mentions": [{{{OTHER}}}]}}'),
    "another headline": LD.format(f"{{{OTHER}}}"),
    "a time in a sidebar": f'<aside><time datetime="{OLD}">2019</time></aside>',
    "a time of related articles": f'<div class="related-posts"><article><time datetime="{OLD}"></time></article></div>',
    "a time by its id": f'<div id="sidebar"><time datetime="{OLD}"></time></div>',
    "a time in a quotation": f'<blockquote><time datetime="{OLD}"></time></blockquote>',
    "a quoted post": f'<blockquote class="twitter-tweet"><p>x</p><time datetime="{OLD}"></time></blockquote>',
    "an embedded post": f'<div class="embed"><article><time datetime="{OLD}"></time></article></div>',
    "a time of a comment": f'<article><p>x</p><section class="comments"><article><time datetime="{OLD}"></time></article></section></article>',  # noqa: E501
    "a comment in an article": f'<article><p>x</p><article><time datetime="{OLD}"></time></article></article>',
    "several articles": f'<article><time datetime="{OLD}"></time></article><article><time datetime="{OLD}"></time></article>',
    "times everywhere": f'<div><time datetime="{OLD}"></time></div><div><time datetime="2020-01-01T00:00:00Z"></time></div>',
    "a footer": f'<footer><time datetime="{OLD}"></time></footer>',
    "navigation": f'<nav class="post-navigation"><time datetime="{OLD}"></time></nav>',
    "meta of a related article": f"<aside>{META}</aside>",
    "meta of a quoted article": f"<blockquote>{META}</blockquote>",
    "meta of a widget": f'<div class="widget recent">{META}</div>',
    "linked data in a sidebar": f"<aside>{LD.format('{' + OTHER + '}')}</aside>",
    "complementary": f'<div role="complementary"><time datetime="{OLD}"></time></div>',
    "read also": f'<div class="lire-aussi"><time datetime="{OLD}"></time></div>',
}


@pytest.mark.parametrize("foreign", FOREIGN.values(), ids=FOREIGN)
def test_what_belongs_to_another_article_is_no_word_about_this_page(foreign: str) -> None:
    head = '<html><head><title>Panne chez Nuage</title><meta property="og:title" content="Panne chez Nuage"></head>'
    found = read_page(f"{head}<body><h1>Panne chez Nuage</h1>{foreign}</body></html>", HERE)
    assert (found.published_at, found.author) == (None, "")


@pytest.mark.parametrize("foreign", FOREIGN.values(), ids=FOREIGN)
def test_beside_it_the_page_s_own_word_counts(foreign: str) -> None:
    own = LD.format(
        f'{{"@type": "NewsArticle", "headline": "Panne chez Nuage", "url": "{HERE}?utm_source=rss", {WHO}, {WHEN}}}'
    )
    for body in (foreign + own, own + foreign):
        found = read_page(
            f"<html><head><title>Panne chez Nuage</title></head><body>{body}</body></html>", HERE
        )
        assert (found.published_at, found.author) == (AT, "Max Stein")
    meta = '<meta property="article:published_time" content="2026-11-20T07:30:00Z"><meta name="author" content="Max Stein">'
    found = read_page(
        f"<html><head><title>Panne chez Nuage</title>{meta}</head><body>{foreign}</body></html>", HERE
    )
    assert (found.published_at, found.author) == (AT, "Max Stein")


@pytest.mark.parametrize(
    "own",
    [
        '<article><header><time datetime="2026-11-20T07:30:00Z"></time></header><p>x</p></article>',
        '<main><article><p>x</p><time class="entry-date published" datetime="2026-11-20T07:30:00Z"></time></article></main>',
        '<article><time datetime="2026-11-20T07:30:00Z"></time><aside><time datetime="2019-01-01T00:00:00Z"></time></aside></article>',  # noqa: E501
        '<header><time datetime="2026-11-20T07:30:00Z"></time></header><article>x</article>',
        '<article><time datetime="2026-11-21T07:30:00Z"></time><time itemprop="datePublished" datetime="2026-11-20T07:30:00Z"></time></article>',  # noqa: E501
        '<div><time datetime="2026-11-20T07:30:00Z"></time></div><div><time datetime="2026-11-20T07:30:00Z"></time></div>',
    ],
)
def test_the_time_of_the_page_s_one_article(own: str) -> None:
    assert read_page(f"<title>Panne</title>{own}", HERE).published_at == AT


def test_links_of_a_sidebar_are_not_followed() -> None:
    tweet = "https://x.com/bob/status/{}"
    html = f'<article><a href="{tweet.format(1)}">a</a></article><aside><a href="{tweet.format(2)}">b</a></aside><div class="related"><a href="/c">c</a></div>'  # noqa: E501
    assert read_page(html, HERE).links == [tweet.format(1)]


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<h1>Panne chez <b>Nuage</b></h1><p>x</p>", "Panne chez Nuage"),
        ("<title> </title><h1>Panne chez Nuage</h1>", "Panne chez Nuage"),
        ("<header><h1>Le Matin</h1></header><h1>Panne chez Nuage</h1>", "Panne chez Nuage"),
        ("<h1>Le Matin</h1><article><h1>Panne chez Nuage</h1></article>", "Panne chez Nuage"),
        ("<aside><h1>Autre</h1></aside><h1>Panne chez Nuage</h1>", "Panne chez Nuage"),
        ('<meta name="twitter:title" content="Panne chez Nuage"><h1>Le Matin</h1>', "Panne chez Nuage"),
        (
            '<meta property="og:title" content=""><meta property="og:title" content="Panne"><h1>x</h1>',
            "Panne",
        ),
        ("<title>Panne</title><h1>Autre</h1>", "Panne"),
        ("<p>rien</p>", ""),
        ("<h1> </h1>", ""),
    ],
)
def test_a_page_that_gives_itself_no_title_is_named_by_its_heading(html: str, title: str) -> None:
    assert read_page(html, HERE).title == title


def test_an_article_is_known_by_the_heading_of_a_page_without_a_title() -> None:
    two = LD.format(f"[{ARTICLE}, {{{OTHER}}}]")
    found = read_page(f"<h1>Panne</h1>{two}", HERE)
    assert (found.author, found.published_at) == ("Max Stein", AT)


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ('<base href="https://cdn.org/x/">', "https://cdn.org/x/a"),
        ('<base href="/y/">', "https://news.org/y/a"),
        ('<base target="_top"><base href="/y/"><base href="/z/">', "https://news.org/y/a"),
        ('<base href="javascript:x">', "https://news.org/2026/a"),
        ('<base href="http://[">', "https://news.org/2026/a"),
        ('<BASE HREF="../z/">', "https://news.org/z/a"),
    ],
)
def test_base(base: str, expected: str) -> None:
    html = f'<head>{base}<link rel="canonical" href="a"><link rel="alternate" type="application/json+oembed" href="a"></head><blockquote cite="a">x</blockquote><a href="a">x</a>'  # noqa: E501
    found = read_page(html, HERE)
    assert (found.canonical_url, found.oembed, found.sources, found.links) == (
        expected,
        expected,
        [expected],
        [expected],
    )


@pytest.mark.parametrize(
    "script",
    [
        '// of the page\n{"@type":"Article","author":"Léa","datePublished":"2026-11-20T07:30:00Z"}',
        '/* of the page */ {"@type":"Article","author":"Léa","datePublished":"2026-11-20T07:30:00Z"}',
        r'{"@type":"Article","headline":"L\'abonnement","author":"Léa","datePublished":"2026-11-20T07:30:00Z"}',
        '{"@type":"VideoObject","author":"Léa","uploadDate":"2026-11-20T08:30:00+01:00"}',
    ],
)
def test_linked_data_with_the_liberties_of_scripts(script: str) -> None:
    found = read_page(f'<script type="application/ld+json">{script}</script>', "https://nuage.example/a")
    assert (found.author, found.published_at) == ("Léa", datetime(2026, 11, 20, 7, 30, tzinfo=UTC))
