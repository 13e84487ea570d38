"""What the fakes of Meta's platforms have in common."""

from __future__ import annotations

import re

from tests.adapters.strict import Call, Platform, Reply

FORM = "application/x-www-form-urlencoded"


class Graph(Platform):
    """Meta's Graph API: a version in the path, the token in the header, errors with codes.

    https://developers.facebook.com/docs/graph-api/guides/error-handling and …/overview/rate-limiting.
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
