"""Webhooks of listening tools: proven, mapped, taken in once; otherwise refused with nothing stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from local.seed import LISTENING_SECRET
from sangfroid.outbound.channels.webhook import sign
from tests.contract.desk import Answer, Desk

MESSAGE = {"text": "Tout est en panne !", "platform": "x", "published_at": "2026-11-20T08:00:00Z"}
STANDARD = {"type": "message.found", "data": {"message": MESSAGE}}
MENTION = {
    "mention": {
        "description": "Nuage ne répond plus", "url": "https://example.org/1", "language": "fr",
        "source_type": "Twitter", "published_at": "2026-11-20T09:00:00.0+0100", "author": {"name": "@lea"},
    }
}  # fmt: skip
BRANDWATCH = {
    "mentions": [
        {"fullText": "Panne chez Nuage", "contentSource": "twitter", "date": "2026-11-20T08:10:00.000+0000",
         "author": "@lea", "twitterFollowers": 1200, "url": "https://x.example/1"},
        {"fullText": "Encore Nuage", "contentSource": "tumblr", "date": "2026-11-20T08:20:00.000+0000"},
    ]
}  # fmt: skip
TALKWALKER = {
    "result_content": {
        "data": [
            {"data": {"content": "Nuage est tombé", "published": 1795161600000, "source_type": ["BLOG"]}}
        ]
    }
}


@pytest.fixture(autouse=True)
def _secrets(desk: Desk) -> Iterator[None]:
    """The secrets of the example's sources."""
    client = boto3.client("secretsmanager")
    names = [f"sangfroid/listening/{name}" for name in ("own-tool", "mention", "brandwatch", "talkwalker")]
    for name in names:
        secret = {"secret": LISTENING_SECRET, "token": LISTENING_SECRET}
        client.create_secret(Name=name, SecretString=json.dumps(secret))
    desk.module.secrets.forget()
    yield
    for name in names:
        client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


