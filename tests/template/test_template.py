"""What the template promises beside permissions: routes, store, logs, alarms, and that files and template agree."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from local.streams import matches

ROOT = Path(__file__).parents[2]

ROUTES = {
    "GET /health",
    "GET /openapi.json",
    "POST /incidents",
    "GET /cases",
    "GET /cases/{id}",
    "GET /cases/{id}/timeline",
    "POST /cases/{id}/triage",
    "POST /cases/{id}/messages",
    "POST /cases/{id}/messages/{message}/withdraw",
    "GET /cases/{id}/evidence",
    "GET /cases/{id}/evidence/pack",
    "POST /cases/{id}/evidence",
    "POST /cases/{id}/merge",
    "POST /cases/{id}/split",
    "PUT /cases/{id}/response",
    "GET /cases/{id}/draft",
    "PUT /cases/{id}/draft",
    "DELETE /cases/{id}/draft",
    "GET /cases/{id}/first-draft",
    "GET /cases/{id}/response/{version}/changes",
    "POST /cases/{id}/response/{version}/overrides",
    "GET /cases/{id}/response/{version}/preview",
    "POST /cases/{id}/response/{version}/review",
    "POST /cases/{id}/no-response",
    "POST /cases/{id}/duties/{duty}",
    "POST /cases/{id}/deliveries/{delivery}",
    "POST /cases/{id}/deliveries/{delivery}/retract",
    "POST /cases/{id}/answers",
    "POST /cases/{id}/close",
    "POST /cases/{id}/measures",
    "PUT /cases/{id}/plan",
    "POST /cases/{id}/community-first",
    "GET /cases/{id}/report",
    "GET /me",
    "GET /on-call",
    "POST /on-call/overrides",
    "GET /organisation",
    "POST /cases/{id}/duties/{duty}/owner",
    "POST /cases/{id}/cell/{role}",
    "POST /cases/{id}/response/{version}/reviewers",
    "GET /freeze",
    "POST /freeze",
    "POST /freeze/release",
    "POST /freeze/suspicions/{case_id}",
    "POST /freeze/checklist/{channel}",
    "POST /cases/{id}/response/check",
    "GET /cases/{id}/evidence/{evidence}/{number}",
    "GET /search",
    "GET /after",
    "POST /reports/look",
    "POST /session",
    "GET /desk",
    "POST /desk/{waiting}/acknowledge",
    "POST /webhooks/{source}",
    "GET /acknowledgements",
    "GET /cases/{id}/replies",
    "GET /reply",
    "POST /acknowledgements",
    "POST /acknowledgements/{template}/approve",
    "POST /acknowledgements/{template}/revoke",
    "POST /cases/{id}/acknowledgements",
    "POST /cases/{id}/reply-links",
    "POST /replies",
}
ELSE = "X-AMAZON-APIGATEWAY-ANY-METHOD /$default"
"""What no other route takes: the function answers 404, or 405 with Allow, as problem documents (RFC 9110, 15.5.6)."""

OPEN_ROUTES = {
    "GET /",
    "GET /console/{file}",
    "GET /health",
    "GET /openapi.json",
    "POST /session",
    "POST /webhooks/{source}",
    "GET /reply",
    "POST /replies",
    ELSE,
}
"""Routes without a token; a webhook is signed, and the function checks that."""

FUNCTION = "AWS::Serverless::Function"
MACHINE = "AWS::Serverless::StateMachine"
ALARM = "AWS::CloudWatch::Alarm"


def of_type(resources: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """Properties of every resource of a type, by logical id."""
    return {name: found["Properties"] for name, found in resources.items() if found["Type"] == kind}


def http_routes(resources: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Properties of every HTTP event, by `METHOD /path`."""
    events = resources["ApiFunction"]["Properties"]["Events"].values()
    return {
        f"{event['Properties']['Method']} {event['Properties']['Path']}": event["Properties"]
        for event in events
        if "Path" in event["Properties"]
    }


def test_the_routes_are_those_of_the_interface(resources: dict[str, Any]) -> None:
    assert set(http_routes(resources)) == ROUTES
    assert len(resources["ApiFunction"]["Properties"]["Events"]) == len(ROUTES) + 1


def test_what_no_route_takes_is_answered_by_the_function(resources: dict[str, Any]) -> None:
    rest = resources["ApiFunction"]["Properties"]["Events"]["AnythingElse"]["Properties"]
    assert set(rest) == {"ApiId", "Auth"}


def test_every_route_wants_a_token_but_the_open_ones(deployed: dict[str, Any]) -> None:
    document = deployed["Api"]["Properties"]["Body"]
    without = {
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if not any("People" in scheme for scheme in operation.get("security", []))
    }
    assert without == OPEN_ROUTES
    scheme = document["components"]["securitySchemes"]["People"]["x-amazon-apigateway-authorizer"]
    assert scheme["type"] == "jwt"
    assert scheme["jwtConfiguration"]["audience"] == [{"Ref": "UserPoolClient"}]


