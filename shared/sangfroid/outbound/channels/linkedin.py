"""`linkedin`: posts of an organisation (https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api).

LinkedIn has no idempotency key: the organisation's latest posts are looked through before a retry. The one thing of a post
that can be changed later is its commentary. Images go up first (…/shares/images-api) and are visible to nobody before a post.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urlsplit

from pydantic import Field

from sangfroid.outbound.channels.base import Correction, Limits
from sangfroid.outbound.channels.http import HttpChannel, Line, altered, gone, missing, reading_back, same
from sangfroid.outbound.channels.settings import BaseUrl, Secret, Settings, Token
from sangfroid.outbound.channels.wire import Answer
from sangfroid.outbound.errors import AnswerLost, ChannelRefused
from sangfroid.outbound.letter import Image, Letter, Receipt

RESERVED = re.compile(r"([\\|{}@\[\]()<>#*_~])")
ESCAPED = re.compile(r"\\(.)")


class LinkedInSettings(Settings):
    """`organization`: the page's number. `version`: YYYYMM; LinkedIn serves each version for a year only."""

    organization: str = Field(pattern=r"^[0-9]+$")
    version: str = Field(pattern=r"^20[0-9]{2}(0[1-9]|1[0-2])$")
    api: BaseUrl = "https://api.linkedin.com"


class LinkedInSecret(Secret):
    """A member's token with `w_organization_social` and `r_organization_social`."""

    access_token: Token


class LinkedIn(HttpChannel[LinkedInSettings, LinkedInSecret]):
    """One post a letter."""

    platform = "LinkedIn"
    settings_model = LinkedInSettings
    secret_model = LinkedInSecret
    by_hand = "stop scheduled posts, sponsored posts and other tools that post for the page"
    images = True

    def limits(self) -> Limits:
        """3,000 characters of commentary."""
        return Limits(3_000)

    def correction(self, letter: Letter) -> Correction:
        """The words are edited, and the picture stays; a letter with a picture of its own is a post of its own."""
        return "edit" if letter.image is None else "anew"

    def publish(self, letter: Letter) -> Receipt:
        """Post for the organisation, or edit the post that is corrected; the id comes in the header `x-restli-id`."""
        (text,) = self.posts(letter)
        line = self.line()
        if letter.corrects is not None and self.correction(letter) == "edit":
            return self._edit(line, letter.corrects, text)
        post: dict[str, Any] = {
            "author": self._author,
            "commentary": escaped(text),
            "visibility": "PUBLIC",
            "distribution": {
                "feedDistribution": "MAIN_FEED",
                "targetEntities": [],
                "thirdPartyDistributionChannels": [],
            },
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": False,
        }
        if letter.image is not None:
            media = {"id": self._upload(line, letter.image), "altText": letter.image.alt}
            post["content"] = {"media": media}
        answer = self._ask(line, "POST", "/rest/posts", body=post)
        urn = answer.headers.get("x-restli-id")
        if urn is None:
            raise AnswerLost("LinkedIn took the post and did not say its id")
        return _receipt(urn)

    def find(self, letter: Letter) -> Receipt | None:
        """Look for the text among the organisation's latest hundred posts."""
        (text,) = self.posts(letter)
        if letter.corrects is not None and self.correction(letter) == "edit":
            return self.edited(letter)
        query = {"q": "author", "author": self._author, "count": "100", "sortBy": "LAST_MODIFIED"}
        answer = self._ask(self.line(), "GET", "/rest/posts", query=query, method_name="FINDER")
        for post in answer.document().get("elements", []):
            if post.get("lifecycleState") == "PUBLISHED" and same(_plain(post), text):
                return _receipt(post["id"])
        return None

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """The post as LinkedIn has it."""
        (text,) = self.posts(letter)
        with reading_back(self.platform):
            answer = self._ask(self.line(), "GET", _route(receipt), ok=(404,))
            if answer.status == 404 or answer.document().get("lifecycleState") != "PUBLISHED":
                raise missing(self.platform)
        post = answer.document()
        if not same(_plain(post), text):
            raise altered(self.platform)
        if letter.image is not None:
            media = (post.get("content") or {}).get("media") or {}
            if not same(media.get("altText") or "", letter.image.alt):
                raise altered(self.platform)
        return receipt

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """Delete the post; LinkedIn answers the same for one that is gone."""
        self._ask(self.line(), "DELETE", _route(receipt), method_name="DELETE")

    def _edit(self, line: Line[LinkedInSecret], corrected: Receipt, text: str) -> Receipt:
        patch = {"patch": {"$set": {"commentary": escaped(text)}}}
        answer = self._ask(
            line, "POST", _route(corrected), body=patch, method_name="PARTIAL_UPDATE", ok=(404,)
        )
        if answer.status == 404:
            raise gone(self.platform)
        return corrected

    def _upload(self, line: Line[LinkedInSecret], image: Image) -> str:
        """Bring the image to LinkedIn; gives its URN."""
        owner = {"initializeUploadRequest": {"owner": self._author}}
        answer = self._ask(
            line, "POST", "/rest/images", body=owner, query={"action": "initializeUpload"}, looking=True
        )
        value = answer.document()["value"]
        url = str(value["uploadUrl"])
        if not self._is_linkedin(url):
            # The token goes along, so it goes to nobody else.
            raise ChannelRefused("LinkedIn named an address for the image that is not its own")
        headers = {"authorization": f"Bearer {line.secret.access_token}", "content-type": image.media_type}
        line.wire.call("PUT", url, content=image.data, headers=headers, looking=True)
        return str(value["image"])

    def _is_linkedin(self, url: str) -> bool:
        given, own = urlsplit(url), urlsplit(self.settings.api)
        if (given.scheme, given.netloc) == (own.scheme, own.netloc):
            return True
        return (
            given.scheme == "https"
            and re.fullmatch(r"([a-z0-9-]+\.)+linkedin\.com", given.netloc) is not None
        )

    @property
    def _author(self) -> str:
        return f"urn:li:organization:{self.settings.organization}"

    def _ask(
        self,
        line: Line[LinkedInSecret],
        method: str,
        route: str,
        *,
        body: dict[str, Any] | None = None,
        query: dict[str, str] | None = None,
        ok: tuple[int, ...] = (),
        method_name: str | None = None,
        looking: bool | None = None,
    ) -> Answer:
        headers = {
            "authorization": f"Bearer {line.secret.access_token}",
            "linkedin-version": self.settings.version,
            "x-restli-protocol-version": "2.0.0",
            **({"x-restli-method": method_name} if method_name else {}),
        }
        return line.wire.call(
            method,
            f"{self.settings.api}{route}",
            json=body,
            params=query,
            headers=headers,
            ok=ok,
            looking=looking,
        )


def escaped(text: str) -> str:
    """Plain words in LinkedIn's little text format: its reserved characters with a backslash before them."""
    return RESERVED.sub(r"\\\1", text)


def _route(receipt: Receipt) -> str:
    return f"/rest/posts/{quote(receipt.external_id, safe='')}"


def _plain(post: dict[str, Any]) -> str:
    return ESCAPED.sub(r"\1", post.get("commentary", ""))


def _receipt(urn: str) -> Receipt:
    return Receipt(urn, f"https://www.linkedin.com/feed/update/{urn}/")
