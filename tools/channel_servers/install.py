"""Installs what the channel tests need: once, pinned, and again where a download breaks off.

`python -m tools.channel_servers.install` does all of it. Debian packages need root; without root they must be there already.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".cache" / "channel-servers"
TRIES = 4
STANDSTILL = 150
"""Seconds after which an installer is ended and started again; each took less than a minute with nothing there before."""

PACKAGES = {
    "php": "php-cli",
    "/usr/lib/php/*/pdo_sqlite.so": "php-sqlite3",
    "/usr/lib/php/*/dom.so": "php-xml",
    "/usr/lib/php/*/mbstring.so": "php-mbstring",
    "/usr/sbin/postfix": "postfix",
    "/usr/sbin/dovecot": "dovecot-imapd",
    "/usr/sbin/bearerbox": "kannel",
    "/usr/lib/kannel/test/fakesmsc": "kannel-extras",
}
"""File or command -> the Debian package that brings it."""


class NotInstalled(Exception):
    """Something cannot be installed; the message says what, and how it ended."""


def run(command: Sequence[str | Path], *, cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
    """Run an installer, again where it breaks off or stands still; raises NotInstalled with the end of what it said."""
    said = b""
    for attempt in range(1, TRIES + 1):
        # Into a file and not a pipe: what an installer leaves running must not keep us waiting for its end.
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(  # noqa: S603 - commands of the tests
                [str(part) for part in command],
                cwd=cwd,
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                status = process.wait(STANDSTILL)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                status = process.wait()
            output.seek(0)
            said = output.read()
        if status == 0:
            return
        print(f"{command[0]} broke off (attempt {attempt} of {TRIES})", file=sys.stderr)
        time.sleep(2 * attempt)
    raise NotInstalled(f"{' '.join(map(str, command))}\n{said.decode('utf-8', 'replace')[-2000:]}")


def node() -> Path:
    """The folder with `node_modules`; node itself is one of the packages, because its version matters."""
    lock = (HERE / "node" / "package-lock.json").read_bytes() + (HERE / "node" / "package.json").read_bytes()
    place = CACHE / f"node-{hashlib.sha256(lock).hexdigest()[:12]}"
    if not (place / ".made").exists():
        place.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / "node" / name, place / name)
        # No install script is run: the packages that are used bring their binaries with them.
        quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
        run(["npm", "ci", *quiet], cwd=place)
        (place / ".made").touch()
    for script in (HERE / "node").glob("*.mjs"):
        shutil.copy(script, place / script.name)
    return place


def node_binary(place: Path) -> Path:
    """The node that came with the packages."""
    machine = {"x86_64": "x64", "aarch64": "arm64"}[platform.machine()]
    return place / "node_modules" / f"node-linux-{machine}" / "bin" / "node"


def python() -> Path:
    """The folder with the commands of Synapse and the Mastodon emulator."""
    pins = HERE / "python.txt"
    place = (
        CACHE
        / f"python-{hashlib.sha256(pins.read_bytes()).hexdigest()[:12]}-{sys.version_info[0]}{sys.version_info[1]}"
    )
    if not (place / ".made").exists():
        run([sys.executable, "-m", "venv", "--clear", place])
        quiet = ("--quiet", "--disable-pip-version-check", "--no-deps")
        run([place / "bin" / "python", "-m", "pip", "install", *quiet, "-r", pins])
        (place / ".made").touch()
    return place / "bin"


def debian() -> None:
    """Install the Debian packages that are missing. No service is started: the tests start their own."""
    missing = [package for needed, package in PACKAGES.items() if not _there(needed)]
    if not missing:
        return
    if os.geteuid() != 0:
        raise NotInstalled(f"not root, and these Debian packages are missing: {' '.join(missing)}")
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    run(["dpkg", "--configure", "-a"], env=quiet)  # what an earlier attempt was ended in
    run(["apt-get", "update", "-qq"], env=quiet)
    run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing], env=quiet)


def everything() -> None:
    """All three at once; most of the time is waiting for downloads."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor() as pool:
        waiting: list[Future[object]] = [pool.submit(work) for work in (debian, node, python)]
        for one in waiting:
            one.result()


def _there(needed: str) -> bool:
    if "*" in needed:
        return any(Path("/").glob(needed[1:]))
    return Path(needed).exists() if needed.startswith("/") else shutil.which(needed) is not None


if __name__ == "__main__":
    everything()
