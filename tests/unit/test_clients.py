"""One client of a kind a process, and never one of another session or region."""

from __future__ import annotations

import boto3
import pytest

from sangfroid import clients


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_DEFAULT_REGION", "eu-west-3"),
    ):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


def test_the_same_client_for_the_same_wish() -> None:
    first = clients.client("s3", connect=1, read=2, attempts=3)
    assert clients.client("s3", connect=1, read=2, attempts=3) is first
    assert first.meta.config.connect_timeout == 1
    assert first.meta.config.read_timeout == 2
    assert first.meta.config.retries == {"mode": "standard", "total_max_attempts": 3}


def test_another_wish_another_client() -> None:
    first = clients.client("s3", connect=1, read=2, attempts=3)
    others = [
        clients.client("sqs", connect=1, read=2, attempts=3),
        clients.client("s3", connect=9, read=2, attempts=3),
        clients.client("s3", connect=1, read=9, attempts=3),
        clients.client("s3", connect=1, read=2, attempts=9),
    ]
    assert len({id(one) for one in (first, *others)}) == 5


def test_another_region_or_session_another_client(monkeypatch: pytest.MonkeyPatch) -> None:
    first = clients.client("sqs", connect=1, read=2, attempts=3)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    moved = clients.client("sqs", connect=1, read=2, attempts=3)
    assert (first.meta.region_name, moved.meta.region_name) == ("eu-west-3", "eu-central-1")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # as moto does when it begins
    assert clients.client("sqs", connect=1, read=2, attempts=3) is not moved
