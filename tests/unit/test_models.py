"""Models whose building waits for the first call can all be built: what is wrong with one is found here, not by a caller."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

import sangfroid


def models() -> Iterator[type[BaseModel]]:
    for module in pkgutil.walk_packages(sangfroid.__path__, "sangfroid."):
        importlib.import_module(module.name)
    open_ends: list[type[BaseModel]] = [BaseModel]
    while open_ends:
        for one in open_ends.pop().__subclasses__():
            if one.__module__.startswith("sangfroid."):
                yield one
            open_ends.append(one)


@pytest.mark.parametrize("model", sorted(set(models()), key=str), ids=lambda model: model.__qualname__)
def test_it_can_be_built(model: type[BaseModel]) -> None:
    if "[" not in model.__name__ and not model.__pydantic_generic_metadata__["parameters"]:
        model.model_rebuild()
        assert model.__pydantic_complete__
        assert model.model_json_schema()
