"""Tracing and evidence on the whole desk: over HTTP, through the procedure, into the bucket of the template."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from typing import Any

import pytest

from local.stack import Stack
from sangfroid.model import rfc3339
from sangfroid.tracing.fetch import Fetcher
from tests.support.crises import ANA, EIGHT, EMMA, Crisis

PNG = b"\x89PNG\r\n\x1a\npicture"


@pytest.fixture
def stack() -> Stack:
    return Stack.borrow(now=EIGHT)


def reported(stack: Stack, url: str | None) -> Crisis:
    message: dict[str, Any] = {
        "text": "Plus rien ne marche chez Nuage",
        "platform": "bluesky",
        "published_at": rfc3339(EIGHT),
    }
    return Crisis(stack, message=message | ({"url": url} if url else {}))


def attach(crisis: Crisis) -> Any:
    body = {
        "name": "seen.png",
        "media_type": "image/png",
        "data": base64.b64encode(PNG).decode(),
        "note": "as seen",
    }
    return crisis.expect(201, ANA, "POST", "/cases/{case}/evidence", body)


def test_a_page_that_cannot_be_read_is_noted_and_holds_nothing_up(stack: Stack) -> None:
    crisis = reported(stack, "http://169.254.169.254/latest/meta-data/")
    crisis.triage(2)
    (event,) = [event for event in crisis.events if event["kind"] == "source_traced"]
    assert event["data"]["outcome"] == "refused"
    assert "not_public" in event["data"]["reason"]
    assert "not read" in crisis.duty("C2.1")["note"]
    assert crisis.duty("C2.1")["state"] == "open"
    assert crisis.running()[crisis.id] == "RUNNING"


def test_a_trace_that_fails_outright_is_noted_and_the_crisis_goes_on(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(Fetcher, "fetch", broken)
    crisis = reported(stack, "https://bsky.app/profile/bob.test/post/3k2")
    crisis.advance(minutes=10)
    assert crisis.happened("source_traced") == []
    crisis.triage(2)
    crisis.approve()
    assert crisis.clock("response_ready")["state"] == "met"


def test_where_the_function_cannot_be_called_the_case_says_so_and_goes_on(stack: Stack) -> None:
    stack.request("POST", "/_local/faults", [{"point": "function:trace", "mode": "throttle", "times": 50}])
    crisis = reported(stack, None)
    crisis.advance(minutes=5)
    crisis.triage(2)
    crisis.approve()
    assert crisis.clock("response_ready")["state"] == "met"


def test_a_leak_is_never_fetched(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(Fetcher, "fetch", lambda _self, url: asked.append(url))
    message = {
        "text": "all our contracts are online",
        "platform": "forum",
        "published_at": rfc3339(EIGHT),
        "url": "https://paste.org/x",
    }
    crisis = Crisis(stack, message=message, asserted={"confidential_leak": True})
    (event,) = [event for event in crisis.events if event["kind"] == "source_traced"]
    assert event["data"]["outcome"] == "skipped"
    assert asked == []


def test_what_a_person_attaches_is_listed_packed_and_locked(stack: Stack) -> None:
    crisis = reported(stack, None)
    kept = attach(crisis)
    listed = crisis.expect(200, EMMA, "GET", "/cases/{case}/evidence")["evidence"]
    assert listed == [kept]
    assert kept["files"][0]["sha256"] == hashlib.sha256(PNG).hexdigest()
    answer = crisis.call(EMMA, "GET", "/cases/{case}/evidence/pack")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.read(f"evidence/{kept['id']}/seen.png") == PNG
        assert json.loads(archive.read("verification.json"))["intact"] is True
    names = [one["Name"] for one in stack.client("s3").list_buckets()["Buckets"]]
    (bucket,) = [name for name in names if "evidence" in name]
    held = stack.client("s3").head_object(Bucket=bucket, Key=kept["files"][0]["key"])
    assert held["ObjectLockMode"] == "COMPLIANCE"


def test_two_cases_are_merged_and_one_is_split_over_http(stack: Stack) -> None:
    one = reported(stack, None)
    text = "Impossible de me connecter au portail depuis la mise à jour de mardi"
    two = Crisis(stack, message={"text": text, "platform": "x", "published_at": rfc3339(EIGHT)})
    assert one.id != two.id
    merged = one.expect(200, ANA, "POST", "/cases/{case}/merge", {"into": two.id, "reason": "one event"})
    assert (merged["id"], merged["message_count"], merged["links"]) == (two.id, 2, {"merged_from": [one.id]})
    assert one.document["links"] == {"merged_into": two.id}
    one.advance(minutes=1)
    assert one.running()[one.id] == "SUCCEEDED", "its procedure ended with it"
    moved = next(message for message in merged["messages"] if message["text"] != text)
    fresh = two.expect(
        201, ANA, "POST", "/cases/{case}/split", {"messages": [moved["id"]], "reason": "two after all"}
    )
    assert fresh["links"] == {"split_from": two.id}
    assert [entry["status"] for entry in stack.executions() if entry["name"] == fresh["id"]] == ["RUNNING"]
