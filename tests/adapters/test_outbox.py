"""The desk's own record as a channel: kept once under its key, edited in its place, and gone when it is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sangfroid.outbound.channels.base import Parts
from sangfroid.outbound.channels.outbox import Outbox
from sangfroid.outbound.errors import ChannelRefused
from sangfroid.outbound.letter import Letter
from tests.support.memory_table import MemoryTable

FIRST = Letter(
    key="k1", case_id="c", kind="case_summary", channel="room", audience="team", language="en", text="As of noon"
)  # fmt: skip


def outbox(table: MemoryTable) -> Outbox:
    return Outbox(Parts("room", {"edits": True}, timedelta(seconds=5), dict, table, lambda _: None))


def test_an_edit_stands_in_the_place_of_what_it_corrects_under_the_first_id() -> None:
    table = MemoryTable()
    box = outbox(table)
    first = box.publish(FIRST)
    second = replace(FIRST, key="k2", text="As of one", corrects=first)
    assert box.find(second) is None
    assert box.publish(second) == first
    assert box.read_back(second, first) == first
    assert [item["text"] for item in table.items.values()] == ["As of one"]
    later = outbox(table)
    assert later.find(second) == first
    assert later.read_back(second, first) == first, "another function reads what stands there"
    third = replace(FIRST, key="k3", text="As of two", corrects=first)
    later.publish(third)
    with pytest.raises(ChannelRefused, match="not what was sent"):
        box.read_back(second, first)


def test_what_is_gone_cannot_be_edited() -> None:
    box = outbox(MemoryTable())
    first = box.publish(FIRST)
    box.retract(FIRST, first)
    with pytest.raises(ChannelRefused, match="not kept any more") as refused:
        box.publish(replace(FIRST, key="k2", text="Later", corrects=first))
    assert refused.value.permanent
