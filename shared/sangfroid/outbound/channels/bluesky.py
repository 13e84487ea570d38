"""`bluesky`: posts of an account on its personal data server, over XRPC (https://docs.bsky.app/docs/advanced-guides/posts).

The record key is made from the delivery's key, so one letter can make one record only. A text past 300 graphemes is a
thread. Clients show what a post said first, so a correction is an answer beneath it. The session is kept: creating one is
limited to 30 in five minutes (https://docs.bsky.app/docs/advanced-guides/rate-limits).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from pydantic import Field

from sangfroid.outbound.channels.atproto import (
    DID,
    HANDLE,
    MOST_GRAPHEMES,
    POSTS,
    TID,
    count,
    embed,
    record_key,
    record_of,
    root_of,
    shows,
)
from sangfroid.outbound.channels.base import Correction, Limits, Parts, Suspension
from sangfroid.outbound.channels.http import (
    HttpChannel,
    Line,
    altered,
    gone,
    missing,
    reading_back,
    unanswerable,
)
from sangfroid.outbound.channels.settings import HIDDEN, BaseUrl, Secret, Settings, Token
from sangfroid.outbound.channels.wire import Answer, Wire
from sangfroid.outbound.errors import AnswerLost, ChannelRefused, ChannelThrottled
from sangfroid.outbound.letter import Image, Letter, Receipt

ANSWERED = re.compile(rf"/profile/({DID}|{HANDLE})/post/({TID})")
ADMIN = "com.atproto.admin"


class BlueskySettings(Settings):
    """`service`: the account's data server. `takedown`: whether a freeze takes the account down there (own server only)."""

    service: BaseUrl = "https://bsky.social"
    web: BaseUrl = "https://bsky.app"
    max_posts: int = Field(default=10, ge=1, le=25)
    takedown: bool = False


class BlueskySecret(Secret):
    """`identifier` (handle or DID) and an app password; `admin_password` of an own server, only for `takedown`."""

    identifier: Token
    app_password: str = Field(min_length=1)
    admin_password: str | None = None


@dataclass(frozen=True)
class _Post:
    """A record that stands: its reference, and that of the post which its conversation began with."""

    reference: dict[str, str]
    root: dict[str, str]
    value: dict[str, Any]


@dataclass(frozen=True)
class _Session:
    of: str
    did: str
    access: str
    refresh: str


