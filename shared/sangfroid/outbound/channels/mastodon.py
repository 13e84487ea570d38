"""`mastodon`: statuses of an account on a Mastodon instance (https://docs.joinmastodon.org/methods/statuses/).

`Idempotency-Key` is honoured for an hour, so a look at the account's statuses comes before a retry. A text past the
instance's limit (/api/v2/instance) is a thread. Scheduled statuses are put off during a freeze.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any, Literal

from pydantic import Field

from sangfroid import wall_clock
from sangfroid.model import rfc3339
from sangfroid.outbound.channels.base import Limits, Parts, Suspension
from sangfroid.outbound.channels.http import HttpChannel, Line, altered, missing, name_of, reading_back, same
from sangfroid.outbound.channels.settings import BaseUrl, Secret, Settings, Token
from sangfroid.outbound.channels.stopped import StoppedRecord
from sangfroid.outbound.channels.timed import Deadline
from sangfroid.outbound.channels.wire import Answer, Wire
from sangfroid.outbound.errors import ChannelRefused
from sangfroid.outbound.letter import Letter, Receipt

LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]]")
MENTION = re.compile(r"(?<![\w/])@(\w+)@[\w.-]+\w")
LOOK_BACK_PAGES = 3
PUT_OFF = timedelta(days=3650)
SOONEST = timedelta(minutes=6)
"""Mastodon takes no date that is less than five minutes away."""


class MastodonSettings(Settings):
    """`instance`; `max_characters` and `link_characters` only where they must not be asked from the instance."""

    instance: BaseUrl
    visibility: Literal["public", "unlisted", "private"] = "public"
    max_characters: int | None = Field(default=None, ge=50)
    link_characters: int = Field(default=23, ge=1)
    max_posts: int = Field(default=10, ge=1, le=25)


class MastodonSecret(Secret):
    """A token with the scopes `read` and `write:statuses`."""

    access_token: Token


class Mastodon(HttpChannel[MastodonSettings, MastodonSecret]):
    """A status or a thread a letter. The receipt's id names every status of the thread, in order, with commas."""

    platform = "Mastodon"
    settings_model = MastodonSettings
    secret_model = MastodonSecret
    by_hand = "stop other tools that post to the account"

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._limits: Limits | None = None
        if self.settings.max_characters is not None:
            self._limits = self._limits_of(self.settings.max_characters, self.settings.link_characters)

    def limits(self) -> Limits:
        """The instance's own, asked once; raises ChannelRefused where the instance cannot be asked."""
        return self._limits or self._learn(Wire(self.platform, Deadline(self.parts.time_limit), str))

    def known_limits(self) -> Limits | None:
        """The limits where they need not be asked from the instance; they must be in the settings for a preview to count."""
        return self._limits if self.settings.max_characters is not None else None

    def publish(self, letter: Letter) -> Receipt:
        """Post what is not there yet, each status as an answer to the one before."""
        line = self.line()
        self._learn(line.wire)
        posts = self.posts(letter)
        # The key of a lone status is enough; a thread that broke off longer than an hour ago needs the look.
        there = self._there(line, posts) if len(posts) > 1 else []
        for place, text in enumerate(posts[len(there) :], len(there)):
            status: dict[str, Any] = {
                "status": text,
                "visibility": self.settings.visibility,
                "language": letter.language,
            }
            if there:
                status["in_reply_to_id"] = there[-1]["id"]
            headers = {"idempotency-key": name_of(letter, place)}
            there.append(self._ask(line, "POST", "/api/v1/statuses", json=status, headers=headers).document())
        return _receipt(there)

    def find(self, letter: Letter) -> Receipt | None:
        """The statuses of the account that say this text, where all of the thread are there."""
        line = self.line()
        self._learn(line.wire)
        posts = self.posts(letter)
        there = self._there(line, posts)
        return _receipt(there) if len(there) == len(posts) else None

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """The statuses as the instance has them."""
        found: list[dict[str, Any]] = []
        with reading_back(self.platform):
            line = self.line()
            self._learn(line.wire)
            for status_id in receipt.external_id.split(","):
                answer = self._ask(line, "GET", f"/api/v1/statuses/{status_id}", ok=(404,))
                if answer.status == 404:
                    raise missing(self.platform)
                found.append(answer.document())
        posts = self.posts(letter)
        if len(found) != len(posts) or not all(map(_says, found, posts)):
            raise altered(self.platform)
        return _receipt(found)

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """Delete the statuses, the last of a thread first."""
        line = self.line()
        for status_id in reversed(receipt.external_id.split(",")):
            self._ask(line, "DELETE", f"/api/v1/statuses/{status_id}", ok=(404,))

    def suspend(self) -> Suspension:
        """Put scheduled statuses off by ten years."""
        line = self.line()
        soon = self._soon(line)
        statuses = StoppedRecord(self.parts).keep(soon)
        for status_id in soon:
            self._move(line, status_id, wall_clock.now() + PUT_OFF)
        if left := self._soon(line):
            raise ChannelRefused(f"Mastodon still has {len(left)} scheduled statuses after they were put off")
        detail = f"{len(statuses)} scheduled statuses are put off; {self.by_hand}"
        return Suspension("stopped", detail, {"statuses": statuses})

    def is_suspended(self, suspension: Suspension) -> bool:
        """Whether nothing is scheduled for the coming years."""
        return not self._soon(self.line())

    def resume(self, suspension: Suspension) -> None:
        """Give every status its own date again; one whose date has passed stays put off until somebody looks at it."""
        line = self.line()
        record = StoppedRecord(self.parts)
        known = {entry["id"] for entry in self._scheduled(line)}
        for status_id, scheduled_at in record.entries(suspension.state.get("statuses", {})).items():
            moment = datetime.fromisoformat(scheduled_at)
            if status_id in known and moment > wall_clock.now() + SOONEST:
                self._move(line, status_id, moment)
        record.drop()

    def _learn(self, wire: Wire) -> Limits:
        if self._limits is None:
            document = wire.call("GET", f"{self.settings.instance}/api/v2/instance").document()
            statuses = document.get("configuration", {}).get("statuses", {})
            most, link = statuses.get("max_characters", 500), statuses.get("characters_reserved_per_url", 23)
            self._limits = self._limits_of(int(most), int(link))
        return self._limits

    def _limits_of(self, most: int, link: int) -> Limits:
        return Limits(most, lambda text: count(text, link), "characters", self.settings.max_posts)

    def _there(self, line: Line[MastodonSecret], posts: Sequence[str]) -> list[dict[str, Any]]:
        """The statuses of the account that begin this thread, in order; as many as there are."""
        account = self._ask(line, "GET", "/api/v1/accounts/verify_credentials").document()["id"]
        statuses: list[dict[str, Any]] = []
        query = {"limit": "40", "exclude_reblogs": "true"}
        for _ in range(LOOK_BACK_PAGES):
            page = self._ask(line, "GET", f"/api/v1/accounts/{account}/statuses", params=query).items()
            statuses += page
            if len(page) < 40:
                break
            query["max_id"] = page[-1]["id"]
        there: list[dict[str, Any]] = []
        for text in posts:
            parent = there[-1]["id"] if there else None
            fitting = [one for one in statuses if one.get("in_reply_to_id") == parent and _says(one, text)]
            if not fitting:
                break
            there.append(fitting[-1])
        return there

    def _soon(self, line: Line[MastodonSecret]) -> dict[str, str]:
        """Id -> moment of every scheduled status that was not put off."""
        far = wall_clock.now() + PUT_OFF / 2
        entries = ((entry["id"], entry["scheduled_at"]) for entry in self._scheduled(line))
        return {status_id: moment for status_id, moment in entries if datetime.fromisoformat(moment) < far}

    def _scheduled(self, line: Line[MastodonSecret]) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = []
        query = {"limit": "40"}
        while True:
            page = self._ask(line, "GET", "/api/v1/scheduled_statuses", params=query).items()
            known = {entry["id"] for entry in entries}
            entries += [entry for entry in page if entry["id"] not in known]
            if len(page) < 40:
                return entries
            query["max_id"] = page[-1]["id"]

    def _move(self, line: Line[MastodonSecret], status_id: str, moment: datetime) -> None:
        wanted = {"scheduled_at": rfc3339(moment)}
        self._ask(line, "PUT", f"/api/v1/scheduled_statuses/{status_id}", json=wanted)

    def _ask(
        self,
        line: Line[MastodonSecret],
        method: str,
        route: str,
        *,
        json: Any = None,
        params: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        ok: tuple[int, ...] = (),
    ) -> Answer:
        given = {"authorization": f"Bearer {line.secret.access_token}", **(headers or {})}
        return line.wire.call(
            method, f"{self.settings.instance}{route}", json=json, params=params, headers=given, ok=ok
        )


def count(text: str, link: int = 23) -> int:
    """Characters as Mastodon counts them: every link as `link`, a mention of another server without the server."""
    return len(MENTION.sub(r"@\1", LINK.sub("x" * link, text)))


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words = ""

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in ("p", "br"):
            self.words += "\n"


def _says(status: dict[str, Any], text: str) -> bool:
    words = _Words()
    words.feed(status.get("content", ""))
    words.close()
    return same(words.words, text)


def _receipt(statuses: Sequence[dict[str, Any]]) -> Receipt:
    return Receipt(",".join(str(status["id"]) for status in statuses), statuses[0].get("url"))
