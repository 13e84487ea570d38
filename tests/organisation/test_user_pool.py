"""The people of the file in the user pool: one identity, made from one place, again and again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, get_args

import boto3
import pytest
from moto import mock_aws

from sangfroid.model import Role
from sangfroid.organisation import Organisation, load
from tests.support.desks import EXAMPLE
from tools.user_pool import UserPool

NOW = datetime(2026, 11, 28, 4, 0, tzinfo=UTC)


@pytest.fixture
def pool() -> Iterator[tuple[Any, str]]:
    with mock_aws():
        client = boto3.client("cognito-idp", region_name="eu-west-3")
        made = client.create_user_pool(
            PoolName="people", AliasAttributes=["email"], UsernameConfiguration={"CaseSensitive": False}
        )["UserPool"]["Id"]
        for role in [*get_args(Role), "newsletter"]:
            client.create_group(UserPoolId=made, GroupName=role)
        yield client, made


def made(pool: tuple[Any, str], organisation: Organisation, now: datetime = NOW) -> dict[str, str]:
    return {done.person: done.what for done in UserPool(*pool).make(organisation, now)}


def groups(pool: tuple[Any, str], person: str) -> set[str]:
    answer = pool[0].admin_list_groups_for_user(UserPoolId=pool[1], Username=person)
    return {group["GroupName"] for group in answer["Groups"]}


def with_person(organisation: Organisation, person: str, **changes: Any) -> Organisation:
    people = [one.model_copy(update=changes) if one.id == person else one for one in organisation.people]
    return organisation.model_copy(update={"people": people})


def test_people_get_their_groups_language_and_zone_and_nothing_twice(pool: tuple[Any, str]) -> None:
    organisation = with_person(load(EXAMPLE), "ana", time_zone="America/Toronto")
    first = made(pool, organisation)
    assert first == {
        "ana": "invited", "ben": "invited", "chloe": "invited", "dev": "invited", "emma": "invited", "dora": "invited",
        "dirk": "invited", "agency": "no_access",
    }  # fmt: skip
    user = pool[0].admin_get_user(UserPoolId=pool[1], Username="ana")
    has = {one["Name"]: one["Value"] for one in user["UserAttributes"]}
    assert (has["email"], has["locale"], has["zoneinfo"]) == ("ana@nuage.example", "fr", "America/Toronto")
    assert groups(pool, "dora") == {"approver", "director"}
    assert set(made(pool, organisation).values()) == {"unchanged", "no_access"}


def test_changes_of_the_file_are_changes_of_the_pool(pool: tuple[Any, str]) -> None:
    organisation = load(EXAMPLE)
    made(pool, organisation)
    pool[0].admin_add_user_to_group(UserPoolId=pool[1], Username="emma", GroupName="newsletter")
    changed = with_person(organisation, "emma", access=["approver", "auditor"], language="en")
    assert made(pool, changed)["emma"] == "changed"
    assert groups(pool, "emma") == {"approver", "auditor", "newsletter"}
    assert made(pool, with_person(organisation, "emma", access=["auditor"]))["emma"] == "changed"
    assert groups(pool, "emma") == {"auditor", "newsletter"}


def test_whoever_has_left_is_shut_out_and_whoever_comes_back_is_let_in(pool: tuple[Any, str]) -> None:
    organisation = load(EXAMPLE)
    made(pool, organisation)
    leaving = with_person(organisation, "dev", left=date(2026, 12, 1))
    assert made(pool, leaving)["dev"] == "unchanged"
    # Midnight in Paris is 23:00 UTC of the day before.
    gone = datetime(2026, 11, 30, 23, 0, tzinfo=UTC)
    assert made(pool, leaving, gone)["dev"] == "shut_out"
    assert not pool[0].admin_get_user(UserPoolId=pool[1], Username="dev")["Enabled"]
    assert "dev" not in made(pool, leaving, gone)
    assert made(pool, organisation, gone)["dev"] == "changed"
    assert pool[0].admin_get_user(UserPoolId=pool[1], Username="dev")["Enabled"]


def test_a_user_whom_the_file_does_not_know_is_named_and_left_alone(pool: tuple[Any, str]) -> None:
    pool[0].admin_create_user(UserPoolId=pool[1], Username="stranger")
    assert made(pool, load(EXAMPLE))["stranger"] == "unknown"
    assert pool[0].admin_get_user(UserPoolId=pool[1], Username="stranger")["Enabled"]
