"""Whether two messages tell of the same event: near-duplicate text, a shared address, the same rare words.

Opening one case too many costs a person one merge; a wrong join hides a crisis in another. So every rule here says no in
doubt: two texts of which each has another fact never tell of the same event. Pure functions; the index stands in the store.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from difflib import SequenceMatcher
from functools import cache, lru_cache
from importlib.resources import files
from itertools import islice, pairwise

from sangfroid.text.addresses import canonical_address
from sangfroid.text.folding import bare, visible
from sangfroid.text.links import find_links
from sangfroid.triage.report import ReportedMessage

BANDS, ROWS = 6, 3
"""Texts that share 7 of 10 pairs of words share a band with probability 0.92, those that share 2 of 10 with 0.05."""

NEAR = 0.5
"""Share of the pairs of words that near-duplicates have in common (Jaccard)."""

COMPARED_WORDS = 400
FEWEST_WORDS = 6
"""Shorter texts ("it is down") say too little: they are the same only word for word."""

TOPIC_WINDOW = timedelta(hours=24)
TOPIC_WORDS = 12
TOPIC_LOOKUPS = 6
TOPIC_SHARE = 0.6
EDGE_LINKS = 2
LINKS_READ = 100
LONGEST_WORD = 40
FACTS_COMPARED = 8
"""Of two passages with more words that differ than these, nobody asks which of them are typing errors."""
_PRIME = (1 << 61) - 1

_WORD = re.compile(r"\w+(?:[.,]\d+)*")
# Every pattern is linear: possessive where two parts could share characters, and what stands at the end is looked for backwards.
_REPOST = re.compile(r"\s*+(?:rt|via|fwd?|tr)\s*+:?+\s*+@[\w.-]++\s*+:?+", re.IGNORECASE)
_MENTION = re.compile(r"(?<!\w)@[\w.-]+")
_LAST_TAGS_BACKWARDS = re.compile(r"\s*+(?:\w++#\s*+)++")
_FIRST_SERIAL = re.compile(r"\s*+[\[(]?+\d++(?:/\d++)?+[\])./:]\s")
_LAST_SERIAL_BACKWARDS = re.compile(r"\s*+[.!?…]*+\s*+[\])]*+\d++(?:/\d++)?+(?:°n)?+[\s\[(#№]*+")
_COUNTED = re.compile(
    r"^\d+$|(?<=^user)\d+$|(?<=^client)\d+$|(?<=^customer)\d+$|(?<=^utilisateur)\d+$|(?<=^message)\d+$|(?<=^report)\d+$"
)
_UNIT = re.compile(
    r"(?<!\d)\d++(?:[.,]\d++)?+ ?(?:€|\$|£|%|eur|usd|chf|k€|m€|euros?|dollars?|janvier|fevrier|mars|avril|mai|juin|juillet|aout|"
    r"septembre|octobre|novembre|decembre|january|february|march|april|may|june|july|august|september|october|november|"
    r"december)"
)
_LABEL = re.compile(
    r"\b(case|cas|incident|crise|crisis|panne|outage|numero|number|ticket|dossier|file|affaire|order|commande|flight|vol|train|lot|"
    r"batch|store|shop|magasin|agence|branch|room|chambre|model|modele|scenario|brand|marque|story|event|region|zone|sector|secteur|server|serveur|service|product|produit|site|line|ligne|plant|usine|"
    r"campaign|campagne|article|topic|subject|sujet|problem|probleme|issue|bug|complaint|plainte) ?"
    r"(?:n[°o]\.?|nr\.?|num\.?|#|№|:)? ?(\d++)\b"
)


def canonical_url(url: str) -> str:
    """The one address of a post (`text.addresses`); what cannot be read is returned as it is."""
    return canonical_address(url)


def url_print(url: str) -> str:
    """Index key of an address."""
    return "URL#" + hashlib.sha256(canonical_url(url).encode("utf-8", "replace")).hexdigest()[:32]


def linked_prints(message: ReportedMessage) -> list[str]:
    """Index keys of the addresses that the text links to, home pages left out: everybody links to those."""
    own = canonical_url(message.url) if message.url else None
    deep: dict[str, None] = {}
    for link in find_links(message.text)[:LINKS_READ]:
        address = canonical_url(link.address)
        if address != own and len(address.partition("/")[2]) >= 4:
            deep.setdefault(address)
        if len(deep) == EDGE_LINKS:
            break
    return ["URL#" + hashlib.sha256(address.encode("utf-8", "replace")).hexdigest()[:32] for address in deep]


# -- words


def fold(text: str) -> str:
    """`text` as it is compared: folded, without accents."""
    return bare(text)


@cache
def _word_list(name: str) -> frozenset[str]:
    text = files(__package__).joinpath("joining_words.txt").read_text("utf-8")
    for section in text.split("\n["):
        title, _, body = section.lstrip("[").partition("]")
        if title == name:
            lines = (line for line in body.splitlines() if not line.startswith("#"))
            return frozenset(" ".join(lines).split())
    raise KeyError(name)


@lru_cache(maxsize=32)
def _said(text: str) -> str:
    """What the message says: without links, the mark of a repost, mentions, tags and running numbers at its edges."""
    plain = _MENTION.sub(" ", _without_links(visible(text)))
    if repost := _REPOST.match(plain):
        plain = plain[repost.end() :]
    plain = _without_end(_LAST_TAGS_BACKWARDS, plain)
    if serial := _FIRST_SERIAL.match(plain):
        plain = plain[serial.end() :]
    return _without_end(_LAST_SERIAL_BACKWARDS, plain).strip()


def _without_end(backwards: re.Pattern[str], text: str) -> str:
    found = backwards.match(text[::-1])
    return text[: len(text) - found.end()] if found else text


def _without_links(text: str) -> str:
    pieces, end = [], 0
    for link in find_links(text):
        pieces.append(text[end : link.start])
        end = link.end
    return " ".join([*pieces, text[end:]])


def words(text: str) -> list[str]:
    """The words that are compared, folded, in order; bare numbers are all one word, since each witness has another."""
    said = islice(_WORD.finditer(fold(_said(text))), COMPARED_WORDS)
    return [_COUNTED.sub("0", found[0]) for found in said]


def _pairs(said: Sequence[str]) -> set[str]:
    return {f"{first} {second}" for first, second in pairwise(said)}


def bands(text: str) -> list[str]:
    """Keys of the near-duplicate index: two texts that share a key are compared. None for a text that is too short."""
    said = words(text)
    if len(said) < FEWEST_WORDS:
        return []
    hashes = [int.from_bytes(hashlib.blake2b(pair.encode(), digest_size=7).digest()) for pair in _pairs(said)]
    lowest = [min((a * value + b) % _PRIME for value in hashes) for a, b in _permutations()]
    keys = []
    for band in range(BANDS):
        rows = ",".join(map(str, lowest[band * ROWS : (band + 1) * ROWS]))
        keys.append(f"BAND#{band}#{hashlib.sha256(rows.encode()).hexdigest()[:20]}")
    return keys


@cache
def _permutations() -> list[tuple[int, int]]:
    """The hash functions: fixed numbers, so that the index of yesterday is read today."""
    digests = [hashlib.sha256(f"band {number}".encode()).digest() for number in range(BANDS * ROWS)]
    return [
        (int.from_bytes(one[:8]) % (_PRIME - 1) + 1, int.from_bytes(one[8:16]) % _PRIME) for one in digests
    ]


def same_text(first: str, second: str) -> bool:
    """Whether one text is a copy of the other with small changes, and neither says something else in the other's place."""
    one, two = words(first), words(second)
    if min(len(one), len(two)) < FEWEST_WORDS:
        return one == two and bool(one)
    pairs = _pairs(one), _pairs(two)
    if len(pairs[0] & pairs[1]) < NEAR * len(pairs[0] | pairs[1]):
        return False
    if _denials(one) != _denials(two) or _other_figures(first, second) or other_labels(first, second):
        return False
    changes = _changes(one, two)
    replaced = [(_facts(one[a:b]), _facts(two[c:d])) for kind, a, b, c, d in changes if kind == "replace"]
    return not any(_other_fact_each(mine, theirs) for mine, theirs in replaced)


