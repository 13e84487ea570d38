"""Secrets of listening sources: Secrets Manager `<stack>/listening/<source>`, read by the API and by nothing else."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from sangfroid.errors import Unavailable

KEPT = 60.0
"""Seconds that a secret is kept: whoever calls without a signature costs no look-up each time, and a rotation soon counts."""


class Secrets:
    """Reads the secret of a source; a source without one has an empty secret, which nothing proves."""

    def __init__(self, stack_name: str) -> None:
        self._stack = stack_name
        self._client: Any = None
        self._kept: dict[str, tuple[float, Mapping[str, Any]]] = {}

    def __call__(self, source: str) -> Mapping[str, Any]:
        """The secret; raises Unavailable where Secrets Manager does not answer."""
        # Real time: this is about a cache, not about the case.
        until, secret = self._kept.get(source, (0.0, {}))
        if time.monotonic() < until:
            return secret
        secret = self._read(source)
        self._kept[source] = (time.monotonic() + KEPT, secret)
        return secret

    def forget(self) -> None:
        """Read anew from now on."""
        self._kept.clear()

    def _read(self, source: str) -> Mapping[str, Any]:
        config = Config(
            connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2, "mode": "standard"}
        )
        self._client = self._client or boto3.client("secretsmanager", config=config)
        try:
            answer = self._client.get_secret_value(SecretId=f"{self._stack}/listening/{source}")
            secret = json.loads(answer["SecretString"])
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return {}
            raise Unavailable("The source's secret cannot be read at present. Send it again.") from None
        except BotoCoreError:
            raise Unavailable("The source's secret cannot be read at present. Send it again.") from None
        except (KeyError, ValueError):
            return {}
        return secret if isinstance(secret, dict) else {}
