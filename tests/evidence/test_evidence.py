"""Evidence: kept under lock on S3, in the timeline, and in a pack that anybody can check."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from sangfroid import timeline
from sangfroid.errors import IllegalTransition, Invalid, NotFound, Refused
from sangfroid.evidence import keeping, pack
from sangfroid.evidence.vault import S3Vault, from_env
from sangfroid.tracing.fetch import Page
from tests.evidence.vaults import MemoryVault
from tests.support.desks import NINE, TestDesk

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
HTML = b"<html><body>Rien ne marche</body></html>"


@pytest.fixture
def desk() -> TestDesk:
    made = TestDesk()
    made.desk.evidence._vault = MemoryVault()
    return made


def page(body: bytes = HTML) -> Page:
    headers = [
        ("content-type", "text/html"),
        ("date", "Fri, 20 Nov 2026 09:00:00 GMT"),
        ("set-cookie", "session=secret"),
    ]
    return Page(
        "https://short.org/x",
        "https://news.org/a",
        "93.184.216.34",
        200,
        headers,
        "text/html",
        body,
        ["https://short.org/x"],
    )


def attached(desk: TestDesk, case_id: str, data: bytes = PNG, **more: Any) -> keeping.Evidence:
    given = {"name": "capture.png", "media_type": "image/png", "note": "as seen"} | more
    return desk.desk.evidence.attach(case_id, data=base64.b64encode(data).decode(), by="ana", **given)


def unzipped(desk: TestDesk, case_id: str) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(desk.desk.reading.evidence_pack(case_id))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_capture_has_page_text_time_address_headers_and_hash(desk: TestDesk) -> None:
    case_id = desk.report()
    kept = desk.desk.evidence.capture(case_id, page(), "Rien ne marche", "sangfroid")
    assert [one.name for one in kept.files] == ["page.html", "readable.txt", "capture.json"]
    files = unzipped(desk, case_id)
    record = json.loads(files[f"evidence/{kept.id}/capture.json"])
    assert (record["asked"], record["url"], record["address"]) == (
        "https://short.org/x",
        "https://news.org/a",
        "93.184.216.34",
    )
    assert record["at"] == "2026-11-20T09:00:00Z"
    assert record["sha256"] == hashlib.sha256(HTML).hexdigest()
    assert ["date", "Fri, 20 Nov 2026 09:00:00 GMT"] in record["headers"]
    assert "secret" not in files[f"evidence/{kept.id}/capture.json"].decode()
    assert files[f"evidence/{kept.id}/page.html"] == HTML


def test_the_timeline_vouches_for_every_file(desk: TestDesk) -> None:
    case_id = desk.report()
    kept = attached(desk, case_id)
    (event,) = [event for event in desk.desk.casework.store.events(case_id) if event.kind == "evidence_kept"]
    assert event.data["files"] == [{"name": "capture.png", "sha256": hashlib.sha256(PNG).hexdigest()}]
    assert event.by == "ana"
    assert desk.desk.evidence.listed(case_id) == [kept]


def test_anybody_can_check_the_pack_without_the_product(desk: TestDesk) -> None:
    case_id = desk.report()
    kept = attached(desk, case_id)
    files = unzipped(desk, case_id)
    for line in files["SHA256SUMS"].decode().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(files[name]).hexdigest() == digest
    assert set(files) == {
        "manifest.json", "timeline.json", "verification.json", "README.txt", "SHA256SUMS", f"evidence/{kept.id}/capture.png",
    }  # fmt: skip
    told = json.loads(files["timeline.json"])
    assert timeline.verify(told["events"], (told["head"]["seq"], told["head"]["hash"])).intact
    assert json.loads(files["verification.json"])["intact"] is True
    (entry,) = json.loads(files["manifest.json"])["evidence"]
    assert (entry["by"], entry["note"], entry["files"][0]["check"]) == ("ana", "as seen", "intact")


@pytest.mark.parametrize("spoil", ["changed", "gone", "entry"])
def test_a_pack_says_what_is_not_as_it_was(desk: TestDesk, spoil: str) -> None:
    case_id = desk.report()
    attached(desk, case_id)
    vault = desk.desk.evidence.vault
    assert isinstance(vault, MemoryVault)
    (place,) = vault.objects
    if spoil == "changed":
        vault.objects[place] = PNG + b"!"
    elif spoil == "gone":
        del vault.objects[place]
    else:
        item = next(item for (pk, _), item in desk.table.items.items() if pk.endswith("#EVIDENCE"))
        vault.objects[place] = PNG + b"!"
        item["files"][0]["sha256"] = hashlib.sha256(PNG + b"!").hexdigest()
    told = json.loads(unzipped(desk, case_id)["verification.json"])
    assert told["intact"] is False
    assert len(told["files"]["faults"]) == 1


def test_a_pack_that_grows_too_large_names_what_it_leaves_out(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack, "LARGEST", 25)
    case_id = desk.report()
    attached(desk, case_id)
    attached(desk, case_id)
    manifest = json.loads(unzipped(desk, case_id)["manifest.json"])
    assert [entry["files"][0]["included"] for entry in manifest["evidence"]] == [True, False]
    assert manifest["evidence"][1]["files"][0]["key"].startswith(f"cases/{case_id}/")


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"media_type": "application/x-msdownload"}, "/media_type"),
        ({"media_type": "image/jpeg"}, "/media_type"),
        ({"data": b""}, "/data"),
        ({"data": b"\x89PNG\r\n\x1a\n" + bytes(keeping.LARGEST)}, "/data"),
    ],
)
def test_what_is_not_taken(desk: TestDesk, given: dict[str, Any], pointer: str) -> None:
    case_id = desk.report()
    with pytest.raises(Invalid) as refused:
        attached(desk, case_id, **given)
    assert [error.pointer for error in refused.value.errors] == [pointer]
    assert desk.desk.evidence.listed(case_id) == []


def test_no_base64_no_case_no_store_and_no_end(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = desk.report()
    with pytest.raises(Invalid):
        desk.desk.evidence.attach(case_id, "a", "image/png", "ü!", "", "ana")
    with pytest.raises(NotFound):
        attached(desk, "nobody")
    monkeypatch.setattr(keeping, "MOST", 1)
    attached(desk, case_id)
    with pytest.raises(IllegalTransition):
        attached(desk, case_id)
    desk.desk.evidence._vault = None
    with pytest.raises(Refused):
        desk.desk.reading.evidence_pack(case_id)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\y.png", "y.png"),
        ("a b\r\n;c.png", "a_b_c.png"),
        ("...", "file"),
        ("é" * 300, "é" * 100),
    ],
)
def test_names_are_file_names_everywhere(desk: TestDesk, name: str, kept: str) -> None:
    assert attached(desk, desk.report(), name=name).files[0].name == kept


def test_a_closed_case_still_takes_evidence(desk: TestDesk) -> None:
    case_id = desk.report()
    desk.triage(case_id, None)
    attached(desk, case_id)
    assert json.loads(unzipped(desk, case_id)["verification.json"])["intact"] is True


# -- S3


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    with mock_aws():
        client = boto3.client("s3")
        place: Any = {"LocationConstraint": "eu-west-3"}
        # Where a local stack in this process keeps the emulator alive, the bucket is there from the test before.
        with suppress(client.exceptions.BucketAlreadyOwnedByYou):
            client.create_bucket(
                Bucket="evidence", ObjectLockEnabledForBucket=True, CreateBucketConfiguration=place
            )
        yield client


def test_on_s3_evidence_is_locked_until_its_time(bucket: Any, desk: TestDesk) -> None:
    desk.desk.evidence._vault = S3Vault("evidence", "COMPLIANCE", 30, bucket)
    now = datetime.now(UTC).replace(microsecond=0)
    desk.now = now
    kept = attached(desk, desk.report())
    (file,) = kept.files
    held = bucket.head_object(Bucket="evidence", Key=file.key, VersionId=file.version)
    assert (held["ObjectLockMode"], held["ObjectLockRetainUntilDate"]) == (
        "COMPLIANCE",
        now + timedelta(days=30),
    )
    with pytest.raises(ClientError, match="AccessDenied"):
        bucket.delete_object(Bucket="evidence", Key=file.key, VersionId=file.version)
    assert desk.desk.evidence.vault.read(file.key, file.version) == PNG
    assert desk.desk.evidence.vault.read(file.key, "0" * 32) is None


def test_an_overwritten_object_is_still_read_as_it_was_kept(bucket: Any, desk: TestDesk) -> None:
    desk.desk.evidence._vault = S3Vault("evidence", "GOVERNANCE", 30, bucket)
    case_id = desk.report()
    kept = attached(desk, case_id)
    bucket.put_object(Bucket="evidence", Key=kept.files[0].key, Body=b"forged")
    assert json.loads(unzipped(desk, case_id)["verification.json"])["intact"] is True


def test_a_store_that_fails_keeps_nothing_and_says_so(bucket: Any, desk: TestDesk) -> None:
    desk.desk.evidence._vault = S3Vault("no-such-bucket", "GOVERNANCE", 30, bucket)
    case_id = desk.report()
    with pytest.raises(Refused):
        attached(desk, case_id)
    assert desk.desk.evidence.listed(case_id) == []


def test_the_environment_says_where_how_and_how_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    assert from_env({}) is None
    assert isinstance(
        from_env({"EVIDENCE_BUCKET": "b", "EVIDENCE_MODE": "GOVERNANCE", "EVIDENCE_DAYS": "7"}), S3Vault
    )
    for wrong in ({"EVIDENCE_MODE": "NONE"}, {"EVIDENCE_DAYS": "0"}, {"EVIDENCE_DAYS": "a year"}):
        with pytest.raises(ValueError, match=r"EVIDENCE|invalid literal"):
            from_env({"EVIDENCE_BUCKET": "b"} | wrong)
    assert NINE.tzinfo is UTC
