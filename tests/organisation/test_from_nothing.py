"""From an empty stack to the first report, by the commands of docs/operating.md, over real HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from tests.support.desks import EXAMPLE

ROOT = Path(__file__).parents[2]
OURS = EXAMPLE.read_text("utf-8").replace("Nuage SA", "Brume SAS").replace("nuage.example", "brume.example")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "ours.yaml"
    path.write_text(OURS, "utf-8")
    return path


@pytest.fixture
def url(file: Path) -> Iterator[str]:
    """A stack in a process of its own, on a free port, with our organisation."""
    process = subprocess.Popen(
        [sys.executable, "-m", "local.run", "--port", "0"],
        cwd=ROOT, env=os.environ | {"ORGANISATION_FILE": str(file)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        ready = process.stdout.readline().split()
        assert ready[:1] == ["ready"]
        yield ready[1]
    finally:
        process.terminate()
        process.wait(30)


def organisation(url: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "eu-west-3",
        "LANG": "C", "LC_ALL": "",
    }  # fmt: skip
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "tools.organisation", *words],
        cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def call(url: str, method: str, path: str, body: Any = None, token: str = "") -> tuple[int, Any]:
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, content, headers, method=method)  # noqa: S310 - our own stack
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return answer.status, json.loads(answer.read())
    except HTTPError as error:
        return error.code, json.loads(error.read())


def token(url: str, sub: str, *roles: str) -> str:
    made: str = call(url, "POST", "/_local/token", {"sub": sub, "roles": list(roles)})[1]["token"]
    return made


def test_file_people_token_me_first_report(url: str, file: Path, tmp_path: Path) -> None:
    # The file: looked at, then in force.
    assert organisation(url, "check", str(file)).returncode == 0
    file.write_text(OURS.replace("name: Dev Patel", "name: Devendra Patel"), "utf-8")
    uploaded = organisation(url, "upload", str(file))
    assert uploaded.returncode == 0, uploaded.stderr
    bad = tmp_path / "bad.yaml"
    bad.write_text(OURS.replace("type: webhook", "type: webhok"), "utf-8")
    refused = organisation(url, "upload", str(bad))
    assert (refused.returncode, "webhok" in refused.stderr) == (1, True)
    history = organisation(url, "versions").stdout.splitlines()
    assert len(history) == 2
    assert history[0].split()[1] in uploaded.stdout

    # The people of the file in force, in the pool.
    invited = organisation(url, "people")
    assert invited.returncode == 0, invited.stderr
    assert "ana          invited (ana@brume.example; reporter, responder)" in invited.stdout

    # A token, who I am, the first report.
    ana = token(url, "ana", "reporter", "responder")
    status, me = call(url, "GET", "/me", token=ana)
    assert (status, me["name"], me["language"], me["time_zone"]) == (
        200,
        "Ana Ferreira",
        "fr",
        "Europe/Paris",
    )
    people = {one["id"]: one["name"] for one in call(url, "GET", "/organisation", token=ana)[1]["people"]}
    assert people["dev"] == "Devendra Patel"
    published = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    report = {
        "brand": "Brume SAS",
        "message": {
            "text": "Brume est en panne depuis ce matin.",
            "platform": "x",
            "published_at": published,
        },
    }
    status, taken = call(url, "POST", "/incidents", report, ana)
    assert (status, taken["joined"]) == (202, False)
    status, case = call(url, "GET", f"/cases/{taken['case_id']}", token=ana)
    assert (status, case["brand"], case["cell"]["pilot"]) == (200, "Brume SAS", "ben")

    # Back to the version before, and whoever has left is refused at the next call.
    back = organisation(url, "activate", history[1].split()[1][:8])
    assert back.returncode == 0, back.stderr
    file.write_text(OURS.replace("  - id: chloe\n", "  - id: chloe\n    left: true\n"), "utf-8")
    chloe = token(url, "chloe", "responder")
    assert call(url, "GET", "/cases", token=chloe)[0] == 200
    left = organisation(url, "upload", str(file))
    assert left.returncode == 0, left.stdout + left.stderr
    assert "chloe        shut out: has left" in organisation(url, "people").stdout
    patience = time.monotonic() + 30
    while (status := call(url, "GET", "/cases", token=chloe)[0]) == 200 and time.monotonic() < patience:
        time.sleep(0.5)
    assert status == 403


def test_a_bad_file_starts_nothing_and_says_so_in_few_lines(tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text("name: Nuage SA\n", "utf-8")
    for given, words in (
        (path, "3 more: make check-organisation FILE="),
        (tmp_path / "none.yaml", "ORGANISATION_FILE: there is no file"),
    ):
        ended = subprocess.run(
            [sys.executable, "-m", "local.run", "--port", "0"],
            cwd=ROOT, env=os.environ | {"ORGANISATION_FILE": str(given)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ended.returncode == 2
        assert words in ended.stderr
        assert len(ended.stderr.splitlines()) == 1
