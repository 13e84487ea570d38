"""The statements of roles, as CloudFormation gets them."""

from collections.abc import Iterator
from typing import Any


def listed(value: Any) -> list[Any]:
    """IAM takes one or a list."""
    return value if isinstance(value, list) else [value]


def statements_of(resource: dict[str, Any]) -> list[dict[str, Any]]:
    """The statements that a role, a managed policy or a key carries itself."""
    properties = resource["Properties"]
    documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
    documents += [properties[key] for key in ("PolicyDocument", "KeyPolicy") if key in properties]
    return [statement for document in documents for statement in listed(document["Statement"])]


def allowed(deployed: dict[str, Any], role: str) -> Iterator[dict[str, Any]]:
    """Every statement of a role, those of the stack's managed policies included."""
    yield from statements_of(deployed[role])
    for attached in deployed[role]["Properties"].get("ManagedPolicyArns", []):
        if isinstance(attached, dict):
            yield from statements_of(deployed[attached["Ref"]])
