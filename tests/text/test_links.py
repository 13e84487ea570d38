"""The link that a reader sees, whatever stands around it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sangfroid.text.links import find_links

WIKI = "https://fr.wikipedia.org/wiki/Nuage_(informatique)"
LINK = "https://nuage.example/b"
AFTER = [
    "·",
    " ·",
    "‧",
    "•",
    "※",
    "→",
    "–",
    "–b"[0],
    "†",
    "×2"[0],
    "≈",
    "§",
    "¿",
    "՝",
    "׃",
    "&nbsp;",
    "&quot;.",
    "→b",
    ".",
    ",",
    ";",
    ":",
    "!",
    "?",
    "...",
    "…",
    "»",
    " »",
    "\u00a0»",
    "”",
    "’",
    "'",
    '"',
    "'.",
    ").",
    "]",
    "}",
    ">",
    "。",
    "、",
    "！",
    "）",
    "」",
    "**",
    "**.",
    "*",
    "\u200b",
    "\u200bx",
    "\u00ad",
    "\u2060x",
    "\ufe0f",
    "\u202c",
    "\u00a0x",
    "\u2028x",
    "\u3000x",
    "`",
    "|",
    "<br>",
    "👉",
    "؟",
    "।",
    "!?)",
    ",https",
    "\\n",
    "–—"[1],
]


@pytest.mark.parametrize("after", AFTER)
@pytest.mark.parametrize(
    "link", [LINK, WIKI, LINK + "?a=1&b=(2)", "http://a.example", "https://münchen.example/é"]
)
def test_what_follows_a_link_is_no_part_of_it(link, after):
    text = f"voir {link}{after}"
    if after == ",https":
        text = f"voir {link},https://c.example"
    first = find_links(text)[0]
    assert first.address == link
    assert text[first.start : first.end] == link


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("(", ")"),
        ("(voir ", ")"),
        ("[", "]"),
        ("«", "»"),
        ("“", "”"),
        ("'", "'"),
        ("**", "**"),
        ("_", "_"),
        ("<", ">"),
        ("（", "）"),
        ("「", "」"),
        ("[x](", ")."),
        ("{", "}"),
        ("‘", "’"),
        ("‹", "›"),
        ("(voir [", "])"),
        ("\u200b", "\u200b"),
        ("・", "。"),
    ],
)
@pytest.mark.parametrize("link", [LINK, WIKI])
def test_what_stands_around_a_link(link, before, after):
    assert [found.address for found in find_links(f"a {before}{link}{after} b")] == [link]


@pytest.mark.parametrize(
    "link",
    [
        "https://fr.wikipedia.org/wiki/L'Équipe",
        "https://web.archive.org/web/2020/http://a.example/",
        "https://a.example/?q[]=1&r=x;y",
        "https://[::1]:8080/x",
        "https://user@a.example/x",
        "HTTPS://A.example/B",
        "https://a.example/a_b_",
        "https://a.example/~x/#!/y",
        "https://a.example/50%25",
    ],
)
def test_whole_links(link):
    assert [found.address for found in find_links(f"({link})")] == [link]


@pytest.mark.parametrize(
    "text",
    [
        "https://",
        "https://…",
        "(voir https://)",
        "http://.",
        "xhttps://a.example",
        "ftp://a.example",
        "https:/a",
    ],
)
def test_no_link(text):
    assert find_links(text) == []


@given(st.text(alphabet="https://a.b()[]{} \u200b»*,'", max_size=200))
def test_spans_are_in_order(text):
    found = find_links(text)
    assert all(text[one.start : one.end] == one.address for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


@pytest.mark.parametrize(
    "link",
    [
        "https://ca.wikipedia.org/wiki/Col·lecció",
        "https://en.wikipedia.org/wiki/Michelson–Morley_experiment",
        "https://hi.wikipedia.org/wiki/हिन्दी",
        "https://nuage.example/cafe\u0301s/a",
        "https://nuage.example/a?b=1&c=2",
    ],
)
def test_a_sign_in_the_middle_belongs_to_the_link(link: str) -> None:
    """Marks belong to their letter, in scripts that write vowels with them and in decomposed accents."""
    assert [found.address for found in find_links(f"voir {link} et {link}.")] == [link, link]
