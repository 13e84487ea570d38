"""The emulated table is made once; every test gets it empty, and a desk at the same moment."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

import boto3
import pytest
from moto import mock_aws

from sangfroid import wall_clock
from tests.contract.desk import TABLE, Desk, load_api, make_table


@pytest.fixture(scope="session")
def loaded() -> Iterator[ModuleType]:
    """The function, loaded once as on AWS."""
    with mock_aws():
        module = load_api()
        make_table()
        yield module


@pytest.fixture
def desk(loaded: ModuleType) -> Iterator[Desk]:
    """An empty desk."""
    client = boto3.client("dynamodb", region_name="eu-west-3")
    client.delete_table(TableName=TABLE)
    make_table()
    yield Desk(loaded)
    wall_clock.install()