def send(
    desk: Desk, source: str, document: Any, *, id_: str = "msg_1", late: int = 0, **headers: str
) -> Answer:
    """A signed webhook; `headers` in the place of the signed ones (`_` for `-`)."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    at = int(desk.now.timestamp()) - late
    signed: dict[str, str | None] = {
        "authorization": None,
        "webhook-id": id_,
        "webhook-timestamp": str(at),
        "webhook-signature": sign(LISTENING_SECRET, id_, at, body),
    }
    signed |= {name.replace("_", "-"): value for name, value in headers.items()}
    return desk.call("POST", f"/webhooks/{source}", raw=body, headers=signed)


def test_a_signed_webhook_becomes_a_report_once(desk: Desk) -> None:
    first = send(desk, "own-tool", STANDARD)
    assert first.status == 202, first.text
    (taken,) = first.json["reports"]
    case = desk.case(taken["case_id"])
    assert (case["brand"], case["opened_by"]) == ("Nuage SA", "webhook:own-tool")
    assert case["messages"][0]["text"] == MESSAGE["text"]
    before = desk.stored()
    desk.advance(minutes=1)
    assert send(desk, "own-tool", STANDARD).json == first.json
    assert desk.stored() == before
    other = STANDARD | {"data": {"message": MESSAGE | {"text": "Autre chose"}}}
    assert send(desk, "own-tool", other).status == 422
    assert desk.stored() == before


@pytest.mark.parametrize(
    ("source", "alert", "expected"),
    [
        ("mention", MENTION, [("Nuage ne répond plus", "x", "2026-11-20T08:00:00Z")]),
        ("brandwatch", BRANDWATCH, [("Panne chez Nuage", "x", "2026-11-20T08:10:00Z"),
                                    ("Encore Nuage", "other", "2026-11-20T08:20:00Z")]),
        ("talkwalker", TALKWALKER, [("Nuage est tombé", "blog", "2026-11-20T08:00:00Z")]),
    ],
)  # fmt: skip
def test_alerts_of_known_tools_are_mapped(
    desk: Desk, source: str, alert: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    answer = send(desk, source, alert, x_webhook_token=LISTENING_SECRET)
    assert answer.status == 202, answer.text
    taken = answer.json["reports"]
    assert len(taken) == len(expected)
    found = {
        (message["text"], message["platform"], message["published_at"])
        for case_id in {one["case_id"] for one in taken}
        for message in desk.case(case_id)["messages"]
    }
    assert found == set(expected)
    before = desk.stored()
    assert send(desk, source, alert, x_webhook_token=LISTENING_SECRET).json == answer.json
    assert desk.stored() == before


@pytest.mark.parametrize(
    ("source", "given"),
    [
        ("own-tool", {"webhook_signature": "v1,AAAA"}),
        ("own-tool", {"webhook_signature": "é"}),
        ("own-tool", {"webhook_id": "msg_2"}),
        ("own-tool", {"webhook_timestamp": "soon"}),
        ("own-tool", {"webhook_signature": "", "x_webhook_token": LISTENING_SECRET}),
        ("mention", {}),
        ("mention", {"x_webhook_token": "guessed"}),
    ],
)
def test_what_is_not_proven_is_refused_and_nothing_is_stored(
    desk: Desk, source: str, given: dict[str, str]
) -> None:
    for body in (STANDARD, b"\xff not json"):
        answer = send(desk, source, body, **given)
        assert (answer.status, answer.headers["content-type"]) == (401, "application/problem+json")
    assert desk.stored() == {}


def test_an_old_webhook_is_not_taken_in_again(desk: Desk) -> None:
    assert send(desk, "own-tool", STANDARD, late=301).status == 401
    assert send(desk, "own-tool", STANDARD, late=-301).status == 401
    assert send(desk, "own-tool", STANDARD, late=299).status == 202


def test_a_source_without_a_secret_proves_nothing(desk: Desk) -> None:
    boto3.client("secretsmanager").put_secret_value(
        SecretId="sangfroid/listening/mention", SecretString=json.dumps({"token": ""})
    )
    assert send(desk, "mention", MENTION, x_webhook_token="").status == 401


@pytest.mark.parametrize(
    ("source", "body", "status", "pointers"),
    [
        ("own-tool", {"type": "message.found"}, 422, ["/data"]),
        ("own-tool", {"data": {"message": {"text": ""}}}, 422,
         ["/data/message/text", "/data/message/platform", "/data/message/published_at"]),
        ("own-tool", {"data": {"message": MESSAGE | {"published_at": "2036-11-20T08:00:00Z"}}}, 422,
         ["/data/message/published_at"]),
        ("own-tool", b"{", 400, [""]),
        ("own-tool", b"", 400, [""]),
        ("mention", {"mention": {"url": "https://example.org"}}, 422,
         ["/mention/description", "/mention/published_at"]),
        ("mention", {"mention": {"description": {"a": 1}, "published_at": 1e300}}, 422,
         ["/mention/description", "/mention/published_at"]),
        ("brandwatch", {"mentions": []}, 422, ["/mentions"]),
        ("own-tool", {"data": {"brand": "Nuage Sarl", "message": MESSAGE}}, 422, ["/data/brand"]),
    ],
)  # fmt: skip
def test_what_cannot_be_mapped_names_where(
    desk: Desk, source: str, body: Any, status: int, pointers: list[str]
) -> None:
    answer = send(desk, source, body, x_webhook_token=LISTENING_SECRET)
    assert answer.status == status, answer.text
    assert sorted(fault["pointer"] for fault in answer.json["errors"]) == sorted(pointers)
    assert desk.stored() == {}


BAD_MENTIONS: list[tuple[Any, str, str]] = [
    ({"date": 1795161600}, "/mentions/1/fullText", "a mention without"),
    ({"fullText": "Quelle panne !", "date": "soon"}, "/mentions/1/date", "Quelle panne !"),
    ({"fullText": "Quelle panne !", "date": "2036-11-20T08:00:00Z"}, "/mentions/1/date", "Quelle panne !"),
    ({"fullText": "Quelle panne !", "date": "2001-11-20T08:00:00Z"}, "/mentions/1/date", "Quelle panne !"),
    ({"fullText": "Quelle panne !"}, "/mentions/1/date", "Quelle panne !"),
    ({"fullText": "\u200b ", "date": 1795161600}, "/mentions/1/fullText", "a mention without"),
    ({"fullText": ["x"], "date": 1795161600}, "/mentions/1/fullText", "a mention without"),
    ("not even an object", "/mentions/1/fullText", "not even an object"),
    (None, "/mentions/1/fullText", "a mention without"),
    (
        {"fullText": "Quelle panne !", "date": 1795161600, "author": {"a": 1}},
        "/mentions/1/author",
        "Quelle panne !",
    ),
    ({"fullText": "y" * 25_000, "date": "soon"}, "/mentions/1/date", "yyyy"),
]


@pytest.mark.parametrize(("bad", "pointer", "kept"), BAD_MENTIONS)
def test_of_an_alert_the_good_are_taken_and_the_bad_wait_for_a_person(
    desk: Desk, bad: Any, pointer: str, kept: str
) -> None:
    good = BRANDWATCH["mentions"]
    body = {"mentions": [good[0], bad, *good[1:]]}
    answer = send(desk, "brandwatch", body)
    assert answer.status == 202, answer.text
    assert len(answer.json["reports"]) == len(good)
    (unread,) = answer.json["unread"]
    assert unread["pointer"] == "/mentions/1"
    assert pointer in [fault["pointer"] for fault in unread["errors"]]
    messages = [
        message
        for case_id in {one["case_id"] for one in [*answer.json["reports"], unread]}
        for message in desk.case(case_id)["messages"]
    ]
    assert len(messages) == len(good) + 1
    assert any(kept in message["text"] for message in messages)
    before = desk.stored()
    desk.advance(minutes=1)
    assert send(desk, "brandwatch", body).json == answer.json
    assert desk.stored() == before


def test_an_alert_whose_mentions_are_all_bad_is_not_lost(desk: Desk) -> None:
    answer = send(desk, "brandwatch", {"mentions": [{"date": "soon", "fullText": "Une panne"}, {"date": 7}]})
    assert (answer.status, answer.json["reports"], len(answer.json["unread"])) == (202, [], 2)


def test_an_unknown_source_is_not_found(desk: Desk) -> None:
    assert send(desk, "nobody", STANDARD).status == 404
