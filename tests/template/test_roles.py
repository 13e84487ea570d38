"""Every role may do what the code calls and nothing else: calls of real stories, compared both ways. `make roles` prints it."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.calls_made import Call, heard
from local.organisation_files import EXAMPLE
from local.rehearse import SCRIPTS, Rehearsal, Teller, read_script
from local.seed import LISTENING_SECRET
from local.stack import Stack
from sangfroid.model import rfc3339
from sangfroid.outbound.channels.webhook import sign
from sangfroid.tracing.fetch import Fetcher, Page
from tests.support.crises import ANA, EIGHT, EMMA, Crisis
from tools import roles as reviewed_roles
from tools.roles import Grant, Need, Role, Roles, Unreviewed

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PAGE = b"<html><head><title>Plus rien ne marche</title></head><body><p>Chez Nuage</p></body></html>"


MORE_CHANNELS = """
  - {id: pages, type: sns_sms, audience: out_of_band, languages: [fr, en], required: false}
  - {id: team-letters, type: ses, audience: team, languages: [fr, en], required: false,
     settings: {from: desk@nuage.example, configuration_set: sangfroid-press}}
  - {id: customer-texts, type: sns_sms, audience: customer, languages: [fr, en], required: false, settings: {to: "+33100000099"}}
  - {id: press-letters, type: ses, audience: public, languages: [fr, en], required: false,
     settings: {from: care@nuage.example, to: [press@nuage.example], configuration_set: sangfroid-press}}
  - {id: other-letters, type: ses, audience: public, languages: [fr, en], required: false,
     settings: {from: care@nuage.example, to: [others@nuage.example], configuration_set: null}}"""
OTHERS_POLICY = {
    "Sid": "Others",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "secretsmanager:DeleteSecret",
    "Resource": "*",
}


def everything(organisation: Path) -> None:
    """The example, with channels that need every permission: text messages, mail of another set and of none, a hook."""
    text = EXAMPLE.read_text("utf-8")
    text = text.replace("\nchannels:", f"\nchannels:{MORE_CHANNELS}", 1)
    text = text.replace(
        '      - {channel: pager, address: "+33100000004"}\n', ""
    )  # dev is told by mail, as chloe is
    text = text.replace("{channel: pager, address", "{channel: pages, address")
    text = text.replace("{id: team-chat, type: outbox", "{id: team-chat, type: webhook").replace(
        ", settings: {edits: true}", ""
    )
    for person in ("ben", "dev", "dora", "dirk", "emma"):
        text = text.replace(f"team-email, address: {person}@", f"team-letters, address: {person}@")
    organisation.write_text(text, "utf-8")


def prepare(stack: Stack) -> None:
    """What an operator has besides: a set for the press, and a policy of their own on a secret."""
    stack.client("sesv2").create_configuration_set(ConfigurationSetName="sangfroid-press")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [OTHERS_POLICY]})
    secrets = stack.client("secretsmanager")
    secrets.put_resource_policy(SecretId="sangfroid/channels/partner-hook", ResourcePolicy=policy)


def play_a_leak(stack: Stack) -> None:
    script = read_script(SCRIPTS / "leak.yaml")
    with Path("/dev/null").open("w") as nowhere:
        Rehearsal(stack, script, Teller(nowhere)).play()


def play_a_publication(stack: Stack) -> None:
    """An image on its way out, a page that is traced and kept, a report of a listening tool, every other call of the API."""
    crisis = Crisis(
        stack,
        message={
            "text": "Plus rien ne marche chez Nuage",
            "platform": "x",
            "published_at": rfc3339(stack.clock.now()),
            "url": "https://x.com/lea/status/1",
        },
    )
    crisis.triage(1)
    body = {"name": "a.png", "media_type": "image/png", "data": base64.b64encode(PNG).decode(), "note": ""}
    kept = crisis.expect(201, ANA, "POST", "/cases/{case}/evidence", body)
    crisis.expect(200, EMMA, "GET", "/cases/{case}/evidence")
    crisis.call(EMMA, "GET", "/cases/{case}/evidence/pack")
    alt = {"fr": "Les chiffres heure par heure", "en": "The figures hour by hour"}
    crisis.approve(image={"evidence": kept["id"], "alt": alt})
    crisis.advance(hours=1)
    crisis.expect(200, EMMA, "GET", "/cases")
    message = {"text": "Tout est en panne !", "platform": "x", "published_at": rfc3339(stack.clock.now())}
    sent = json.dumps({"type": "message.found", "data": {"message": message}}).encode()
    at = int(stack.clock.now().timestamp())
    signed = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(at),
        "webhook-signature": sign(LISTENING_SECRET, "msg_1", at, sent),
        "content-type": "application/json",
    }
    assert stack.request("POST", "/webhooks/own-tool", sent, headers=signed).status == 202
    leak = "LEAKED: confidential salary file of all employees of Nuage, internal documents, customer database dump online"
    message = {"text": leak, "platform": "forum", "published_at": rfc3339(stack.clock.now())}
    suspected = Crisis(stack, message=message)
    assert f"{suspected.id}-suspicion" in suspected.running()
    look_for_what_was_lost(stack)


def look_for_what_was_lost(stack: Stack) -> None:
    """An intent that lies, a crisis and a clock that somebody stopped, and at last nothing open."""
    stack.reset(now=EIGHT)
    stack.request("POST", "/_local/faults", [{"point": "function:relay", "mode": "error", "times": 10_000}])
    lost = Crisis(stack)
    lost.advance(hours=2)
    stack.request("POST", "/_local/faults", [{"point": "function:relay", "mode": "error", "times": 0}])
    invoke(stack, "reconcile", {})
    for one in stack.executions():
        if one["machine"] in ("crisis", "deadline"):
            stack.client("stepfunctions").stop_execution(executionArn=one["arn"])
    stack.settle()
    invoke(stack, "reconcile", {})
    stack.settle()
    stack.reset(now=EIGHT)
    invoke(stack, "reconcile", {})


def invoke(stack: Stack, folder: str, event: object) -> None:
    """One function directly, as an operator does it."""
    (name,) = [function.name for function in stack.runtime.functions.values() if function.folder == folder]
    answer = stack.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode())
    assert "FunctionError" not in answer, answer["Payload"].read()


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, list[Call]]]:
    """A stack whose functions have all worked, and every AWS call that they made."""
    organisation = tmp_path_factory.mktemp("roles") / "organisation.yaml"
    everything(organisation)
    Stack.borrow(now=EIGHT).stop()
    stack = Stack.start(
        now=EIGHT,
        organisation=None,
        parameters={
            "TextMessages": "true",
            "BedrockModelArns": "arn:aws:bedrock:eu-west-3::foundation-model/x",
        },
    )
    stack._organisation = organisation
    stack.reset(now=read_script(SCRIPTS / "leak.yaml").starts)
    with pytest.MonkeyPatch.context() as patch, heard() as calls:
        page = Page(
            "https://x.com/lea/status/1",
            "https://x.com/lea/status/1",
            "93.184.216.34",
            200,
            [],
            "text/html",
            PAGE,
        )
        patch.setattr(Fetcher, "fetch", lambda *_: page)
        prepare(stack)
        play_a_leak(stack)
        stack.reset(now=EIGHT)
        prepare(stack)
        play_a_publication(stack)
        invoke(stack, "index", {"rebuild": True})
        active = stack.client("s3").get_object(
            Bucket=stack.outputs["OrganisationBucketName"], Key="active.json"
        )
        invoke(
            stack,
            "organisation",
            {"activate": json.load(active["Body"])["digest"], "by": "ana", "force": True},
        )
    yield stack, calls
    stack.stop()


@pytest.fixture(scope="module")
def compared(played: tuple[Stack, list[Call]]) -> list[Role]:
    stack, calls = played
    found = Roles(stack).compared(calls)
    sys.stdout.write("\n" + reviewed_roles.table(found) + "\n")
    return found


def test_every_function_worked(played: tuple[Stack, list[Call]]) -> None:
    stack, calls = played
    silent = {function.name for function in stack.runtime.functions.values()} - {
        call.function for call in calls
    }
    assert silent == {"sangfroid-console"}, "the page and its files: it calls nothing"


def test_no_role_lacks_what_its_code_calls(compared: list[Role]) -> None:
    assert {role.name: role.missing for role in compared if role.missing} == {}


def test_no_role_has_what_nothing_calls(compared: list[Role]) -> None:
    assert {role.name: role.unused for role in compared if role.unused} == {}


def test_a_reason_is_written_for_what_is_really_unused(compared: list[Role]) -> None:
    """A reason that nobody needs any more goes."""
    unused = reviewed_roles.reviewed()["unused"]
    for name, reasons in unused.items():
        needed = {grant.action for role in compared if name in ("*", role.name) for grant in role.explained}
        assert set(reasons) <= needed, name


TABLE = "arn:aws:dynamodb:eu-central-1:123456789012:table/t"


def test_what_is_not_allowed_is_missing_and_what_is_not_needed_is_unused() -> None:
    role = Role("r", [Grant(True, "dynamodb:GetItem", TABLE, "s", '""')], {Need("dynamodb:PutItem", TABLE)})
    assert role.missing == [Need("dynamodb:PutItem", TABLE)]
    assert [grant.action for grant in role.unused] == ["dynamodb:GetItem"]
    role.reasons = {"dynamodb:GetItem": "why"}
    assert (role.unused, len(role.explained)) == ([], 1)


def test_a_denial_on_the_partition_wins_over_what_is_allowed() -> None:
    denied = json.dumps({"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": ["CASE#*#TIMELINE"]}})
    grants = [
        Grant(True, "dynamodb:DeleteItem", TABLE, "s", '""'),
        Grant(False, "dynamodb:DeleteItem", TABLE, "n", denied),
    ]
    role = Role("r", grants)
    assert role.allows(Need("dynamodb:DeleteItem", TABLE, "CASE#1"))
    assert not role.allows(Need("dynamodb:DeleteItem", TABLE, "CASE#1#TIMELINE"))


def test_a_call_that_nobody_looked_up_is_refused(played: tuple[Stack, list[Call]]) -> None:
    with pytest.raises(Unreviewed):
        list(Roles(played[0]).needs(Call("f", "dynamodb", "Scan", {"TableName": "sangfroid-Table"})))


def test_every_line_of_the_map_names_a_source_and_is_needed(played: tuple[Stack, list[Call]]) -> None:
    stack, calls = played
    looked = Roles(stack)
    looked.compared(calls)
    found = reviewed_roles.reviewed()
    assert {entry["source"] for entry in found["operations"].values()} <= set(found["sources"])
    never = set(found["operations"]) - looked.used
    assert never == {
        "dynamodb.TransactWriteItems/Update",  # nobody updates (decision 0052)
        "sesv2.SendEmail/Simple",
    }, never
