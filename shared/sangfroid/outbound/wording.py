"""Words for people: the catalogue of notices, plural forms, local times, French typography, and texts for telephones.

The catalogue is three files that a translator edits: notices.yaml (what is asked), notice_words.yaml (everything around it) and
event_words.yaml (what the lines of the timeline are called).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sangfroid.data_files import data

PAGE_LENGTH = 160
"""Characters of one SMS in the alphabet of GSM 03.38; another alphabet would leave 70."""

QUOTED = 140
"""Characters of a message that a notice quotes at most."""

GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""GSM 03.38, the alphabet of one SMS without its extension table (whose signs count double)."""

NARROW, WIDE = "\u202f", "\u00a0"
"""Blanks that no line ends at: before ; ! ?, and before : and within « » (Imprimerie nationale)."""


@cache
def _catalogue(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = data("sangfroid.outbound", name)
    return loaded


def wordings() -> dict[str, dict[str, dict[str, str]]]:
    """kind -> language -> {subject, ask, page}; kept as data in notices.yaml."""
    return _catalogue("notices.yaml")


def event_words(language: str) -> dict[str, str]:
    """Kind of event -> what it is called in a language; kept as data in event_words.yaml."""
    chosen: dict[str, str] = _catalogue("event_words.yaml")[language]
    return chosen


def event_name(kind: str, data: Mapping[str, Any], language: str) -> str:
    """What an event is called in a language; what passed while a freeze forbade it is not called missed."""
    names = event_words(language)
    plain = names.get(kind, kind.replace("_", " "))
    return names.get(f"{kind}_in_freeze", plain) if data.get("frozen_since") else plain


def words(section: str, language: str) -> Any:
    """One section of notice_words.yaml in one language: names with their words, or a list of words."""
    return _catalogue("notice_words.yaml")[section][language]


def plural(forms: dict[str, str], n: int, language: str) -> str:
    """The form for `n` (CLDR: in French 0 and 1 are `one`, in English 1 alone), with {n} filled in."""
    single = n in (0, 1) if language == "fr" else n == 1
    return forms["one" if single else "other"].format(n=grouped(n, language))


def grouped(n: int, language: str) -> str:
    """A number as people read it: from 10,000 on in groups of three, `50 000` (without a line's end) and `50,000`."""
    if abs(n) < 10_000:
        return str(n)
    return f"{n:,}".replace(",", NARROW if language == "fr" else ",")


def typeset(text: str, language: str) -> str:
    """French words of the catalogue with the blanks that French typography wants; other languages as they are."""
    if language != "fr":
        return text
    text = text.replace("« ", f"«{WIDE}").replace(" »", f"{WIDE}»")
    text = re.sub(r" (:)(?=\s|$)", rf"{WIDE}\1", text)
    return re.sub(r" ([;!?])", rf"{NARROW}\1", text)


def excerpt(text: str, limit: int = QUOTED) -> str:
    """The beginning of somebody's message on one line, at most `limit` characters, cut between words."""
    line = " ".join(
        "".join(" " if unicodedata.category(c) in ("Cc", "Cf") else c for c in text[: limit * 4]).split()
    )
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    kept = cut.rsplit(" ", 1)[0] if " " in cut[limit // 2 :] else cut
    return kept.rstrip(" ,;:.") + "…"


def span(gap: timedelta, language: str) -> str:
    """A length of time in words: minutes, hours and minutes, and from three days on days."""
    table = words("spans", language)
    minutes = int(abs(gap).total_seconds()) // 60
    if minutes >= 3 * 1440:
        return plural(table["days"], minutes // 1440, language)
    if minutes < 60:
        return str(table["minutes"]).format(n=minutes)
    return str(table["hours"]).format(hours=minutes // 60, minutes=f"{minutes % 60:02d}")


def time_left(due_at: datetime, now: datetime, language: str) -> str:
    """`5 h 30 min left` / `il reste 5 h 30 min`, or how long the deadline has passed."""
    gap = due_at - now
    table = words("spans", language)
    return str(table["late" if gap < timedelta(0) else "left"]).format(span=span(gap, language))


FAR = 300
"""Days from which on a date without its year would be read as one of this year."""


def local_time(moment: datetime, now: datetime, zone: str, language: str, *, bare: bool = False) -> str:
    """A moment on the reader's clock, with its day where that is not today: `14 h 05`, `demain à 07 h 00`; far away,
    with its year.

    `bare`: without "à" before an hour of today, for places where another word stands there.
    """
    here, today = moment.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    table = words("times", language)
    time = str(table["hour"]).format(hour=f"{here:%H}", minute=f"{here:%M}")
    days = (here.date() - today).days
    if days == 0:
        return str(table["today" if bare else "at"]).format(time=time)
    if days == 1:
        return str(table["tomorrow"]).format(time=time)
    return str(table["far" if abs(days) > FAR else "other"]).format(
        time=time,
        day=here.day,
        weekday=words("weekdays", language)[here.weekday()],
        month=words("months", language)[here.month - 1],
        year=here.year,
    )


def for_telephones(text: str) -> str:
    """The text in the alphabet of one SMS: what it does not have loses its accents, or becomes `?`."""
    out = []
    for sign in text:
        if sign in GSM_7:
            out.append(sign)
            continue
        if sign in (WIDE, NARROW):
            out.append(" ")
            continue
        plain = unicodedata.normalize(
            "NFD", {"’": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "…": "..."}.get(sign, sign)
        )
        out += [c for c in plain if c in GSM_7] or ["?"]
    return "".join(out)


def page(kind: str, language: str, address: str | None, phone: str | None, *, in_freeze: bool = False) -> str:
    """What goes out of band for a kind of notice: no content of any case, at most `PAGE_LENGTH` characters of GSM 03.38.

    `in_freeze`: it is about what passed while a freeze forbade it, where the kind has words for that.
    The desk's bare address and the crisis room's number stand behind it, as far as both, or one of them, fit.
    """
    told = wordings()[kind][language]
    text = for_telephones(told.get("page_in_freeze", told["page"]) if in_freeze else told["page"])
    contact = str(words("frame", language)["contact"])
    tries = [contact.format(address=address, phone=phone)] if address and phone else []
    tries += [one for one in (address, phone) if one]
    for one in tries:
        whole = f"{text} {for_telephones(one)}"
        if len(whole) <= PAGE_LENGTH:
            return whole
    return text[:PAGE_LENGTH]
