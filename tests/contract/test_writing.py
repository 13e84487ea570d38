"""Writing with help: checks while one writes, two people at once, files of the evidence, search, and what is left afterwards."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from sangfroid.tracing.fetch import Page
from sangfroid.tracing.looking import Looking, platform_of
from sangfroid.tracing.refusals import NotPublic
from sangfroid.tracing.tracer import Tracer
from tests.contract.desk import TEXTS, Desk, report

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


def checked(desk: Desk, case_id: str, **body: Any) -> Any:
    return desk.call("POST", f"/cases/{case_id}/response/check", {"texts": TEXTS} | body, sub="ana")


def test_a_check_finds_what_writing_would_find_and_keeps_nothing(desk: Desk) -> None:
    case_id = desk.classified()
    texts = {"fr": "Nous avons **mal** agi, c'est la faute de [NOM].", "en": TEXTS["en"]}
    before = desk.stored()
    answer = checked(desk, case_id, texts=texts)
    assert answer.status == 200, answer.text
    assert desk.stored() == before
    found = answer.json
    written = desk.written(case_id, texts=texts)
    assert found["findings"] == written["findings"]
    assert found["content_hash"] == written["content_hash"]
    assert found["state"] == written["state"]
    placed = [one for one in found["findings"] if one["start"] is not None]
    assert placed
    for one in placed:
        assert texts[one["language"]][one["start"] : one["end"]] == one["quote"]
    preview = desk.call("GET", f"/cases/{case_id}/response/1/preview").json
    assert [(one["channel"], one["language"], one["posts"], one["fits"]) for one in found["renderings"]] == [
        (one["channel"], one["language"], one["posts"], one["fits"]) for one in preview["renderings"]
    ]


def test_a_check_refuses_what_writing_refuses(desk: Desk) -> None:
    case_id = desk.reported()
    assert checked(desk, case_id).status == 409
    assert checked(desk, "case-unknown").status == 404
    assert checked(desk, case_id, texts={"fr": " "}).status == 422
    assert checked(desk, case_id, texts={}).status == 422


def test_whoever_writes_on_an_older_version_is_told_of_the_newest_and_overwrites_nothing(desk: Desk) -> None:
    case_id = desk.classified()
    path = f"/cases/{case_id}/response"
    assert desk.call("PUT", path, {"texts": TEXTS, "based_on": 0}, sub="ana").status == 201
    other = {"fr": TEXTS["fr"] + " Nous réparons.", "en": TEXTS["en"] + " We repair it."}
    refused = desk.call("PUT", path, {"texts": other, "based_on": 0}, sub="ben")
    assert refused.status == 409
    newest = refused.json["newest"]
    assert (newest["version"], newest["by"], newest["texts"]) == (1, "ana", TEXTS)
    assert newest["at"]
    assert len(desk.case(case_id)["responses"]) == 1
    assert desk.call("PUT", path, {"texts": other, "based_on": 1}, sub="ben").status == 201
    assert desk.call("PUT", path, {"texts": TEXTS, "based_on": 1}, sub="ana").status == 409
    assert desk.call("PUT", path, {"texts": TEXTS, "based_on": 9}, sub="ana").status == 422
    assert desk.call("PUT", path, {"texts": TEXTS}, sub="ana").status == 201


class Shelf:
    """A vault in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def keep(self, key: str, data: bytes, media_type: str, sha256: str, now: Any) -> Any:
        from sangfroid.evidence.vault import Kept

        self.kept[key] = data
        return Kept(key, "v1", now, "GOVERNANCE")

    def read(self, key: str, version: str) -> bytes | None:
        return self.kept.get(key)


