"""C3.0b and the second lock: what was stopped is restored and nothing else, and nobody but the release role lifts the lock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws

from sangfroid.errors import IllegalTransition
from sangfroid.freeze.locks import Locks
from sangfroid.freeze.suspension import Suspensions
from sangfroid.outbound.channels.base import Suspension
from sangfroid.outbound.errors import AnswerLost, NotConnected
from sangfroid.store import freeze as freezing
from tests.support.desks import Platform, TestDesk

RELEASE = "arn:aws:iam::123456789012:role/release"
SENDERS = ("arn:aws:iam::123456789012:role/notify", "arn:aws:iam::123456789012:role/publish")


@dataclass
class Switch:
    """What two channels share: one switch of one account."""

    on: bool = True


class Switched(Platform):
    """A channel with a switch, whose next answers can be lost after the deed."""

    def __init__(self, channel: str, switch: Switch, lost: int = 0) -> None:
        super().__init__(channel)
        self.switch, self.lost, self.resumed = switch, lost, 0

    def survey(self) -> dict[str, Any]:
        return {"target": "account", "was_enabled": self.switch.on}

    def suspend(self) -> Suspension:
        self.switch.on = False
        if self.lost:
            self.lost -= 1
            raise AnswerLost("it is off, and the answer is lost")
        return Suspension("stopped", "off")

    def is_suspended(self, suspension: Suspension) -> bool:
        return not self.switch.on

    def resume(self, suspension: Suspension) -> None:
        self.resumed += 1
        self.switch.on = self.switch.on or bool(suspension.state["was_enabled"])


class ByHand(Platform):
    """A platform that only a person can stop."""

    def suspend(self) -> Suspension:
        return Suspension("by_person", "hold the planner")


class Unplugged(Platform):
    """A channel without credentials."""

    def suspend(self) -> Suspension:
        raise NotConnected("no credentials")


def suspensions(desk: TestDesk) -> Suspensions:
    return Suspensions(desk.desk.casework, lambda name: desk.platforms[name], desk.desk.freezer)


def release(desk: TestDesk) -> None:
    desk.release("all")


def entry(desk: TestDesk, channel: str) -> freezing.SuspendedChannel:
    found = freezing.read(desk.table).suspension(channel)
    assert found is not None
    return found


@pytest.mark.parametrize("was_on", [True, False])
def test_a_resume_restores_what_stood_before_even_where_an_answer_was_lost(was_on: bool) -> None:
    desk, switch = TestDesk(), Switch(was_on)
    desk.platforms["x"] = Switched("x", switch, lost=1)
    desk.platforms["facebook"] = Switched("facebook", switch)
    desk.desk.freezer.raise_freeze(None, "leak", "dora")
    work = suspensions(desk)
    with pytest.raises(AnswerLost):
        work.suspend("x", 1)
    for channel in ("facebook", "x"):
        assert work.suspend(channel, 1)["outcome"] == "stopped"
    assert work.verify(1)["outcome"] == "verified"
    assert not switch.on
    assert work.resume("x", 1)["outcome"] == "superseded", "nothing is resumed while frozen"
    release(desk)
    for channel in work.channels():
        work.resume(channel, 1)
    assert switch.on is was_on
    assert entry(desk, "x").result == "resumed"


def test_what_a_second_freeze_finds_stopped_by_the_first_is_still_restored() -> None:
    desk, switch = TestDesk(), Switch()
    desk.platforms["x"] = Switched("x", switch)
    desk.desk.freezer.raise_freeze(None, "leak", "dora")
    suspensions(desk).suspend("x", 1)
    release(desk)
    desk.desk.freezer.raise_freeze(None, "another leak, before anything was resumed", "dora")
    epoch = freezing.read(desk.table).raised_epoch
    assert suspensions(desk).resume("x", 1)["outcome"] == "superseded", "the older execution resumes nothing"
    suspensions(desk).suspend("x", epoch)
    assert not switch.on
    release(desk)
    assert suspensions(desk).resume("x", epoch)["outcome"] == "resumed"
    assert switch.on


def test_a_channel_that_sends_again_is_stopped_again_when_it_is_read_back() -> None:
    desk, switch = TestDesk(), Switch()
    desk.platforms["x"] = Switched("x", switch)
    desk.desk.freezer.raise_freeze(None, "leak", "dora")
    suspensions(desk).suspend("x", 1)
    switch.on = True
    suspensions(desk).verify(1)
    assert not switch.on


def test_a_channel_that_a_person_must_stop_stands_on_the_checklist_until_there_is_a_proof() -> None:
    desk = TestDesk()
    desk.platforms["x"] = ByHand("x")
    desk.platforms["facebook"] = Unplugged("facebook")
    case_id = desk.report(asserted={"confidential_leak": True})
    desk.desk.triage.classify(case_id)
    work = suspensions(desk)
    for channel in work.channels():
        work.suspend(channel, 1)
    work.verify(1)
    document = desk.desk.freezer.document()
    assert [item["channel"] for item in document["checklist"]] == ["x"]
    assert document["suspended_at"] is None
    assert entry(desk, "facebook").result == "nothing"
    with pytest.raises(IllegalTransition, match="needs no proof"):
        desk.desk.freezer.close_checklist("facebook", "the page of the account shows no post", "ana")
    document = desk.desk.freezer.close_checklist(
        "x", "the page of the account shows no post since noon", "ana"
    )
    assert document["suspended_at"] is not None
    duty = desk.desk.casework.read(case_id).case.duty("C3.0b")
    assert duty is not None
    assert duty.state == "done"


# -- the second lock


@pytest.fixture
def secrets() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client(
            "secretsmanager",
            "eu-west-3",
            aws_access_key_id="x",
            aws_secret_access_key="x",  # noqa: S106
        )
        client.create_secret(Name="desk/channels/hook", SecretString="{}")
        yield client
        # A local stack in this process keeps the emulator alive.
        client.delete_secret(SecretId="desk/channels/hook", ForceDeleteWithoutRecovery=True)


def statements(client: Any) -> list[dict[str, Any]]:
    text = client.get_resource_policy(SecretId="desk/channels/hook").get("ResourcePolicy")
    found: list[dict[str, Any]] = json.loads(text)["Statement"] if text else []
    return found


def test_the_lock_denies_the_senders_and_only_the_release_role_and_the_owner_may_lift_it(
    secrets: Any,
) -> None:
    locks = Locks(secrets, "desk", SENDERS, RELEASE)
    assert locks.lock("hook") == locks.lock("hook") == "locked"
    reading, lifting = statements(secrets)
    assert reading["Effect"] == lifting["Effect"] == "Deny"
    assert reading["Principal"] == {"AWS": list(SENDERS)}
    assert reading["Action"] == "secretsmanager:GetSecretValue"
    assert set(lifting["Action"]) == {
        "secretsmanager:PutResourcePolicy",
        "secretsmanager:DeleteResourcePolicy",
    }
    assert lifting["Condition"]["ArnNotEquals"]["aws:PrincipalArn"] == [
        RELEASE,
        "arn:aws:iam::123456789012:root",
    ]
    assert locks.is_locked("hook")
    assert locks.unlock("hook") == locks.unlock("hook") == "open"
    assert statements(secrets) == []
    assert locks.lock("no-secret") == locks.unlock("no-secret") == "none"


def test_what_else_stands_in_the_policy_is_left_alone(secrets: Any) -> None:
    mine = {
        "Sid": "Owner",
        "Effect": "Deny",
        "Principal": {"AWS": SENDERS[0]},
        "Action": "secretsmanager:DeleteSecret",
        "Resource": "*",
    }
    secrets.put_resource_policy(
        SecretId="desk/channels/hook",
        ResourcePolicy=json.dumps({"Version": "2012-10-17", "Statement": [mine]}),
    )
    locks = Locks(secrets, "desk", SENDERS, RELEASE)
    locks.lock("hook")
    assert len(statements(secrets)) == 3
    locks.unlock("hook")
    assert statements(secrets) == [mine]


def test_a_deployment_for_rehearsals_silences_nobody() -> None:
    desk, switch = TestDesk(), Switch()
    desk.platforms["x"] = Switched("x", switch)
    desk.desk.freezer.raise_freeze(None, "leak", "dora")
    work = Suspensions(
        desk.desk.casework, lambda name: desk.platforms[name], desk.desk.freezer, silences=False
    )
    for channel in work.channels():
        assert work.suspend(channel, 1)["outcome"] == "nothing"
    assert work.verify(1)["outcome"] == "verified"
    assert switch.on, "the account goes on"
    assert freezing.read(desk.table).active, "and yet nothing of the desk's leaves"
