"""The message by which a case began, once more beside the case: whoever quotes it reads it in one call with the case.

Key: `CASE#<id>` / `QUOTED`. It stands there as it was written; where something earlier is known, or it was taken out of the case,
it is not the first any more and nobody goes by it.
"""

from __future__ import annotations

from collections.abc import Sequence

from sangfroid.model import Case, Message
from sangfroid.table import Delete, Item, Put, Write


def quoted_place(case_id: str) -> tuple[str, str]:
    """Primary key of the copy."""
    return f"CASE#{case_id}", "QUOTED"


def forgotten(case_id: str) -> Delete:
    """The write by which nobody goes by it any more."""
    return Delete(*quoted_place(case_id))


def follow(case: Case, messages: Sequence[Message]) -> list[Write]:
    """What a change that adds or withdraws these messages makes of it."""
    origin = case.first_published_at
    if origin is None:
        return []
    first = [one for one in messages if one.published_at == origin and not one.withdrawn]
    if first:
        pk, sk = quoted_place(case.id)
        return [Put(min(first, key=lambda one: one.id).model_dump(mode="json") | {"pk": pk, "sk": sk})]
    return (
        [forgotten(case.id)] if any(one.withdrawn and one.published_at <= origin for one in messages) else []
    )


def of_item(case: Case, item: Item | None) -> Message | None:
    """The message, where it still is the first of the case."""
    if item is None:
        return None
    found = Message.kept({key: value for key, value in item.items() if key not in ("pk", "sk")})
    return None if found.withdrawn or found.published_at != case.first_published_at else found
