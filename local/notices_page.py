"""`make notices-page`: every notice that the rehearsals send, in both languages, on one page to be printed and read.

The rehearsals are played on the whole local stack, once with everybody reading French and once English: what stands on the page
is what would have left.
"""

from __future__ import annotations

import html
import io
import os
import sys
from pathlib import Path

import yaml

from local.organisation_files import EXAMPLE
from local.rehearse import SCRIPTS, Rehearsal, Teller, read_script
from local.stack import Stack

STYLE = """
body{font:14px/1.45 system-ui,"DejaVu Sans",sans-serif;margin:2rem auto;max-width:75rem;color:#1c2430}
h1{font-size:1.5rem} h2{font-size:1.15rem;margin:2rem 0 .5rem;border-bottom:2px solid #1c2430}
.row{display:grid;grid-template-columns:1fr 1fr;gap:1rem;break-inside:avoid;margin:.5rem 0}
h3{grid-column:1/3;margin:.6rem 0 0;font-size:.95rem} h3 small{font-weight:normal;color:#5a6675}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit;margin:0}
pre{padding:.6rem .8rem;border:1px solid #c9d0d8;border-radius:6px}
.out_of_band pre{background:#fff6e0}
"""


def played(language: str, folder: Path) -> dict[tuple[str, str, str], str]:
    """(rehearsal, kind, audience) -> the text that the first reader got, with everybody reading this language."""
    document = yaml.safe_load(EXAMPLE.read_text("utf-8"))
    for person in document["people"]:
        person["language"] = language
    for channel in document["channels"]:
        if channel["audience"] in ("team", "out_of_band"):
            channel["languages"] = [language]
    file = folder / f"organisation.{language}.yaml"
    file.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    found: dict[tuple[str, str, str], str] = {}
    for path in sorted(SCRIPTS.glob("*.yaml")):
        script = read_script(path)
        stack = Stack.borrow(now=script.starts, organisation=str(file))
        teller = Teller(io.StringIO())
        title = teller.said(script.title)
        Rehearsal(stack, script, teller).play()
        for one in stack.outbox():
            if one["audience"] in ("team", "out_of_band"):
                found.setdefault((title, one["kind"], one["audience"]), one["text"])
    return found


def page_of(french: dict[tuple[str, str, str], str], english: dict[tuple[str, str, str], str]) -> str:
    """The page, as HTML: one row for each notice of each rehearsal, French beside English."""
    parts, title = [], ""
    for key in dict.fromkeys([*french, *english]):
        rehearsal, kind, audience = key
        if rehearsal != title:
            title = rehearsal
            parts.append(f"<h2>{html.escape(title)}</h2>")
        texts = "".join(f"<pre>{html.escape(found.get(key, '–'))}</pre>" for found in (french, english))
        parts.append(f'<div class="row {audience}"><h3>{kind} <small>{audience}</small></h3>{texts}</div>')
    body = "\n".join(parts)
    head = f'<meta charset="utf-8"><title>Sangfroid: notices</title><style>{STYLE}</style>'
    return f"<!doctype html>{head}<h1>Sangfroid: every notice of the rehearsals</h1>{body}"


def main(target: Path = Path("build/notices.html")) -> int:
    """Play, and write the page."""
    target.parent.mkdir(parents=True, exist_ok=True)
    # The functions log to standard output, as in a Lambda.
    out, sys.stdout = sys.stdout, Path(os.devnull).open("w")  # noqa: SIM115 - closed below
    try:
        text = page_of(played("fr", target.parent), played("en", target.parent))
    finally:
        sys.stdout.close()
        sys.stdout = out
    target.write_text(text, "utf-8")
    print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:2])))
