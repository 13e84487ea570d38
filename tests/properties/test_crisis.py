"""Random lives of a case: I1 (clocks), I5 (only what was approved), I6 (never twice), I9 (timeline) hold in each."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sangfroid import timeline
from sangfroid.cases import closing, facts, version_lines, waiting
from sangfroid.cases.clocks import LENGTHS
from sangfroid.errors import Refused
from sangfroid.model import Submission
from sangfroid.outbound.errors import AnswerLost, ChannelRefused
from sangfroid.triage.report import ReportedMessage
from tests.support.desks import Platform, TestDesk

PEOPLE = ["ana", "ben", "emma", "dora"]
WORDS = ["Nous sommes désolés.", "We are sorry.", "Voici ce que nous faisons.", "sans commentaire"]
spans = st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=30))


class Crisis(RuleBasedStateMachine):
    """One case in the hands of chance; what people did is remembered here, independently of the product."""

    def __init__(self) -> None:
        super().__init__()
        self.world = TestDesk()
        self.published_at: dict[str, datetime] = {}
        self.approved_bytes: set[tuple[int, str]] = set()
        self.seen_hashes: list[str] = []
        self.events: list[dict[str, Any]] = []
        self.taken_back: set[str] = set()

    def attempt(self, act: Any) -> Any:
        """An act that the rules may refuse; a refusal leaves the case as it was."""
        before = dict(self.world.table.items)
        try:
            return act()
        except Refused:
            assert self.world.table.items == before, "a refused act changed the store"
            return None

    @initialize(ago=spans, number=st.sampled_from([1, 2, 3, 4]), depth=st.integers(0, 4))
    def report(self, ago: timedelta, number: int, depth: int) -> None:
        """A report, and how far people have come with it when chance takes over: it alone hardly ever gets a text out."""
        self.case = self.world.report(ago=ago)
        self.published_at["m000001"] = self.world.now - ago
        if depth > 0:
            self.classify(number, "ana")
        if depth > 1:
            self.write("Nous sommes désolés.", "ana", True)
        if depth > 2:
            self.approve_the_latest("emma", "dora")
            self.do_duty(f"C{number}.3", "ben")
        if depth > 3:
            self.world.publish(self.case, 1)

    @rule(span=spans)
    def time_passes(self, span: timedelta) -> None:
        self.world.advance(span)
        for clock in self.world.desk.casework.read(self.case).case.clocks:
            self.world.desk.procedures.look_at_clock(self.case, clock.id, clock.generation, act=True)

    @rule(ago=st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=4)))
    def message(self, ago: timedelta) -> None:
        message = ReportedMessage.model_validate(
            {
                "text": "encore un",
                "platform": "forum",
                "url": "https://forum.example/t/7/2",
                "published_at": self.world.now - ago,
            }
        )
        answer = self.attempt(lambda: self.world.desk.reports.add_message(self.case, message, "rita"))
        if answer:
            self.published_at[answer["message_id"]] = self.world.now - ago

    @precondition(lambda self: len(self.published_at) > 1)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        chosen = data.draw(st.sampled_from(sorted(self.published_at)))
        if self.attempt(
            lambda: self.world.desk.reports.withdraw_message(self.case, chosen, "another brand", "rita")
        ):
            del self.published_at[chosen]

    @rule(number=st.sampled_from([1, 2, 3, 4]), who=st.sampled_from(PEOPLE))
    def classify(self, number: int, who: str) -> None:
        self.attempt(lambda: self.world.desk.triage.decide(self.case, number, False, "looked at it", who))

    @rule(words=st.sampled_from(WORDS), who=st.sampled_from(PEOPLE), both=st.booleans())
    def write(self, words: str, who: str, both: bool) -> None:
        texts = {"fr": words, "en": words} if both else {"fr": words}
        version = self.attempt(lambda: self.world.write(self.case, texts, by=who))
        if version is not None:
            self.seen_hashes.append(version.content_hash)

    @precondition(lambda self: self.published_at)
    @rule(
        words=st.sampled_from(WORDS),
        who=st.sampled_from(PEOPLE),
        second=st.sampled_from(PEOPLE),
        to=st.sampled_from([None, "lea@example.org"]),
    )
    def answer_one_person(self, words: str, who: str, second: str, to: str | None) -> None:
        message = max(self.published_at)
        way = self.attempt(lambda: self.world.desk.responses.one_to_one(self.case, message, None, to))
        if way is None:
            return
        draft = Submission({"fr": words}, "answer", answer=way)
        version = self.attempt(lambda: self.world.desk.responses.submit(self.case, draft, who))
        if version is not None:
            self.seen_hashes.append(version.content_hash)
            self.approve_the_latest(second, second)

    @precondition(lambda self: any(platform.published for platform in self.world.platforms.values()))
    @rule(data=st.data(), who=st.sampled_from(PEOPLE), second=st.sampled_from(PEOPLE), at_once=st.booleans())
    def take_back(self, data: st.DataObject, who: str, second: str, at_once: bool) -> None:
        published = sorted(letter.key for one in self.world.platforms.values() for letter in one.published)
        key = data.draw(st.sampled_from(published))
        for person in (who, second):
            decide = partial(self.world.desk.publication.retract, self.case, key, "wrong", person)
            answer = self.attempt(partial(decide, may_propose=True, may_confirm=True))
            if answer is not None and answer[0]:
                self.taken_back.add(key)
        if at_once:
            self.world.take_back(self.case)

    @precondition(lambda self: self.seen_hashes)
    @rule(who=st.sampled_from(PEOPLE), second=st.sampled_from(PEOPLE))
    def approve_the_latest(self, who: str, second: str) -> None:
        """What people mostly do."""
        for person in (who, second):
            number, given = len(self.seen_hashes), self.seen_hashes[-1]
            self.attempt(
                partial(
                    self.world.desk.responses.review,
                    self.case,
                    number,
                    True,
                    given,
                    "",
                    person,
                    director=False,
                )
            )

    @precondition(lambda self: self.seen_hashes)
    @rule(approve=st.booleans(), who=st.sampled_from(PEOPLE), data=st.data())
    def review_anything(self, approve: bool, who: str, data: st.DataObject) -> None:
        number = data.draw(st.integers(1, len(self.seen_hashes)))
        given = data.draw(st.sampled_from([self.seen_hashes[number - 1], self.seen_hashes[0]]))
        self.attempt(
            lambda: self.world.desk.responses.review(
                self.case, number, approve, given, "", who, director=False
            )
        )

    @precondition(lambda self: self.seen_hashes)
    @rule(
        wave=st.sampled_from(["community", "all", "all", "retraction"]),
        fault=st.sampled_from(["none", "error", "lost_answer", "timeout"]),
        data=st.data(),
    )
    def send(self, wave: Any, fault: str, data: st.DataObject) -> None:
        approved = [
            one.version
            for one in self.world.desk.casework.read(self.case).responses
            if one.state == "approved"
        ]
        number = data.draw(st.sampled_from(approved) if approved else st.integers(1, len(self.seen_hashes)))
        deliveries = self.world.desk.casework.read(self.case).deliveries.values()
        back = [one.key for one in deliveries if one.act == "retract"]
        if wave == "retraction":
            wave = f"retraction:{back[0]}" if back else "all"
        keys = (
            self.attempt(lambda: self.world.desk.publication.plan(self.case, number, wave)["deliveries"])
            or []
        )

        def misbehave(platform: Platform, letter: Any) -> None:
            if fault == "error":
                raise ChannelRefused("down")
            if fault == "timeout":
                raise AnswerLost("nothing came")
            if fault == "lost_answer":
                platform.publish_for_real(letter)
                raise AnswerLost("nothing came")

        for platform in self.world.platforms.values():
            platform.fault = None if fault == "none" else misbehave
        for key in keys[:3]:
            for _ in range(3):
                sent = self.world.desk.publication.send(self.case, key)
                if sent.until is not None:
                    self.world.now = max(self.world.now, sent.until)

    @precondition(lambda self: self.events and any(e["kind"] == "publication_planned" for e in self.events))
    @rule(change=st.sampled_from(["version", "triage"]), who=st.sampled_from(PEOPLE), data=st.data())
    def send_what_was_planned_before(self, change: str, who: str, data: st.DataObject) -> None:
        """A delivery planned earlier is attempted after its text or its case has changed: it must not leave."""
        if change == "version":
            self.write("Nous avons changé d'avis.", who, True)
        else:
            self.classify(data.draw(st.sampled_from([1, 2, 3, 4])), who)
        for platform in self.world.platforms.values():
            platform.fault = None
        for key in list(self.world.desk.casework.read(self.case).deliveries)[:6]:
            self.world.desk.publication.send(self.case, key)

    @rule(duty=st.sampled_from(["C2.3", "C4.3", "C2.1", "C3.3"]), who=st.sampled_from(PEOPLE))
    def do_duty(self, duty: str, who: str) -> None:
        state = "waived" if duty in ("C2.3", "C4.3") else "done"
        why = "told one by one, on the telephone"
        self.attempt(lambda: self.world.desk.ending.close_duty(self.case, duty, state, why, why + ".", who))

    @rule(who=st.sampled_from(PEOPLE), may_confirm=st.booleans())
    def no_response(self, who: str, may_confirm: bool) -> None:
        self.attempt(
            lambda: self.world.desk.responses.no_response(
                self.case, "bait", ["messages_over:5"], who, may_propose=True, may_confirm=may_confirm
            )
        )

    @invariant()
    def clocks_count_from_the_origin(self) -> None:
        if not self.published_at:
            return
        case = self.world.desk.casework.read(self.case).case
        assert case.first_published_at == min(self.published_at.values())
        for clock in case.clocks:
            if (
                clock.id in LENGTHS
            ):  # the desk's own first word counts from the moment the crisis is recognised
                assert clock.due_at == case.first_published_at + LENGTHS[clock.id]
            if clock.state == "met":
                assert clock.met_at is not None
                assert clock.met_at <= clock.due_at
            if clock.state == "met_late":
                assert clock.met_at is not None
                assert clock.met_at > clock.due_at
            if clock.state == "breached":
                assert self.world.now >= clock.due_at

    @invariant()
    def only_approved_bytes_leave(self) -> None:
        if not self.published_at:
            return
        events = [
            event
            for event in self.world.desk.casework.store.events(self.case)
            if event.kind == "response_approved"
        ]
        approved = {(event.data["version"], event.data["content_hash"]) for event in events}
        file = self.world.desk.casework.read(self.case)
        for letter in self.world.reached("public", "community", "customer", "partner"):
            number = int(letter.key.split(":v")[1].split(":")[0])
            version = file.version(number)
            assert version is not None
            assert (number, facts.content_hash(version.texts, version.picture, version.answer)) in approved
            assert letter.text == version.texts[letter.language]
        for version in file.responses:
            assert version.by not in {approval.by for approval in version.approvals}

    @invariant()
    def never_twice(self) -> None:
        for platform in self.world.platforms.values():
            assert len(platform.ever) == len(set(platform.ever))

    @invariant()
    def only_what_two_people_decided_is_taken_back(self) -> None:
        for platform in self.world.platforms.values():
            assert set(platform.ever) - {letter.key for letter in platform.published} <= self.taken_back
        if self.published_at:
            for delivery in self.world.desk.casework.read(self.case).deliveries.values():
                decision = delivery.retraction
                assert delivery.state != "retracted" or decision or delivery.act == "retract"
                assert decision is None or decision.proposed_by != decision.confirmed_by

    @invariant()
    def the_tallies_know_what_is_owed(self) -> None:
        """Whether something is owed is told from tallies; what it is, from the deliveries themselves."""
        if not self.published_at:
            return
        file = self.world.desk.casework.read(self.case)
        assert closing.is_owed(file) == bool(closing.owed(file)), closing.owed(file)
        # The same where nothing but what leaves or is taken back could be owed.
        file.case.duties, file.case.clocks = [], []
        assert closing.is_owed(file) == bool(closing.owed(file)), closing.owed(file)

    @invariant()
    def the_lines_are_what_the_versions_are(self) -> None:
        """What is drawn from the lines of the case would be drawn from the versions themselves."""
        if not self.published_at:
            return
        lines = self.world.desk.casework.read(self.case)
        assert (lines.case.version_lines is not None) == bool(lines.case.versions)
        texts = self.world.desk.casework.read(self.case)
        known = {line.version: line for line in lines.lines}
        assert texts.responses is texts.responses
        for line in texts.lines:
            if line.version not in known:
                assert line.kind == "answer"
                assert line.state not in ("draft", "in_review")
            else:
                if line.review is not None:
                    line.review.authors = version_lines.authors(texts, line.version)
                assert known[line.version] == line
        assert waiting.waits(lines) == waiting.waits(texts)
        assert closing.is_owed(lines) == closing.is_owed(texts)

    @invariant()
    def the_timeline_only_grows(self) -> None:
        if not self.published_at:
            return
        case = self.world.desk.casework.read(self.case).case
        events = [timeline.shown(event) for event in self.world.desk.casework.store.events(self.case)]
        assert timeline.verify(events, (case.timeline_seq, case.timeline_hash)).intact
        assert events[: len(self.events)] == self.events
        self.events = events

    @invariant()
    def community_comes_first(self) -> None:
        """No public delivery of a response is even planned before C2.3 / C4.3 was closed in that classification."""
        if not self.published_at:
            return
        number, closed, done = None, set(), set()
        for event in self.world.desk.casework.store.events(self.case):
            data = event.data
            if event.kind in ("classified", "reclassified"):
                number = data["case"]
            elif event.kind in ("duty_done", "duty_waived"):
                closed.add(data["duty"])
                if event.kind == "duty_done":
                    done.add(data["duty"])
            elif event.kind == "duty_reopened":
                closed.discard(data["duty"])
                done.discard(data["duty"])
            elif event.kind == "duties_opened":
                # What is done under one type of case is done by its substance under the other.
                told = set(data["added"]) & {"C2.3", "C4.3"} if done & {"C2.3", "C4.3"} else set()
                closed, done = closed - set(data["added"]) | told, done - set(data["added"]) | told
            elif event.kind == "no_response_reopened":
                closed.discard("C4.3")
            elif event.kind == "publication_planned" and data["wave"] == "all" and number in (2, 4):
                version = self.world.desk.casework.read(self.case).version(data["version"])
                if version is not None and version.kind == "response":
                    assert f"C{number}.3" in closed


TestCrisis = Crisis.TestCase
TestCrisis.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
