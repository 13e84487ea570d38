"""Verifies the hash chain of a case's timeline: from a file with the document of GET /cases/{id}/timeline, or over HTTP.

    python -m tools.verify_timeline timeline.json
    python -m tools.verify_timeline --url http://127.0.0.1:8420 --case case-… --token … [--anchors BUCKET]

Prints one line. Exit status 0: every link holds; 1: the chain is broken, or there was nothing to verify.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import boto3
import httpx
from botocore.exceptions import BotoCoreError, ClientError

from sangfroid.evidence import anchors
from sangfroid.timeline import verify


class Unreadable(Exception):
    """There is no timeline to verify; the message says why."""


def from_file(path: Path) -> dict[str, Any]:
    """The timeline document in a file; raises Unreadable."""
    try:
        return _checked(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise Unreadable(f"{path}: {error}") from error


def from_url(url: str, case_id: str, token: str, client: httpx.Client | None = None) -> dict[str, Any]:
    """The whole timeline document of a case, page by page; raises Unreadable."""
    events: list[dict[str, Any]] = []
    after: int | None = 0
    document: dict[str, Any] = {}
    with client or httpx.Client(timeout=30) as http:
        while after is not None:
            try:
                answer = http.get(
                    f"{url.rstrip('/')}/cases/{case_id}/timeline",
                    params={"after": after},
                    headers={"Authorization": f"Bearer {token}"},
                )
                content = answer.json()
            except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
                raise Unreadable(f"{url}: {error}") from error
            if answer.status_code != 200:
                raise Unreadable(f"{url} answered {answer.status_code}: {content.get('detail', '')}")
            document = _checked(content)
            events += document["events"]
            after = document.get("next")
    return document | {"events": events}


def from_bucket(bucket: str, case_id: str, client: Any = None) -> list[tuple[int, str]]:
    """The heads that were anchored under Object Lock: of every version, since a later one hides an earlier. Raises Unreadable."""
    s3, documents = client or boto3.client("s3"), []
    try:
        pages = s3.get_paginator("list_object_versions").paginate(
            Bucket=bucket, Prefix=f"{anchors.PREFIX}/{case_id}/"
        )
        for page in pages:
            for one in page.get("Versions", []):
                answer = s3.get_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])
                documents.append(answer["Body"].read())
        return anchors.heads(documents)
    except (BotoCoreError, ClientError, ValueError) as error:
        raise Unreadable(f"{bucket}: {error}") from error


def _checked(document: Any) -> dict[str, Any]:
    events = document.get("events") if isinstance(document, dict) else None
    if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
        raise Unreadable('not a timeline document: {"events": [...]}')
    checked: dict[str, Any] = document
    return checked


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(description="Verify the hash chain of a case's timeline.")
    parser.add_argument("file", nargs="?", type=Path, help="a saved document of GET /cases/{id}/timeline")
    parser.add_argument("--url", help="where the desk serves, such as http://127.0.0.1:8420")
    parser.add_argument("--case", help="the id of the case")
    parser.add_argument("--token", help="a token with any role")
    parser.add_argument(
        "--anchors",
        metavar="BUCKET",
        help="the evidence bucket, whose anchors must fit; needs --case and AWS credentials",
    )
    chosen = parser.parse_args(arguments)
    if (chosen.file is None) == (chosen.url is None) or (chosen.url and not (chosen.case and chosen.token)):
        parser.error("give a file, or --url with --case and --token")
    if chosen.anchors and not chosen.case:
        parser.error("--anchors needs --case")
    try:
        anchored = from_bucket(chosen.anchors, chosen.case) if chosen.anchors else []
        document = from_file(chosen.file) if chosen.file else from_url(chosen.url, chosen.case, chosen.token)
    except Unreadable as error:
        print(f"nothing verified: {error}", file=sys.stderr)
        return 1
    head = document.get("head")
    verdict = verify(
        document["events"], (head["seq"], head["hash"]) if isinstance(head, dict) else None, anchored
    )
    if verdict.fault is not None:
        print(f"BROKEN: {verdict.fault}")
        return 1
    last = document["events"][-1]["hash"] if document["events"] else "nothing"
    kept = f", {len(anchored)} anchors fit" if chosen.anchors else ""
    print(f"intact: {verdict.events} events, ends with {last}{kept}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
