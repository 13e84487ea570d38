"""Every function that reads a text of somebody we do not know, as a call with one text."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from local.absence_calendars import CalendarFault, with_absences
from sangfroid import organisation
from sangfroid.cases import acknowledging, authorship, charter, joining, promises
from sangfroid.cases.charter import moments as charter_moments
from sangfroid.cases.charter import phrases, readability
from sangfroid.cases.no_response import checked
from sangfroid.cases.substance import required
from sangfroid.errors import Refused
from sangfroid.http import wire
from sangfroid.listening.webhooks import NotGenuine, Pointers, as_it_came, check, signed_by_slack
from sangfroid.listening.webhooks import reports as listed_reports
from sangfroid.organisation import OrganisationFault, load
from sangfroid.outbound.channels import discord, discourse_markdown, hypertext, linkedin, mastodon, slack
from sangfroid.outbound.channels.atproto import facets
from sangfroid.outbound.channels.base import Limits
from sangfroid.outbound.channels.discourse_markdown import as_markdown
from sangfroid.outbound.channels.hypertext import as_html
from sangfroid.outbound.rendering import render
from sangfroid.playbooks import playbook
from sangfroid.text import (
    addresses,
    blank,
    differences,
    folding,
    identity,
    leftovers,
    lines,
    links,
    mail_address,
    moments,
)
from sangfroid.tracing import decoding, metadata, platforms, tracer
from sangfroid.tracing.addresses import parse
from sangfroid.tracing.refusals import FetchRefused
from sangfroid.triage import features, lexicon, reading, sentences
from sangfroid.triage import text as triage_text
from sangfroid.triage.report import Profile, Report, ReportedMessage
from sangfroid.triage.text import tokens
from tests.support.desks import EXAMPLE

MAPPING = {"message.text": "a.b", "message.url": "c"}
ORGANISATION = load(EXAMPLE)
AT = datetime(2026, 11, 20, tzinfo=UTC)


def message(text: str) -> ReportedMessage:
    return ReportedMessage.model_construct(text=text, platform="x", published_at=AT, url=None)


def features_of(text: str) -> object:
    said = ReportedMessage.model_construct(
        text=text,
        platform="x",
        published_at=AT,
        url=None,
        author=Profile(bio=text[:2_000]),
        on_own_platform=False,
    )
    return features.extract(Report.model_construct(brand="Nuage", message=said, notes=text[:10_000]))


def allowing(refused: type[Exception], function: Callable[[str], object]) -> Callable[[str], object]:
    def tried(text: str) -> object:
        try:
            return function(text)
        except refused:
            return None

    return tried


def calendar_of(text: str) -> object:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "a.ics").write_bytes(text.encode("utf-8", "replace"))
        document = {"people": [{"id": "ben"}], "absence_calendars": [{"file": "a.ics", "person": "ben"}]}
        try:
            return with_absences(document, Path(folder), AT)
        except CalendarFault:
            return None


READERS: dict[str, Callable[[str], object]] = {
    "folded": folding.folded,
    "folded with places": folding.Folded,
    "bare": folding.bare,
    "skeleton": folding.skeleton,
    "visible": folding.visible,
    "blank": blank.is_blank,
    "links": links.find_links,
    "words of": identity.words_of,
    "an id": allowing(ValueError, identity.plain_id),
    "an address": addresses.canonical_address,
    "an address of the web": lambda text: addresses.canonical_address(
        "https://a.example/" + text[: addresses.LONGEST - 50]
    ),
    "one line": allowing(ValueError, lines.one_line),
    "as one line": lines.as_one_line,
    "address of a report": allowing(ValueError, lines.web_address),
    "a moment": lambda text: moments.moment_of(text[: moments.LONGEST]),
    "placeholders": leftovers.placeholders,
    "escapes": leftovers.escapes,
    "turned": leftovers.turned,
    "hidden": leftovers.hidden,
    "mixed": leftovers.mixed,
    "doubtful": leftovers.doubtful,
    "charter": lambda text: charter.check(
        {"fr": text}, "closing_announcement", "Nuage SA", playbook(2), ORGANISATION
    ),
    "authorship": lambda text: authorship.digests({"fr": text}),
    "joining: words": joining.words,
    "joining: bands": joining.bands,
    "joining: a copy": lambda text: joining.same_text(text, text + " non"),
    "joining: another text": lambda text: joining.same_text(text, text[1:] + "!" + text[:500]),
    "joining: topic": lambda text: joining.topic(text, "Nuage"),
    "joining: labels": joining.labels,
    "joining: links": lambda text: joining.linked_prints(message(text)),
    "joining: address": joining.url_print,
    "triage: tokens": tokens,
    "triage: lexicon": lambda text: lexicon.shipped().find(tokens(text)),
    "triage: features": features_of,
    "conditions": allowing(Refused, lambda text: checked([text])),
    "a page": lambda text: metadata.read_page(text, "https://a.example/"),
    "a page with a head": lambda text: metadata.read_page(
        f"<html><head><title>x</title></head><body>{text}</body></html>", "https://a.example/"
    ),
    "an attribute of a page": lambda text: metadata.read_page(
        f'<meta name="author" content="{text}">', "https://a.example/"
    ),
    "linked data": lambda text: metadata.read_page(
        f'<script type="application/ld+json">{text}</script>', "https://a.example/"
    ),
    "plain text of a page": metadata.plain_text,
    "oEmbed": lambda text: metadata.read_oembed(text, metadata.Metadata()),
    "bytes of a page": lambda text: decoding.decoded(text.encode("utf-8", "replace"), text[:1_000]),
    "bytes of another": lambda text: decoding.decoded(text.encode("utf-8", "replace"), "charset=gbk"),
    "a post of Bluesky": allowing(ValueError, platforms.bluesky_thread),
    "a post of Mastodon": allowing(ValueError, platforms.mastodon_status),
    "an address to fetch": allowing(FetchRefused, parse),
    "rivals": lambda text: tracer.rivals_in(["Cirrus Cloud", "Stratus"], text, text),
    "pointers": lambda text: Pointers("", MAPPING).of(text),
    "HTML": as_html,
    "Markdown": as_markdown,
    "facets": facets,
    "a post": lambda text: render(text, "fr", {}, Limits(max_characters=None)),
    "a post that is too long": lambda text: render(text, "fr", {}, Limits(max_characters=500)),
    "triage: the part that is read": reading.read,
    "triage: every reading": reading.readings,
    "triage: window of a sentence": lambda text: sentences.window(text, 200),
    "what says nothing": allowing(Refused, lambda text: required(text, "/text", "what you advise", least=3)),
    "a promise": lambda text: promises.times({"fr": text}, AT, ZoneInfo("Europe/Paris")),
    "a promise to each": lambda text: promises.each_person({"fr": text}),
    "how hard it reads": lambda text: readability.hardness(text, "fr"),
    "what was changed": lambda text: differences.between(text, text[:-1] + "?"),
    "a name for an acknowledgement": acknowledging.public_name,
    "an acknowledgement": lambda text: acknowledging.addressed(
        "Hello {name}", "en", text[:200], ORGANISATION
    ),
    "a mail address": allowing(ValueError, mail_address.mailbox),
    "a body": allowing(Refused, wire.parse),
    "a body of one long text": lambda text: wire.parse(json.dumps({"text": text})),
    "a body of one long name": lambda text: wire.parse(json.dumps({text: [1] * (len(text) // 8)})),
    "a webhook": lambda text: listed_reports(
        ORGANISATION.listening[2], {"mentions": [{"fullText": text, "url": text}]}
    ),
    "a signed webhook": lambda text: listed_reports(
        ORGANISATION.listening[0], {"data": {"data": {"data": {"message": {"text": text}}}}}
    ),
    "a file of the organisation": allowing(OrganisationFault, organisation.parse),
    "a name in the organisation": allowing(
        OrganisationFault,
        lambda text: organisation.parse(yaml.safe_dump({"name": text, "brands": [{"name": text}]})),
    ),
    "a calendar": calendar_of,
    "a name of a calendar": lambda text: calendar_of(
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:1\nDTSTART:20261120T080000Z\nDTEND:20261120T090000Z\n"
        f"SUMMARY:{text}\nEND:VEVENT\nEND:VCALENDAR\n"
    ),
    "Slack": slack.escaped,
    "Slack, the signature of a press": lambda text: signed_by_slack(
        "s",
        {"x-slack-request-timestamp": "1", "x-slack-signature": text},
        text.encode("utf-8", "replace"),
        1.0,
    ),
    "Slack, read back": slack._plain,
    "Discord": discord.as_markdown,
    "LinkedIn": linkedin.escaped,
    "Mastodon, counted": mastodon.count,
    "Mastodon, remarks": mastodon.remarks,
    "a page read back": hypertext.read,
    "the same words": lambda text: identity.same_words(text, text + "."),
    "the same person": lambda text: identity.same_person(text, text.upper()),
    "normalised": lambda text: folding.normalised("NFC", text),
    "a line that is said": allowing(ValueError, lines.said),
    "facts of a text": lambda text: charter_moments.facts(phrases.Readable(text, "fr")),
    "whose words": lambda text: authorship.whose({"fr": text}, "ana", []),
    "a proposed acknowledgement": allowing(
        Refused, lambda text: acknowledging.propose("ack-1", {"fr": text}, ORGANISATION, "ana", AT)
    ),
    "triage: folded": triage_text.fold,
    "triage: words": triage_text.words,
    "a pointer": wire.escaped,
    "an event": lambda text: wire.plain(
        {"body": text, "headers": {"content-type": text}, "isBase64Encoded": True}
    ),
    "what could not be read": lambda text: as_it_came(
        {"data": {"message": {"text": text}}}, Pointers("", MAPPING), [text], "Nuage SA", AT
    ),
    "a signature": allowing(
        NotGenuine,
        lambda text: check(
            ORGANISATION.listening[0],
            {"secret": "whsec_" + "A" * 32},
            {"webhook-id": text, "webhook-timestamp": text, "webhook-signature": text},
            text.encode("utf-8", "replace"),
            AT,
        ),
    ),
    "Discourse, read back": lambda text: (
        discourse_markdown.apart(text),
        discourse_markdown.without_emoji(text),
    ),
    "a picture": lambda text: (
        hypertext.image_html(text, text),
        hypertext.guarded(text),
        discourse_markdown.of_picture({"class": text}),
    ),
    "within a page": lambda text: hypertext.within(text[:-1], text),
}
