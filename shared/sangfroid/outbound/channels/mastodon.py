"""`mastodon`: statuses of an account on a Mastodon instance (https://docs.joinmastodon.org/methods/statuses/).

`Idempotency-Key` is honoured for an hour, so a look at the account's statuses comes before a retry. A text past the
instance's limit (/api/v2/instance) is a thread. Scheduled statuses are put off during a freeze. An edit is
made where a status does not say the words yet; a picture is uploaded before the status that shows it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import regex
from pydantic import Field

from sangfroid import wall_clock
from sangfroid.model import rfc3339
from sangfroid.outbound.channels import twitter_text
from sangfroid.outbound.channels.base import Correction, Limits, Parts, Suspension
from sangfroid.outbound.channels.http import (
    HttpChannel,
    Line,
    altered,
    gone,
    missing,
    name_of,
    reading_back,
    same,
    unanswerable,
)
from sangfroid.outbound.channels.hypertext import read
from sangfroid.outbound.channels.pictures import file_name, wait_until
from sangfroid.outbound.channels.settings import BaseUrl, Secret, Settings, Token
from sangfroid.outbound.channels.stopped import StoppedRecord
from sangfroid.outbound.channels.timed import Deadline
from sangfroid.outbound.channels.wire import Answer, File, Wire
from sangfroid.outbound.errors import ChannelRefused
from sangfroid.outbound.letter import Image, Letter, Receipt
from sangfroid.outbound.rendering import render
from sangfroid.text import graphemes

MENTION = regex.compile(
    r"(?<![=/\w])(?P<name>@[a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)(?:(?P<server>@\w+(?:[.-]+\w+)*))?(?![@\u00C0-\u024F]|://)",
    regex.IGNORECASE,
)
"""Who is called: a status shows the name without its server (app/models/account.rb, app/lib/extractor.rb)."""
ELSEWHERE = re.compile(
    r"https://[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::\d{1,5})?/(?:@\w{1,64}|users/\w{1,64}/statuses)/\d{1,20}",
    re.ASCII | re.IGNORECASE,
)
HERE = re.compile(r"/(?:@\w{1,64}(?:@[\w.-]{1,253})?|users/\w{1,64}/statuses)/(\d{1,20})", re.ASCII)
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
    """A token with the scopes `read` and `write:statuses`; `write:media` for images."""

    access_token: Token


class Mastodon(HttpChannel[MastodonSettings, MastodonSecret]):
    """A status or a thread a letter. The receipt's id names every status of the thread, in order, with commas."""

    platform = "Mastodon"
    settings_model = MastodonSettings
    secret_model = MastodonSecret
    images = True
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

    def correction(self, letter: Letter) -> Correction:
        """In the place of what it corrects, where it makes as many statuses; else as an answer beneath the last of them.

        Where the instance was not asked for its limits yet, it is judged by Mastodon's own.
        """
        if letter.corrects is None:
            return "anew"
        limits = self._limits or self._limits_of(500, self.settings.link_characters)
        rendering = render(letter.text, letter.language, self.parts.settings, limits)
        return "edit" if len(rendering.parts) == len(_ids(letter.corrects)) else "reply"

    def answers(self, url: str) -> bool:
        """Statuses by their addresses, on this instance or any other."""
        return self._id_here(url) is not None or ELSEWHERE.fullmatch(url) is not None

    def publish(self, letter: Letter) -> Receipt:
        """Post what is not there yet, each status as an answer to the one before; or edit what does not say the words yet."""
        line = self.line()
        self._learn(line.wire)
        posts = self.posts(letter)
        if letter.corrects is not None and self.correction(letter) == "edit":
            return self._edit(line, letter, letter.corrects, posts)
        above = self._above(line, letter)
        # The key of a lone status is enough; a thread that broke off longer than an hour ago needs the look.
        there = self._there(line, posts, above) if len(posts) > 1 else []
        for place, text in enumerate(posts[len(there) :], len(there)):
            status: dict[str, Any] = {
                "status": text,
                "visibility": self.settings.visibility,
                "language": letter.language,
            }
            parent = there[-1]["id"] if there else above
            if parent is not None:
                status["in_reply_to_id"] = parent
            if place == 0 and letter.image is not None:
                status["media_ids"] = [self._uploaded(line, letter, letter.image)]
            headers = {"idempotency-key": name_of(letter, place)}
            there.append(self._ask(line, "POST", "/api/v1/statuses", json=status, headers=headers).document())
        return _receipt(there)

    def find(self, letter: Letter) -> Receipt | None:
        """The statuses of the account that say this text, where all of the thread are there."""
        line = self.line()
        self._learn(line.wire)
        if letter.corrects is not None and self.correction(letter) == "edit":
            return self.edited(letter)
        posts = self.posts(letter)
        there = self._there(line, posts, self._above(line, letter))
        return _receipt(there) if len(there) == len(posts) else None

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """The statuses as the instance has them, the first with the image."""
        found: list[dict[str, Any]] = []
        with reading_back(self.platform):
            line = self.line()
            self._learn(line.wire)
            for status_id in _ids(receipt):
                status = self._status(line, status_id)
                if status is None:
                    raise missing(self.platform)
                found.append(status)
        posts = self.posts(letter)
        if len(found) != len(posts) or not all(map(_says, found, posts)):
            raise altered(self.platform)
        if letter.image is not None and not _shows(found[0], letter.image):
            raise altered(self.platform)
        return _receipt(found)

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """Delete the statuses, the last of a thread first."""
        line = self.line()
        for status_id in reversed(_ids(receipt)):
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
        return Limits(most, lambda text: count(text, link), "characters", self.settings.max_posts, remarks)

    def _edit(
        self, line: Line[MastodonSecret], letter: Letter, corrects: Receipt, posts: Sequence[str]
    ) -> Receipt:
        standing = [self._status(line, status_id) for status_id in _ids(corrects)]
        found = [status for status in standing if status is not None]
        if len(found) < len(standing):
            raise gone(self.platform)
        for place, (status, text) in enumerate(zip(found, posts, strict=True)):
            image = letter.image if place == 0 else None
            if _says(status, text) and (image is None or _shows(status, image)):
                continue  # done by an earlier attempt; every edit is told to those who shared the status
            # Mastodon takes away every picture that an edit does not name.
            media = [attached["id"] for attached in status.get("media_attachments", [])]
            if image is not None:
                media = [self._uploaded(line, letter, image)]
            wanted = {"status": text, "language": letter.language, "media_ids": media}
            self._ask(line, "PUT", f"/api/v1/statuses/{status['id']}", json=wanted)
        return _receipt(found)

    def _above(self, line: Line[MastodonSecret], letter: Letter) -> str | None:
        """Id of the status beneath which the letter stands."""
        if letter.corrects is not None:
            status_id = _ids(letter.corrects)[-1]
            if self._status(line, status_id) is None:
                raise gone(self.platform)
            return status_id
        if letter.answers is None:
            return None
        here = self._id_here(letter.answers)
        if here is not None:
            if self._status(line, here) is None:
                raise gone(self.platform, "the status that the text answers")
            return here
        if ELSEWHERE.fullmatch(letter.answers) is None:
            raise unanswerable(self.platform)
        query = {"q": letter.answers, "type": "statuses", "resolve": "true", "limit": "5"}
        found = self._ask(line, "GET", "/api/v2/search", params=query).document()["statuses"]
        for status in found:
            # A search also gives statuses that merely speak of the address.
            if letter.answers in (status.get("url"), status.get("uri")):
                return str(status["id"])
        # The instance fetches the status from another one, which may be down for a while.
        raise ChannelRefused("Mastodon cannot find the status that the text answers")

    def _id_here(self, url: str) -> str | None:
        instance = self.settings.instance
        found = HERE.fullmatch(url[len(instance) :]) if url.startswith(instance) else None
        return found[1] if found else None

    def _status(self, line: Line[MastodonSecret], status_id: str) -> dict[str, Any] | None:
        answer = self._ask(line, "GET", f"/api/v1/statuses/{status_id}", ok=(404,))
        return answer.document() if answer.status != 404 else None

    def _uploaded(self, line: Line[MastodonSecret], letter: Letter, image: Image) -> str:
        """Id of the picture. One that no status names is seen by nobody, and removed by the instance after a day."""
        files = {"file": (file_name(image, name_of(letter)[:20]), image.data, image.media_type)}
        form = {"description": image.alt}
        answer = self._ask(line, "POST", "/api/v2/media", files=files, form=form)
        media_id = str(answer.document()["id"])

        def processed() -> bool:
            return self._ask(line, "GET", f"/api/v1/media/{media_id}").status == 200

        if answer.status == 202:
            wait_until(processed, line.wire.deadline, self.platform)
        return media_id

    def _there(
        self, line: Line[MastodonSecret], posts: Sequence[str], above: str | None
    ) -> list[dict[str, Any]]:
        """The statuses of the account that begin this thread beneath `above`, in order; as many as there are."""
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
            parent = there[-1]["id"] if there else above
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
        form: Mapping[str, str] | None = None,
        files: Mapping[str, File] | None = None,
        ok: tuple[int, ...] = (),
    ) -> Answer:
        given = {"authorization": f"Bearer {line.secret.access_token}", **(headers or {})}
        url = f"{self.settings.instance}{route}"
        looking = True if files else None
        return line.wire.call(
            method,
            url,
            json=json,
            params=params,
            form=form,
            files=files,
            headers=given,
            ok=ok,
            looking=looking,
        )


