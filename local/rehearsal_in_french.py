"""A rehearsal told in French: what its lines are called, in the words that the desk has for its timeline and its notices."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from sangfroid.data_files import data
from sangfroid.outbound.wording import event_name, wordings, words

_AUDIENCES = {
    "public": "grand public",
    "community": "communauté",
    "customer": "clients",
    "partner": "partenaires",
}
_OF_ONE = re.compile(r"\s*\([^()]*\{\w+\}[^()]*\)|(?:,\s*version)?\s*:?\s*\{\w+\}")
_DAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
_STATES = {
    "met": "tenue",
    "met_late": "atteinte en retard",
    "breached": "manquée",
    "cancelled": "annulée",
    "running": "en cours",
}


def event(kind: str, data: dict[str, Any], by: str) -> str:
    """An event of the timeline, with what tells it from others of its kind."""
    about = [words("clocks", "fr")[data["clock"]]] if data.get("clock") else []
    about += [f"cas {data['case']}"] if data.get("case") else []
    about += [f"version {data['version']}"] if data.get("version") else []
    about += [str(data["duty"])] if data.get("duty") else []
    about += [", ".join(data["added"])] if data.get("added") else []
    about += [f"{data['deliveries']} envois"] if isinstance(data.get("deliveries"), int) else []
    about += [f"échéance {moment(str(data['due_at']))}"] if data.get("due_at") else []
    about += [str(data["channel"])] if data.get("channel") else []
    about += [_STATES.get(data["state"], "")] if kind == "clock_met" else []
    about += [by] if by != "sangfroid" else []
    return " · ".join([event_name(kind, data, "fr"), *filter(None, about)])


def letter(kind: str, audience: str) -> str:
    """What a letter of this kind is about; `audience`: whom it goes to, empty for one of the team."""
    if audience:
        return f"{_AUDIENCES.get(audience, audience)} : {words('kinds', 'fr').get(kind, kind)}"
    told = wordings().get(kind)
    if told is None:
        return "le fil du dossier" if kind == "case_summary" else kind.replace("_", " ")
    # Whose deadline, which version: stands in the lines of the timeline beside it.
    return _OF_ONE.sub("", told["fr"]["subject"]).strip()


def moment(at: str) -> str:
    """A time of the timeline, in UTC as all times of a rehearsal."""
    then = datetime.fromisoformat(at)
    return f"{day(then)} {then:%d/%m %H:%M}"


def day(at: datetime) -> str:
    """The day of the week, short."""
    return _DAYS[at.weekday()]


def ended(case: dict[str, Any], played: timedelta, seconds: float) -> str:
    """The last line: how it ended."""
    names, status = words("clocks", "fr"), data("sangfroid.http", "report_words.yaml")["fr"]["statuses"]
    clocks = ", ".join(f"{names[one['id']]} {_STATES[one['state']]}" for one in case["clocks"])
    return f"dossier {status[case['status']]} ; {clocks}. {_lasting(played)} joués en {seconds:.1f} s."


def _lasting(time: timedelta) -> str:
    hours, minutes = divmod(time.seconds // 60, 60)
    return f"{f'{time.days} j ' if time.days else ''}{hours} h {minutes:02d}"