class Bluesky(HttpChannel[BlueskySettings, BlueskySecret]):
    """A post or a thread a letter. The receipt's id names the record keys of the thread, in order, with commas."""

    platform = "Bluesky"
    settings_model = BlueskySettings
    secret_model = BlueskySecret
    idempotent = True
    images = True
    by_hand = (
        "stop other tools that post to the account; revoking an app password does not stop a tool that holds a session, "
        "only a takedown or deactivation of the account does"
    )

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._session: _Session | None = None

    def limits(self) -> Limits:
        """300 graphemes and 3,000 bytes a post, as a thread of at most `max_posts`."""
        return Limits(MOST_GRAPHEMES, count, "graphemes", self.settings.max_posts)

    def correction(self, letter: Letter) -> Correction:
        """An answer beneath the last post of what it corrects: posts cannot be edited."""
        return "reply"

    def answers(self, url: str) -> bool:
        """Posts, by their address on the web (`web` of the settings)."""
        return self._post_at(url) is not None

    def publish(self, letter: Letter) -> Receipt:
        """Create the records that are not there yet, each under its own key."""
        line = self.line()
        posts = self.posts(letter)
        did = self._signed_in(line).did
        above = self._above(line, letter)
        root, parent = (above.root, above.reference) if above else (None, None)
        for place, text in enumerate(posts):
            rkey = record_key(letter, place)
            image = letter.image if place == 0 else None
            reference = self._reference(line.wire, did, rkey, text, image)
            if reference is None:
                record = record_of(text, letter.language, root, parent)
                if image is not None:
                    record["embed"] = embed(self._uploaded(line, image), image)
                body = {"repo": did, "collection": POSTS, "rkey": rkey, "record": record}
                made = self._ask(line, "com.atproto.repo.createRecord", body).document()
                reference = {"uri": made["uri"], "cid": made["cid"]}
            root, parent = root or reference, reference
        return self._receipt(did, letter, len(posts))

    def find(self, letter: Letter) -> Receipt | None:
        """The letter's records, where every one of them is there."""
        line = self.line()
        did = self._signed_in(line).did
        posts = self.posts(letter)
        for place, text in enumerate(posts):
            image = letter.image if place == 0 else None
            if self._reference(line.wire, did, record_key(letter, place), text, image) is None:
                return None
        return self._receipt(did, letter, len(posts))

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """The records as the data server has them."""
        with reading_back(self.platform):
            wire = self.line().wire
            did = _named(receipt)[0]
            for place, text in enumerate(self.posts(letter)):
                image = letter.image if place == 0 else None
                if self._reference(wire, did, record_key(letter, place), text, image) is None:
                    raise missing(self.platform)
        return receipt

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """Delete the records, the last of a thread first."""
        line = self.line()
        did = _named(receipt)[0]
        for rkey in reversed(_named(receipt)[1]):
            body = {"repo": did, "collection": POSTS, "rkey": rkey}
            self._ask(line, "com.atproto.repo.deleteRecord", body)

    def suspend(self) -> Suspension:
        """Take the account down on its own data server, which also stops sessions that others still hold.

        Its posts cannot be seen either while it is down, so this is done only where the settings say `takedown`.
        """
        line = self.line()
        if not self._can_take_down(line):
            return super().suspend()
        before = self.survey()
        self._switch(line, before["target"], on=True)
        if not self._taken_down(line, before["target"]):
            raise ChannelRefused("Bluesky: the account is not down after it was taken down")
        return Suspension("stopped", f"{before['target']} is taken down on its server", before)

    def survey(self) -> dict[str, Any]:
        """The account, and whether it was up before anything was stopped; empty where the desk cannot take it down."""
        line = self.line()
        if not self._can_take_down(line):
            return {}
        did = self._did(line)
        return {"target": did, "was_enabled": not self._taken_down(line, did)}

    def is_suspended(self, suspension: Suspension) -> bool:
        """Whether the server says that the account is down."""
        return self._taken_down(self.line(), suspension.state["target"])

    def resume(self, suspension: Suspension) -> None:
        """Bring the account back, where it was not down before."""
        if suspension.state.get("was_enabled"):
            line = self.line()
            self._switch(line, suspension.state["target"], on=False)
            if self._taken_down(line, suspension.state["target"]):
                raise ChannelRefused("Bluesky: the account is still taken down")
            self._session = None

    def _can_take_down(self, line: Line[BlueskySecret]) -> bool:
        return self.settings.takedown and line.secret.admin_password is not None

    def _above(self, line: Line[BlueskySecret], letter: Letter) -> _Post | None:
        """The post beneath which the letter stands."""
        if letter.corrects is not None:
            did, rkeys = _named(letter.corrects)
            found = self._post(line.wire, did, rkeys[-1])
            if found is None:
                raise gone(self.platform)
            return found
        if letter.answers is None:
            return None
        named = self._post_at(letter.answers)
        if named is None:
            raise unanswerable(self.platform)
        author, rkey = named
        did = author if author.startswith("did:") else self._resolved(line, author)
        found = self._post(line.wire, did, rkey)
        if found is None:
            raise gone(self.platform, "the post that the text answers")
        return found

    def _post_at(self, url: str) -> tuple[str, str] | None:
        web = self.settings.web
        found = ANSWERED.fullmatch(url[len(web) :]) if url.startswith(web) else None
        return (found[1], found[2]) if found else None

    def _post(self, wire: Wire, did: str, rkey: str) -> _Post | None:
        query = {"repo": did, "collection": POSTS, "rkey": rkey}
        answer = wire.call("GET", self._method("com.atproto.repo.getRecord"), params=query, ok=(400, 404))
        if answer.status != 200:
            if answer.document().get("error") in ("RecordNotFound", "InvalidRequest") or answer.status == 404:
                return None
            raise wire.fault(answer, looking=True)
        found = answer.document()
        reference = {"uri": str(found["uri"]), "cid": str(found["cid"])}
        return _Post(reference, root_of(found["value"]) or reference, found["value"])

    def _reference(
        self, wire: Wire, did: str, rkey: str, text: str, image: Image | None
    ) -> dict[str, str] | None:
        found = self._post(wire, did, rkey)
        if found is None:
            return None
        if found.value.get("text") != text or (image is not None and not shows(found.value, image)):
            raise altered(self.platform)
        return found.reference

    def _uploaded(self, line: Line[BlueskySecret], image: Image) -> dict[str, Any]:
        """The picture as a blob: named by its bytes, and removed by the server where no record names it."""
        answer = self._ask(line, "com.atproto.repo.uploadBlob", content=image.data, kind=image.media_type)
        blob: dict[str, Any] = answer.document()["blob"]
        return blob

    def _signed_in(self, line: Line[BlueskySecret]) -> _Session:
        secret = line.secret
        of = sha256(f"{secret.identifier}\n{secret.app_password}".encode()).hexdigest()
        session = self._session  # another thread may replace it at any time
        if session is None or session.of != of:
            body = {"identifier": secret.identifier, "password": secret.app_password}
            method = self._method("com.atproto.server.createSession")
            session = _session(of, line.wire.call("POST", method, json=body, looking=True).document())
            self._session = session
        return session

    def _ask(
        self,
        line: Line[BlueskySecret],
        method: str,
        body: dict[str, Any] | None = None,
        *,
        content: bytes | None = None,
        kind: str = "application/json",
    ) -> Answer:
        """A call in the account's session, which is refreshed once where it has expired."""
        session = self._signed_in(line)
        wire = Wire(self.platform, line.wire.deadline, _scrubber(line.secret, session))
        looking = content is not None  # bytes alone are seen by nobody

        def call(access: str) -> Answer:
            headers = {**_bearer(access), "content-type": kind}
            return wire.call(
                "POST",
                self._method(method),
                json=body,
                content=content,
                headers=headers,
                ok=(400, 401),
                looking=looking,
            )

        answer = call(session.access)
        if answer.document().get("error") in (
            "ExpiredToken",
            "InvalidToken",
            "AuthMissing",
            "AuthenticationRequired",
        ):
            answer = call(self._refreshed(line, session).access)
        if answer.status == 200:
            return answer
        if answer.document().get("error") in ("AccountTakedown", "AccountDeactivated"):
            raise ChannelRefused("Bluesky: the account is taken down or deactivated")
        raise wire.fault(answer, looking)

    def _refreshed(self, line: Line[BlueskySecret], session: _Session) -> _Session:
        self._session = None
        try:
            method = self._method("com.atproto.server.refreshSession")
            headers = _bearer(session.refresh)
            self._session = _session(
                session.of, line.wire.call("POST", method, headers=headers, looking=True).document()
            )
        except ChannelThrottled:
            raise
        except (ChannelRefused, AnswerLost):
            pass  # the refresh token has run out as well: sign in again
        return self._signed_in(line)

    def _did(self, line: Line[BlueskySecret]) -> str:
        identifier = line.secret.identifier
        return identifier if identifier.startswith("did:") else self._resolved(line, identifier)

    def _resolved(self, line: Line[BlueskySecret], handle: str) -> str:
        query = {"handle": handle}
        answer = line.wire.call("GET", self._method("com.atproto.identity.resolveHandle"), params=query)
        return str(answer.document()["did"])

    def _switch(self, line: Line[BlueskySecret], did: str, *, on: bool) -> None:
        subject = {"$type": f"{ADMIN}.defs#repoRef", "did": did}
        body = {
            "subject": subject,
            "takedown": {"applied": on, **({"ref": "communication-freeze"} if on else {})},
        }
        auth = ("admin", line.secret.admin_password or "")
        line.wire.call("POST", self._method(f"{ADMIN}.updateSubjectStatus"), json=body, auth=auth)

    def _taken_down(self, line: Line[BlueskySecret], did: str) -> bool:
        auth = ("admin", line.secret.admin_password or "")
        method = self._method(f"{ADMIN}.getSubjectStatus")
        status = line.wire.call("GET", method, params={"did": did}, auth=auth).document()
        return bool(status.get("takedown", {}).get("applied"))

    def _method(self, name: str) -> str:
        return f"{self.settings.service}/xrpc/{name}"

    def _receipt(self, did: str, letter: Letter, posts: int) -> Receipt:
        rkeys = [record_key(letter, place) for place in range(posts)]
        url = f"{self.settings.web}/profile/{did}/post/{rkeys[0]}"
        return Receipt(f"at://{did}/{POSTS}/{','.join(rkeys)}", url)


def _named(receipt: Receipt) -> tuple[str, list[str]]:
    """The account and the record keys of a receipt."""
    did, _, rest = receipt.external_id.removeprefix("at://").partition("/")
    return did, rest.rpartition("/")[2].split(",")


def _session(of: str, answer: dict[str, Any]) -> _Session:
    return _Session(of, answer["did"], answer["accessJwt"], answer["refreshJwt"])


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def _scrubber(secret: BlueskySecret, session: _Session) -> Callable[[str], str]:
    return lambda text: secret.scrub(text).replace(session.access, HIDDEN).replace(session.refresh, HIDDEN)