def count(text: str, link: int = 23) -> int:
    """Characters as Mastodon counts them: graphemes, every link as `link`, a mention without its server.

    https://github.com/mastodon/mastodon, app/validators/status_length_validator.rb
    """
    pieces, place = [], 0
    for found in twitter_text.links(twitter_text.MASTODON, text):
        length = link if found.certain else max(link, found.end - found.start)
        pieces += [_called(text[place : found.start]), "x" * length]
        place = found.end
    return graphemes.counted("".join([*pieces, _called(text[place:])]))


def _called(text: str) -> str:
    return MENTION.sub(lambda found: found["name"], text)


def remarks(text: str) -> list[str]:
    """What readers see otherwise than it is written."""
    names = dict.fromkeys(found[0] for found in MENTION.finditer(text))
    return [
        f"{name} is told of it"
        + (f", and is shown as {name.rpartition('@')[0]}" if name.count("@") > 1 else "")
        for name in names
    ]


def _says(status: dict[str, Any], text: str) -> bool:
    """Whether the status shows the text. A server behind a name is shown only where the instance does not know who that is."""
    return same(_called(read(status.get("content", ""))), _called(text))


def _shows(status: dict[str, Any], image: Image) -> bool:
    """Whether the status shows one picture with this alternative text; instances compress pictures, so bytes say nothing."""
    attached = status.get("media_attachments", [])
    return len(attached) == 1 and same(attached[0].get("description") or "", image.alt)


def _ids(receipt: Receipt) -> list[str]:
    return receipt.external_id.split(",")


def _receipt(statuses: Sequence[dict[str, Any]]) -> Receipt:
    return Receipt(",".join(str(status["id"]) for status in statuses), statuses[0].get("url"))
