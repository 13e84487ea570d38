"""What is true of a case right now: is it published, may it close, who is its customer. Read-only."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection

from sangfroid.casefile import CaseFile
from sangfroid.cases import measures
from sangfroid.known import VersionLine
from sangfroid.model import Audience, Case, OneToOne, Picture, ResponseVersion
from sangfroid.organisation import Organisation
from sangfroid.organisation_parts import ChannelSettings
from sangfroid.playbooks import Playbook, playbook

OUT = ("published", "retracted")
"""States of a delivery that reached its readers, whatever became of it later."""

RESPONSE_AUDIENCES: tuple[Audience, ...] = ("community", "public", "customer", "partner")
"""Audiences to which a response is published; the team and the pager get notices."""


def place_of(channel: str, language: str) -> str:
    """Key of a rendering within a version."""
    return f"{channel}/{language}"


def shown_as(renderings: dict[str, str]) -> str:
    """SHA-256 over the digests of all places of a version: whether it looks as it was shown is one comparison."""
    lines = "".join(f"{place}\n{digest}\n" for place, digest in sorted(renderings.items()))
    return "sha256:" + hashlib.sha256(lines.encode()).hexdigest()


def current_playbook(file: CaseFile) -> Playbook | None:
    """The playbook of the case, or None before triage or where there is no crisis."""
    return playbook(file.case.case) if file.case.case is not None else None


def delivery_key(case_id: str, version: int, channel: str, language: str) -> str:
    """Deterministic key of a delivery: also the idempotency key that the platform gets (I6)."""
    return f"{case_id}:v{version}:{channel}:{language}"


def parts_of(key: str) -> tuple[int, str] | None:
    """Version and channel that a key of a delivery names, or None; to read at once what its delivery will be about."""
    parts = key.split(":")
    if len(parts) < 4 or not re.fullmatch(r"v\d{1,9}", parts[1]):
        return None
    return int(parts[1][1:]), parts[2]


def wanted(organisation: Organisation, version: VersionLine) -> list[tuple[ChannelSettings, str]]:
    """Every channel × language to which the version goes; an answer to one person goes over its one channel.

    A channel whose languages the version does not have gets the version's first language, so that no channel is left silent.
    """
    if version.channel is not None:
        ways = [one for one in organisation.channels if one.id == version.channel]
        return [(way, language) for way in ways for language in version.languages]
    return places(organisation, version.languages)


def places(organisation: Organisation, spoken: Collection[str]) -> list[tuple[ChannelSettings, str]]:
    """Every channel × language to which texts in these languages go, as `wanted`."""
    pairs: list[tuple[ChannelSettings, str]] = []
    for channel in organisation.channels_for(*RESPONSE_AUDIENCES):
        if not channel.publishes:
            continue
        languages: list[str] = [language for language in channel.languages if language in spoken]
        languages = languages or [next(iter(spoken))]
        pairs += [(channel, language) for language in languages]
    return pairs


def root(file: CaseFile, version: ResponseVersion | VersionLine) -> int:
    """The publication that a correction puts right in the end, through every correction between; any other version is its own."""
    while version.corrects is not None and (above := file.line(version.corrects)) is not None:
        version = above
    return version.version


def confirmed(file: CaseFile, organisation: Organisation, version: VersionLine, *audiences: Audience) -> bool:
    """True where every required channel × language (of these audiences) gave back a URL or id.

    While the case's own tally says that some are owed, no delivery is read.
    """
    for name, count in file.case.owed_deliveries.items():
        number, _, audience = name.partition(":")
        if number == str(version.version) and count > 0 and (not audiences or audience in audiences):
            return False
    pairs = [
        (channel, language)
        for channel, language in wanted(organisation, version)
        if channel.required and (not audiences or channel.audience in audiences)
    ]
    if not pairs:
        return False
    known, name = file.case.delivery_tally, f"{version.version}:{'+'.join(sorted(audiences))}"
    places = hashlib.sha256(repr(sorted((one.id, language) for one, language in pairs)).encode()).hexdigest()[
        :16
    ]
    if known is not None and (version.version not in known.planned or known.confirmed.get(name) == places):
        # Nothing is planned yet; or all were confirmed before, and what reached its readers has reached them.
        return version.version in known.planned
    file.deliveries.load_version(version.version)
    for channel, language in pairs:
        delivery = file.deliveries.get(delivery_key(file.case.id, version.version, channel.id, language))
        # A newer correction that came first stands for what it puts right.
        while delivery is not None and delivery.state == "cancelled" and delivery.replaced_by is not None:
            delivery = file.deliveries.get(delivery.replaced_by)
        # What was taken back later had been published; that decision is one of its own.
        if delivery is None or delivery.state not in OUT:
            return False
    if known is not None:
        known.confirmed[name] = places
    return True


def stands_nowhere(file: CaseFile, number: int) -> bool:
    """Whether a version had reached readers and was taken back from all of them since."""
    known = file.case.delivery_tally
    if known is not None:
        out = known.out.get(str(number), 0)
        return 0 < out <= known.back.get(str(number), 0)
    out_once = [one for one in file.deliveries_of(number) if one.act == "publish" and one.state in OUT]
    return bool(out_once) and all(one.state == "retracted" for one in out_once)


def community_has_it(file: CaseFile, organisation: Organisation) -> bool:
    """Whether what the community was sent of the approved response still stands on every required place of it, or a correction.

    True, too, where nothing was sent: then nothing can have been taken back.
    """
    version, known = file.approved, file.case.delivery_tally
    if version is None or (known is not None and not known.back.get(str(version.version))):
        return True
    numbers = [
        line.version
        for line in file.lines
        if line.state == "approved" and root(file, line) == version.version
    ]
    places = [
        [delivery_key(file.case.id, number, channel.id, language) for number in numbers]
        for channel, language in wanted(organisation, version)
        if channel.required and channel.audience == "community"
    ]
    file.deliveries.fetch(key for keys in places for key in keys)
    states = [{one.state for key in keys if (one := file.deliveries.get(key)) is not None} for keys in places]
    return all("published" in found or "retracted" not in found for found in states)


def is_true(fact: str, file: CaseFile, organisation: Organisation) -> str | None:
    """Evidence for the fact that closes a duty (`closes_when` of the playbooks), or None while it is not true."""
    return _FACTS[fact](file, organisation)


def _response_approved(file: CaseFile, _organisation: Organisation) -> str | None:
    approved = file.approved
    return f"version {approved.version}, {approved.content_hash}" if approved else None


def _response_decided(file: CaseFile, organisation: Organisation) -> str | None:
    decision = file.case.no_response
    if decision and decision.stands:
        return f"no response: confirmed by {decision.confirmed_by}"
    return _response_approved(file, organisation)


def _published_to(*audiences: Audience) -> Callable[[CaseFile, Organisation], str | None]:
    def fact(file: CaseFile, organisation: Organisation) -> str | None:
        approved = file.approved
        if approved is None or not confirmed(file, organisation, approved, *audiences):
            return None
        known = file.case.delivery_tally
        count = (
            known.out.get(str(approved.version), 0)
            if known is not None
            else sum(1 for delivery in file.deliveries_of(approved.version) if delivery.state in OUT)
        )
        return f"version {approved.version}: {count} deliveries confirmed"

    return fact


def _community_published(file: CaseFile, organisation: Organisation) -> str | None:
    """The community was sent the response and still has it: what was taken back from it is not told."""
    evidence = _published_to("community")(file, organisation)
    return evidence if evidence is not None and community_has_it(file, organisation) else None


def _kind_published(kind: str) -> Callable[[CaseFile, Organisation], str | None]:
    def fact(file: CaseFile, organisation: Organisation) -> str | None:
        for version in reversed(file.lines):
            if (
                version.kind == kind
                and version.state == "approved"
                and confirmed(file, organisation, version)
            ):
                return f"version {version.version}"
        return None

    return fact


def _news_published(file: CaseFile, organisation: Organisation) -> str | None:
    """The newest text that told the public something: the response itself is news, too."""
    kinds = ("response", "update", "correction", "closing_announcement")
    for version in reversed(file.lines):
        if version.kind in kinds and version.state == "approved" and confirmed(file, organisation, version):
            return f"version {version.version}"
    return None


def _announcements(file: CaseFile, organisation: Organisation) -> list[int]:
    """Every closing announcement that is published and not taken back everywhere, and its corrections."""
    numbers = {line.version for line in file.lines if line.kind == "closing_announcement"}
    return [
        line.version
        for line in file.lines
        if line.state == "approved"
        and root(file, line) in numbers
        and confirmed(file, organisation, line)
        and not stands_nowhere(file, line.version)
    ]


def announcement(file: CaseFile, organisation: Organisation) -> list[str]:
    """The texts of every closing announcement that is published, and of its corrections."""
    out = [file.version(number) for number in _announcements(file, organisation)]
    return [text for version in out if version is not None for text in version.texts.values()]


def _announced(file: CaseFile, organisation: Organisation) -> str | None:
    standing = _announcements(file, organisation)
    return f"version {standing[-1]}" if standing else None


def _measures_announced(file: CaseFile, organisation: Organisation) -> str | None:
    """At least one measure is recorded, and the published announcement names each of them (C2.6)."""
    recorded = file.case.measures
    texts = announcement(file, organisation) if recorded else []
    if not texts or measures.unnamed(recorded, texts):
        return None
    version = file.latest("closing_announcement")
    return f"version {version.version if version else 0} names {len(recorded)} measures"


def first_word(file: CaseFile) -> int | None:
    """The version by which the public has heard a first word: a holding text or the response, at its first publication."""
    known = file.case.delivery_tally
    if known is not None:
        heard = (one for one in file.lines if one.kind in ("holding", "response"))
        return next((one.version for one in heard if known.out.get(str(one.version))), None)
    for delivery in file.deliveries.values():
        if delivery.kind in ("holding", "response") and delivery.act == "publish" and delivery.state in OUT:
            return delivery.version
    return None


def has_readers(file: CaseFile, version: VersionLine) -> bool:
    """Whether the version was published anywhere, whatever is still on its way or was taken back."""
    known = file.case.delivery_tally
    if known is not None:
        return known.out.get(str(version.version), 0) > 0
    return any(delivery.state in OUT for delivery in file.deliveries_of(version.version))


def response_is_out(case: Case) -> bool:
    """Whether the response of the case was published everywhere."""
    clock = case.has_clock("response_published")
    return case.response_published_at is not None or (clock is not None and clock.met_at is not None)


def _frozen(file: CaseFile, _organisation: Organisation) -> str | None:
    return file.case.frozen


def _suspended(file: CaseFile, _organisation: Organisation) -> str | None:
    return file.case.suspended


_FACTS: dict[str, Callable[[CaseFile, Organisation], str | None]] = {
    "response_approved": _response_approved,
    "response_decided": _response_decided,
    "community_published": _community_published,
    "published": _published_to(),
    "update_published": _kind_published("update"),
    "closing_announcement_published": _measures_announced,
    "announced": _announced,
    "news_published": _news_published,
    "frozen": _frozen,
    "suspended": _suspended,
}


def content_hash(
    texts: dict[str, str], picture: Picture | None = None, answer: OneToOne | None = None
) -> str:
    """SHA-256 over the texts by language, the image with its descriptions, and to whom an answer goes: length-prefixed, so
    that no two read alike."""
    digest = hashlib.sha256()
    parts = [part for language in sorted(texts) for part in (language, texts[language])]
    if picture is not None:
        described = [part for language in sorted(picture.alt) for part in (language, picture.alt[language])]
        parts += ["image", picture.sha256, picture.media_type, *described]
    if answer is not None:
        parts += ["answer", answer.message, answer.channel, answer.url or "", answer.recipient or ""]
    for part in parts:
        data = part.encode()
        digest.update(f"{len(data)}:".encode())
        digest.update(data)
    return "sha256:" + digest.hexdigest()
