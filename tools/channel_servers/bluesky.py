"""A Bluesky data server with an account that has an app password, and the account of somebody else."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tools.channel_servers import install, processes


@dataclass(frozen=True)
class BlueskyServer:
    """The account, its app password, and the server's admin password; and a session of somebody else's account."""

    port: int
    did: str
    handle: str
    app_password: str
    admin_password: str
    reader_did: str
    reader_handle: str
    reader_token: str


@contextmanager
def running(home: Path) -> Iterator[BlueskyServer]:
    """A fresh server whose files stand in `home`."""
    home.mkdir(parents=True, exist_ok=True)
    place = install.node()
    port, plc, admin = processes.free_port(), processes.free_port(), secrets.token_hex(16)
    env = {
        "PORT": str(port),
        "PLC_PORT": str(plc),
        "HOME_DIR": str(home),
        "ADMIN_PASSWORD": admin,
        "LOG_ENABLED": "false",
    }
    ready = processes.answers(f"http://127.0.0.1:{port}/xrpc/_health")
    command = [install.node_binary(place), place / "pds.mjs"]
    with processes.process(command, home / "pds.log", ready, cwd=place, env=env):
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/xrpc/", trust_env=False, timeout=20) as client:
            account = {
                "handle": "newsroom.test",
                "email": "newsroom@example.test",
                "password": secrets.token_hex(12),
            }
            made = client.post("com.atproto.server.createAccount", json=account)
            made.raise_for_status()
            session = made.json()
            app = client.post(
                "com.atproto.server.createAppPassword",
                json={"name": "sangfroid"},
                headers={"authorization": f"Bearer {session['accessJwt']}"},
            )
            app.raise_for_status()
            somebody = {
                "handle": "somebody-else.test",
                "email": "reader@example.test",
                "password": secrets.token_hex(12),
            }
            reader = client.post("com.atproto.server.createAccount", json=somebody).raise_for_status().json()
        yield BlueskyServer(
            port,
            session["did"],
            session["handle"],
            app.json()["password"],
            admin,
            reader["did"],
            reader["handle"],
            reader["accessJwt"],
        )
