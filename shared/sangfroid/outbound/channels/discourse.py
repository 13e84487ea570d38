"""`discourse`: topics and answers on a community forum that runs Discourse (https://docs.discourse.org).

A topic carries an `external_id` made from the delivery's key. Discourse keeps it unique and finds a topic by it, so a second
attempt makes no second topic. Answers have no such id: the answers to the same post are looked through for the text.

A post is Markdown, and more: names, emoji by name, smileys, typography, the title of a page in the place of its address. The
words are written so that readers see them as they were approved, and what is read back is also what Discourse made of them.
Pictures of emoji in the place of the characters are all that it changes.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic import Field

from sangfroid.outbound.channels.base import Correction, Limits
from sangfroid.outbound.channels.discourse_markdown import (
    apart,
    as_markdown,
    described,
    of_picture,
    without_emoji,
)
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
from sangfroid.outbound.channels.hypertext import read, within
from sangfroid.outbound.channels.pictures import file_name
from sangfroid.outbound.channels.settings import BaseUrl, Secret, Settings, Token
from sangfroid.outbound.channels.wire import LONGEST_WAIT, Answer, File
from sangfroid.outbound.errors import CannotLook, ChannelFault, ChannelRefused, ChannelThrottled
from sangfroid.outbound.letter import Letter, Receipt

EXTERNAL_ID = 50
"""The longest that Discourse takes, of letters, digits, `_` and `-`."""

EDITED = {"fr": "Rectification", "en": "Correction"}
"""What readers are told of an edit, by language."""

LONGEST_TITLE = 255
CUT_TITLE = 120
GONE = (404, 410)
PAGE, PAGES = 20, 50
"""Answers that one call names, and how many calls are made at most."""

MESSAGE = re.compile(r"/t/(?:[^/?#\s]*[^/?#\s0-9][^/?#\s]*/)?([0-9]{1,18})(?:/([0-9]{1,9}))?(?:\?u=[\w.-]+)?")
"""Path of a post: topic and number; a topic alone is its first post. `u` stands in addresses that people share."""

TOPIC = re.compile(r"/t/(?:[^/?#]+/)?([0-9]{1,18})(?:/[0-9]+)?(?:\.json)?")


class DiscourseSettings(Settings):
    """`forum`: its address as in links. `categories`: language -> number. The lengths are the forum's own site settings."""

    forum: BaseUrl
    api: BaseUrl | None = Field(default=None, description="Where its interface stands, if not at `forum`.")
    categories: dict[str, int] = Field(default_factory=dict)
    min_characters: int = Field(default=20, ge=1)
    max_characters: int = Field(default=32_000, ge=100)
    min_title: int = Field(default=15, ge=1, le=CUT_TITLE)


class DiscourseSecret(Secret):
    """A key for one user, who may write topics and posts without approval, edit and delete them, and upload files."""

    api_key: Token
    api_username: Token


