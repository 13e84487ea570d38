"""`make soak`: the running desk under webhooks, reading and a clock that runs, with `faulthandler` on, for FOR=60 seconds.

Looked for are a process that dies, an answer that is none of the interface's (5xx but 503), and a report that is lost. Prints
what was sent and answered; exit 1 where one of these was seen. A process died once while webhooks came in, and nobody knew why.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from http.client import HTTPConnection
from typing import Any

from local.seed import LISTENING_SECRET

SENDERS = 3


def free_port() -> int:
    """A port of this machine that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Soak:
    """One desk in a process of its own, and those who call it."""

    def __init__(self, port: int) -> None:
        self.port, self.over = port, threading.Event()
        self.answers: Counter[str] = Counter()
        self.taken: set[str] = set()
        self._lock = threading.Lock()

    def call(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, Any]:
        """One call; the status and the document. Raises OSError where nobody answers."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            sent = {"content-type": "application/json"} | {
                name.replace("_", "-"): value for name, value in headers.items()
            }
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        finally:
            connection.close()

    def count(self, what: str, status: int) -> None:
        """One more of it."""
        with self._lock:
            self.answers[f"{what}: {status}"] += 1

    def send_webhooks(self, sender: int) -> None:
        """Signed reports, every third of them a second time, as senders do that heard no answer."""
        key = base64.b64decode(LISTENING_SECRET.removeprefix("whsec_"))
        number = 0
        while not self.over.is_set():
            number += 1
            now = self.call("GET", "/_local/clock")[1]["now"]
            text = " ".join(
                f"{letter * 2}{sender}{number // 5 * 31 + place}" for place, letter in enumerate("abcdefg")
            )
            message = {"text": text, "platform": "forum", "published_at": now}
            body = json.dumps({"type": "report", "timestamp": now, "data": {"message": message}}).encode()
            stamp = str(int(time.mktime(time.strptime(now[:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone))
            name = f"soak-{sender}-{number}"
            signed = hmac.new(key, f"{name}.{stamp}.".encode() + body, hashlib.sha256).digest()
            headers = {
                "webhook_id": name,
                "webhook_timestamp": stamp,
                "webhook_signature": "v1," + base64.b64encode(signed).decode(),
            }
            for _ in range(2 if number % 3 == 0 else 1):
                status, _ = self.call("POST", "/webhooks/own-tool", body, **headers)
                self.count("webhook", status)
                if status == 202:
                    self.taken.add(name)

    def kept(self, token: str) -> int:
        """How many messages stand in all cases."""
        messages, cursor = 0, ""
        while True:
            page = self.call("GET", f"/cases?limit=100{cursor}", authorization=f"Bearer {token}")[1]
            for one in page["cases"]:
                messages += one["message_count"]
            if not page.get("next"):
                return messages
            cursor = f"&cursor={page['next']}"

    def read(self, token: str) -> None:
        """Somebody looks at the desk and the list of cases all the time, and the clock goes on."""
        while not self.over.is_set():
            for path in ("/desk", "/cases"):
                self.count(path, self.call("GET", path, authorization=f"Bearer {token}")[0])
            self.count(
                "clock", self.call("POST", "/_local/clock", json.dumps({"advance": "PT1M"}).encode())[0]
            )


def main(seconds: float) -> int:
    """0 where the desk lived and answered; 1 otherwise."""
    port = free_port()
    command = [sys.executable, "-X", "faulthandler", "-m", "local.run", "--port", str(port)]
    desk = subprocess.Popen(command)  # noqa: S603 - our own command
    soak = Soak(port)
    try:
        for _ in range(600):
            try:
                _, answer = soak.call(
                    "POST",
                    "/_local/token",
                    json.dumps({"sub": "ana", "roles": ["reporter", "responder"]}).encode(),
                )
                break
            except OSError:
                time.sleep(0.2)
        else:
            print("the desk does not answer")
            return 1
        faults: list[str] = []

        def guarded(work: Any, *given: Any) -> None:
            try:
                work(*given)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
                faults.append(f"{type(error).__name__}: {error}")
                soak.over.set()

        threads = [threading.Thread(target=guarded, args=(soak.send_webhooks, one)) for one in range(SENDERS)]
        threads.append(threading.Thread(target=guarded, args=(soak.read, answer["token"])))
        for one in threads:
            one.start()
        soak.over.wait(seconds)
        soak.over.set()
        for one in threads:
            one.join()
        alive = desk.poll() is None
        lost = len(soak.taken) - (soak.kept(answer["token"]) if alive else 0)
        bad = {
            what: n
            for what, n in soak.answers.items()
            if what.rpartition(" ")[2][0] == "5" and not what.endswith("503")
        }
        print(
            json.dumps(
                {
                    "seconds": seconds,
                    "answers": dict(sorted(soak.answers.items())),
                    "taken in": len(soak.taken),
                }
            )
        )
        print(json.dumps({"alive": alive, "lost": lost, "answers that are none": bad, "faults": faults}))
        return 0 if alive and not lost and not bad and not faults and soak.taken else 1
    finally:
        desk.send_signal(signal.SIGTERM)
        desk.wait(20)


if __name__ == "__main__":
    sys.exit(main(float(os.environ.get("SECONDS_OF_SOAK") or 60)))
