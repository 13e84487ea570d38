"""The command: it says when it is ready, ends at once, leaves nothing, and says in one line why it cannot start."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(port: object, *more: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "local.run", *more], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | {"PORT": str(port), "TEMPLATE": "tests/engine/fixtures/template.yaml", **environment},
    )  # fmt: skip


@contextmanager
def running(port: int, **environment: str) -> Iterator[subprocess.Popen[str]]:
    process = command(port, **environment)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == f"ready http://127.0.0.1:{port}\n"
        yield process
    finally:
        process.kill()
        process.wait()


def get(port: int, path: str, body: object = None) -> dict[str, object]:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", data, timeout=10) as answer:
        found: dict[str, object] = json.loads(answer.read())
        return found


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_and_ends_cleanly_within_a_second(number: signal.Signals) -> None:
    port = free_port()
    with running(port, SPEED="3600") as process:
        assert "at" in get(port, "/health")
        before = get(port, "/_local/clock")["now"]
        token = get(port, "/_local/token", {"sub": "ana", "roles": []})["token"]
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/things", b'{"id": "a"}',
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )  # fmt: skip
        urllib.request.urlopen(request, timeout=10).close()  # noqa: S310
        # The stream of health checks is kept open by a client that does not go away.
        idle = socket.create_connection(("127.0.0.1", port))
        time.sleep(0.3)
        assert str(get(port, "/_local/clock")["now"]) > str(before)
        began = time.monotonic()
        process.send_signal(number)
        assert process.wait(5) == 0
        assert time.monotonic() - began < 1.5
        idle.close()
        assert is_free(port)
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_a_killed_process_leaves_no_port() -> None:
    port = free_port()
    with running(port) as process:
        process.kill()
        process.wait()
        assert is_free(port)
    with running(port):
        assert not is_free(port)


def test_it_ends_with_the_process_that_started_it() -> None:
    """`make run` that is killed: nothing is passed on, and yet nothing stays."""
    port = free_port()
    starter = subprocess.Popen(  # noqa: S603 - our own command
        ["/bin/sh", "-c", f"{sys.executable} -m local.run --with-parent; true"], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, env=os.environ | {"PORT": str(port), "TEMPLATE": "tests/engine/fixtures/template.yaml"},
    )  # fmt: skip
    assert starter.stdout is not None
    assert starter.stdout.readline() == f"ready http://127.0.0.1:{port}\n"
    starter.kill()
    starter.wait()
    assert starter.stdout.read() == ""  # to its end: whoever held the other side is gone
    starter.stdout.close()
    assert is_free(port)


def refused(process: subprocess.Popen[str]) -> str:
    out, error = process.communicate(timeout=30)
    assert process.returncode == 2
    assert out == ""
    assert error.endswith("\n")
    assert error.count("\n") == 1, error
    return error


def test_a_taken_port_is_told_at_once_in_one_line() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        began = time.monotonic()
        assert re.search(rf"port {port} is taken; set PORT=", refused(command(port)))
        assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"PORT": "many"}, "PORT must be"),
        ({"PORT": "65536"}, "PORT must be"),
        ({"SPEED": "fast"}, "SPEED must be"),
        ({"SPEED": "-1"}, "SPEED must be"),
        ({"ORGANISATION_FILE": "/no/such.yaml"}, "there is no file /no/such.yaml"),
        ({"TEMPLATE": "no/such.yaml"}, "there is no"),
    ],
)
def test_what_keeps_it_from_starting_is_told_in_one_line(environment: dict[str, str], said: str) -> None:
    assert said in refused(command(environment.pop("PORT", free_port()), **environment))


def test_ctrl_c_during_the_start_ends_it() -> None:
    process = command(free_port())
    time.sleep(0.4)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=5)
    assert "Traceback" not in out
    assert process.returncode in (0, -signal.SIGINT, 130)


def test_options_say_the_same_as_the_environment_and_time_begins_now() -> None:
    port = free_port()
    process = command(1, "--port", str(port), "--speed", "0")
    began = datetime.now(UTC)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == f"ready http://127.0.0.1:{port}\n"
        clock = get(port, "/_local/clock")
        assert clock["speed"] == 0
        assert began - timedelta(seconds=5) < datetime.fromisoformat(str(clock["now"])) < datetime.now(UTC)
    finally:
        process.kill()
        process.wait()
