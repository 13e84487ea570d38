"""How texts look on a channel: nothing is lost, nothing is cut inside a link, and what does not fit is said beforehand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sangfroid.outbound.channels import atproto, mastodon
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


@pytest.mark.parametrize("blank", ["\u00a0", "\u202f", "\u2007", "\u2060", "\ufeff", " \u00a0", "\u00a0 "])
def test_nothing_is_cut_at_a_blank_that_holds_together(blank: str) -> None:
    text = f"Nous remboursons 12{blank}500{blank}€ à chacun de nos clients touchés{blank}! " * 6
    parts = render(text, "fr", {"numbering": False}, THREAD).parts
    assert len(parts) > 3
    assert sum(part.count(f"12{blank}500{blank}€") for part in parts) == 6
    assert all(not part.startswith("!") for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


JAPANESE = (
    "このたびはご迷惑をおかけし、誠に申し訳ございません。"
    "原因は特定されており、修正は本日正午に公開されます。"
    "お客様の情報は流出しておりません！"
    "二重の請求は金曜日までに返金いたします。"
    "詳しくはサイトをご覧ください。"
    "ご質問にはここでお答えします。"
)


def test_where_words_are_written_without_blanks_it_is_cut_after_a_sentence() -> None:
    limits = Limits(140, weighted_length, "weighted characters", 25)
    rendering = render(JAPANESE, "ja", {"numbering": False}, limits)
    assert rendering.fits
    assert len(rendering.parts) > 1
    assert all(part[-1] in "。！？" for part in rendering.parts)
    assert "".join(rendering.parts) == JAPANESE


@pytest.mark.parametrize(
    "text",
    [
        "「申し訳ございません。」と社長が述べました。" * 8,
        "誠に申し訳ございませんが" * 30,
        "非常抱歉，原因已经查明，修复将于今天中午发布。客户数据没有泄露！重复扣款将在周五之前退还。" * 4,
        "詳しくはhttps://例え.jp/お知らせ。ご覧ください。" * 8,
    ],
)
def test_no_post_begins_with_a_sign_that_ends_something_nor_is_a_link_cut(text: str) -> None:
    limits = Limits(140, weighted_length, "weighted characters", 50)
    rendering = render(text, "ja", {"numbering": False}, limits)
    assert rendering.fits
    assert len(rendering.parts) > 1
    assert "".join(rendering.parts) == text
    for part in rendering.parts:
        assert part[0] not in "。、！？」』），ー"
        assert part.count("https://") == part.count("https://例え.jp/お知らせ")


def test_a_long_thread_is_cut_in_time_that_grows_with_the_text() -> None:
    counted = 0

    def count(text: str) -> int:
        nonlocal counted
        counted += len(text)
        return len(text)

    steps = []
    for times in (200, 400):
        counted = 0
        render("Une phrase de quelques mots. " * times, "fr", {}, Limits(280, count, "characters", 500))
        steps.append(counted)
    assert steps[1] < 2.5 * steps[0]


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
        # As twitter-text reads addresses: its own rules for what ends one (conformance/extract.yml).
        ("https://nuage.fr/a。続き", 23 + 6),
        ("https://fr.wikipedia.org/wiki/Nuage_(informatique)", 23),
        ("(https://nuage.fr/a)", 25),
        ("xhttps://nuage.fr/a", 19),
        ("https://nuage.fr.", 24),
        ("https://a.interne/" + "x" * 60, 78),
        ("🙏\u0301", 3),
        ("🏴\U000e0067\U000e0062\U000e007f", 2),
        ("👍🏽", 2),
        ("\u00a9", 1),
    ],
)
def test_weights_of_x(text: str, weight: int) -> None:
    assert weighted_length(text) == weight


def test_graphemes_and_bytes_of_bluesky() -> None:
    assert atproto.count("👩‍👩‍👧‍👦é") == 3, "31 bytes count as more than the two graphemes that one sees"
    assert atproto.count("a" * 300) == 300
    assert atproto.count("e\u0301" * 300) == 300


def test_facets_are_counted_in_bytes() -> None:
    text = "Été 🙏 https://nuage.example/a. #panne"
    found = atproto.facets(text)
    raw = text.encode()
    cut = [raw[one["index"]["byteStart"] : one["index"]["byteEnd"]].decode() for one in found]
    assert cut == ["https://nuage.example/a", "#panne"]


def test_record_keys_are_tids_of_the_past_and_differ_by_place() -> None:
    keys = {atproto.record_key(letter(key=key), place) for key in map(str, range(500)) for place in range(3)}
    assert len(keys) == 1500
    # https://atproto.com/specs/tid, and no time after 2020: 3l… would be today.
    assert all(len(key) == 13 and set(key) <= set(atproto.SORTABLE) and key[:2] < "3k" for key in keys)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("@nuage@social.example https://nuage.example/" + "x" * 90, len("@nuage ") + 23),
        ("👨‍👩‍👧‍👦", 1), ("1️⃣", 1), ("🇫🇷", 1), ("🏳️‍⚧️" * 500, 500), ("✨" * 500, 500), ("e\u0301", 1), ("👍🏽", 1), ("한국", 2),
        # spec/validators/status_length_validator_spec.rb
        ("a" * 476 + " http://" + "b" * 30 + ".com/example", 500),
        ("a" * 476 + "http://" + "b" * 30 + ".com/example", 476 + 49),
        ("a" * 475 + " @alice@" + "b" * 30 + ".com", 475 + 7),
        ("a@nuage.example", 15), ("@ana", 4), ("@ana@", 5), ("/@ana@social.example", 20),
        ("https://social.example/@ana@autre.example", 23),
        ("https://nuage.fr/a_(b).", 24), ("voir https://nuage.fr/x, puis", 34), ("https://nuage.fr/パス。", 23 + 1 - 1),
    ],
)  # fmt: skip
def test_characters_of_mastodon(text: str, length: int) -> None:
    assert mastodon.count(text) == length


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
