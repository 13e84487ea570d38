"""Table units are counted as DynamoDB bills them."""

from __future__ import annotations

from typing import Any

import pytest

from local.mends.rows import Row
from tools.cost import meter


def row(size: int, **more: str) -> Any:
    """A row of about so many bytes."""
    wire = {"pk": {"S": "P"}, "sk": {"S": "S"}, "t": {"S": "x" * size}} | {
        k: {"S": v} for k, v in more.items()
    }
    return Row(wire["pk"], wire["sk"], wire)


@pytest.mark.parametrize(
    ("old", "new", "units"),
    [
        (None, row(10), 0),  # not in the index
        (None, row(10, listing="open", listed_at="1"), 1),
        (None, row(1500, listing="open", listed_at="1"), 2),
        (
            row(10, listing="open", listed_at="1"),
            row(10, listing="open", listed_at="1"),
            0,
        ),  # nothing changed
        (row(10, listing="open", listed_at="1"), row(20, listing="open", listed_at="1"), 1),
        (
            row(10, listing="open", listed_at="1"),
            row(10, listing="closed", listed_at="1"),
            2,
        ),  # out there, in here
        (row(10, listing="open", listed_at="1"), None, 1),
    ],
)
def test_the_index_is_written_once_and_twice_where_its_key_changed(old: Any, new: Any, units: int) -> None:
    assert meter._index_units(old, new) == units


def test_binary_values_count_by_their_bytes() -> None:
    assert meter._wire_size({"a": {"B": "QUJD"}}) == 1 + 3
    assert meter._wire_size({"a": {"S": "é"}}) == 1 + 2
