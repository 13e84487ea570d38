"""The report after the crisis as one HTML page: readable, printable, nothing loaded from elsewhere, everything escaped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sangfroid.http.preference import Language
from sangfroid.http.report import CrisisReport, Words, words
from sangfroid.outbound.wording import words as notice_words

HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept, Accept-Language",
    # The page quotes what strangers wrote: even if an escape were forgotten, nothing in it may run or load.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}

STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; max-width: 62rem; margin: 2rem auto;
padding: 0 1rem; }
h1 { font-size: 1.7rem; margin-bottom: .2rem; } h2 { font-size: 1.2rem; margin-top: 2rem; border-bottom: 2px solid #1a1a1a; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0;
border-bottom: 1px solid #ccc; overflow-wrap: anywhere; } th { font-weight: 600; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; border-left: 3px solid #999; padding-left: .8rem; }
.interim { background: #fff3c4; padding: .5rem .8rem; } .broken { background: #ffd9d9; padding: .5rem .8rem; font-weight: 600; }
.kept { color: #0b5d1e; } .missed { color: #a30000; font-weight: 600; }
time { white-space: nowrap; } a { color: #00458b; }
@media (min-width: 40rem) { th, td { min-width: 4.8rem; } td:first-child, thead th:first-child { min-width: 2rem; } }
@media print { body { margin: 0; max-width: none; font-size: 11pt; } tr, .text { break-inside: avoid; }
h2 { break-after: avoid; } }
"""


@dataclass(frozen=True)
class _Reader:
    """For whom the page is: their words, the clock on their wall, and the names of people."""

    language: Language
    say: Words
    zone: str
    name: Callable[[str], str]

    def who(self, person: str | None) -> str:
        """The name of a person, escaped; of the desk itself where nobody did it."""
        return escape("sangfroid" if person == "sangfroid" else self.name(person)) if person else "—"

    def time(self, moment: datetime | None) -> str:
        """A moment on the wall, its day and year before it; UTC for machines."""
        if moment is None:
            return "—"
        plain, here = moment.astimezone(UTC), moment.astimezone(ZoneInfo(self.zone))
        shown = f"{here:%Y-%m-%d %H:%M}" if self.language == "en" else f"{here:%d/%m/%Y %H:%M}"
        return f'<time datetime="{plain:%Y-%m-%dT%H:%M:%SZ}">{shown}</time>'


def page(
    report: CrisisReport, language: Language, name: Callable[[str], str] = str, zone: str = "UTC"
) -> str:
    """The whole page; `name` gives the name of an id, `zone` is where its times are told."""
    to = _Reader(language, words(language), zone, name)
    say = to.say
    title = f"{say['title']} · {report.brand} · {report.case_id}"
    sections = [
        _head(report, to),
        _closing(report, to),
        _list(say["worked"], report.worked, say["nothing_worked"]),
        _list(say["late"], report.late, say["nothing_late"]),
        _list(say["held"], report.held, "") if report.held else "",
        _clocks(report, to),
        _duties(report, to),
        _responses(report, to),
        _publications(report, to),
        _timeline(report, to),
    ]
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body><main>\n"
        + "\n".join(sections)
        + "\n</main></body></html>\n"
    )


def _head(report: CrisisReport, to: _Reader) -> str:
    say = to.say
    interim = f'<p class="interim">{escape(say["interim"])}</p>' if report.interim else ""
    facts = [
        (say["brand"], escape(report.brand)),
        (say["status"], escape(say["statuses"][report.status])),
        (say["severity"], escape(say["severities"][report.severity])),
        (say["first_message"], to.time(report.first_published_at) if report.first_published_at else "–"),
        (say["opened"], to.time(report.opened_at)),
        (
            say["closed"],
            to.time(report.closed_at) + (f" · {to.who(report.closed_by)}" if report.closed_by else ""),
        ),
        (say["messages"], str(report.message_count)),
        (say["why"], escape(report.why)),
    ]
    rows = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{value}</td></tr>' for name, value in facts)
    return (
        f"<h1>{escape(say['title'])}</h1><p>{escape(report.case_id)} · {to.time(report.generated_at)}</p>{interim}"
        f"<h2>{escape(say['summary'])}</h2><p>{escape(report.summary)}</p>{_first_message(report, to)}<table>{rows}</table>"
    )


def _first_message(report: CrisisReport, to: _Reader) -> str:
    """What caused it: who wrote what, where and when, as it was reported."""
    first = report.first_message
    if first is None:
        return ""
    author = str(first.author.get("handle") or "")
    places = notice_words("places", to.language)
    place = places.get(first.platform, places["other"])
    by = " · ".join(
        filter(None, (escape(author), escape(place), to.time(first.published_at), _linked(first.url or "")))
    )
    return f'<p class="text" lang="{escape(first.language or "")}">{escape(first.text)}</p><p>{by}</p>'


def _closing(report: CrisisReport, to: _Reader) -> str:
    say = to.say
    not_yet = say["not_yet"]
    measures = _table(
        [say["measure"], say["owner"], say["due"]],
        ([escape(measure.text), to.who(measure.owner), escape(measure.due)] for measure in report.measures),
    )
    return (
        f'<h2>{escape(say["root_cause"])}</h2><p class="text">{escape(report.root_cause or not_yet)}</p>'
        f'<h2>{escape(say["lessons"])}</h2><p class="text">{escape(report.lessons or not_yet)}</p>'
        f"<h2>{escape(say['measures'])}</h2>{measures or _none(say)}"
    )


