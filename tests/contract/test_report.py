"""The report after the crisis (R7): complete, true, in two languages, and safe to open whatever strangers wrote."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest

from sangfroid.http import report, report_page
from tests.contract.desk import Answer, Desk
from tests.contract.desk import report as body_of

EVIL = """<script>alert(1)</script>"'><img src=x onerror=alert(2)>&{{7*7}}</style><svg onload=alert(3)>"""
JSON_FORM = {"accept": "application/json", "accept-language": "en"}


class Reader(HTMLParser):
    """What a browser would make of the page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(desk: Desk, case_id: str, **headers: str) -> Answer:
    answer = desk.call("GET", f"/cases/{case_id}/report", headers=dict(headers), roles=["auditor"])
    assert answer.status == 200
    return answer


def through(desk: Desk) -> str:
    """A case 2 that went its whole way: approved in time, published five hours late, closed."""
    case_id = desk.classified(2)
    desk.reviewed(case_id, desk.written(case_id))
    keys = desk.planned(case_id)
    desk.advance(hours=52)
    desk.call("POST", f"/cases/{case_id}/deliveries/{keys[0]}", {"state": "manual", "note": "login lost"})
    desk.published(case_id)
    assert desk.duty(case_id, "C2.1").status == 200
    desk.announced(case_id)
    assert desk.closed(case_id).status == 200
    return case_id


def test_a_closed_case_tells_the_whole_story(desk: Desk) -> None:
    case_id = through(desk)
    data = read(desk, case_id, **JSON_FORM).json
    assert data["interim"] is False
    assert (data["root_cause"], data["lessons"]) == ("A disk array failed.", "Tell customers sooner.")
    assert data["measures"] == [{"text": "A second array", "owner": "dev", "due": "2027-01-31"}]
    ready, out, first_word = data["clocks"]
    assert (first_word["id"], first_word["state"]) == ("first_word", "met_late")
    assert (ready["state"], ready["seconds_late"]) == ("met", -11 * 3600)
    assert (out["state"], out["seconds_late"], out["result"]) == ("met_late", 5 * 3600, "met, 5 h late")
    assert data["timeline"]["intact"] is True
    assert data["timeline"]["events"] == len(data["events"])
    assert data["responses"][0]["approvals"][0]["by"] == "emma"
    assert data["responses"][0]["texts"]["fr"].startswith("Nous sommes")
    assert {publication["url"] for publication in data["publications"]} >= {
        f"https://news.example/{case_id}:v1:x:fr"
    }
    trace = next(duty for duty in data["duties"] if duty["id"] == "C2.1")
    assert (trace["state"], trace["by"], trace["evidence"]) == ("done", "ana", "https://wiki.example/1")
    assert data["summary"].startswith("Nuage SA: case 2, ")
    assert "Response ready (12 h): kept, 11 h early." in data["worked"]
    assert "32 publications confirmed by a person." in data["worked"]
    assert "Response published (48 h): 5 h late." in data["late"]
    assert any(line.startswith("C2.4") and line.endswith("done 5 h late.") for line in data["late"])


def test_the_page_says_what_the_data_says(desk: Desk) -> None:
    case_id = through(desk)
    answer = read(
        desk, case_id, **{"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "accept-language": "en"}
    )
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = Reader(answer.text)
    assert page.open == []
    for words in (
        "Crisis report",
        "A disk array failed.",
        "Tell customers sooner.",
        "A second array",
        "2027-01-31",
        "kept, 11 h early",
        "met, 5 h late",
        "Emma Laurent",
        f"https://news.example/{case_id}:v1:newsroom:fr",
        "Verified:",
        "We are sorry: the outage is our fault.",
    ):
        assert words in page.text, words
    assert "Interim" not in page.text


def test_an_open_case_has_an_interim_report_in_the_reader_s_language(desk: Desk) -> None:
    case_id = desk.classified(2)
    desk.advance(hours=13)
    french = Reader(read(desk, case_id, **{"accept-language": "fr"}).text).text
    assert "Rapport intermédiaire" in french
    assert "Chronologie" in french
    data = read(desk, case_id, **JSON_FORM).json
    assert data["interim"] is True
    assert data["clocks"][0]["seconds_late"] == 2 * 3600
    assert data["clocks"][1]["seconds_late"] is None


def test_every_state_of_a_case_has_a_report(desk: Desk) -> None:
    ids = {}
    for name, case in (("rival", 4), ("smallest", 1), ("outage", None)):
        ids[name] = case_id = desk.reported(name)
        assert Reader(read(desk, case_id).text).open == []
        desk.call("POST", f"/cases/{case_id}/triage", {"case": case, "reason": "so it is"})
        assert Reader(read(desk, case_id).text).open == []
    rival = ids["rival"]
    no = {"reason": EVIL, "reopen_if": ["press"]}
    assert desk.call("POST", f"/cases/{rival}/no-response", no, roles=["responder"], sub="ana").status == 202
    assert desk.call("POST", f"/cases/{rival}/no-response", no, roles=["approver"], sub="emma").status == 200
    page = Reader(read(desk, rival, **{"accept-language": "en"}).text)
    assert "Proposed by Ana Ferreira, confirmed by Emma Laurent: <script>" in page.text


def test_nothing_that_strangers_or_colleagues_wrote_runs(desk: Desk) -> None:
    body = body_of("outage") | {"notes": EVIL}
    body["message"] |= {"text": EVIL, "url": 'https://x.example/"onclick="alert(1)'}
    case_id = desk.call("POST", "/incidents", body).json["case_id"]
    desk.call("POST", f"/cases/{case_id}/triage", {"case": 2, "reason": EVIL}, sub="ben")
    desk.reviewed(case_id, desk.written(case_id, texts={"fr": EVIL, "en": EVIL}), by="emma")
    desk.duty(case_id, "C2.1", evidence="javascript:alert(1)", note="data:text/html," + EVIL)
    keys = desk.planned(case_id)
    for key, url in zip(
        keys, ['https://x.example/"onclick="alert(1)', "javascript:alert(1)", EVIL], strict=False
    ):
        body = {"state": "published", "url": url}
        assert desk.call("POST", f"/cases/{case_id}/deliveries/{key}", body).status == 200
    for language in ("fr", "en"):
        answer = read(desk, case_id, **{"accept-language": language})
        page = Reader(answer.text)
        assert page.open == []
        assert not {"script", "img", "svg", "iframe", "object", "link", "form"} & set(page.tags)
        names = {name for name, _ in page.attributes}
        assert names <= {
            "lang",
            "charset",
            "name",
            "content",
            "scope",
            "class",
            "datetime",
            "href",
            "rel",
            "role",
        }
        assert all(
            str(value).startswith(("https://", "http://"))
            for name, value in page.attributes
            if name == "href"
        )
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert EVIL in page.text


def test_a_broken_timeline_is_said_out_loud(desk: Desk) -> None:
    case_id = desk.classified(2)
    table = desk.client
    key = {"pk": {"S": f"CASE#{case_id}#TIMELINE"}, "sk": {"S": "00000002"}}
    table.update_item(
        TableName="sangfroid-test",
        Key=key,
        UpdateExpression="SET #by = :by",
        ExpressionAttributeNames={"#by": "by"},
        ExpressionAttributeValues={":by": {"S": "nobody"}},
    )
    assert read(desk, case_id, **JSON_FORM).json["timeline"]["intact"] is False
    page = read(desk, case_id, **{"accept-language": "en"}).text
    assert "WARNING: the chain is broken. event 2 was changed" in page


@pytest.mark.parametrize(
    ("accept", "is_json"),
    [
        ("application/json", True),
        ("text/html;q=0.5, application/json;q=0.9", True),
        ("text/html, application/json", False),
        ("*/*", False),
        ("", False),
        ("application/json;q=0", False),
    ],
)
def test_the_form_is_the_one_that_is_preferred(desk: Desk, accept: str, is_json: bool) -> None:
    answer = read(desk, desk.reported(), accept=accept)
    assert answer.headers["content-type"].startswith("application/json" if is_json else "text/html")
    assert "Accept" in answer.headers["vary"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59, "59 s"), (3600, "1 h"), (12_000, "3 h 20 min"), (90_061, "1 d 1 h"), (172_800, "2 d")],
)
def test_durations_are_read_at_a_glance(seconds: int, text: str) -> None:
    assert report.duration(seconds, report.words("en")) == text


def test_both_languages_have_the_same_words() -> None:
    def shape(words: Any) -> Any:
        return {name: shape(inner) for name, inner in words.items()} if isinstance(words, dict) else ""

    assert shape(report.words("fr")) == shape(report.words("en"))
    assert report_page.HEADERS["Cache-Control"] == "no-store"
