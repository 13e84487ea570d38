"""The command that verifies a timeline, on a file and over HTTP."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.desk import Desk
from tools.verify_timeline import Unreadable, from_bucket, from_url, main


def document(desk: Desk) -> dict[str, Any]:
    answer: dict[str, Any] = desk.call("GET", f"/cases/{desk.classified(2)}/timeline").json
    return answer


def saved(tmp_path: Path, content: Any) -> str:
    path = tmp_path / "timeline.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return str(path)


def test_an_intact_file(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    timeline = document(desk)
    capsys.readouterr()
    assert main([saved(tmp_path, timeline)]) == 0
    assert (
        capsys.readouterr().out
        == f"intact: {len(timeline['events'])} events, ends with {timeline['head']['hash']}\n"
    )


@pytest.mark.parametrize("fault", ["changed", "missing", "swapped", "cut off", "added"])
def test_a_broken_file(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str], fault: str) -> None:
    timeline = document(desk)
    events = timeline["events"]
    if fault == "changed":
        events[2]["at"] = "2026-11-20T09:00:01Z"
    elif fault == "missing":
        del events[1]
    elif fault == "swapped":
        events[0], events[1] = events[1], events[0]
    elif fault == "cut off":
        events.pop()
    else:
        events.append(events[-1])
    capsys.readouterr()
    assert main([saved(tmp_path, timeline)]) == 1
    assert capsys.readouterr().out.startswith("BROKEN: ")


@pytest.mark.parametrize("content", ["{", "[]", '{"events": 1}', '{"events": [1]}'])
def test_a_file_that_is_no_timeline(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str) -> None:
    assert main([saved(tmp_path, content)]) == 1
    assert main([str(tmp_path / "nowhere.json")]) == 1
    assert capsys.readouterr().err.count("nothing verified") == 2


def test_over_http_page_by_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sangfroid.http.documents.LARGEST", 2_000)
    case_id = desk.classified(2)
    asked: list[httpx.URL] = []

    def serve(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        assert request.headers["authorization"] == "Bearer t"
        answer = desk.call("GET", request.url.path, query=dict(request.url.params))
        return httpx.Response(answer.status, text=answer.text)

    http = httpx.Client(transport=httpx.MockTransport(serve))
    whole = from_url("http://desk.example/", case_id, "t", http)
    assert len(asked) > 1
    assert [event["seq"] for event in whole["events"]] == list(range(1, whole["head"]["seq"] + 1))
    other = httpx.Client(transport=httpx.MockTransport(serve))
    with pytest.raises(Unreadable, match="answered 404: There is no case"):
        from_url("http://desk.example", "case-none", "t", other)


class Bucket:
    """Versions of anchors, as S3 lists and gives them, a page for each."""

    def __init__(self, *documents: bytes) -> None:
        self.documents = documents

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self, **asked: str) -> list[dict[str, Any]]:
        assert asked == {"Bucket": "b", "Prefix": "anchors/case-1/"}
        return [{"Versions": [{"Key": "k", "VersionId": str(n)}]} for n in range(len(self.documents))] + [{}]

    def get_object(self, **asked: str) -> dict[str, Any]:
        return {"Body": io.BytesIO(self.documents[int(asked["VersionId"])])}


def test_every_version_of_every_anchor_is_compared() -> None:
    """A later version hides an earlier one from a plain read, and cannot take it away."""
    said = [json.dumps({"seq": 2, "hash": name}).encode() for name in ("first", "second")]
    assert from_bucket("b", "case-1", Bucket(*said)) == [(2, "first"), (2, "second")]
    with pytest.raises(Unreadable, match="not an anchor"):
        from_bucket("b", "case-1", Bucket(b"{}"))
