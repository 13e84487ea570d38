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
    assert refused.json["newest"] == {"version": 1, "by": "ana", "at": "2026-11-20T09:00:00Z", "texts": TEXTS}
    again = desk.call("PUT", f"/cases/{case}/response", body | {"based_on": 1}, sub="ben")
    assert again.status == 201
    changed = desk.call("GET", f"/cases/{case}/response/2/changes", sub="emma").json
    assert changed["since"] == 1
    assert changed["languages"]["fr"] == {"parts": [{"kind": "same", "text": TEXTS["fr"]}], "untouched": 1.0}
    since = desk.call("GET", f"/cases/{case}/response/2/changes", query={"since": "first-draft"})
    assert since.json["languages"]["fr"]["untouched"] < 1
    for wrong in ("x", "-1", "99", "0"):
        assert desk.call("GET", f"/cases/{case}/response/2/changes", query={"since": wrong}).status == 422
