"""What docs/deploy.md says can be run on one machine is run, in its order, against the local stack over its port."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.stack import Stack
from tests.support.crises import ANA, EIGHT
from tools.deploy_commands import GUIDE, Command, commands

ROOT = Path(__file__).parents[2]
ELSEWHERE = {"make rehearse CASE=2": "a stack of its own, played by tests/workflow and the CI"}
"""Commands that are run by another test: a second story here would cost half a minute."""


def test_every_block_says_whether_it_is_run_and_why_not() -> None:
    found = commands(GUIDE.read_text("utf-8"))
    assert len(found) > 25
    assert all(len(command.reason) > 15 for command in found if command.reason)
    with pytest.raises(ValueError, match="does not say"):
        commands("## x\n```sh\nls\n```\n")


def test_what_can_be_run_here_works_in_its_order(tmp_path: Path) -> None:
    local = [
        one for one in commands(GUIDE.read_text("utf-8")) if not one.reason and one.text not in ELSEWHERE
    ]
    assert len(local) >= 10
    Stack.borrow(now=EIGHT).stop()
    stack = Stack.start(now=EIGHT, serve_port=0)
    try:
        address = f"http://127.0.0.1:{stack.port}"
        environment = os.environ | {
            "API": address,
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_DEFAULT_REGION": "eu-west-3",
            "STACK": "sangfroid",
            "TOKEN": stack.token(*ANA),
        }
        for command in local:
            ran = subprocess.run(  # noqa: S602 - the guide's own commands
                here(command, tmp_path),
                shell=True,
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert ran.returncode == 0, f"{command.text}\n{ran.stdout}{ran.stderr}"
    finally:
        stack.stop()


def here(command: Command, tmp_path: Path) -> str:
    """The command with the file in a place of the test's own, and this Python."""
    if not shutil.which("curl"):
        pytest.skip("curl is not there")
    python = Path(sys.executable)
    return (
        command.text.replace("ours.yaml", str(tmp_path / "ours.yaml"))
        .replace(".venv/bin/", f"{python.parent}/")
        .replace("make ", f"make VENV={python.parents[1]} ", 1)
    )
