"""LinkedIn: its strict fake."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sangfroid.outbound.errors import ChannelRefused
from tests.adapters.kind import IMAGE, Kind, adapter, letter
from tests.adapters.strict import Call, Part, Platform, Reply, serving


class FakeLinkedIn(Platform):
    """The Posts and Images APIs.

    https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api and …/images-api (view
    li-lms-2024-11 and earlier; newer ones were not found); the update and the start of an upload also from LinkedIn's own
    collections in api-evangelist/linkedin, encoding and Rest.li headers from linkedin-developers/linkedin-api-js-client. The
    length of `altText` is from knowledge of the page.
    """

    prefix = "linkedin"
    token = "AQVlinkedintoken1234567"  # noqa: S105
    author = "urn:li:organization:5515715"
    throttled = Reply(
        429, {"message": "Resource level throttle limit reached", "status": 429, "serviceErrorCode": 101}
    )

    def __init__(self) -> None:
        super().__init__()
        self.images: dict[str, bool] = {}
        """URNs that were given out, and whether the image has arrived."""

    def publishes(self, call: Call) -> bool:
        return call.method == "POST" and call.path.startswith("/rest/posts")

    def answer(self, call: Call) -> Reply:
        if call.method == "PUT":
            return self._take(call)
        self.rule(re.fullmatch(r"20\d{4}", call.headers.get("linkedin-version", "")), "the version is YYYYMM")
        self.rule(call.headers.get("x-restli-protocol-version") == "2.0.0", "Rest.li 2.0.0")
        if call.headers.get("authorization") != f"Bearer {self.token}":
            return Reply(
                401, {"message": "Invalid access token", "status": 401, "code": "INVALID_ACCESS_TOKEN"}
            )
        if (call.method, call.path) == ("POST", "/rest/posts"):
            return self._create(call.json)
        if (call.method, call.path) == ("POST", "/rest/images"):
            self.rule(call.query == {"action": "initializeUpload"}, "the action is named")
            self.rule(call.json == {"initializeUploadRequest": {"owner": self.author}}, "fields of an upload")
            urn = f"urn:li:image:D4E10AQ{self.next_id()}"
            self.images[urn] = False
            base = call.url.partition("/rest/")[0]
            value = {"uploadUrl": f"{base}/dms-uploads/{urn}?ca=vector_ads", "image": urn}
            return Reply(200, {"value": {**value, "uploadUrlExpiresAt": 1795255290000}})
        if (call.method, call.path) == ("GET", "/rest/posts"):
            self.rule(call.headers.get("x-restli-method") == "FINDER", "a finder is named")
            self.rule(
                call.query["q"] == "author" and call.query["author"] == self.author, "the finder is by author"
            )
            self.rule(int(call.query["count"]) <= 100, "at most 100 posts")
            self.rule(call.query["sortBy"] in ("LAST_MODIFIED", "CREATED"), "orders")
            # Rest.li 2.0 gives a meaning to colons, so those of a URN are encoded.
            self.rule("author=urn%3Ali%3Aorganization%3A" in call.target, "a URN in a query is encoded")
            found = [self._shown(one) for one in reversed(self.published)]
            return Reply(200, {"elements": found, "paging": {}})
        urn = call.path.removeprefix("/rest/posts/")
        self.rule(re.fullmatch(r"urn:li:(share|ugcPost):\d+", urn), "a post is named by its URN")
        self.rule("/rest/posts/urn%3Ali%3A" in call.target, "a URN in a path is encoded")
        if call.method == "DELETE":
            self.rule(call.headers.get("x-restli-method") == "DELETE", "the method is named")
            self.published.pop(urn, None)
            return Reply(204)
        if urn not in self.published:
            return Reply(404, {"message": f"Could not find entity {urn}", "status": 404})
        if call.method == "POST":
            self.rule(call.headers.get("x-restli-method") == "PARTIAL_UPDATE", "an update is named")
            changes = call.json["patch"]["$set"]
            self.rule(call.json == {"patch": {"$set": changes}} and set(changes) == {"commentary"}, "a patch")
            self._escaped(changes["commentary"])
            self.published[urn].update(changes)
            return Reply(204)
        self.rule(call.method == "GET", "a post is read, updated or deleted")
        return Reply(200, self._shown(urn))

    def _shown(self, urn: str) -> dict[str, Any]:
        return {name: value for name, value in self.published[urn].items() if name != "alt"}

    def _take(self, call: Call) -> Reply:
        """The address of an upload is none of Rest.li's: it wants the token and the bytes."""
        if call.headers.get("authorization") != f"Bearer {self.token}":
            return Reply(401)
        self.picture(Part(call.body, "image", call.headers["content-type"]))
        urn = call.path.removeprefix("/dms-uploads/")
        self.rule(urn in self.images, "the address that was given")
        self.images[urn] = True
        return Reply(201)

    def _escaped(self, commentary: str) -> None:
        plain = re.sub(r"\\.", "", commentary)
        self.rule(not re.search(r"[|{}@\[\]()<>#*_~\\]", plain), "reserved characters are escaped")
        self.rule(0 < len(plain) <= 3_000, "length of a commentary")

    def _create(self, body: dict[str, Any]) -> Reply:
        required = {"author", "commentary", "visibility", "distribution", "lifecycleState"}
        optional = {"isReshareDisabledByAuthor", "content"}
        self.rule(required <= set(body) <= required | optional, "fields of a post")
        self.rule(body["author"] == self.author, "the organisation is the author")
        self.rule(body["visibility"] == "PUBLIC" and body["lifecycleState"] == "PUBLISHED", "public at once")
        self.rule(body["distribution"]["feedDistribution"] == "MAIN_FEED", "in the feed")
        self._escaped(body["commentary"])
        urn = f"urn:li:{'ugcPost' if 'content' in body else 'share'}:{self.next_id()}"
        self.published[urn] = {"id": urn, **body}
        if "content" in body:
            media = body["content"]["media"]
            self.rule(set(media) == {"id", "altText"} and self.images[media["id"]], "an image that is there")
            self.rule(len(media["altText"]) <= 4_086, "length of an alternative text")
            self.published[urn]["alt"] = media["altText"]
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
    corrects="edit",
    images=True,
)


@pytest.mark.parametrize(
    "address", ["https://linkedin.com.example/dms-uploads/1", "http://www.linkedin.com/dms-uploads/1"]
)
def test_the_token_goes_to_nobody_else(address: str) -> None:
    platform = FakeLinkedIn()
    given = platform.answer

    def elsewhere(call: Call) -> Reply:
        reply = given(call)
        if call.path == "/rest/images":
            reply.document["value"]["uploadUrl"] = address
        return reply

    platform.answer = elsewhere  # type: ignore[method-assign]
    with serving(platform) as base, pytest.raises(ChannelRefused, match="not its own"):
        adapter(KIND, base).publish(letter(image=IMAGE))
    assert platform.published == {}


def test_a_correction_with_an_image_is_a_post_of_its_own() -> None:
    platform = FakeLinkedIn()
    with serving(platform) as base:
        channel = adapter(KIND, base)
        first = channel.publish(letter())
        correction = letter("Corrigé", "case-1:v2:c:fr", corrects=first, image=IMAGE)
        assert channel.correction(correction) == "anew"
        assert channel.publish(correction).external_id != first.external_id
        assert channel.find(correction) is not None
    assert len(platform.published) == 2
    assert platform.violations == []
