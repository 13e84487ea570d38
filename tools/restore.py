"""Takes a desk up again after its table was restored to an earlier moment. docs/operating.md, "Restore".

    python -m tools.restore --stack sangfroid --to 2026-11-20T12:00:00Z --by ana [--go]

Compares the table with the executions that run, the evidence bucket and the intents that lie; has everything that may have left
since looked for on its platform before it is sent; stops the procedures of open cases, which are ahead of the table, and begins
them anew. Without `--go` it only says which cases are open. Credentials, region and endpoint as for the AWS CLI: the operator
needs to read and write the table, to list and stop executions, and to list and read the evidence bucket. May be repeated.
Exit status 1 where a person must do something.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3

import sangfroid
from sangfroid.acts.reconciling import Reconciling
from sangfroid.acts.restoring import Restoring
from sangfroid.casework import Casework
from sangfroid.evidence.keeping import Evidence, KeptFile
from sangfroid.organisation import load
from sangfroid.store import CaseStore
from sangfroid.table import DynamoTable
from tools.erase import outputs_of


class Executions:
    """Step Functions, as the look needs it: the machines of one stack."""

    def __init__(self, client: Any, stack: str) -> None:
        self._client = client
        pages = client.get_paginator("list_state_machines").paginate()
        machines = [
            one for page in pages for one in page["stateMachines"] if one["name"].startswith(f"{stack}-")
        ]
        self._arns = {one["name"].removeprefix(f"{stack}-"): one["stateMachineArn"] for one in machines}

    def running(self, machine: str) -> set[str]:
        """Names of the executions of a machine that run now."""
        pages = self._client.get_paginator("list_executions").paginate(
            stateMachineArn=self._arns[machine], statusFilter="RUNNING"
        )
        return {one["name"] for page in pages for one in page["executions"]}

    def stop(self, case_id: str) -> int:
        """Stop what runs for a case, its clocks excepted; how many that were."""
        stopped = 0
        for machine in self._arns.keys() - {"deadline"}:
            for name in sorted(self.running(machine)):
                if name.startswith(case_id):
                    self._client.stop_execution(
                        executionArn=f"{self._arns[machine].replace(':stateMachine:', ':execution:')}:{name}",
                        error="Restored",
                        cause="the table was taken back to an earlier moment; the case begins a new round",
                    )
                    stopped += 1
        return stopped

    def existed(self, machine: str, name: str) -> bool:
        """Whether there was one of this name."""
        arn = f"{self._arns[machine].replace(':stateMachine:', ':execution:')}:{name}"
        try:
            self._client.describe_execution(executionArn=arn)
        except self._client.exceptions.ExecutionDoesNotExist:
            return False
        return True


class Bucket:
    """The evidence bucket: what lies under `cases/ID/ev-…/`."""

    def __init__(self, client: Any, name: str) -> None:
        self._client, self._name = client, name

    def of(self, case_id: str) -> Iterable[Evidence]:
        """The pieces of evidence of a case, with digests counted anew over what lies there."""
        pieces: dict[str, list[tuple[KeptFile, Any]]] = {}
        pages = self._client.get_paginator("list_object_versions").paginate(
            Bucket=self._name, Prefix=f"cases/{case_id}/ev-"
        )
        for page in pages:
            for one in page.get("Versions", []):
                _, _, piece, name = one["Key"].split("/", 3)
                got = self._client.get_object(Bucket=self._name, Key=one["Key"], VersionId=one["VersionId"])
                data = got["Body"].read()
                file = KeptFile(
                    name=name,
                    media_type=got["ContentType"],
                    sha256=hashlib.sha256(data).hexdigest(),
                    size=len(data),
                    key=one["Key"],
                    version=one["VersionId"],
                )
                pieces.setdefault(piece, []).append((file, got))
        for piece, files in sorted(pieces.items()):
            newest = max(got["LastModified"] for _, got in files)
            yield Evidence(
                id=piece,
                case_id=case_id,
                kind="capture" if any(file.name == "capture.json" for file, _ in files) else "attachment",
                at=newest,
                by="restore",
                note="",
                files=[file for file, _ in files],
                retained_until=max(got.get("ObjectLockRetainUntilDate", newest) for _, got in files),
                mode=str(files[0][1].get("ObjectLockMode", "")),
            )


def main(arguments: list[str] | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(description="Take the desk up again after a restore of its table.")
    parser.add_argument("--stack", default="sangfroid")
    parser.add_argument(
        "--to", required=True, type=datetime.fromisoformat, help="the restored moment, with its zone"
    )
    parser.add_argument("--by", required=True, help="your id in the organisation file, for the timeline")
    parser.add_argument("--go", action="store_true", help="do it")
    chosen = parser.parse_args(arguments)
    if chosen.to.tzinfo is None:
        parser.error("--to needs its zone: 2026-11-20T12:00:00Z")
    outputs = outputs_of(chosen.stack)
    organisation = load(
        Path(sangfroid.__file__).parent / "organisation.example.yaml"
    )  # no act here asks who is who
    casework = Casework(CaseStore(DynamoTable(outputs["TableName"])), organisation, now)
    if not chosen.go:
        ids = [case.id for case in Reconciling(casework).open_cases()]
        print("\n".join([*ids, f"{len(ids)} open cases; --go takes them up"]))
        return 0
    known = Executions(boto3.client("stepfunctions"), chosen.stack)
    kept = Bucket(boto3.client("s3"), outputs["EvidenceBucketName"])
    differences, lost = Restoring(casework, known, kept).take_up(chosen.to, chosen.by)
    rows: list[tuple[str, str | None, str, bool]] = [
        (one.kind, one.case_id, one.what, one.repaired) for one in differences
    ]
    rows += [(one.kind, one.case_id, one.what, one.repaired) for one in lost]
    for kind, case_id, what, repaired in rows:
        print(f"{'done' if repaired else 'YOURS'}  {kind}  {case_id or '-'}  {what}")
    yours = sum(not repaired for *_, repaired in rows)
    print(
        f"{len(rows)} differences, {yours} for a person; then invoke reconcile:live, which hands on what lies"
    )
    return 1 if yours else 0


if __name__ == "__main__":
    sys.exit(main())
