"""Personal data in a text that is to be published: addresses, numbers with their checksums, names of people who are not public.

What belongs to the organisation itself (`charter.public_contacts`, `charter.public_people`) may be named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from sangfroid.cases.charter.phrases import Span
from sangfroid.text.folding import bare

EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[  -]?[A-Z0-9]{2,4}){3,9}\b")
CARD = re.compile(r"(?<![\w+])\d{4}(?:[  -]?\d{2,6}){2,4}(?!\w)")
_GAP = r"[ \u00a0\u202f.-]?"
PHONE = re.compile(
    rf"(?<![\w+.,])(?<!\d[ \u00a0\u202f])(?:(?:\+|00)\d{{1,3}}{_GAP}(?:\(0\) ?)?\d(?:{_GAP}\d{{2,4}}){{2,5}}"
    rf"|0[1-9](?:{_GAP}\d{{2}}){{4}}|0\d{{2,4}}[ -]\d{{3,4}}[ -]?\d{{3,4}})(?!\w)"
)
_STREETS_BEFORE = (
    "rue|avenue|av\\.|boulevard|bd|place|impasse|chemin|all[ée]e|quai|route|cours|square|passage"
)
_STREETS_AFTER = "Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Square|Close|Court|Way|Terrace|Crescent"
ADDRESS = re.compile(
    rf"\b\d{{1,4}}(?: ?(?:bis|ter|quater|[A-D]))?,? (?:{_STREETS_BEFORE})\b[^,.;\n]{{2,50}}"
    rf"|\b\d{{1,4}}[A-D]? (?:[A-Z][\w'-]{{1,25}} ){{1,3}}(?:{_STREETS_AFTER})\b"
)
_NAME = r"[A-ZÀ-ÖØ-Þ][\w’'-]{1,30}"
TITLED = re.compile(
    rf"\b(?:M|MM|Mme|Mlle|Me|Dr|Pr|Mr|Mrs|Ms|Miss|Monsieur|Madame|Docteur|Maître)\.? ({_NAME}(?: {_NAME}){{0,2}})"
)
FULL = re.compile(rf"\b({_NAME})[  ]((?:de |van |von |Le |La |El |Ben )?{_NAME})")


def findings(text: str, contacts: frozenset[str], people: frozenset[str]) -> Iterator[tuple[str, Span]]:
    """Code and passage of everything personal; `contacts` and `people` (as `plain` gives them) may be named."""
    taken = bytearray(len(text))  # a passage is one thing: the first that it could be
    for code, pattern, is_one in (
        ("email_address", EMAIL, lambda _: True),
        ("account_number", IBAN, _iban),
        ("account_number", CARD, _card),
        ("phone_number", PHONE, _phone),
        ("personal_address", ADDRESS, lambda _: True),
    ):
        for found in pattern.finditer(text):
            if any(taken[found.start() : found.end()]):
                continue
            if is_one(found[0]) and plain(found[0]) not in contacts and _digits(found[0]) not in contacts:
                taken[found.start() : found.end()] = b"\1" * len(found[0])
                yield code, Span(found.start(), found.end(), found[0])
    for found in TITLED.finditer(text):
        if bare(found[1]) not in people:
            taken[found.start(1) : found.end(1)] = b"\1" * len(found[1])
            yield "person_name", Span(found.start(1), found.end(1), found[1])
    for found in FULL.finditer(text):
        if any(taken[found.start() : found.end()]):
            continue
        if bare(found[1]) in given_names() and bare(found[0]) not in people:
            yield "person_name", Span(found.start(), found.end(), found[0])


def plain(contact: str) -> str:
    """A contact as it is compared: an address folded, a number without its blanks."""
    return bare(contact) if "@" in contact else _digits(contact)


def _digits(text: str) -> str:
    return re.sub(r"[^\d+]", "", text)


def _iban(text: str) -> bool:
    """ISO 13616: the remainder of 97 is 1."""
    compact = re.sub(r"[^A-Z0-9]", "", text)
    if not 15 <= len(compact) <= 34:
        return False
    number = "".join(str(int(char, 36)) for char in compact[4:] + compact[:4])
    return int(number) % 97 == 1


def _card(text: str) -> bool:
    """ISO/IEC 7812: 13 to 19 digits whose Luhn sum ends in 0."""
    digits = [int(char) for char in text if char.isdigit()]
    if not 13 <= len(digits) <= 19:
        return False
    odd, even = digits[-1::-2], digits[-2::-2]
    return (sum(odd) + sum(sum(divmod(2 * digit, 10)) for digit in even)) % 10 == 0


def _phone(text: str) -> bool:
    return 9 <= sum(char.isdigit() for char in text) <= 15


@cache
def given_names() -> frozenset[str]:
    """Given names that are common in the languages of the desk, folded without accents."""
    text = files(__package__).joinpath("given_names.txt").read_text("utf-8")
    return frozenset(
        bare(word) for line in text.splitlines() if not line.startswith("#") for word in line.split()
    )
