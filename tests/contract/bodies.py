"""A good body for each call that has one."""

from __future__ import annotations

from typing import Any

from tests.contract.desk import TEXTS, report

MESSAGE = report("outage")["message"]
GOOD: dict[str, dict[str, Any]] = {
    "POST /incidents": report("outage"),
    "POST /cases/{id}/triage": {"case": 3, "leak": False, "reason": "seen"},
    "POST /cases/{id}/messages": MESSAGE,
    "POST /cases/{id}/cell/{role}": {"to": "chloe", "note": "my shift ends"},
    "POST /cases/{id}/duties/{duty}/owner": {"to": "dev", "note": "his platform"},
    "POST /cases/{id}/response/{version}/reviewers": {"absent": "emma", "to": "dora", "reason": "in the air"},
    "POST /on-call/overrides": {
        "role": "on_call",
        "person": "dev",
        "from": "2026-11-20T20:00:00Z",
        "to": "2026-11-21T08:00:00Z",
        "reason": "ill",
    },
    "POST /cases/{id}/messages/{message}/withdraw": {"reason": "another company"},
    "POST /cases/{id}/evidence": {
        "name": "a.png",
        "media_type": "image/png",
        "data": "iVBORw0KGgo=",
        "note": "n",
    },
    "POST /cases/{id}/merge": {"into": "case-x", "reason": "one event"},
    "POST /cases/{id}/split": {"messages": ["m000001"], "reason": "another event"},
    "PUT /cases/{id}/response": {
        "texts": TEXTS,
        "kind": "response",
        "corrects": None,
        "image": None,
    },
    "POST /cases/{id}/answers": {
        "message": "m1",
        "text": "Sorry.",
        "language": "en",
        "channel": None,
        "to": "lea@example.org",
    },
    "POST /cases/{id}/deliveries/{delivery}/retract": {"reason": "a wrong figure", "decision": "confirm"},
    "POST /cases/{id}/response/{version}/review": {
        "decision": "reject",
        "content_hash": "sha256:0",
        "comment": "",
    },
    "POST /cases/{id}/no-response": {"reason": "a provoker", "reopen_if": ["press", "followers_over:10"]},
    "POST /cases/{id}/duties/{duty}": {
        "state": "done",
        "evidence": "https://forum.example/t/88, the first message",
        "note": "found it on the forum",
    },
    "POST /cases/{id}/deliveries/{delivery}": {"state": "manual", "url": "https://x.example", "note": "n"},
    "POST /cases/{id}/close": {
        "root_cause": "a script without a rehearsal",
        "lessons": "the forum knew before us",
        "measures": [{"text": "Migrations are rehearsed", "owner": "dev", "due": "2027-01-01"}],
    },
    "POST /freeze": {"reason": "a leak", "case_id": None},
    "POST /freeze/release": {"scope": "all", "reason": "over", "case_id": None},
    "POST /freeze/checklist/{channel}": {"proof": "the page of the account shows no post"},
    "POST /freeze/suspicions/{case_id}": {"freeze": False, "reason": "old data"},
    "PUT /cases/{id}/plan": {"note": "the forum matters most", "posture": "repair"},
    "POST /cases/{id}/community-first": {"first": True, "reason": "the community is concerned"},
    "POST /cases/{id}/measures": {"text": "A second line", "owner": "dev", "due": "2027-01-01"},
    "POST /cases/{id}/response/check": {"texts": TEXTS, "kind": "response", "corrects": None},
    "POST /cases/{id}/response/{version}/overrides": {
        "code": "placeholder_left_in",
        "reason": "the brackets belong to a quotation",
    },
    "PUT /cases/{id}/draft": {"texts": TEXTS, "based_on": "first-draft", "objective": "say what we know"},
    "POST /acknowledgements": {"texts": {"en": "We have read you and come back to you."}},
    "POST /acknowledgements/{template}/approve": {
        "content_hash": "sha256:" + "0" * 64,
        "expires_at": "2027-01-01T00:00:00Z",
    },
    "POST /acknowledgements/{template}/revoke": {"reason": "it is out of date"},
    "POST /cases/{id}/acknowledgements": {
        "template": "a1",
        "content_hash": "sha256:" + "0" * 64,
        "message": "m000001",
        "language": "en",
        "channel": None,
        "to": "lea@example.org",
    },
}
