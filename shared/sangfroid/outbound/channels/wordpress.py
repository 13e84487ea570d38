"""`wordpress`: posts in the newsroom, through the REST API with an application password.

https://developer.wordpress.org/rest-api/reference/posts/ and
https://make.wordpress.org/core/2020/11/05/application-passwords-integration-guide/. Routes are asked for as `?rest_route=`,
which works whatever permalinks a site has.

WordPress has no idempotency key: the slug is made from the delivery's key, and is looked up before anything is created.
A picture has a slug made from its bytes; a comment carries its key as the agent that wrote it.

Before a reader sees it, WordPress and its plugins rewrite a text: shortcodes in square brackets, quotes and dashes, smileys,
addresses that become players. So each sign of the words is written as a character reference, and what is read back is what
WordPress renders, not only what it keeps.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import Any, Literal

from pydantic import Field

from sangfroid import wall_clock
from sangfroid.outbound.channels.base import Correction, Suspension
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
from sangfroid.outbound.channels.hypertext import as_html, guarded, linked, read, within
from sangfroid.outbound.channels.pictures import file_name
from sangfroid.outbound.channels.settings import BaseUrl, Secret, Settings, Token
from sangfroid.outbound.channels.stopped import StoppedRecord
from sangfroid.outbound.channels.wire import Answer, File
from sangfroid.outbound.errors import ChannelRefused
from sangfroid.outbound.letter import Image, Letter, Receipt

PAGE = 100
SOONEST = timedelta(seconds=70)
"""WordPress publishes at once what is scheduled for less than a minute from now (wp_insert_post)."""
SLUG_DIGITS = 20
COMMENT = re.compile(r"/[\w.~%!$&'()*+,;=:@/?-]*#comment-([1-9]\d{0,18})", re.ASCII)
FIGURE = re.compile(r"\s*(<figure class=\"wp-block-image size-full\"><img [^<>]*/></figure>)\s*$")
OF_COMMENT = "comment-"
"""What the id of a receipt begins with where it is a comment's."""


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
    """An application password of a user who may publish and edit others' posts, and upload files for images."""

    username: Token
    application_password: str = Field(min_length=1)


