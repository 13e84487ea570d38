"""Who may do what (I2): the roles that CloudFormation gets, statement by statement."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.template.conftest import AWS_POLICIES, ROOT
from tests.template.policies import allowed, listed, statements_of

CREDENTIALS = "${AWS::StackName}/channels/*"

EVERY_RESOURCE = {
    "DeliverLogs": "the log delivery actions of CloudWatch Logs know no resource",
    "AccountDecides": "in a key's own policy * is the key",
    "LogsAreEncrypted": "in a key's own policy * is the key",
    "AlarmsAreEncrypted": "in a key's own policy * is the key",
    "LookWhetherTheStreamIsRead": "listing event source mappings knows no resource",
    "SwitchEmailOfTheAccount": "the account-wide switch of SES sending knows no resource",
    "SendTextMessages": "a phone number is no resource; topics are denied beside it",
}
"""Statements that may name every resource, and why."""

EVERY_ACTION = {"AccountDecides": "without it the account's administrators could not mend the key's policy"}
"""Statements that may name every action of a service, and why."""


def roles(deployed: dict[str, Any]) -> list[str]:
    return [name for name, resource in deployed.items() if resource["Type"] == "AWS::IAM::Role"]


def roles_allowed(deployed: dict[str, Any], action: str) -> set[str]:
    """Roles with a statement that covers the action, by name or by wildcard."""
    return {
        role
        for role in roles(deployed)
        for statement in allowed(deployed, role)
        for pattern in listed(statement["Action"])
        if re.fullmatch(pattern.replace("*", ".*"), action)
    }


def written_statements(resources: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every statement that the template itself spells out."""
    for resource in resources.values():
        for policy in resource.get("Properties", {}).get("Policies", []):
            if isinstance(policy, dict) and "Statement" in policy:
                yield from policy["Statement"]
        if resource["Type"] in ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::KMS::Key"):
            yield from statements_of(resource)


def test_every_function_and_machine_has_a_role_of_its_own(
    resources: dict[str, Any], deployed: dict[str, Any]
) -> None:
    acting = [
        name
        for name, resource in resources.items()
        if resource["Type"] in ("AWS::Serverless::Function", "AWS::Serverless::StateMachine")
    ]
    assert sorted(roles(deployed)) == sorted(
        # What the schedules invoke it with, and what shifts an alias from version to version.
        [*(f"{name}Role" for name in acting), "ReconcileScheduleRole", "CodeDeployServiceRole"]
    )


def test_only_those_who_pass_the_one_door_read_the_channels_credentials(deployed: dict[str, Any]) -> None:
    for action in ("secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue"):
        assert roles_allowed(deployed, action) <= {
            "ApiFunctionRole",  # the secrets of listening tools alone, below
            "NotifyFunctionRole",
            "PublishFunctionRole",
            "FreezeFunctionRole",
        }
    for role in ("NotifyFunctionRole", "PublishFunctionRole", "FreezeFunctionRole"):
        (statement,) = [
            found for found in allowed(deployed, role) if "GetSecretValue" in str(found["Action"])
        ]
        assert statement["Action"] == "secretsmanager:GetSecretValue"
        assert statement["Resource"]["Fn::Sub"].endswith(f":secret:{CREDENTIALS}")
    (listening,) = [found for found in allowed(deployed, "ApiFunctionRole") if "secretsmanager" in str(found)]
    assert listening["Action"] == "secretsmanager:GetSecretValue"
    assert listening["Resource"]["Fn::Sub"].endswith(":secret:${AWS::StackName}/listening/*")