def test_there_is_a_group_for_every_role(resources: dict[str, Any]) -> None:
    groups = {
        properties["GroupName"] for properties in of_type(resources, "AWS::Cognito::UserPoolGroup").values()
    }
    assert groups == {"reporter", "responder", "approver", "director", "auditor"}


def test_the_local_test_interface_is_nowhere_in_what_deploys(text: str) -> None:
    deployed_files = [
        ROOT / "template.yaml",
        *(ROOT / "statemachine").glob("*"),
        *(ROOT / "functions").rglob("*.py"),
    ]
    assert "/_local" not in text
    for path in deployed_files:
        assert "_local/" not in path.read_text(encoding="utf-8"), path


def test_function_folder_file_and_name_are_one(resources: dict[str, Any]) -> None:
    functions = of_type(resources, FUNCTION)
    for name, properties in functions.items():
        folder = properties["CodeUri"]
        assert folder == f"functions/{name.removesuffix('Function').lower()}/"
        assert (ROOT / folder / "app.py").is_file(), folder
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/app.py")}
    assert folders == {Path(properties["CodeUri"]).name for properties in functions.values()}


def test_every_machine_has_its_file_and_every_file_its_machine(resources: dict[str, Any]) -> None:
    declared = {properties["DefinitionUri"] for properties in of_type(resources, MACHINE).values()}
    on_disk = {f"statemachine/{path.name}" for path in (ROOT / "statemachine").glob("*")}
    assert declared == on_disk


def test_every_function_logs_into_its_own_encrypted_group_for_a_limited_time(
    resources: dict[str, Any],
) -> None:
    groups = of_type(resources, "AWS::Logs::LogGroup")
    used = [
        properties["LoggingConfig"]["LogGroup"]["Ref"] for properties in of_type(resources, FUNCTION).values()
    ]
    assert len(set(used)) == len(used)
    machine_groups = {
        destination["CloudWatchLogsLogGroup"]["LogGroupArn"]["Fn::GetAtt"][0]
        for properties in of_type(resources, MACHINE).values()
        for destination in properties["Logging"]["Destinations"]
    }
    assert {*used, *machine_groups, "ApiAccessLogs"} == set(groups)
    for name, properties in groups.items():
        assert properties["RetentionInDays"] == {"Ref": "LogRetentionDays"}, name
        assert properties["KmsKeyId"] == {"Fn::GetAtt": ["DataKey", "Arn"]}, name


def test_machines_log_failures_without_what_they_carry(resources: dict[str, Any]) -> None:
    for name, properties in of_type(resources, MACHINE).items():
        assert properties["Logging"]["Level"] == "ERROR", name
        assert properties["Logging"]["IncludeExecutionData"] is False, name
        assert properties["Tracing"] == {"Enabled": True}, name


