"""One place where texts go: the channel as the organisation would configure it, and an independent look at its server.

The independent clients share no code with the adapters: they read the server's own interface for readers, its database, its
mailboxes or its log.
"""

from __future__ import annotations

import email
import email.message
import email.policy
import html
import json
import re
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_plus

import httpx

from sangfroid.outbound.rendering import Rendering, render
from tools.channel_servers import bluesky, emulators, kannel, mail, proxy, synapse, wordpress

Pictures = Sequence[tuple[bytes, str]]


def words(text: str) -> str:
    """A text without what servers do to its white space."""
    return " ".join(text.split())


@dataclass
class Place:
    """`published` gives every text that stands on the server now, as plain words. `certain`: a lost answer can be found out.

    `above` gives the text beneath which a text hangs; `picture` the bytes and the alternative texts of what a text shows;
    `foreign` lets somebody else say something, and gives its address; `editing` is the call that corrects.
    """

    id: str
    type: str
    settings: dict[str, Any]
    credentials: dict[str, Any]
    proxy: proxy.Proxy
    publishing: bytes
    published: Callable[[], list[str]]
    certain: bool = True
    above: Callable[[str], str | None] = lambda _: None
    picture: Callable[[str], Pictures] = lambda _: []
    foreign: Callable[[str], str] | None = None
    editing: bytes = b""

    @property
    def channel(self) -> dict[str, Any]:
        """The channel in the organisation file."""
        return {
            "id": self.id,
            "type": self.type,
            "audience": "public",
            "settings": self.settings,
            "time_limit": "PT15S",
        }

    def wanted(self, text: str, language: str, limits: Any) -> Rendering:
        """What was shown for approval."""
        return render(text, language, self.settings, limits)


def wordpress_place(server: wordpress.WordPressServer, before: proxy.Proxy) -> Place:
    def published() -> list[str]:
        with sqlite3.connect(f"file:{server.database}?mode=ro", uri=True) as database:
            query = "SELECT post_content FROM wp_posts WHERE post_status = 'publish' AND post_type = 'post'"
            query += " UNION ALL SELECT comment_content FROM wp_comments WHERE comment_approved = '1'"
            return [html.unescape(re.sub(r"<[^>]+>", "", row[0])) for row in database.execute(query)]

    def above(text: str) -> str | None:
        with sqlite3.connect(f"file:{server.database}?mode=ro", uri=True) as database:
            query = (
                "SELECT c.comment_content, p.comment_content FROM wp_comments c JOIN wp_comments p "
                "ON p.comment_ID = c.comment_parent AND p.comment_post_ID = c.comment_post_ID"
            )
            rows = {words(html.unescape(row[0])): row[1] for row in database.execute(query)}
        return rows.get(words(text))

    def picture(text: str) -> Pictures:
        """As a reader's browser gets it: the page of the post, and from there the image."""
        with sqlite3.connect(f"file:{server.database}?mode=ro", uri=True) as database:
            query = (
                "SELECT ID, post_content FROM wp_posts WHERE post_status = 'publish' AND post_type = 'post'"
            )
            rows = {
                words(html.unescape(re.sub(r"<[^>]+>", "", content))): number
                for number, content in database.execute(query)
            }
        page = httpx.get(f"http://127.0.0.1:{server.port}/?p={rows[words(text)]}", follow_redirects=True).text
        shown = re.findall(r"<figure[^>]*><img ([^>]*)>", page)
        found = [dict(re.findall(r'([\w-]+)="([^"]*)"', attributes)) for attributes in shown]
        return [
            (httpx.get(html.unescape(one["src"])).raise_for_status().content, html.unescape(one["alt"]))
            for one in found
        ]

    def foreign(text: str) -> str:
        site = httpx.Client(
            base_url=f"http://127.0.0.1:{server.port}/", auth=(server.username, server.application_password)
        )
        route = {"rest_route": "/wp/v2/posts"}
        post = site.post("", params=route, json={"title": "News", "content": "News.", "status": "publish"})
        comment = {
            "post": post.json()["id"],
            "status": "approved",
            "author_name": "Eve",
            "author_email": "eve@example.test",
            "content": text,
        }
        said = site.post("", params={"rest_route": "/wp/v2/comments"}, json=comment).raise_for_status().json()
        return f"{before.url}/?p={said['post']}#comment-{said['id']}"

    return Place(
        "newsroom",
        "wordpress",
        {"site": before.url},
        {"username": server.username, "application_password": server.application_password},
        before,
        rb"POST /\?rest_route=%2Fwp%2Fv2%2F(posts|comments) ",
        published,
        above=above,
        picture=picture,
        foreign=foreign,
        editing=rb"POST /\?rest_route=%2Fwp%2Fv2%2Fposts%2F\d+ ",
    )


