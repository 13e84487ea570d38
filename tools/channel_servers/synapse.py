"""A Matrix homeserver: Synapse on SQLite, with an account that posts, an admin, a reader and a room."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import yaml

from tools.channel_servers import install, processes


@dataclass(frozen=True)
class SynapseServer:
    """Tokens of the three accounts, and the room that the newsroom made and the reader joined."""

    port: int
    newsroom: str
    token: str
    admin_token: str
    reader_token: str
    room_id: str


@contextmanager
def running(home: Path) -> Iterator[SynapseServer]:
    """A fresh homeserver whose files stand in `home`."""
    home.mkdir(parents=True, exist_ok=True)
    port, shared = processes.free_port(), secrets.token_hex(16)
    config = {
        "server_name": "example.test",
        "public_baseurl": f"http://127.0.0.1:{port}/",
        "listeners": [
            {
                "port": port,
                "type": "http",
                "bind_addresses": ["127.0.0.1"],
                "resources": [{"names": ["client"]}],
            }
        ],
        "database": {"name": "sqlite3", "args": {"database": str(home / "homeserver.db")}},
        "media_store_path": str(home / "media"),
        "signing_key_path": str(home / "signing.key"),
        "log_config": None,
        "registration_shared_secret": shared,
        "report_stats": False,
        "macaroon_secret_key": secrets.token_hex(16),
        "trusted_key_servers": [],
        "suppress_key_server_warning": True,
        "rc_message": {"per_second": 1000, "burst_count": 1000},
        "rc_login": {"address": {"per_second": 1000, "burst_count": 1000}},
    }
    file = home / "homeserver.yaml"
    file.write_text(yaml.safe_dump({name: value for name, value in config.items() if value is not None}))
    commands = install.python()
    install.run([commands / "synapse_homeserver", "-c", file, "--generate-keys"], cwd=home)
    ready = processes.answers(f"http://127.0.0.1:{port}/_matrix/client/versions")
    command = [commands / "synapse_homeserver", "-c", file]
    with processes.process(command, home / "synapse.log", ready, cwd=home):
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20) as client:
            admin = _register(client, shared, "admin", admin=True)
            newsroom = _register(client, shared, "newsroom")
            reader = _register(client, shared, "reader")
            room = _ok(
                client.post(
                    "/_matrix/client/v3/createRoom",
                    json={"preset": "public_chat", "name": "Newsroom"},
                    headers={"authorization": f"Bearer {newsroom}"},
                )
            )["room_id"]
            _ok(client.post(f"/_matrix/client/v3/join/{room}", headers={"authorization": f"Bearer {reader}"}))
        yield SynapseServer(port, "@newsroom:example.test", newsroom, admin, reader, room)


def _register(client: httpx.Client, shared: str, name: str, *, admin: bool = False) -> str:
    """An account by the shared secret (Synapse's admin API, "shared-secret registration")."""
    nonce = _ok(client.get("/_synapse/admin/v1/register"))["nonce"]
    password = secrets.token_hex(12)
    parts = [nonce, name, password, "admin" if admin else "notadmin"]
    mac = hmac.new(shared.encode(), "\0".join(parts).encode(), hashlib.sha1).hexdigest()
    body = {"nonce": nonce, "username": name, "password": password, "admin": admin, "mac": mac}
    return str(_ok(client.post("/_synapse/admin/v1/register", json=body))["access_token"])


def _ok(answer: httpx.Response) -> dict[str, str]:
    answer.raise_for_status()
    document: dict[str, str] = answer.json()
    return document
