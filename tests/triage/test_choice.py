"""Which classifier the organisation's file chooses, and that no permission stands without a named model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from local.template import Template
from sangfroid.bootstrap import chosen_classifier
from sangfroid.organisation_parts import Triage
from sangfroid.triage import Embedded, Report

ROOT = Path(__file__).resolve().parents[2]


class Refusing:
    """A Bedrock client that notes what it was asked, and fails."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def converse(self, **kwargs: Any) -> Any:
        self.asked.append(kwargs)
        raise ConnectionError


def test_without_a_word_it_is_the_embedded_one() -> None:
    assert chosen_classifier(Triage()) is Embedded.load()


def test_bedrock_is_asked_by_the_configured_model_id_and_time_limit() -> None:
    client = Refusing()
    limits: list[float] = []

    def make(seconds: float) -> Refusing:
        limits.append(seconds)
        return client

    settings = Triage.model_validate({"model": "bedrock", "bedrock_model_id": "m-1", "time_limit": "PT4S"})
    message = {"text": "Rien ne marche", "platform": "x", "published_at": "2026-11-20T08:00:00Z"}
    verdict = chosen_classifier(settings, make).classify(
        Report.model_validate({"brand": "B", "message": message})
    )
    assert limits == [4.0]
    assert [call["modelId"] for call in client.asked] == ["m-1"]
    assert "Bedrock: ConnectionError" in verdict.why, "the embedded verdict, and why"


@pytest.mark.parametrize(
    "entry",
    [
        {"model": "bedrock"},
        {"model": "other"},
        {"bedrock_model": "m"},
        {"model": "bedrock", "bedrock_model_id": "m", "time_limit": "PT0S"},
        {"model": "bedrock", "bedrock_model_id": "m", "time_limit": "PT5M"},
    ],
)
def test_a_choice_that_cannot_work_is_refused(entry: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Triage.model_validate(entry)


def test_the_permission_stands_only_where_a_parameter_names_a_model() -> None:
    template = Template(ROOT / "template.yaml")
    assert "ClassifyAsksBedrock" not in template.resources
    text = (ROOT / "template.yaml").read_text(encoding="utf-8")
    assert text.count("bedrock:") == 1, "one statement, one action"
    named = Template(ROOT / "template.yaml", {"BedrockModelArns": "arn:a,arn:b"})
    policy = named.resolve(
        named.resources["ClassifyAsksBedrock"]["Properties"], lambda one, two: f"{one}.{two}"
    )
    statement = policy["PolicyDocument"]["Statement"][0]
    assert statement == {
        "Sid": "AskTheModel", "Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": ["arn:a", "arn:b"],
    }  # fmt: skip
    assert policy["Roles"] == ["ClassifyFunctionRole.Ref"]