def matrix_place(server: synapse.SynapseServer, before: proxy.Proxy) -> Place:
    base = f"http://127.0.0.1:{server.port}/_matrix/client"
    reader = {"authorization": f"Bearer {server.reader_token}"}

    def timeline() -> dict[str, dict[str, Any]]:
        """Event id -> content, as a client shows it: with the latest edit of the same sender in its place."""
        url, query = f"{base}/v3/rooms/{server.room_id}/messages", {"dir": "b", "limit": "500"}
        events = httpx.get(url, params=query, headers=reader).json()["chunk"]
        messages = [one for one in reversed(events) if one["type"] == "m.room.message" and one["content"]]
        shown = {one["event_id"]: one for one in messages if not _edits(one)}
        for one in messages:
            original = shown.get(_edits(one) or "")
            if original is not None and original["sender"] == one["sender"]:
                relation = original["content"].get("m.relates_to", {})
                original["content"] = {**one["content"]["m.new_content"], "m.relates_to": relation}
            elif _edits(one):
                # Of nothing that stands: clients that know no edits show it.
                shown[one["event_id"]] = {**one, "content": one["content"]["m.new_content"]}
        return {event_id: one["content"] for event_id, one in shown.items()}

    def published() -> list[str]:
        return [one["body"] for one in timeline().values() if one["msgtype"] != "m.image"]

    def above(text: str) -> str | None:
        shown = timeline()
        found = next(one for one in shown.values() if words(one["body"]) == words(text))
        answered = found.get("m.relates_to", {}).get("m.in_reply_to", {}).get("event_id")
        return shown[answered]["body"] if answered else None

    def picture(text: str) -> Pictures:
        """What stands between the message before and this one, and what answers it."""
        shown = timeline()
        own = next(event_id for event_id, one in shown.items() if words(one["body"]) == words(text))
        before: list[str] = []
        for event_id, one in shown.items():
            beneath = one.get("m.relates_to", {}).get("m.in_reply_to", {}).get("event_id")
            if one["msgtype"] == "m.image" and beneath == own:
                return [shown_by(one)]
            if event_id == own:
                found = [shown_by(shown[image]) for image in before]
                if found:
                    return found
            elif one["msgtype"] == "m.image" and beneath not in shown:
                before.append(event_id)
            else:
                before = []
        return []

    def shown_by(image: dict[str, Any]) -> tuple[bytes, str]:
        place = image["url"].removeprefix("mxc://")
        answer = httpx.get(f"{base}/v1/media/download/{place}", headers=reader).raise_for_status()
        return answer.content, image["body"]

    def foreign(text: str) -> str:
        url = f"{base}/v3/rooms/{server.room_id}/send/m.room.message/{abs(hash(text))}"
        said = httpx.put(url, json={"msgtype": "m.text", "body": text}, headers=reader).json()["event_id"]
        return f"https://matrix.to/#/{quote(server.room_id)}/{quote(said)}?via=example.test"

    return Place(
        "matrix",
        "matrix",
        {"homeserver": before.url, "room_id": server.room_id, "suspend_user": server.newsroom},
        {"access_token": server.token, "admin_token": server.admin_token},
        before,
        rb"PUT /\S+/send/",
        published,
        above=above,
        picture=picture,
        foreign=foreign,
        editing=rb"PUT /\S+/send/",
    )


def _edits(event: dict[str, Any]) -> str | None:
    relation = event["content"].get("m.relates_to", {})
    return relation.get("event_id") if relation.get("rel_type") == "m.replace" else None


