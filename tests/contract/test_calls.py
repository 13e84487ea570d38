"""Every call of the contract, once as it is meant: status, answer, and what the case document then says."""

from __future__ import annotations

import pytest

from sangfroid.http import showing
from sangfroid.store.freeze import SuspendedChannel
from sangfroid.timeline import verify
from tests.contract.desk import TEXTS, Desk, report

CASE = {
    "id", "brand", "status", "case", "leak", "severity", "author", "confidence", "triaged_by", "why",
    "first_published_at", "opened_at", "clocks", "duties", "responses", "deliveries", "messages",
}  # fmt: skip


def test_health_and_openapi_need_no_token(desk: Desk) -> None:
    for path in ("/health", "/openapi.json"):
        answer = desk.call("GET", path, headers={"authorization": None}, roles=[])
        assert answer.status == 200
    assert desk.call("GET", "/health").json == {"status": "ok"}


@pytest.mark.parametrize("name", ["outage", "smallest", "rival", "leak"])
def test_a_report_opens_a_case(desk: Desk, name: str) -> None:
    answer = desk.call("POST", "/incidents", report(name))
    assert answer.status == 202
    assert set(answer.json) == {"case_id", "incident_id", "joined"}
    assert answer.json["joined"] is False
    case = desk.case(answer.json["case_id"])
    assert case["status"] == "triage"
    assert [clock["id"] for clock in case["clocks"]] == ["response_ready", "response_published"]
    assert case["messages"][0]["text"] == report(name)["message"]["text"]
    assert case["message_count"] == 1


def test_a_second_report_of_the_same_message_joins(desk: Desk) -> None:
    first = desk.reported()
    answer = desk.call("POST", "/incidents", report("outage"), sub="chloe")
    assert (answer.status, answer.json["joined"], answer.json["case_id"]) == (202, True, first)


def test_the_same_key_and_body_get_the_same_answer(desk: Desk) -> None:
    key = {"idempotency-key": "report-7"}
    first = desk.call("POST", "/incidents", report("outage"), headers=key)
    again = desk.call("POST", "/incidents", report("outage"), headers=key)
    assert again.json == first.json
    assert desk.case(first.json["case_id"])["message_count"] == 1
    before = desk.stored()
    other = desk.call("POST", "/incidents", report("rival"), headers=key)
    assert other.status == 422
    assert desk.stored() == before


def test_the_case_document_is_that_of_the_contract(desk: Desk) -> None:
    case_id = desk.classified(2)
    version = desk.written(case_id)
    desk.reviewed(case_id, version)
    desk.planned(case_id)
    case = desk.case(case_id)
    assert set(case) >= CASE
    assert (case["case"], case["status"], case["triaged_by"], case["why"]) == (
        2,
        "responding",
        "ben",
        "seen in the logs",
    )
    assert case["first_published_at"] == "2026-11-20T08:00:00Z"
    ready = {name: case["clocks"][0][name] for name in ("id", "due_at", "state")}
    assert ready == {"id": "response_ready", "due_at": "2026-11-20T20:00:00Z", "state": "met"}
    assert case["clocks"][0]["met_at"] == "2026-11-20T09:00:00Z"
    assert set(case["duties"][0]) >= {"id", "title", "role", "owner", "due_at", "state", "evidence"}
    assert case["responses"][0]["texts"] == TEXTS
    assert case["responses"][0]["approvals"] == [{"by": "emma", "at": "2026-11-20T09:00:00Z"}]
    assert {"version", "content_hash", "by", "state"} <= set(case["responses"][0])
    assert set(case["deliveries"][0]) >= {
        "channel", "language", "version", "state", "url", "attempts", "published_at", "key", "audience",
    }  # fmt: skip
    assert set(case["messages"][0]) >= {"text", "url", "published_at"}
    assert "waits" not in case
    assert "token" not in str(case)


def test_titles_of_duties_are_in_the_reader_s_language(desk: Desk) -> None:
    case_id = desk.classified(2)
    for header, start in {
        "fr-FR,fr;q=0.9,en;q=0.8": "Retrouver la source",
        "en;q=0.9, fr;q=0.8": "Trace the source",
        "fr-CH": "Retrouver",
        "de": "Trace",
        "": "Trace",
        "fr;q=0": "Trace",
        "fr;q=banana,en;q=0.1": "Retrouver",
    }.items():
        title = desk.case(case_id, **{"accept-language": header})["duties"][0]["title"]
        assert isinstance(title, str)
        assert title.startswith(start), header


