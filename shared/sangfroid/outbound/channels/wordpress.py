"""`wordpress`: posts in the newsroom, through the REST API with an application password.

https://developer.wordpress.org/rest-api/reference/posts/ and
https://make.wordpress.org/core/2020/11/05/application-passwords-integration-guide/. Routes are asked for as `?rest_route=`,
which works whatever permalinks a site has.

WordPress has no idempotency key: the slug is made from the delivery's key, and is looked up before anything is created.
"""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Literal

from pydantic import Field

from sangfroid import wall_clock
from sangfroid.outbound.channels.base import Suspension
from sangfroid.outbound.channels.http import HttpChannel, Line, altered, missing, name_of, reading_back, same
from sangfroid.outbound.channels.settings import BaseUrl, Secret, Settings, Token
from sangfroid.outbound.channels.stopped import StoppedRecord
from sangfroid.outbound.channels.wire import Answer
from sangfroid.outbound.errors import ChannelRefused
from sangfroid.outbound.letter import Letter, Receipt

LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]]")
PAGE = 100
SOONEST = timedelta(seconds=70)
"""WordPress publishes at once what is scheduled for less than a minute from now (wp_insert_post)."""
SLUG_DIGITS = 20


class WordPressSettings(Settings):
    """`site`: address of the site; `status` of new posts; `suspends`: what is stopped in a freeze."""

    site: BaseUrl
    status: Literal["publish", "draft", "private"] = "publish"
    slug_prefix: str = Field(default="statement", pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")
    categories: dict[str, list[int]] = Field(
        default_factory=dict, description="Language -> ids of categories."
    )
    suspends: tuple[Literal["posts", "pages"], ...] = ("posts", "pages")


class WordPressSecret(Secret):
    """An application password of a user who may publish and edit others' posts."""

    username: Token
    application_password: str = Field(min_length=1)


class WordPress(HttpChannel[WordPressSettings, WordPressSecret]):
    """One post a letter."""

    platform = "WordPress"
    settings_model = WordPressSettings
    secret_model = WordPressSecret
    idempotent = True

    def publish(self, letter: Letter) -> Receipt:
        """Create the post, or bring the one that an earlier attempt made to the wanted status."""
        line = self.line()
        (text,) = self.posts(letter)
        slug = self._slug(letter)
        wanted: dict[str, Any] = {
            "slug": slug,
            "status": self.settings.status,
            "title": title(letter),
            "content": as_html(text),
        }
        if letter.language in self.settings.categories:
            wanted["categories"] = self.settings.categories[letter.language]
        before = self._by_slug(line, slug)
        if before is not None:
            return self._receipt(self._ask(line, "POST", f"/posts/{before['id']}", json=wanted).document())
        post = self._ask(line, "POST", "/posts", json=wanted).document()
        if post.get("slug") != slug:
            # WordPress gave a number to the slug: another attempt was there first, so this copy goes.
            self._ask(line, "DELETE", f"/posts/{post['id']}", query={"force": "true"})
            found = self._by_slug(line, slug)
            if found is None:
                raise ChannelRefused(f"WordPress: the slug {slug} is taken by something else")
            return self._receipt(found)
        return self._receipt(post)

    def find(self, letter: Letter) -> Receipt | None:
        """The post under the letter's slug; one in another status counts as not published yet."""
        found = self._by_slug(self.line(), self._slug(letter))
        return self._receipt(found) if found is not None and found["status"] == self.settings.status else None

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """The post as WordPress keeps it: status and content."""
        (text,) = self.posts(letter)
        with reading_back(self.platform):
            line = self.line()
            answer = self._ask(
                line, "GET", f"/posts/{receipt.external_id}", ok=(404,), query={"context": "edit"}
            )
            post = answer.document()
            if answer.status == 404 or post.get("status") != self.settings.status:
                raise missing(self.platform)
        if not same(post["content"]["raw"], as_html(text)):
            raise altered(self.platform)
        return self._receipt(post)

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """Move the post to the trash, from where an editor can bring it back."""
        self._ask(self.line(), "DELETE", f"/posts/{receipt.external_id}", ok=(404, 410))

    def suspend(self) -> Suspension:
        """Make drafts of everything that is scheduled."""
        line = self.line()
        scheduled = self._scheduled(line)
        posts = StoppedRecord(self.parts).keep(scheduled)
        for route in scheduled:
            self._ask(line, "POST", route, json={"status": "draft"})
        if left := self._scheduled(line):
            raise ChannelRefused(f"WordPress still has {len(left)} scheduled posts after they were stopped")
        return Suspension("stopped", f"{len(posts)} scheduled posts are drafts now", {"posts": posts})

    def is_suspended(self, suspension: Suspension) -> bool:
        """Whether nothing is scheduled."""
        return not self._scheduled(self.line())

    def resume(self, suspension: Suspension) -> None:
        """Schedule again, at their own dates, the posts that `suspend` made drafts.

        One whose date has passed stays a draft, because it would go out at once and nobody has looked at it again; so does
        nothing that an editor has published, deleted or scheduled in the meantime.
        """
        line = self.line()
        record = StoppedRecord(self.parts)
        for route, date_gmt in record.entries(suspension.state.get("posts", {})).items():
            status = (
                self._ask(line, "GET", route, ok=(404,), query={"context": "edit"}).document().get("status")
            )
            due = datetime.fromisoformat(date_gmt).replace(tzinfo=UTC)
            if status == "draft" and due > wall_clock.now() + SOONEST:
                wanted = {"status": "future", "date_gmt": date_gmt}
                if self._ask(line, "POST", route, json=wanted).document().get("status") != "future":
                    raise ChannelRefused(f"WordPress did not schedule {route} again")
        record.drop()

    def _slug(self, letter: Letter) -> str:
        return f"{self.settings.slug_prefix}-{letter.language}-{name_of(letter)[:SLUG_DIGITS]}".lower()

    def _by_slug(self, line: Line[WordPressSecret], slug: str) -> dict[str, Any] | None:
        statuses = "publish,future,draft,pending,private"
        found = self._ask(
            line, "GET", "/posts", query={"slug": slug, "status": statuses, "context": "edit"}
        ).items()
        return next((post for post in found if post.get("slug") == slug), None)

    def _scheduled(self, line: Line[WordPressSecret]) -> dict[str, str]:
        """Route -> date (UTC, without a zone) of everything that is scheduled."""
        found: dict[str, str] = {}
        query = {
            "status": "future",
            "per_page": str(PAGE),
            "context": "edit",
            "orderby": "id",
            "order": "asc",
        }
        for kind in self.settings.suspends:
            for number in count(1):
                page = self._ask(line, "GET", f"/{kind}", query={**query, "page": str(number)}).items()
                found |= {f"/{kind}/{post['id']}": post["date_gmt"] for post in page}
                if len(page) < PAGE:
                    break
        return found

    def _ask(
        self,
        line: Line[WordPressSecret],
        method: str,
        route: str,
        *,
        json: Any = None,
        ok: tuple[int, ...] = (),
        query: dict[str, str] | None = None,
    ) -> Answer:
        auth = (line.secret.username, line.secret.application_password)
        params = {"rest_route": f"/wp/v2{route}", **(query or {})}
        return line.wire.call(method, f"{self.settings.site}/", params=params, json=json, ok=ok, auth=auth)

    @staticmethod
    def _receipt(post: dict[str, Any]) -> Receipt:
        return Receipt(external_id=str(post["id"]), url=post.get("link"))


def title(letter: Letter) -> str:
    """The subject, or the first line of the text, cut at a word where it is longer than a headline may be."""
    line = (letter.subject or letter.text.strip().splitlines()[0]).strip()
    return line if len(line) <= 120 else line[:119].rsplit(" ", 1)[0] + "…"


def as_html(text: str) -> str:
    """Paragraphs, line ends and links of a plain text; everything else is escaped."""
    return "\n\n".join(
        "<p>" + "<br />\n".join(map(_linked, paragraph.split("\n"))) + "</p>"
        for paragraph in re.split(r"\n[ \t]*\n\s*", text.strip())
    )


def _linked(line: str) -> str:
    pieces, end = [], 0
    for found in LINK.finditer(line):
        address = html.escape(found[0])
        pieces += [html.escape(line[end : found.start()], quote=False), f'<a href="{address}">{address}</a>']
        end = found.end()
    return "".join([*pieces, html.escape(line[end:], quote=False)])
