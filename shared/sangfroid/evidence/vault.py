"""Where evidence lies: an S3 bucket under Object Lock. What is put there stays as it is until its retention ends."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from sangfroid.errors import Unavailable

Mode = Literal["GOVERNANCE", "COMPLIANCE"]
"""COMPLIANCE: nobody at all shortens the retention, the account's root included. GOVERNANCE: who has a special right may."""


@dataclass(frozen=True)
class Kept:
    """Where one object lies and until when it is locked; `version` names exactly these bytes."""

    key: str
    version: str
    until: datetime
    mode: Mode


class Vault(Protocol):
    """What evidence needs of its place."""

    def keep(self, key: str, data: bytes, media_type: str, sha256: str, now: datetime) -> Kept:
        """Put an object under lock; `sha256` is its digest in hex, checked on arrival. Raises Unavailable."""

    def read(self, key: str, version: str) -> bytes | None:
        """The bytes of exactly that version, or None where it is gone. Raises Unavailable."""


class S3Vault:
    """`Vault` on S3."""

    def __init__(self, bucket: str, mode: Mode, days: int, client: Any = None) -> None:
        self._bucket, self._mode, self._kept_for = bucket, mode, timedelta(days=days)
        self._client = client or boto3.client(
            "s3",
            config=Config(
                connect_timeout=2, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3}
            ),
        )

    def keep(self, key: str, data: bytes, media_type: str, sha256: str, now: datetime) -> Kept:
        until = (now + self._kept_for).replace(microsecond=0)
        try:
            answer = self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=data,
                ContentType=media_type,
                ContentDisposition="attachment",  # opened in a browser, a captured page must not run
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=base64.b64encode(bytes.fromhex(sha256)).decode(),
                ObjectLockMode=self._mode,
                ObjectLockRetainUntilDate=until,
            )
        except (ClientError, BotoCoreError) as error:
            raise Unavailable(
                "The evidence store did not answer; nothing was kept. Please try again."
            ) from error
        return Kept(key, answer.get("VersionId", ""), until, self._mode)

    def read(self, key: str, version: str) -> bytes | None:
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key, VersionId=version)
            data: bytes = answer["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "NoSuchVersion", "404"):
                return None
            raise Unavailable("The evidence store did not answer. Please try again.") from error
        except BotoCoreError as error:
            raise Unavailable("The evidence store did not answer. Please try again.") from error
        return data


def from_env(env: Mapping[str, str] | None = None) -> Vault | None:
    """The vault that `EVIDENCE_BUCKET`, `EVIDENCE_MODE` and `EVIDENCE_DAYS` name; None where there is none.

    Raises ValueError for a mode or a number of days that cannot be.
    """
    env = os.environ if env is None else env
    bucket = env.get("EVIDENCE_BUCKET")
    if not bucket:
        return None
    mode, days = env.get("EVIDENCE_MODE", "COMPLIANCE"), int(env.get("EVIDENCE_DAYS", "365"))
    if days < 1:
        raise ValueError("EVIDENCE_DAYS must be at least 1")
    if mode == "COMPLIANCE":
        return S3Vault(bucket, "COMPLIANCE", days)
    if mode == "GOVERNANCE":
        return S3Vault(bucket, "GOVERNANCE", days)
    raise ValueError(f"EVIDENCE_MODE is {mode!r}, not COMPLIANCE or GOVERNANCE")
