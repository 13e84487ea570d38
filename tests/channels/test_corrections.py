"""A correction on every server: in the place of what it corrects or beneath it, once, and again after a lost answer."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from sangfroid.outbound.errors import ChannelRefused
from tests.channels.conftest import RealDesk, Servers
from tests.channels.places import words
from tests.channels.sending import RIGHT, count, letter, sent

pytestmark = pytest.mark.channel

WRONG = "Seules les cartes sont touchées, & tout sera rétabli à midi. (Voir #42 <ici>.)"
LONG = " ".join(
    f"Point {number} : ce que nous savons, et ce que nous ne savons pas encore." for number in range(1, 12)
)
EDITED = ("newsroom", "matrix", "mastodon-emulator", "slack-emulator")
REPLIED = ("bluesky", "mail")


@pytest.mark.parametrize("lost", [False, True], ids=["answered", "answer lost"])
@pytest.mark.parametrize("id_", EDITED)
def test_an_edit_leaves_the_new_words_alone(desk: RealDesk, servers: Servers, id_: str, lost: bool) -> None:
    place, adapter = servers.places[id_], desk.adapter(id_)
    wrong = letter(id_, f"edit-{lost}", f"{WRONG} [{lost}]")
    receipt = sent(adapter, wrong, place)
    right = letter(id_, f"edit-{lost}-2", f"{RIGHT} [{lost}]", corrects=receipt)
    assert adapter.correction(right) == "edit"
    assert adapter.find(right) is None, "not before it was done"
    done = sent(adapter, right, place, place.editing if lost else None)
    assert done.external_id == receipt.external_id
    assert done.url == receipt.url
    assert count(place, right.text, wrong.text) == [1, 0]
    found = adapter.find(right)
    assert found is not None
    assert found.external_id == receipt.external_id
    assert adapter.publish(right).external_id == receipt.external_id
    assert count(place, right.text, wrong.text) == [1, 0]
    if id_ != "mastodon-emulator":  # which knows a publication by its words
        first = adapter.find(wrong)
        assert first is not None, "what was published under this key is never published again"
        assert first.external_id == receipt.external_id

    again = letter(id_, f"edit-{lost}-3", f"Encore : {RIGHT} [{lost}]", corrects=done)
    sent(adapter, again, place)
    assert count(place, again.text, right.text, wrong.text) == [1, 0, 0]
    with pytest.raises(ChannelRefused) as raised:
        adapter.read_back(right, done)
    assert raised.value.permanent, "the newest words are read back"
    adapter.retract(again, done)
    assert count(place, again.text, right.text, wrong.text) == [0, 0, 0]


@pytest.mark.parametrize("lost", [False, True], ids=["answered", "answer lost"])
@pytest.mark.parametrize("id_", REPLIED)
def test_a_reply_hangs_beneath_what_it_corrects(
    desk: RealDesk, servers: Servers, id_: str, lost: bool
) -> None:
    place, adapter = servers.places[id_], desk.adapter(id_)
    wrong = letter(id_, f"reply-{lost}", f"{WRONG} [{lost}]")
    receipt = sent(adapter, wrong, place)
    count(place, wrong.text)
    right = letter(id_, f"reply-{lost}-2", f"{RIGHT} [{lost}]", corrects=receipt)
    assert adapter.correction(right) == "reply"
    done = sent(adapter, right, place, place.editing if lost else None)
    assert count(place, right.text, wrong.text) == [1, 1]
    assert done.external_id != receipt.external_id
    assert place.above(wrong.text) is None
    assert words(place.above(right.text) or "") == words(wrong.text)


@pytest.mark.parametrize("lost", [False, True], ids=["answered", "answer lost"])
@pytest.mark.parametrize("id_", ["bluesky", "mastodon-emulator"])
def test_a_thread_that_corrects_hangs_beneath_the_last_post(
    desk: RealDesk, servers: Servers, id_: str, lost: bool
) -> None:
    place, adapter = servers.places[id_], desk.adapter(id_)
    long = LONG.replace("Point", f"Point [{lost}]")
    wrong = letter(id_, f"thread-{lost}", long)
    old = place.wanted(wrong.text, "fr", adapter.limits()).parts
    receipt = sent(adapter, wrong, place)
    right = letter(id_, f"thread-{lost}-2", f"Correction. {long} {RIGHT} {long}", corrects=receipt)
    new = place.wanted(right.text, "fr", adapter.limits()).parts
    assert len(new) > len(old) > 1
    assert adapter.correction(right) == "reply"
    done = sent(adapter, right, place, place.publishing if lost else None)
    assert count(place, *old, *new) == [1] * len(old + new)
    assert [words(place.above(part) or "") for part in new] == [words(old[-1]), *map(words, new[:-1])]
    found = adapter.find(right)
    assert found is not None
    assert found.external_id == done.external_id
    # The same words beneath the correction are another publication.
    second = letter(id_, f"thread-{lost}-3", right.text, corrects=done)
    assert id_ == "mastodon-emulator" or adapter.find(second) is None
    adapter.retract(right, done)
    assert count(place, *old, *new) == [1] * len(old) + [0] * len(new), "only the reply is taken back"
    with pytest.raises(ChannelRefused) as raised:
        adapter.publish(replace(right, key="too-late", text=RIGHT, corrects=done))
    assert raised.value.permanent
    assert "no longer stands" in str(raised.value)


def test_a_thread_of_the_mastodon_emulator_is_edited_status_by_status_and_each_once(
    desk: RealDesk, servers: Servers
) -> None:
    place, adapter = servers.places["mastodon-emulator"], desk.adapter("mastodon-emulator")
    wrong = letter(place.id, "thread-edit", LONG)
    receipt = sent(adapter, wrong, place)
    old = place.wanted(wrong.text, "fr", adapter.limits()).parts
    right = letter(place.id, "thread-edit-2", LONG.replace("Point", "Pièce"), corrects=receipt)
    new = place.wanted(right.text, "fr", adapter.limits()).parts
    assert len(old) == len(new) > 1
    assert adapter.correction(right) == "edit"
    sent(adapter, right, place, place.editing)
    adapter.publish(right)
    assert count(place, *new, *old) == [1] * len(new) + [0] * len(old)
    server = servers.servers["mastodon-emulator"]
    for status_id in receipt.external_id.split(","):
        url = f"http://127.0.0.1:{server.port}/api/v1/statuses/{status_id}/history"
        assert len(httpx.get(url, headers={"authorization": f"Bearer {server.token}"}).json()) == 2


@pytest.mark.parametrize("id_", [*EDITED, "bluesky"])
def test_what_no_longer_stands_is_not_corrected(desk: RealDesk, servers: Servers, id_: str) -> None:
    place, adapter = servers.places[id_], desk.adapter(id_)
    wrong = letter(id_, "gone", f"{WRONG} [gone]")
    receipt = sent(adapter, wrong, place)
    adapter.retract(wrong, receipt)
    right = letter(id_, "gone-2", f"{RIGHT} [gone]", corrects=receipt)
    assert adapter.find(right) is None
    with pytest.raises(ChannelRefused) as raised:
        adapter.publish(right)
    assert raised.value.permanent
    assert "no longer stands" in str(raised.value)
    assert count(place, right.text, wrong.text) == [0, 0]
