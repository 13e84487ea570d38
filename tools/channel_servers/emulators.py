"""Emulators, where no real server can be had: Mastodon (`mastodon_mock`), Slack and Twilio (`emulate`). They keep state."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.channel_servers import install, processes


@dataclass(frozen=True)
class MastodonEmulator:
    """Tokens of two accounts: who posts, and who reads."""

    port: int
    token: str
    reader_token: str


@contextmanager
def mastodon(home: Path) -> Iterator[MastodonEmulator]:
    """A fresh instance, in memory."""
    home.mkdir(parents=True, exist_ok=True)
    port, token, reader = processes.free_port(), secrets.token_hex(16), secrets.token_hex(16)
    config = home / "mastodon.toml"
    config.write_text(
        "".join(
            f'[[seed.accounts]]\nusername = "{name}"\naccess_token = "{secret}"\n'
            for name, secret in (("newsroom", token), ("reader", reader))
        )
    )
    command = [
        install.python() / "mastodon_mock",
        "serve",
        "--config",
        config,
        "--port",
        str(port),
        "--in-memory",
    ]
    ready = processes.answers(f"http://127.0.0.1:{port}/api/v2/instance")
    with processes.process(command, home / "mastodon.log", ready, cwd=home):
        yield MastodonEmulator(port, token, reader)


@dataclass(frozen=True)
class SlackEmulator:
    """A workspace with a channel, and a token that is checked for its scopes."""

    port: int
    token: str
    reader_token: str


SLACK_SCOPES = (
    "chat:write", "channels:read", "channels:history", "channels:join", "im:write", "im:history", "users:read",
    "metadata.message:read", "files:write", "files:read",
)  # fmt: skip


@contextmanager
def slack(home: Path) -> Iterator[SlackEmulator]:
    """A fresh workspace."""
    token, reader = "xoxb-" + secrets.token_hex(16), "xoxb-" + secrets.token_hex(16)
    seed = {
        "slack": {
            "strict_scopes": True,
            "team": {"name": "Nuage", "domain": "nuage"},
            "users": [
                {"name": "desk", "email": "desk@example.test"},
                {"name": "reader", "email": "reader@example.test"},
            ],
            "channels": [{"name": "crisis-desk", "topic": "crises"}],
            "tokens": [
                {"token": token, "user": "desk", "scopes": SLACK_SCOPES},
                {"token": reader, "user": "reader", "scopes": SLACK_SCOPES},
            ],
        }
    }
    with _emulate(home, "slack", seed, "/api/api.test") as port:
        yield SlackEmulator(port, token, reader)


@dataclass(frozen=True)
class TwilioEmulator:
    """An account with one number."""

    port: int
    account_sid: str
    auth_token: str
    number: str


@contextmanager
def twilio(home: Path) -> Iterator[TwilioEmulator]:
    """A fresh account."""
    sid, token, number = "AC" + secrets.token_hex(16), secrets.token_hex(16), "+15551234567"
    seed = {
        "twilio": {
            "account": {"sid": sid, "auth_token": token, "friendly_name": "Nuage"},
            "phone_numbers": [{"phone_number": number, "friendly_name": "desk"}],
        }
    }
    with _emulate(home, "twilio", seed, "/2010-04-01/Accounts.json") as port:
        yield TwilioEmulator(port, sid, token, number)


@contextmanager
def _emulate(home: Path, service: str, seed: Mapping[str, object], probe: str) -> Iterator[int]:
    home.mkdir(parents=True, exist_ok=True)
    place, port = install.node(), processes.free_port()
    file = home / f"{service}.json"
    file.write_text(json.dumps(seed))
    program = place / "node_modules" / "emulate" / "dist" / "index.js"
    command = [
        install.node_binary(place), program, "start", "--service", service, "--port", str(port), "--seed", file,
    ]  # fmt: skip
    ready = processes.answers(f"http://127.0.0.1:{port}{probe}")
    with processes.process(command, home / f"{service}.log", ready, cwd=home):
        yield port
