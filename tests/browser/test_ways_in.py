"""Ways into the page from elsewhere (a bookmarklet, the Share menu of a phone), and pictures of the evidence in it."""

from __future__ import annotations

import struct
import zlib
from typing import Any
from urllib.parse import unquote, urlencode

import httpx

from tests.support.crisis_through_the_page import responding
from tests.support.people_in_browsers import Desk, Person

POST = "https://forum.example/t/4711?page=2#last"
SAID = "La mise à jour a effacé mes photos & mes albums."


def shared(person: Person) -> dict[str, str]:
    """What the report form holds."""
    person.page.get_by_label(person.t("report.url")).first.wait_for()
    fields = person.page.locator("textarea, input, select")
    return {
        name: person.page.get_by_label(person.t(f"report.{name}")).and_(fields).first.input_value()
        for name in ("url", "text", "platform")
    }


def test_the_bookmarklet_brings_address_and_selection_from_any_page(desk: Desk, language: str) -> None:
    ana = desk.person("ana", language)
    ana.place("report")
    ana.page.locator("summary", has_text=ana.t("report.bookmark")).click()
    link = ana.page.get_by_role("link", name=ana.t("report.bookmark_link"))
    code = str(link.get_attribute("href"))
    assert code.startswith("javascript:")
    link.click()  # it is for dragging: pressed here, it does nothing
    assert ana.page.url.endswith("#/report")

    def elsewhere(route: Any) -> None:
        """A page of somebody else."""
        body = f"<!doctype html><meta charset=utf-8><title>forum</title><p id=said>{SAID.replace('&', '&amp;')}</p>"
        route.fulfill(content_type="text/html; charset=utf-8", body=body)

    there = ana.context.new_page()
    there.route("https://forum.example/**", elsewhere)
    there.goto(POST)
    there.evaluate("getSelection().selectAllChildren(document.getElementById('said'))")
    with ana.context.expect_page() as opened:
        there.evaluate(unquote(code.removeprefix("javascript:")))
    ana.page = opened.value
    ana.page.on("pageerror", lambda error: desk.complaints.append(str(error)))
    # A tab from elsewhere knows nobody: whoever opens it says who they are, and what was brought is there.
    ana.sign_in()
    assert shared(ana) == {"url": POST, "text": SAID, "platform": "forum"}
    assert "?" not in ana.page.url, "a reload brings nothing a second time"


def test_a_phone_shares_to_the_page(desk: Desk) -> None:
    ana = desk.person("ana", "en", viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    place = ana.page.locator("link[rel=manifest]").get_attribute("href")
    answer = httpx.get(f"{desk.address}{place}")
    assert answer.headers["content-type"].startswith("application/manifest+json")
    manifest = answer.json()
    assert manifest["display"] == "standalone"
    for icon in manifest["icons"]:
        assert httpx.get(f"{desk.address}{icon['src']}").headers["content-type"] == icon["type"]
    target = manifest["share_target"]
    assert target["method"] == "GET", (
        "a form that is posted would reach a server that does not know the person"
    )

    def share(**given: str) -> dict[str, str]:
        """As the system opens the page: the manifest's address with what was shared, under the manifest's names."""
        query = urlencode({target["params"][name]: text for name, text in given.items()})
        ana.page.goto(f"{desk.address}{target['action']}?{query}")
        ana.page.locator("header.head").wait_for()
        return shared(ana)

    assert share(title="Forum", text=SAID, url=POST) == {"url": POST, "text": SAID, "platform": "forum"}
    ana.page.evaluate("sessionStorage.removeItem('kept:ana:report')")
    # Most apps of Android put the address into the text.
    sent = share(text=f"Look at this https://x.com/lea/status/1 {SAID}")
    assert (sent["url"], sent["platform"]) == ("https://x.com/lea/status/1", "x")
    assert SAID in sent["text"]


def test_a_picture_of_the_evidence_is_shown_without_another_host(desk: Desk) -> None:
    ana, _ = responding(desk, "fr")
    asked: list[str] = []
    ana.page.on("request", lambda request: asked.append(request.url))
    ana.page.locator("nav.tabs a", has_text=ana.t("case.view_evidence")).click()
    picture = {"name": "capture.png", "mimeType": "image/png", "buffer": png(3, 2)}
    for file in (
        picture,
        {"name": "page.html", "mimeType": "text/html", "buffer": b"<script>hit=1</script>"},
    ):
        ana.page.locator("input[type=file]").set_input_files(files=[file])  # type: ignore[list-item]
        ana.press("evidence.keep")
        ana.page.locator("main bdi", has_text=str(file["name"])).wait_for()
    shows = ana.page.get_by_role("button", name=ana.t("evidence.show"))
    assert shows.count() == 1, "what could run is for saving alone"
    assert ana.page.locator("main img").count() == 0, "nobody sees a picture who has not asked for it"
    shows.click()
    shown = ana.page.locator("main img")
    shown.wait_for()
    ana.until("document.querySelector('main img').complete")
    assert shown.evaluate("one => [one.naturalWidth, one.naturalHeight]") == [3, 2]
    assert str(shown.get_attribute("src")).startswith("blob:")
    assert shown.get_attribute("alt") == ana.t("evidence.picture", name="capture.png")
    ana.press("evidence.hide")
    shown.wait_for(state="detached")
    hosts = {url.split("/")[2] for url in asked if not url.startswith(("blob:", "data:"))}
    assert hosts == {desk.address.split("/")[2]}


def png(width: int, height: int) -> bytes:
    """A whole picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x20\x60\x80" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
