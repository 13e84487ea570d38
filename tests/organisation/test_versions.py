"""The organisation as data: uploaded, checked, made to hold, taken back; and what a running Lambda knows of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import boto3
import pytest
import yaml
from moto import mock_aws

from sangfroid.organisation import OrganisationFault
from sangfroid.organisation_source import Current, NoOrganisation, Versions
from tests.support.desks import EXAMPLE

NOW = datetime(2026, 11, 28, 4, 0, tzinfo=UTC)
TEXT = EXAMPLE.read_text("utf-8")
BUCKET = "organisation"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("s3", region_name="eu-west-3")
        # A stack in the same process keeps its buckets.
        monkeypatch.setitem(globals(), "BUCKET", f"organisation-{uuid4().hex}")
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield client


@pytest.fixture
def versions(client: Any) -> Versions:
    return Versions(client, BUCKET)


def changed(**changes: Any) -> str:
    return yaml.safe_dump(yaml.safe_load(TEXT) | changes, allow_unicode=True)


def test_what_is_uploaded_holds_only_once_it_was_checked(versions: Versions) -> None:
    digest = versions.keep(TEXT)
    assert versions.active() is None
    active, checked = versions.activate(digest, "ana", NOW)
    assert (active.digest, active.by, active.at) == (digest, "ana", "2026-11-28T04:00:00Z")
    assert versions.active() == active
    assert [remark.code for remark in checked.remarks] == ["one_alone"]


def test_a_bad_version_leaves_the_good_one_in_force(versions: Versions) -> None:
    good = versions.activate(versions.keep(TEXT), "ana", NOW)[0]
    bad = versions.keep(TEXT.replace("type: webhook", "type: webhok"))
    with pytest.raises(OrganisationFault, match="webhok"):
        versions.activate(bad, "ana", NOW)
    assert versions.active() == good


def test_a_change_is_taken_back_by_the_same_call(versions: Versions) -> None:
    first = versions.activate(versions.keep(TEXT), "ana", NOW)[0]
    second = versions.activate(versions.keep(changed(name="Nuage Europe")), "ben", NOW)[0]
    third = versions.activate(first.digest, "dora", NOW)[0]
    assert [(one.digest, one.by) for one in versions.history()] == [
        (third.digest, "dora"), (second.digest, "ben"), (first.digest, "ana"),
    ]  # fmt: skip


def test_nobody_vanishes_from_under_a_running_case(versions: Versions) -> None:
    document = yaml.safe_load(TEXT)
    versions.activate(versions.keep(TEXT), "ana", NOW)
    people = [one for one in document["people"] if one["id"] != "agency"]
    people[4]["duties"].append("pr_agency")
    channels = [one for one in document["channels"] if one["id"] not in ("agency-desk", "team-chat")]
    next(one for one in channels if one["id"] == "press-list")["settings"] = {"person": "emma"}
    without = versions.keep(changed(people=people, channels=channels))
    with pytest.raises(OrganisationFault) as fault:
        versions.activate(without, "ana", NOW, force=True)
    assert [one.code for one in fault.value.faults] == ["removed_person"]
    # Marked instead, the person may go; a channel only by force.
    people.append({**document["people"][-1], "left": True, "reach": []})
    marked = versions.keep(changed(people=people, channels=channels))
    with pytest.raises(OrganisationFault) as fault:
        versions.activate(marked, "ana", NOW)
    assert {one.code for one in fault.value.faults} == {"removed_channel"}
    assert versions.activate(marked, "ana", NOW, force=True)[0].digest == marked


def test_a_version_that_was_tampered_with_or_never_uploaded_does_not_hold(
    versions: Versions, client: Any
) -> None:
    digest = versions.keep(TEXT)
    client.put_object(Bucket=BUCKET, Key=f"versions/{digest}.yaml", Body=changed(name="Other").encode())
    for wrong in (digest, "0" * 64, "../active.json", ""):
        with pytest.raises(NoOrganisation):
            versions.activate(wrong, "ana", NOW)


class Watch:
    """Seconds that go forward when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_running_lambda_learns_of_a_change_within_seconds(versions: Versions) -> None:
    watch, failed = Watch(), list[Exception]()
    versions.activate(versions.keep(TEXT), "ana", NOW)
    current = Current(versions, failed.append, watch)
    before = current()
    versions.activate(versions.keep(changed(name="Nuage Europe")), "ana", NOW)
    assert current() is before
    watch.seconds = 5.0
    assert current().name == "Nuage Europe"
    watch.seconds = 120.0
    assert current() is current()
    assert failed == []


def test_a_bucket_that_cannot_be_read_stops_no_running_desk(versions: Versions, client: Any) -> None:
    watch, failed = Watch(), list[Exception]()
    versions.activate(versions.keep(TEXT), "ana", NOW)
    current = Current(versions, failed.append, watch)
    before = current()
    client.put_object(Bucket=BUCKET, Key="active.json", Body=b"{")
    watch.seconds = 61.0
    assert current() is before
    assert len(failed) == 1


def test_without_any_version_the_desk_says_what_to_do(versions: Versions) -> None:
    with pytest.raises(NoOrganisation, match="make upload-organisation"):
        Current(versions, lambda _: None)()
