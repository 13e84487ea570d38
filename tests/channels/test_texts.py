"""The text as it was approved, beside the page as a reader gets it: equal, but for what the preview of the approval showed.

The reader's side shares no code with the adapters: the page of the site over HTTP without a login, the room as a member's client
gets it.
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from sangfroid.outbound.letter import Letter, Receipt
from tests.channels.conftest import RealDesk, Servers

pytestmark = pytest.mark.channel

TEXTS = {
    "brackets": "Le service [en cours de rétablissement] revient à midi (heure de Paris).",
    "a shortcode of WordPress": "Voir [gallery ids=\"1,2\"] et [caption]une légende[/caption] ci-dessous.",
    "a shortcode of Contact Form 7": "Écrivez-nous : [contact-form-7 id=\"42\" title=\"Contact\"].",
    "a shortcode of WPForms": "Le formulaire [wpforms id=\"7\"] reste ouvert.",
    "a shortcode of WooCommerce": "Les produits [products limit=\"4\"] ne sont pas touchés.",
    "a shortcode of Elementor": "Modèle [elementor-template id=\"12\"].",
    "shortcodes of a page builder": "[su_box title=\"Note\"]Aucune donnée[/su_box] [button]Cliquez[/button]",
    "doubled brackets": "Une référence [[nom]] et [toc] dans le texte.",
    "a placeholder": "Bonjour {{nom}}, ici %%sitename%%.",
    "an address of a player": "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
    "an embed": "[embed]https://www.youtube.com/watch?v=dQw4w9WgXcQ[/embed]",
    "quotes": "Il a dit \"oui\" et 'non', l'après-midi du 5'6\".",
    "dashes": "Une pause -- puis une autre --- et un tiret - simple.",
    "points": "Nous cherchons... (c) (tm) (r) +- 1/2",
    "a cross": "Un écran de 1920x1080, soit 2x3.",
    "its own name": "Wordpress, WordPress et wordpress.",
    "smileys": "Merci :) ;-) 8-) :mrgreen: :lol: <3",
    "emoji": "Merci 🙏 👨‍👩‍👧‍👦 🇫🇷 1️⃣ ❤️ ☀",
    "names of emoji": "Un :smile: et un :+1: restent des mots.",
    "HTML": "<b>gras</b> <script>alert(1)</script> <img src=x onerror=alert(1)> <!-- rien -->",
    "entities": "AT&T, &amp; &lt;b&gt; &#91;nom&#93; &nbsp; &eacute;",
    "a block of WordPress": "<!-- wp:html --><p>x</p><!-- /wp:html --> <!--more--> <!--nextpage-->",
    "Markdown": "**gras** _italique_ `code` ~~barré~~ [lien](https://nuage.example/x) ![image](y)",
    "a heading and lists": "# Titre\n- un\n- deux\n1. trois\n> cité\n---",
    "a table": "| a | b |\n|---|---|\n| 1 | 2 |",
    "a code block": "```\nrm -rf /\n```\n    quatre blancs",
    "mentions": "@room @channel @everyone @here @newsroom:example.test @newsroom #annonces !salle",
    "a command": "/me est désolé\n/topic rien",
    "a link": "Les mesures : https://status.example.test/paiements?jour=1&langue=fr#midi",
    "a link with brackets": "https://fr.wikipedia.org/wiki/Nuage_(informatique), (voir https://fr.wikipedia.org/wiki/Nuage).",
    "links before signs": "« https://nuage.example/a » “https://nuage.example/b” https://nuage.example/c… **https://nuage.example/d**",
    "a link with square brackets": "https://nuage.example/?a[]=1&b[nom]=2 et https://nuage.example/[nom]",
    "an address of mail": "Écrivez à presse@nuage.example ou www.nuage.example.",
    "amounts": "12 500 € · 3,5 % · 7 h 40 – 9 h · n° 5",
    "backslashes": r"C:\nuage\[nom]\n \* \\ \"oui\"",
    "mathematics": "5*3*2 = 30, a_b_c, 2^8, x<y>z, $PATH, ${x}, {x}, $$x$$, \\(x\\)",
    "paragraphs": "Un.\n\nDeux.\nTrois.\n\n\n\nQuatre.",
    "tabs and blanks": "a\tb  c   d\n  e",
    "right to left": "مرحبا بكم — שלום — Bonjour",
    "Japanese": "ご迷惑をおかけし、申し訳ございません。「原因」は特定済みです！",
    "letters with marks": "E\u0301te\u0301, Å, ﬁ, ①, Ⅳ",
    "signs of prices and law": "© ® ™ § ¶ † ½ ± × ÷ ≤ ∞ № ℃",
    "regular expressions": "^[a-z]+$ (?<=x)y|z {1,2} \\d+",
    "JSON": '{"nom": "Ana", "liste": [1, 2], "vide": null}',
    "a query": "'; DROP TABLE wp_posts; -- SELECT * FROM x WHERE a='b'",
}  # fmt: skip
"""Forty odd kinds of texts that something between a desk and a reader takes for something else."""

SEEN: list[tuple[str, str, str, str]] = []


class Page(HTMLParser):
    """The words within the first element of a class, as a browser would show them; and the links there."""

    VOID = frozenset(("br", "img", "hr", "input", "meta", "link"))

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind, self.depth, self.done = kind, 0, False
        self.words = ""
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self.depth:
            self.words += "\n" if tag in ("p", "br", "div", "li") else ""
            self.links += [given["href"] or ""] if tag == "a" and "href" in given else []
        if self.depth and tag not in self.VOID:
            self.depth += 1
        elif not self.done and self.kind in (given.get("class") or "").split():
            self.depth = 1

    def handle_endtag(self, tag: str) -> None:
        if self.depth and tag not in self.VOID:
            self.depth -= 1
            self.done = not self.depth

    def handle_data(self, data: str) -> None:
        if self.depth:
            self.words += data


def page(content: str, kind: str) -> Page:
    found = Page(kind)
    found.feed(content)
    found.close()
    return found


def letter(channel: str, name: str, text: str, **more: Any) -> Letter:
    kind = more.pop("kind", "response")
    return Letter(f"texts:{channel}:{name}:{kind}", "texts", kind, channel, "public", "fr", text, **more)


def shown(words: str) -> str:
    return " ".join(words.split())


@pytest.fixture(scope="module", autouse=True)
def table() -> Any:
    yield
    for platform, name, approved, read in SEEN:
        print(f"\n{platform:<18} {name:<30} {'equal' if shown(approved) == shown(read) else 'DIFFERS'}")  # noqa: T201
        print(f"    approved: {approved!r}\n    read:     {read!r}")  # noqa: T201
    equal = sum(shown(approved) == shown(read) for _, _, approved, read in SEEN)
    print(f"\n{equal} of {len(SEEN)} texts are read as they were approved")  # noqa: T201


@pytest.mark.parametrize("name", TEXTS)
def test_a_page_of_the_newsroom_says_what_was_approved(desk: RealDesk, servers: Servers, name: str) -> None:
    text, adapter, server = TEXTS[name], desk.adapters["newsroom"], servers.servers["newsroom"]
    sent = letter("newsroom", name, text, subject=" ".join(text.split())[:100])
    receipt = adapter.publish(sent)
    got = httpx.get(f"http://127.0.0.1:{server.port}/?p={receipt.external_id}", follow_redirects=True).text
    body = page(got, "entry-content")
    assert "Share this" in body.words, "the plugins of the site have had their turn"
    read = body.words.partition("Share this")[0]
    SEEN.append(("WordPress page", name, text, read))
    assert shown(read) == shown(text)
    headline = page(got, "wp-block-post-title").words
    assert shown(headline) == shown(sent.headline)
    SEEN.append(("WordPress title", name, sent.headline, headline))
    assert adapter.read_back(sent, receipt).external_id == receipt.external_id


@pytest.mark.parametrize(
    "name", ["brackets", "doubled brackets", "smileys", "quotes", "a link with brackets", "HTML", "entities"]
)
def test_so_does_a_comment(desk: RealDesk, servers: Servers, name: str) -> None:
    place, server = servers.places["newsroom"], servers.servers["newsroom"]
    adapter, text = desk.adapters["newsroom"], TEXTS[name]
    assert place.foreign is not None
    sent = letter("newsroom", name, text, kind="answer", answers=place.foreign(f"Et alors ? {name}"))
    receipt = adapter.publish(sent)
    number = receipt.external_id.removeprefix("comment-")
    url = f"http://127.0.0.1:{server.port}/?rest_route=/wp/v2/comments/{number}"
    rendered = httpx.get(url).json()["content"]["rendered"]
    read = page(f'<div class="c">{rendered}</div>', "c").words
    SEEN.append(("WordPress comment", name, text, read))
    assert shown(read) == shown(text)
    assert adapter.read_back(sent, receipt).external_id == receipt.external_id


def test_links_lead_where_the_words_say(desk: RealDesk, servers: Servers) -> None:
    server, text = servers.servers["newsroom"], TEXTS["a link with brackets"]
    receipt = desk.adapters["newsroom"].publish(letter("newsroom", "links", text))
    got = httpx.get(f"http://127.0.0.1:{server.port}/?p={receipt.external_id}", follow_redirects=True).text
    assert page(got, "entry-content").links == [
        "https://fr.wikipedia.org/wiki/Nuage_(informatique)", "https://fr.wikipedia.org/wiki/Nuage",
    ]  # fmt: skip


def test_what_a_plugin_changes_in_a_published_page_is_seen(desk: RealDesk, servers: Servers) -> None:
    """An editor brings a shortcode in: what is kept shows it, what readers get does not."""
    server, adapter = servers.servers["newsroom"], desk.adapters["newsroom"]
    sent = letter("newsroom", "changed", "Le service [nom] revient.")
    receipt = adapter.publish(sent)
    site = httpx.Client(
        base_url=f"http://127.0.0.1:{server.port}/", auth=(server.username, server.application_password)
    )
    route = {"rest_route": f"/wp/v2/posts/{receipt.external_id}"}
    site.post("", params=route, json={"content": "<p>Le service [nom] revient.</p>"}).raise_for_status()
    with pytest.raises(Exception, match="not what was sent"):
        adapter.read_back(sent, Receipt(receipt.external_id))


@pytest.mark.parametrize("name", TEXTS)
def test_a_message_in_the_room_says_what_was_approved_and_calls_nobody(
    desk: RealDesk, servers: Servers, name: str
) -> None:
    text, adapter, server = TEXTS[name], desk.adapters["matrix"], servers.servers["matrix"]
    sent = letter("matrix", name, text)
    receipt = adapter.publish(sent)
    base = f"http://127.0.0.1:{server.port}/_matrix/client/v3"
    reader = {"authorization": f"Bearer {server.reader_token}"}
    content = httpx.get(f"{base}/rooms/{server.room_id}/event/{receipt.external_id}", headers=reader).json()[
        "content"
    ]
    SEEN.append(("Matrix", name, text, content["body"]))
    assert content["body"] == text
    assert content["m.mentions"] == {}
    assert not {"format", "formatted_body"} & set(content)
    called = httpx.get(
        f"{base}/notifications", params={"only": "highlight", "limit": "200"}, headers=reader
    ).json()
    assert receipt.external_id not in [one["event"]["event_id"] for one in called["notifications"]]
    assert adapter.read_back(sent, receipt) == receipt
