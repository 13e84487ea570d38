"""Reads the template that deploys: SAM to CloudFormation, conditions, references. Nothing is deployed here."""

from __future__ import annotations

import copy
import importlib.metadata
import json
import logging
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from local import kept

ACCOUNT = "123456789012"
REGION = "eu-central-1"
NO_VALUE = object()

_LOCAL_URIS = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
    "AWS::Serverless::StateMachine": "DefinitionUri",
}


class TemplateError(ValueError):
    """The template cannot run here; the message names the resource and what is wrong with it."""


# The one in C reads the same YAML ten times as fast, where PyYAML has been built with it.
SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(SafeLoader):  # type: ignore[misc]
    pass


def _intrinsic(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _intrinsic)


class Template:
    """A template after the SAM transform.

    ``resources``: logical id to CloudFormation resource, conditions applied. ``paths``: logical id of a function,
    layer or state machine to its path on this machine.
    """

    def __init__(
        self, path: Path, parameters: dict[str, str] | None = None, stack_name: str = "sangfroid"
    ) -> None:
        self.path = path.resolve()
        self.stack_name = stack_name
        source = _read(self.path.read_text(encoding="utf-8"))
        if not isinstance(source, dict) or not isinstance(source.get("Resources"), dict):
            raise TemplateError(f"{self.path.name} has no Resources")
        self.parameters = self._parameter_values(source, parameters or {})
        self.mappings = source.get("Mappings", {})
        self.paths = self._take_local_paths(source)
        self.serverless = {name: resource["Type"] for name, resource in source["Resources"].items()}
        document = self._transformed(source) if "Transform" in source else source
        self.conditions: dict[str, Any] = document.get("Conditions", {})
        self.outputs: dict[str, Any] = document.get("Outputs", {})
        self.resources = {
            name: resource
            for name, resource in document["Resources"].items()
            if "Condition" not in resource or self.condition(resource["Condition"])
        }

    def condition(self, name: str) -> bool:
        """Whether a named condition of the template holds."""
        if name not in self.conditions:
            raise TemplateError(f"there is no condition {name}")
        return self._truth(self.conditions[name])

    def resolve(self, value: Any, attribute: Callable[[str, str], Any]) -> Any:
        """The value with every intrinsic function worked out.

        ``attribute(logical_id, name)`` answers what ``Ref`` (name "Ref") and ``Fn::GetAtt`` give for a resource.
        """
        if isinstance(value, list):
            items = (self.resolve(item, attribute) for item in value)
            return [item for item in items if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (function, argument), *_ = value.items()
            if function == "Ref" or function.startswith("Fn::"):
                return self._call(function, argument, attribute)
        resolved = {key: self.resolve(item, attribute) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not NO_VALUE}

    def _call(self, function: str, argument: Any, attribute: Callable[[str, str], Any]) -> Any:
        def resolve(value: Any) -> Any:
            return self.resolve(value, attribute)

        if function == "Ref":
            return self._reference(argument, attribute)
        if function == "Fn::GetAtt":
            parts = argument if isinstance(argument, list) else argument.split(".", 1)
            return attribute(parts[0], ".".join(parts[1:]))
        if function == "Fn::Sub":
            return self._substitute(argument, attribute)
        if function == "Fn::Join":
            return argument[0].join(str(item) for item in resolve(argument[1]))
        if function == "Fn::If":
            return resolve(argument[1] if self.condition(argument[0]) else argument[2])
        if function == "Fn::Select":
            return resolve(argument[1])[int(resolve(argument[0]))]
        if function == "Fn::Split":
            return resolve(argument[1]).split(argument[0])
        if function == "Fn::FindInMap":
            top, second = resolve(argument[1]), resolve(argument[2])
            return self.mappings[argument[0]][top][second]
        if function == "Fn::GetAZs":
            return [f"{REGION}{zone}" for zone in "abc"]
        if function == "Fn::Base64":
            import base64

            return base64.b64encode(str(resolve(argument)).encode()).decode()
        raise TemplateError(f"the local stack does not know {function}")

    def _reference(self, name: str, attribute: Callable[[str, str], Any]) -> Any:
        pseudo = {
            "AWS::Region": REGION, "AWS::AccountId": ACCOUNT, "AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": self.stack_name, "AWS::NoValue": NO_VALUE, "AWS::NotificationARNs": [],
            "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{self.stack_name}/local",
        }  # fmt: skip
        if name in pseudo:
            return pseudo[name]
        return self.parameters[name] if name in self.parameters else attribute(name, "Ref")

    def _substitute(self, argument: Any, attribute: Callable[[str, str], Any]) -> str:
        text, local = (argument, {}) if isinstance(argument, str) else (argument[0], argument[1])

        def value_of(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in local:
                return str(self.resolve(local[name], attribute))
            if "." in name:
                return str(attribute(*name.split(".", 1)))
            return str(self._reference(name, attribute))

        return re.sub(r"\$\{([^}]+)\}", value_of, text)

    def _truth(self, rule: Any) -> bool:
        (function, argument), *_ = rule.items()
        if function == "Condition":
            return self.condition(argument)
        if function == "Fn::Not":
            return not self._truth(argument[0])
        if function == "Fn::And":
            return all(self._truth(part) for part in argument)
        if function == "Fn::Or":
            return any(self._truth(part) for part in argument)
        if function == "Fn::Equals":
            first, second = (self.resolve(part, _no_resource) for part in argument)
            return str(first) == str(second)
        raise TemplateError(f"a condition cannot use {function}")

    def _parameter_values(self, source: dict[str, Any], given: dict[str, str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, declared in source.get("Parameters", {}).items():
            value = given.get(name, declared.get("Default", ""))
            is_list = declared.get("Type") in ("CommaDelimitedList", "List<Number>")
            values[name] = [part.strip() for part in str(value).split(",")] if is_list else value
        return values

    def _take_local_paths(self, source: dict[str, Any]) -> dict[str, Path]:
        """The SAM transform takes only S3 addresses; the real paths are kept aside."""
        shared = source.get("Globals", {}).get("Function", {})
        default = shared.pop("CodeUri", None)
        paths: dict[str, Path] = {}
        for name, resource in source["Resources"].items():
            key = _LOCAL_URIS.get(resource.get("Type"))
            properties = resource.setdefault("Properties", {})
            if key is None or "InlineCode" in properties or "Definition" in properties:
                continue
            uri = properties.get(key, default if key == "CodeUri" else None)
            if not isinstance(uri, str):
                raise TemplateError(f"{name}: {key} must be a path of this repository")
            paths[name] = (self.path.parent / uri).resolve()
            if not paths[name].exists():
                raise TemplateError(f"{name}: there is no {uri}")
            properties[key] = f"s3://local/{name}"
        return paths

    def _transformed(self, source: dict[str, Any]) -> dict[str, Any]:
        """The plain template, kept on disk: the translator's import and work are half a second of a start."""
        version = importlib.metadata.version("aws-sam-translator")
        text = json.dumps([version, source, self.parameters], sort_keys=True, default=str)
        name = kept.key(text)
        content = kept.find("templates", name)
        if content is None:
            content = json.dumps(self._transform(source), default=str).encode()
            kept.keep("templates", name, content)
        found: dict[str, Any] = json.loads(content)
        return found

    def _transform(self, source: dict[str, Any]) -> dict[str, Any]:
        os.environ.setdefault("AWS_DEFAULT_REGION", REGION)
        # It says on the terminal which of its switches it does not know.
        logging.getLogger("samtranslator").setLevel(logging.ERROR)
        from samtranslator.model.exceptions import InvalidDocumentException
        from samtranslator.public.translator import ManagedPolicyLoader
        from samtranslator.translator.transform import transform

        class NoPolicies(ManagedPolicyLoader):  # type: ignore[misc]
            def __init__(self) -> None:
                super().__init__(None)

            def load(self) -> dict[str, str]:
                return {}

        try:
            document: dict[str, Any] = transform(copy.deepcopy(source), dict(self.parameters), NoPolicies())
        except InvalidDocumentException as error:
            causes = "; ".join(cause.message for cause in error.causes)
            raise TemplateError(f"{self.path.name} is no valid SAM template: {causes}") from error
        return document


def _read(text: str) -> Any:
    """The template as it is written, as JSON has it; kept on disk, since YAML takes a while to read."""
    name = kept.key(text)
    content = kept.find("sources", name)
    if content is None:
        source = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader with !Ref and the like
        content = json.dumps(source, default=str).encode()
        kept.keep("sources", name, content)
    return json.loads(content)


def _no_resource(logical_id: str, name: str) -> Any:
    raise TemplateError(f"a condition cannot refer to {logical_id}.{name}")
