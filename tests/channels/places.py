"""One place where texts go: the channel as the organisation would configure it, and an independent look at its server.

The independent clients share no code with the adapters: they read the server's own interface for readers, its database, its
mailboxes or its log.
"""

from __future__ import annotations

import email
import email.policy
import html
import json
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import httpx

from sangfroid.outbound.rendering import Rendering, render
from tools.channel_servers import bluesky, emulators, kannel, mail, proxy, synapse, wordpress


@dataclass
class Place:
    """`published` gives every text that stands on the server now, as plain words. `certain`: a lost answer can be found out."""

    id: str
    type: str
    settings: dict[str, Any]
    credentials: dict[str, Any]
    proxy: proxy.Proxy
    publishing: bytes
    published: Callable[[], list[str]]
    certain: bool = True

    @property
    def channel(self) -> dict[str, Any]:
        """The channel in the organisation file."""
        return {
            "id": self.id,
            "type": self.type,
            "audience": "public",
            "settings": self.settings,
            "time_limit": 15,
        }

    def wanted(self, text: str, language: str, limits: Any) -> Rendering:
        """What was shown for approval."""
        return render(text, language, self.settings, limits)


def wordpress_place(server: wordpress.WordPressServer, before: proxy.Proxy) -> Place:
    def published() -> list[str]:
        with sqlite3.connect(f"file:{server.database}?mode=ro", uri=True) as database:
            query = "SELECT post_content FROM wp_posts WHERE post_status = 'publish' AND post_type = 'post'"
            return [html.unescape(re.sub(r"<[^>]+>", "", row[0])) for row in database.execute(query)]

    return Place(
        "newsroom",
        "wordpress",
        {"site": before.url},
        {"username": server.username, "application_password": server.application_password},
        before,
        rb"POST /\?rest_route=%2Fwp%2Fv2%2Fposts ",
        published,
    )


def matrix_place(server: synapse.SynapseServer, before: proxy.Proxy) -> Place:
    def published() -> list[str]:
        url = f"http://127.0.0.1:{server.port}/_matrix/client/v3/rooms/{server.room_id}/messages"
        answer = httpx.get(
            url,
            params={"dir": "b", "limit": "200"},
            headers={"authorization": f"Bearer {server.reader_token}"},
        )
        return [
            one["content"]["body"]
            for one in answer.json()["chunk"]
            if one["type"] == "m.room.message" and one["content"]
        ]

    return Place(
        "matrix",
        "matrix",
        {"homeserver": before.url, "room_id": server.room_id, "suspend_user": server.newsroom},
        {"access_token": server.token, "admin_token": server.admin_token},
        before,
        rb"PUT /\S+/send/",
        published,
    )


def bluesky_place(server: bluesky.BlueskyServer, before: proxy.Proxy) -> Place:
    def published() -> list[str]:
        url = f"http://127.0.0.1:{server.port}/xrpc/com.atproto.repo.listRecords"
        answer = httpx.get(
            url, params={"repo": server.did, "collection": "app.bsky.feed.post", "limit": "100"}
        )
        return [one["value"]["text"] for one in answer.json()["records"]]

    return Place(
        "bluesky",
        "bluesky",
        {"service": before.url, "takedown": True},
        {
            "identifier": server.handle,
            "app_password": server.app_password,
            "admin_password": server.admin_password,
        },
        before,
        rb"POST /xrpc/com\.atproto\.repo\.createRecord",
        published,
    )


def mastodon_place(server: emulators.MastodonEmulator, before: proxy.Proxy) -> Place:
    def published() -> list[str]:
        base = f"http://127.0.0.1:{server.port}/api/v1"
        reader = {"authorization": f"Bearer {server.reader_token}"}
        account = httpx.get(f"{base}/accounts/lookup", params={"acct": "newsroom"}, headers=reader).json()[
            "id"
        ]
        found = httpx.get(
            f"{base}/accounts/{account}/statuses", params={"limit": "40"}, headers=reader
        ).json()
        breaks = ((one, re.sub(r"<br ?/?>|</p>", "\n", one["content"])) for one in found)
        return [html.unescape(re.sub(r"<[^>]+>", "", content)) for _, content in breaks]

    return Place(
        "mastodon-emulator",
        "mastodon",
        {"instance": before.url},
        {"access_token": server.token},
        before,
        rb"POST /api/v1/statuses",
        published,
    )