def test_only_those_who_pass_the_one_door_send_email_and_only_as_the_identity(
    deployed: dict[str, Any],
) -> None:
    """SES v2 checks `SendEmail` with a whole message as `ses:SendRawEmail`, on the identity and on the configuration set.

    Refused by AWS as "not authorized to perform `ses:SendRawEmail' on resource …:configuration-set/…": medplum/medplum #10102,
    aws/aws-cdk #34402, aws/aws-actionmailer-ses-ruby #10.
    """
    senders = {
        "NotifyFunctionRole",
        "PublishFunctionRole",
        "FreezeFunctionRole",
    }  # a freeze tells people itself
    for action in ("ses:SendEmail", "ses:SendRawEmail"):
        assert roles_allowed(deployed, action) == senders
    assert roles_allowed(deployed, "ses:SendBulkEmail") == set()
    for role in senders:
        (statement,) = [found for found in allowed(deployed, role) if "ses:Send" in str(found["Action"])]
        assert sorted(statement["Action"]) == ["ses:SendEmail", "ses:SendRawEmail"]
        places = {resource["Fn::Sub"].split("${AWS::AccountId}:")[1] for resource in statement["Resource"]}
        assert places == {
            "identity/${EmailIdentity}",
            "configuration-set/${AWS::StackName}",
            "configuration-set/${AWS::StackName}-*",
        }


def test_the_stack_has_a_configuration_set_and_who_sends_or_stops_mail_knows_it(
    resources: dict[str, Any], deployed: dict[str, Any]
) -> None:
    """A freeze turns the switch of this set, so that mail of others in the account goes on."""
    assert resources["EmailConfigurationSet"]["Type"] == "AWS::SES::ConfigurationSet"
    properties = resources["EmailConfigurationSet"]["Properties"]
    assert properties == {"Name": {"Ref": "AWS::StackName"}}, (
        "an update of the stack must not turn the switch"
    )
    for name in ("NotifyFunction", "PublishFunction", "FreezeFunction"):
        variables = resources[name]["Properties"]["Environment"]["Variables"]
        assert variables["EMAIL_CONFIGURATION_SET"] == {"Ref": "EmailConfigurationSet"}
    assert roles_allowed(deployed, "ses:PutConfigurationSetSendingOptions") == {"FreezeFunctionRole"}
    (switch,) = [
        found for found in allowed(deployed, "FreezeFunctionRole") if found.get("Sid") == "SwitchEmailOfASet"
    ]
    assert all("${AWS::StackName}" in str(resource) for resource in switch["Resource"])


def test_text_messages_are_sent_where_the_deployment_says_so_and_never_to_a_topic(
    template: dict[str, Any], deployed: dict[str, Any]
) -> None:
    assert roles_allowed(deployed, "sns:Publish") == set(), "no role has it by itself"
    policy = deployed["TextMessagePolicy"]
    assert policy["Condition"] == "SendsTextMessages"
    assert template["Parameters"]["TextMessages"]["Default"] == "false"
    assert {role["Ref"] for role in policy["Properties"]["Roles"]} == {
        "NotifyFunctionRole",
        "PublishFunctionRole",
        "FreezeFunctionRole",
    }
    allow, deny = policy["Properties"]["PolicyDocument"]["Statement"]
    assert (allow["Effect"], allow["Action"], allow["Resource"]) == ("Allow", "sns:Publish", "*")
    assert (deny["Effect"], deny["Action"]) == ("Deny", "sns:Publish")
    assert deny["Resource"]["Fn::Sub"].endswith(":sns:*:*:*")


def test_only_the_relay_and_the_machines_start_procedures(
    resources: dict[str, Any], deployed: dict[str, Any]
) -> None:
    starters = roles_allowed(deployed, "states:StartExecution")
    machines = {f"{name}Role" for name, found in resources.items() if found["Type"].endswith("StateMachine")}
    assert "RelayFunctionRole" in starters
    assert starters - machines == {"RelayFunctionRole"}
    assert roles_allowed(deployed, "states:SendTaskSuccess") == {"RelayFunctionRole"}


def test_the_relay_may_start_the_machines_that_it_is_told_of_and_no_others(
    resources: dict[str, Any], deployed: dict[str, Any]
) -> None:
    variables = resources["RelayFunction"]["Properties"]["Environment"]["Variables"]
    told = sorted(value["Ref"] for name, value in variables.items() if name.startswith("MACHINE_"))
    (start,) = [
        found
        for found in allowed(deployed, "RelayFunctionRole")
        if found["Action"] == "states:StartExecution"
    ]
    # Started through the alias, allowed on the machine: by its ARN Step Functions judges both.
    assert sorted(f"{resource['Ref']}Aliaslive" for resource in start["Resource"]) == told


