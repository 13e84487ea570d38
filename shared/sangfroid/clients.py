"""Clients of AWS services, one of a kind a process: making one takes 5 to 10 ms of a cold start, keeping one costs nothing."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import boto3
from botocore.config import Config

_made: WeakKeyDictionary[boto3.Session, dict[tuple[Any, ...], Any]] = WeakKeyDictionary()


def client(service: str, *, connect: float, read: float, attempts: int) -> Any:
    """The client of a service that waits so many seconds for a connection and for an answer, and tries so often in all.

    It belongs to boto3's default session: with another session, or in another region, it is another one.
    """
    session: Any = boto3.DEFAULT_SESSION
    if session is None:
        boto3.setup_default_session()
        session = boto3.DEFAULT_SESSION
    kind = (service, connect, read, attempts, session.region_name)
    made = _made.setdefault(session, {})
    if kind not in made:
        retries: Any = {"mode": "standard", "total_max_attempts": attempts}
        make: Any = session.client
        made[kind] = make(service, config=Config(connect_timeout=connect, read_timeout=read, retries=retries))
    return made[kind]
