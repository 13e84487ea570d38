"""The crisis cell of a case: one pilot, who does not approve; duties and reviews handed on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.desk import Desk


def kinds(desk: Desk, case_id: str, kind: str) -> list[dict[str, Any]]:
    events = desk.call("GET", f"/cases/{case_id}/timeline").json["events"]
    return [event["data"] for event in events if event["kind"] == kind]


def case(desk: Desk, case_id: str) -> Any:
    return desk.call("GET", f"/cases/{case_id}").json


def test_a_case_has_one_pilot_from_its_first_moment(desk: Desk) -> None:
    case_id = desk.reported()
    assert case(desk, case_id)["cell"] == {
        "pilot": "ben", "log_keeper": "chloe", "spokesperson": "emma", "internal_communication": "chloe", "legal": "dirk",
        "business_owner": "dev", "customer_care": "chloe", "monitoring": "ben",
    }  # fmt: skip


def test_whoever_is_away_when_it_opens_has_no_role_in_it(desk: Desk) -> None:
    desk.advance(days=36)  # 26 December: Ben is on leave
    text = {"text": "Nuage est en panne.", "platform": "x", "published_at": "2026-12-26T08:00:00Z"}
    taken = desk.call("POST", "/incidents", {"brand": "Nuage SA", "message": text})
    assert taken.status == 202, taken.text
    cell = case(desk, taken.json["case_id"])["cell"]
    assert (cell["pilot"], cell["monitoring"]) == ("chloe", "ana")


def test_a_role_is_handed_over_and_the_timeline_says_so(desk: Desk) -> None:
    case_id = desk.classified(2)
    answer = desk.call(
        "POST", f"/cases/{case_id}/cell/pilot", {"to": "chloe", "note": "my shift ends"}, sub="ben"
    )
    assert (answer.status, answer.json["cell"]["pilot"]) == (200, "chloe")
    assert kinds(desk, case_id, "cell_role_handed_over") == [
        {"role": "pilot", "before": "ben", "to": "chloe", "note": "my shift ends"}
    ]


@pytest.mark.parametrize(
    ("role", "to", "status", "words"),
    [
        ("pilot", "emma", 409, "does not steer"),
        ("pilot", "dirk", 409, "does not steer"),
        ("pilot", "bob", 422, "does not know"),
        ("king", "ana", 404, "no role"),
    ],
)
def test_not_everybody_takes_every_role(desk: Desk, role: str, to: str, status: int, words: str) -> None:
    case_id = desk.classified(2)
    before = desk.stored()
    answer = desk.call("POST", f"/cases/{case_id}/cell/{role}", {"to": to})
    assert (answer.status, words in answer.json["detail"]) == (status, True), answer.text
    assert desk.stored() == before


def test_the_pilot_s_yes_to_a_text_is_refused(desk: Desk) -> None:
    case_id = desk.classified(2)
    version = desk.written(case_id)
    refused = desk.reviewed(case_id, version, by="ben")
    assert (refused.status, "steer" in refused.json["detail"]) == (403, True)
    assert desk.reviewed(case_id, version, by="emma").status == 200


def test_a_duty_names_who_does_it_who_is_asked_and_who_hears_of_it(desk: Desk) -> None:
    case_id = desk.classified(2)
    ready = next(duty for duty in case(desk, case_id)["duties"] if duty["id"] == "C2.2")
    assert (ready["owner"], ready["consulted"], ready["informed"]) == (
        "ana",
        ["dirk", "dev"],
        ["ben", "emma"],
    )


def test_a_duty_is_handed_on(desk: Desk) -> None:
    case_id = desk.classified(2)
    path = f"/cases/{case_id}/duties/C2.1/owner"
    handed = desk.call("POST", path, {"to": "dev", "note": "it is his platform"}, sub="ana")
    assert (handed.status, handed.json["owner"]) == (200, "dev")
    (event,) = kinds(desk, case_id, "duty_handed_on")
    assert (event["duty"], event["to"], event["note"]) == ("C2.1", "dev", "it is his platform")
    assert desk.call("POST", path, {"to": "dev"}).status == 200
    assert len(kinds(desk, case_id, "duty_handed_on")) == 1
    assert desk.call("POST", f"/cases/{case_id}/duties/C9.9/owner", {"to": "dev"}).status == 404
    assert desk.call("POST", path, {"to": "nobody"}).json["errors"][0]["pointer"] == "/to"


def test_a_reviewer_who_is_away_is_substituted_and_it_is_logged(desk: Desk) -> None:
    case_id = desk.classified(3)
    version = desk.written(
        case_id, texts={"fr": "Nous nous excusons et réparons.", "en": "We apologise and mend it."}
    )
    assert case(desk, case_id)["responses"][0]["reviewers"] == ["emma", "dora"]
    path = f"/cases/{case_id}/response/{version['version']}/reviewers"
    swap = {"absent": "dora", "to": "dirk", "reason": "Dora is in the air"}
    changed = desk.call("POST", path, swap, sub="ana")
    assert (changed.status, changed.json["reviewers"]) == (200, ["emma", "dirk"])
    assert kinds(desk, case_id, "reviewer_substituted") == [{"version": 1} | swap]
    for body, status in (
        (swap, 422),  # Dora is not asked any more
        ({"absent": "emma", "to": "ana", "reason": "x"}, 422),  # may not approve, and wrote it
        ({"absent": "emma", "to": "dirk", "reason": "x"}, 409),  # asked already
    ):
        assert desk.call("POST", path, body).status == status
    assert desk.reviewed(case_id, version, by="emma").status == 200
    assert desk.call("POST", path, {"absent": "emma", "to": "dora", "reason": "x"}).status == 409
    assert desk.reviewed(case_id, version, by="dirk").json["state"] == "approved"
