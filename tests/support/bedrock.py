"""A client of Amazon Bedrock for a Stubber: no credentials of anybody, and no retries of its own."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config


def client() -> Any:
    return boto3.client(
        "bedrock-runtime",
        region_name="eu-west-3",
        aws_access_key_id="x",
        aws_secret_access_key="x",  # noqa: S106
        config=Config(retries={"max_attempts": 0}),
    )
