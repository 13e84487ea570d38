"""The function is loaded once; every test gets it with an empty table, and a desk at the same moment."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws

from sangfroid import wall_clock
from tests.contract.desk import TABLE, Desk, load_api, make_table


@pytest.fixture(scope="session")
def loaded() -> Iterator[tuple[ModuleType, Any]]:
    """The function, loaded once as on AWS, and a client for its table."""
    with mock_aws():
        module = load_api()
        client = boto3.client("dynamodb", region_name="eu-west-3")
        make_table(client)
        yield module, client


@pytest.fixture
def desk(loaded: tuple[ModuleType, Any]) -> Iterator[Desk]:
    """An empty desk."""
    module, client = loaded
    client.delete_table(TableName=TABLE)
    make_table(client)
    yield Desk(module, client)
    wall_clock.install()
