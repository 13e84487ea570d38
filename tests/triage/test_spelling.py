"""Typing errors are read as the word that was meant; words that people write are left alone."""

from __future__ import annotations

import random

import pytest

from sangfroid.triage.lexicon import shipped as lexicon
from sangfroid.triage.reading import read
from sangfroid.triage.report import MAX_TEXT
from sangfroid.triage.spelling import Spelling, one_slip, shipped
from sangfroid.triage.text import tokens
from tests.support.steps import steps
from tools.triage import gate
from tools.triage.robustness import typing_error
from tools.triage.train import WORDS, known_words


@pytest.mark.parametrize(
    "typed",
    ["pasport", "passportt", "passprot", "apssport", "passpart", "paasport", "passporrt", "passpor"],
)
def test_one_slip_is_mended(typed: str) -> None:
    assert Spelling(["passport"]).mend(typed) == "passport"


@pytest.mark.parametrize("word", ["passport", "pass", "assport", "rassport", "psasprot", "12passport", "!"])
def test_what_is_known_or_further_away_is_left_alone(word: str) -> None:
    assert Spelling(["passport"]).mend(word) == word


def test_the_more_frequent_word_was_meant_and_what_people_write_was_meant_as_it_stands() -> None:
    assert Spelling(["leaked", "leaker"]).mend("leakex") == "leaked"
    assert Spelling(["breach"], written=lambda word: word == "beach").mend("beach") == "beach"
    assert Spelling(["breach"]).mend("beach") == "breach"


def test_a_word_that_is_frequent_in_some_language_is_not_mended() -> None:
    """What the sentence model holds as one piece."""
    for word in ("beach", "liebe", "noche", "voyage"):
        assert shipped().mend(word) == word


def test_slips_are_symmetric_and_never_two() -> None:
    assert one_slip("leak", "laek")
    assert one_slip("laek", "leak")
    assert one_slip("fuite", "fuit")
    assert one_slip("fuit", "fuite")
    assert not one_slip("fuite", "suite"), "the first letter is seldom wrong"
    assert not one_slip("leak", "laak1")
    assert not one_slip("abcd", "badc")


def test_a_word_of_the_lexicon_is_never_mended_away() -> None:
    for word in lexicon().words():
        assert shipped().mend(word) == word


def test_a_mended_text_reads_as_the_text_and_keeps_its_places() -> None:
    text = "Yesterday they leakd our paswords on a froum."
    reading = read(text)
    assert (
        reading.said == read("Yesterday they leaked our passwords on a forum.").said
        or "passwords" in reading.said
    )
    spans = [text[token.start : token.end] for token in reading.tokens]
    assert spans == [text[token.start : token.end] for token in tokens(text)]
    assert "paswords" in spans


def test_most_errors_in_our_own_sentences_are_undone() -> None:
    draw = random.Random(4)  # noqa: S311 no secret
    lines = [line for line in gate.messages() if line.language in ("en", "fr", "es", "de")][::9]
    undone = 0
    for line in lines:
        undone += read(typing_error(line.text, line.language, draw)).said == read(line.text).said
    assert undone > 0.8 * len(lines)


def test_the_known_words_are_those_of_the_sentences_and_the_lexicon_as_they_stand() -> None:
    """`make train-triage` writes them; a sentence added without it is found here."""
    assert WORDS.read_text(encoding="utf-8") == known_words()


@pytest.mark.parametrize("unit", ["leakd ", "abcde", "aaaa ", "paswords,"])
def test_the_look_up_costs_the_length(unit: str) -> None:
    text = "".join(f"{unit}{chr(97 + at % 26)}{chr(97 + at // 26 % 26)} " for at in range(3_000))[:MAX_TEXT]
    spelling = shipped()
    one, two = (
        steps(lambda part=part: [spelling.mend(token.word) for token in tokens(part)])  # type: ignore[misc]
        for part in (text[: len(text) // 2], text)
    )
    assert two < 2.2 * one + 1_000