def _list(title: str, lines: list[str], none: str) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<h2>{escape(title)}</h2>" + (f"<ul>{items}</ul>" if items else f"<p>{escape(none)}</p>")


def _clocks(report: CrisisReport, to: _Reader) -> str:
    say = to.say
    kept = {"met": "kept", "breached": "missed", "met_late": "missed"}
    rows = (
        [
            escape(clock.title),
            to.time(clock.due_at),
            to.time(clock.met_at),
            f'<span class="{"" if clock.frozen_since else kept.get(clock.state, "")}">{escape(clock.result)}</span>',
        ]
        for clock in report.clocks
    )
    return f"<h2>{escape(say['clocks'])}</h2>" + _table(
        [say["clock"], say["due"], say["stopped"], say["result"]], rows
    )


def _duties(report: CrisisReport, to: _Reader) -> str:
    say = to.say
    rows = []
    for duty in report.duties:
        state = say["duty_states"][duty.state]
        if duty.every_hours:
            state += " · " + say["rounds"].format(done=duty.rounds_done, missed=duty.rounds_missed)
            state += say["rounds_held"].format(held=duty.rounds_held) if duty.rounds_held else ""
        proof = " · ".join(_linked(text) for text in (duty.evidence, duty.note) if text)
        cells = [escape(f"{duty.id} {duty.title}"), escape(state), to.who(duty.by or duty.owner or duty.role)]
        rows.append([*cells, to.time(duty.closed_at), proof])
    head = [say["duty"], say["state"], say["by"], say["at"], say["evidence"]]
    return f"<h2>{escape(say['duties'])}</h2>" + (_table(head, rows) or _none(say))


def _responses(report: CrisisReport, to: _Reader) -> str:
    say = to.say
    rows = []
    texts = []
    kinds = notice_words("kinds", to.language)
    for version in report.responses:
        approvals = "<br>".join(f"{to.who(yes.by)} · {to.time(yes.at)}" for yes in version.approvals)
        name = f"{version.version} · {kinds[version.kind]}"
        rows.append(
            [
                escape(name),
                escape(say["response_states"][version.state]),
                f"{to.who(version.by)} · {to.time(version.at)}",
                approvals,
            ]
        )
        texts += [
            f'<h3>{escape(name)} · {escape(language)}</h3><p class="text" lang="{escape(language)}">{escape(text)}</p>'
            for language, text in version.texts.items()
        ]
    head = [say["version"], say["state"], say["written_by"], say["approved_by"]]
    decision = ""
    if report.no_response is not None:
        line = say["no_response_line"].format(
            proposed=to.name(report.no_response.proposed_by),
            confirmed=to.name(report.no_response.confirmed_by or "—"),
            reason=report.no_response.reason,
        )
        decision = f'<h3>{escape(say["no_response"])}</h3><p class="text">{escape(line)}</p>'
    return (
        f"<h2>{escape(say['responses'])}</h2>"
        + (_table(head, rows) or _none(say))
        + "".join(texts)
        + decision
    )


def _publications(report: CrisisReport, to: _Reader) -> str:
    say = to.say
    rows = (
        [
            escape(delivery.channel),
            escape(delivery.language),
            escape(f"{delivery.version or ''}"),
            escape(say["delivery_states"][delivery.state]),
            to.time(delivery.published_at)
            + (f" → {to.time(delivery.retracted_at)}" if delivery.retracted_at else ""),
            _linked(delivery.url or delivery.external_id or delivery.reason or ""),
            str(delivery.attempts),
        ]
        for delivery in report.publications
    )
    head = [
        say["channel"],
        say["language"],
        say["version"],
        say["state"],
        say["at"],
        say["address"],
        say["attempts"],
    ]
    return f"<h2>{escape(say['publications'])}</h2>" + (_table(head, rows) or _none(say))


def _timeline(report: CrisisReport, to: _Reader) -> str:
    say = to.say
    proof = report.timeline
    if proof.intact:
        verdict = f"<p>{escape(say['intact'].format(events=proof.events, head=proof.head))}</p>"
    else:
        verdict = f'<p class="broken" role="alert">{escape(say["broken"].format(fault=proof.fault))}</p>'
    rows = (
        [
            str(line.seq),
            to.time(line.at),
            to.who(line.by),
            escape(line.title),
            escape(line.about),
        ]
        for line in report.events
    )
    head = ["#", say["at"], say["by"], say["event"], say["details"]]
    return f"<h2>{escape(say['timeline'])}</h2>{verdict}" + _table(head, rows)


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    """A table of cells that are escaped already; empty where there are no rows."""
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    if not body:
        return ""
    titles = "".join(f'<th scope="col">{escape(title)}</th>' for title in head)
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"


def _none(say: Words) -> str:
    return f"<p>{escape(say['none'])}</p>"


def _linked(text: str) -> str:
    """The text, as a link where the whole of it is a web address; any other scheme stays text."""
    shown = escape(text)
    try:
        parts = urlsplit(text)
        is_web = (
            parts.scheme in ("http", "https")
            and bool(parts.netloc)
            and not any(char.isspace() for char in text)
        )
    except ValueError:
        is_web = False
    return f'<a href="{shown}" rel="noopener noreferrer">{shown}</a>' if is_web else shown
