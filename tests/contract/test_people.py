"""Who calls, who is on duty, and exchanging somebody at once."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from sangfroid.casework import organisation as casework_organisation
from sangfroid.organisation import Organisation, load
from tests.contract.desk import EVENT, Desk
from tests.support.desks import EXAMPLE


@pytest.fixture(autouse=True)
def _no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins with an empty table, which a Lambda would notice within seconds."""
    monkeypatch.setattr(casework_organisation, "SECONDS", 0.0)


@pytest.fixture
def changed(desk: Desk) -> Iterator[Any]:
    """Puts another organisation in force, as an upload does."""
    stands_for = desk.module.desk.casework.organisation
    source = vars(stands_for)["_source"]

    def put(**changes: Any) -> None:
        made = load(EXAMPLE)
        people = [one.model_copy(update=changes.pop(one.id, {})) for one in made.people]
        given: Organisation = made.model_copy(update={"people": people} | changes)
        vars(stands_for)["_source"] = lambda: given

    yield put
    vars(stands_for)["_source"] = source


def me(desk: Desk, **claims: Any) -> Any:
    event = copy.deepcopy(EVENT)
    event["rawPath"] = event["requestContext"]["http"]["path"] = "/me"
    event["requestContext"]["http"]["method"] = "GET"
    event["routeKey"] = event["requestContext"]["routeKey"] = "GET /me"
    given = event["requestContext"]["authorizer"]["jwt"]["claims"]
    given.pop("username")
    given.update({"cognito:groups": "[responder]"} | claims)
    return desk.invoke(event)


def test_me_is_the_person_of_the_file_with_the_roles_of_the_token(desk: Desk) -> None:
    answer = desk.call("GET", "/me", sub="ana", roles=["responder", "reporter"])
    assert answer.status == 200
    document = answer.json
    assert document.pop("session")["expires_at"] is not None
    assert document == {
        "id": "ana", "name": "Ana Ferreira", "language": "fr", "time_zone": "Europe/Paris", "access": ["reporter", "responder"],
        "duties": ["writer", "on_call", "internal_communication", "monitoring"], "on_call": True,
    }  # fmt: skip
    assert desk.call("GET", "/me", sub="ben", roles=["auditor"]).json["on_call"] is False


def test_a_subject_that_the_file_does_not_know_keeps_its_roles_and_has_no_duties(desk: Desk) -> None:
    answer = desk.call("GET", "/me", sub="zoe", roles=["auditor"], headers={"Accept-Language": "fr"})
    assert {key: answer.json[key] for key in ("id", "name", "language", "access", "duties", "on_call")} == {
        "id": "zoe", "name": "zoe", "language": "fr", "access": ["auditor"], "duties": [], "on_call": False,
    }  # fmt: skip


def test_a_token_of_cognito_names_the_person_by_the_user_name(desk: Desk, changed: Any) -> None:
    uuid = "7d8ca528-4931-4254-9273-ea5ee853f271"
    assert me(desk, sub=uuid, username="emma").json["id"] == "emma"
    assert me(desk, sub=uuid, **{"cognito:username": "emma"}).json["name"] == "Emma Laurent"
    assert me(desk, sub=uuid, username="okta_00u1").json["id"] == "okta_00u1"
    changed(emma={"subjects": ["okta_00u1"]})
    assert me(desk, sub=uuid, username="okta_00u1").json["id"] == "emma"


def test_whoever_has_left_is_refused_at_the_next_call(desk: Desk, changed: Any) -> None:
    assert desk.call("GET", "/cases", sub="dev", roles=["responder"]).status == 200
    changed(dev={"left": date(2026, 11, 21)})
    assert desk.call("GET", "/cases", sub="dev", roles=["responder"]).status == 200
    desk.advance(hours=14)  # 23:00 UTC: the day of Paris has begun
    for method, path in (("GET", "/cases"), ("GET", "/me"), ("POST", "/freeze")):
        refused = desk.call(method, path, {"reason": "leak"}, sub="dev", roles=["responder", "director"])
        assert refused.status == 403
        assert "left" in refused.json["detail"]
    assert desk.call("GET", "/me", sub="ana", roles=["responder"]).status == 200


def test_a_week_of_duty(desk: Desk) -> None:
    answer = desk.call("GET", "/on-call", roles=["auditor"], headers={"Accept-Language": "fr"})
    assert answer.status == 200
    assert answer.json["gaps"] == []
    assert [one for one in answer.json["shifts"] if one["role"] == "on_call"] == [
        {
            "role": "on_call", "person": "ana", "from": "2026-11-20T09:00:00Z", "to": "2026-11-23T08:00:00Z",
            "why": "à son tour (the week)",
        },
        {
            "role": "on_call", "person": "ben", "from": "2026-11-23T08:00:00Z", "to": "2026-11-27T09:00:00Z",
            "why": "à son tour (the week)",
        },
    ]  # fmt: skip
    assert {one["role"] for one in answer.json["shifts"]} == {"on_call", "pr_lead", "director"}


def test_gaps_are_shown_with_whoever_would_be_called(desk: Desk, changed: Any) -> None:
    changed(emma={"left": True})
    answer = desk.call(
        "GET", "/on-call", query={"from": "2026-11-20T09:00:00Z", "to": "2026-11-21T09:00:00Z"}
    )
    assert answer.json["gaps"] == [
        {"role": "pr_lead", "from": "2026-11-20T09:00:00Z", "to": "2026-11-21T09:00:00Z", "instead": None}
    ]


