"""The desk as `make run` starts it, and people before real browsers."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.people_in_browsers import Desk, serving

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = "/usr/bin/chromium"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of Debian's Chromium, installed if it is missing (as root)."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or CHROMIUM
    if not Path(found).is_file():
        fonts = ("fonts-dejavu-core", "fonts-noto-color-emoji")
        for command in (
            ["/usr/bin/apt-get", "update", "-qq"],
            ["/usr/bin/apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", *fonts],
        ):
            settings = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=settings)  # noqa: S603
    return found


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Address of a whole desk on this machine, its clock standing still."""
    with serving() as address:
        yield address


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Any]:
    """One Chromium for all tests; each person has a context of their own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--lang=en-GB"],
        )
        yield started
        started.close()


@pytest.fixture
def desk(server: str, browser: Any) -> Iterator[Desk]:
    """An empty desk; what the pages complained of is a failure."""
    httpx.post(f"{server}/_local/reset", timeout=120).raise_for_status()
    desk = Desk(server, browser)
    yield desk
    desk.close()
    assert not desk.complaints, desk.complaints


@pytest.fixture(params=["fr", "en"])
def language(request: pytest.FixtureRequest) -> str:
    """Both languages of the desk."""
    return str(request.param)
