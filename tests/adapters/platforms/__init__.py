"""One module a platform of which no server can be run: its strict fake, its `KIND`, and the tests of what is true of it alone.

Every module here is found by itself, and test_platforms, test_secrets and test_thousand run over all of them.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from tests.adapters.kind import Kind

_FOUND = (
    import_module(f"{__name__}.{module.name}")
    for module in iter_modules(__path__)
    if module.name != "conftest"
)
KINDS: dict[str, Kind] = {module.KIND.type: module.KIND for module in _FOUND}
