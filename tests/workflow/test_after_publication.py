"""What follows a publication: corrections, retractions, answers to one person, images (C1.5), on the real machines over HTTP."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from moto.ses.models import ses_backends

from local.stack import Stack
from tests.support.crises import ANA, DORA, EMMA, OUTSIDE, Crisis

BOTH = ("bob", ["responder", "approver"])
FIXED = {"fr": "Correction : 40 clients, et non 400.", "en": "Correction: 40 customers, not 400."}
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


def published(stack: Stack) -> Crisis:
    crisis = Crisis(stack)
    crisis.triage(1)
    crisis.approve()
    crisis.advance(minutes=10)
    assert crisis.document["status"] == "published"
    return crisis


def delivery(crisis: Crisis, channel: str, version: int = 1, act: str = "publish") -> Any:
    return next(
        one
        for one in crisis.document["deliveries"]
        if (one["channel"], one["language"], one["version"], one["act"]) == (channel, "fr", version, act)
    )


def path(one: Any, act: str = "") -> str:
    return f"/cases/{{case}}/deliveries/{one['key']}{act}"


# -- corrections


def test_a_correction_is_asked_for_reviewed_and_names_what_it_puts_right(stack: Stack) -> None:
    crisis = published(stack)
    written = crisis.write(FIXED)
    assert (written["kind"], written["version"]) == ("correction", 2)
    asked = [item for item in crisis.left("team") if item["kind"] == "review_requested"]
    assert len([item for item in asked if "Version 2" in item["text"] or "version 2" in item["text"]]) > 0
    preview = crisis.expect(200, EMMA, "GET", "/cases/{case}/response/2/preview")
    newsroom = next(one for one in preview["renderings"] if one["channel"] == "newsroom")
    assert (newsroom["correction"], newsroom["corrects_url"]) == ("anew", delivery(crisis, "newsroom")["url"])
    assert not crisis.left("public", kind="correction"), "nothing before the approval"
    crisis.review(written)
    crisis.advance(minutes=10)
    document = crisis.document
    assert document["responses"][1]["corrects"] == 1
    assert delivery(crisis, "newsroom", 2)["target"] == delivery(crisis, "newsroom")["key"]
    assert delivery(crisis, "newsroom", 2)["state"] == "published"
    assert [one["status"] for one in stack.executions() if one["machine"] == "review"] == ["SUCCEEDED"]


def test_silence_over_a_correction_climbs_the_ladder(stack: Stack) -> None:
    crisis = published(stack)
    before = len(crisis.left("team", "out_of_band", kind="silence"))
    crisis.write(FIXED)
    crisis.advance(hours=5)
    assert len(crisis.left("team", "out_of_band", kind="silence")) > before
    assert not crisis.left("public", kind="correction")


def test_what_stands_nowhere_cannot_be_corrected(stack: Stack) -> None:
    crisis = published(stack)
    body = {"texts": FIXED, "kind": "correction", "corrects": 7}
    problem = crisis.expect(422, ANA, "PUT", "/cases/{case}/response", body)
    assert problem["errors"] == [{"pointer": "/corrects", "detail": "one of [1]"}]
    body = {"texts": FIXED, "kind": "update", "corrects": 1}
    assert (
        crisis.expect(422, ANA, "PUT", "/cases/{case}/response", body)["errors"][0]["pointer"] == "/corrects"
    )


# -- retractions


def test_a_retraction_needs_two_people_and_a_reason_and_leaves_by_the_door(stack: Stack) -> None:
    crisis = published(stack)
    one = delivery(crisis, "newsroom")
    assert crisis.call(ANA, "POST", path(one, "/retract"), {"reason": " "}).status == 422
    assert crisis.call(EMMA, "POST", path(one, "/retract"), {"reason": "wrong"}).status == 409
    crisis.expect(202, BOTH, "POST", path(one, "/retract"), {"reason": "a name stands in it"})
    assert [item["kind"] for item in crisis.left("team", kind="retraction_requested")]
    assert crisis.call(BOTH, "POST", path(one, "/retract"), {"reason": "yes"}).status == 403
    assert crisis.call(ANA, "POST", path(one, "/retract"), {"reason": "again"}).status == 409
    assert delivery(crisis, "newsroom")["state"] == "published"
    crisis.confirm_to_retract(one)
    crisis.advance(minutes=1)
    gone = delivery(crisis, "newsroom")
    assert (gone["state"], gone["retraction"]["reason"], gone["retraction"]["proposed_by"]) == (
        "retracted",
        "a name stands in it",
        "bob",
    )
    assert gone["retraction"]["confirmed_by"] == "emma"
    (left,) = crisis.left("public", kind="retraction")
    assert (left["channel"], left["language"], left["text"]) == ("newsroom", "fr", "")
    assert crisis.happened("delivery_retracted", channel="newsroom")
    # The clocks and the duties stay as they were: it had been published.
    assert {clock["state"] for clock in crisis.document["clocks"]} == {"met"}
    assert crisis.call(ANA, "POST", path(one, "/retract"), {"reason": "again"}).status == 409
    assert len(crisis.left("public", kind="response")) == 8, "and nothing was published again"


def test_a_retraction_that_is_declined_is_over_and_nobody_is_asked_again(stack: Stack) -> None:
    crisis = published(stack)
    one = delivery(crisis, "newsroom")
    no = {"reason": "the figure is right", "decision": "decline"}
    assert crisis.call(EMMA, "POST", path(one, "/retract"), no).status == 409, "nothing is proposed"
    for who in (EMMA, ANA):
        crisis.expect(202, ANA, "POST", path(one, "/retract"), {"reason": "a wrong figure"})
        answer = crisis.expect(200, who, "POST", path(one, "/retract"), no)
        assert (answer["state"], answer["retraction"]) == ("published", None)
    silences = len(crisis.left("team", "out_of_band", kind="silence"))
    crisis.advance(hours=6)
    assert len(crisis.left("team", "out_of_band", kind="silence")) == silences
    reviews = [one["status"] for one in stack.executions() if one["machine"] == "review"]
    assert reviews == ["SUCCEEDED", "SUCCEEDED"]
    assert not crisis.left("public", kind="retraction")


@pytest.mark.parametrize("mode", ["error", "lost_answer", "timeout", "throttle", "crash"])
def test_a_retraction_that_fails_is_tried_again(stack: Stack, mode: str) -> None:
    crisis = published(stack)
    one = delivery(crisis, "newsroom")
    crisis.propose_to_retract(one)
    stack.faults.set([{"point": "channel:newsroom", "mode": mode, "times": 2}])
    crisis.confirm_to_retract(one)
    assert delivery(crisis, "newsroom")["state"] == "published"
    crisis.advance(hours=2)
    assert delivery(crisis, "newsroom")["state"] == "retracted"
    assert delivery(crisis, "newsroom", act="retract")["state"] == "retracted"


def test_what_a_person_published_a_person_takes_down(stack: Stack) -> None:
    crisis = Crisis(stack)
    crisis.triage(1)
    stack.faults.set([{"point": "channel:linkedin", "mode": "error", "times": 1000}])
    crisis.approve()
    crisis.advance(minutes=5)
    one = delivery(crisis, "linkedin")
    crisis.expect(200, ANA, "POST", path(one), {"state": "published", "url": "https://linkedin.example/1"})
    stack.faults.clear()
    crisis.advance(hours=1)
    crisis.retract(one, DORA)
    crisis.advance(minutes=5)
    back = delivery(crisis, "linkedin", act="retract")
    assert (back["state"], back["reason"]) == (
        "failed",
        "a person published it, so a person must take it down, and then say so",
    )
    assert len(crisis.left("out_of_band", kind="retraction_failing")) == 1
    body = {"state": "published", "url": "https://linkedin.example/1"}
    assert crisis.call(ANA, "POST", path(back), body).status == 422
    assert crisis.call(ANA, "POST", path(back), {"state": "retracted"}).status == 422
    crisis.expect(200, ANA, "POST", path(back), {"state": "retracted", "note": "deleted in the page's admin"})
    crisis.advance(minutes=5)
    assert delivery(crisis, "linkedin")["state"] == "retracted"
    crisis.send_by_hand()
    publications = [one for one in stack.executions() if one["machine"] == "publication"]
    assert {one["status"] for one in publications} == {"SUCCEEDED"}


def test_a_freeze_holds_a_retraction_and_it_is_decided_anew(stack: Stack) -> None:
    crisis = published(stack)
    one = delivery(crisis, "newsroom")
    crisis.propose_to_retract(one)
    crisis.freeze()
    crisis.confirm_to_retract(one)
    crisis.advance(minutes=30)
    assert delivery(crisis, "newsroom", act="retract")["state"] == "held"
    assert not crisis.left("public", kind="retraction")
    crisis.release("statement")
    crisis.release("all")
    crisis.advance(hours=1)
    assert stack.request("GET", "/freeze", token=stack.token(*ANA)).json["state"] == "open"
    assert not crisis.left("public", kind="retraction"), "nothing held goes out by itself"
    assert delivery(crisis, "newsroom", act="retract")["state"] == "cancelled"
    returned = delivery(crisis, "newsroom")["retraction"]
    assert (returned["proposed_by"], returned["confirmed_by"]) == ("ana", None)
    assert len(crisis.left("team", kind="retraction_requested")) == 4, "asked again, of both who may"
    crisis.confirm_to_retract(one)
    crisis.advance(minutes=5)
    assert delivery(crisis, "newsroom")["state"] == "retracted"
    assert len(crisis.left("public", kind="retraction")) == 1


def test_what_cannot_be_taken_back_is_said_at_once_or_left_in_place(stack: Stack) -> None:
    crisis = published(stack)
    mail = delivery(crisis, "customer-email")
    refused = crisis.expect(409, ANA, "POST", path(mail, "/retract"), {"reason": "wrong"})
    assert "cannot be taken back. Write a correction" in refused["detail"]
    one = delivery(crisis, "newsroom")
    stack.faults.set([{"point": "channel:newsroom", "mode": "error", "times": 1000}])
    crisis.retract(one)
    crisis.advance(minutes=1)
    owed = crisis.expect(
        409,
        ANA,
        "POST",
        "/cases/{case}/close",
        {"root_cause": "a faulty script", "lessons": "rehearse it first", "measures": []},
    )["owed"]
    assert one["key"] + ":retraction" in {entry["id"] for entry in owed}
    back = delivery(crisis, "newsroom", act="retract")
    crisis.expect(200, ANA, "POST", path(back), {"state": "manual", "note": "asking the platform"})
    crisis.expect(200, EMMA, "POST", path(one, "/retract"), {"reason": "it may stay", "decision": "decline"})
    assert delivery(crisis, "newsroom")["state"] == "published"
    assert delivery(crisis, "newsroom", act="retract")["state"] == "cancelled"
    crisis.send_by_hand()
    crisis.advance(hours=1)
    publications = [one["status"] for one in stack.executions() if one["machine"] == "publication"]
    assert set(publications) == {"SUCCEEDED"}


def test_a_restart_of_the_procedures_leaves_what_follows_the_response_alone(stack: Stack) -> None:
    crisis = published(stack)
    first = crisis.write(FIXED)
    again = {"case": 1, "leak": False, "reason": "go on", "restart": True}
    crisis.expect(200, ANA, "POST", "/cases/{case}/triage", again)
    crisis.advance(minutes=1)
    before = len(crisis.left("team", "out_of_band", kind="silence"))
    crisis.advance(hours=6)
    assert len(crisis.left("team", "out_of_band", kind="silence")) > before, "still asked for"
    crisis.freeze()
    crisis.review(first)
    crisis.advance(minutes=30)
    assert delivery(crisis, "newsroom", 2)["state"] == "held"
    crisis.expect(200, ANA, "POST", "/cases/{case}/triage", again)
    for scope in ("statement", "all"):
        crisis.release(scope)
    crisis.advance(hours=1)
    assert crisis.document["responses"][1]["state"] == "in_review"
    before = len(crisis.left("team", "out_of_band", kind="silence"))
    crisis.advance(hours=6)
    assert len(crisis.left("team", "out_of_band", kind="silence")) > before, "and asked for after the freeze"
    crisis.review(first)
    crisis.advance(hours=1)
    assert delivery(crisis, "newsroom", 2)["state"] == "published"


def test_whoever_wrote_a_text_hears_that_it_was_rejected(stack: Stack) -> None:
    crisis = published(stack)
    crisis.review(crisis.write(FIXED), decision="reject")
    (told,) = crisis.left("team", kind="text_rejected")
    assert "rectificatif" in told["text"], "Ana reads French"


# -- answers to one person


def message_of(crisis: Crisis) -> Any:
    return crisis.document["messages"][0]["id"]


def reported(stack: Stack, **message: Any) -> Crisis:
    plain = {
        "text": "Ma facture est fausse",
        "platform": "x",
        "url": "https://x.com/lea/status/17",
        "published_at": "2026-11-20T07:00:00Z",
        "author": {"handle": "@lea"},
    }
    crisis = Crisis(stack, message=plain | message)
    crisis.triage(1)
    return crisis


def test_an_answer_to_one_person_goes_out_once_a_second_person_has_read_it(stack: Stack) -> None:
    crisis = reported(stack)
    body = {"message": message_of(crisis), "text": "Bonjour Léa, nous regardons cela.", "language": "fr"}
    written = crisis.answer(**body)
    assert (written["kind"], written["channel"], written["audience"], written["state"]) == (
        "answer",
        "x",
        "public",
        "in_review",
    )
    assert crisis.left("team", kind="review_requested")
    assert not crisis.left(*OUTSIDE)
    assert crisis.call(ANA, "POST", "/cases/{case}/response/1/review", {}).status == 403
    crisis.review(written)
    crisis.advance(minutes=1)
    (left,) = crisis.left(*OUTSIDE)
    assert (left["channel"], left["kind"], left["text"]) == (
        "x",
        "answer",
        "Bonjour Léa, nous regardons cela.",
    )
    document = crisis.document
    assert document["status"] == "responding"
    assert document["clocks"][0]["state"] == "running", "an answer to one person is not the response"
    assert document["responses"][0]["answer"]["url"] == "https://x.com/lea/status/17"
    # The response of the case is written and published as ever.
    crisis.approve()
    crisis.advance(minutes=10)
    assert crisis.document["status"] == "published"
    assert [one for one in crisis.left("public") if one["kind"] == "answer"] == [left]


def test_an_answer_by_e_mail_goes_to_the_address_and_the_address_stays_out_of_the_timeline(
    stack: Stack,
) -> None:
    crisis = reported(stack, platform="review", url=None)
    body = {"message": message_of(crisis), "text": "Dear Léa", "language": "en"}
    refused = crisis.expect(409, ANA, "POST", "/cases/{case}/answers", body)
    assert "Send `to`" in refused["detail"]
    written = crisis.expect(201, ANA, "POST", "/cases/{case}/answers", body | {"to": "lea@example.org"})
    assert (written["channel"], written["audience"]) == ("customer-email", "customer")
    crisis.review(written)
    crisis.advance(minutes=1)
    (left,) = crisis.left(*OUTSIDE)
    assert (left["channel"], left["text"]) == ("customer-email", "Dear Léa")
    mails = [mail for mail in sent_mails() if "lea@example.org" in mail.destinations]
    assert [set(mail.destinations) for mail in mails] == [{"lea@example.org"}], "once, and to nobody else"
    assert "lea@example.org" not in str(crisis.events)
    preview = f"/cases/{{case}}/response/{written['version']}/preview"
    assert crisis.expect(200, EMMA, "GET", preview)["answer"]["recipient"] == "lea@example.org"
    reader = ("rita", ["reporter"])
    assert crisis.expect(200, reader, "GET", preview)["answer"]["recipient"] == "l…@example.org"
    token = stack.token(*reader)
    for accept in ("text/html", "application/json"):
        report = stack.request("GET", f"/cases/{crisis.id}/report", token=token, headers={"accept": accept})
        assert report.status == 200, accept
        assert "lea@example.org" not in report.text
    histories = histories_of(stack)
    assert sum(crisis.id in history for history in histories) > 3
    assert not any("lea@example.org" in history for history in histories), "no person in a machine (I13)"


def sent_mails() -> list[Any]:
    """What SES was given, in any region."""
    return [
        mail
        for account in ses_backends.values()
        for backend in account.values()
        for mail in backend.sent_messages
    ]


def histories_of(stack: Stack) -> list[str]:
    client = stack.client("stepfunctions")
    return [
        str(client.get_execution_history(executionArn=one["arn"], maxResults=1000)["events"])
        for one in stack.executions()
    ]


def test_answers_to_two_people_stand_beside_each_other(stack: Stack) -> None:
    crisis = reported(stack)
    other = {
        "text": "La mienne aussi",
        "platform": "x",
        "url": "https://x.com/max/status/18",
        "published_at": "2026-11-20T07:30:00Z",
    }
    added = crisis.expect(201, ANA, "POST", "/cases/{case}/messages", other)["message_id"]
    bodies = [
        {"message": one, "text": f"Bonjour ({one}).", "language": "fr"} for one in (message_of(crisis), added)
    ]
    first, second = (crisis.answer(**body) for body in bodies)
    again = crisis.expect(201, ANA, "POST", "/cases/{case}/answers", bodies[0] | {"text": "Chère Léa."})
    assert [one["state"] for one in crisis.document["responses"]] == ["superseded", "in_review", "in_review"]
    assert first["version"] == 1
    crisis.review(second)
    crisis.review(again)
    crisis.advance(minutes=1)
    assert sorted(one["text"] for one in crisis.left("public")) == sorted(["Chère Léa.", bodies[1]["text"]])


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"message": "nobody"}, 404, None),
        ({"to": "not an address"}, 422, "/to"),
        ({"to": "customers@nuage.example"}, 422, "/to"),
        ({"to": "a@b.example\r\nBcc: all@b.example"}, 422, "/to"),
        ({"channel": "newsroom"}, 422, "/channel"),
        ({"channel": "x", "to": "lea@example.org"}, 422, "/channel"),
        ({"language": "klingon"}, 422, "/language"),
    ],
)
def test_a_wrong_answer_says_what_is_wrong(
    stack: Stack, body: dict[str, Any], status: int, pointer: str | None
) -> None:
    crisis = reported(stack)
    plain = {"message": message_of(crisis), "text": "Bonjour", "language": "fr"}
    problem = crisis.expect(status, ANA, "POST", "/cases/{case}/answers", plain | body)
    if pointer is not None:
        assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert crisis.document["responses"] == []


# -- images


def attached(crisis: Crisis, data: bytes = PNG, media_type: str = "image/png") -> Any:
    body = {
        "name": "figures.png",
        "media_type": media_type,
        "data": base64.b64encode(data).decode(),
        "note": "",
    }
    return crisis.expect(201, ANA, "POST", "/cases/{case}/evidence", body)


def test_an_image_needs_its_description_in_every_language(stack: Stack) -> None:
    crisis = Crisis(stack)
    crisis.triage(1)
    kept = attached(crisis)
    image = {"evidence": kept["id"], "alt": {"fr": "Les chiffres heure par heure"}}
    written = crisis.write(image=image)
    assert written["state"] == "draft"
    assert [
        (one["code"], one["language"]) for one in written["findings"] if one["severity"] == "blocking"
    ] == [("no_alternative_text", "en")]
    image["alt"]["en"] = "The figures hour by hour"
    complete = crisis.write(image=image)
    assert complete["state"] == "in_review"
    assert {one["code"] for one in complete["findings"]} >= {"image_left_out"}
    shown = crisis.document["responses"][1]
    assert shown["image"]["sha256"] == hashlib.sha256(PNG).hexdigest()
    assert crisis.write()["content_hash"] != complete["content_hash"], "the hash is over the image too (I5)"


def test_an_image_that_is_cut_off_is_found_before_anybody_approves_it(stack: Stack) -> None:
    crisis = Crisis(stack)
    crisis.triage(1)
    image = {"evidence": attached(crisis, PNG[:40])["id"], "alt": {"fr": "a", "en": "b"}}
    problem = crisis.expect(422, ANA, "PUT", "/cases/{case}/response", {"texts": FIXED, "image": image})
    assert [error["pointer"] for error in problem["errors"]] == ["/image/evidence"]


def test_only_an_image_of_the_case_can_be_taken(stack: Stack) -> None:
    crisis = Crisis(stack)
    crisis.triage(1)
    text = attached(crisis, b"plain", "text/plain")["id"]
    for evidence in (text, "ev-0000000000000000"):
        body = {"texts": FIXED, "image": {"evidence": evidence, "alt": {"fr": "a", "en": "b"}}}
        problem = crisis.expect(422, ANA, "PUT", "/cases/{case}/response", body)
        assert [error["pointer"] for error in problem["errors"]] == ["/image/evidence"]
    assert crisis.document["responses"] == []


def test_what_is_left_to_publish_by_hand_holds_up_nothing_that_follows(stack: Stack) -> None:
    crisis = published(stack)
    left = [one["channel"] for one in crisis.document["deliveries"] if one["state"] == "manual"]
    ended = [status for name, status in crisis.running().items() if "-all-" in name]
    assert left and ended == ["SUCCEEDED"]  # noqa: PT018 - one says nothing without the other
    told = crisis.left("team", kind="published")
    assert {one["key"].rsplit(":", 2)[1] for one in told} >= {"team-chat", "emma"}, "the room, and who leads"
    crisis.send_by_hand()
    crisis.advance(days=1)
    assert len(crisis.left("team", kind="published")) == len(told), "once"
