"""Whether two texts tell of the same event: what joins, and what must not."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from sangfroid.cases.joining import (
    bands,
    canonical_url,
    linked_prints,
    same_text,
    same_topic,
    topic,
    url_print,
)
from sangfroid.triage.report import ReportedMessage

ROOT = Path(__file__).parents[2]
BRAND = "Nuage SA"
LYON = "Nuage est en panne à Lyon depuis ce matin, plus aucun accès aux fichiers de mon cabinet"
FIRE = "A fire broke out in the Nuage datacentre in Roubaix tonight, flames reached the cooling tower and firefighters evacuated"


@pytest.mark.parametrize(
    "copy",
    [
        LYON.upper(),
        LYON.replace("è", "e").replace("é", "e"),
        f"RT @bob: {LYON}",
        f"{LYON} !!! Incroyable #Nuage #fail",
        f"Ah bravo. {LYON}",
        f"{LYON} https://t.example/abc",
        f"{LYON} (17)",
        f"3/12: {LYON}",
        LYON.replace("fichiers", "fichers"),
        f"{LYON}. Et leur hotline ne répond toujours rien, quelle honte",
        LYON.replace("depuis ce matin", "depuis 8h"),
    ],
)
def test_a_copy_with_small_changes_is_the_same(copy: str) -> None:
    assert same_text(LYON, copy)
    assert same_text(copy, LYON)
    assert set(bands(LYON)) & set(bands(copy)), "it is found by the index"


@pytest.mark.parametrize(
    "other",
    [
        LYON.replace("Lyon", "Paris"),
        LYON.replace("fichiers de mon cabinet", "factures de mon client"),
        LYON.replace("est en panne", "n'est plus en panne").replace("aucun", "jamais aucun"),
        "Nuage a facturé deux fois ma commande et ne rembourse pas mon argent depuis trois semaines",
        "Nuage recrute à Lyon",
        "",
    ],
)
def test_a_text_with_another_fact_is_another(other: str) -> None:
    assert not same_text(LYON, other)
    assert not same_text(other, LYON)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Nuage charged me 300 € twice for the same backup plan", "Nuage charged me 450 € twice for the same backup plan"),
        (
            "The Nuage login page has been down for everybody since the 12 March release",
            "The Nuage login page has been down for everybody since the 3 June release",
        ),
        ("Nuage lost my invoices and nobody answers the phone", "Nuage leaked my passport and nobody answers the phone"),
    ],
)  # fmt: skip
def test_two_texts_with_another_fact_each_are_two(one: str, two: str) -> None:
    assert not same_text(one, two)


@pytest.mark.parametrize(
    "text",
    [
        "Client {}: Nuage ne marche plus depuis ce matin",
        "user{} says the Nuage portal is down again today",
        "Nuage est en panne depuis {} minutes, rien ne marche",
        "{} people around me cannot reach Nuage since this morning",
    ],
)
def test_each_witness_counts_otherwise(text: str) -> None:
    assert same_text(text.format(17), text.format(4_711))
    assert bands(text.format(17)) == bands(text.format(4_711))


def test_the_number_of_a_product_is_no_count() -> None:
    one = "The Nuage phone model {} caught fire in my pocket yesterday evening"
    assert not same_text(one.format("N7"), one.format("N8"))
    assert not same_text(one.format("v4.2"), one.format("v5.1"))


def test_short_texts_are_the_same_only_word_for_word() -> None:
    assert same_text("C'est en panne", "c’est EN PANNE !")
    assert not same_text("C'est en panne", "C'est encore en panne")
    assert bands("C'est en panne") == []


@pytest.mark.parametrize(
    "other",
    [
        "Roubaix: firefighters are still at the Nuage datacentre, the cooling tower has collapsed in the fire",
        "Impressive flames over Roubaix, it is the cooling tower of the Nuage datacentre, neighbours evacuated",
    ],
)
def test_another_account_of_the_same_event_has_its_rare_words(other: str) -> None:
    assert same_topic(topic(FIRE, BRAND), topic(other, BRAND))


@pytest.mark.parametrize(
    "other",
    [
        "A fire broke out in the Nuage datacentre in Strasbourg tonight, flames reached the roof",
        "Nuage opens a new datacentre in Roubaix next spring, four hundred jobs are promised",
        "Nuage customer service in Roubaix never answers, my account has a problem since this morning",
        "My invoices are wrong again and the hotline hangs up on me",
    ],
)
def test_the_same_brand_is_not_the_same_event(other: str) -> None:
    assert not same_topic(topic(FIRE, BRAND), topic(other, BRAND))
    assert not same_text(FIRE, other)


def test_of_three_hundred_unrelated_messages_no_two_are_taken_for_one_event() -> None:
    lines = (ROOT / "tools/triage/data/dev.jsonl").read_text("utf-8").splitlines()
    reports = [json.loads(line)["report"] for line in lines if line.strip()]
    texts = [report["message"]["text"] for report in reports]
    topics = [topic(report["message"]["text"], report["brand"]) for report in reports]
    keys = [set(bands(text)) for text in texts]
    # The strictest reading: as if all of them were about one brand and written on one day.
    wrong = [
        (texts[i], texts[j])
        for i, j in itertools.combinations(range(len(texts)), 2)
        if same_topic(topics[i], topics[j]) or (keys[i] & keys[j] and same_text(texts[i], texts[j]))
    ]
    assert wrong == []
    assert len(texts) >= 300


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("https://www.news.example/a/b", "http://news.example/a/b/"),
        ("https://m.youtube.com/watch?v=1&feature=share", "https://youtu.be/1?si=xyz"),
        ("https://twitter.com/a/status/12?s=20&t=q", "https://x.com/a/status/12#reply"),
        ("https://news.example/a?utm_source=x&id=4&fbclid=1", "https://news.example/a?id=4"),
        ("https://news.example/a?b=2&a=1", "https://NEWS.example:443/a?a=1&b=2"),
    ],
)
def test_copies_of_a_link_have_one_print(one: str, two: str) -> None:
    assert url_print(one) == url_print(two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("https://news.example/a?id=4", "https://news.example/a?id=5"),
        ("https://x.com/a/status/12", "https://x.com/a/status/13"),
        ("https://news.example/#/a", "https://news.example/#/b"),
        ("https://a.example/x", "https://b.example/x"),
        ("https://news.example:8443/a", "https://news.example/a"),
    ],
)
def test_other_places_have_other_prints(one: str, two: str) -> None:
    assert url_print(one) != url_print(two)


@pytest.mark.parametrize(
    "url", ["", "not an address", "http://[::1", "https://a.example:99999999/x", "mailto:a@b.example"]
)
def test_what_is_no_address_stays_as_it_is(url: str) -> None:
    assert canonical_url(url) == url


def test_links_in_the_text_count_but_home_pages_do_not() -> None:
    def said(text: str) -> list[str]:
        return linked_prints(
            ReportedMessage.model_validate(
                {"text": text, "platform": "x", "published_at": "2026-11-20T08:00:00Z"}
            )
        )

    assert said("look: https://news.example/2026/fire?utm_source=x.") == [
        url_print("https://news.example/2026/fire")
    ]
    assert said("look: https://nuage.example/ and https://nuage.example") == []


def test_numbered_things_are_told_apart_and_witnesses_numbers_are_not() -> None:
    """ "Lot 4" and "lot 5" are two events; "I lost 300 photos" and "I lost 120 photos" are one."""
    recall = "Rappel du lot n° {} de Nuage : les batteries peuvent prendre feu pendant la charge"
    assert not same_text(recall.format(4), recall.format(5))
    assert same_text(recall.format(4), recall.format(4) + " !!!")
    lost = "The update deleted {} of my photos and the support of Nuage does not answer at all"
    assert same_text(lost.format(300), lost.format(120))
    one, two = (topic(recall.format(number), "Nuage") for number in (4, 5))
    assert not same_topic(one, two)
