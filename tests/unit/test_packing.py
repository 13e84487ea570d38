"""A case is stored packed, and one that was stored before that is read as well."""

from __future__ import annotations

from sangfroid.store import content
from sangfroid.store.packing import PACKED, packed, unpacked
from sangfroid.table import Put
from tests.support.desks import TestDesk


def test_a_case_is_packed_in_the_table_and_whole_when_it_is_read() -> None:
    desk = TestDesk()
    case = desk.report()
    desk.triage(case, 2)
    stored = desk.table.items[f"CASE#{case}", "FILE"]
    assert not set(PACKED) & set(stored)
    assert len(stored["packed"]) < 4000
    assert desk.desk.casework.read(case).case.duties, "what is packed is there"
    assert packed(content(stored)) | {"packed": 0} == {
        name: value for name, value in stored.items() if name not in ("pk", "sk", "listing", "listed_at")
    } | {"packed": 0}


def test_a_case_that_was_stored_before_is_read_and_packed_at_its_next_change() -> None:
    desk = TestDesk()
    case = desk.report()
    desk.triage(case, 2)
    before = desk.desk.casework.read(case).case
    stored = desk.table.items[f"CASE#{case}", "FILE"]
    desk.table.transact([Put(unpacked(stored))])
    assert "packed" not in desk.table.items[f"CASE#{case}", "FILE"]
    assert desk.desk.casework.read(case).case == before
    desk.triage(case, 1)
    assert "packed" in desk.table.items[f"CASE#{case}", "FILE"]