def bluesky_place(server: bluesky.BlueskyServer, before: proxy.Proxy) -> Place:
    def published() -> list[str]:
        url = f"http://127.0.0.1:{server.port}/xrpc/com.atproto.repo.listRecords"
        answer = httpx.get(
            url, params={"repo": server.did, "collection": "app.bsky.feed.post", "limit": "100"}
        )
        return [one["value"]["text"] for one in answer.json()["records"]]

    base = f"http://127.0.0.1:{server.port}/xrpc"

    def record(uri: str) -> dict[str, Any]:
        repo, collection, rkey = uri.removeprefix("at://").split("/")
        query = {"repo": repo, "collection": collection, "rkey": rkey}
        found: dict[str, Any] = httpx.get(f"{base}/com.atproto.repo.getRecord", params=query).json()
        return found

    def value(text: str) -> dict[str, Any]:
        query = {"repo": server.did, "collection": "app.bsky.feed.post", "limit": "100"}
        records = httpx.get(f"{base}/com.atproto.repo.listRecords", params=query).json()["records"]
        found: dict[str, Any] = next(
            one["value"] for one in records if words(one["value"]["text"]) == words(text)
        )
        return found

    def above(text: str) -> str | None:
        reply = value(text).get("reply")
        if reply is None:
            return None
        parent, root = record(reply["parent"]["uri"]), record(reply["root"]["uri"])
        assert (parent["cid"], root["cid"]) == (reply["parent"]["cid"], reply["root"]["cid"])
        # A conversation has one beginning: that of the post above, or the post above itself.
        assert parent["value"].get("reply", {}).get("root", reply["parent"]) == reply["root"]
        assert "reply" not in root["value"]
        return str(parent["value"]["text"])

    def picture(text: str) -> Pictures:
        found: list[tuple[bytes, str]] = []
        for one in value(text).get("embed", {}).get("images", []):
            query = {"did": server.did, "cid": one["image"]["ref"]["$link"]}
            answer = httpx.get(f"{base}/com.atproto.sync.getBlob", params=query).raise_for_status()
            found.append((answer.content, one["alt"]))
        return found

    def foreign(text: str) -> str:
        post = {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2026-11-02T08:00:00.000Z"}
        body = {"repo": server.reader_did, "collection": "app.bsky.feed.post", "record": post}
        said = httpx.post(
            f"{base}/com.atproto.repo.createRecord",
            json=body,
            headers={"authorization": f"Bearer {server.reader_token}"},
        ).raise_for_status()
        return f"https://bsky.app/profile/{server.reader_handle}/post/{said.json()['uri'].rpartition('/')[2]}"

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
        above=above,
        picture=picture,
        foreign=foreign,
        editing=rb"POST /xrpc/com\.atproto\.repo\.createRecord",
    )


def mastodon_place(server: emulators.MastodonEmulator, before: proxy.Proxy) -> Place:
    base = f"http://127.0.0.1:{server.port}/api/v1"
    reader = {"authorization": f"Bearer {server.reader_token}"}

    def statuses() -> list[dict[str, Any]]:
        look_up = httpx.get(f"{base}/accounts/lookup", params={"acct": "newsroom"}, headers=reader)
        url, query = f"{base}/accounts/{look_up.json()['id']}/statuses", {"limit": "40"}
        found: list[dict[str, Any]] = []
        while page := httpx.get(url, params=query, headers=reader).json():
            found += page
            query["max_id"] = page[-1]["id"]
        return found

    def said(status: dict[str, Any]) -> str:
        return html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"<br ?/?>|</p>", "\n", status["content"])))

    def status_of(text: str) -> dict[str, Any]:
        return next(one for one in statuses() if words(said(one)) == words(text))

    def published() -> list[str]:
        return [said(one) for one in statuses()]

    def above(text: str) -> str | None:
        url = f"{base}/statuses/{status_of(text)['id']}/context"
        ancestors = httpx.get(url, headers=reader).json()["ancestors"]
        return said(ancestors[-1]) if ancestors else None

    def picture(text: str) -> Pictures:
        shown = status_of(text)["media_attachments"]
        return [(httpx.get(one["url"]).raise_for_status().content, one["description"]) for one in shown]

    def foreign(text: str) -> str:
        said = httpx.post(f"{base}/statuses", json={"status": text}, headers=reader).json()
        return f"{before.url}/@reader/{said['id']}"

    return Place(
        "mastodon-emulator",
        "mastodon",
        {"instance": before.url},
        {"access_token": server.token},
        before,
        rb"POST /api/v1/statuses",
        published,
        above=above,
        picture=picture,
        foreign=foreign,
        editing=rb"PUT /api/v1/statuses/",
    )


