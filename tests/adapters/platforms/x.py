"""X: its strict fake, and what is true of it alone."""

from __future__ import annotations

import re
from typing import Any, ClassVar
from urllib.parse import unquote

import pytest
from oauthlib.oauth1.rfc5849 import signature as oauth

from sangfroid.outbound.errors import AnswerLost, CannotLook, ChannelRefused
from sangfroid.outbound.letter import Receipt
from tests.adapters.kind import LONG, Kind, adapter, letter
from tests.adapters.strict import Call, Platform, Reply, serving

JSON = "application/json"


class FakeX(Platform):
    """POST /2/tweets, GET /2/tweets, GET /2/users/:id/tweets, DELETE /2/tweets/:id.

    https://docs.x.com/x-api/posts/create-or-edit-post, https://docs.x.com/x-api/posts/get-posts-by-ids,
    https://docs.x.com/x-api/users/get-posts; signatures are verified with oauthlib, an implementation of its own.
    """

    prefix = "x"
    user = "2244994945"
    secrets: ClassVar[dict[str, str]] = {
        "api_key": "appkey1234567", "api_secret": "appsecret1234567",
        "access_token": "2244994945-usertoken", "access_secret": "usersecret1234567",
    }  # fmt: skip
    throttled = Reply(429, {"title": "Too Many Requests", "status": 429}, {"x-rate-limit-reset": "1"})
    may_read = True

    def publishes(self, call: Call) -> bool:
        return (call.method, call.path) == ("POST", "/2/tweets")

    def answer(self, call: Call) -> Reply:
        if not self._signed(call):
            return Reply(
                401, {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
            )
        if self.publishes(call):
            return self._create(call)
        if call.method == "GET" and call.path == f"/2/users/{self.user}/tweets":
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
            ids = call.query["ids"].split(",")
            self.rule(len(ids) <= 100, "at most 100 ids")
            return Reply(
                200, {"data": [self._shown(self.published[one]) for one in ids if one in self.published]}
            )
        deleted = re.fullmatch(r"/2/tweets/(\d{1,19})", call.path)
        if call.method == "DELETE" and deleted:
            self.published.pop(deleted[1], None)
            return Reply(200, {"data": {"deleted": True}})
        raise AssertionError("no such endpoint")

    def _create(self, call: Call) -> Reply:
        self.rule(call.headers["content-type"] == JSON, "the body is JSON")
        body = call.json
        self.rule(set(body) <= {"text", "reply"}, "fields of a text post")
        reply = body.get("reply", {})
        self.rule(set(reply) <= {"in_reply_to_tweet_id"}, "fields of a reply")
        parent = reply.get("in_reply_to_tweet_id")
        self.rule(parent is None or parent in self.published, "the post that is answered is there")
        if any(one["text"] == body["text"] for one in self.published.values()):
            detail = "You are not allowed to create a Tweet with duplicate content."
            return Reply(403, {"detail": detail, "type": "about:blank", "title": "Forbidden", "status": 403})
        post = {"id": self.next_id(), "text": body["text"], "parent": parent}
        self.published[post["id"]] = post
        return Reply(
            201, {"data": {"id": post["id"], "text": body["text"], "edit_history_tweet_ids": [post["id"]]}}
        )

    @staticmethod
    def _shown(post: dict[str, Any]) -> dict[str, Any]:
        text, links = post["text"], []
        for number, link in enumerate(re.findall(r"https?://[^\s]*[^\s.,)]", text)):
            links.append({"url": f"https://t.co/{post['id']}{number}", "expanded_url": link})
            text = text.replace(link, links[-1]["url"])
        shown = {
            "id": post["id"],
            "text": text.replace("&", "&amp;").replace("<", "&lt;"),
            "entities": {"urls": links},
        }
        if post["parent"]:
            shown["referenced_tweets"] = [{"type": "replied_to", "id": post["parent"]}]
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
    throttled_for=1,
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


def test_a_receipt_of_another_length_is_not_taken_for_the_thread() -> None:
    with serving(FakeX()) as base:
        channel = adapter(KIND, base)
        receipt = channel.publish(letter(LONG))
        with pytest.raises(ChannelRefused):
            channel.read_back(letter(LONG), Receipt(receipt.external_id.split(",")[0]))
