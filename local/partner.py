"""A partner's tool on this machine: a real HTTP receiver of Standard Webhooks, for channels of type `webhook`.

It checks signatures, keeps one publication per `webhook-id`, has a queue of its own that `communication.suspend` stops and
`communication.resume` starts again, and signs its answers.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from sangfroid import wall_clock
from sangfroid.outbound.channels.webhook import genuine, sign


class Partner:
    """The receiver; `url` and `secret` are what a channel's credentials name."""

    def __init__(self) -> None:
        self.secret = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
        self.received: dict[str, dict[str, Any]] = {}
        self.suspended = False
        self._lock = threading.Lock()
        from werkzeug.serving import WSGIRequestHandler, make_server

        class Quiet(WSGIRequestHandler):
            def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
                """Nothing: the outbox shows what was sent."""

        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=Quiet)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks"
        self._thread = threading.Thread(target=self._server.serve_forever, name="partner", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the receiver; its port is free afterwards."""
        self._server.shutdown()
        self._server.server_close()

    def has(self, key: str) -> bool:
        """Whether a publication of this `webhook-id` came before: another call with it is the same one."""
        with self._lock:
            return key in self.received

    def forget(self) -> None:
        """Empty again."""
        with self._lock:
            self.received.clear()
            self.suspended = False

    def _answer(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        headers = {
            name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        now = wall_clock.now().timestamp()
        if not genuine(self.secret, headers, body, now):
            start("401 Unauthorized", [("content-type", "text/plain")])
            return [b"bad signature"]
        message_id = headers["webhook-id"]
        answer = json.dumps(self._take(message_id, json.loads(body))).encode()
        signed = [
            ("content-type", "application/json"),
            ("webhook-id", message_id),
            ("webhook-timestamp", str(int(now))),
            ("webhook-signature", sign(self.secret, message_id, int(now), answer)),
        ]
        start("200 OK", signed)
        return [answer]

    def _take(self, message_id: str, document: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            match document["type"]:
                case "communication.suspend":
                    # Asked again (an answer may have been lost), it names the same: all that stands still for the desk.
                    self.suspended = True
                    return {"state": "suspended", "stopped": ["queue", "campaigns"]}
                case "communication.status":
                    return {"state": "suspended" if self.suspended else "running"}
                case "communication.resume":
                    self.suspended = not document["data"].get("resume") and self.suspended
                    return {"state": "resumed"}
            self.received.setdefault(message_id, document)
            return {"id": message_id, "url": f"{self.url}/{message_id}"}
