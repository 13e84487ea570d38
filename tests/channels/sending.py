"""What the tests of real channels send, and how they look at it."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import pytest

from sangfroid.outbound.channels.base import Channel
from sangfroid.outbound.errors import AnswerLost, CannotLook
from sangfroid.outbound.letter import Letter, Receipt
from tests.channels.places import Place, words

RIGHT = "Correction : les virements le sont aussi, & le rétablissement est prévu à 18 h. (Voir #42 <ici>.)"


def letter(channel: str, key: str, text: str, **more: Any) -> Letter:
    return Letter(f"{channel}:{key}", f"case-{key}", "response", channel, "public", "fr", text, **more)


def sent(adapter: Channel, one: Letter, place: Place, losing: bytes | None = None) -> Receipt:
    """Published as the door does it: after a lost answer it looks, and publishes where nothing is found."""
    if losing is None:
        return adapter.read_back(one, adapter.publish(one))
    lost = place.proxy.lost
    place.proxy.lose(losing)
    with pytest.raises(AnswerLost):
        adapter.publish(one)
    assert place.proxy.lost == lost + 1, f"{place.id}: the answer was not lost"
    found, ends = None, time.monotonic() + 5
    while True:
        try:
            found = adapter.find(one)
            break
        except CannotLook:
            assert time.monotonic() < ends  # a mail takes a moment to the archive
            time.sleep(0.1)
    return adapter.read_back(one, found or adapter.publish(one))


def count(place: Place, *texts: str) -> list[int]:
    """How often each text stands on the server; a mail takes a moment."""
    ends = time.monotonic() + (5 if place.id == "mail" else 0)
    while True:
        standing = Counter(map(words, place.published()))
        if all(standing[words(text)] for text in texts) or time.monotonic() > ends:
            return [standing[words(text)] for text in texts]
        time.sleep(0.1)
