"""The real stop of each channel that has one: what the server would send by itself stands still, and comes back as it was."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from sangfroid import wall_clock
from sangfroid.outbound.channels.bluesky import Bluesky
from sangfroid.outbound.channels.kannel_sms import KannelSms
from sangfroid.outbound.channels.mastodon import Mastodon
from sangfroid.outbound.channels.matrix import Matrix
from sangfroid.outbound.channels.smtp import Smtp
from sangfroid.outbound.channels.wordpress import WordPress
from sangfroid.outbound.errors import ChannelRefused
from sangfroid.outbound.letter import Letter
from tests.channels.conftest import RealDesk, Servers

pytestmark = pytest.mark.channel

SOON = timedelta(days=2)


def adapter(desk: RealDesk, channel: str, kind: type[Any]) -> Any:
    found = desk.adapters[channel]
    assert isinstance(found, kind)
    return found


def letter(channel: str, key: str, text: str = "Nothing leaves now.") -> Letter:
    return Letter(key, "case-stop", "response", channel, "public", "en", text)


def test_scheduled_wordpress_posts_become_drafts_and_come_back_with_their_dates(
    desk: RealDesk, servers: Servers
) -> None:
    server = servers.servers["newsroom"]
    auth = (server.username, server.application_password)
    site = httpx.Client(base_url=f"http://127.0.0.1:{server.port}/", auth=auth, timeout=20)

    def ask(method: str, route: str, **body: Any) -> Any:
        answer = site.request(
            method, "", params={"rest_route": f"/wp/v2{route}", "context": "edit"}, json=body or None
        )
        answer.raise_for_status()
        return answer.json()

    when = (datetime.now(UTC) + SOON).replace(microsecond=0, tzinfo=None).isoformat()
    post = ask("POST", "/posts", title="A campaign", content="Buy!", status="future", date_gmt=when)
    page = ask("POST", "/pages", title="A launch", content="New!", status="future", date_gmt=when)
    draft = ask("POST", "/posts", title="An idea", content="Hm", status="draft")
    newsroom = adapter(desk, "newsroom", WordPress)

    stopped = newsroom.suspend()
    assert (stopped.mode, newsroom.is_suspended(stopped)) == ("stopped", True)
    assert [ask("GET", f"/posts/{post['id']}")["status"], ask("GET", f"/pages/{page['id']}")["status"]] == [
        "draft"
    ] * 2
    later = ask(
        "POST", "/posts", title="Scheduled in the freeze", content="x", status="future", date_gmt=when
    )
    assert not newsroom.is_suspended(stopped)
    newsroom.suspend()
    assert ask("GET", f"/posts/{later['id']}")["status"] == "draft"

    newsroom.resume(stopped)
    for route in (f"/posts/{post['id']}", f"/pages/{page['id']}", f"/posts/{later['id']}"):
        restored = ask("GET", route)
        assert (restored["status"], restored["date_gmt"]) == ("future", when)
    assert ask("GET", f"/posts/{draft['id']}")["status"] == "draft", "what was a draft before stays one"


def test_a_post_whose_date_passed_in_the_freeze_stays_a_draft(desk: RealDesk, servers: Servers) -> None:
    server = servers.servers["newsroom"]
    auth = (server.username, server.application_password)
    site = httpx.Client(base_url=f"http://127.0.0.1:{server.port}/", auth=auth, timeout=20)
    when = (datetime.now(UTC) + SOON).replace(microsecond=0, tzinfo=None)
    body = {"title": "Too late", "content": "x", "status": "future", "date_gmt": when.isoformat()}
    post = site.post("", params={"rest_route": "/wp/v2/posts"}, json=body).json()
    newsroom = adapter(desk, "newsroom", WordPress)
    stopped = newsroom.suspend()
    wall_clock.install(lambda: datetime.now(UTC) + 2 * SOON)
    try:
        newsroom.resume(stopped)
    finally:
        wall_clock.install()
    query = {"rest_route": f"/wp/v2/posts/{post['id']}", "context": "edit"}
    assert site.get("", params=query).json()["status"] == "draft"


def test_a_suspended_matrix_account_cannot_send_and_can_again(desk: RealDesk, servers: Servers) -> None:
    server = servers.servers["matrix"]
    room = adapter(desk, "matrix", Matrix)
    url = f"http://127.0.0.1:{server.port}/_matrix/client/v3/rooms/{server.room_id}/send/m.room.message"
    foreign = {"authorization": f"Bearer {server.token}"}
    message = {"msgtype": "m.text", "body": "from another client"}
    before = room.survey()
    stopped = room.suspend()
    assert (stopped.mode, room.is_suspended(stopped)) == ("stopped", True)
    refused = httpx.put(f"{url}/foreign-1", json=message, headers=foreign)
    assert (refused.status_code, refused.json()["errcode"]) == (403, "M_USER_SUSPENDED")
    with pytest.raises(ChannelRefused) as raised:
        room.publish(letter("matrix", "stopped"))
    assert not raised.value.permanent
    room.suspend()
    room.resume(type(stopped)("stopped", "", before))
    assert httpx.put(f"{url}/foreign-2", json=message, headers=foreign).status_code == 200


def test_a_takedown_stops_a_client_that_still_holds_a_bluesky_session(
    desk: RealDesk, servers: Servers
) -> None:
    server = servers.servers["bluesky"]
    client = httpx.Client(base_url=f"http://127.0.0.1:{server.port}/xrpc/", timeout=20)
    login = {"identifier": server.handle, "password": server.app_password}
    session = client.post("com.atproto.server.createSession", json=login).json()
    foreign = {"authorization": f"Bearer {session['accessJwt']}"}

    def post(text: str) -> httpx.Response:
        record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": datetime.now(UTC).isoformat()}
        body = {"repo": server.did, "collection": "app.bsky.feed.post", "record": record}
        return client.post("com.atproto.repo.createRecord", json=body, headers=foreign)

    assert post("before the freeze").status_code == 200
    account = adapter(desk, "bluesky", Bluesky)
    stopped = account.suspend()
    assert (stopped.mode, account.is_suspended(stopped)) == ("stopped", True)
    assert post("in the freeze").status_code in (400, 401, 403)
    with pytest.raises(ChannelRefused) as raised:
        account.publish(letter("bluesky", "stopped"))
    assert not raised.value.permanent
    account.resume(stopped)
    assert post("after the freeze").status_code == 200
    assert account.find(letter("bluesky", "stopped")) is None


def test_scheduled_statuses_of_the_mastodon_emulator_are_put_off_and_come_back(
    desk: RealDesk, servers: Servers
) -> None:
    server = servers.servers["mastodon-emulator"]
    base = f"http://127.0.0.1:{server.port}/api/v1"
    client = httpx.Client(headers={"authorization": f"Bearer {server.token}"}, timeout=20)
    when = datetime.now(UTC).replace(microsecond=0) + SOON
    body = {"status": "A campaign", "scheduled_at": when.isoformat()}
    scheduled = client.post(f"{base}/statuses", json=body).json()["id"]

    def date() -> datetime:
        return datetime.fromisoformat(
            client.get(f"{base}/scheduled_statuses/{scheduled}").json()["scheduled_at"]
        )

    account = adapter(desk, "mastodon-emulator", Mastodon)
    stopped = account.suspend()
    assert (stopped.mode, account.is_suspended(stopped)) == ("stopped", True)
    assert date() > when + timedelta(days=3000)
    account.resume(stopped)
    assert date() == when


def test_the_mail_queue_is_held_and_exactly_that_is_released(desk: RealDesk, servers: Servers) -> None:
    place = servers.places["mail"]
    mail = adapter(desk, "mail", Smtp)
    before = Counter(place.published())
    stopped = mail.suspend()
    assert (stopped.mode, mail.is_suspended(stopped)) == ("stopped", True)
    # Another program hands mail over during the freeze: the server takes it and lets none leave.
    mail.publish(letter("mail", "in-the-freeze", "Held."))
    mail.suspend()
    time.sleep(1.0)
    assert Counter(place.published()) == before
    mail.resume(stopped)
    ends = time.monotonic() + 10
    while (came := Counter(place.published()) - before).total() < 1 and time.monotonic() < ends:
        time.sleep(0.1)
    assert [text.strip() for text in came.elements()] == ["Held."]
    assert not mail.is_suspended(stopped)


def test_a_stopped_sms_gateway_sends_nothing_until_it_is_resumed(desk: RealDesk, servers: Servers) -> None:
    place = servers.places["sms"]
    gateway = adapter(desk, "sms", KannelSms)
    before = Counter(place.published())
    stopped = gateway.suspend()
    assert (stopped.mode, gateway.is_suspended(stopped)) == ("stopped", True)
    for _ in range(2):
        with pytest.raises(ChannelRefused) as raised:
            gateway.publish(letter("sms", "in-the-freeze", "Stopped."))
        assert not raised.value.permanent
    gateway.suspend()
    gateway.resume(stopped)
    ends = time.monotonic() + 20
    while True:
        try:
            gateway.publish(letter("sms", "after", "After."))
            break
        except ChannelRefused:
            assert time.monotonic() < ends
            time.sleep(0.2)
    while (came := Counter(place.published()) - before).total() < 1 and time.monotonic() < ends:
        time.sleep(0.1)
    assert list(came.elements()) == ["After."]
