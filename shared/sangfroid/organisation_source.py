"""The organisation as data: versions in a bucket, one of them active, changed and taken back without a build (decision 0028).

`versions/<digest>.yaml` holds what was uploaded, under the SHA-256 of its bytes; `active.json` says which one holds. Only the
Lambda `organisation` writes `active.json`, after the whole check: who uploads cannot make a version hold that would fail people.
The bucket keeps every version of `active.json`: who made what hold, and when.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from botocore.exceptions import ClientError

from sangfroid.faults import Fault, with_lines
from sangfroid.model import rfc3339
from sangfroid.organisation import Organisation, OrganisationFault, parse
from sangfroid.organisation_check import Checked, check

ACTIVE = "active.json"
TIME_TO_LIVE = timedelta(seconds=5)
"""How long a running Lambda goes on with what it knows before it looks again."""
DIGEST = re.compile(r"[0-9a-f]{64}")
LARGEST = 1_000_000
NOT_THERE = ("NoSuchKey", "404", "NoSuchVersion")


class NoOrganisation(Exception):
    """No version is active, or the one that is asked for does not exist; the message says what to do."""


@dataclass(frozen=True)
class Active:
    """The version that holds: its digest, since when (RFC 3339), and who made it hold."""

    digest: str
    at: str
    by: str


class Versions:
    """The versions of an organisation in its bucket. `client` is boto3's of S3."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client, self._bucket = client, bucket

    def keep(self, text: str) -> str:
        """Store a text and answer its digest; the same text is the same version. Nothing takes effect by it."""
        content = text.encode("utf-8")
        if len(content) > LARGEST:
            raise OrganisationFault(
                "organisation", [Fault("unreadable", values={"detail": f"> {LARGEST} bytes"})]
            )
        digest = hashlib.sha256(content).hexdigest()
        self._client.put_object(
            Bucket=self._bucket, Key=_key(digest), Body=content, ContentType="application/yaml; charset=utf-8"
        )
        return digest

    def text(self, digest: str) -> str:
        """The text of a version; raises NoOrganisation where there is none, or where it is not what its name says."""
        if not DIGEST.fullmatch(digest):
            raise NoOrganisation(f"{digest!r} names no version: it is the SHA-256 of its bytes, in hex")
        try:
            content: bytes = self._client.get_object(Bucket=self._bucket, Key=_key(digest))["Body"].read()
        except ClientError as error:
            if _code(error) in NOT_THERE:
                raise NoOrganisation(f"there is no version {digest}; upload it first") from None
            raise
        if hashlib.sha256(content).hexdigest() != digest:
            raise NoOrganisation(f"the version {digest} was changed after it was uploaded; upload it again")
        return content.decode("utf-8")

    def active(self) -> Active | None:
        """The version that holds; None before the first."""
        found = self.active_if_changed("")
        return found[0] if found else None

    def active_if_changed(self, tag: str) -> tuple[Active, str] | None:
        """The version that holds and the tag of this knowledge; None where `tag` still stands, or nothing is active yet."""
        try:
            asked = {"Bucket": self._bucket, "Key": ACTIVE} | ({"IfNoneMatch": tag} if tag else {})
            answer = self._client.get_object(**asked)
        except ClientError as error:
            if _code(error) in (*NOT_THERE, "304", "NotModified"):
                return None
            raise
        return Active(**json.loads(answer["Body"].read())), answer["ETag"]

    def history(self) -> Iterator[Active]:
        """What held, the newest first."""
        pages = self._client.get_paginator("list_object_versions").paginate(
            Bucket=self._bucket, Prefix=ACTIVE
        )
        for page in pages:
            for version in page.get("Versions", []):
                answer = self._client.get_object(
                    Bucket=self._bucket, Key=ACTIVE, VersionId=version["VersionId"]
                )
                yield Active(**json.loads(answer["Body"].read()))

    def activate(self, digest: str, by: str, now: datetime, *, force: bool = False) -> tuple[Active, Checked]:
        """Make a version hold, after the whole check at `now` (aware); the same call takes a change back.

        Raises OrganisationFault with every fault, NoOrganisation. `force` lets channels vanish that cases may still use.
        """
        text = self.text(digest)
        organisation = parse(text, digest[:12])
        before = self.active()
        checked = check(organisation, now)
        faults = list(checked.faults)
        if before is not None and before.digest != digest:
            faults += removed(parse(self.text(before.digest)), organisation, force=force)
        if faults:
            raise OrganisationFault(digest[:12], with_lines(faults, text))
        return self.hold(digest, by, now), checked

    def hold(self, digest: str, by: str, now: datetime) -> Active:
        """Make a version hold that was checked before."""
        active = Active(digest, rfc3339(now), by)
        self._client.put_object(
            Bucket=self._bucket,
            Key=ACTIVE,
            Body=json.dumps(asdict(active)).encode(),
            ContentType="application/json",
        )
        return active


def removed(before: Organisation, after: Organisation, *, force: bool = False) -> Iterator[Fault]:
    """People and channels that would vanish from under running cases, which name them by id."""
    people, channels = {one.id for one in after.people}, {one.id for one in after.channels}
    for person in before.people:
        if person.id not in people:
            yield Fault("removed_person", ("people",), {"value": person.id})
    for channel in before.channels:
        if channel.id not in channels and not force:
            yield Fault("removed_channel", ("channels",), {"value": channel.id})


class Current:
    """The organisation that holds, as a running Lambda sees it: looked for again when its time is up.

    Where the bucket cannot be read, or a version that holds cannot be understood by this build, what is known goes on holding:
    a desk in a crisis is not stopped by its settings. `seconds` is a clock that only goes forward.
    """

    def __init__(
        self,
        versions: Versions,
        failed: Callable[[Exception], None],
        seconds: Callable[[], float] = time.monotonic,
        time_to_live: timedelta = TIME_TO_LIVE,
    ) -> None:
        self._versions, self._failed, self._seconds = versions, failed, seconds
        self._life = time_to_live.total_seconds()
        self._known: Organisation | None = None
        self._digest = self._tag = ""
        self._until = float("-inf")

    def __call__(self) -> Organisation:
        """The organisation; raises NoOrganisation where none was ever active."""
        if self._known is None or self._seconds() >= self._until:
            self._look()
        if self._known is None:
            raise NoOrganisation(
                "no organisation is active: upload one with `make upload-organisation FILE=` (docs/operating.md)"
            )
        return self._known

    def forget(self) -> None:
        """Look again at the next call."""
        self._until = float("-inf")

    def _look(self) -> None:
        try:
            found = self._versions.active_if_changed(self._tag)
            if found is not None:
                active, tag = found
                if active.digest != self._digest:
                    self._known = _parsed(self._versions.text(active.digest), active.digest)
                self._digest, self._tag = active.digest, tag
        except Exception as error:
            if self._known is None:
                raise
            self._failed(error)
        self._until = self._seconds() + self._life


@lru_cache(maxsize=4)
def _parsed(text: str, digest: str) -> Organisation:
    """Nobody writes into an organisation, so whoever reads the same text shares one: on one machine, every function does."""
    return parse(text, digest[:12])


def _key(digest: str) -> str:
    return f"versions/{digest}.yaml"


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
