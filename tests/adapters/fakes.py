"""Strict fakes of the platforms of which no server can be run, each written from the platform's published description."""

from __future__ import annotations

import re
from typing import Any, ClassVar
from urllib.parse import unquote

from oauthlib.oauth1.rfc5849 import signature as oauth

from tests.adapters.strict import Call, Platform, Reply

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


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


class _Graph(Platform):
    """Meta's Graph API: a version in the path, the token in the header, errors with codes.

    https://developers.facebook.com/docs/graph-api/guides/error-handling
    """

    token = "EAAgraphtoken1234567"  # noqa: S105
    throttled = Reply(
        400,
        {
            "error": {
                "message": "Page request limit reached",
                "type": "OAuthException",
                "code": 32,
                "fbtrace_id": "A",
            }
        },
        {"x-business-use-case-usage": '{"1": [{"type": "pages", "estimated_time_to_regain_access": 2}]}'},
    )
    failing = Reply(
        500, {"error": {"message": "An unknown error occurred", "type": "OAuthException", "code": 1}}
    )

    def answer(self, call: Call) -> Reply:
        version, _, route = call.path.removeprefix("/").partition("/")
        self.rule(re.fullmatch(r"v\d+\.\d+", version), "the version stands first")
        self.rule("access_token" not in call.query, "the token stands in no address")
        if call.headers.get("authorization") != f"Bearer {self.token}":
            return Reply(
                401,
                {"error": {"message": "Invalid OAuth access token.", "type": "OAuthException", "code": 190}},
            )
        return self.route(call, route)

    def route(self, call: Call, route: str) -> Reply:
        raise NotImplementedError

    @staticmethod
    def missing(route: str) -> Reply:
        message = f"Unsupported get request. Object with ID '{route}' does not exist"
        error = {"message": message, "type": "GraphMethodException", "code": 100, "error_subcode": 33}
        return Reply(400, {"error": error})


class FakeFacebook(_Graph):
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


class FakeInstagram(_Graph):
    """Containers and their publication (https://developers.facebook.com/docs/instagram-platform/content-publishing/)."""

    prefix = "instagram"
    user = "17841405822304914"

    def __init__(self) -> None:
        super().__init__()
        self.containers: dict[str, dict[str, Any]] = {}

    def publishes(self, call: Call) -> bool:
        return call.path.endswith("/media_publish")

    def route(self, call: Call, route: str) -> Reply:
        if (call.method, route) == ("POST", f"{self.user}/media"):
            form = call.form
            self.rule(set(form) == {"image_url", "alt_text", "caption"}, "parameters of a picture")
            self.rule(form["image_url"].startswith("https://"), "the picture is public")
            self.rule(len(form["caption"]) <= 2_200, "length of a caption")
            self.rule(len(form["alt_text"]) <= 1_000, "length of an alternative text")
            container = self.next_id()
            self.containers[container] = {**form, "asked": 0}
            return Reply(200, {"id": container})
        if (call.method, route) == ("POST", f"{self.user}/media_publish"):
            self.rule(set(call.form) == {"creation_id"}, "parameters of a publication")
            container = self.containers.pop(call.form["creation_id"])
            self.rule(container["asked"] > 1, "published only after the container was FINISHED")
            media = self.next_id()
            self.published[media] = {"caption": container["caption"]}
            return Reply(200, {"id": media})
        if (call.method, route) == ("GET", f"{self.user}/media"):
            return Reply(200, {"data": [self._shown(one) for one in reversed(self.published)]})
        self.rule(call.method == "GET", "everything else is read")
        if route in self.containers:
            self.rule(call.query == {"fields": "status_code"}, "fields of a container")
            self.containers[route]["asked"] += 1
            status = "FINISHED" if self.containers[route]["asked"] > 1 else "IN_PROGRESS"
            return Reply(200, {"status_code": status, "id": route})
        return Reply(200, self._shown(route)) if route in self.published else self.missing(route)

    def _shown(self, media: str) -> dict[str, Any]:
        return {
            "id": media,
            "caption": self.published[media]["caption"],
            "permalink": f"https://www.instagram.com/p/{media}/",
        }


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