def test_what_is_called_without_waiting_has_somewhere_for_what_fails(resources: dict[str, Any]) -> None:
    asynchronous = 0
    for name, properties in of_type(resources, FUNCTION).items():
        for event in properties.get("Events", {}).values():
            if event["Type"] == "HttpApi":
                continue
            asynchronous += 1
            target = event["Properties"]["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0]
            assert resources[target]["Type"] == "AWS::SQS::Queue", name
    assert asynchronous == 2


def test_the_relay_hears_of_new_intents_alone(resources: dict[str, Any]) -> None:
    event = resources["RelayFunction"]["Properties"]["Events"]["Intents"]["Properties"]
    (only,) = event["FilterCriteria"]["Filters"]
    assert json.loads(only["Pattern"]) == {
        "eventName": ["INSERT"],
        "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "INTENT#"}, {"prefix": "TRACE#"}]}}},
    }
    assert event["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert event["BisectBatchOnFunctionError"] is True
    assert event["StartingPosition"] == "TRIM_HORIZON"


@pytest.mark.parametrize(
    ("pk", "sk", "state", "hears"),
    [
        ("CASE#c", "FILE", None, False),  # what the desk shows is written with the case
        ("FREEZE", "STATE", None, True),
        ("FREEZE#HELD", "c|d", None, True),
        ("CASE#c", "FILE#DELIVERY#d", "failed", False),  # it comes to the case by its note
        ("CASE#c", "FILE#DELIVERY#d", "sending", False),
        ("CASE#c", "INTENT#1", None, False),
        ("CASE#c#TIMELINE", "00000001", None, False),
        ("CASE#c#MESSAGES", "2026#m1", None, False),
        ("DESK#OPEN", "c", None, True),
        ("DESK", "VERSION", None, False),
    ],
)
def test_the_index_hears_of_what_the_desk_shows_and_not_of_itself(
    resources: dict[str, Any], pk: str, sk: str, state: str | None, hears: bool
) -> None:
    event = resources["IndexFunction"]["Properties"]["Events"]["Changes"]["Properties"]
    image = {"state": {"S": state}} if state else {}
    record = {
        "eventName": "MODIFY",
        "dynamodb": {"Keys": {"pk": {"S": pk}, "sk": {"S": sk}}, "NewImage": image},
    }
    patterns = [json.loads(one["Pattern"]) for one in event["FilterCriteria"]["Filters"]]
    assert any(matches(pattern, record) for pattern in patterns) is hears
    assert len(patterns) <= 5, "an event source mapping takes five"


def test_the_table_is_kept_encrypted_and_recoverable(resources: dict[str, Any]) -> None:
    table = resources["Table"]
    properties = table["Properties"]
    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
    assert [key["AttributeName"] for key in properties["KeySchema"]] == ["pk", "sk"]
    (index,) = properties["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "by_status"
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["listing", "listed_at"]
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["SSESpecification"]["KMSMasterKeyId"] == {"Fn::GetAtt": ["DataKey", "Arn"]}
    assert properties["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert resources["DataKey"]["Properties"]["EnableKeyRotation"] is True


def test_every_alarm_rings_at_the_topic_and_says_what_to_do(resources: dict[str, Any]) -> None:
    for name, properties in of_type(resources, ALARM).items():
        assert properties["AlarmActions"] == properties["OKActions"] == [{"Ref": "AlarmTopic"}], name
        assert re.search(r".{40}\. Runbook: docs/runbooks/[a-z-]+\.md$", properties["AlarmDescription"]), name
        silent = name == "HeartbeatGoneAlarm"
        assert properties["TreatMissingData"] == ("breaching" if silent else "notBreaching"), name


def test_one_filter_watches_each_bad_end_of_every_machine(resources: dict[str, Any]) -> None:
    """Per machine it would be three metrics an alarm, 54 in all; the log of every machine is the same one."""
    pattern = resources["ExecutionsFilter"]["Properties"]["FilterPattern"]
    assert set(re.findall(r'"(\w+)"', pattern)) == {
        "ExecutionFailed",
        "ExecutionTimedOut",
        "ExecutionAborted",
    }
    assert resources["ExecutionsFilter"]["Properties"]["LogGroupName"] == {"Ref": "MachineLogs"}
    for name, properties in of_type(resources, MACHINE).items():
        assert properties["Logging"]["Level"] == "ERROR", name
        (place,) = properties["Logging"]["Destinations"]
        assert place["CloudWatchLogsLogGroup"]["LogGroupArn"] == {"Fn::GetAtt": ["MachineLogs", "Arn"]}, name


def test_the_log_of_every_function_is_watched_for_what_lambda_cut_off(resources: dict[str, Any]) -> None:
    watched = {
        properties["LogGroupName"]["Ref"]
        for properties in of_type(resources, "AWS::Logs::MetricFilter").values()
    }
    groups = {
        properties["LoggingConfig"]["LogGroup"]["Ref"]
        for properties in of_type(resources, "AWS::Serverless::Function").values()
    }
    assert watched == groups | {"MachineLogs"}


def test_the_metrics_that_are_watched_are_metrics_that_are_counted(text: str) -> None:
    counted = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "shared" / "sangfroid").rglob("*.py")
    )
    counted += "".join(path.read_text(encoding="utf-8") for path in (ROOT / "functions").rglob("*.py"))
    watched = set(re.findall(r'"Sangfroid", "(\w+)"', text))
    watched |= set(re.findall(r"Namespace: Sangfroid\n\s+MetricName: (\w+)", text))
    assert "ClockBreached" in watched
    for metric in watched:
        assert f'"{metric}"' in counted, metric


def test_the_dashboard_is_json_and_shows_every_machine(resources: dict[str, Any]) -> None:
    source = resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    body = json.loads(re.sub(r"\$\{([\w:.]+)}", r"\1", source))
    text = json.dumps(body)
    for machine in of_type(resources, MACHINE):
        assert f'"{machine}"' in text
    right_edges = [widget["x"] + widget["width"] for widget in body["widgets"]]
    assert max(right_edges) == 24


def test_the_stream_and_the_machines_make_no_circle(resources: dict[str, Any]) -> None:
    starts = {
        name: {
            value["Ref"].removesuffix("Aliaslive")
            for value in properties["DefinitionSubstitutions"].values()
            if value.get("Ref", "").endswith("MachineAliaslive")
        }
        for name, properties in of_type(resources, MACHINE).items()
    }
    settled: set[str] = set()
    while remaining := {name for name in starts if name not in settled}:
        free = {name for name in remaining if starts[name] <= settled}
        assert free, f"these start each other: {sorted(remaining)}"
        settled |= free
    for name, properties in of_type(resources, MACHINE).items():
        called = {
            value["Ref"].removesuffix(".Alias")
            for value in properties["DefinitionSubstitutions"].values()
            if value.get("Ref", "").endswith("Function.Alias")
        }
        assert "RelayFunction" not in called, name


@pytest.mark.parametrize("name", ["Stage", "EmailIdentity", "AlarmEmail", "LogRetentionDays"])
def test_a_deployment_can_be_shaped_and_every_parameter_is_described(
    template: dict[str, Any], name: str
) -> None:
    assert name in template["Parameters"]
    for parameter, declaration in template["Parameters"].items():
        assert len(declaration["Description"]) > 20, parameter


def test_the_outputs_say_where_everything_is(template: dict[str, Any]) -> None:
    assert {"ApiUrl", "UserPoolId", "DashboardUrl", "TableName"} <= set(template["Outputs"])
