"""Whole crises on the local stack, told in the words of the desk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from local.answers import Response
from local.stack import Stack
from sangfroid.model import rfc3339

EIGHT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
TEXTS = {"fr": "Nous sommes désolés, voici ce que nous faisons.", "en": "We are sorry, here is what we do."}
OUTSIDE = ("public", "community", "customer", "partner")

ANA = ("ana", ["reporter", "responder"])
EMMA = ("emma", ["approver"])
DORA = ("dora", ["approver", "director"])
DIRK = ("dirk", ["director"])


class Crisis:
    """One case on a stack, and the people who act on it."""

    def __init__(self, stack: Stack, *, ago: timedelta = timedelta(hours=1), **report: Any) -> None:
        self.stack = stack
        self.origin = stack.clock.now() - ago
        body = {
            "brand": "Nuage SA",
            "message": {
                "text": "Plus rien ne marche chez Nuage",
                "platform": "x",
                "published_at": rfc3339(self.origin),
            },
        } | report
        answer = self.call(ANA, "POST", "/incidents", body)
        assert answer.status == 202, answer.text
        self.id = answer.json["case_id"]

    def call(self, who: tuple[str, list[str]], method: str, path: str, body: Any = None) -> Response:
        """One HTTP call by a person."""
        path = path.replace("{case}", getattr(self, "id", ""))
        answer = self.stack.request(method, path, body, token=self.stack.token(*who))
        self.stack.settle()  # a request waits for what it caused, but not for ever on a machine that is busy
        return answer

    def expect(
        self, status: int, who: tuple[str, list[str]], method: str, path: str, body: Any = None
    ) -> Any:
        """A call that must be answered so; returns the document."""
        answer = self.call(who, method, path, body)
        assert answer.status == status, f"{method} {path}: {answer.status} {answer.text}"
        return answer.json

    # -- acts

    def triage(self, case: int | None, *, leak: bool = False) -> Any:
        return self.expect(
            200, ANA, "POST", "/cases/{case}/triage", {"case": case, "leak": leak, "reason": "we looked"}
        )

    def write(self, texts: dict[str, str] | None = None, **more: Any) -> Any:
        return self.expect(201, ANA, "PUT", "/cases/{case}/response", {"texts": texts or TEXTS} | more)

    def review(self, written: Any, who: tuple[str, list[str]] = EMMA, decision: str = "approve") -> Any:
        body = {"decision": decision, "content_hash": written["content_hash"], "comment": ""}
        return self.expect(200, who, "POST", f"/cases/{{case}}/response/{written['version']}/review", body)

    def approve(self, texts: dict[str, str] | None = None, **more: Any) -> Any:
        written = self.write(texts, **more)
        self.review(written)
        if self.document["case"] == 3:
            self.review(written, DORA)
        return written

    def answer(self, **body: Any) -> Any:
        """An answer to the author of one message."""
        return self.expect(201, ANA, "POST", "/cases/{case}/answers", body)

    def send_by_hand(self, channel: str = "press-list") -> None:
        """A person sends what no channel of the desk can send, and says so."""
        for one in self.document["deliveries"]:
            if one["channel"] == channel and one["state"] == "manual":
                self.expect(
                    200, ANA, "POST", f"/cases/{{case}}/deliveries/{one['key']}",
                    {"state": "published", "url": f"mid:{one['key']}@sent-folder.nuage.example"},
                )  # fmt: skip

    def propose_to_retract(self, delivery: Any, reason: str = "wrong") -> Any:
        """One person proposes to take a publication back."""
        place = f"/cases/{{case}}/deliveries/{delivery['key']}/retract"
        return self.expect(202, ANA, "POST", place, {"reason": reason})

    def confirm_to_retract(self, delivery: Any, who: tuple[str, list[str]] = EMMA) -> Any:
        """Another person confirms it."""
        place = f"/cases/{{case}}/deliveries/{delivery['key']}/retract"
        return self.expect(200, who, "POST", place, {"reason": "yes"})

    def retract(self, delivery: Any, who: tuple[str, list[str]] = EMMA) -> Any:
        """A publication is to be taken back, by two people."""
        self.propose_to_retract(delivery)
        return self.confirm_to_retract(delivery, who)

    def freeze(self) -> Any:
        """A director freezes all communication."""
        return self.expect(202, DORA, "POST", "/freeze", {"reason": "a leak", "case_id": None})

    def release(self, scope: str) -> Any:
        """Two directors release a stage of the freeze."""
        body = {"scope": scope, "reason": "two of us agree"}
        self.call(DORA, "POST", "/freeze/release", body)
        return self.call(DIRK, "POST", "/freeze/release", body).json

    def do(self, duty: str, **body: Any) -> Any:
        evidence = {"state": "done", "evidence": f"{duty}: seen by Ana, ticket 4711"}
        return self.expect(200, ANA, "POST", f"/cases/{{case}}/duties/{duty}", evidence | body)

    def head_start(self) -> None:
        """The community has heard it first; its head start passes."""
        self.advance(minutes=31)

    def close(self) -> Any:
        body = {
            "root_cause": "A script without a rehearsal",
            "lessons": "The forum knew before we did",
            "measures": [{"text": "Scripts are rehearsed", "owner": "dev", "due": "2027-01-01"}],
        }
        return self.expect(200, ANA, "POST", "/cases/{case}/close", body)

    def advance(self, **span: float) -> None:
        self.stack.clock.advance(timedelta(**span))

    # -- looks

    @property
    def document(self) -> Any:
        return self.expect(200, ("auditor", ["auditor"]), "GET", "/cases/{case}")

    @property
    def events(self) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = self.expect(
            200, ("auditor", ["auditor"]), "GET", "/cases/{case}/timeline"
        )["events"]
        return events

    def clock(self, name: str) -> Any:
        return next(clock for clock in self.document["clocks"] if clock["id"] == name)

    def duty(self, name: str) -> Any:
        return next((duty for duty in self.document["duties"] if duty["id"] == name), None)

    def happened(self, kind: str, **data: Any) -> list[datetime]:
        """When an event of this kind (and data) was noted."""
        return [
            datetime.fromisoformat(event["at"])
            for event in self.events
            if event["kind"] == kind and all(event["data"].get(name) == value for name, value in data.items())
        ]

    def left(self, *audiences: str, kind: str | None = None) -> list[dict[str, Any]]:
        """What left the system for these audiences about this case."""
        return [
            item
            for item in self.stack.outbox()
            if item["case_id"] == self.id and item["audience"] in audiences and kind in (None, item["kind"])
        ]

    def running(self) -> dict[str, str]:
        """Status of each execution of this case, by name."""
        return {
            one["name"]: one["status"] for one in self.stack.executions() if one["name"].startswith(self.id)
        }