class Discourse(HttpChannel[DiscourseSettings, DiscourseSecret]):
    """One topic a letter, or one post where it answers one. The receipt's id is that of the post."""

    platform = "Discourse"
    settings_model = DiscourseSettings
    secret_model = DiscourseSecret
    by_hand = (
        "stop scheduled topics, topic timers, automations, and other integrations that post to the forum; "
        "its read-only mode has no documented interface"
    )
    images = True

    def limits(self) -> Limits:
        """32,000 characters of Markdown, or what the forum allows."""
        return Limits(self.settings.max_characters, lambda text: len(as_markdown(text)))

    def correction(self, letter: Letter) -> Correction:
        """In the place of what it corrects; Discourse shows that and when a post was edited."""
        return "edit"

    def answers(self, url: str) -> bool:
        """Posts of the forum itself."""
        return self._place(url) is not None

    def publish(self, letter: Letter) -> Receipt:
        """Open a topic, answer a post, or edit the post that is corrected."""
        raw = self._raw(letter)
        answered = self._answered_place(letter)
        line = self.line()
        if letter.corrects is not None:
            return self._edit(line, letter, letter.corrects, raw)
        if answered is not None:
            if self._post_at(line, answered) is None:
                raise gone(self.platform, "the post that the text answers")
            body: dict[str, Any] = {"topic_id": answered[0], "reply_to_post_number": answered[1]}
            return self._created(line, self._write(line, {**body, "raw": self._pictured(line, letter, raw)}))
        body = {"title": self._title(letter), "external_id": _external_id(letter)}
        if letter.language in self.settings.categories:
            body["category"] = self.settings.categories[letter.language]
        answer = self._write(line, {**body, "raw": self._pictured(line, letter, raw)})
        if answer.status == 422:
            # The id is taken where an attempt whose answer was lost has opened the topic.
            before = self._topic(line, letter)
            if before is not None:
                return before
        return self._created(line, answer)

    def find(self, letter: Letter) -> Receipt | None:
        """The topic under the letter's id, or the account's answer with these words."""
        if letter.corrects is not None:
            return self.edited(letter)
        answered = self._answered_place(letter)
        line = self.line()
        return self._topic(line, letter) if answered is None else self._answer(line, letter, answered)

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """The post's Markdown as Discourse keeps it, what it made of that, and the description of its picture."""
        raw = self._raw(letter)
        with reading_back(self.platform):
            post = self._standing(self.line(), receipt.external_id)
            if post is None:
                raise missing(self.platform)
        words, picture = apart(post["raw"])
        (text,) = self.posts(letter)
        right = same(words, raw) and within(without_emoji(text), without_emoji(_cooked(post)))
        if letter.image is not None:
            right = right and picture is not None and picture["alt"] == described(letter.image)
        elif letter.corrects is None:
            right = right and picture is None  # an edit keeps the picture that stands there
        if not right:
            raise altered(self.platform)
        return self._receipt(post)

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """Delete the topic with all its answers, or the one answer; moderators can bring both back."""
        line = self.line()
        # Also one that readers' flags have hidden: a moderator can show it again.
        answer = self._ask(line, "GET", f"/posts/{receipt.external_id}", ok=GONE)
        post = answer.document()
        if answer.status in GONE or post.get("deleted_at"):
            return
        route = f"/t/{post['topic_id']}" if post["post_number"] == 1 else f"/posts/{post['id']}"
        self._ask(line, "DELETE", route, ok=GONE)

    def _raw(self, letter: Letter) -> str:
        """The words as Markdown; raises ChannelRefused where the forum would not take them."""
        (text,) = self.posts(letter)
        raw = as_markdown(text)
        if len(raw) < self.settings.min_characters:
            least = self.settings.min_characters
            raise ChannelRefused(f"{self.platform}: at least {least} characters are needed", permanent=True)
        return raw

    def _pictured(self, line: Line[DiscourseSecret], letter: Letter, raw: str) -> str:
        """The Markdown with the letter's picture beneath it; a picture that was uploaded before is taken again by Discourse."""
        image = letter.image
        if image is None:
            return raw
        description = described(image)
        files: dict[str, File] = {"file": (file_name(image, "image"), image.data, image.media_type)}
        form = {"upload_type": "composer", "synchronous": "true"}
        # A picture that no post shows yet is no publication.
        upload = self._ask(line, "POST", "/uploads", files=files, form=form, looking=True).document()
        size = f"{upload['width']}x{upload['height']}"
        return f"{raw}\n\n![{description}|{size}]({upload['short_url']})"

    def _edit(self, line: Line[DiscourseSecret], letter: Letter, corrects: Receipt, raw: str) -> Receipt:
        before = self._standing(line, corrects.external_id)
        if before is None:
            raise gone(self.platform)  # an edit by staff reaches deleted posts too, and nobody would see it
        kept = apart(before["raw"])[1]
        if letter.image is not None:
            raw = self._pictured(line, letter, raw)
        elif kept is not None:
            raw = f"{raw}\n\n{kept[0].strip()}"
        body: dict[str, Any] = {
            "post": {"raw": raw, "edit_reason": EDITED.get(letter.language, EDITED["en"])}
        }
        if before["post_number"] == 1:
            body["title"] = self._title(letter)  # the old one may say what was wrong
        answer = self._ask(line, "PUT", f"/posts/{before['id']}", body=body, ok=(404,))
        if answer.status == 404:
            raise gone(self.platform)
        return self._receipt(answer.document()["post"])

    def _write(self, line: Line[DiscourseSecret], body: dict[str, Any]) -> Answer:
        return self._ask(line, "POST", "/posts", body=body, ok=(422,))

    def _created(self, line: Line[DiscourseSecret], answer: Answer) -> Receipt:
        document = answer.document()
        if answer.status == 422:
            raise self._refusal(line, answer)
        if document.get("action") == "enqueued":
            raise ChannelRefused(
                "Discourse keeps the post until a moderator of the forum approves it: let it be approved there",
                permanent=True,
            )
        return self._receipt(document)

    def _topic(self, line: Line[DiscourseSecret], letter: Letter) -> Receipt | None:
        route = f"/t/external_id/{_external_id(letter)}"
        answer = self._ask(line, "GET", route, ok=(301, 302, *GONE))
        if answer.status in GONE:
            return None
        found = TOPIC.search(answer.headers.get("location", ""))
        if found is None:
            raise ChannelRefused("Discourse does not say where the topic stands")
        topic = self._ask(line, "GET", f"/t/{found[1]}", ok=GONE)
        if topic.status in GONE:
            return None
        first = next(
            (one for one in topic.document()["post_stream"]["posts"] if one["post_number"] == 1), None
        )
        return self._receipt(first) if first is not None else None

    def _answer(self, line: Line[DiscourseSecret], letter: Letter, place: tuple[int, int]) -> Receipt | None:
        """The account's own answer to a post with the letter's words."""
        answered, raw, after = self._post_at(line, place), self._raw(letter), 1
        if answered is None:
            return None
        for _ in range(PAGES):
            query = {"after": str(after)}
            replies = self._ask(line, "GET", f"/posts/{answered['id']}/replies", query=query).items()
            for reply in replies:
                if str(reply["username"]).casefold() == line.secret.api_username.casefold():
                    post = self._standing(line, str(reply["id"]))
                    if post is not None and same(apart(post["raw"])[0], raw):
                        return self._receipt(post)
            if len(replies) < PAGE:
                return None
            after = max(int(reply["post_number"]) for reply in replies)
        raise CannotLook("the post has more answers than can be looked through")

    def _post_at(self, line: Line[DiscourseSecret], place: tuple[int, int]) -> dict[str, Any] | None:
        answer = self._ask(line, "GET", f"/posts/by_number/{place[0]}/{place[1]}", ok=GONE)
        return _if_standing(answer)

    def _standing(self, line: Line[DiscourseSecret], post_id: str) -> dict[str, Any] | None:
        return _if_standing(self._ask(line, "GET", f"/posts/{post_id}", ok=GONE))

    def _answered_place(self, letter: Letter) -> tuple[int, int] | None:
        if letter.answers is None or letter.corrects is not None:
            return None
        place = self._place(letter.answers)
        if place is None:
            raise unanswerable(self.platform)
        return place

    def _place(self, url: str) -> tuple[int, int] | None:
        """Topic and number of the post at an address of the forum."""
        if not url.startswith(f"{self.settings.forum}/"):
            return None
        found = MESSAGE.fullmatch(url[len(self.settings.forum) :])
        return (int(found[1]), int(found[2] or 1)) if found else None

    def _title(self, letter: Letter) -> str:
        """The subject, or the first line of the text; with what follows where it is too short for a title."""
        flat = " ".join(letter.text.split())
        title = " ".join((letter.subject or letter.text.strip().splitlines()[0]).split())
        if len(title) < self.settings.min_title:
            title = f"{title} – {flat}" if letter.subject else flat
        elif letter.subject and len(title) <= LONGEST_TITLE:
            return title
        return title if len(title) <= CUT_TITLE else title[: CUT_TITLE - 1].rsplit(" ", 1)[0] + "…"

    def _receipt(self, post: dict[str, Any]) -> Receipt:
        number = "" if post["post_number"] == 1 else f"/{post['post_number']}"
        slug = post["topic_slug"] or "-"
        return Receipt(str(post["id"]), f"{self.settings.forum}/t/{slug}/{post['topic_id']}{number}")

    def _ask(
        self,
        line: Line[DiscourseSecret],
        method: str,
        route: str,
        *,
        body: dict[str, Any] | None = None,
        query: dict[str, str] | None = None,
        form: dict[str, str] | None = None,
        files: dict[str, File] | None = None,
        ok: tuple[int, ...] = (),
        looking: bool | None = None,
    ) -> Answer:
        headers = {"api-key": line.secret.api_key, "api-username": line.secret.api_username}
        url = f"{self.settings.api or self.settings.forum}{route}.json"
        answer = line.wire.call(
            method,
            url,
            headers=headers,
            params=query,
            json=body,
            form=form,
            files=files,
            ok=(*ok, 403, 422, 429, 503),
            looking=looking,
        )
        if 200 <= answer.status < 300 or answer.status in ok:
            return answer
        raise self._refusal(line, answer, looking if looking is not None else method == "GET")

    def _refusal(self, line: Line[DiscourseSecret], answer: Answer, looking: bool = False) -> ChannelFault:
        """What Discourse says in `errors`, `error_type` and `extras`, besides the status."""
        document = answer.document()
        errors = document.get("errors")
        said = "; ".join(map(str, errors)) if isinstance(errors, list) else ""
        fault = line.wire.fault(answer, looking, said)
        extras = document.get("extras")
        wait = extras.get("wait_seconds") if isinstance(extras, dict) else None
        if isinstance(fault, ChannelThrottled) and isinstance(wait, int | float):
            return ChannelThrottled(min(max(float(wait), 1.0), LONGEST_WAIT), str(fault))
        if answer.status == 503 and document.get("error_type") == "read_only":
            return ChannelRefused("Discourse is in read-only mode")
        return fault


def _cooked(post: dict[str, Any]) -> str:
    """The words that readers see; where Discourse has put a picture for a name, the name as it is not seen."""
    return read(str(post["cooked"]), of_picture)


def _if_standing(answer: Answer) -> dict[str, Any] | None:
    """The post, where readers see it: staff is also shown deleted ones, and those that the community has hidden."""
    if answer.status in GONE:
        return None
    post = answer.document()
    hidden = post.get("deleted_at") or post.get("user_deleted") or post.get("hidden")
    return None if hidden else post


def _external_id(letter: Letter) -> str:
    return f"sangfroid-{name_of(letter)}"[:EXTERNAL_ID]