@pytest.fixture
def shelf(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    shelf = Shelf()
    monkeypatch.setattr(desk.module.desk.evidence, "_vault", shelf)
    return shelf


def attached(desk: Desk, case_id: str, name: str, media_type: str, data: bytes) -> str:
    body = {"name": name, "media_type": media_type, "data": base64.b64encode(data).decode()}
    answer = desk.call("POST", f"/cases/{case_id}/evidence", body)
    assert answer.status == 201, answer.text
    found: str = answer.json["id"]
    return found


@pytest.mark.usefixtures("shelf")
def test_a_picture_of_the_evidence_is_shown_in_place_and_can_run_nothing(desk: Desk) -> None:
    case_id = desk.reported()
    picture = attached(desk, case_id, "écran.png", "image/png", PNG)
    answer = desk.call("GET", f"/cases/{case_id}/evidence/{picture}/0", roles=["auditor"])
    assert (answer.status, answer.sent) == (200, PNG)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"].startswith("inline")
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    document = attached(desk, case_id, "x.pdf", "application/pdf", b"%PDF-1.7 ...")
    answer = desk.call("GET", f"/cases/{case_id}/evidence/{document}/0", roles=["auditor"])
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    for path in (f"{picture}/1", f"{picture}/-1", "ev-none/0", f"{picture}/x"):
        assert desk.call("GET", f"/cases/{case_id}/evidence/{path}", roles=["auditor"]).status in (404, 422)


def test_bytes_that_are_not_those_that_were_kept_are_not_shown(desk: Desk, shelf: Shelf) -> None:
    case_id = desk.reported()
    picture = attached(desk, case_id, "a.png", "image/png", PNG)
    shelf.kept = dict.fromkeys(shelf.kept, PNG + b"!")
    assert desk.call("GET", f"/cases/{case_id}/evidence/{picture}/0").status == 409
    shelf.kept = {}
    assert desk.call("GET", f"/cases/{case_id}/evidence/{picture}/0").status == 404


def test_a_search_finds_words_whatever_their_case_and_accents(desk: Desk) -> None:
    case_id = desk.reported()
    text = desk.case(case_id)["messages"][0]["text"]
    word = max(text.split(), key=len)
    found = desk.call("GET", "/search", query={"q": word.upper()}).json
    assert [case["id"] for case in found["cases"]] == [case_id] or found["messages"]
    assert found["messages"][0]["case_id"] == case_id
    assert word.lower() in found["messages"][0]["excerpt"].lower()
    assert found["next"] is None
    assert desk.call("GET", "/search", query={"q": "xylophone"}).json["messages"] == []
    for bad in (
        {"q": "x"},
        {"q": "  "},
        {"q": "\u200b\u200b"},
        {"q": "\x00\x00"},
        {"q": "x" * 201},
        {},
        {"q": "ab", "cursor": "zzz"},
    ):
        assert desk.call("GET", "/search", query=bad).status == 422


def test_a_search_reads_a_bounded_number_and_goes_on_where_it_stopped(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sangfroid.acts import reading

    monkeypatch.setattr(reading, "MESSAGES_LOOKED_AT", 2)
    monkeypatch.setattr(reading, "CASES_LOOKED_AT", 2)
    ids = []
    for number in range(3):
        desk.advance(minutes=1)
        words = " ".join(hashlib.sha256(f"{number} {word}".encode()).hexdigest()[:12] for word in range(5))
        message = report("outage")["message"] | {
            "text": f"panne {words}",
            "url": f"https://x.example/{number}",
        }
        ids.append(desk.reported(message=message))
    assert len(set(ids)) == 3
    for number in range(3):
        body = {
            "text": f"encore une panne {number}",
            "platform": "x",
            "published_at": f"2026-11-20T08:5{number}:00Z",
        }
        assert desk.call("POST", f"/cases/{ids[0]}/messages", body).status in (200, 201, 202)
    seen: list[tuple[str, str]] = []
    cases: set[str] = set()
    cursor, turns = None, 0
    while turns < 20:
        query = {"q": "panne"} | ({"cursor": cursor} if cursor else {})
        page = desk.call("GET", "/search", query=query).json
        seen += [(one["case_id"], one["id"]) for one in page["messages"]]
        cases |= {one["id"] for one in page["cases"]}
        cursor, turns = page["next"], turns + 1
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 6
    assert cases == set(ids)
    assert turns > 2


def test_what_closed_cases_leave(desk: Desk) -> None:
    assert desk.call("GET", "/after").json == {
        "measures": [], "lessons": [], "next": None, "trends": {"cases": 0, "by_case": {}, "clocks": {}},
    }  # fmt: skip


class OnePage:
    """A fetcher that knows one page."""

    def __init__(self, body: bytes = b"", status: int = 200) -> None:
        self.body, self.status = body, status
        self.asked: list[str] = []

    def fetch(self, url: str) -> Page:
        self.asked.append(url)
        if not self.body:
            raise NotPublic("It leads to a private network.")
        return Page(url, url, "93.184.216.34", self.status, [], "text/html", self.body)


PAGE = b"""<html><head><title>Nuage est en panne</title><meta name="author" content="Zoe">
<meta property="article:published_time" content="2026-11-20T07:00:00Z"></head>
<body><article><p>Rien ne va plus.</p></article></body></html>"""


@pytest.fixture
def look(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Any:
    def put(page: OnePage) -> OnePage:
        looking = Looking(desk.module.desk.casework, lambda: Tracer(page))
        monkeypatch.setitem(desk.module.app._given, "looking", looking)
        return page

    return put


def test_a_page_is_looked_at_for_correction_and_nothing_is_kept(desk: Desk, look: Any) -> None:
    look(OnePage(PAGE))
    before = desk.stored()
    answer = desk.call("POST", "/reports/look", {"url": "https://blog.example/1"})
    assert answer.status == 200, answer.text
    found = answer.json
    assert "Rien ne va plus." in found["text"]
    assert found["author"] == {"handle": "Zoe"}
    assert found["published_at"] == "2026-11-20T07:00:00Z"
    assert set(found["found"]) == {"author", "published_at"}
    assert desk.stored() == before


def test_what_cannot_be_read_is_said(desk: Desk, look: Any) -> None:
    look(OnePage())
    answer = desk.call("POST", "/reports/look", {"url": "http://169.254.169.254/latest"})
    assert answer.status == 422
    assert answer.json["errors"][0]["pointer"] == "/url"
    look(OnePage(b"<html>no</html>", 404))
    assert desk.call("POST", "/reports/look", {"url": "https://blog.example/1"}).status == 422
    for url in ("javascript:alert(1)", "", "ftp://x.example", 7):
        assert desk.call("POST", "/reports/look", {"url": url}).status == 422


def test_during_a_freeze_no_page_is_fetched(desk: Desk, look: Any) -> None:
    page = look(OnePage(PAGE))
    desk.call("POST", "/freeze", {"reason": "a leak of the roadmap"}, sub="dora")
    assert desk.call("POST", "/reports/look", {"url": "https://blog.example/1"}).status == 409
    assert page.asked == []


@pytest.mark.parametrize(
    ("url", "platform"),
    [
        ("https://x.com/a/status/1", "x"),
        ("https://mobile.twitter.com/a", "x"),
        ("https://notx.com/", "other"),
        ("https://bsky.app/profile/a/post/1", "bluesky"),
        ("https://mastodon.example/@a/112233445566778899", "mastodon"),
        ("https://[", "other"),
    ],
)
def test_the_platform_is_told_by_the_host(url: str, platform: str) -> None:
    assert platform_of(url) == platform


def test_looking_is_refused_where_tracing_is_switched_off(
    desk: Desk, look: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = look(OnePage(PAGE))
    stands_for = desk.module.desk.casework.organisation
    source = vars(stands_for)["_source"]
    off = source().model_copy(update={"thresholds": source().thresholds.model_copy(update={"trace": False})})
    monkeypatch.setitem(vars(stands_for), "_source", lambda: off)
    assert desk.call("POST", "/reports/look", {"url": "https://blog.example/1"}).status == 409
    assert page.asked == []
