"""PagerDuty: its strict fake."""

from __future__ import annotations

from tests.adapters.kind import Kind
from tests.adapters.strict import Call, Platform, Reply

JSON = "application/json"


class FakePagerDuty(Platform):
    """Events API v2; `published`: alerts by dedup_key.

    reference/events-v2/openapiv3.json of PagerDuty/api-schema (August 2026), which names no header that says when to come
    back; lengths of `summary` and `dedup_key` from https://developer.pagerduty.com/docs/events-api-v2/trigger-events/.
    """

    prefix = "pagerduty"
    key = "e93facc04764012d7bfb002500d5d1a6"
    throttled = Reply(
        429, {"status": "throttle exceeded", "message": "Requests for this service are arriving too quickly."}
    )
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
        self.rule({"routing_key", "event_action"} <= set(body), "required fields of an event")
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


KIND = Kind(
    "pagerduty",
    FakePagerDuty,
    settings={},
    secret={"routing_key": FakePagerDuty.key},
    words="summary",
    longest=1_024,
    looks=False,
    throttled_for=30,
    shows=False,  # the Events API shows nothing
    wrong_secret_is_final=True,  # it says "invalid event" to a wrong key, as to any other mistake
    suspends="nothing",
)
