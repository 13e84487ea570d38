"""The modules of this package are named after their platform, and hold tests as well."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Collect what does not begin with `test_`, unless it was named on the command line and is collected anyway."""
    module = file_path.suffix == ".py" and file_path.name not in ("__init__.py", "conftest.py")
    if not module or parent.session.isinitpath(file_path):
        return None
    return pytest.Module.from_parent(parent, path=file_path)
