"""Idempotency-Key on every call that changes something: one act and one answer, in one space a caller and route."""

from __future__ import annotations

from typing import Any

import pytest

from sangfroid.http import repeating
from sangfroid.store import once
from tests.contract.desk import TEXTS, Desk, report

KEY = {"idempotency-key": "k-1"}
MESSAGE = report("rival")["message"]


def test_six_times_one_message(desk: Desk) -> None:
    case_id = desk.classified(2)
    answers = [desk.call("POST", f"/cases/{case_id}/messages", MESSAGE, headers=dict(KEY)) for _ in range(6)]
    assert {(answer.status, answer.text) for answer in answers} == {(201, answers[0].text)}
    assert desk.case(case_id)["message_count"] == 2


def calls_of(desk: Desk) -> list[tuple[str, str, dict[str, Any]]]:
    """Calls of every kind on a desk with a case that has a version in review, and a second case."""
    case_id = desk.classified(2)
    other = desk.reported("rival")
    version = desk.written(case_id)
    no = {"decision": "reject", "content_hash": version["content_hash"], "comment": "no"}
    turn = {"role": "on_call", "person": "ben", "reason": "ill"}
    turn |= {"from": "2026-11-21T08:00:00Z", "to": "2026-11-22T08:00:00Z"}
    return [
        ("POST", f"/cases/{case_id}/messages", MESSAGE | {"text": "une autre fois, ailleurs"}),
        ("PUT", f"/cases/{case_id}/response", {"texts": TEXTS | {"fr": TEXTS["fr"] + " Bientôt plus."}}),
        ("POST", f"/cases/{case_id}/response/{version['version']}/review", no),
        ("POST", f"/cases/{case_id}/duties/C2.1", {"state": "done", "evidence": "https://wiki.example/1"}),
        ("POST", f"/cases/{case_id}/evidence", {"name": "a.png", "media_type": "text/plain", "data": "aGVsbG8="}),
        ("POST", f"/cases/{other}/triage", {"case": 2, "reason": "seen"}),
        ("POST", f"/cases/{case_id}/split", {"messages": ["m000002"], "reason": "another"}),
        ("POST", f"/cases/{other}/merge", {"into": case_id, "reason": "one event"}),
        ("POST", "/freeze", {"reason": "a leak"}),
        ("POST", "/on-call/overrides", turn),
    ]  # fmt: skip


def test_every_call_is_one_act_under_one_key(desk: Desk) -> None:
    done = 0
    for number, (method, path, body) in enumerate(calls_of(desk)):
        key: dict[str, str | None] = {"idempotency-key": f"k-{number}"}
        first = desk.call(method, path, body, headers=dict(key))
        if first.status >= 300:
            continue
        done += 1
        before = desk.stored()
        again = desk.call(method, path, body, headers=dict(key))
        assert (again.status, again.text, again.headers) == (first.status, first.text, first.headers), path
        assert desk.stored() == before, path
        other = desk.call(method, path, body | {"reason": "something else"}, headers=dict(key))
        assert other.status == 422, path
        assert desk.stored() == before, path
    assert done >= 8


def test_each_caller_and_route_has_a_space_of_its_own(desk: Desk) -> None:
    case_id = desk.classified(2)
    path = f"/cases/{case_id}/messages"
    mine = desk.call("POST", path, MESSAGE, headers=dict(KEY), sub="ana")
    yours = desk.call("POST", path, MESSAGE | {"text": "autre chose"}, headers=dict(KEY), sub="chloe")
    assert (mine.status, yours.status) == (201, 201)
    assert mine.json["message_id"] != yours.json["message_id"]
    duty = {"state": "done", "evidence": "https://wiki.example/1"}
    assert (
        desk.call("POST", f"/cases/{case_id}/duties/C2.1", duty, headers=dict(KEY), sub="ana").status == 200
    )


def test_a_stranger_does_not_get_my_answer(desk: Desk) -> None:
    mine = desk.call("POST", "/incidents", report("outage"), headers=dict(KEY), sub="ana")
    theirs = desk.call("POST", "/incidents", report("rival"), headers=dict(KEY), sub="chloe")
    assert (mine.status, theirs.status) == (202, 202)
    assert theirs.json["case_id"] != mine.json["case_id"]


def test_a_refusal_is_not_remembered(desk: Desk) -> None:
    case_id = desk.reported()
    texts = {"texts": TEXTS}
    assert desk.call("PUT", f"/cases/{case_id}/response", texts, headers=dict(KEY)).status == 409
    desk.call("POST", f"/cases/{case_id}/triage", {"case": 2, "reason": "seen"})
    assert desk.call("PUT", f"/cases/{case_id}/response", texts, headers=dict(KEY)).status == 201


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 201])
def test_a_key_is_short_visible_ascii(desk: Desk, key: str) -> None:
    case_id = desk.classified(2)
    answer = desk.call("POST", f"/cases/{case_id}/messages", MESSAGE, headers={"idempotency-key": key})
    assert (answer.status, answer.json["errors"][0]["parameter"]) == (422, "idempotency-key")


def test_an_answer_that_was_lost_is_no_second_act(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The function ends between the act and the keeping of its answer."""
    case_id = desk.classified(2)
    path = f"/cases/{case_id}/messages"

    def ended(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(once.Once, "keep", ended)
        with pytest.raises(KeyboardInterrupt):
            desk.call("POST", path, MESSAGE, headers=dict(KEY))
    again = desk.call("POST", path, MESSAGE, headers=dict(KEY))
    assert again.status == 409
    assert "carried out" in again.json["detail"]
    assert desk.case(case_id)["message_count"] == 2


def test_a_merge_whose_answer_was_lost_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id, other = desk.classified(2), desk.reported("rival")
    body = {"into": case_id, "reason": "one event"}
    with monkeypatch.context() as broken:
        broken.setattr(
            "sangfroid.acts.merging.carry_over", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        with pytest.raises(KeyboardInterrupt):
            desk.call("POST", f"/cases/{other}/merge", body, headers=dict(KEY))
    again = desk.call("POST", f"/cases/{other}/merge", body, headers=dict(KEY))
    assert again.status == 200
    assert len(again.json["messages"]) == 2


def test_two_at_the_same_moment_are_one_act(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second call looks before the first has written its mark."""
    case_id = desk.classified(2)
    path = f"/cases/{case_id}/messages"
    first = desk.call("POST", path, MESSAGE, headers=dict(KEY))
    table = desk.module.desk.casework.table
    looks = iter([None])
    real = table.get

    def get(pk: str, sk: str) -> Any:
        return next(looks, real(pk, sk)) if sk == "CALL" else real(pk, sk)

    monkeypatch.setattr(table, "get", get)
    again = desk.call("POST", path, MESSAGE, headers=dict(KEY))
    assert (again.status, again.text) == (201, first.text)
    monkeypatch.undo()
    assert desk.case(case_id)["message_count"] == 2


def test_merge_twice_without_a_key(desk: Desk) -> None:
    case_id, other = desk.classified(2), desk.reported("rival")
    body = {"into": case_id, "reason": "one event"}
    assert [desk.call("POST", f"/cases/{other}/merge", body).status for _ in range(3)] == [200, 200, 200]


def test_the_routes_that_go_on_are_served() -> None:
    from sangfroid.http.identity import ROLES

    assert set(ROLES) >= repeating.GO_ON
