"""Reports and messages: taken in, added, withdrawn (I1, I7)."""

from __future__ import annotations

import random
import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sangfroid.acts.reception import Reception
from sangfroid.casefile import CaseFile
from sangfroid.cases import intake
from sangfroid.cases.substance import required
from sangfroid.casework import Casework
from sangfroid.errors import FieldError, IllegalTransition, Invalid, NotFound, Unavailable
from sangfroid.model import rfc3339
from sangfroid.table import ConditionFailed
from sangfroid.triage.report import IncidentReport, ReportedMessage

FUTURE_ALLOWED = timedelta(minutes=5)
"""Clock skew that a publication time may be ahead (contract)."""

OLDEST_ALLOWED = timedelta(days=3650)
"""A first message older than ten years is a typing error, not a crisis."""


BRANDS_SHOWN = 20


class Reports:
    """What people and listening tools report."""

    def __init__(self, casework: Casework, reception: Reception) -> None:
        self._casework = casework
        self._reception = reception

    def submit(
        self, report: IncidentReport, body: dict[str, Any], key: str | None, by: str
    ) -> dict[str, Any]:
        """Take a report in: into the open case that it belongs to, or as a new case. Same key and body: same answer (I7).

        Raises Invalid for a brand that the organisation does not know, or a publication time that cannot be.
        """
        report = report.model_copy(update={"brand": self.brand(report.brand, "/brand")})
        if report.message is not None:
            self.check_moment(report.message.published_at, "/message/published_at")
        elif report.origin == "message":
            raise Invalid(
                "A report of origin `message` names the message. For what is not public yet: origin `enquiry` or `internal`.",
                errors=[FieldError("/message", "required")],
            )
        else:
            required(report.notes, "/notes", "what was asked or found, since there is no message to read")
        if report.known_at is not None:
            self.check_moment(report.known_at, "/known_at")
        elif report.origin != "message":
            report = report.model_copy(update={"known_at": self._casework.now()})
        fingerprint = intake.fingerprint(body)
        for attempt in range(20):
            if key is not None and (before := self._casework.store.remembered(key)):
                if before.fingerprint != fingerprint:
                    raise Invalid(
                        "This Idempotency-Key was used for another report. Send a new key with a new report.",
                        errors=[FieldError("", "not the body that came with this key before")],
                    )
                return before.answer
            try:
                return self._reception.take_in(report, self._casework.now(), by, key, fingerprint)
            except ConditionFailed:
                # Another report of the same event, or the same one twice at once: look again. Real time, not the
                # clock of the rules: this only lets the other writer finish.
                time.sleep(random.uniform(0, 0.002 * attempt))  # noqa: S311
        raise Unavailable("Many reports of the same event arrive at once. Please send this one again.")

    def add_message(self, case_id: str, message: ReportedMessage, by: str) -> dict[str, Any]:
        """Add a message to a case; an earlier one moves every clock (I1)."""
        self.check_moment(message.published_at, "/published_at")

        def add(file: CaseFile) -> dict[str, Any]:
            _must_be_open(file)
            stored = intake.add_message(file, message)
            return {"message_id": stored.id, "first_published_at": _origin(file)}

        return self._casework.change(case_id, by, add)

    def withdraw_message(self, case_id: str, message_id: str, reason: str, by: str) -> dict[str, Any]:
        """Take a wrong message back; the clocks are counted from the earliest one that is left."""
        every = self._casework.store.messages(case_id, limit=None)
        messages = [message for message in every if not message.withdrawn]
        chosen = next((message for message in messages if message.id == message_id), None)
        if chosen is None:
            self._casework.read(case_id)
            raise NotFound(f"Case {case_id} has no message {message_id!r} (or it was withdrawn).")
        reason = required(reason, "/reason", "why it does not belong here", least=1)
        others = [message for message in messages if message.id != message_id]
        if not others:
            raise IllegalTransition(
                "It is the only message of the case. If there is no crisis: triage with case null."
            )

        def withdraw(file: CaseFile) -> dict[str, Any]:
            _must_be_open(file)
            intake.withdraw_message(file, chosen, others, reason)
            return {"first_published_at": _origin(file)}

        return self._casework.change(case_id, by, withdraw)

    def brand(self, name: str, pointer: str) -> str:
        """The brand's own name, for its aliases too; raises Invalid with the nearest one that is known."""
        organisation = self._casework.organisation
        brand = organisation.known_brand(name)
        if brand is not None:
            return brand.name
        meant = organisation.nearest_brand(name)
        shown = ", ".join(known.name for known in organisation.brands[:BRANDS_SHOWN])
        raise Invalid(
            f"The organisation has no brand {name!r}. "
            + (f"Did you mean {meant!r}?" if meant else f"Its brands: {shown}."),
            errors=[FieldError(pointer, f"one of: {shown}")],
            **({"nearest": meant} if meant else {}),
        )

    def check_moment(self, published_at: datetime, pointer: str) -> None:
        """Refuse a publication time in the future or absurdly long ago."""
        now = self._casework.now()
        if published_at > now + FUTURE_ALLOWED:
            zone = self._casework.organisation.time_zone
            here = f"{now.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}, {zone}"
            raise Invalid(
                f"The publication time lies in the future (it is now {here}). Check the date and the time zone.",
                errors=[FieldError(pointer, "in the future")],
            )
        if published_at < now - OLDEST_ALLOWED:
            raise Invalid(
                "The publication time is more than ten years ago. Check the date.",
                errors=[FieldError(pointer, "more than ten years ago")],
            )


def _origin(file: CaseFile) -> str | None:
    origin = file.case.first_published_at
    return rfc3339(origin) if origin is not None else None


def _must_be_open(file: CaseFile) -> None:
    if file.case.status == "closed":
        raise IllegalTransition("The case is closed. Report the message: POST /incidents opens another case.")
