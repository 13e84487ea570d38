"""What people and tools send in: something to see (T2), one line where one line is meant (S4), addresses of the web (C6)."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from sangfroid.http.calls.reports import IncidentBody
from sangfroid.http.calls.responses import ResponseBody
from sangfroid.listening import webhooks
from sangfroid.organisation_parts import Source
from sangfroid.triage.report import MAX_TEXT

BODY: dict[str, Any] = {
    "brand": "Nuage SA",
    "message": {"text": "En panne", "platform": "x", "published_at": "2026-11-20T08:00:00Z"},
}
NOTHING = [
    "",
    " ",
    "\u00a0",
    "\u200b",
    "\u2060\ufeff",
    "\u3164",
    "\u2800",
    "\u00ad",
    "\u0301",
    "\n\u2028",
    "\ufe0f",
    "\x1b",
    "\ue000",
]


def refused(body: dict[str, Any]) -> list[str]:
    with pytest.raises(ValidationError) as faults:
        IncidentBody.model_validate(body)
    return [".".join(map(str, fault["loc"])) for fault in faults.value.errors()]


@pytest.mark.parametrize("nothing", NOTHING)
def test_a_text_that_shows_nothing_is_empty(nothing: str) -> None:
    assert refused(BODY | {"message": BODY["message"] | {"text": nothing}}) == ["message.text"]
    assert refused(BODY | {"brand": nothing}) == ["brand"]
    with pytest.raises(ValidationError):
        ResponseBody.model_validate({"texts": {"fr": nothing, "en": "Sorry."}})


@pytest.mark.parametrize("break_", [*"\n\r\t\x0b\x0c\x00\x1b\x7f\x85\u2028\u2029", "\r\nBcc: x@example.org"])
def test_one_line_is_one_line(break_: str) -> None:
    assert refused(BODY | {"brand": f"Nuage{break_}SA"}) == ["brand"]
    author = {"author": {"handle": f"@lea{break_}x"}}
    assert refused(BODY | {"message": BODY["message"] | author}) == ["message.author.handle"]
    assert refused(BODY | {"message": BODY["message"] | {"language": f"fr{break_}"}}) == ["message.language"]
    several = BODY["message"] | {"text": f"a{break_}b"}
    IncidentBody.model_validate(BODY | {"message": several})


TURNED = ["Nuage \u202eAS", "\u2066Nuage", "Nuage\u202c", "\u202dNuage"]


@pytest.mark.parametrize("turned", TURNED)
def test_a_line_reads_as_it_is_written(turned: str) -> None:
    assert refused(BODY | {"brand": turned}) == ["brand"]
    author = {"author": {"handle": turned}}
    read = IncidentBody.model_validate(BODY | {"message": BODY["message"] | author})
    assert read.message is not None
    assert read.message.author is not None
    assert read.message.author.handle in (
        "Nuage AS",
        "Nuage",
    )  # a stranger's name is shown without what turns it
    IncidentBody.model_validate(BODY | {"brand": "\u2067\u05e0\u05d5\u2069 Nuage"})


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)",
    "data:text/html,x", "file:///etc/passwd", "ftp://a.example/",
     "mailto:a@b.example", "//a.example/x", "a.example/x", "http:", "http://", "https:///x", "vbscript:x",
     "blob:https://a.example/1", "http://[", "view-source:https://a.example",
     "https://a.example/\x00", "https://a.example/a b", "https://a.example/\u2028", "",
     "https://.", "http://a..b/", "https://nuage.example@evil.example/", "http://u:p@a.example/", "https://a.example/\u202efdp.exe",
     "https://a\u200b.example/", "https://a.example/\u2066x", "http://-/", "http://-a.example/", "http://%00/", "http://a-/"],
)  # fmt: skip
def test_addresses_of_the_web_alone(url: str) -> None:
    assert refused(BODY | {"message": BODY["message"] | {"url": url}}) == ["message.url"]


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/x",
        "HTTP://A.example",
        "https://münchen.example/é?q=[1]#x",
        "http://a.example:8080/",
        "https://[::1]/",
    ],
)
def test_addresses_of_the_web(url: str) -> None:
    assert IncidentBody.model_validate(BODY | {"message": BODY["message"] | {"url": url}}).message.url == url


# -- listening tools (C4): nobody is there to send it again


def source(**more: Any) -> Source:
    mapping = {
        "message.text": "text", "message.published_at": "at", "message.url": "link",
        "message.author.handle": "who", "brand": "brand", "notes": "notes",
    }  # fmt: skip
    return Source.model_validate(
        {"id": "tool", "format": "mapped", "proof": "token", "platform": "press", "mapping": mapping} | more
    )


def heard(**sent: Any) -> IncidentBody:
    ((body, _),) = webhooks.reports(
        source(), {"brand": "Nuage SA", "text": "En panne", "at": "2026-11-20T08:00:00Z"} | sent
    )
    return IncidentBody.model_validate(body)


@pytest.mark.parametrize(
    "at",
    ["Fri, 20 Nov 2026 08:00:00 +0000", "Fri, 20 Nov 2026 08:00:00 GMT", "1795161600", "1795161600000",
    1795161600, 1795161600000, "1795161600.0", "2026-11-20T08:00:00+00",
     "2026-11-20 08:00:00 +0000", "2026-11-20T08:00:00+0000", "2026-11-20T08:00:00 UTC", "2026-11-20T08:00:00.000z",
     "2026-11-20T09:00:00+01:00[Europe/Paris]"],
)  # fmt: skip
def test_dates_of_tools(at: object) -> None:
    assert heard(at=at).message.published_at.isoformat() == "2026-11-20T08:00:00+00:00"


@pytest.mark.parametrize("at", ["2026-11-20T08:00:00", "yesterday", "20/11/2026"])
def test_a_date_that_names_no_moment_is_refused_with_its_place(at: str) -> None:
    with pytest.raises(ValidationError):
        heard(at=at)


@pytest.mark.parametrize("length", [MAX_TEXT, MAX_TEXT + 1, 25_000, 400_000])
def test_a_long_article_is_kept(length: int) -> None:
    text = heard(text="é" * length).message.text
    assert len(text) <= MAX_TEXT
    assert text.startswith("é" * 19_000)
    assert ("cut here" in text) == (length > MAX_TEXT)


def test_lines_and_addresses_of_tools_are_made_to_fit() -> None:
    report = heard(brand="Nuage\nSA", who="@lea\r\n", link="app://post/1", notes="seen")
    assert (report.brand, report.message.author.handle, report.message.url) == ("Nuage SA", "@lea", None)  # type: ignore[union-attr]
    assert report.notes == "seen\nAddress as sent: app://post/1"


def test_the_same_for_reports_that_a_tool_sends_ready_made() -> None:
    data = BODY | {
        "message": BODY["message"] | {"text": "x" * 30_000, "published_at": "Fri, 20 Nov 2026 08:00:00 GMT"}
    }
    signed = Source.model_validate({"id": "tool", "format": "standard_webhooks"})
    ((body, _),) = webhooks.reports(signed, {"data": data})
    report = IncidentBody.model_validate(body)
    assert len(report.message.text) <= MAX_TEXT
    assert report.message.published_at.hour == 8
