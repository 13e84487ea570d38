"""One approved response in two languages on every server: there once, word for word, and again after a lost answer."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from sangfroid.errors import IllegalTransition
from tests.channels.conftest import RealDesk, Servers
from tests.channels.places import Place

pytestmark = pytest.mark.channel

TEXTS = {
    "fr": (
        "Nous sommes désolés : depuis 7 h 40, les paiements par carte échouent chez une partie de nos clients. 🙏\n\n"
        "La cause est trouvée (un certificat expiré) et le correctif part à midi. Aucun paiement n'est perdu & aucune "
        "donnée n'est sortie ; les doubles débits sont remboursés d'office avant vendredi.\n\n"
        "Les mesures, heure par heure : https://status.example.test/paiements?jour=1&langue=fr. Nous répondons ici."
    ),
    "en": (
        "We are sorry: since 07:40 card payments have been failing for some of our customers. 🙏\n\n"
        "The cause is found (an expired certificate) and the fix goes out at noon. No payment is lost & no data has left; "
        "double debits are refunded before Friday without anybody having to ask.\n\n"
        "What we do, hour by hour: https://status.example.test/payments?day=1&lang=en. We answer here."
    ),
}


def marked(mark: str) -> dict[str, str]:
    """The texts, made different from those of every other test."""
    return {language: f"{text} [{mark}]" for language, text in TEXTS.items()}


def words(text: str) -> str:
    return " ".join(text.split())


def shown(desk: RealDesk, place: Place, texts: dict[str, str]) -> Counter[str]:
    """What must stand on the server: every post of the preview, once."""
    limits = desk.adapters[place.id].limits()
    renderings = [place.wanted(text, language, limits) for language, text in texts.items()]
    assert all(rendering.fits for rendering in renderings)
    return Counter(words(part) for rendering in renderings for part in rendering.parts)


def standing(place: Place, wanted: Counter[str], before: Counter[str]) -> Counter[str]:
    """What came to the server since `before`; looked at until it is what is wanted, for mail and messages take a moment."""
    ends = time.monotonic() + 5
    while True:
        now = Counter(map(words, place.published())) - before
        if now == wanted or time.monotonic() > ends:
            return now
        time.sleep(0.1)


def test_a_response_stands_on_every_server_once_and_word_for_word(desk: RealDesk, servers: Servers) -> None:
    texts = marked("first")
    before = {id_: Counter(map(words, place.published())) for id_, place in servers.places.items()}
    case_id = desk.report()
    desk.desk.triage.classify(case_id)
    desk.publish(case_id, desk.approve(case_id, texts))

    deliveries = desk.desk.casework.read(case_id).deliveries.values()
    assert {(one.channel, one.language) for one in deliveries} == {
        (id_, lang) for id_ in servers.places for lang in texts
    }
    for one in deliveries:
        assert (one.channel, one.state, one.reason) == (one.channel, "published", None)
        assert one.external_id
    for id_, place in servers.places.items():
        wanted = shown(desk, place, texts)
        if id_ == "voice-emulator":
            assert len(Counter(place.published()) - before[id_]) == 2
            continue
        assert standing(place, wanted, before[id_]) == wanted, id_
    assert sum(shown(desk, servers.places["bluesky"], texts).values()) > 2, "long enough to be a thread there"


def test_after_a_lost_answer_it_still_stands_there_once(desk: RealDesk, servers: Servers) -> None:
    texts = marked("lost")
    before = {id_: Counter(map(words, place.published())) for id_, place in servers.places.items()}
    case_id = desk.report()
    desk.desk.triage.classify(case_id)
    version = desk.approve(case_id, texts)
    for key in desk.desk.publication.plan(case_id, version, "all")["deliveries"]:
        place = servers.places[desk.desk.casework.read(case_id).deliveries[key].channel]
        lost = place.proxy.lost
        place.proxy.lose(place.publishing)
        first = desk.desk.publication.send(case_id, key)
        assert place.proxy.lost == lost + 1, f"{place.id}: the answer was not lost"
        delivery = desk.desk.casework.read(case_id).deliveries[key]
        assert (first.outcome, delivery.unknown_outcome) == ("retry", True), f"{place.id}: {delivery.reason}"
        assert first.until is not None
        desk.now = max(desk.now, first.until)
        if place.id == "mail":
            standing(place, Counter({words(texts[delivery.language]): 1}), before[place.id])
        second = desk.desk.publication.send(case_id, key)
        delivery = desk.desk.casework.read(case_id).deliveries[key]
        if place.certain:
            assert second.outcome == "published", f"{place.id}: {delivery.reason}"
        else:
            assert second.outcome == "failed", place.id
            assert second.call_a_person
            assert delivery.reason == "may have been published; nobody can look"
    for id_, place in servers.places.items():
        wanted = shown(desk, place, texts)
        if id_ == "voice-emulator":
            # The call for the first language was made; who takes the second cannot be told apart from it.
            assert len(Counter(place.published()) - before[id_]) == 2
            continue
        assert standing(place, wanted, before[id_]) == wanted, id_


def test_a_retraction_takes_it_away_where_the_platform_allows_it(desk: RealDesk, servers: Servers) -> None:
    texts = marked("retracted")
    before = {id_: Counter(map(words, place.published())) for id_, place in servers.places.items()}
    case_id = desk.report()
    desk.desk.triage.classify(case_id)
    desk.publish(case_id, desk.approve(case_id, texts))
    file = desk.desk.casework.read(case_id)
    for id_ in ("newsroom", "matrix", "bluesky", "mastodon-emulator", "slack-emulator"):
        adapter = desk.adapters[id_]
        for delivery in (one for one in file.deliveries.values() if one.channel == id_):
            letter = desk.letter(delivery, texts[delivery.language])
            receipt = adapter.find(letter)
            assert receipt is not None, id_
            adapter.retract(letter, receipt)
            assert adapter.find(letter) is None, id_
        assert standing(servers.places[id_], Counter(), before[id_]) == Counter(), id_


def test_a_correction_and_its_retraction_go_through_the_desk(desk: RealDesk, servers: Servers) -> None:
    """As people do it: approved again, in the place of (or beneath) what stood there, and taken back by two of them."""
    texts, right = marked("wrong"), marked("right")
    before = {id_: Counter(map(words, place.published())) for id_, place in servers.places.items()}
    case_id = desk.report()
    desk.desk.triage.classify(case_id)
    desk.publish(case_id, desk.approve(case_id, texts))
    assert desk.desk.casework.read(case_id).case.status == "published"
    version = desk.approve(case_id, right)
    _, previews = desk.desk.responses.preview(case_id, version)
    how = {preview.channel.id: preview.correction for preview in previews}
    assert {id_ for id_, one in how.items() if one == "edit"} == {"newsroom", "matrix", "slack-emulator"}
    assert how.pop("mastodon-emulator") is None, (
        "only the instance knows its limits, and so what makes a thread"
    )
    how["mastodon-emulator"] = "edit"
    desk.publish(case_id, version)
    for id_ in ("newsroom", "matrix", "mastodon-emulator", "slack-emulator", "bluesky", "mail"):
        place = servers.places[id_]
        wanted = shown(desk, place, right)
        if how[id_] != "edit":
            wanted += shown(desk, place, texts)
        assert standing(place, wanted, before[id_]) == wanted, id_

    file = desk.desk.casework.read(case_id)
    for one in [delivery for delivery in file.deliveries.values() if delivery.version == version]:
        if one.channel in ("mail", "sms"):
            # Gone for good, and said so before two people have decided anything.
            with pytest.raises(IllegalTransition, match="cannot be taken back"):
                desk.desk.publication.retract(
                    case_id, one.key, "wrong again", "ana", may_propose=True, may_confirm=False
                )
            continue
        desk.desk.publication.retract(
            case_id, one.key, "wrong again", "ana", may_propose=True, may_confirm=False
        )
        desk.desk.publication.retract(case_id, one.key, "yes", "emma", may_propose=False, may_confirm=True)
    desk.take_back(case_id)
    states: dict[str, set[str]] = {}
    for one in desk.desk.casework.read(case_id).deliveries.values():
        if one.act == "retract":
            states.setdefault(one.channel, set()).add(one.state)
    gone = {"newsroom", "matrix", "mastodon-emulator", "slack-emulator", "bluesky"}
    # Nobody has taken the emulator's calls yet, so they are cancelled.
    assert states == {id_: {"retracted"} for id_ in gone | {"voice-emulator"}}
    for id_ in gone:
        left = shown(desk, servers.places[id_], texts) if id_ == "bluesky" else Counter()
        assert standing(servers.places[id_], left, before[id_]) == left, id_
