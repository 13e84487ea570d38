"""The message by which a case began, once more beside the case: whoever quotes it reads it in one call with the case.

Key: `CASE#<id>` / `QUOTED`. Nobody goes by it unless the case says that it is of that message (`Case.quoted`), and counts from
its moment: where something earlier is known, or it was taken out of the case, the messages themselves are asked.
"""

from __future__ import annotations

from collections.abc import Sequence

from sangfroid.model import Case, Message
from sangfroid.table import Delete, Item, Put, Write


def quoted_place(case_id: str) -> tuple[str, str]:
    """Primary key of the copy."""
    return f"CASE#{case_id}", "QUOTED"


def forgotten(case_id: str) -> Delete:
    """The write that takes the copy away."""
    return Delete(*quoted_place(case_id))


def follow(case: Case, messages: Sequence[Message]) -> list[Write]:
    """What a change that adds or withdraws these messages makes of it. One that brings many leaves it to who adds the next."""
    origin = case.first_published_at
    if origin is None or not messages:
        return []
    if any(one.withdrawn and one.published_at <= origin for one in messages):
        case.quoted = None
    first = messages[0]
    if len(messages) > 1 or first.withdrawn or first.published_at != origin:
        return []
    pk, sk = quoted_place(case.id)
    case.quoted = first.id
    return [Put(first.model_dump(mode="json") | {"pk": pk, "sk": sk})]


def of_item(case: Case, item: Item | None) -> Message | None:
    """The message, where it still is the first of the case."""
    if item is None or case.quoted is None or item["id"] != case.quoted:
        return None
    found = Message.kept({key: value for key, value in item.items() if key not in ("pk", "sk")})
    return found if found.published_at == case.first_published_at else None
