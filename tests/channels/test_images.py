"""An image with its alternative text on every server that takes one: byte for byte where it keeps bytes, and once."""

from __future__ import annotations

import random
import struct
import zlib
from dataclasses import replace
from typing import Any

import httpx
import pytest

from sangfroid.outbound.errors import AnswerLost, ChannelRefused
from sangfroid.outbound.letter import Image, Letter
from tests.channels.conftest import RealDesk, Servers
from tests.channels.places import words
from tests.channels.sending import count, letter, sent

pytestmark = pytest.mark.channel

ALT = 'Courbe : 3 % des paiements échouent à 9 h, < 1 % à midi. "Source" : nos & vos relevés.'
TEXT = "Désolés.\nLes paiements reviennent, & voici comment. (Voir #42 <ici>.)"
SHOWN = ("newsroom", "matrix", "bluesky", "mastodon-emulator", "slack-emulator", "mail")
EDITED = ("newsroom", "matrix", "slack-emulator")
"""The Mastodon emulator does not take the image of an edit; tests/adapters/test_mastodon_edits.py looks at it."""


def image(seed: str, alt: str = ALT, side: int = 150) -> Image:
    """A PNG of noise (about 70 KB), which no two seeds share."""
    noise = random.Random(seed)  # noqa: S311 - no secret
    rows = b"".join(b"\0" + noise.randbytes(3 * side) for _ in range(side))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    return Image("image/png", data, alt, "../courbe d'hier.png")


def pictured(channel: str, key: str, **more: Any) -> Letter:
    return letter(channel, key, f"{TEXT} [{key}]", image=image(f"{channel} {key}"), **more)


def test_these_are_all_channels_with_images(desk: RealDesk) -> None:
    assert {id_ for id_, adapter in desk.adapters.items() if adapter.images} == set(SHOWN)


@pytest.mark.parametrize("lost", [False, True], ids=["answered", "answer lost"])
@pytest.mark.parametrize("id_", SHOWN)
def test_an_image_stands_there_once_with_its_alternative_text(
    desk: RealDesk, servers: Servers, id_: str, lost: bool
) -> None:
    place, adapter = servers.places[id_], desk.adapter(id_)
    one = pictured(id_, f"image-{lost}")
    assert one.image is not None
    receipt = sent(adapter, one, place, place.publishing if lost else None)
    assert count(place, one.text) == [1]
    assert [(data, words(alt)) for data, alt in place.picture(one.text)] == [(one.image.data, words(ALT))]
    if id_ != "mail":
        assert adapter.publish(one).external_id == receipt.external_id or id_ == "slack-emulator"
    adapter_again = desk.adapter(id_)
    other = Letter(**{**vars(one), "image": image("another", "Autre chose")})
    with pytest.raises(ChannelRefused) as raised:
        adapter_again.read_back(other, receipt)
    assert raised.value.permanent, "another image is not what was sent"


@pytest.mark.parametrize("lost", [False, True], ids=["answered", "answer lost"])
@pytest.mark.parametrize("id_", EDITED)
def test_an_edit_keeps_the_image_or_puts_another_in_its_place(
    desk: RealDesk, servers: Servers, id_: str, lost: bool
) -> None:
    place, adapter = servers.places[id_], desk.adapter(id_)
    losing = place.editing if lost else None
    first = pictured(id_, f"kept-{lost}")
    assert first.image is not None
    receipt = sent(adapter, first, place)
    second = letter(id_, f"kept-{lost}-2", f"Mieux. [{lost}]", corrects=receipt)
    receipt = sent(adapter, second, place, losing)
    assert [data for data, _ in place.picture(second.text)] == [first.image.data]
    third = pictured(id_, f"kept-{lost}-3", corrects=receipt)
    assert third.image is not None
    receipt = sent(adapter, third, place, losing)
    assert [data for data, _ in place.picture(third.text)] == [third.image.data]
    assert count(place, third.text, second.text, first.text) == [1, 0, 0]
    adapter.retract(third, receipt)
    assert count(place, third.text, second.text, first.text) == [0, 0, 0]
    plain = letter(id_, f"bare-{lost}", f"Sans image. [{lost}]")
    receipt = sent(adapter, plain, place)
    now = pictured(id_, f"bare-{lost}-2", corrects=receipt)
    assert now.image is not None
    sent(adapter, now, place, losing)
    assert [data for data, _ in place.picture(now.text)] == [now.image.data]


def test_what_was_retracted_from_matrix_leaves_no_image(desk: RealDesk, servers: Servers) -> None:
    place, adapter = servers.places["matrix"], desk.adapter("matrix")
    one = pictured("matrix", "retracted")
    receipt = sent(adapter, one, place)
    adapter.retract(one, receipt)
    plain = letter("matrix", "retracted-2", "Après.")
    sent(adapter, plain, place)
    assert place.picture(plain.text) == []


def test_an_image_in_the_room_is_not_sent_again_under_another_token(desk: RealDesk, servers: Servers) -> None:
    """Synapse knows a transaction by its token too, so a secret that was rotated in between makes it another one."""
    place, server = servers.places["matrix"], servers.servers["matrix"]
    one = pictured("matrix", "rotated")
    assert one.image is not None
    place.proxy.lose(place.publishing)
    with pytest.raises(AnswerLost):
        desk.adapter("matrix").publish(one)
    route = f"http://127.0.0.1:{server.port}/_synapse/admin/v1/users/{server.newsroom}/login"
    admin = {"authorization": f"Bearer {server.admin_token}"}
    token = httpx.post(route, json={}, headers=admin).raise_for_status().json()["access_token"]
    rotated = replace(place, credentials={**place.credentials, "access_token": token})
    desk.places = {**desk.places, "matrix": rotated}
    adapter = desk.adapter("matrix")
    assert adapter.find(one) is None, "the text is not there"
    sent(adapter, one, place)
    assert [data for data, _ in place.picture(one.text)] == [one.image.data]


def test_the_library_of_wordpress_holds_an_image_once(desk: RealDesk, servers: Servers) -> None:
    place, adapter = servers.places["newsroom"], desk.adapter("newsroom")
    one = pictured("newsroom", "library")
    # The upload is lost on its way back: nothing was published, and the next attempt finds it.
    lost = place.proxy.lost
    place.proxy.lose(rb"POST /\?rest_route=%2Fwp%2Fv2%2Fmedia ")
    with pytest.raises(ChannelRefused) as raised:
        adapter.publish(one)
    assert place.proxy.lost == lost + 1
    assert not raised.value.permanent
    receipt = sent(adapter, one, place)
    sent(adapter, letter("newsroom", "library-2", "Plus tard.", image=one.image, corrects=receipt), place)
    server = servers.servers["newsroom"]
    files = list((server.uploads).rglob("*.png"))
    assert one.image is not None
    assert [file.read_bytes() for file in files].count(one.image.data) == 1
