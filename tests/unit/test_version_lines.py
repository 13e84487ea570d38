"""What a case knows of its versions without reading them (decision 0137)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from sangfroid.cases import waiting
from sangfroid.errors import IllegalTransition
from sangfroid.freeze.drain import drain
from sangfroid.model import Measure, Submission
from sangfroid.store import case_key, response_place
from sangfroid.store.packing import packed, unpacked
from sangfroid.table import Put
from tests.support.desks import TestDesk

TEXTS = {"fr": "Nous avons corrigé le fait.", "en": "We have corrected the fact."}


def read_of_versions(world: TestDesk, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every reading of a version from now on."""
    table = world.table
    found: list[Any] = []
    query, get, get_many = table.query, table.get, table.get_many

    def is_one(pk: str) -> bool:
        return pk.endswith("#VERSIONS")

    def asked(pk: str, *rest: Any, **more: Any) -> Any:
        found.extend([pk] if is_one(pk) else [])
        return query(pk, *rest, **more)

    def got(pk: str, sk: str) -> Any:
        found.extend([(pk, sk)] if is_one(pk) else [])
        return get(pk, sk)

    def got_many(places: Sequence[tuple[str, str]]) -> Any:
        found.extend(place for place in places if is_one(place[0]))
        return get_many(places)

    monkeypatch.setattr(table, "query", asked)
    monkeypatch.setattr(table, "get", got)
    monkeypatch.setattr(table, "get_many", got_many)
    return found


def altered(world: TestDesk, case: str, **fields: Any) -> None:
    """The head of the case as other code wrote it."""
    item = world.table.get(case_key(case), "FILE")
    assert item is not None
    document = dict(unpacked(item)) | fields
    world.table.transact([Put(packed(document))])


def noted(world: TestDesk, case: str) -> None:
    """Something that has to do with no version changes the case."""
    measure = Measure(text="Two people read each text.", owner="ana", due="2026-12-01")
    world.desk.ending.record_measure(case, measure, "ana")


def test_what_follows_a_change_reads_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    world = TestDesk()
    case = world.report()
    world.triage(case, 2)
    version = world.write(case, TEXTS)
    read = read_of_versions(world, monkeypatch)
    noted(world, case)
    assert [one.id for one in waiting.waits(world.desk.casework.read(case)) if one.kind == "review"]
    assert read == []
    world.review(case, version)
    assert read
    del read[:]
    file = world.desk.casework.read(case)
    assert file.approved is not None
    assert (file.approved.version, file.approved.content_hash) == (1, version.content_hash)
    assert read == []


def test_an_older_case_draws_its_lines_at_its_next_change() -> None:
    world = TestDesk()
    case = world.report()
    world.triage(case, 2)
    world.write(case, TEXTS)
    drawn = world.desk.casework.read(case).case.version_lines
    altered(world, case, version_lines=None)
    assert world.desk.casework.read(case).latest("response") is not None
    noted(world, case)
    assert world.desk.casework.read(case).case.version_lines == drawn


def test_a_change_without_the_rules_leaves_no_stale_line() -> None:
    world = TestDesk()
    case = world.report()
    world.triage(case, 2)
    world.write(case, TEXTS)

    def reject(file: Any) -> None:
        file.version(1).state = "rejected"

    world.desk.casework.store.change(case, world.now, "ana", reject)
    file = world.desk.casework.read(case)
    assert file.case.version_lines is None
    assert [line.state for line in file.lines] == ["rejected"]


def test_nobody_approves_or_plans_by_a_line() -> None:
    """A head that says `approved` of a version that is not: nothing is planned, and it is still in review."""
    world = TestDesk()
    case = world.report()
    world.triage(case, 1)
    version = world.write(case, TEXTS)
    file = world.desk.casework.read(case)
    forged = [
        line.model_copy(update={"state": "approved", "review": None, "content_hash": version.content_hash})
        for line in file.lines
    ]
    altered(world, case, version_lines=[one.model_dump(mode="json") for one in forged])
    assert world.desk.publication.plan(case, 1, "all")["deliveries"] == []
    assert list(world.desk.casework.read(case).deliveries) == []
    world.freeze(case)
    assert drain(world.table, world.desk.freezer, lambda: world.now, 1)["outcome"] == "effective"
    with pytest.raises(IllegalTransition, match="approved response"):
        world.desk.freezer.release("statement", "over", "dora", case_id=case)
    item = world.table.get(*response_place(case, 1))
    assert item is not None
    assert item["state"] == "in_review"


def test_whose_words_a_text_is_follows_a_later_version_with_the_same_words() -> None:
    world = TestDesk()
    case = world.report()
    world.triage(case, 1)
    world.write(case, TEXTS, "holding")
    world.desk.responses.submit(case, Submission(TEXTS, "response"), "emma")
    file = world.desk.casework.read(case)
    never = {one.id: one.never for one in waiting.waits(file) if one.kind == "review"}
    assert {"ana", "emma"} <= set(never[f"review:{case}:1"])
    assert {"ana", "emma"} <= set(never[f"review:{case}:2"])
