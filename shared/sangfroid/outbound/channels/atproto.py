"""Texts and records as the AT Protocol writes them (https://atproto.com/specs): facets, record keys, references, content ids."""

from __future__ import annotations

import base64
import re
from hashlib import sha256
from itertools import accumulate
from typing import Any

from sangfroid import wall_clock
from sangfroid.outbound.channels.http import (
    name_of,
    same,
)
from sangfroid.outbound.channels.pictures import pixels
from sangfroid.outbound.letter import Image, Letter
from sangfroid.text import graphemes
from sangfroid.text.links import find_links

POSTS = "app.bsky.feed.post"
MOST_GRAPHEMES, MOST_BYTES = 300, 3000
YEAR_2020, YEAR_LONG = 1_577_836_800_000_000, 31_536_000_000_000
HANDLE = r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.){1,8}[a-zA-Z](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
DID = r"did:plc:[a-z2-7]{24}|did:web:[a-zA-Z0-9.-]{1,253}"
TID = r"[2-7a-j][2-7a-z]{12}"
POST_URI = re.compile(rf"at://(?:{DID})/app\.bsky\.feed\.post/{TID}")
SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"


TAG = re.compile(r"(?<!\S)#(\w*[^\W\d]\w*)")


def count(text: str) -> int:
    """Graphemes, or a tenth of the bytes where that is more: both limits of a post in one number."""
    return max(graphemes.counted(text), -(-len(text.encode()) * MOST_GRAPHEMES // MOST_BYTES))


def record_key(letter: Letter, place: int) -> str:
    """A TID (https://atproto.com/specs/tid) made from the letter's key and the place in the thread.

    Its time lies somewhere in 2020, so that it never lies in the future; the time of a post is its `createdAt`.
    """
    number = int(name_of(letter, place), 16)
    value = (YEAR_2020 + number % YEAR_LONG) << 10 | number // YEAR_LONG % 1024
    return "".join(SORTABLE[value >> shift & 31] for shift in range(60, -5, -5))


def facets(text: str) -> list[dict[str, Any]]:
    """Links and hashtags of a text; places are counted in bytes of UTF-8 (app.bsky.richtext.facet)."""

    bytes_before = [0, *accumulate(len(character.encode()) for character in text)]

    def place(start: int, end: int) -> dict[str, int]:
        return {"byteStart": bytes_before[start], "byteEnd": bytes_before[end]}

    kind = "app.bsky.richtext.facet"
    links = [
        {"index": place(link.start, link.end), "features": [{"$type": f"{kind}#link", "uri": link.address}]}
        for link in find_links(text)
    ]
    tags = [
        {"index": place(*found.span()), "features": [{"$type": f"{kind}#tag", "tag": found[1]}]}
        for found in TAG.finditer(text)
    ]
    return links + tags


def record_of(
    text: str, language: str, root: dict[str, str] | None, parent: dict[str, str] | None
) -> dict[str, Any]:
    now = wall_clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    record: dict[str, Any] = {"$type": POSTS, "text": text, "createdAt": now, "langs": [language]}
    if found := facets(text):
        record["facets"] = found
    if root is not None:
        record["reply"] = {"root": root, "parent": parent}
    return record


def root_of(value: dict[str, Any]) -> dict[str, str] | None:
    """What the conversation of a record began with; None where the record is the beginning, or names nothing that can be one."""
    reply = value.get("reply")
    root = reply.get("root") if isinstance(reply, dict) else None
    uri, cid = (root.get("uri"), root.get("cid")) if isinstance(root, dict) else (None, None)
    if not isinstance(uri, str) or not isinstance(cid, str) or not POST_URI.fullmatch(uri):
        return None
    return {"uri": uri, "cid": cid}


def embed(blob: dict[str, Any], image: Image) -> dict[str, Any]:
    shown: dict[str, Any] = {"image": blob, "alt": image.alt}
    if size := pixels(image):
        shown["aspectRatio"] = {"width": size[0], "height": size[1]}
    return {"$type": "app.bsky.embed.images", "images": [shown]}


def shows(value: dict[str, Any], image: Image) -> bool:
    """Whether the record shows exactly these bytes with this alternative text."""
    shown = value.get("embed", {}).get("images", [])
    return (
        len(shown) == 1
        and same(shown[0].get("alt", ""), image.alt)
        and shown[0].get("image", {}).get("ref", {}).get("$link") == content_id(image.data)
    )


def content_id(data: bytes) -> str:
    """Name of bytes in the AT protocol: CIDv1, raw, SHA-256, base 32 (https://atproto.com/specs/blob)."""
    raw = b"\x01\x55\x12\x20" + sha256(data).digest()
    return "b" + base64.b32encode(raw).decode().lower().rstrip("=")
