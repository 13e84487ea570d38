"""Whether a text gives orders to a classifier: forms of sentences, not words, so that a complaint about instructions is none.

A model may obey what it should only judge. Where this sees an order the model's answer is not used at all, and a person
is asked; so a miss costs more than a false sign, and a false sign costs one question.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources

from sangfroid.text.folding import skeleton
from sangfroid.triage.report import Report

_DEFINED = re.compile(r"([A-Z]+) = (.+)")
_MOST = 40_000


def parse(text: str) -> re.Pattern[str]:
    """One pattern of all forms in the lines of `data/orders.txt`."""
    names: dict[str, str] = {}
    forms: list[str] = []
    for line in text.splitlines():
        if not line or line.startswith("# "):
            continue
        defined = _DEFINED.fullmatch(line)
        if defined:
            names[defined[1]] = defined[2]
        else:
            forms.append(re.sub(r"<([A-Z]+)>", lambda name: names[name[1]], line))
    return re.compile("|".join(f"(?:{form})" for form in forms))


@lru_cache(maxsize=1)
def _orders() -> re.Pattern[str]:
    data = resources.files("sangfroid.triage").joinpath("data", "orders.txt")
    return parse(data.read_text(encoding="utf-8"))


def gives_orders(report: Report) -> str | None:
    """The first order to a classifier that text, notes or profile hold, as folded; None where there is none."""
    for part in (
        report.message.text,
        report.notes,
        report.message.author.bio,
        report.message.author.handle,
        report.brand,
    ):
        lines = "\n".join(skeleton(line) for line in part[:_MOST].splitlines())
        found = _orders().search(lines)
        if found:
            return found[0]
    return None
