"""Reading a template: intrinsic functions, conditions, what is unknown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local.deploy import IGNORED, Deployment
from local.faults import Faults
from local.lambdas import Runtime
from local.template import Template, TemplateError

BASE = """
Parameters:
  Stage: {Type: String, Default: local}
  Zones: {Type: CommaDelimitedList, Default: "a, b"}
Mappings:
  Sizes: {local: {memory: 128}}
Conditions:
  Local: !Equals [!Ref Stage, local]
  Other: !Not [!Condition Local]
  Both: !And [!Condition Local, !Or [!Condition Other, !Equals [a, a]]]
Resources:
"""


def read(tmp_path: Path, resources: str) -> Template:
    path = tmp_path / "template.yaml"
    path.write_text(BASE + resources)
    return Template(path)


def attribute(logical_id: str, name: str) -> str:
    return f"<{logical_id}.{name}>"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!Ref Stage", "local"),
        ("!Ref Zones", ["a", "b"]),
        ("!Ref Thing", "<Thing.Ref>"),
        ("!GetAtt Thing.Arn", "<Thing.Arn>"),
        ("!GetAtt [Thing, Arn]", "<Thing.Arn>"),
        ("!Sub '${Stage}-${Thing}-${Thing.Arn}-${!Kept}'", "local-<Thing.Ref>-<Thing.Arn>-${Kept}"),
        ("!Sub ['${a}/${Stage}', {a: !Ref Thing}]", "<Thing.Ref>/local"),
        ("!Join ['-', [a, !Ref Stage]]", "a-local"),
        ("!If [Local, yes it is, no]", "yes it is"),
        ("!If [Other, yes it is, 2]", 2),
        ("[!If [Other, 1, !Ref AWS::NoValue], 2]", [2]),
        ("{a: !If [Other, 1, !Ref AWS::NoValue], b: 2}", {"b": 2}),
        ("!Select [1, !Ref Zones]", "b"),
        ("!Split [',', 'a,b']", ["a", "b"]),
        ("!FindInMap [Sizes, !Ref Stage, memory]", 128),
        ("!Base64 a", "YQ=="),
        ("!Ref AWS::Region", "eu-central-1"),
        ("!Sub '${AWS::StackName}/${AWS::AccountId}'", "sangfroid/123456789012"),
    ],
)
def test_intrinsic_functions(tmp_path: Path, text: str, value: Any) -> None:
    template = read(tmp_path, f"  Thing:\n    Type: AWS::SQS::Queue\n    Properties:\n      X: {text}\n")
    assert template.resolve(template.resources["Thing"]["Properties"]["X"], attribute) == value


def test_conditions_decide_what_exists(tmp_path: Path) -> None:
    lines = [
        f"  {name}Queue: {{Type: AWS::SQS::Queue, Condition: {name}}}\n"
        for name in ("Local", "Other", "Both")
    ]
    assert set(read(tmp_path, "".join(lines)).resources) == {"LocalQueue", "BothQueue"}


def deploy(template: Template) -> None:
    faults = Faults(list, lambda: None)
    Deployment(template, Runtime(faults), lambda _: None, {}).deploy()


def test_an_unknown_resource_is_an_error_and_a_listed_one_is_not(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"Thing.*AWS::Redshift::Cluster"):
        deploy(read(tmp_path, "  Thing: {Type: AWS::Redshift::Cluster}\n"))
    deploy(read(tmp_path, "  Thing: {Type: AWS::CloudWatch::Alarm}\n"))
    assert all(reason for reason in IGNORED.values())


def test_circles_and_dangling_references_are_told(tmp_path: Path) -> None:
    role = "  {0}: {{Type: AWS::IAM::Role, Properties: {{X: !GetAtt {1}.Arn}}}}\n"
    with pytest.raises(TemplateError, match="A → B → A"):
        deploy(read(tmp_path, role.format("A", "B") + role.format("B", "A")))
    with pytest.raises(TemplateError, match="no resource Nobody"):
        deploy(read(tmp_path, role.format("A", "Nobody")))


def test_an_invalid_sam_template_is_told_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    (tmp_path / "code").mkdir()
    path.write_text(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n"
        "  F: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: code, Handlr: app.handler}}\n"
    )
    with pytest.raises(TemplateError, match="no valid SAM template"):
        Template(path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="there is no functions/lost"):
        read(tmp_path, "  F: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: functions/lost}}\n")