def slack_place(server: emulators.SlackEmulator, before: proxy.Proxy) -> Place:
    api = f"http://127.0.0.1:{server.port}/api"
    headers = {"authorization": f"Bearer {server.reader_token}"}
    channels = httpx.post(f"{api}/conversations.list", headers=headers).json()["channels"]
    channel = next(one["id"] for one in channels if one["name"] == "crisis-desk")
    for token in (server.token, server.reader_token):
        join = {"channel": channel}
        httpx.post(f"{api}/conversations.join", json=join, headers={"authorization": f"Bearer {token}"})

    def messages() -> list[dict[str, Any]]:
        shown: list[dict[str, Any]] = []
        history = httpx.post(
            f"{api}/conversations.history", data={"channel": channel}, headers=headers
        ).json()
        roots = {one.get("thread_ts") or one["ts"] for one in history["messages"]}
        for root in roots:
            query = {"channel": channel, "ts": root}
            found = httpx.post(f"{api}/conversations.replies", data=query, headers=headers).json()
            shown += [one for one in found["messages"] if one.get("type") == "message"]
        return shown

    def published() -> list[str]:
        return [html.unescape(one["text"]) for one in messages()]

    def picture(text: str) -> Pictures:
        message = next(one for one in messages() if words(html.unescape(one["text"])) == words(text))
        found: list[tuple[bytes, str]] = []
        own = {"authorization": f"Bearer {server.token}"}
        for block in (block for one in message.get("attachments", []) for block in one["blocks"]):
            asked = {"file": block["slack_file"]["id"]}
            file = httpx.post(f"{api}/files.info", data=asked, headers=own).json()["file"]
            content = httpx.get(file["url_private"], headers=own).raise_for_status().content
            found.append((content, block["alt_text"]))
        return found

    return Place(
        "slack-emulator",
        "slack",
        {"channel": channel, "api": f"{before.url}/api"},
        {"bot_token": server.token},
        before,
        rb"POST /api/chat\.postMessage",
        published,
        picture=picture,
        editing=rb"POST /api/chat\.update",
    )


def mail_place(server: mail.MailServer, before: proxy.Proxy) -> Place:
    def messages() -> list[email.message.EmailMessage]:
        found = (
            email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            for file in Path(server.mailbox).glob("*/*")
            if file.parent.name in ("new", "cur")
        )
        # Both recipients share one mailbox here: the copy for the archive is not a second publication.
        return [message for message in found if message["Delivered-To"] == "press@example.test"]

    def said(message: email.message.EmailMessage) -> str:
        body = message.get_body(("plain",))
        return str(body.get_content()) if body is not None else ""

    def message_of(text: str) -> email.message.EmailMessage:
        return next(one for one in messages() if words(said(one)) == words(text))

    def published() -> list[str]:
        return [said(message) for message in messages()]

    def above(text: str) -> str | None:
        message = message_of(text)
        answered = message["In-Reply-To"]
        assert message["References"] == answered
        return next((said(one) for one in messages() if one["Message-ID"] == answered), None)

    def picture(text: str) -> Pictures:
        """What the HTML part shows, as a mail program would; its words are those of the plain part."""
        message = message_of(text)
        page = message.get_body(("html",))
        if page is None:
            return []
        content = str(page.get_content())
        assert words(html.unescape(re.sub(r"<[^>]+>", "", content))) == words(text)
        parts = {str(part["Content-ID"]).strip("<>"): part for part in message.walk() if part["Content-ID"]}
        shown = [dict(re.findall(r'(\w+)="([^"]*)"', one)) for one in re.findall(r"<img ([^>]*)>", content)]
        found = [(parts[one["src"].removeprefix("cid:")], html.unescape(one["alt"])) for one in shown]
        assert all(part["Content-Description"] == alt for part, alt in found)
        return [(part.get_content(), alt) for part, alt in found]

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
        above=above,
        picture=picture,
        editing=rb"\r\n\.\r\n",
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
