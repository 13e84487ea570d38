"""What the caller would rather get: language and form by their weights, and nothing that they have already (RFC 9110)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

Language = Literal["fr", "en"]


def _weights(header: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for part in header[:2_000].lower().split(","):
        name, *parameters = [piece.strip() for piece in part.split(";")]
        weight = 1.0
        for parameter in parameters:
            if re.fullmatch(r"q=[01](\.\d{0,3})?", parameter, re.ASCII):
                weight = float(parameter[2:])
        if name:
            weights[name] = max(weight, weights.get(name, 0.0))
    return weights


def language(headers: Mapping[str, str]) -> Language:
    """French where it is preferred to English, else English. Header names in lower case."""
    best = {"fr": 0.0, "en": 0.0}
    for name, weight in _weights(headers.get("accept-language") or "").items():
        primary = name.split("-")[0]
        if primary in best:
            best[primary] = max(best[primary], weight)
    return "fr" if best["fr"] > best["en"] else "en"


TAG = re.compile(r'(?:W/)?"([^"]*)"|(\*)')


def unchanged(headers: Mapping[str, str], tag: str) -> bool:
    """Whether one of the tags of If-None-Match is this one (RFC 9110, 13.1.2: compared weakly). Header names in lower case."""
    given = (headers.get("if-none-match") or "")[:2_000]
    return any(found[1] == "*" or found[0] == tag for found in TAG.findall(given))


def wants_json(headers: Mapping[str, str]) -> bool:
    """Whether JSON is preferred to HTML; a page is what a browser, or a caller who says nothing, gets."""
    weights = _weights(headers.get("accept") or "")
    return weights.get("application/json", 0.0) > weights.get("text/html", 0.0)
