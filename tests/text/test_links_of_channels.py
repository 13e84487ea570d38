"""Every platform makes a link of what a reader takes for one (T3)."""

import pytest

from sangfroid.outbound.channels.atproto import facets
from sangfroid.outbound.channels.discourse_markdown import as_markdown
from sangfroid.outbound.channels.hypertext import as_html

WIKI = "https://fr.wikipedia.org/wiki/Nuage_(informatique)"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "»"),
        ("« ", "\u00a0»"),
        ("“", "”"),
        ("", "…"),
        ("'", "'"),
        ("", "。"),
        ("**", "**"),
        ("", "\u200b"),
        ("(voir ", ")"),
    ],
)
def test_the_link_that_a_reader_sees(before, after):
    text = f"Tout est ici : {before}{WIKI}{after} et là."
    assert f'<a href="{WIKI}">{WIKI}</a>' in as_html(text)
    (facet,) = facets(text)
    assert facet["features"][0]["uri"] == WIKI
    assert text.encode()[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode() == WIKI
    assert WIKI in as_markdown(text)  # nothing inside it is escaped
