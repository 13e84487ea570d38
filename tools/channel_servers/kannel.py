"""Kannel, an SMS gateway, with its own fake network centre behind it: what arrives there stands in a log."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.channel_servers import processes

CONFIG = """group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = {admin_password}
smsbox-port = {box}
box-allow-ip = 127.0.0.1
log-file = {home}/bearerbox.log
log-level = 0
store-type = file
store-location = {home}/kannel.store

group = smsc
smsc = fake
smsc-id = fake
host = 127.0.0.1
port = {centre}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {box}
sendsms-port = {http}
sendsms-interface = 127.0.0.1
log-file = {home}/smsbox.log
log-level = 0
global-sender = 12345

group = sendsms-user
username = desk
password = {password}
max-messages = 20
concatenation = true

group = sms-service
keyword = default
text = "none"
max-messages = 0
"""


@dataclass(frozen=True)
class KannelServer:
    """Ports, passwords, and the log of the fake centre."""

    port: int
    admin_port: int
    username: str
    password: str
    admin_password: str
    centre_log: Path

    def arrived(self) -> list[str]:
        """What arrived at the network centre, one line a message part."""
        text = self.centre_log.read_text("utf-8", "replace")
        return [line for line in text.splitlines() if re.search(r"got message", line, re.IGNORECASE)]


@contextmanager
def running(home: Path) -> Iterator[KannelServer]:
    """A fresh gateway whose files stand in `home`."""
    home.mkdir(parents=True, exist_ok=True)
    http, admin, box, centre = (processes.free_port() for _ in range(4))
    password, admin_password = secrets.token_hex(12), secrets.token_hex(12)
    config = home / "kannel.conf"
    config.write_text(
        CONFIG.format(
            home=home,
            http=http,
            admin=admin,
            box=box,
            centre=centre,
            password=password,
            admin_password=admin_password,
        )
    )
    log = home / "centre.log"
    bearerbox = ["/usr/sbin/bearerbox", config]
    smsbox = ["/usr/sbin/smsbox", config]
    # The fake centre ends when its connection is stopped; it is started again, as a real one would still be there.
    centre_of = f"/usr/lib/kannel/test/fakesmsc -H 127.0.0.1 -r {centre} -m 0 '1 2 text nothing'"
    fakesmsc = ["/bin/sh", "-c", f"while true; do {centre_of}; sleep 0.2; done"]
    with (
        processes.process(bearerbox, home / "bearerbox.out", processes.listens(admin)),
        processes.process(smsbox, home / "smsbox.out", processes.listens(http)),
        processes.process(fakesmsc, log, lambda: True),
    ):
        yield KannelServer(http, admin, "desk", password, admin_password, log)