def _changes(one: list[str], two: list[str]) -> list[tuple[str, int, int, int, int]]:
    """Where the words differ. What both begin with is passed over, and in long texts no word that stands there again and again is
    a place to start from: the same word four hundred times would else be compared with each of four hundred.
    """
    start = next(
        (at for at, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two))
    )
    changes = SequenceMatcher(None, one[start:], two[start:], autojunk=True).get_opcodes()
    return [(kind, a + start, b + start, c + start, d + start) for kind, a, b, c, d in changes]


def _denials(said: Iterable[str]) -> set[str]:
    return set(said) & _word_list("denial")


def _figures(text: str) -> set[str]:
    """Sums, shares and days: figures that belong to one event. Bare numbers differ from one witness to the next."""
    return {figure.replace(" ", "") for figure in _UNIT.findall(fold(_said(text)))}


def _other_figures(first: str, second: str) -> bool:
    one, two = _figures(first), _figures(second)
    return bool(one - two and two - one)


def labels(text: str) -> set[str]:
    """Numbers that name a thing ("case 17", "lot n° 4"): unlike a witness's own number, another one is another event."""
    named = _LABEL.finditer(fold(_without_links(visible(text))))
    return {f"{match[1]}{match[2].lstrip('0') or '0'}" for match in named}


