"""X: its strict fake, and what is true of it alone."""

from __future__ import annotations

import re
from typing import Any, ClassVar
from urllib.parse import unquote

import pytest
from oauthlib.oauth1.rfc5849 import signature as oauth

from sangfroid import wall_clock
from sangfroid.outbound.errors import AnswerLost, CannotLook, ChannelRefused
from sangfroid.outbound.letter import Receipt
from tests.adapters.kind import IMAGE, LONG, Kind, adapter, letter
from tests.adapters.strict import Call, Platform, Reply, serving

JSON = "application/json"
PROBLEMS = "https://api.x.com/2/problems"


class FakeX(Platform):
    """Posts, their images, and who may answer them.

    openapi.json 2.167 and the pages on data dictionary, errors and media of xdevplatform/docs (August 2026; what
    https://docs.x.com shows): CreatePostsRequest, MediaUploadRequest, CreateMediaMetadataRequest; https://docs.x.com/changelog
    of 23 February 2026 on answers. The words of the two refusals of an answer and of a duplicate are from reports of users
    (gptme/gptme-contrib #811) and from knowledge of the API. Signatures are verified with oauthlib.
    """

    prefix = "x"
    user = "2244994945"
    secrets: ClassVar[dict[str, str]] = {
        "api_key": "appkey1234567", "api_secret": "appsecret1234567",
        "access_token": "2244994945-usertoken", "access_secret": "usersecret1234567",
    }  # fmt: skip
    may_read = True
    names = "tweet"
    """`tweet.fields` and `note_tweet`, as the pages of August 2026 say, or `post`, as openapi.json of the same month does."""
    strangers: ClassVar[dict[str, bool]] = {"1346889436626259968": True, "1212092628029698048": False}
    """Posts of others, and whether they mention the account."""

    def __init__(self) -> None:
        super().__init__()
        self.media: dict[str, str] = {}
        """Images that were uploaded, with their alternative text."""

    @property
    def throttled(self) -> Reply:  # type: ignore[override]
        # https://docs.x.com/x-api/fundamentals/rate-limits: the moment when the window ends.
        moment = int(wall_clock.now().timestamp()) + 61
        headers = {
            "x-rate-limit-limit": "100",
            "x-rate-limit-remaining": "0",
            "x-rate-limit-reset": str(moment),
        }
        return Reply(429, {"title": "Too Many Requests", "status": 429, "type": "about:blank"}, headers)

    def publishes(self, call: Call) -> bool:
        return (call.method, call.path) == ("POST", "/2/tweets")

    def answer(self, call: Call) -> Reply:
        if not self._signed(call):
            return Reply(
                401, {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
            )
        if self.publishes(call):
            return self._create(call)
        if (call.method, call.path) == ("POST", "/2/media/upload"):
            return self._upload(call)
        if (call.method, call.path) == ("POST", "/2/media/metadata"):
            return self._describe(call)
        if call.method == "GET" and f"{'post' if self.names == 'tweet' else 'tweet'}.fields" in call.query:
            detail = "The query parameter is not one of the parameters of this endpoint"
            return Reply(
                400, {"title": "Invalid Request", "detail": detail, "type": f"{PROBLEMS}/invalid-request"}
            )
        if call.method == "GET" and call.path == f"/2/users/{self.user}/tweets":
            self._fields(call, {"max_results", "exclude"})
            self.rule(5 <= int(call.query.get("max_results", "10")) <= 100, "max_results is 5 to 100")
            if not self.may_read:
                return Reply(
                    403, {"title": "Client Forbidden", "reason": "client-not-enrolled", "status": 403}
                )
            found = [self._shown(post) for post in reversed(self.published.values())]
            return Reply(
                200,
                {"data": found, "meta": {"result_count": len(found)}}
                if found
                else {"meta": {"result_count": 0}},
            )
        if call.method == "GET" and call.path == "/2/tweets":
            self._fields(call, {"ids"})
            ids = call.query["ids"].split(",")
            self.rule(len(ids) <= 100, "at most 100 ids")
            posts = [self.published[one] for one in ids if one in self.published]
            pictures = [
                {"media_key": f"3_{one['id']}", "alt_text": one["alt"]} for one in posts if "alt" in one
            ]
            return Reply(
                200,
                {
                    "data": [self._shown(one) for one in posts],
                    **({"includes": {"media": pictures}} if pictures else {}),
                },
            )
        deleted = re.fullmatch(r"/2/tweets/(\d{1,19})", call.path)
        if call.method == "DELETE" and deleted:
            self.published.pop(deleted[1], None)
            return Reply(200, {"data": {"deleted": True}})
        raise AssertionError("no such endpoint")

    def _create(self, call: Call) -> Reply:
        self.rule(call.headers["content-type"] == JSON, "the body is JSON")
        body = call.json
        self.rule(set(body) <= {"text", "reply", "media"}, "fields of a post")
        reply = body.get("reply", {})
        self.rule(set(reply) <= {"in_reply_to_tweet_id"}, "fields of a reply")
        parent = reply.get("in_reply_to_tweet_id")
        if parent is not None and parent not in self.published and parent not in self.strangers:
            return self._forbidden("You attempted to reply to a Tweet that is deleted or not visible to you.")
        if parent is not None and not self.strangers.get(parent, True):
            return self._forbidden(
                "Reply to this conversation is not allowed because you have not been mentioned or otherwise "
                "engaged by the author of the post you are replying to."
            )
        if any(one["text"] == body["text"] for one in self.published.values()):
            return self._forbidden("You are not allowed to create a Tweet with duplicate content.")
        post = {"id": self.next_id(), "text": body["text"], "parent": parent}
        if "media" in body:
            self.rule(set(body["media"]) == {"media_ids"}, "fields of media")
            (media_id,) = body["media"]["media_ids"]
            post["alt"] = self.media.pop(media_id)
            self.rule(post["alt"], "an image is described before it is published")
        self.published[post["id"]] = post
        return Reply(
            201, {"data": {"id": post["id"], "text": body["text"], "edit_history_tweet_ids": [post["id"]]}}
        )

    @staticmethod
    def _forbidden(detail: str) -> Reply:
        return Reply(403, {"detail": detail, "type": "about:blank", "title": "Forbidden", "status": 403})

    def _upload(self, call: Call) -> Reply:
        parts = call.parts
        self.rule(set(parts) == {"media", "media_category"}, "fields of an upload")
        self.rule(parts["media_category"].text == "tweet_image", "an image for a post")
        self.picture(parts["media"])
        media_id = self.next_id()
        self.media[media_id] = ""
        return Reply(
            200, {"data": {"id": media_id, "media_key": f"3_{media_id}", "expires_after_secs": 86_400}}
        )

    def _describe(self, call: Call) -> Reply:
        body = call.json
        text = body["metadata"]["alt_text"]["text"]
        self.rule(body == {"id": body["id"], "metadata": {"alt_text": {"text": text}}}, "fields of metadata")
        self.rule(0 < len(text) <= 1_000, "length of an alternative text")
        self.rule(body["id"] in self.media, "the image is there")
        self.media[body["id"]] = text
        return Reply(200, {"data": {"id": body["id"], "associated_metadata": {"alt_text": {"text": text}}}})

    def _fields(self, call: Call, own: set[str]) -> None:
        self.rule(
            set(call.query) == own | {f"{self.names}.fields", "expansions", "media.fields"}, "parameters"
        )
        known = {"text", "entities", "attachments", f"note_{self.names}"}
        known |= {"referenced_tweets"} if self.names == "tweet" else set()
        self.rule(set(call.query[f"{self.names}.fields"].split(",")) == known, "fields of a post")

    def _shown(self, post: dict[str, Any]) -> dict[str, Any]:
        text, links = post["text"], []
        for number, link in enumerate(re.findall(r"https?://[^\s]*[^\s.,)]", text)):
            links.append({"url": f"https://t.co/{post['id']}{number}", "expanded_url": link})
            text = text.replace(link, links[-1]["url"])
        shown = {"id": post["id"], "entities": {"urls": links}}
        if "alt" in post:
            # An image is a link at the end of the text.
            key, picture = f"3_{post['id']}", f"https://t.co/{post['id']}p"
            links.append(
                {
                    "url": picture,
                    "expanded_url": f"https://x.com/i/status/{post['id']}/photo/1",
                    "media_key": key,
                }
            )
            shown["attachments"] = {"media_keys": [key]}
            text = f"{text} {picture}"
        text = text.replace("&", "&amp;").replace("<", "&lt;")
        shown["text"] = text
        if len(text) > 280:
            shown["text"] = text[:270] + "…"
            shown[f"note_{self.names}"] = {"text": text, "entities": {"urls": links}}
        if post["parent"]:
            shown[f"referenced_{self.names}s"] = [{"type": "replied_to", "id": post["parent"]}]
        return shown

    def _signed(self, call: Call) -> bool:
        scheme, _, rest = call.headers["authorization"].partition(" ")
        given = {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', rest)}
        self.rule(scheme == "OAuth", "the scheme is OAuth")
        claimed = given.pop("oauth_signature", "")
        if given.get("oauth_consumer_key") != self.secrets["api_key"]:
            return False
        parameters = oauth.normalize_parameters([*given.items(), *call.query.items()])
        base = oauth.signature_base_string(call.method, call.url, parameters)
        client = type(
            "Client",
            (),
            {
                "client_secret": self.secrets["api_secret"],
                "resource_owner_secret": self.secrets["access_secret"],
            },
        )
        return bool(oauth.sign_hmac_sha1_with_client(base, client) == claimed)


KIND = Kind(
    "x",
    FakeX,
    settings={"user_id": FakeX.user},
    secret=FakeX.secrets,
    words="text",
    longest=280,
    looks=True,
    threads=True,
    throttled_for=60,
    corrects="reply",
    images=True,
    answered=("https://x.com/XDevelopers/status/1346889436626259968?s=20", "1346889436626259968"),
)


def test_without_the_right_to_read_it_is_left_to_a_person() -> None:
    platform = FakeX()
    platform.may_read = False
    with serving(platform) as base, pytest.raises(CannotLook):
        adapter(KIND, base).find(letter())


def test_a_thread_that_broke_off_goes_on_where_it_stopped() -> None:
    platform = FakeX()
    calls = iter([None, "lost"])
    platform.fault = lambda *_: next(calls, None)
    with serving(platform) as base:
        channel = adapter(KIND, base)
        with pytest.raises(AnswerLost):
            channel.publish(letter(LONG))
        assert channel.find(letter(LONG)) is None
        receipt = channel.publish(letter(LONG))
        assert channel.read_back(letter(LONG), receipt) == receipt
    assert len(platform.published) == len(receipt.external_id.split(","))
    assert platform.violations == []


def test_the_other_names_of_fields_are_understood() -> None:
    platform = FakeX()
    platform.names = "post"
    with serving(platform) as base:
        channel = adapter(KIND, base)
        receipt = channel.publish(letter(LONG, image=IMAGE))
        assert channel.find(letter(LONG, image=IMAGE)) == receipt
        assert channel.read_back(letter(LONG, image=IMAGE), receipt) == receipt
    assert [one.get("alt") for one in platform.published.values()][:2] == [IMAGE.alt, None]
    assert platform.violations == []


def test_a_post_that_does_not_mention_the_account_is_left_to_a_person() -> None:
    platform = FakeX()
    with serving(platform) as base:
        channel = adapter(KIND, base)
        with pytest.raises(ChannelRefused, match="by hand") as raised:
            channel.publish(letter(answers="https://x.com/i/web/status/1212092628029698048"))
        assert raised.value.permanent
        with pytest.raises(ChannelRefused, match="no longer stands") as raised:
            channel.publish(letter(answers="https://x.com/i/web/status/1"))
        assert raised.value.permanent
    assert platform.published == {}
    assert platform.violations == []


def test_the_same_words_elsewhere_are_not_taken_for_the_answer() -> None:
    platform = FakeX()
    with serving(platform) as base:
        channel = adapter(KIND, base)
        channel.publish(letter())
        assert channel.find(letter(answers=KIND.answered[0])) is None  # type: ignore[index]


def test_an_image_that_cannot_be_described_is_not_published() -> None:
    platform = FakeX()
    given = platform.answer
    platform.answer = lambda call: Reply(400, {}) if call.path == "/2/media/metadata" else given(call)  # type: ignore[method-assign]
    with serving(platform) as base, pytest.raises(ChannelRefused):
        adapter(KIND, base).publish(letter(image=IMAGE))
    assert platform.published == {}


def test_a_receipt_of_another_length_is_not_taken_for_the_thread() -> None:
    with serving(FakeX()) as base:
        channel = adapter(KIND, base)
        receipt = channel.publish(letter(LONG))
        with pytest.raises(ChannelRefused):
            channel.read_back(letter(LONG), Receipt(receipt.external_id.split(",")[0]))
