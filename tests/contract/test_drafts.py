"""First drafts, saved drafts, overrides and what was changed, over HTTP."""

from __future__ import annotations

from tests.contract.desk import TEXTS, Desk

BLOCKED = {
    "fr": TEXTS["fr"] + " Écrivez à a.b@perso.example.",
    "en": TEXTS["en"] + " Write to a.b@perso.example.",
}


def test_the_first_draft_is_there_once_the_case_is_classified(desk: Desk) -> None:
    case = desk.reported()
    refused = desk.call("GET", f"/cases/{case}/first-draft")
    if refused.status == 409:
        desk.call("POST", f"/cases/{case}/triage", {"case": 2, "reason": "seen in the logs"}, sub="ben")
    draft = desk.call("GET", f"/cases/{case}/first-draft").json
    assert draft["source"] == "template"
    assert set(draft["texts"]) == {"fr", "en"}
    assert set(draft["by_audience"]) == {"public", "community"}
    assert {one["standing"] for one in draft["facts"]} <= {"established", "supposed"}


def test_a_draft_is_kept_read_and_deleted_by_one_person(desk: Desk) -> None:
    case = desk.classified()
    body = {"texts": {"fr": "Nous [quoi]"}, "based_on": "first-draft"}
    assert desk.call("GET", f"/cases/{case}/draft").status == 404
    saved = desk.call("PUT", f"/cases/{case}/draft", body)
    assert saved.status == 200
    assert saved.json == {**body, "objective": None, "saved_at": "2026-11-20T09:00:00Z"}
    assert desk.call("GET", f"/cases/{case}/draft").json == saved.json
    assert desk.call("GET", f"/cases/{case}/draft", sub="ben").status == 404
    assert desk.call("DELETE", f"/cases/{case}/draft").json == {"deleted": True}
    assert desk.call("GET", f"/cases/{case}/draft").status == 404
    assert desk.call("PUT", "/cases/case-none/draft", body).status == 404
    for wrong in ({}, {"texts": {"fr": 3}}, {"texts": {}, "based_on": 9}, {"texts": {}, "based_on": "last"}):
        assert desk.call("PUT", f"/cases/{case}/draft", wrong).status == 422


def test_an_override_is_shown_to_the_approver(desk: Desk) -> None:
    case = desk.classified()
    version = desk.written(case, texts=BLOCKED)
    assert version["state"] == "draft"
    place = f"/cases/{case}/response/1/overrides"
    assert desk.call("POST", place, {"code": "email_address", "reason": "x"}).status == 422
    assert desk.call("POST", place, {"code": "nothing", "reason": "There is none of this"}).status == 409
    done = desk.call(
        "POST", place, {"code": "email_address", "reason": "A mailbox opened for this"}, sub="ben"
    )
    assert (done.status, done.json["state"]) == (200, "in_review")
    shown = desk.call("GET", f"/cases/{case}").json["responses"][0]
    assert [(one["code"], one["by"], one["reason"]) for one in shown["overrides"]] == [
        ("email_address", "ben", "A mailbox opened for this")
    ]
    assert desk.reviewed(case, version).status == 200


def test_a_newer_version_is_told_with_its_texts(desk: Desk) -> None:
    case = desk.classified()
    desk.written(case)
    body = {"texts": TEXTS, "based_on": "first-draft"}
    refused = desk.call("PUT", f"/cases/{case}/response", body, sub="ben")
    assert refused.status == 409
    newest = refused.json["newest"]
    assert (newest["version"], newest["by"], newest["texts"]) == (1, "ana", TEXTS)
    again = desk.call("PUT", f"/cases/{case}/response", body | {"based_on": 1}, sub="ben")
    assert again.status == 201
    changed = desk.call("GET", f"/cases/{case}/response/2/changes", sub="emma").json
    assert changed["since"] == 1
    assert changed["languages"]["fr"] == {"parts": [{"kind": "same", "text": TEXTS["fr"]}], "untouched": 1.0}
    since = desk.call("GET", f"/cases/{case}/response/2/changes", query={"since": "first-draft"})
    assert since.json["languages"]["fr"]["untouched"] < 1
    for wrong in ("x", "-1", "99", "0"):
        assert desk.call("GET", f"/cases/{case}/response/2/changes", query={"since": wrong}).status == 422


def test_an_acknowledgement_is_approved_once_and_sent_by_a_responder(desk: Desk) -> None:
    case = desk.classified()
    message = desk.call("GET", f"/cases/{case}").json["messages"][0]["id"]
    made = desk.call("POST", "/acknowledgements", {"texts": {"fr": "Bonjour {name}, nous vous lisons."}})
    assert made.status == 201
    place = f"/acknowledgements/{made.json['id']}"
    body = {
        "template": made.json["id"],
        "content_hash": made.json["content_hash"],
        "message": message,
        "language": "fr",
        "to": "marc@mail.example",
    }
    assert desk.call("POST", f"/cases/{case}/acknowledgements", body).status == 409
    yes = {"content_hash": made.json["content_hash"], "expires_at": "2027-01-01T00:00:00Z"}
    assert desk.call("POST", f"{place}/approve", yes).status == 403
    assert desk.call("POST", f"{place}/approve", yes, sub="emma").status == 200
    sent = desk.call("POST", f"/cases/{case}/acknowledgements", body)
    assert (sent.status, sent.json["state"], sent.json["channel"]) == (201, "approved", "customer-email")
    assert desk.call("POST", f"{place}/revoke", {"reason": "Too many answers"}, sub="emma").status == 200
    assert desk.call("POST", f"/cases/{case}/acknowledgements", body).status == 409
    listed = desk.call("GET", "/acknowledgements").json["acknowledgements"]
    assert [one["revoked_by"] for one in listed] == ["emma"]
    assert (
        desk.call("POST", "/acknowledgements/ack-none/revoke", {"reason": "Too many answers"}).status == 404
    )
    assert desk.call("POST", "/acknowledgements", {"texts": {"fr": "Bonjour {offer}."}}).status == 422


def test_the_agency_replies_by_a_link_that_is_read_without_consequence(desk: Desk) -> None:
    case = desk.classified(4)
    link = desk.call("POST", f"/cases/{case}/reply-links")
    assert link.status == 201
    token = link.json["url"].partition("#")[2]
    for _ in range(3):
        page = desk.call("GET", "/reply")
        assert page.status == 200
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-store"
        assert case not in page.text
    body = {"token": token, "text": "Answer once, with facts that everybody can check."}
    assert desk.call("POST", "/replies", body | {"token": "x"}).status == 404
    assert desk.call("POST", "/replies", body | {"text": "x" * 20_001}).status == 422
    taken = desk.call("POST", "/replies", body)
    assert (taken.status, taken.json) == (202, {"received": True})
    assert desk.call("POST", "/replies", body).status == 429
    (reply,) = desk.call("GET", f"/cases/{case}/replies").json["replies"]
    assert reply["text"] == body["text"]
    duty = next(one for one in desk.call("GET", f"/cases/{case}").json["duties"] if one["id"] == "C4.1")
    assert (duty["state"], duty["by"]) == ("done", "agency")