class WordPress(HttpChannel[WordPressSettings, WordPressSecret]):
    """One post a letter; a comment where it answers one on the site."""

    platform = "WordPress"
    settings_model = WordPressSettings
    secret_model = WordPressSecret
    idempotent = True
    images = True

    def correction(self, letter: Letter) -> Correction:
        """In the place of what it corrects: the address stays, title and content are new."""
        return "edit"

    def answers(self, url: str) -> bool:
        """Comments on the site itself, by the address that WordPress gives them."""
        return self._comment_at(url) is not None

    def publish(self, letter: Letter) -> Receipt:
        """Create the post, or bring the one that an earlier attempt made to the wanted status; edit; or comment."""
        line = self.line()
        (text,) = self.posts(letter)
        if letter.corrects is not None:
            return self._edit(line, letter, letter.corrects, text)
        if letter.answers is not None:
            return self._answer(line, letter, letter.answers, text)
        slug = self._slug(letter)
        figure = _figure(self._uploaded(line, letter.image), letter.image) if letter.image else None
        wanted = {"slug": slug, "status": self.settings.status, **_words(letter, text, figure)}
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
        if letter.corrects is not None:
            return self.edited(letter)
        line = self.line()
        if letter.answers is not None:
            return self._own_comment(line, letter, self._answered(line, letter.answers))
        found = self._by_slug(line, self._slug(letter))
        return self._receipt(found) if found is not None and found["status"] == self.settings.status else None

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """The post as WordPress keeps and as it renders it: status, title, content and image."""
        (text,) = self.posts(letter)
        media = None
        with reading_back(self.platform):
            line = self.line()
            post = self._standing(line, receipt)
            if post is not None and letter.image is not None:
                media = self._media(line, letter.image)
            if post is None:
                raise missing(self.platform)
        content, figure = _apart(post["content"]["raw"])
        if _is_comment(receipt):
            right = same(read(content), text)
        else:
            titled = html.unescape(post["title"]["raw"])
            right = _same_html(content, as_html(text, guarded)) and same(titled, letter.headline)
            right = right and same(read(post["title"]["rendered"]), letter.headline)
        right = right and within(text, read(post["content"]["rendered"]))
        if letter.image is not None:
            right = right and media is not None and figure == _figure(media, letter.image)
        elif letter.corrects is None:
            right = right and figure is None  # an edit keeps the picture that stands there
        if not right:
            raise altered(self.platform)
        return self._receipt(post)

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """Move the post or comment to the trash, from where an editor can bring it back."""
        self._ask(self.line(), "DELETE", _route(receipt), ok=(404, 410))

    def _edit(self, line: Line[WordPressSecret], letter: Letter, corrects: Receipt, text: str) -> Receipt:
        before = self._standing(line, corrects)
        if before is None:
            raise gone(self.platform)  # neither in the trash nor as a draft may it come back by being edited
        if _is_comment(corrects):
            self._without_image(letter)
            wanted = {"content": linked(text, guarded)}
        elif letter.image is not None:
            wanted = _words(letter, text, _figure(self._uploaded(line, letter.image), letter.image))
        else:
            wanted = _words(letter, text, _apart(before["content"]["raw"])[1])
        return self._receipt(self._ask(line, "POST", _route(corrects), json=wanted).document())

    def _answer(self, line: Line[WordPressSecret], letter: Letter, url: str, text: str) -> Receipt:
        self._without_image(letter)
        answered = self._answered(line, url)
        wanted = {
            "post": answered["post"],
            "parent": answered["id"],
            "content": linked(text, guarded),
            "author_user_agent": _agent(letter),
        }
        before = self._own_comment(line, letter, answered)
        return before or self._receipt(self._ask(line, "POST", "/comments", json=wanted).document())

    def _without_image(self, letter: Letter) -> None:
        if letter.image is not None:
            raise ChannelRefused("a comment in WordPress carries no image", permanent=True)

    def _comment_at(self, url: str) -> str | None:
        if not url.startswith(self.settings.site):
            return None
        found = COMMENT.fullmatch(url[len(self.settings.site) :])
        return found[1] if found else None

    def _answered(self, line: Line[WordPressSecret], url: str) -> dict[str, Any]:
        number = self._comment_at(url)
        if number is None:
            raise unanswerable(self.platform)
        found = self._standing(line, Receipt(OF_COMMENT + number))
        if found is None:
            raise gone(self.platform, "the comment that the text answers")
        return found

    def _own_comment(
        self, line: Line[WordPressSecret], letter: Letter, answered: Mapping[str, Any]
    ) -> Receipt | None:
        query = {
            "post": str(answered["post"]), "parent": str(answered["id"]), "status": "all", "context": "edit",
            "per_page": str(PAGE), "order": "desc",
        }  # fmt: skip
        found = self._ask(line, "GET", "/comments", query=query).items()
        own = (one for one in found if one.get("author_user_agent") == _agent(letter))
        return next((self._receipt(one) for one in own if one["status"] not in ("trash", "spam")), None)

    def _standing(self, line: Line[WordPressSecret], receipt: Receipt) -> dict[str, Any] | None:
        """The post or comment, where it is there for readers."""
        answer = self._ask(line, "GET", _route(receipt), ok=(404,), query={"context": "edit"})
        status = "approved" if _is_comment(receipt) else self.settings.status
        post = answer.document()
        return post if answer.status == 200 and post.get("status") == status else None

    def _uploaded(self, line: Line[WordPressSecret], image: Image) -> dict[str, Any]:
        """The picture in the library: the one of an earlier attempt, or uploaded now."""
        before = self._media(line, image)
        if before is not None:
            return before
        slug = self._image_slug(image)
        files = {"file": (file_name(image, slug), image.data, image.media_type)}
        form = {"slug": slug, "title": " ".join(image.alt.split()), "alt_text": image.alt}
        made = self._ask(line, "POST", "/media", files=files, form=form).document()
        if made.get("slug") != slug:
            self._ask(line, "DELETE", f"/media/{made['id']}", query={"force": "true"}, looking=True)
            found = self._media(line, image)
            if found is None:
                raise ChannelRefused(f"WordPress: the slug {slug} is taken by something else")
            return found
        return made

    def _media(self, line: Line[WordPressSecret], image: Image) -> dict[str, Any] | None:
        slug = self._image_slug(image)
        found = self._ask(line, "GET", "/media", query={"slug": slug, "context": "edit"}).items()
        return next((media for media in found if media.get("slug") == slug), None)

    def _image_slug(self, image: Image) -> str:
        digest = sha256(
            f"{image.media_type}\n{len(image.alt)}\n{image.alt}".encode() + image.data
        ).hexdigest()
        return f"{self.settings.slug_prefix}-image-{digest[:SLUG_DIGITS]}"

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
        form: Mapping[str, str] | None = None,
        files: Mapping[str, File] | None = None,
        looking: bool | None = None,
    ) -> Answer:
        auth = (line.secret.username, line.secret.application_password)
        params = {"rest_route": f"/wp/v2{route}", **(query or {})}
        url = f"{self.settings.site}/"
        # A picture that no post shows yet is no publication.
        looking = True if files else looking
        return line.wire.call(
            method, url, params=params, json=json, form=form, files=files, ok=ok, auth=auth, looking=looking
        )

    @staticmethod
    def _receipt(post: dict[str, Any]) -> Receipt:
        kind = OF_COMMENT if "author_user_agent" in post else ""
        return Receipt(external_id=f"{kind}{post['id']}", url=post.get("link"))


def _is_comment(receipt: Receipt) -> bool:
    return receipt.external_id.startswith(OF_COMMENT)


def _route(receipt: Receipt) -> str:
    number = receipt.external_id.removeprefix(OF_COMMENT)
    return f"/comments/{number}" if _is_comment(receipt) else f"/posts/{number}"


def _agent(letter: Letter) -> str:
    return f"sangfroid {name_of(letter)}"


def _words(letter: Letter, text: str, figure: str | None) -> dict[str, Any]:
    """Title and content; both are words that were approved, so neither is taken for markup."""
    content = as_html(text, guarded) + (f"\n\n{figure}" if figure else "")
    return {"title": guarded(letter.headline), "content": content}


def _same_html(found: str, sent: str) -> bool:
    """The same tags and words: which references a site writes for a sign is its own affair."""
    return same(html.unescape(found), html.unescape(sent))


def _figure(media: Mapping[str, Any], image: Image) -> str:
    source, alt = html.escape(media["source_url"]), html.escape(" ".join(image.alt.split()))
    picture = f'<img src="{source}" alt="{alt}" class="wp-image-{media["id"]}" />'
    return f'<figure class="wp-block-image size-full">{picture}</figure>'


def _apart(content: str) -> tuple[str, str | None]:
    """The words of a post, and the figure at its end."""
    found = FIGURE.search(content)
    return (content[: found.start()], found[1]) if found else (content, None)
