"""The function is loaded once a module; every test gets it with an empty table, and a desk at the same moment."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local import mends
from sangfroid import wall_clock
from tests.contract.desk import ENVIRONMENT, TABLE, Desk, load_api, make_table


@pytest.fixture(scope="module")
def loaded() -> Iterator[tuple[ModuleType, Any]]:
    """The function as Lambda loads it, and a client for its table; environment and emulator are given back after the module."""
    # The local stack's way to the table, compared with moto's own (tests/engine/test_data_plane.py): a quarter of its time.
    mends.apply()
    with pytest.MonkeyPatch.context() as patched, mock_aws():
        for name, value in ENVIRONMENT.items():
            patched.setenv(name, value)
        client = boto3.client("dynamodb", region_name="eu-west-3")
        make_table(client)
        yield load_api(), client
        client.delete_table(TableName=TABLE)  # a local stack in this process keeps the emulator alive


@pytest.fixture
def desk(loaded: tuple[ModuleType, Any]) -> Iterator[Desk]:
    """An empty desk."""
    module, client = loaded
    client.delete_table(TableName=TABLE)
    make_table(client)
    yield Desk(module, client)
    wall_clock.install()
