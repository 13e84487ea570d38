"""LinkedIn: its strict fake."""

from __future__ import annotations

import re
from typing import Any

from tests.adapters.kind import Kind
from tests.adapters.strict import Call, Platform, Reply


class FakeLinkedIn(Platform):
    """The Posts API (https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api)."""

    prefix = "linkedin"
    token = "AQVlinkedintoken1234567"  # noqa: S105
    author = "urn:li:organization:5515715"
    throttled = Reply(
        429, {"message": "Resource level throttle limit reached", "status": 429, "serviceErrorCode": 101}
    )

    def publishes(self, call: Call) -> bool:
        return (call.method, call.path) == ("POST", "/rest/posts")

    def answer(self, call: Call) -> Reply:
        self.rule(re.fullmatch(r"20\d{4}", call.headers.get("linkedin-version", "")), "the version is YYYYMM")
        self.rule(call.headers.get("x-restli-protocol-version") == "2.0.0", "Rest.li 2.0.0")
        if call.headers.get("authorization") != f"Bearer {self.token}":
            return Reply(
                401, {"message": "Invalid access token", "status": 401, "code": "INVALID_ACCESS_TOKEN"}
            )
        if self.publishes(call):
            return self._create(call.json)
        if (call.method, call.path) == ("GET", "/rest/posts"):
            self.rule(call.headers.get("x-restli-method") == "FINDER", "a finder is named")
            self.rule(
                call.query["q"] == "author" and call.query["author"] == self.author, "the finder is by author"
            )
            self.rule(int(call.query["count"]) <= 100, "at most 100 posts")
            return Reply(200, {"elements": list(reversed(self.published.values())), "paging": {}})
        urn = call.path.removeprefix("/rest/posts/")
        self.rule(re.fullmatch(r"urn:li:share:\d+", urn), "a post is named by its URN")
        if call.method == "DELETE":
            self.published.pop(urn, None)
            return Reply(204)
        if urn not in self.published:
            return Reply(404, {"message": f"Could not find entity {urn}", "status": 404})
        return Reply(200, self.published[urn])

    def _create(self, body: dict[str, Any]) -> Reply:
        required = {"author", "commentary", "visibility", "distribution", "lifecycleState"}
        self.rule(required <= set(body) <= required | {"isReshareDisabledByAuthor"}, "fields of a text post")
        self.rule(body["author"] == self.author, "the organisation is the author")
        self.rule(body["visibility"] == "PUBLIC" and body["lifecycleState"] == "PUBLISHED", "public at once")
        self.rule(body["distribution"]["feedDistribution"] == "MAIN_FEED", "in the feed")
        plain = re.sub(r"\\.", "", body["commentary"])
        self.rule(not re.search(r"[|{}@\[\]()<>#*_~\\]", plain), "reserved characters are escaped")
        urn = f"urn:li:share:{self.next_id()}"
        self.published[urn] = {"id": urn, **body}
        return Reply(201, None, {"x-restli-id": urn})


KIND = Kind(
    "linkedin",
    FakeLinkedIn,
    settings={"organization": "5515715", "version": "202610"},
    secret={"access_token": FakeLinkedIn.token},
    words="commentary",
    longest=3_000,
    looks=True,
    throttled_for=30,
)
