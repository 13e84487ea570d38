"""The sentence model as it is shared: by threads side by side, by cores, and by the same text that comes again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from sangfroid.triage import sentences
from sangfroid.triage.sentences import Embedding, SentenceModel

TEXTS = [
    "La moitié de mes photos a disparu.",
    "Your driver left my parcel in the rain.",
    "aaa7919 bbb7920 ccc7921",
    "x",
] * 3


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[SentenceModel]:
    monkeypatch.setattr(sentences, "around", None)
    found = sentences.load()
    assert found is not None
    found.forget()
    yield found
    found.forget()


def embedded(model: SentenceModel, text: str) -> list[float] | None:
    model.forget()
    return model.embed(text, 300)


def test_side_by_side_and_on_more_cores_it_is_the_same_to_the_bit(
    model: SentenceModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = [embedded(model, text) for text in TEXTS]
    for cores in (1, 2, 3):
        monkeypatch.setattr(sentences, "cores", cores)
        with ThreadPoolExecutor(4) as threads:
            assert list(threads.map(lambda text: embedded(model, text), TEXTS)) == alone


def test_threads_compute_side_by_side(model: SentenceModel, monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2)
    plain = model._embed

    def embed(*given: object) -> int:
        both.wait(timeout=60)  # broken where the second has to wait for the first
        return int(plain(*given))

    monkeypatch.setattr(model, "_embed", embed)
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda text: model.embed(text, 300), ["one text", "another"]))
    assert None not in found


def test_the_same_text_is_computed_once_and_goes_the_same_way(
    model: SentenceModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed, turns = [0], [0]
    plain = model._embed

    def embed(*given: object) -> int:
        computed[0] += 1
        return int(plain(*given))

    def around(work: Callable[[], Embedding]) -> Embedding:
        turns[0] += 1
        return work()

    monkeypatch.setattr(model, "_embed", embed)
    monkeypatch.setattr(sentences, "around", around)
    first, second = model.embed("The same text", 300), model.embed("The same text", 300)
    assert first is not None
    assert first == second
    assert (computed[0], turns[0]) == (1, 2), "others get their turn whether it is known or not"
    first.clear()  # the caller's own
    assert model.embed("The same text", 300) == second
    for number in range(sentences.KEPT):
        model.embed(f"Text {number}", 300)
    model.embed("The same text", 300)
    assert computed[0] == sentences.KEPT + 2, "what is remembered is bounded"