class FakeTelegram(Platform):
    """sendMessage, editMessageText, deleteMessage (https://core.telegram.org/bots/api#available-methods)."""

    prefix = "telegram"
    token = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"  # noqa: S105
    chat = "@nuage_news"
    throttled = Reply(
        429,
        {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 9",
            "parameters": {"retry_after": 9},
        },
    )

    def publishes(self, call: Call) -> bool:
        return call.path.endswith("/sendMessage")

    def answer(self, call: Call) -> Reply:
        bot, _, method = call.path.removeprefix("/").partition("/")
        if bot != f"bot{self.token}":
            return Reply(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        self.rule((call.method, call.headers["content-type"]) == ("POST", JSON), "JSON by POST")
        body = call.json
        if body["chat_id"] != self.chat:
            return self._bad("chat not found")
        if method == "sendMessage":
            self.rule(set(body) <= {"chat_id", "text", "reply_parameters"}, "parameters of sendMessage")
            if not 0 < len(body["text"].encode("utf-16-le")) // 2 <= 4096:
                return self._bad("message is too long")
            if "reply_parameters" in body:
                self.rule(
                    str(body["reply_parameters"]["message_id"]) in self.published,
                    "answers a message that is there",
                )
            number = self.next_id()
            self.published[number] = {"text": body["text"].strip()}
            return Reply(200, {"ok": True, "result": self._shown(number)})
        number = str(body["message_id"])
        self.rule(isinstance(body["message_id"], int), "message_id is a number")
        if method == "editMessageText":
            if number not in self.published:
                return self._bad("message to edit not found")
            if self.published[number]["text"] == body["text"].strip():
                said = "specified new message content and reply markup are exactly the same as a current content and reply markup"
                return self._bad(f"message is not modified: {said} of the message")
            self.published[number]["text"] = body["text"].strip()
            return Reply(200, {"ok": True, "result": self._shown(number)})
        if method == "deleteMessage":
            if self.published.pop(number, None) is None:
                return self._bad("message to delete not found")
            return Reply(200, {"ok": True, "result": True})
        raise AssertionError(f"no method {method}")

    def _shown(self, number: str) -> dict[str, Any]:
        chat = {"id": -1001, "type": "channel", "title": "Nuage", "username": self.chat[1:]}
        return {"message_id": int(number), "date": 1, "chat": chat, "text": self.published[number]["text"]}

    @staticmethod
    def _bad(said: str) -> Reply:
        return Reply(400, {"ok": False, "error_code": 400, "description": f"Bad Request: {said}"})


class FakeDiscord(Platform):
    """Execute, get and delete of a webhook's messages (https://discord.com/developers/docs/resources/webhook)."""

    prefix = "discord"
    hook, token = "223704706495545344", "3d89bb7572e0fb30d8128367b3b1b44f"
    throttled = Reply(429, {"message": "You are being rate limited.", "retry_after": 6.457, "global": False})

    def publishes(self, call: Call) -> bool:
        return call.method == "POST"

    def answer(self, call: Call) -> Reply:
        found = re.fullmatch(r"/webhooks/(\d+)/([\w-]+)(?:/messages/(\d+))?", call.path)
        if found is None or found.group(1, 2) != (self.hook, self.token):
            return Reply(401, {"message": "Invalid Webhook Token", "code": 50027})
        if call.method == "POST":
            self.rule(call.query == {"wait": "true"}, "the answer is waited for")
            body = call.json
            self.rule(set(body) == {"content", "allowed_mentions"}, "fields of a message")
            self.rule(body["allowed_mentions"] == {"parse": []}, "nobody is mentioned")
            if not 0 < len(body["content"]) <= 2000:
                return Reply(400, {"code": 50035, "message": "Invalid Form Body", "errors": {"content": {}}})
            number = self.next_id()
            self.published[number] = {"content": body["content"].strip()}
            return Reply(200, self._shown(number))
        number = found[3]
        if number not in self.published:
            return Reply(404, {"message": "Unknown Message", "code": 10008})
        if call.method == "DELETE":
            del self.published[number]
            return Reply(204)
        self.rule(call.method == "GET", "a message is read or deleted")
        return Reply(200, self._shown(number))

    def _shown(self, number: str) -> dict[str, Any]:
        return {
            "id": number,
            "channel_id": "41771983423143937",
            "webhook_id": self.hook,
            **self.published[number],
        }


class FakePagerDuty(Platform):
    """Events API v2 (https://developer.pagerduty.com/docs/events-api-v2/trigger-events/); `published`: alerts by dedup_key."""

    prefix = "pagerduty"
    key = "e93facc04764012d7bfb002500d5d1a6"
    failing = Reply(500, None)

    def publishes(self, call: Call) -> bool:
        return call.path == "/v2/enqueue"

    def answer(self, call: Call) -> Reply:
        self.rule(
            (call.method, call.path, call.headers["content-type"]) == ("POST", "/v2/enqueue", JSON),
            "one endpoint",
        )
        body = call.json
        self.rule(set(body) <= {"routing_key", "event_action", "dedup_key", "payload"}, "fields of an event")
        self.rule(0 < len(body["dedup_key"]) <= 255, "length of dedup_key")
        if body["routing_key"] != self.key:
            return self._bad("Invalid routing key")
        if body["event_action"] == "trigger":
            payload = body["payload"]
            self.rule({"summary", "source", "severity"} <= set(payload), "required fields of the payload")
            self.rule(
                set(payload)
                <= {"summary", "source", "severity", "component", "class", "group", "custom_details"},
                "fields",
            )
            self.rule(payload["severity"] in ("critical", "error", "warning", "info"), "severities")
            if not 0 < len(payload["summary"]) <= 1024:
                return self._bad("'payload.summary' is too long")
            self.published.setdefault(body["dedup_key"], {"summary": payload["summary"]})
        else:
            self.rule(body["event_action"] in ("acknowledge", "resolve"), "actions")
            self.published.pop(body["dedup_key"], None)
        return Reply(202, {"status": "success", "message": "Event processed", "dedup_key": body["dedup_key"]})

    @staticmethod
    def _bad(said: str) -> Reply:
        return Reply(400, {"status": "invalid event", "message": "Event object is invalid", "errors": [said]})
