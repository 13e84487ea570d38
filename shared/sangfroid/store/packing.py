"""What a case carries along and no condition looks at is stored packed: a table bills by the kilobyte, at every change.

Every reader goes through `unpacked`, which takes items as they were before, too.
"""

from __future__ import annotations

import json
import zlib
from typing import Any

PACKED = (
    "calls",
    "cell",
    "clocks",
    "closing",
    "duties",
    "opened_by",
    "plan",
    "trace",
    "triage_detail",
    "version_lines",
    "waits",
)
"""Fields of a case that stand together in the attribute `packed` of its item (`FILE`): zlib over JSON.

`opened_by` is among them because a case needs it: code from before would else read a case without duties, and write it so.
"""

LEVEL = 6


def packed(document: dict[str, Any]) -> dict[str, Any]:
    """The document as it is stored."""
    along = {name: document[name] for name in PACKED}
    plain = json.dumps(along, ensure_ascii=False, separators=(",", ":")).encode()
    return {name: value for name, value in document.items() if name not in along} | {
        "packed": zlib.compress(plain, LEVEL)
    }


def unpacked(item: dict[str, Any]) -> dict[str, Any]:
    """The document of a stored item, packed or as it was stored before that."""
    if "packed" not in item:
        return item
    document: dict[str, Any] = {name: value for name, value in item.items() if name != "packed"}
    document |= json.loads(zlib.decompress(bytes(item["packed"])))
    return document
