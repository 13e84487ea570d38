"""Discourse: its strict fake, and what is true of it alone."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from markdown_it import MarkdownIt

from sangfroid.outbound.channels.discourse_markdown import as_markdown
from sangfroid.outbound.errors import AnswerLost, ChannelRefused, ChannelThrottled
from sangfroid.outbound.letter import Image
from tests.adapters.kind import IMAGE, Kind, adapter, letter
from tests.adapters.strict import Call, Platform, Reply, serving

JSON = "application/json"
PUNCTUATION = re.compile(r"\\([!-/:-@\[-`{-~])")
"""What a backslash stands before in Markdown (CommonMark 0.31.2, 2.4)."""

MARKDOWN = MarkdownIt("js-default", {"html": True, "linkify": True, "typographer": True, "breaks": True})
"""The Python port of the renderer that Discourse uses, with the options of lib/pretty_text.rb."""

NAMES = re.compile(r"(?<![^\s!-/:-@\[-`{-~])([@#]\w[\w.-]*|:[\w+-]+:|[:;]-?[)(DP])(?=$|[\s!-/:-@\[-`{-~])")
"""What Discourse looks for in each run of text once Markdown is done: names, hashtags, emoji, smileys
(discourse-markdown-it/src/features: mentions, hashtag-autocomplete, emoji)."""


def cooked(raw: str) -> str:
    """What Discourse makes of Markdown, as far as it changes words."""
    tokens = MARKDOWN.parse(raw)
    for block in tokens:
        for token in block.children or []:
            if token.type == "text":
                token.content = NAMES.sub("\N{BALLOT BOX}", token.content)
            elif token.type == "link_open" and token.markup == "linkify":
                token.type, token.content = "html_inline", "Title of the page "
    return str(MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})).replace("<!-- -->", "")


TEXT = "Nous sommes désolés : la panne est la nôtre, et voici ce que nous faisons."


class FakeDiscourse(Platform):
    """Topics, posts and uploads of a forum, for a user who is no member of its staff.

    Endpoints, parameters and fields from openapi.json of discourse/discourse_api_docs (of 2026-08-20): POST /posts.json, GET,
    PUT and DELETE /posts/{id}.json, GET /posts/{id}/replies.json, GET /t/external_id/{external_id}.json, GET and DELETE
    /t/{id}.json, POST /uploads.json. What it leaves out from the source of discourse/discourse: GET /posts/by_number/…, `title`
    beside an edit and `after` of replies (posts_controller.rb), `external_id` of at most 50 of [A-Za-z0-9_-], unique whatever
    their case (topic.rb), the form of errors and of 429 (application_controller.rb). Lengths are the default site settings.
    Deleting a topic deletes its first post with it; what is deleted is not found.
    """

    prefix = "discourse"
    forum = "https://forum.nuage.example"
    key, user = "714552c6148e1617aeab526d0606184b94a80ec048fc0989", "nuage_press"
    throttled = Reply(
        429,
        {
            "errors": ["You’ve performed this action too many times, please try again later."],
            "error_type": "rate_limit",
            "extras": {"wait_seconds": 17, "time_left": "17 seconds"},
        },
        {"retry-after": "17", "discourse-rate-limit-error-code": "create_topic"},
    )
    failing = Reply(500, {"errors": ["Internal Server Error"]})
    moderated = False

    def __init__(self) -> None:
        super().__init__()
        self.topics: dict[int, dict[str, Any]] = {
            7001: {
                "title": "Une panne depuis ce matin ?",
                "slug": "une-panne-depuis-ce-matin",
                "external_id": None,
            }
        }
        self.posts: dict[str, dict[str, Any]] = {
            str(7100 + number): self._of_somebody(number) for number in range(1, 4)
        }
        """Everything that was ever posted; those of the account stand as long as they are in `published`."""

    def publishes(self, call: Call) -> bool:
        return call.path == "/posts.json" or (call.method == "PUT" and call.path.startswith("/posts/"))

    def answer(self, call: Call) -> Reply:
        if (call.headers.get("api-key"), call.headers.get("api-username")) != (self.key, self.user):
            return self._error(403, "You are not permitted to view the requested resource.", "invalid_access")
        self.rule(call.path.endswith(".json"), "a path ends with .json")
        route = call.path.removesuffix(".json")
        if call.method == "POST" and route == "/uploads":
            return self._upload(call)
        if call.method in ("POST", "PUT"):
            self.rule(call.headers["content-type"] == JSON, "the body is JSON")
        else:
            self.rule(call.body == b"", "nothing but an address")
        if call.method == "POST" and route == "/posts":
            return self._create(call.json)
        if found := re.fullmatch(r"/t/external_id/([\w-]{1,50})", route):
            return self._by_external_id(call, found[1])
        if found := re.fullmatch(r"/t/(\d+)", route):
            return self._topic(call, int(found[1]))
        if found := re.fullmatch(r"/posts/by_number/(\d+)/(\d+)", route):
            self.rule(call.method == "GET", "a post is read by its number")
            place = (int(found[1]), int(found[2]))
            ids = [id_ for id_ in self._standing() if self._place(id_) == place]
            return Reply(200, self._shown(ids[0])) if ids else self._missing()
        found = re.fullmatch(r"/posts/(\d+)(/replies)?", route)
        if found is None:
            raise AssertionError("no such endpoint")
        if found[1] not in self._standing():
            return self._missing()
        return self._replies(call, found[1]) if found[2] else self._post(call, found[1])

    # -- topics and posts

    def _create(self, body: dict[str, Any]) -> Reply:
        if "topic_id" in body:
            self.rule(set(body) == {"raw", "topic_id", "reply_to_post_number"}, "fields of an answer")
            self.rule(isinstance(body["reply_to_post_number"], int), "a number of a post")
            topic, number = body["topic_id"], body["reply_to_post_number"]
            self.rule(topic in self.topics, "a topic that is there")
            parents = [id_ for id_ in self._standing() if self._place(id_) == (topic, number)]
            self.rule(parents, "the post that is answered is there")
            if errors := self._body_errors(body["raw"]):
                return self._refused(*errors)
            return Reply(200, self._shown(self._add(topic, body["raw"], number, parents[0])))
        self.rule({"title", "raw", "external_id"} <= set(body), "a topic has title, raw, and an id of ours")
        self.rule(set(body) <= {"title", "raw", "external_id", "category"}, "fields of a topic")
        self.rule(isinstance(body.get("category", 1), int), "a category is a number")
        self.rule(re.fullmatch(r"[\w-]{1,50}", body["external_id"], re.ASCII), "form of an external_id")
        errors = [*self._title_errors(body["title"]), *self._body_errors(body["raw"])]
        taken = {topic["external_id"].lower() for topic in self._topics().values() if topic["external_id"]}
        if body["external_id"].lower() in taken:
            errors.append("External has already been taken")
        if errors:
            return self._refused(*errors)
        if self.moderated:
            return Reply(
                200, {"action": "enqueued", "success": True, "pending_count": 1, "pending_post": {"id": 5}}
            )
        number = int(self.next_id())
        slug = re.sub(r"\W+", "-", body["title"].lower(), flags=re.ASCII).strip("-")
        self.topics[number] = {"title": body["title"], "slug": slug, "external_id": body["external_id"]}
        return Reply(200, self._shown(self._add(number, body["raw"])))

    def _add(self, topic: int, raw: str, reply_to: int | None = None, parent: str | None = None) -> str:
        numbers = [post["post_number"] for post in self.posts.values() if post["topic_id"] == topic]
        post_id = self.next_id()
        self.posts[post_id] = {
            "topic_id": topic,
            "post_number": max(numbers, default=0) + 1,
            "username": self.user,
            "reply_to_post_number": reply_to,
        }
        self.published[post_id] = {} if parent is None else {"parent": parent}
        self._write(post_id, raw)
        return post_id

    def _write(self, post_id: str, raw: str) -> None:
        """Keep the Markdown, and what readers see of it."""
        words, _, picture = raw.partition("\n\n![")
        seen = html.unescape(re.sub(r"<[^>]+>", "", cooked(words))).strip()
        item = {"raw": raw, "text": re.sub(r"\n+", "\n", seen)}
        if picture:
            shown = re.fullmatch(r"((?:\\.|[^\]\\|])*)\|640x480\]\(upload://(\w{27}\.png)\)", picture)
            self.rule(shown and shown[2] in self.uploads, "a picture that was uploaded")
            item["alt"] = PUNCTUATION.sub(r"\1", shown[1]) if shown else ""
        kept = {name: value for name, value in self.published[post_id].items() if name == "parent"}
        self.published[post_id] = {**kept, **item, "seen": item["text"]}

    def _post(self, call: Call, post_id: str) -> Reply:
        if call.method == "DELETE":
            self.rule(self.posts[post_id]["post_number"] > 1, "a first post goes with its topic")
            self.rule(post_id in self.published, "only the account's own posts")
            del self.published[post_id]
            return Reply(200)
        if call.method == "GET":
            return Reply(200, self._shown(post_id))
        body = call.json
        self.rule(set(body) <= {"post", "title"}, "fields of an edit")
        self.rule(set(body["post"]) == {"raw", "edit_reason"}, "fields of an edited post")
        self.rule(post_id in self.published, "only the account's own posts")
        topic = self.topics[self.posts[post_id]["topic_id"]]
        self.rule(
            "title" not in body or self.posts[post_id]["post_number"] == 1, "a title is the first post's"
        )
        title = body.get("title", topic["title"])
        errors = [
            *(self._title_errors(title) if title != topic["title"] else []),
            *self._body_errors(body["post"]["raw"]),
        ]
        if errors:
            return self._refused(*errors)
        topic["title"] = title
        self._write(post_id, body["post"]["raw"])
        return Reply(200, {"post": {**self._shown(post_id), "edit_reason": body["post"]["edit_reason"]}})

    def _replies(self, call: Call, post_id: str) -> Reply:
        self.rule((call.method, set(call.query)) == ("GET", {"after"}), "answers are read from a number on")
        topic, number = self._place(post_id)
        found = [
            self._shown(id_, raw=False)
            for id_ in self._standing()
            if self.posts[id_]["topic_id"] == topic
            and self.posts[id_]["reply_to_post_number"] == number
            and self.posts[id_]["post_number"] > max(int(call.query["after"]), 1)
        ]
        return Reply(200, sorted(found, key=lambda post: post["post_number"])[:20])

    def _by_external_id(self, call: Call, external_id: str) -> Reply:
        self.rule(call.method == "GET", "a topic is looked up")
        for number, topic in self._topics().items():
            if topic["external_id"] == external_id:
                return Reply(301, None, {"location": f"{self.forum}/t/{topic['slug']}/{number}.json"})
        return self._missing()

    def _topic(self, call: Call, number: int) -> Reply:
        if number not in self._topics():
            return self._missing()
        if call.method == "DELETE":
            own = any(self._place(id_) == (number, 1) for id_ in self.published)
            self.rule(own, "only the account's own topics")
            for id_ in [one for one in self.published if self.posts[one]["topic_id"] == number]:
                del self.published[id_]
            return Reply(200, {})
        self.rule(call.method == "GET", "a topic is read or deleted")
        ids = [id_ for id_ in self._standing() if self.posts[id_]["topic_id"] == number]
        topic = self.topics[number]
        stream = {"posts": [self._shown(id_, raw=False) for id_ in ids], "stream": [int(id_) for id_ in ids]}
        return Reply(
            200, {"id": number, "title": topic["title"], "slug": topic["slug"], "post_stream": stream}
        )

    # -- what stands

    def _standing(self) -> list[str]:
        return [
            id_ for id_, post in self.posts.items() if id_ in self.published or post["username"] != self.user
        ]

    def _topics(self) -> dict[int, dict[str, Any]]:
        firsts = {
            self.posts[id_]["topic_id"] for id_ in self._standing() if self.posts[id_]["post_number"] == 1
        }
        return {number: topic for number, topic in self.topics.items() if number in firsts}

    def _place(self, post_id: str) -> tuple[int, int]:
        return self.posts[post_id]["topic_id"], self.posts[post_id]["post_number"]

    def _shown(self, post_id: str, *, raw: bool = True) -> dict[str, Any]:
        post = self.posts[post_id]
        shown = {"id": int(post_id), "topic_slug": self.topics[post["topic_id"]]["slug"], "hidden": False,
                 "deleted_at": None, "user_deleted": False, "cooked": "<p>…</p>", **post}  # fmt: skip
        if post_id in self.published:
            item = self.published[post_id]
            # Where a test has changed what readers see, somebody has edited the post.
            unchanged = item["text"] == item["seen"]
            shown["raw"] = item["raw"] if unchanged else item["text"]
            shown["cooked"] = cooked(shown["raw"])
        else:
            shown["raw"] = post["raw"]
        return shown if raw else {name: value for name, value in shown.items() if name != "raw"}

    def _of_somebody(self, number: int) -> dict[str, Any]:
        return {
            "topic_id": 7001, "post_number": number, "username": f"client_{number}",
            "reply_to_post_number": None, "raw": "Chez moi rien ne marche depuis huit heures.",
        }  # fmt: skip

    # -- uploads and errors

    @property
    def uploads(self) -> dict[str, bytes]:
        found: dict[str, bytes] = self.__dict__.setdefault("_uploads", {})
        return found

    def _upload(self, call: Call) -> Reply:
        parts = call.parts
        self.rule(set(parts) == {"upload_type", "synchronous", "file"}, "fields of an upload")
        self.rule(
            (parts["upload_type"].text, parts["synchronous"].text) == ("composer", "true"),
            "for a post, at once",
        )
        self.picture(parts["file"])
        name = f"{abs(hash(parts['file'].content)):x}".ljust(27, "0")[:27] + ".png"
        self.uploads[name] = parts["file"].content
        return Reply(200, {"id": 12, "url": f"/uploads/{name}", "width": 640, "height": 480, "extension": "png",
                           "thumbnail_width": 640, "thumbnail_height": 480, "short_url": f"upload://{name}"})  # fmt: skip

    def _title_errors(self, title: str) -> list[str]:
        errors = []
        if len(title) < 15:
            errors.append("Title is too short (minimum is 15 characters)")
        if len(title) > 255:
            errors.append("Title is too long (maximum is 255 characters)")
        if title.lower() in {topic["title"].lower() for topic in self._topics().values()}:
            errors.append("Title has already been used")
        return errors

    @staticmethod
    def _body_errors(raw: str) -> list[str]:
        if len(raw.strip()) < 20:
            return ["Body is too short (minimum is 20 characters)"]
        return [] if len(raw) <= 32_000 else ["Body is limited to 32000 characters; you entered more."]

    @staticmethod
    def _refused(*errors: str) -> Reply:
        return Reply(422, {"action": "create_post", "errors": list(errors)})

    @staticmethod
    def _error(status: int, said: str, kind: str) -> Reply:
        return Reply(status, {"errors": [said], "error_type": kind})

    def _missing(self) -> Reply:
        return self._error(404, "The requested URL or resource could not be found.", "not_found")


KIND = Kind(
    "discourse",
    FakeDiscourse,
    settings={"forum": FakeDiscourse.forum, "categories": {"fr": 4, "en": 5}},
    secret={"api_key": FakeDiscourse.key, "api_username": FakeDiscourse.user},
    public=("api_username",),
    words="text",
    shortest=20,
    longest=32_000,
    looks=True,
    throttled_for=17,
    corrects="edit",
    images=True,
    answered=(f"{FakeDiscourse.forum}/t/une-panne-depuis-ce-matin/7001/3", "7103"),
)


@pytest.mark.parametrize(
    "text",
    [
        "# Titre\n- un\n+ deux\n1. trois\n2) quatre\n===",
        "*gras* _oui_ `code` [a](b) ![c](d)",
        "<b>oui</b> & &amp; > ~~non~~ | a\\b",
        "Voir https://a.example/x_y_z?a=1&b=2 #42.",
        "    pas du code\nfin",
        "3.5 % de 2026 (c) ... -- \"oui\" 'non' !!!!! ,, +-",
        "Bonjour @ana et #annonces :smile: :) ;-) 8-) <3 à 7:40",
        "https://a.example/seule",
        "https://fr.wikipedia.org/wiki/%C3%89t%C3%A9_(saison)",
        "[quote=\"ana\"]\nx\n[/quote]\n[poll]\n* a\n[/poll]",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "a@b.example et www.exemple.fr",
    ],
)  # fmt: skip
def test_readers_see_the_words_and_no_markup(text: str) -> None:
    seen = html.unescape(re.sub(r"<[^>]+>", "", cooked(as_markdown(text))))
    assert seen.split() == text.split()


@pytest.mark.parametrize("text", ["*gras*", "Bonjour @ana", "https://a.example/x", "... (c)", ":smile:"])
def test_what_discourse_would_make_of_it_by_itself_is_something_else(text: str) -> None:
    """Else the test above would prove nothing."""
    assert html.unescape(re.sub(r"<[^>]+>", "", cooked(text))).strip() != text


def test_a_title_is_the_subject_or_is_made_from_the_text() -> None:
    platform = FakeDiscourse()
    with serving(platform) as base:
        channel = adapter(KIND, base)
        channel.publish(letter(f"{TEXT}\nEt plus.", "1"))
        channel.publish(letter("Bonjour,\n\n" + TEXT, "2"))
        channel.publish(letter(TEXT * 9, "3"))
        channel.publish(letter(TEXT, "4", subject="Panne des paiements : ce que nous faisons"))
        channel.publish(letter(TEXT, "5", subject="Panne"))
    titles = [topic["title"] for topic in platform.topics.values()][1:]
    assert titles[0] == TEXT
    assert titles[1] == f"Bonjour, {TEXT}"
    assert len(titles[2]) <= 120
    assert titles[2].endswith("…")
    assert titles[3:] == ["Panne des paiements : ce que nous faisons", f"Panne – {TEXT}"]
    assert platform.violations == []


def test_a_text_that_the_forum_finds_too_short_is_refused_before_any_call() -> None:
    platform = FakeDiscourse()
    with serving(platform) as base, pytest.raises(ChannelRefused, match="at least 20 characters") as raised:
        adapter(KIND, base).publish(letter("Trop court."))
    assert raised.value.permanent
    assert platform.calls == []


def test_a_title_that_was_used_before_is_refused_in_the_words_of_the_forum() -> None:
    platform = FakeDiscourse()
    with serving(platform) as base:
        channel = adapter(KIND, base)
        channel.publish(letter(TEXT, "1"))
        with pytest.raises(ChannelRefused, match="422: Title has already been used") as raised:
            channel.publish(letter(f"{TEXT}\nEt plus.", "2"))
    assert raised.value.permanent
    assert len(platform.published) == 1


def test_a_topic_that_is_opened_twice_stands_once() -> None:
    platform = FakeDiscourse()
    with serving(platform) as base:
        channel = adapter(KIND, base)
        first = channel.publish(letter(TEXT))
        assert channel.publish(letter(TEXT)).external_id == first.external_id
    assert len(platform.published) == 1
    (topic,) = [number for number in platform.topics if number != 7001]
    assert first.url == f"{FakeDiscourse.forum}/t/{platform.topics[topic]['slug']}/{topic}"
    assert platform.violations == []


def test_what_a_moderator_has_to_approve_is_not_taken_for_published() -> None:
    platform = FakeDiscourse()
    platform.moderated = True
    with serving(platform) as base, pytest.raises(ChannelRefused, match="moderator") as raised:
        adapter(KIND, base).publish(letter(TEXT))
    assert raised.value.permanent


def test_a_forum_that_is_read_only_took_nothing_and_is_tried_again() -> None:
    platform = FakeDiscourse()
    read_only = Reply(503, {"errors": ["The site is in read only mode."], "error_type": "read_only"})
    platform.__dict__["failing"] = read_only
    platform.fault = lambda *_: "error"
    with serving(platform) as base, pytest.raises(ChannelRefused, match="read-only") as raised:
        adapter(KIND, base).publish(letter(TEXT))
    assert not raised.value.permanent


def test_how_long_to_wait_is_also_read_from_the_body() -> None:
    platform = FakeDiscourse()
    platform.__dict__["throttled"] = Reply(429, {"errors": ["Slow down."], "extras": {"wait_seconds": 41}})
    platform.fault = lambda *_: "throttle"
    with serving(platform) as base, pytest.raises(ChannelThrottled) as raised:
        adapter(KIND, base).publish(letter(TEXT))
    assert raised.value.retry_after == 41


@pytest.mark.parametrize(
    "sign", [{"deleted_at": "2026-11-20T09:00:00Z"}, {"user_deleted": True}, {"hidden": True}]
)
def test_what_only_staff_still_sees_is_not_there(sign: dict[str, Any]) -> None:
    platform = FakeDiscourse()
    with serving(platform) as base:
        channel = adapter(KIND, base)
        first = channel.publish(letter(TEXT))
        platform.posts[first.external_id].update(sign)
        with pytest.raises(AnswerLost, match="does not have"):
            channel.read_back(letter(TEXT), first)
        with pytest.raises(ChannelRefused, match="no longer stands"):
            channel.publish(letter(TEXT + " Corrigé.", "2", corrects=first))
    assert platform.published[first.external_id]["text"] == TEXT


def test_an_edit_gives_the_topic_its_title_and_keeps_the_picture() -> None:
    platform = FakeDiscourse()
    with serving(platform) as base:
        channel = adapter(KIND, base)
        first = channel.publish(letter(TEXT, image=IMAGE))
        correction = letter("Rectification : la panne vient d'ailleurs.", "2", corrects=first)
        channel.publish(correction)
        assert channel.read_back(correction, first).external_id == first.external_id
    assert platform.published[first.external_id]["alt"] == IMAGE.alt
    assert [topic["title"] for topic in platform.topics.values()][1:] == [correction.text]
    assert platform.violations == []


def test_a_picture_that_somebody_added_or_described_otherwise_is_seen() -> None:
    platform = FakeDiscourse()
    other = Image("image/png", IMAGE.data, "Tout va bien", "a.png")
    with serving(platform) as base:
        channel = adapter(KIND, base)
        receipt = channel.publish(letter(TEXT, image=IMAGE))
        for expected in (letter(TEXT), letter(TEXT, image=other)):
            with pytest.raises(ChannelRefused, match="is not what was sent"):
                channel.read_back(expected, receipt)
        with pytest.raises(ChannelRefused, match="must not hold"):
            channel.publish(letter(TEXT, "2", image=Image("image/png", IMAGE.data, "a|b", "a.png")))
    assert len(platform.published) == 1


def test_a_description_in_brackets_is_shown_as_it_is() -> None:
    platform = FakeDiscourse()
    image = Image("image/png", IMAGE.data, "Courbe [1] de *mai*, en_hausse", "a.png")
    with serving(platform) as base:
        channel = adapter(KIND, base)
        receipt = channel.publish(letter(TEXT, image=image))
        channel.read_back(letter(TEXT, image=image), receipt)
    assert platform.published[receipt.external_id]["alt"] == image.alt
    assert platform.violations == []


@pytest.mark.parametrize(
    ("path", "answered"),
    [
        ("/t/une-panne/7001/3", True),
        ("/t/une-panne/7001/3?u=anna", True),
        ("/t/7001/3", True),
        ("/t/une-panne/7001", True),
        ("/t/-/7001/3", True),
        ("/t/une-panne/7001/3/4", False),
        ("/t/une-panne/7001/3?page=2", False),
        ("/t/une-panne/7001/3#reply", False),
        ("/u/anna/activity/7001/3", False),
        (".example.com/t/une-panne/7001/3", False),
    ],
)
def test_which_addresses_are_posts_of_the_forum(path: str, answered: bool) -> None:
    assert adapter(KIND, "http://127.0.0.1:9").answers(FakeDiscourse.forum + path) is answered


def test_answers_of_others_are_not_taken_for_ours_and_all_of_them_are_looked_through() -> None:
    platform = FakeDiscourse()
    url = f"{FakeDiscourse.forum}/t/une-panne-depuis-ce-matin/7001/3"
    for number in range(4, 30):
        platform.posts[str(7100 + number)] = {
            **platform.posts["7103"],
            "post_number": number,
            "reply_to_post_number": 3,
            "raw": TEXT,
        }
    with serving(platform) as base:
        channel = adapter(KIND, base)
        assert channel.find(letter(TEXT, answers=url)) is None
        receipt = channel.publish(letter(TEXT, answers=url))
        assert channel.find(letter(TEXT, answers=url)) == receipt
        assert receipt.url == f"{FakeDiscourse.forum}/t/une-panne-depuis-ce-matin/7001/30"
        channel.retract(letter(TEXT, answers=url), receipt)
    assert platform.published == {}
    assert 7001 in platform._topics(), "the topic stays"
    assert platform.violations == []


def test_a_post_that_has_gone_is_not_answered() -> None:
    platform = FakeDiscourse()
    url = f"{FakeDiscourse.forum}/t/une-panne-depuis-ce-matin/7001/9"
    with serving(platform) as base:
        channel = adapter(KIND, base)
        assert channel.find(letter(TEXT, answers=url)) is None
        with pytest.raises(ChannelRefused, match="no longer stands") as raised:
            channel.publish(letter(TEXT, answers=url))
    assert raised.value.permanent
    assert platform.violations == []


def test_a_post_that_flags_have_hidden_is_taken_back_too() -> None:
    platform = FakeDiscourse()
    with serving(platform) as base:
        channel = adapter(KIND, base)
        receipt = channel.publish(letter(TEXT))
        platform.posts[receipt.external_id]["hidden"] = True
        channel.retract(letter(TEXT), receipt)
    assert receipt.external_id not in platform.published
    assert platform.violations == []
