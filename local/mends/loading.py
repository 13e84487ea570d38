# What is replaced here belongs to moto, whose types say little of it.
# mypy: disable-error-code="assignment, attr-defined, method-assign"
"""What moto reads of botocore's data is read once: for each service it looks through all folders again.

For its lists of regions it has a session of its own, which reads all endpoints of AWS once more.
"""

from __future__ import annotations

import functools
from typing import Any


def apply() -> None:
    """One loader of moto's models, and boto3's session for its lists of regions."""
    import boto3
    from moto.core import utils
    from moto.core.base_backend import AccountSpecificBackend

    utils.create_loader = functools.cache(utils.create_loader)

    def session(cls: Any) -> Any:
        if boto3.DEFAULT_SESSION is None:
            boto3.setup_default_session()
        return boto3.DEFAULT_SESSION

    AccountSpecificBackend.get_session = classmethod(session)
