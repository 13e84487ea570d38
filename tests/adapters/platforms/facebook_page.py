"""Facebook Pages: their strict fake, and what is true of them alone."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sangfroid.outbound.errors import ChannelRefused
from tests.adapters.graph import FORM, Graph
from tests.adapters.kind import IMAGE, Kind, adapter, letter
from tests.adapters.strict import Call, Reply, serving


class FakeFacebook(Graph):
    """Posts, photos and comments of a Page.

    https://developers.facebook.com/docs/pages-api/posts and …/comments-mentions,
    https://developers.facebook.com/docs/graph-api/reference/page/photos/; names of parameters and fields also from api_specs
    (Page, PagePost, Comment, Photo) of facebook/facebook-business-sdk-codegen, v25.0. The length of a post is from knowledge
    of the product: no page says it.
    """

    prefix = "facebook"
    page = "20531316728"
    comment = "122093_44556677"
    """A comment of somebody else beneath a post of the Page."""
    locked = False
    """Posts cannot be updated, such as those that another app made."""

    def publishes(self, call: Call) -> bool:
        return call.method == "POST"

    def route(self, call: Call, route: str) -> Reply:
        if call.method == "POST":
            return self._write(call, route)
        if (call.method, route) == ("GET", f"{self.page}/published_posts"):
            self.rule(int(call.query["limit"]) <= 100, "at most 100 posts a page")
            self._fields(call, post=True)
            found = [self._shown(one) for one in reversed(self.published) if one.startswith(self.page)]
            return Reply(200, {"data": found, "paging": {}})
        if (call.method, route) == ("GET", f"{self.comment}/comments"):
            self.rule(set(call.query) == {"fields", "limit", "order"}, "parameters of comments")
            self.rule(call.query["order"] == "reverse_chronological", "the latest first")
            self._fields(call, post=False)
            of_others = {
                "id": "122093_1",
                "message": "Nous sommes désolés. (Voir #42 & <ici>)",
                "from": {"id": "9"},
            }
            ours = [self._shown(one) for one in self.published if not one.startswith(self.page)]
            return Reply(200, {"data": [of_others, *reversed(ours)]})
        self.rule(re.fullmatch(r"\d+_\d+", route), f"the id of a post or comment: {route}")
        if route not in self.published:
            return self.missing(route)
        if call.method == "DELETE":
            del self.published[route]
            return Reply(200, {"success": True})
        self.rule(call.method == "GET", "a post is read or deleted")
        self._fields(call, post=route.startswith(self.page))
        return Reply(200, self._shown(route))

    def _write(self, call: Call, route: str) -> Reply:
        if route == f"{self.page}/photos":
            parts = call.parts
            self.rule(
                set(parts) == {"message", "alt_text_custom", "published", "source"}, "parameters of a photo"
            )
            self.picture(parts["source"])
            self.rule(parts["published"].text == "true", "published at once")
            return Reply(200, {
                "id": self.next_id(),
                "post_id": self._new(self.page, parts["message"].text, alt=parts["alt_text_custom"].text),
            })  # fmt: skip
        self.rule(call.headers["content-type"] == FORM, "parameters come as a form")
        form = call.form
        if route == f"{self.page}/feed":
            self.rule(set(form) <= {"message", "link", "published"}, "parameters of a text post")
            self.rule(0 < len(form["message"]) <= 63_206, "length of a post")
            return Reply(200, {"id": self._new(self.page, form["message"])})
        self.rule(set(form) == {"message"}, "parameters of a comment or of an update")
        if route == f"{self.comment}/comments":
            return Reply(200, {"id": self._new("122093", form["message"], parent=self.comment)})
        if route not in self.published:
            return self.missing(route)
        if self.locked:
            error = {"message": "Invalid parameter", "type": "OAuthException", "code": 100, "fbtrace_id": "A"}
            return Reply(400, {"error": error})
        self.published[route]["message"] = form["message"]
        return Reply(200, {"success": True})

    def _new(self, before: str, message: str, **more: str) -> str:
        post_id = f"{before}_{self.next_id()}"
        self.published[post_id] = {"message": message, **more}
        return post_id

    def _fields(self, call: Call, *, post: bool) -> None:
        known = {"id", "message", "permalink_url", "from"} | ({"is_published"} if post else set())
        self.rule(set(call.query["fields"].split(",")) <= known, "fields of this kind of object")

    def _shown(self, post_id: str) -> dict[str, Any]:
        before, number = post_id.split("_")
        shown = {"id": post_id, "message": self.published[post_id]["message"], "from": {"id": self.page}}
        if before != self.page:
            return {**shown, "permalink_url": f"https://www.facebook.com/{before}?comment_id={number}"}
        link = f"https://www.facebook.com/{self.page}/posts/{number}"
        return {**shown, "permalink_url": link, "is_published": True}


KIND = Kind(
    "facebook_page",
    FakeFacebook,
    settings={"page_id": FakeFacebook.page},
    secret={"access_token": FakeFacebook.token},
    words="message",
    longest=63_206,
    looks=True,
    throttled_for=120,
    corrects="edit",
    images=True,
    answered=(
        f"https://www.facebook.com/{FakeFacebook.page}/posts/122093?comment_id=44556677",
        FakeFacebook.comment,
    ),
)


def test_comments_elsewhere_are_not_answered() -> None:
    channel = adapter(KIND, "http://127.0.0.1:9")
    page = FakeFacebook.page
    assert channel.answers(
        f"https://www.facebook.com/permalink.php?story_fbid=122093&id={page}&comment_id=44556677"
    )
    for url in (
        "https://www.facebook.com/4/posts/122093?comment_id=44556677",
        f"https://www.facebook.com/{page}/posts/pfbid02abc?comment_id=44556677",
        f"https://www.facebook.com/{page}/posts/122093",
        f"https://www.facebook.com/{page}/posts/122093?comment_id=44556677&reply_comment_id=1",
        f"https://www.facebook.com.example/{page}/posts/122093?comment_id=44556677",
    ):
        assert not channel.answers(url)


def test_a_post_that_may_not_be_updated_is_not_taken_for_a_deleted_one() -> None:
    platform = FakeFacebook()
    with serving(platform) as base:
        channel = adapter(KIND, base)
        first = channel.publish(letter())
        platform.locked = True
        with pytest.raises(ChannelRefused, match="error 100 Invalid parameter") as raised:
            channel.publish(letter("Corrigé", corrects=first))
        assert raised.value.permanent


def test_a_correction_with_an_image_is_a_post_of_its_own() -> None:
    platform = FakeFacebook()
    with serving(platform) as base:
        channel = adapter(KIND, base)
        first = channel.publish(letter())
        correction = letter("Corrigé", "case-1:v2:c:fr", corrects=first, image=IMAGE)
        assert channel.correction(correction) == "anew"
        assert channel.publish(correction).external_id != first.external_id
        assert channel.find(correction) is not None
    assert len(platform.published) == 2
    assert platform.violations == []
