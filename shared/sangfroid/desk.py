"""The crisis desk: every act of a person or a procedure as one method, each a single transaction on one case.

`Desk` puts rules, store, door and clock together; the Lambdas parse, call one method, and answer.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sangfroid.casefile import CaseFile
from sangfroid.cases import (
    arrivals,
    classification,
    clocks,
    closing,
    deliveries,
    duties,
    facts,
    intake,
    merging,
    no_response,
    responses,
    retractions,
)
from sangfroid.cases.procedure import advance, outcome_of
from sangfroid.cases.reception import Reception
from sangfroid.drafting import Drafting
from sangfroid.errors import FieldError, IllegalTransition, Invalid, NotFound, Unavailable
from sangfroid.evidence.keeping import EvidenceKeeper
from sangfroid.evidence.vault import Vault
from sangfroid.freeze import state as freezing
from sangfroid.freeze.procedure import Freezer
from sangfroid.model import Delivery, Intent, Measure, Message, ResponseKind, ResponseVersion, Wait, rfc3339
from sangfroid.organisation import Organisation
from sangfroid.outbound import notices
from sangfroid.outbound.channels.base import Channel
from sangfroid.outbound.door import Door, Sent
from sangfroid.outbound.errors import ChannelFault
from sangfroid.outbound.previews import Preview, Previewer
from sangfroid.store import CHANGE_ATTEMPTS, CaseStore, case_key, delivery_place, put_delivery
from sangfroid.table import ConditionFailed, Table
from sangfroid.triage import decide
from sangfroid.triage.report import Classifier, Profile, Report, ReportedMessage

if TYPE_CHECKING:
    from sangfroid.tracing.tracer import Tracer

FUTURE_ALLOWED = timedelta(minutes=5)
"""Clock skew that a publication time may be ahead (contract)."""

OLDEST_ALLOWED = timedelta(days=3650)
"""A first message older than ten years is a typing error, not a crisis."""

CLOCK_NOTICES = (
    "clock_reminder", "clock_breached", "silence", "procedure_failed", "delivery_failing", "retraction_failing", "round_missed",
)  # fmt: skip
"""What is told out of band while the freeze holds: the clocks go on."""

WORK_NOTICES = (
    "triage_requested", "crisis_opened", "draft_requested", "review_requested", "retraction_requested",
)  # fmt: skip
"""What is told out of band as well where the case holds the freeze: its statement is due within the same clocks."""

Watcher = Callable[[CaseFile], None]


class Desk:
    """The application. `now` is read once per act and passed on; `watch` sees every change that was written (metrics)."""

    def __init__(
        self,
        table: Table,
        organisation: Organisation,
        classifier: Callable[[], Classifier],
        channels: Callable[[str], Channel],
        now: Callable[[], datetime],
        watch: Watcher | None = None,
        vault: Vault | None = None,
    ) -> None:
        self.table = table
        self.store = CaseStore(table)
        self.organisation = organisation
        self.now = now
        self.channels = channels
        self._classifier = classifier
        self._watch = watch
        self.previewer = Previewer(organisation, channels)
        self.evidence = EvidenceKeeper(self.store, vault, now, self.change)
        self.drafting = Drafting(self.store, organisation, channels, self.evidence, now)
        self.door = Door(self.store, organisation, channels, now, self.change, self.drafting.image)
        self.freezer = Freezer(self.store, organisation, now, self.change)
        self.reception = Reception(self.store, organisation, self.change, self.freezer.hold, self._seen)

    def change(
        self, case_id: str, by: str, work: Callable[[CaseFile], Any], attempts: int = CHANGE_ATTEMPTS
    ) -> Any:
        """One act on one case: `work`, then every consequence, then one write. Returns what `work` returned."""
        written: list[CaseFile] = []

        def act(file: CaseFile) -> Any:
            answer = work(file)
            advance(file, self.organisation)
            written[:] = [file]
            return answer

        answer = self.store.change(case_id, self.now(), by, act, attempts)
        if self._watch is not None:
            self._watch(written[0])
        return answer

    def _seen(self, file: CaseFile) -> None:
        if self._watch is not None:
            self._watch(file)

    def read(self, case_id: str) -> CaseFile:
        """The case as it stands."""
        return self.store.load(case_id, self.now(), "")

    # -- people: intake

    def submit(self, report: Report, body: dict[str, Any], key: str | None, by: str) -> dict[str, Any]:
        """Take a report in: into the open case that it belongs to, or as a new case. Same key and body: same answer (I7)."""
        self.check_moment(report.message.published_at, "/message/published_at")
        fingerprint = intake.fingerprint(body)
        for attempt in range(20):
            if key is not None and (before := self.store.remembered(key)):
                if before.fingerprint != fingerprint:
                    raise Invalid(
                        "This Idempotency-Key was used for another report. Send a new key with a new report.",
                        errors=[FieldError("", "not the body that came with this key before")],
                    )
                return before.answer
            try:
                return self.reception.take_in(report, self.now(), by, key, fingerprint)
            except ConditionFailed:
                # Another report of the same event, or the same one twice at once: look again. Real time, not the
                # clock of the rules: this only lets the other writer finish.
                time.sleep(random.uniform(0, 0.002 * attempt))  # noqa: S311
        raise Unavailable("Many reports of the same event arrive at once. Please send this one again.")

    def add_message(self, case_id: str, message: ReportedMessage, by: str) -> dict[str, Any]:
        """Add a message to a case; an earlier one moves every clock (I1)."""
        self.check_moment(message.published_at, "/published_at")

        def add(file: CaseFile) -> dict[str, Any]:
            self._must_be_open(file)
            stored = intake.add_message(file, message)
            return {"message_id": stored.id, "first_published_at": rfc3339(file.case.first_published_at)}

        answer: dict[str, Any] = self.change(case_id, by, add)
        return answer

    def withdraw_message(self, case_id: str, message_id: str, reason: str, by: str) -> dict[str, Any]:
        """Take a wrong message back; the clocks are counted from the earliest one that is left."""
        messages = [message for message in self.store.messages(case_id, limit=None) if not message.withdrawn]
        chosen = next((message for message in messages if message.id == message_id), None)
        if chosen is None:
            self.read(case_id)
            raise NotFound(f"Case {case_id} has no message {message_id!r} (or it was withdrawn).")
        others = [message for message in messages if message.id != message_id]
        if not others:
            raise IllegalTransition(
                "It is the only message of the case. If there is no crisis: triage with case null."
            )

        def withdraw(file: CaseFile) -> dict[str, Any]:
            self._must_be_open(file)
            intake.withdraw_message(file, chosen, others, reason)
            return {"first_published_at": rfc3339(file.case.first_published_at)}

        answer: dict[str, Any] = self.change(case_id, by, withdraw)
        return answer

    def merge(self, case_id: str, into: str, reason: str, by: str) -> CaseFile:
        """Put a case into another one of the same brand: it ends there, its messages go over, the earlier origin counts.

        Repeated after an interruption, it goes on where it stopped. Returns the case that goes on.
        """
        self.reception.settle(case_id)

        def act(files: list[CaseFile]) -> list[CaseFile]:
            source, target = files
            if not merging.merged_before(source.case, into):
                merging.merge(source, target, reason)
                for file in files:
                    advance(file, self.organisation)
            return []

        if case_id == into:
            raise Invalid(
                "A case cannot be merged into itself.", errors=[FieldError("/into", "the same case")]
            )
        self.store.change_together([case_id, into], self.now(), by, act)
        merging.carry_over(self.store, case_id, into)
        return self.read(into)

    def split(self, case_id: str, messages: list[str], reason: str, by: str) -> CaseFile:
        """Take messages out of a case into a new one, which gets clocks and a procedure of its own. Returns the new case."""
        self.reception.settle(case_id)
        self.read(case_id)
        fresh: list[CaseFile] = []

        def act(files: list[CaseFile]) -> list[CaseFile]:
            # Read within the change: a message that was withdrawn meanwhile is not taken along.
            chosen, left = merging.choose(self.store.messages(case_id, limit=None), messages, case_id)
            fresh[:] = [merging.split(files[0], chosen, left, reason, self.now(), by)]
            advance(files[0], self.organisation)
            return fresh

        self.store.change_together([case_id], self.now(), by, act)
        merging.point_to(self.store, fresh[0].case, fresh[0].messages)
        self._seen(fresh[0])
        return self.read(fresh[0].case.id)

    def check_moment(self, published_at: datetime, pointer: str) -> None:
        """Refuse a publication time in the future or absurdly long ago."""
        now = self.now()
        if published_at > now + FUTURE_ALLOWED:
            raise Invalid(
                f"The publication time lies in the future (it is now {rfc3339(now)}). Check the date and the time zone.",
                errors=[FieldError(pointer, "in the future")],
            )
        if published_at < now - OLDEST_ALLOWED:
            raise Invalid(
                "The publication time is more than ten years ago. Check the date.",
                errors=[FieldError(pointer, "more than ten years ago")],
            )

    @staticmethod
    def _must_be_open(file: CaseFile) -> None:
        if file.case.status == "closed":
            raise IllegalTransition(
                "The case is closed. Report the message: POST /incidents opens another case."
            )

    # -- people: decisions

    def triage(
        self, case_id: str, number: Any, leak: bool, reason: str, by: str, *, restart: bool = False
    ) -> CaseFile:
        """A person's classification; `restart` starts the procedures of the case anew, after an aborted execution."""

        def act(file: CaseFile) -> CaseFile:
            was_leak = file.case.leak
            classification.by_person(file, number, leak, reason, self.organisation, restart=restart)
            # Confirming a leak that was frozen before freezes nobody again; it only starts the procedure anew.
            if leak and not (was_leak and "freeze" in file.case.extra):
                self.freezer.hold(file, reason)
            return file

        file: CaseFile = self.freezer.insist(lambda: self.change(case_id, by, act))
        return file

    def submit_response(
        self, case_id: str, texts: dict[str, str], kind: ResponseKind | None, by: str
    ) -> ResponseVersion:
        """A new version of the response, or what follows it."""
        return self.submit_draft(case_id, responses.Draft(texts, kind), by)

    def submit_draft(self, case_id: str, draft: responses.Draft, by: str) -> ResponseVersion:
        """A new version of whatever kind: the response, what follows it, or an answer to one person."""
        shown = self.previewer.every(draft)
        version: ResponseVersion = self.change(
            case_id, by, lambda file: responses.submit(file, draft, self.organisation, shown)
        )
        return version

    def preview(self, case_id: str, number: int) -> tuple[ResponseVersion, list[Preview]]:
        """A version, and how it would look now on every channel × language."""
        file = self.read(case_id)
        version = file.version(number)
        if version is None:
            raise NotFound(f"Case {case_id} has no response version {number}.")
        return version, self.previewer.of(version, file)

    def review(
        self,
        case_id: str,
        version: int,
        approve: bool,
        content_hash: str,
        comment: str,
        by: str,
        *,
        director: bool,
    ) -> ResponseVersion:
        """A reviewer's decision; a yes is to the posts as they were shown."""
        if approve:
            seen, now = self.preview(case_id, version)
            if seen.renderings and seen.renderings != {one.place: one.digest for one in now}:
                raise IllegalTransition(
                    "The channels' settings have changed since the text was written, so it would look otherwise than it was "
                    f"shown. Look at GET /cases/{case_id}/response/{version}/preview, and write the text again."
                )
        reviewed: ResponseVersion = self.change(
            case_id,
            by,
            lambda file: responses.review(file, version, approve, content_hash, comment, director=director),
        )
        return reviewed

    def no_response(
        self,
        case_id: str,
        reason: str,
        reopen_if: list[str],
        by: str,
        *,
        may_propose: bool,
        may_confirm: bool,
    ) -> tuple[bool, CaseFile]:
        """Propose or confirm not to respond; True once it is confirmed."""

        def act(file: CaseFile) -> tuple[bool, CaseFile]:
            confirmed = no_response.decide(
                file, reason, reopen_if, may_propose=may_propose, may_confirm=may_confirm
            )
            return confirmed, file

        answer: tuple[bool, CaseFile] = self.change(case_id, by, act)
        return answer

    def close_duty(
        self, case_id: str, duty: str, state: str, evidence: str | None, note: str | None, by: str
    ) -> Any:
        """A person closes or waives a duty."""
        return self.change(
            case_id, by, lambda file: duties.close_by_person(file, duty, state, evidence, note)
        )

    def settle_delivery(
        self, case_id: str, key: str, state: str, url: str | None, note: str | None, by: str
    ) -> Delivery:
        """A person decides over a delivery that no machine can."""
        delivery: Delivery = self.change(
            case_id, by, lambda file: deliveries.settle_by_person(file, key, state, url, note)
        )
        return delivery

    def retract(
        self,
        case_id: str,
        key: str,
        reason: str,
        by: str,
        *,
        may_propose: bool,
        may_confirm: bool,
        decision: retractions.Decision = "confirm",
    ) -> tuple[bool, Delivery]:
        """Propose, confirm or decline to take a publication back; True once it is confirmed and under way."""
        delivery = self.read(case_id).deliveries.get(key)
        if delivery is not None and delivery.retraction is None and not self._takes_back(delivery.channel):
            raise IllegalTransition(
                f"What was sent over {delivery.channel} cannot be taken back. Write a correction: PUT /cases/{{id}}/response."
            )
        answer: tuple[bool, Delivery] = self.change(
            case_id,
            by,
            lambda file: retractions.decide(
                file, key, decision, reason, may_propose=may_propose, may_confirm=may_confirm
            ),
        )
        return answer

    def _takes_back(self, channel: str) -> bool:
        try:
            return self.channels(channel).takes_back
        except ChannelFault:
            return True  # a fault of its settings says nothing of the platform

    def close(
        self, case_id: str, root_cause: str, lessons: str, measures: list[Measure], by: str
    ) -> CaseFile:
        """Close a case that owes nothing more."""

        def act(file: CaseFile) -> CaseFile:
            closing.close(file, root_cause, lessons, measures)
            return file

        file: CaseFile = self.change(case_id, by, act)
        return file

    # -- procedures

    def classify(self, case_id: str) -> dict[str, Any]:
        """Run triage over the case's first report and keep the verdict; `unsure` means that a person must decide."""
        first = self.store.messages(case_id, limit=1)[0]
        file = self.read(case_id)
        report = _report(first, file)
        verdict = decide(report, self._classifier(), self.organisation.thresholds.sure_from)

        def act(file: CaseFile) -> dict[str, Any]:
            first_time = file.case.round == 0
            sure = classification.by_machine(file, verdict, self.organisation)
            if first_time and file.case.extra.get("spiking"):
                file.case.severity = arrivals.raised(file.case)
            if (
                self.organisation.thresholds.suspicion_freezes
                and file.case.extra.get("suspicion") == "pending"
            ):
                self.freezer.hold(file, "a leak is suspected from the text")
            return {"outcome": "classified" if sure else "unsure"} | self._route(file)

        answer: dict[str, Any] = self.freezer.insist(lambda: self.change(case_id, "sangfroid", act))
        return answer

    def trace(self, case_id: str, tracer: Tracer) -> dict[str, Any]:
        """Look where the case's message comes from; what is found is noted for a person (C1.1, C2.1, A11)."""
        from sangfroid.tracing.findings import Tracing  # what it needs of HTTP, only one Lambda uses

        tracing = Tracing(self.store, self.organisation, self.change, self.evidence)
        return tracing.trace(self.read(case_id), tracer)

    def evidence_pack(self, case_id: str) -> bytes:
        """The evidence of a case as a ZIP, with manifest, timeline and verification (A9)."""
        from sangfroid.evidence import pack

        case = self.read(case_id).case
        entries, vault = self.evidence.listed(case_id), self.evidence.vault
        return pack.build(case, entries, self.store.events(case_id), vault, self.now())

    def route(self, case_id: str) -> dict[str, Any]:
        """Where the case stands, in what a state machine may know (I13)."""
        return self._route(self.read(case_id))

    def _route(self, file: CaseFile) -> dict[str, Any]:
        case, plan = file.case, facts.current_playbook(file)
        thresholds = self.organisation.thresholds
        decision = case.no_response
        silent = decision is not None and decision.stands
        return {
            "case_id": case.id,
            "case": case.case or 0,
            "round": case.round,
            "status": case.status,
            "leak": case.leak,
            "suspected": case.extra.get("suspicion") == "pending",
            "silent": silent,
            "after_duty": plan.publish.after_duty if plan else None,
            "repeating": [duty.id for duty in case.duties if duty.every_hours and duty.state != "waived"],
            "owed": [duty.id for duty in case.duties if duty.state == "open" and not duty.automatic],
            "ask_again_after": int(thresholds.ask_again_after.total_seconds()),
            "silence_after": int(thresholds.silence_after.total_seconds()),
        }

    def wait(self, case_id: str, until: str, round_: int, name: str, token: str) -> dict[str, Any]:
        """Register a procedure's wait; where its condition holds already, it is woken at once.

        A procedure waits under one name: a retried registration takes the place of the lost one.
        """

        def act(file: CaseFile) -> dict[str, Any]:
            wait = Wait(name=name, until=until, token=token, round=round_, since=file.now)
            outcome_of(wait, file)  # refuses an unknown condition before it is stored
            file.case.waits = [other for other in file.case.waits if other.name != name] + [wait]
            return {"waiting": name}

        answer: dict[str, Any] = self.change(case_id, "sangfroid", act)
        return answer

    def look_at_clock(self, case_id: str, clock_id: str, generation: int, *, act: bool) -> dict[str, Any]:
        """What the `deadline` procedure does next; with `act`, what is due now is done and noted.

        Answers `{"step": "stop"|"remind"|"breach"|"escalate", "until": RFC 3339, "rung": int, "role": …, "to": …}`; with
        `act`, `step` is what was done, or `none` where nothing was due any more.
        """
        settings, escalation = self.organisation.thresholds, self.organisation.escalation
        rungs = len(escalation.ladder)

        def next_of(file: CaseFile) -> tuple[Any, datetime]:
            clock = file.case.clock(clock_id)
            if clock.generation != generation or file.case.status == "closed":
                return "stop", file.now
            reminders = settings.reminders.get(clock.id, [])
            return clocks.next_moment(
                clock, file.now, reminders, escalation.every, rungs, escalation.repeat_last_every
            )

        def work(file: CaseFile) -> dict[str, Any]:
            step, until = next_of(file)
            clock, rung = file.case.clock(clock_id), 0
            if step != "stop" and until > file.now:
                step = "none"
            if step == "remind":
                clocks.remind(file, clock, settings.reminders.get(clock.id, []))
            elif step == "breach":
                clocks.breach(file, clock)
                step = "escalate"
            if step == "escalate":
                rung = clocks.escalate(file, clock, rungs)
            ladder = escalation.ladder[rung]
            return {
                "step": step,
                "until": rfc3339(until),
                "rung": rung,
                "role": ladder.role,
                "to": ladder.audience,
            }

        if act:
            answer: dict[str, Any] = self.change(case_id, "sangfroid", work)
            return answer
        step, until = next_of(self.read(case_id))
        return {
            "step": step,
            "until": rfc3339(max(until, self.now())),
            "rung": 0,
            "role": "owner",
            "to": "team",
        }

    def look_at_round(self, case_id: str, duty: str) -> dict[str, Any]:
        """The end of a round of a repeating duty."""
        answer: dict[str, Any] = self.change(
            case_id, "sangfroid", lambda file: duties.look_at_round(file, duty)
        )
        return answer

    def plan_publication(self, case_id: str, version: int, wave: deliveries.Wave) -> dict[str, Any]:
        """Create the deliveries of a wave; the keys that a publication has to bring out."""
        keys: list[str] = []
        while True:
            before = len(self.read(case_id).deliveries)
            keys = self.change(
                case_id, "sangfroid", lambda file: deliveries.plan(file, version, wave, self.organisation)
            )
            if len(self.read(case_id).deliveries) == before:
                return {"deliveries": keys}

    def confirm_publication(
        self, case_id: str, version: int, round_: int, wave: deliveries.Wave
    ) -> dict[str, Any]:
        """What became of a publication, judged by the deliveries themselves."""
        file = self.read(case_id)
        standing = file.version(version)
        if wave.startswith(deliveries.RETRACTION):
            return {"outcome": "retracted"}
        if file.case.status == "closed" or file.case.round != round_:
            return {"outcome": "interrupted"}
        if standing is None or standing.state != "approved":
            return {"outcome": "superseded"}
        audiences: tuple[Any, ...] = ("community",) if wave == "community" else ()
        done = facts.confirmed(file, self.organisation, standing, *audiences)
        planned = [
            file.deliveries.get(facts.delivery_key(case_id, version, channel.id, language))
            for channel, language in facts.wanted(self.organisation, standing)
        ]
        if not done and all(one is not None and one.state in deliveries.DONE for one in planned):
            # A newer correction came first, or the channel is gone: nothing more will come of this one.
            return {"outcome": "superseded"}
        return {"outcome": "published" if done or wave == "community" else "incomplete"}

    def send(self, case_id: str, key: str) -> Sent:
        """One attempt at a delivery of a response; where a person publishes by hand, they are asked to, once."""
        sent = self.door.send((case_key(case_id), f"FILE#DELIVERY#{key}"))
        if sent.handed_over:
            self.notify(case_id, "delivery_failing", key, [], "team", {"channel": key}, room=False)
        return sent

    def notify(
        self,
        case_id: str,
        kind: str,
        occasion: str,
        roles: list[str],
        to: notices.To,
        details: dict[str, Any],
        *,
        room: bool,
    ) -> dict[str, Any]:
        """Tell people: create the notices (once per occasion and reader) and send each through the door.

        While the freeze holds, what concerns a clock or a person's silence goes out of band, and so does the work on a case
        that holds the freeze; everything else is held (I3).
        """
        file = self.read(case_id)
        if kind == "delivery_failing" and str(details.get("channel", "")).endswith(retractions.key_of("")):
            kind = "retraction_failing"
        by_hand = file.deliveries.get(str(details.get("channel"))) if kind == "delivery_failing" else None
        if by_hand is not None and by_hand.state == "manual" and by_hand.publisher is not None:
            # Nothing has failed: it is somebody's task, by the quiet way, with the words that they publish.
            kind, roles, to = "publish_by_hand", [f"person:{by_hand.publisher}"], "team"
            details = {"channel": by_hand.channel, "delivery": by_hand, "version": by_hand.version}
        if kind == "silence" and "rung" in details:
            # Nobody acts: the ladder of the organisation is climbed, one rung a time.
            ladder = self.organisation.escalation.ladder
            rung = ladder[min(int(details["rung"]), len(ladder) - 1)]
            roles = [*roles, rung.role]
            to = "out_of_band" if rung.audience == "out_of_band" else to
        if kind == "agency_file":
            details = details | {"file": _file_for_agency(file, self.store.messages(case_id, limit=20))}
        sent: list[str] = []
        waiting = 0
        chosen = notices.recipients(self.organisation, file.case, roles, to, room=room)
        if to == "team" and self._goes_out_of_band(kind, case_id):
            chosen, to = (
                notices.recipients(self.organisation, file.case, roles, "out_of_band", room=False),
                "out_of_band",
            )
        for recipient in chosen:
            notice = notices.notice(kind, occasion, file, recipient, details)
            # Written by an earlier attempt of this step where it exists; the door knows whether it went out.
            with suppress(ConditionFailed):
                self.table.transact([put_delivery(notice)])
            result = self.door.send(delivery_place(notice))
            sent.append(f"{recipient.name}@{recipient.channel.id}: {result.outcome}")
            waiting += result.outcome == "retry"
            if result.outcome == "held" and self._goes_out_of_band(kind, case_id):
                # The freeze was raised since this step began: the same readers are called out of band instead.
                return self.notify(case_id, kind, occasion, roles, to, details, room=room)
        if sent:
            self.change(
                case_id,
                "sangfroid",
                lambda changing: changing.note("notified", notice=kind, occasion=occasion, recipients=sent),
            )
        return {"told": len(sent) - waiting, "waiting": waiting}

    def _goes_out_of_band(self, kind: str, case_id: str) -> bool:
        """Whether a notice to the team is a call out of band now, because the freeze holds."""
        freeze = freezing.read(self.table)
        return freeze.active and (
            kind in CLOCK_NOTICES or (kind in WORK_NOTICES and case_id in freeze.holding)
        )

    def record_failure(self, case_id: str, where: str, error: str) -> dict[str, Any]:
        """A procedure stopped: note where and with which error name (no content)."""
        self.change(
            case_id, "sangfroid", lambda file: file.note("procedure_failed", where=where, error=error)
        )
        return self.route(case_id)

    def carried_out(self, intent: Intent) -> None:
        """An intent was carried out by `relay`."""
        self.store.done(intent)


def _report(first: Message, file: CaseFile) -> Report:
    message = ReportedMessage(
        text=first.text,
        language=first.language,
        platform=first.platform,
        url=first.url,
        author=Profile.model_validate(first.author),
        published_at=first.published_at,
        on_own_platform=first.on_own_platform,
    )
    return Report.model_validate(
        {
            "brand": file.case.brand,
            "message": message.model_dump(),
            "notes": first.notes,
            "asserted": file.case.asserted,
        }
    )


def _file_for_agency(file: CaseFile, messages: list[Message]) -> str:
    """The whole file in plain text: what is known, and the messages (C4.1)."""
    case = file.case
    lines = [f"{case.brand} · {case.severity} · {case.why}", f"1st: {rfc3339(case.first_published_at)}"]
    lines += [
        f"- {rfc3339(message.published_at)} {message.platform} {message.url or ''}\n  {message.text}"
        for message in messages
    ]
    return "\n".join(lines)
