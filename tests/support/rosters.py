"""Organisations with rotations, for tests: the example's, with other people, layers and absences."""

from __future__ import annotations

from typing import Any

from sangfroid.organisation import Organisation, load
from sangfroid.organisation_parts import Person
from sangfroid.staffing import Absence, Rotation
from tests.support.desks import EXAMPLE


def organisation(
    rotations: list[dict[str, Any]],
    absences: list[dict[str, Any]] | None = None,
    people: list[dict[str, Any]] | None = None,
    **changes: Any,
) -> Organisation:
    """The example with these rotations and absences, and with these people in the place of its own."""
    update: dict[str, Any] = changes | {
        "rotations": [Rotation.model_validate(one) for one in rotations],
        "absences": [Absence.model_validate(one) for one in absences or []],
    }
    if people is not None:
        update["people"] = [Person.model_validate(one) for one in people]
    return load(EXAMPLE).model_copy(update=update)
