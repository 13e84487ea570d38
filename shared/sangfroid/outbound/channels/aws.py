"""What the channels over AWS share: an error of botocore as a name, and nothing else of it.

Botocore's errors hold the answer of the service, and a service (or a proxy before it) may repeat there what it was told: the
session token of the Lambda stands in every request.
"""

from __future__ import annotations

import re

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

CODE = re.compile(r"[A-Za-z]{1,60}(\.[A-Za-z]{1,60})?|[1-5][0-9]{2}")
"""A name as AWS gives them, or the HTTP status that stands for one. Neither a key id nor a token fits."""

UNANSWERED = (BotoCoreError, ResponseParserError, LookupError, ValueError)
"""Errors after which nobody knows whether the service did it. The last three come from answers that botocore cannot read."""


def code_of(error: ClientError) -> str:
    """The error's code, where it is one."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    return code if CODE.fullmatch(code) else "an error without a name"
