"""``python -m local.run``: the whole system on this machine.

Options, or the environment variables of the same names: --port PORT (default 8420), --speed SPEED (virtual seconds a
real second, default 1), --organisation-file ORGANISATION_FILE (in place of the example), --template TEMPLATE. Ends on
Ctrl-C and SIGTERM with status 0; with status 2, and one line that says why, where it cannot start. With --with-parent
it also ends when the process that started it is gone: a killed `make` passes no signal on.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType


class _CannotStart(Exception):
    pass


def main() -> int:
    """Runs until it is told to end; answers the exit status."""
    try:
        options = _options()
        if options.with_parent:
            threading.Thread(target=_end_with, args=(os.getppid(),), name="parent", daemon=True).start()
        return _serve(_port(options.port), _speed(options.speed), options.organisation_file, options.template)
    except _CannotStart as error:
        print(f"sangfroid cannot start: {error}", file=sys.stderr)
        return 2


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.run", description=__doc__, allow_abbrev=False)
    for name, default in {
        "port": "8420",
        "speed": "1",
        "organisation-file": "",
        "template": "template.yaml",
    }.items():
        parser.add_argument(f"--{name}", default=os.environ.get(name.upper().replace("-", "_")) or default)
    parser.add_argument("--with-parent", action="store_true")
    return parser.parse_args()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.25)
    os.kill(os.getpid(), signal.SIGTERM)


def _serve(port: int, speed: float, organisation: str, template: str) -> int:
    end = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        end.set()
        if not ready:
            # Nothing to clean up yet but the process itself.
            os._exit(0)

    ready = False
    signal.signal(signal.SIGINT, on_signal)
    signal.signal(signal.SIGTERM, on_signal)
    if os.environ.get("ORGANISATION"):
        raise _CannotStart("ORGANISATION is called ORGANISATION_FILE: set that")
    if organisation and not Path(organisation).is_file():
        raise _CannotStart(f"ORGANISATION_FILE: there is no file {organisation}")
    _claim(port)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("moto").setLevel(logging.CRITICAL)

    from local.stack import Stack
    from local.template import TemplateError
    from sangfroid.organisation import OrganisationFault

    try:
        stack = Stack.start(template, organisation=organisation or None, serve_port=port)
    except OrganisationFault as fault:
        raise _CannotStart(fault.in_one_line()) from fault
    except FileNotFoundError as error:
        raise _CannotStart(f"there is no {error.filename}") from error
    except TemplateError as error:
        raise _CannotStart(str(error)) from error
    except OSError as error:
        raise _CannotStart(f"port {port}: {error.strerror}") from error
    stack.clock.set_speed(speed)
    ready = True
    print(f"ready http://127.0.0.1:{stack.port}", flush=True)
    end.wait()
    # What still runs has most of a second to end; the process takes the rest with it.
    threading.Thread(target=stack.stop, daemon=True).start()
    stack.stopped.wait(0.8)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _claim(port: int) -> None:
    """Looks at once whether the port is free: the start-up is slow, and the answer should not be."""
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise _CannotStart(
                f"port {port} is taken; set PORT= to another one ({error.strerror})"
            ) from error


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 <= int(text) <= 65535:
        raise _CannotStart(f"PORT must be a number from 0 to 65535, not {text!r}")
    return int(text)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = -1
    if not 0 <= speed <= 1_000_000:
        raise _CannotStart(f"SPEED must be a number from 0 to 1000000, not {text!r}")
    return speed


if __name__ == "__main__":
    sys.exit(main())
