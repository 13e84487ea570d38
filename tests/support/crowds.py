"""The example's organisation with many more people."""

from __future__ import annotations

import yaml

from sangfroid.organisation import Organisation
from tests.support.desks import EXAMPLE


def many(people: int) -> Organisation:
    """So many more people than the example has, all of whom are asked about security, by mail and by the pager."""
    document = yaml.safe_load(EXAMPLE.read_text("utf-8"))
    for number in range(people):
        reach = [
            {"channel": "team-email", "address": f"w{number}@nuage.example"},
            {"channel": "pager", "address": f"+3320000{number:04d}"},
        ]
        document["people"].append(
            {"id": f"w{number}", "name": f"Watch {number}", "language": "en", "duties": ["security_lead"], "reach": reach}
        )  # fmt: skip
    return Organisation.model_validate(document)
