"""Erases what strangers wrote in cases that are closed for long enough; sets and lifts legal holds. docs/operating.md.

    python -m tools.erase due      [--stack sangfroid] [--days N]                 what would go
    python -m tools.erase run      [--stack sangfroid] [--days N] --by ID --go    erase it
    python -m tools.erase case     --case ID [--also NAME …] --by ID --go         one case, however young (somebody asks for it)
    python -m tools.erase hold     --case ID --reason TEXT --by ID                nothing of it is erased
    python -m tools.erase lift     --case ID --reason TEXT --by ID

Without `--days` the stack's output PersonalDataDays says how long. Credentials, region and endpoint as for the AWS CLI: the
operator needs to read and write the table and to delete versions of objects in the evidence bucket; with
`s3:BypassGovernanceRetention` locks of the mode GOVERNANCE do not hold, those of COMPLIANCE hold for everybody. May be repeated
and interrupted at any moment. Exit status 1 where something stays that should go.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

import sangfroid
from sangfroid.acts.erasing import Erased, Erasing
from sangfroid.casework import Casework
from sangfroid.errors import Refused
from sangfroid.learning import Shelf
from sangfroid.organisation import load
from sangfroid.store import CaseStore
from sangfroid.table import DynamoTable

KEPT_BY_A_LOCK = ("AccessDenied", "ObjectLocked", "InvalidRequest")


class Bucket:
    """The evidence bucket, for whoever may delete there."""

    def __init__(self, client: Any, name: str) -> None:
        self._client, self._name = client, name

    def erase(self, key: str, version: str) -> bool:
        """Delete exactly that version, past a lock of GOVERNANCE; False while a lock keeps it."""
        try:
            self._client.delete_object(
                Bucket=self._name, Key=key, VersionId=version, BypassGovernanceRetention=True
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in KEPT_BY_A_LOCK:
                return False
            if error.response["Error"]["Code"] not in ("NoSuchKey", "NoSuchVersion"):
                raise
        return True


def said(erased: Erased) -> str:
    """What was erased, in one line."""
    counts = ", ".join(f"{number} {kind}" for kind, number in sorted(erased.items.items()) if number)
    locked = f"; evidence is locked until {erased.locked_until:%Y-%m-%d}" if erased.locked_until else ""
    return f"{erased.case_id}: {counts or 'nothing left'}{locked}"


def outputs_of(stack: str) -> dict[str, str]:
    """The outputs of the stack, by name."""
    (found,) = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {one["OutputKey"]: one["OutputValue"] for one in found["Outputs"]}


def main(arguments: list[str] | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(description="Erase what strangers wrote, after its time.")
    parser.add_argument("do", choices=["due", "run", "case", "hold", "lift"])
    parser.add_argument("--stack", default="sangfroid")
    parser.add_argument("--days", type=int, help="days after the close; the stack's own where it is left out")
    parser.add_argument("--case", help="the id of a case")
    parser.add_argument("--also", nargs="*", default=[], help="names that nobody wrote into a report")
    parser.add_argument("--reason", help="why, for the timeline")
    parser.add_argument("--by", help="your id in the organisation file, for the timeline")
    parser.add_argument("--go", action="store_true", help="do it")
    chosen = parser.parse_args(arguments)
    if chosen.do in ("case", "hold", "lift") and not chosen.case:
        parser.error("--case is missing")
    if chosen.do in ("hold", "lift") and not chosen.reason:
        parser.error("--reason is missing")
    if (chosen.go or chosen.do in ("hold", "lift")) and not chosen.by:
        parser.error("--by is missing: the timeline says who did it")
    outputs = outputs_of(chosen.stack)
    organisation = load(
        Path(sangfroid.__file__).parent / "organisation.example.yaml"
    )  # no act here asks who is who
    table = DynamoTable(outputs["TableName"])
    bucket = Bucket(boto3.client("s3"), outputs["EvidenceBucketName"])
    erasing = Erasing(Casework(CaseStore(table), organisation, now), Shelf(table).erase, bucket)
    kept_for = timedelta(days=chosen.days if chosen.days is not None else int(outputs["PersonalDataDays"]))
    try:
        if chosen.do == "hold":
            erasing.hold(chosen.case, chosen.reason, chosen.by)
            print(f"{chosen.case}: nothing of it is erased until the hold is lifted")
            return 0
        if chosen.do == "lift":
            erasing.lift(chosen.case, chosen.reason, chosen.by)
            print(f"{chosen.case}: the hold is lifted")
            return 0
        ids = [chosen.case] if chosen.do == "case" else [case.id for case in erasing.due(kept_for)]
        if not chosen.go or chosen.do == "due":
            print(
                "\n".join([*ids, f"{len(ids)} cases; `run --by ID --go` erases what strangers wrote in them"])
            )
            return 0
        stays = 0
        for case_id in ids:
            erased = erasing.erase(case_id, chosen.by, chosen.also)
            stays += erased.locked_until is not None
            print(said(erased))
        print(f"{len(ids)} cases, {stays} with evidence that a lock still keeps")
    except Refused as refused:
        print(f"not erased: {refused}", file=sys.stderr)
        return 1
    return 1 if stays else 0


if __name__ == "__main__":
    sys.exit(main())
