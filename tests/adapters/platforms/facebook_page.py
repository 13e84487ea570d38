"""Facebook Pages: their strict fake."""

from __future__ import annotations

import re
from typing import Any

from tests.adapters.graph import FORM, Graph
from tests.adapters.kind import Kind
from tests.adapters.strict import Call, Reply


class FakeFacebook(Graph):
    """POST /:page/feed, GET /:page/published_posts, GET and DELETE of a post.

    https://developers.facebook.com/docs/pages-api/posts/
    """

    prefix = "facebook"
    page = "20531316728"

    def publishes(self, call: Call) -> bool:
        return call.method == "POST" and call.path.endswith(f"/{self.page}/feed")

    def route(self, call: Call, route: str) -> Reply:
        if self.publishes(call):
            self.rule(call.headers["content-type"] == FORM, "parameters come as a form")
            form = call.form
            self.rule(set(form) <= {"message", "link", "published"}, "parameters of a text post")
            self.rule(0 < len(form["message"]) <= 63_206, "length of a post")
            post_id = f"{self.page}_{self.next_id()}"
            self.published[post_id] = {"message": form["message"]}
            return Reply(200, {"id": post_id})
        if (call.method, route) == ("GET", f"{self.page}/published_posts"):
            self.rule(int(call.query["limit"]) <= 100, "at most 100 posts a page")
            return Reply(200, {"data": [self._shown(one) for one in reversed(self.published)], "paging": {}})
        self.rule(re.fullmatch(rf"{self.page}_\d+", route), f"the id of a post: {route}")
        if route not in self.published:
            return self.missing(route)
        if call.method == "DELETE":
            del self.published[route]
            return Reply(200, {"success": True})
        self.rule(call.method == "GET", "a post is read or deleted")
        return Reply(200, self._shown(route))

    def _shown(self, post_id: str) -> dict[str, Any]:
        link = f"https://www.facebook.com/{self.page}/posts/{post_id.split('_')[1]}"
        return {
            "id": post_id,
            "message": self.published[post_id]["message"],
            "permalink_url": link,
            "is_published": True,
        }


KIND = Kind(
    "facebook_page",
    FakeFacebook,
    settings={"page_id": FakeFacebook.page},
    secret={"access_token": FakeFacebook.token},
    words="message",
    longest=63_206,
    looks=True,
    throttled_for=120,
)