def slack_place(server: emulators.SlackEmulator, before: proxy.Proxy) -> Place:
    api = f"http://127.0.0.1:{server.port}/api"
    headers = {"authorization": f"Bearer {server.reader_token}"}
    channels = httpx.post(f"{api}/conversations.list", headers=headers).json()["channels"]
    channel = next(one["id"] for one in channels if one["name"] == "crisis-desk")
    for token in (server.token, server.reader_token):
        join = {"channel": channel}
        httpx.post(f"{api}/conversations.join", json=join, headers={"authorization": f"Bearer {token}"})

    def published() -> list[str]:
        texts: list[str] = []
        history = httpx.post(
            f"{api}/conversations.history", data={"channel": channel}, headers=headers
        ).json()
        roots = {one.get("thread_ts") or one["ts"] for one in history["messages"]}
        for root in roots:
            query = {"channel": channel, "ts": root}
            found = httpx.post(f"{api}/conversations.replies", data=query, headers=headers).json()
            texts += [html.unescape(one["text"]) for one in found["messages"] if one.get("type") == "message"]
        return texts

    return Place(
        "slack-emulator",
        "slack",
        {"channel": channel, "api": f"{before.url}/api"},
        {"bot_token": server.token},
        before,
        rb"POST /api/chat\.postMessage",
        published,
    )


def mail_place(server: mail.MailServer, before: proxy.Proxy) -> Place:
    def published() -> list[str]:
        found: list[str] = []
        for file in Path(server.mailbox).glob("*/*"):
            if file.parent.name in ("new", "cur"):
                message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
                # Both recipients share one mailbox here: the copy for the archive is not a second publication.
                if message["Delivered-To"] == "press@example.test":
                    body = message.get_body(("plain",))
                    found.append(str(body.get_content()) if body is not None else "")
        return found

    return Place(
        "mail",
        "smtp",
        {
            "host": "127.0.0.1",
            "port": before.port,
            "security": "none",
            "from": "Nuage <desk@example.test>",
            "to": ["press@example.test"],
            "archive": {
                "address": server.username,
                "host": "127.0.0.1",
                "port": server.imap,
                "security": "none",
            },
            "postfix": server.commands,
        },
        {"imap_username": server.username, "imap_password": server.password},
        before,
        rb"\r\n\.\r\n",
        published,
    )


def kannel_place(server: kannel.KannelServer, before: proxy.Proxy) -> Place:
    def published() -> list[str]:
        return kannel_texts(server)

    return Place(
        "sms",
        "kannel_sms",
        {
            "sendsms": before.url,
            "admin": f"http://127.0.0.1:{server.admin_port}",
            "from": "nuage",
            "to": "+33612345678",
            "max_parts": 16,
        },
        {"username": server.username, "password": server.password, "admin_password": server.admin_password},
        before,
        rb"POST /cgi-bin/sendsms",
        published,
        certain=False,
    )


def kannel_texts(server: kannel.KannelServer) -> list[str]:
    """Every message at the fake network centre, its parts put together by their headers (3GPP TS 23.040, 9.2.3.24.1)."""
    whole: dict[tuple[str, str], dict[int, str]] = {}
    for number, line in enumerate(server.centre_log.read_text("utf-8", "replace").splitlines()):
        found = re.search(r"Got message \d+: <(\S+) (\S+) (\S+) (.*)>$", line)
        if found is None:
            continue
        sender, receiver, kind, rest = found.groups()
        if kind == "ucs-2":
            whole[(receiver, f"alone {number}")] = {1: _ucs2(rest)}
        elif kind == "udh":
            header, _, data = rest.split(" ", 2)
            raw = _bytes(header)
            whole.setdefault((receiver, f"{sender} {raw[3]}"), {})[raw[5]] = _bytes(data).decode("utf-16-be")
    return ["".join(text for _, text in sorted(parts.items())) for parts in whole.values()]


def _bytes(quoted: str) -> bytes:
    return unquote_plus(quoted, "latin-1").encode("latin-1")


def _ucs2(quoted: str) -> str:
    return _bytes(quoted).decode("utf-16-be")


def twilio_place(server: emulators.TwilioEmulator, before: proxy.Proxy) -> Place:
    base = f"http://127.0.0.1:{server.port}/2010-04-01/Accounts/{server.account_sid}"
    auth = (server.account_sid, server.auth_token)

    def published() -> list[str]:
        calls = httpx.get(f"{base}/Calls.json", auth=auth, params={"PageSize": "100"}).json()["calls"]
        return [json.dumps(call["sid"]) for call in calls]

    return Place(
        "voice-emulator",
        "twilio_voice",
        {"api": before.url, "from": server.number, "to": "+33612345678", "times": 1},
        {"account_sid": server.account_sid, "auth_token": server.auth_token},
        before,
        rb"POST /\S+/Calls\.json",
        published,
        certain=False,
    )
