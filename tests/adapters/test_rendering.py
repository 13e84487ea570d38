"""How texts look on a channel: nothing is lost, nothing is cut inside a link, and what does not fit is said beforehand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sangfroid.outbound.channels import bluesky, mastodon
from sangfroid.outbound.channels.base import Limits
from sangfroid.outbound.channels.oauth1 import Keys, authorization
from sangfroid.outbound.channels.x_length import weighted_length
from sangfroid.outbound.rendering import render
from tests.adapters.kind import letter

THREAD = Limits(60, len, "characters", 50)
texts = st.lists(st.text(alphabet="abcé.! \n🙏", min_size=1, max_size=20), min_size=1, max_size=40).map(
    " ".join
)


@given(texts)
def test_a_thread_holds_every_word_in_order_and_each_post_fits(text: str) -> None:
    if not text.strip():
        assert [one.code for one in render(text, "fr", {}, THREAD).findings] == ["empty"]
        return
    rendering = render(text, "fr", {"numbering": False}, THREAD)
    assert " ".join(rendering.parts).split() == text.split()
    assert rendering.fits == (max(rendering.lengths) <= 60 and len(rendering.parts) <= 50)


@given(texts.filter(str.strip))
def test_numbers_are_right_and_counted(text: str) -> None:
    rendering = render(text, "fr", {}, THREAD)
    if len(rendering.parts) > 1:
        assert [part.rsplit("\n", 1)[1] for part in rendering.parts] == [
            f"{place}/{len(rendering.parts)}" for place in range(1, len(rendering.parts) + 1)
        ]
    assert rendering.lengths == tuple(map(len, rendering.parts))
    assert rendering.fits == (max(rendering.lengths) <= 60)


def test_a_text_that_fits_is_not_touched() -> None:
    text = "  Deux lignes,\n\n et des blancs.  "
    assert render(text, "fr", {}, THREAD).parts == (text,)


@pytest.mark.parametrize(
    ("text", "limits", "code"),
    [
        ("x" * 61, Limits(60), "too_long"),
        ("mot " * 100, Limits(60, len, "characters", 3), "thread_too_long"),
        ("Voir https://nuage.example/" + "x" * 80 + " merci", THREAD, "cannot_be_cut"),
        ("  \n", Limits(), "empty"),
    ],
)
def test_what_does_not_fit_is_a_finding(text: str, limits: Limits, code: str) -> None:
    rendering = render(text, "fr", {}, limits)
    assert [finding.code for finding in rendering.findings] == [code]
    assert not rendering.fits


def test_it_is_cut_after_a_sentence_where_there_is_one() -> None:
    text = "Une première phrase assez longue pour compter. Puis une autre phrase qui dit la suite."
    first, _ = render(text, "fr", {"numbering": False}, THREAD).parts
    assert first == "Une première phrase assez longue pour compter."


def test_hashtags_are_off_by_default_and_by_language() -> None:
    settings = {"hashtags": {"fr": ["Nuage", "#panne"]}}
    assert render("Bonjour", "fr", settings, THREAD).parts == ("Bonjour\n\n#Nuage #panne",)
    assert render("Hello", "en", settings, THREAD).parts == ("Hello",)


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("Hello", 5),
        ("é", 1),
        ("e\u0301", 1),  # composed first
        ("日本", 4),
        ("🙏", 2),
        ("👩‍👩‍👧‍👦", 2),
        ("🇫🇷", 2),
        ("1️⃣", 2),
        ("https://nuage.example/" + "x" * 200, 23),
        ("See https://t.co/a.", 4 + 23 + 1),
        ("nuage.fr", 23),
        ("« oui »", 7),
        ("’“”—", 4),
        ("a" * 280, 280),
    ],
)
def test_weights_of_x(text: str, weight: int) -> None:
    assert weighted_length(text) == weight


def test_graphemes_and_bytes_of_bluesky() -> None:
    assert bluesky.count("👩‍👩‍👧‍👦é") == 3, "31 bytes count as more than the two graphemes that one sees"
    assert bluesky.count("a" * 300) == 300
    assert bluesky.count("e\u0301" * 300) == 300


def test_facets_are_counted_in_bytes() -> None:
    text = "Été 🙏 https://nuage.example/a. #panne"
    found = bluesky.facets(text)
    raw = text.encode()
    cut = [raw[one["index"]["byteStart"] : one["index"]["byteEnd"]].decode() for one in found]
    assert cut == ["https://nuage.example/a", "#panne"]


def test_record_keys_are_tids_of_the_past_and_differ_by_place() -> None:
    keys = {bluesky.record_key(letter(key=key), place) for key in map(str, range(500)) for place in range(3)}
    assert len(keys) == 1500
    # https://atproto.com/specs/tid, and no time after 2020: 3l… would be today.
    assert all(len(key) == 13 and set(key) <= set(bluesky.SORTABLE) and key[:2] < "3k" for key in keys)


def test_characters_of_mastodon() -> None:
    assert mastodon.count("@nuage@social.example https://nuage.example/" + "x" * 90) == len("@nuage ") + 23


def test_signatures_as_x_documents_them() -> None:
    """The worked example of https://developer.x.com/en/docs/authentication/oauth-1-0a/creating-a-signature."""
    keys = Keys(
        "xvz1evFS4wEEPTGEFPHBog",
        "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
        "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
        "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
    )
    parameters = {
        "status": "Hello Ladies + Gentlemen, a signed OAuth request!",
        "include_entities": "true",
    }
    url = "https://api.twitter.com/1.1/statuses/update.json"
    nonce = "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg"
    header = authorization("post", url, parameters, keys, nonce=nonce, timestamp=1318622958)
    assert header.startswith("OAuth ")
    assert 'oauth_signature="hCtSmYh%2BiHYCEqBWrE7C7hYmtUk%3D"' in header