def test_cases_are_listed_newest_first_and_by_status(desk: Desk) -> None:
    ids = []
    for number in range(5):
        desk.advance(minutes=1)
        body = report("smallest")
        body["message"]["text"] = f"Is Nuage down again? {number}"
        ids.append(desk.call("POST", "/incidents", body).json["case_id"])
    desk.call("POST", f"/cases/{ids[0]}/triage", {"case": None, "reason": "an old joke"})
    listed = desk.call("GET", "/cases", query={"status": "", "cursor": ""}).json
    assert [case["id"] for case in listed["cases"]] == ids[::-1]
    assert listed["next"] is None
    assert [
        case["id"] for case in desk.call("GET", "/cases", query={"status": "closed"}).json["cases"]
    ] == ids[:1]
    seen, cursor = [], None
    for _ in range(3):
        query = {"status": "triage", "limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = desk.call("GET", "/cases", query=query).json
        seen += [case["id"] for case in page["cases"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == ids[:0:-1]


def test_the_timeline_verifies_by_its_document_alone(desk: Desk) -> None:
    case_id = desk.classified(2)
    document = desk.call("GET", f"/cases/{case_id}/timeline").json
    assert set(document["events"][0]) == {"seq", "at", "kind", "by", "data", "previous_hash", "hash"}
    assert verify(document["events"], (document["head"]["seq"], document["head"]["hash"])).intact
    later = desk.call("GET", f"/cases/{case_id}/timeline", query={"after": "3"}).json
    assert later["events"] == document["events"][3:]
    document["events"][1]["data"]["clock"] = "another"
    assert not verify(document["events"]).intact


def test_no_crisis_ends_the_case(desk: Desk) -> None:
    case_id = desk.reported()
    answer = desk.call("POST", f"/cases/{case_id}/triage", {"case": None, "leak": False, "reason": "satire"})
    assert answer.status == 200
    assert (answer.json["id"], answer.json["status"], answer.json["no_crisis"]) == (case_id, "closed", True)


def test_an_earlier_message_moves_the_clocks_and_withdrawing_it_moves_them_back(desk: Desk) -> None:
    case_id = desk.classified(2)
    message = report("outage")["message"] | {
        "published_at": "2026-11-20T06:30:00+01:00",
        "url": "https://x.example/2",
    }
    answer = desk.call("POST", f"/cases/{case_id}/messages", message)
    assert (answer.status, answer.json["first_published_at"]) == (201, "2026-11-20T05:30:00Z")
    case = desk.case(case_id)
    assert case["clocks"][0]["due_at"] == "2026-11-20T17:30:00Z"
    assert case["messages"][0]["id"] == answer.json["message_id"]
    path = f"/cases/{case_id}/messages/{answer.json['message_id']}/withdraw"
    back = desk.call("POST", path, {"reason": "another company"})
    assert (back.status, back.json) == (200, {"first_published_at": "2026-11-20T08:00:00Z"})
    assert desk.case(case_id)["messages"][0]["withdrawn"] is True
    assert desk.call("POST", path, {"reason": "again"}).status == 404
    only = f"/cases/{case_id}/messages/m000001/withdraw"
    assert desk.call("POST", only, {"reason": "all wrong"}).status == 409


def test_a_long_list_of_messages_comes_in_pages(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(showing, "A_PAGE", 2)
    case_id = desk.reported()
    for minute in range(3):
        message = report("outage")["message"] | {"published_at": f"2026-11-20T08:1{minute}:00Z"}
        desk.call("POST", f"/cases/{case_id}/messages", message)
    first = desk.case(case_id)
    later = desk.call("GET", f"/cases/{case_id}", query={"messages": first["messages_next"]}).json
    ids = [message["id"] for message in first["messages"] + later["messages"]]
    assert ids == ["m000001", "m000002", "m000003", "m000004"]
    assert first["message_count"] == 4


def test_a_new_version_voids_approvals_and_no_author_approves(desk: Desk) -> None:
    case_id = desk.classified(2)
    first = desk.written(case_id)
    assert set(first) >= {"version", "content_hash", "findings"}
    assert desk.reviewed(case_id, first, by="ana").status == 403
    wrong = first | {"content_hash": "sha256:" + "0" * 64}
    assert desk.reviewed(case_id, wrong).status == 409
    approved = desk.reviewed(case_id, first)
    assert (approved.status, approved.json["state"], approved.json["version"]) == (200, "approved", 1)
    assert approved.json["approvals"][0]["by"] == "emma"
    second = desk.written(case_id, texts={"fr": "Désolés encore."})
    assert [version["state"] for version in desk.case(case_id)["responses"]] == ["superseded", "in_review"]
    assert desk.reviewed(case_id, first).status == 409
    assert desk.reviewed(case_id, second, by="dora", decision="reject").json["state"] == "rejected"


def test_findings_of_the_charter_come_with_the_version(desk: Desk) -> None:
    case_id = desk.classified(2)
    version = desk.written(case_id, texts={"fr": "Sans commentaire."})
    assert version["state"] == "draft"
    assert {"forbidden_wording", "missing_language"} <= {finding["code"] for finding in version["findings"]}


def test_not_responding_is_proposed_and_confirmed_by_the_same_call(desk: Desk) -> None:
    case_id = desk.classified(4, "rival")
    path, body = f"/cases/{case_id}/no-response", {"reason": "he wants a fight", "reopen_if": ["press"]}
    proposed = desk.call("POST", path, body, roles=["responder"], sub="ana")
    assert (proposed.status, proposed.json["state"]) == (202, "proposed")
    same = desk.call("POST", path, body, roles=["responder", "approver"], sub="ana")
    assert same.status == 403
    confirmed = desk.call("POST", path, {"reason": "agreed"}, roles=["approver"], sub="emma")
    assert (confirmed.status, confirmed.json["state"]) == (200, "confirmed")
    case = desk.case(case_id)
    assert (case["status"], case["no_response"]["confirmed_by"]) == ("following_up", "emma")
    assert {clock["state"] for clock in case["clocks"]} == {"cancelled"}


def test_an_approver_cannot_confirm_what_nobody_proposed(desk: Desk) -> None:
    case_id = desk.classified(4, "rival")
    body = {"reason": "agreed", "reopen_if": ["press"]}
    assert desk.call("POST", f"/cases/{case_id}/no-response", body, roles=["approver"]).status == 409


def test_duties_ask_for_evidence_and_waivers_for_a_note(desk: Desk) -> None:
    case_id = desk.classified(2)
    bare = desk.duty(case_id, "C2.1", evidence=None)
    assert (bare.status, bare.json["errors"][0]["pointer"]) == (422, "/evidence")
    done = desk.duty(case_id, "C2.1")
    assert (done.status, done.json["state"], done.json["evidence"]) == (200, "done", "https://wiki.example/1")
    unexplained = desk.duty(case_id, "C2.5", state="waived")
    assert (unexplained.status, unexplained.json["errors"][0]["pointer"]) == (422, "/note")
    waived = desk.duty(case_id, "C2.5", state="waived", note="solved within the hour")
    assert (waived.status, waived.json["state"]) == (200, "waived")
    assert desk.duty(case_id, "C9.9").status == 404


def test_a_person_settles_deliveries_and_the_last_one_meets_the_clock(desk: Desk) -> None:
    case_id = desk.classified(2)
    desk.reviewed(case_id, desk.written(case_id))
    keys = desk.planned(case_id)
    path = f"/cases/{case_id}/deliveries/{keys[0]}"
    assert desk.call("POST", path, {"state": "published"}).json["errors"][0]["pointer"] == "/url"
    assert desk.call("POST", path, {"state": "manual", "note": "by phone"}).json["state"] == "manual"
    assert desk.call("POST", path.replace(":", "%3A"), {"state": "retry"}).json["state"] == "waiting"
    desk.advance(hours=3)
    case = desk.case(case_id)
    required = [delivery["key"] for delivery in case["deliveries"] if delivery["required"]]
    for key in [key for key in keys if key not in required] + required:
        assert case["clocks"][1]["state"] == "running"
        body = {"state": "published", "url": f"https://news.example/{key}"}
        assert desk.call("POST", f"/cases/{case_id}/deliveries/{key}", body).status == 200
        case = desk.case(case_id)
    assert (case["status"], case["clocks"][1]["state"]) == ("published", "met")
    assert {delivery["state"] for delivery in case["deliveries"]} == {"published"}
    again = desk.call("POST", path, {"state": "published", "url": "https://news.example/again"})
    assert again.status == 409


def test_closing_says_what_is_owed_and_then_closes(desk: Desk) -> None:
    case_id = desk.classified(2)
    owed = desk.closed(case_id)
    assert owed.status == 409
    assert {"C2.1", "C2.6", "response_ready"} <= {entry["id"] for entry in owed.json["owed"]}
    desk.reviewed(case_id, desk.written(case_id))
    desk.published(case_id)
    for duty in ("C2.5", "C2.6"):
        assert desk.duty(case_id, duty).status == 409, "what a published text shows is not ticked"
    assert desk.duty(case_id, "C2.1").status == 200
    assert {entry["id"] for entry in desk.closed(case_id).json["owed"]} == {"C2.5", "C2.6"}
    desk.announced(case_id)
    unnamed = desk.closed(
        case_id, measures=[{"text": "Nobody ever sleeps", "owner": "dev", "due": "2027-01-31"}]
    )
    assert (unnamed.status, [entry["id"] for entry in unnamed.json["owed"]]) == (409, ["C2.6"])
    unmeasured = desk.closed(case_id, measures=[])
    assert (unmeasured.status, unmeasured.json["errors"][0]["pointer"]) == (422, "/measures")
    closed = desk.closed(case_id)
    assert (closed.status, closed.json["status"]) == (200, "closed")
    assert closed.json["closing"]["measures"] == [
        {"text": "A second array", "owner": "dev", "due": "2027-01-31"}
    ]
    assert desk.closed(case_id).status == 409
    for call, body in (
        ("messages", report("outage")["message"]),
        ("triage", {"case": 1, "reason": "too late"}),
    ):
        assert desk.call("POST", f"/cases/{case_id}/{call}", body).status == 409
    assert desk.call("PUT", f"/cases/{case_id}/response", {"texts": TEXTS}).status == 409


def test_a_freeze_is_raised_by_one_director_and_released_by_two(desk: Desk) -> None:
    assert desk.call("GET", "/freeze").json["state"] == "open"
    raised = desk.call(
        "POST", "/freeze", {"reason": "a list of customers is out", "case_id": None}, sub="dora"
    )
    assert (raised.status, raised.json["state"], raised.json["raised_by"]) == (202, "raised", "dora")
    assert {"state", "epoch", "reason", "raised_at", "raised_by", "effective_at", "cases"} <= set(raised.json)
    assert desk.call("GET", "/freeze", roles=["auditor"]).json["reason"] == "a list of customers is out"
    body = {"scope": "all", "reason": "the list is old"}
    assert desk.call("POST", "/freeze/release", body, sub="dora").status == 202
    assert desk.call("POST", "/freeze/release", body, sub="dora").status == 409
    second = desk.call("POST", "/freeze/release", body, sub="dirk")
    assert (second.status, second.json["state"], second.json["complete"]) == (200, "open", True)
    assert desk.call("POST", "/freeze/release", body, sub="dora").status == 409


def test_an_asserted_leak_freezes_and_the_document_hides_tokens(desk: Desk) -> None:
    case_id = desk.reported("leak")
    freeze = desk.call("GET", "/freeze").json
    assert (freeze["state"], freeze["holding"]) == ("raised", [case_id])
    assert "waits" not in freeze
    assert desk.call("POST", "/freeze", {"reason": "of its own", "case_id": "case-none"}).status == 404


def test_a_channel_that_was_stopped_by_hand_needs_its_proof(desk: Desk) -> None:
    path = "/freeze/checklist/facebook"
    assert desk.call("POST", path, {"proof": "https://wiki.example/capture"}).status == 404
    desk.reported("leak")
    failed = SuspendedChannel(channel="facebook", result="by_person", detail="stop the planner", at=desk.now)
    desk.module.desk.freezer.alter(lambda freeze: freeze.record(failed) or [])
    assert desk.call("GET", "/freeze").json["checklist"][0]["what"] == "stop the planner"
    assert desk.call("POST", path, {"proof": " "}).status == 422
    closed = desk.call(
        "POST", path, {"proof": "https://wiki.example/capture"}, roles=["responder"], sub="ben"
    )
    assert (closed.status, closed.json["checklist"][0]["proof_by"]) == (200, "ben")


def test_a_suspicion_that_nobody_raised_cannot_be_decided(desk: Desk) -> None:
    case_id = desk.reported()
    path = f"/freeze/suspicions/{case_id}"
    assert desk.call("POST", path, {"freeze": True, "reason": "sure"}).status == 409
    assert desk.call("POST", "/freeze/suspicions/case-none", {"freeze": False, "reason": "no"}).status == 404


def test_a_version_is_previewed_on_every_channel(desk: Desk) -> None:
    case_id = desk.reported()
    desk.call("POST", f"/cases/{case_id}/triage", {"case": 2, "reason": "seen"})
    desk.call("PUT", f"/cases/{case_id}/response", {"texts": TEXTS})
    path = f"/cases/{case_id}/response/1/preview"
    answer = desk.call("GET", path, roles=["auditor"])
    assert answer.status == 200
    shown = {(one["channel"], one["language"]): one for one in answer.json["renderings"]}
    assert {channel for channel, _ in shown} >= {"newsroom", "x", "press-list", "customer-email"}
    x = shown["x", "fr"]
    assert x["posts"] == [{"text": TEXTS["fr"], "length": len(TEXTS["fr"])}]
    assert (x["limit"], x["limit_known"], x["fits"], x["as_submitted"], x["findings"]) == (
        4000, True, True, True, [],
    )  # fmt: skip
    assert answer.json["content_hash"] == desk.case(case_id)["responses"][0]["content_hash"]
    assert desk.call("GET", path.replace("/1/", "/2/")).status == 404
    assert desk.call("GET", path.replace("/1/", "/one/")).status in (404, 422)


def test_an_unknown_webhook_source_is_not_found(desk: Desk) -> None:
    answer = desk.call("POST", "/webhooks/listening-tool", {"hello": 1}, headers={"authorization": None})
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")