def test_every_statement_has_a_name_and_says_why_it_is_there(text: str, resources: dict[str, Any]) -> None:
    reasons = dict(re.findall(r"- Sid: (\w+)(.*)", text))
    for statement in written_statements(resources):
        assert re.match(r" # .{15,}", reasons[statement["Sid"]]), statement["Sid"]


def test_no_statement_names_every_action(resources: dict[str, Any]) -> None:
    for statement in written_statements(resources):
        if statement["Sid"] not in EVERY_ACTION:
            assert "*" not in "".join(listed(statement["Action"])), statement["Sid"]
            assert "NotAction" not in statement


def test_no_statement_names_every_resource_but_those_that_must(resources: dict[str, Any]) -> None:
    wide = set()
    for statement in written_statements(resources):
        assert "NotResource" not in statement
        if "*" in listed(statement["Resource"]):
            wide.add(statement["Sid"])
    assert wide == set(EVERY_RESOURCE)


def test_of_aws_own_policies_only_logs_traces_and_the_stream_are_attached(deployed: dict[str, Any]) -> None:
    for role in roles(deployed):
        attached = {
            arn for arn in deployed[role]["Properties"].get("ManagedPolicyArns", []) if isinstance(arn, str)
        }
        allowed_here = {AWS_POLICIES["AWSXrayWriteOnlyAccess"]}
        if role.endswith("FunctionRole"):
            allowed_here.add(AWS_POLICIES["AWSLambdaBasicExecutionRole"])
        if role in ("RelayFunctionRole", "IndexFunctionRole"):
            allowed_here.add(AWS_POLICIES["AWSLambdaDynamoDBExecutionRole"])
        if role == "CodeDeployServiceRole":  # of the service that shifts aliases; nothing else may take it
            assert "codedeploy.amazonaws.com" in json.dumps(
                deployed[role]["Properties"]["AssumeRolePolicyDocument"]
            )
            allowed_here = {"arn:aws:iam::aws:policy/service-role/AWSCodeDeployRoleForLambda"}
        assert attached <= allowed_here, role


def test_nobody_scans_or_drops_the_table(deployed: dict[str, Any]) -> None:
    for action in ("dynamodb:Scan", "dynamodb:DeleteTable", "dynamodb:UpdateTable"):
        assert roles_allowed(deployed, action) == set()


def test_a_machine_may_do_what_its_definition_does_and_no_more(
    resources: dict[str, Any], deployed: dict[str, Any]
) -> None:
    for name, resource in resources.items():
        if resource["Type"] != "AWS::Serverless::StateMachine":
            continue
        values = list(resource["Properties"]["DefinitionSubstitutions"].values())
        named = {value["Ref"] for value in values if "Ref" in value}
        functions = {one.removesuffix(".Alias") for one in named if one.endswith("Function.Alias")}
        started = {one.removesuffix("Aliaslive") for one in named if one.endswith("MachineAliaslive")}
        assert len(functions) + len(started) == len(named), "everything is called through its alias"
        granted: dict[str, str] = {}
        for statement in allowed(deployed, f"{name}Role"):
            for action in listed(statement["Action"]):
                granted[action] = granted.get(action, "") + json.dumps(statement["Resource"])
        assert (
            set(re.findall(r"\b(\w+Function)Aliaslive\b", granted["lambda:InvokeFunction"])) == functions
        ), name
        starts = granted.get("states:StartExecution", "")
        assert set(re.findall(r"\b([A-Z]\w*Machine)\b", starts)) == started, name
        # A machine that goes on as a new execution of itself names itself by its name: by its ARN it would be a circle.
        definition = (ROOT / resource["Properties"]["DefinitionUri"]).read_text(encoding="utf-8")
        itself = resource["Properties"]["Name"]["Fn::Sub"]
        assert re.findall(r":stateMachine:([^\"]+)", starts) == (
            [itself] if "${SelfArn}" in definition else []
        ), name
        assert set(re.findall(r"\b(\w+Machine)\b", granted.get("states:StopExecution", ""))) <= started, name
