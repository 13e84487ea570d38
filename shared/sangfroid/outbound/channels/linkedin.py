"""`linkedin`: posts of an organisation (https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api).

LinkedIn has no idempotency key: the organisation's latest posts are looked through before a retry.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from pydantic import Field

from sangfroid.outbound.channels.base import Limits
from sangfroid.outbound.channels.http import HttpChannel, Line, altered, missing, reading_back, same
from sangfroid.outbound.channels.settings import BaseUrl, Secret, Settings, Token
from sangfroid.outbound.channels.wire import Answer
from sangfroid.outbound.errors import AnswerLost
from sangfroid.outbound.letter import Letter, Receipt

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

    def limits(self) -> Limits:
        """3,000 characters of commentary."""
        return Limits(3_000)

    def publish(self, letter: Letter) -> Receipt:
        """Post for the organisation; the id comes in the header `x-restli-id`."""
        (text,) = self.posts(letter)
        post = {
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
        answer = self._ask(self.line(), "POST", "/rest/posts", body=post)
        urn = answer.headers.get("x-restli-id")
        if urn is None:
            raise AnswerLost("LinkedIn took the post and did not say its id")
        return _receipt(urn)

    def find(self, letter: Letter) -> Receipt | None:
        """Look for the text among the organisation's latest hundred posts."""
        (text,) = self.posts(letter)
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
            route = f"/rest/posts/{quote(receipt.external_id, safe='')}"
            answer = self._ask(self.line(), "GET", route, ok=(404,))
            if answer.status == 404 or answer.document().get("lifecycleState") != "PUBLISHED":
                raise missing(self.platform)
        if not same(_plain(answer.document()), text):
            raise altered(self.platform)
        return receipt

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """Delete the post; LinkedIn answers the same for one that is gone."""
        route = f"/rest/posts/{quote(receipt.external_id, safe='')}"
        self._ask(self.line(), "DELETE", route, method_name="DELETE")

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
    ) -> Answer:
        headers = {
            "authorization": f"Bearer {line.secret.access_token}",
            "linkedin-version": self.settings.version,
            "x-restli-protocol-version": "2.0.0",
            **({"x-restli-method": method_name} if method_name else {}),
        }
        return line.wire.call(
            method, f"{self.settings.api}{route}", json=body, params=query, headers=headers, ok=ok
        )


def escaped(text: str) -> str:
    """Plain words in LinkedIn's little text format: its reserved characters with a backslash before them."""
    return RESERVED.sub(r"\\\1", text)


def _plain(post: dict[str, Any]) -> str:
    return ESCAPED.sub(r"\1", post.get("commentary", ""))


def _receipt(urn: str) -> Receipt:
    return Receipt(urn, f"https://www.linkedin.com/feed/update/{urn}/")
