"""Answers to what somebody else said: beneath it, once, and only where the address is one of the platform's."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sangfroid.outbound.errors import ChannelRefused
from tests.channels.conftest import RealDesk, Servers
from tests.channels.places import words
from tests.channels.sending import RIGHT, count, letter, sent

pytestmark = pytest.mark.channel

ANSWERED = ("newsroom", "matrix", "bluesky", "mastodon-emulator")
POSTS = "app.bsky.feed.post"
ANGRY = "Plus rien ne marche chez Nuage, & personne ne répond !"


def test_these_are_all_channels_that_answer(desk: RealDesk, servers: Servers) -> None:
    for id_, place in servers.places.items():
        url = place.foreign(ANGRY) if place.foreign is not None else "https://bsky.app/"
        assert desk.adapters[id_].answers(url) == (id_ in ANSWERED)


@pytest.mark.parametrize("lost", [False, True], ids=["answered", "answer lost"])
@pytest.mark.parametrize("id_", ANSWERED)
def test_an_answer_hangs_beneath_what_somebody_else_said(
    desk: RealDesk, servers: Servers, id_: str, lost: bool
) -> None:
    place, adapter = servers.places[id_], desk.adapter(id_)
    assert place.foreign is not None
    theirs = f"{ANGRY} [{lost}]"
    url = place.foreign(theirs)
    assert adapter.answers(url)
    ours = letter(id_, f"answer-{lost}", f"Nous sommes là. [{lost}]", answers=url)
    same_words = letter(id_, f"beside-{lost}", ours.text)
    assert adapter.find(ours) is None
    beside = sent(adapter, same_words, place)
    assert adapter.find(ours) is None, "the same words elsewhere are not the answer"
    receipt = sent(adapter, ours, place, place.publishing if lost else None)
    assert receipt.external_id != beside.external_id
    adapter.retract(same_words, beside)
    assert count(place, ours.text) == [1]
    assert words(place.above(ours.text) or "") == words(theirs)
    found = adapter.find(ours)
    assert found is not None
    assert found.external_id == receipt.external_id
    assert adapter.publish(ours).external_id == receipt.external_id
    assert count(place, ours.text) == [1]

    right = letter(id_, f"answer-{lost}-2", f"{RIGHT} [answer {lost}]", corrects=receipt)
    corrected = sent(adapter, right, place)
    assert count(place, right.text) == [1]
    beneath = theirs if adapter.correction(right) == "edit" else ours.text
    assert words(place.above(right.text) or "") == words(beneath)
    adapter.retract(right, corrected)
    assert count(place, right.text) == [0]


@pytest.mark.parametrize("id_", ANSWERED)
def test_only_addresses_of_the_platform_are_answered(desk: RealDesk, servers: Servers, id_: str) -> None:
    place, adapter = servers.places[id_], desk.adapter(id_)
    assert place.foreign is not None
    url = place.foreign(f"{ANGRY} [address]")
    for wrong in (
        f" {url}", f"{url}\n", url.replace("://", "://user@"), f"{url}/../x", "https://x.com/a/status/1", "",
        url.replace("127.0.0.1", "127.0.0.1.evil.example").replace("matrix.to", "matrix.to.evil.example").replace(
            "bsky.app", "bsky.app.evil.example"
        ),
    ):  # fmt: skip
        assert not adapter.answers(wrong), wrong
        with pytest.raises(ChannelRefused) as raised:
            adapter.publish(letter(id_, "address", "Nous sommes là.", answers=wrong))
        assert raised.value.permanent
    assert adapter.answers(url)


def test_a_post_that_names_a_false_beginning_is_the_beginning_of_its_answer(
    desk: RealDesk, servers: Servers
) -> None:
    server, adapter = servers.servers["bluesky"], desk.adapter("bluesky")
    client = httpx.Client(base_url=f"http://127.0.0.1:{server.port}/xrpc/")
    mine = {"authorization": f"Bearer {server.reader_token}"}

    def say(text: str, **more: Any) -> dict[str, str]:
        post = {"$type": POSTS, "text": text, "createdAt": "2026-11-02T08:00:00.000Z", **more}
        body = {"repo": server.reader_did, "collection": POSTS, "record": post}
        made = client.post("com.atproto.repo.createRecord", json=body, headers=mine).raise_for_status().json()
        return {"uri": made["uri"], "cid": made["cid"]}

    first = say("First.")
    false = {**first, "uri": first["uri"].replace(POSTS, "app.bsky.feed.like")}
    theirs = say("And now?", reply={"root": false, "parent": first})
    key = theirs["uri"].rpartition("/")[2]
    url = f"https://bsky.app/profile/{server.reader_did}/post/{key}"
    receipt = adapter.publish(letter("bluesky", "false-root", "Nous sommes là, ici.", answers=url))
    query = {"repo": server.did, "collection": POSTS, "rkey": receipt.external_id.rpartition("/")[2]}
    record = client.get("com.atproto.repo.getRecord", params=query).json()["value"]
    assert record["reply"] == {"root": theirs, "parent": theirs}


def test_an_answer_in_a_thread_of_matrix_stays_in_the_thread(desk: RealDesk, servers: Servers) -> None:
    server, adapter = servers.servers["matrix"], desk.adapter("matrix")
    room = f"http://127.0.0.1:{server.port}/_matrix/client/v3/rooms/{server.room_id}"
    reader = {"authorization": f"Bearer {server.reader_token}"}

    def say(name: str, **content: Any) -> str:
        message = {"msgtype": "m.text", "body": name, **content}
        said = httpx.put(
            f"{room}/send/m.room.message/{name}", json=message, headers=reader
        ).raise_for_status()
        return str(said.json()["event_id"])

    root = say("thread-root")
    inside = say("thread-inside", **{"m.relates_to": {"rel_type": "m.thread", "event_id": root}})
    url = f"https://matrix.to/#/{server.room_id}/{inside}"
    receipt = adapter.publish(letter("matrix", "in-thread", "Nous sommes là, dans le fil.", answers=url))
    event = httpx.get(f"{room}/event/{receipt.external_id}", headers=reader).json()
    assert event["content"]["m.relates_to"] == {
        "rel_type": "m.thread",
        "event_id": root,
        "is_falling_back": False,
        "m.in_reply_to": {"event_id": inside},
    }
