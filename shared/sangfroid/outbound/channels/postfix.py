"""The real stop of a Postfix server: nothing leaves, what stands in the queue is held, and exactly that is released again.

Its own commands are run (postconf(1), postqueue(1), postsuper(1)), on this machine or through a prefix such as `ssh mail sudo`.
`defer_transports` keeps new mail from leaving; `postsuper -h` holds what is queued.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from sangfroid.outbound.channels.base import Suspension
from sangfroid.outbound.channels.stopped import StoppedRecord
from sangfroid.outbound.channels.timed import Deadline
from sangfroid.outbound.errors import ChannelRefused

ALL_TRANSPORTS = "smtp, relay, lmtp, local, virtual"
SETTING = "defer_transports"


class Postfix:
    """One server; `record` keeps what `defer_transports` was, and which messages were held by the desk."""

    def __init__(self, prefix: Sequence[str], deadline: Deadline, record: StoppedRecord) -> None:
        self._prefix = prefix
        self._deadline = deadline
        self._record = record

    def hold(self) -> Suspension:
        """Stop the server; raises ChannelRefused where a message is still on its way out."""
        before = self._run("postconf", "-h", SETTING).strip()
        self._record.keep({SETTING: before})
        self._run("postconf", "-e", f"{SETTING}={ALL_TRANSPORTS}")
        self._run("postfix", "reload")
        queued = [entry["queue_id"] for entry in self._queue() if entry["queue_name"] != "hold"]
        kept = self._record.keep(dict.fromkeys(queued, True))
        if queued:
            self._run("postsuper", "-h", "-", given="\n".join(queued) + "\n")
        if moving := [entry for entry in self._queue() if entry["queue_name"] == "active"]:
            raise ChannelRefused(f"Postfix still sends {len(moving)} messages after it was stopped")
        return Suspension("stopped", f"no mail leaves; {len(kept) - 1} queued messages are held", kept)

    def holds(self) -> bool:
        """Whether every way out is shut and nothing is on its way."""
        shut = self._run("postconf", "-h", SETTING).strip() == ALL_TRANSPORTS
        return shut and not any(entry["queue_name"] == "active" for entry in self._queue())

    def release(self, state: Mapping[str, Any]) -> None:
        """Let mail leave again, and put back what `hold` held; a message that was on hold before stays there."""
        kept = self._record.entries(state)
        held = [name for name in kept if name != SETTING]
        if held:
            self._run("postsuper", "-H", "-", given="\n".join(held) + "\n")
        self._run("postconf", "-e", f"{SETTING}={kept.get(SETTING, '')}")
        self._run("postfix", "reload")
        self._run("postqueue", "-f")
        self._record.drop()

    def _queue(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._run("postqueue", "-j").splitlines() if line]

    def _run(self, *command: str, given: str = "") -> str:
        try:
            done = subprocess.run(  # noqa: S603 - the prefix is the operator's own setting
                [*self._prefix, *command],
                input=given,
                capture_output=True,
                text=True,
                timeout=max(self._deadline.left, 0.01),
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            fault = type(error).__name__
        else:
            if done.returncode == 0:
                return done.stdout
            fault = f"exit code {done.returncode}"
        raise ChannelRefused(f"Postfix: {command[0]} failed ({fault})")