@pytest.mark.parametrize(
    "query",
    [
        {"from": "tomorrow"},
        {"to": "2026-11-20T08:59:59Z"},
        {"from": "2026-11-20T09:00:00Z", "to": "2027-11-20T09:00:00Z"},
        {"from": "9999-12-31T23:59:59Z"},
        {"from": "0001-01-01T00:00:00Z", "to": "0001-01-02T00:00:00Z"},
        {"from": ""},
    ],
)
def test_any_span_gets_an_answer(desk: Desk, query: dict[str, str]) -> None:
    answer = desk.call("GET", "/on-call", query=query)
    assert answer.status in (200, 422), answer.text
    if answer.status == 422:
        assert answer.json["errors"]


EXCHANGE = {
    "role": "on_call", "person": "dev", "from": "2026-11-20T20:00:00Z", "to": "2026-11-21T08:00:00Z", "reason": "Ana is ill",
}  # fmt: skip


def test_an_exchange_stands_at_once_and_the_newest_counts(desk: Desk) -> None:
    made = desk.call("POST", "/on-call/overrides", EXCHANGE, sub="emma", roles=["approver"])
    assert made.status == 201, made.text
    assert made.json == EXCHANGE | {"by": "emma", "made_at": "2026-11-20T09:00:00Z"}
    desk.advance(minutes=1)
    again = EXCHANGE | {"person": "chloe", "from": "2026-11-21T06:00:00Z", "reason": "Dev sleeps"}
    assert desk.call("POST", "/on-call/overrides", again, sub="dora", roles=["director"]).status == 201
    read = desk.call("GET", "/on-call", headers={"Accept-Language": "fr"})
    shifts = [one for one in read.json["shifts"] if one["role"] == "on_call"]
    assert [(one["person"], one["from"]) for one in shifts] == [
        ("ana", "2026-11-20T09:01:00Z"), ("dev", "2026-11-20T20:00:00Z"), ("chloe", "2026-11-21T06:00:00Z"),
        ("ana", "2026-11-21T08:00:00Z"), ("ben", "2026-11-23T08:00:00Z"),
    ]  # fmt: skip
    assert shifts[1]["why"] == "échange : Ana is ill"
    desk.advance(hours=12)
    assert desk.call("GET", "/me", sub="dev", roles=["responder"]).json["on_call"] is True
    assert desk.call("GET", "/me", sub="ana", roles=["responder"]).json["on_call"] is False


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"role": "king"}, ["/role"]),
        ({"person": "bob"}, ["/person"]),
        ({"to": "2026-11-20T20:00:00Z"}, ["/to"]),
        ({"from": "2026-11-01T00:00:00Z", "to": "2026-11-02T00:00:00Z"}, ["/to"]),
        ({"to": "2027-06-01T00:00:00Z"}, ["/to"]),
        ({"role": "king", "person": "bob"}, ["/role", "/person"]),
        ({"reason": " "}, ["/reason"]),
        ({"from": "2026-11-20 20:00"}, ["/from"]),
    ],
)
def test_an_exchange_that_makes_no_sense_changes_nothing(
    desk: Desk, changes: dict[str, str], pointers: list[str]
) -> None:
    before = desk.stored()
    answer = desk.call("POST", "/on-call/overrides", EXCHANGE | changes)
    assert answer.status == 422, answer.text
    assert [one["pointer"] for one in answer.json["errors"]] == pointers
    assert desk.stored() == before


def test_nobody_who_is_away_is_put_in(desk: Desk) -> None:
    christmas = {"person": "ben", "from": "2026-12-23T20:00:00Z", "to": "2026-12-24T08:00:00Z"}
    answer = desk.call("POST", "/on-call/overrides", EXCHANGE | christmas)
    assert answer.status == 409
    assert "Ben Okafor is away from 2026-12-23 23:00" in answer.json["detail"]


def test_gaps_of_the_next_90_days_are_a_warning_in_the_desk(desk: Desk, changed: Any) -> None:
    assert desk.call("GET", "/organisation").json["gaps"] == []
    changed(emma={"left": date(2027, 1, 1)})
    assert desk.call("GET", "/organisation").json["gaps"] == [
        {"role": "pr_lead", "from": "2026-12-31T23:00:00Z", "to": "2027-02-18T09:00:00Z", "instead": None}
    ]


def test_who_is_who_and_telephone_numbers_for_people_of_the_file_alone(desk: Desk) -> None:
    known = desk.call("GET", "/organisation", sub="ana", roles=["auditor"])
    assert known.status == 200
    assert known.json["room"] == {"phone": "+33 1 00 00 00 00"}
    assert {one["id"]: one["away"] for one in known.json["people"]}["ben"] is False
    assert desk.call("GET", "/organisation", sub="zoe", roles=["auditor"]).json["room"] == {"phone": None}


def test_the_organisation_says_how_long_a_text_may_be_and_is_sent_once(desk: Desk) -> None:
    first = desk.call("GET", "/organisation", roles=["auditor"], headers={"Accept-Encoding": "gzip"})
    assert first.status == 200
    assert first.headers["content-encoding"] == "gzip"
    limits = {one["id"]: (one["limit"], one["unit"]) for one in first.json["channels"]}
    assert limits["x"] == (4000, "characters")
    assert limits["community-forum"][0] is None
    headers: dict[str, str | None] = {"If-None-Match": first.headers["etag"]}
    again = desk.call("GET", "/organisation", roles=["auditor"], headers=headers)
    assert (again.status, again.sent) == (304, b"")
    assert desk.call("GET", "/organisation", roles=["auditor"], sub="nobody", headers=headers).status == 200
