"""What the caller would rather get: language (Accept-Language) and form (Accept), by their weights (RFC 9110)."""

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


def wants_json(headers: Mapping[str, str]) -> bool:
    """Whether JSON is preferred to HTML; a page is what a browser, or a caller who says nothing, gets."""
    weights = _weights(headers.get("accept") or "")
    return weights.get("application/json", 0.0) > weights.get("text/html", 0.0)