def other_labels(first: str, second: str) -> bool:
    """Whether each text names a numbered thing that the other does not."""
    one, two = labels(first), labels(second)
    return bool(one - two and two - one)


def _facts(said: Iterable[str]) -> set[str]:
    """The words that carry a fact: no small words, no exclamations, no bare numbers."""
    empty = _word_list("small") | _word_list("exclamation")
    # "N7" is the name of a thing; a number alone, or a word of two letters, is not.
    return {
        word
        for word in said
        if word not in empty and not word[0].isdigit() and (len(word) > 2 or not word.isalpha())
    }


def _other_fact_each(mine: set[str], theirs: set[str]) -> bool:
    if min(len(mine - theirs), len(theirs - mine)) > FACTS_COMPARED:
        return True
    left = {word for word in mine - theirs if not any(_alike(word, other) for other in theirs)}
    right = {word for word in theirs - mine if not any(_alike(word, other) for other in mine)}
    return bool(left and right)


def _alike(word: str, other: str) -> bool:
    """The same word with a typing error or another ending."""
    if (
        min(len(word), len(other)) < 5
        or max(len(word), len(other)) > LONGEST_WORD
        or abs(len(word) - len(other)) > 2
    ):
        return False
    return word[0] == other[0] and SequenceMatcher(None, word, other, autojunk=False).ratio() >= 0.86


# -- topic


@dataclass(frozen=True)
class Topic:
    """The rare words of a message, names first; `names` are those written as names in the text."""

    words: tuple[str, ...]
    names: frozenset[str]


def topic(text: str, brand: str) -> Topic:
    """What the message is about, in words that other messages about the brand do not have as well."""
    said = _said(text)
    common = _word_list("small") | _word_list("exclamation") | _word_list("denial") | _word_list("common")
    common |= set(_WORD.findall(fold(brand)))
    names: dict[str, None] = dict.fromkeys(sorted(labels(text)))
    rare: dict[str, None] = dict(names)
    begins = True
    for match in re.finditer(r"[\w'’-]+|[.!?…:\n«»\"]", said):
        written = match.group()
        if not written[0].isalnum():
            begins = True
            continue
        for part in re.split(r"['’-]", written):
            plain = fold(part)
            word = _stem(plain)
            if word in common or plain in common or not 4 <= len(word) <= 30 or word[0].isdigit():
                continue
            rare.setdefault(word)
            if part[0].isupper() and not begins:
                names.setdefault(word)
        begins = False
    ordered = [*names, *sorted((word for word in rare if word not in names), key=len, reverse=True)]
    return Topic(tuple(ordered[:TOPIC_WORDS]), frozenset(list(names)[:TOPIC_WORDS]))


def _stem(word: str) -> str:
    """Without the ending of a plural or a feminine form."""
    return re.sub(r"(?:es|s|x|e)$", "", word) if len(word) > 5 else word


def same_topic(mine: Topic, theirs: Topic) -> bool:
    """Whether the rare words agree: at least four, or three with a name among them, and no name against another name."""
    one, two = set(mine.words), set(theirs.words)
    shared = one & two
    if len(shared) < (3 if shared & mine.names & theirs.names else 4):
        return False
    if mine.names - two and theirs.names - one:
        return False
    return len(shared) >= TOPIC_SHARE * min(len(one), len(two))
