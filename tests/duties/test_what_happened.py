"""A duty is closed by what happened, never by a tick (C1.1 to C4.5), on the in-memory desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sangfroid.errors import IllegalTransition, Invalid, Refused
from sangfroid.model import CaseNumber, Duty, DutyFinding, Measure
from sangfroid.organisation import Organisation, load
from tests.support.desks import EXAMPLE, NINE, TestDesk

TEXTS = {
    "fr": "Nous vous présentons nos excuses : la panne est notre faute. Prochaine nouvelle à 14 h.",
    "en": "We apologise: the outage is our fault. Next news at 14:00.",
}
FOUND = DutyFinding(
    who="Marc T., photographer",
    where="public forum",
    when="20 November, 04:15",
    address="https://forum.example/t/88",
)
TOLD = DutyFinding(
    who="the 212 members", where="members' evening", when="today at 12:30", what="what we know and do"
)


def duty(desk: TestDesk, case: str, name: str) -> Duty:
    found = desk.desk.casework.read(case).case.duty(name)
    assert found is not None
    return found


def do(desk: TestDesk, case: str, name: str, evidence: str | None = None, **more: Any) -> Duty:
    return desk.desk.ending.close_duty(case, name, "done", evidence, more.pop("note", None), "ben", **more)


def classified(number: CaseNumber, organisation: Organisation | None = None) -> tuple[TestDesk, str]:
    desk = TestDesk(organisation)
    case = desk.report()
    desk.triage(case, number)
    return desk, case


def without_a_community() -> Organisation:
    whole = load(EXAMPLE)
    return whole.model_copy(
        update={"channels": [one for one in whole.channels if one.audience != "community"]}
    )


def closes(desk: TestDesk, case: str, measures: list[Measure]) -> None:
    desk.desk.ending.close(case, "A script that nobody rehearsed", "The forum knew first", measures, "ana")


# -- nonsense


@pytest.mark.parametrize("nothing", ["x", "ok", "fait", "...", "test test", "x x x"])
def test_where_a_finding_is_asked_nonsense_is_refused(nothing: str) -> None:
    desk, case = classified(2)
    for name in ("C2.1",):
        with pytest.raises(Invalid) as refused:
            do(desk, case, name, nothing)
        assert refused.value.errors[0].pointer == "/evidence"
    with pytest.raises(Invalid):
        desk.desk.ending.close_duty(case, "C2.5", "waived", None, nothing, "ben")
    with pytest.raises(Invalid):
        desk.desk.triage.decide(case, 1, False, nothing, "ana")
    with pytest.raises(Invalid) as refused:
        do(desk, case, "C2.1", finding=FOUND.model_copy(update={"address": nothing}))
    assert refused.value.errors[0].pointer == "/finding/address"
    with pytest.raises(Invalid):
        desk.desk.ending.close(case, nothing, "The forum knew first", [], "ana")


def test_the_same_words_everywhere_are_no_finding() -> None:
    desk, case = classified(2)
    same = DutyFinding(who="the team", where="the team", when="the team", address="the team")
    with pytest.raises(Invalid) as refused:
        do(desk, case, "C2.1", finding=same)
    assert refused.value.errors[0].pointer == "/finding/where"


# -- the source


@pytest.mark.parametrize(("number", "name"), [(1, "C1.1"), (2, "C2.1")])
def test_a_person_confirms_what_was_found(number: CaseNumber, name: str) -> None:
    desk, case = classified(number)
    done = do(desk, case, name, finding=FOUND)
    assert (done.state, done.by, done.finding) == ("done", "ben", FOUND)
    assert done.evidence == f"{FOUND.who} · {FOUND.where} · {FOUND.when} · {FOUND.address}"


def test_a_reclassification_keeps_what_is_done_by_its_substance() -> None:
    desk, case = classified(1)
    do(desk, case, "C1.1", finding=FOUND)
    desk.triage(case, 2)
    kept = duty(desk, case, "C2.1")
    assert (kept.state, kept.kept_from, kept.finding, kept.by) == ("done", "C1.1", FOUND, "ben")
    assert duty(desk, case, "C2.3").state == "open"


# -- the community first


@pytest.mark.parametrize(("number", "name"), [(2, "C2.3"), (4, "C4.3")])
def test_the_community_is_told_by_delivery_and_has_a_head_start(number: CaseNumber, name: str) -> None:
    desk, case = classified(number)
    with pytest.raises(IllegalTransition, match="no approved text"):
        do(desk, case, name, "told in the forum, thread 4711")
    version = desk.approve(case, TEXTS)
    with pytest.raises(IllegalTransition, match="by the delivery on every required community channel"):
        do(desk, case, name, "told in the forum, thread 4711")
    with pytest.raises(IllegalTransition, match=f"{name} comes first"):
        desk.desk.publication.plan(case, version, "all")
    assert desk.desk.publication.community_order(case)["next"] == "community"
    desk.publish(case, version, "community")
    told = duty(desk, case, name)
    assert (told.state, told.by) == ("done", "sangfroid")
    assert desk.reached("community")
    assert not desk.reached("public", "customer", "partner")
    order = desk.desk.publication.community_order(case)
    assert (order["next"], order["until"]) == ("wait", "2026-11-20T09:30:00Z")
    desk.now = NINE + timedelta(minutes=29)
    with pytest.raises(IllegalTransition, match="comes first"):
        desk.desk.publication.plan(case, version, "all")
    desk.now = NINE + timedelta(minutes=30)
    assert desk.desk.publication.community_order(case)["next"] == "everyone"
    desk.publish(case, version)
    assert desk.desk.casework.read(case).case.status == "published"
    assert len(desk.reached("community")) == 2, "and not told twice"


def test_the_head_start_is_never_given_at_the_price_of_a_clock() -> None:
    desk = TestDesk()
    case = desk.report(ago=timedelta(hours=47, minutes=30))
    desk.triage(case, 2)
    version = desk.approve(case, TEXTS)
    desk.publish(case, version, "community")
    assert desk.desk.publication.community_order(case)["until"] == "2026-11-20T09:15:00Z"


def test_a_new_text_is_told_to_the_community_first_again() -> None:
    desk, case = classified(2)
    desk.publish(case, desk.approve(case, TEXTS), "community")
    desk.write(case, {language: text + " (2)" for language, text in TEXTS.items()})
    assert duty(desk, case, "C2.3").state == "open"


def community_keys(desk: TestDesk, case: str, version: int) -> list[str]:
    """The deliveries of a version that the community has got."""
    file = desk.desk.casework.read(case)
    return [one.key for one in file.deliveries_of(version) if one.audience == "community"]


def takes_back(desk: TestDesk, case: str, *keys: str) -> None:
    for key in keys:
        desk.retract(case, key)
    desk.take_back(case)


@pytest.mark.parametrize("how_many", [1, 2])
def test_what_was_taken_back_from_the_community_first_is_no_longer_told(how_many: int) -> None:
    desk, case = classified(2)
    version = desk.approve(case, TEXTS)
    desk.publish(case, version, "community")
    takes_back(desk, case, *community_keys(desk, case, version)[:how_many])
    assert duty(desk, case, "C2.3").state == "open"
    desk.advance(timedelta(hours=1))
    with pytest.raises(IllegalTransition, match=r"C2\.3 comes first"):
        desk.desk.publication.plan(case, version, "all")
    # The channel does not send it again (I6), so a person tells it, or another text does.
    assert desk.desk.publication.community_order(case)["next"] == "confirm"
    with pytest.raises(Invalid):
        do(desk, case, "C2.3", "told at the members' evening")
    assert do(desk, case, "C2.3", finding=TOLD).state == "done"
    desk.advance(timedelta(hours=1))
    assert desk.desk.publication.community_order(case)["next"] == "everyone"


def test_what_was_taken_back_is_not_told_under_another_case_type_and_its_text_does_not_leave() -> None:
    desk, case = classified(2)
    version = desk.approve(case, TEXTS)
    desk.publish(case, version, "community")
    takes_back(desk, case, *community_keys(desk, case, version))
    desk.triage(case, 4)
    told = duty(desk, case, "C4.3")
    assert (told.state, told.kept_from) == ("open", None)
    file = desk.desk.casework.read(case)
    assert file.approved is None, "what two people took back is no response to what the case is now"
    clock = file.case.has_clock("response_ready")
    assert clock is not None
    assert clock.state == "running"
    desk.publish(
        case, desk.approve(case, {language: text + " (2)" for language, text in TEXTS.items()}), "community"
    )
    assert duty(desk, case, "C4.3").state == "done"


def test_taken_back_after_everybody_had_it_the_community_did_hear_it_first() -> None:
    desk, case = classified(2)
    published(desk, case)
    takes_back(desk, case, *community_keys(desk, case, 1))
    assert duty(desk, case, "C2.3").state == "done"
    desk.triage(case, 4)
    assert duty(desk, case, "C4.3").state == "open", "but under the new type nothing of it is told"
    file = desk.desk.casework.read(case)
    assert file.approved is not None, (
        "the response is out; a place that is optional and left to a person undoes nothing"
    )
    assert (file.case.status, {one.state for one in file.deliveries_of(1)}) == (
        "published",
        {"published", "retracted", "cancelled"},
    )
    desk.triage(case, 2)
    assert duty(desk, case, "C2.3").state == "open"
    right = desk.approve(case, {language: text + " (2)" for language, text in TEXTS.items()}, "correction")
    desk.publish(case, right)
    assert duty(desk, case, "C2.3").state == "done", "a correction tells it again"


def test_an_announcement_that_was_taken_back_everywhere_is_owed_again() -> None:
    desk, case = classified(2)
    published(desk, case)
    desk.desk.ending.record_measure(
        case, Measure(text="Every migration is rehearsed", owner="dev", due="2026-12-15"), "ana"
    )
    text = {"fr": "Réparé.\n- Every migration is rehearsed", "en": "Mended.\n- Every migration is rehearsed"}
    version = desk.approve(case, text, "closing_announcement")
    desk.publish(case, version)
    assert duty(desk, case, "C2.6").state == "done"
    file = desk.desk.casework.read(case)
    takes_back(desk, case, *[one.key for one in file.deliveries_of(version) if one.state == "published"])
    assert duty(desk, case, "C2.6").state == "open"
    (why,) = [
        event.data["because"]
        for event in desk.desk.casework.store.events(case)
        if event.kind == "duty_reopened" and event.data["duty"] == "C2.6"
    ]
    assert why == "the announcement was taken back"
    desk.publish(case, desk.approve(case, text, "closing_announcement"))
    assert duty(desk, case, "C2.6").state == "done"


def test_where_no_channel_tells_the_community_a_finding_does() -> None:
    desk, case = classified(2, without_a_community())
    with pytest.raises(IllegalTransition, match="no approved text"):
        do(desk, case, "C2.3", finding=TOLD)
    desk.approve(case, TEXTS)
    assert desk.desk.publication.community_order(case)["next"] == "confirm"
    with pytest.raises(Invalid) as refused:
        do(desk, case, "C2.3", "told at the members' evening")
    assert {error.pointer for error in refused.value.errors} == {
        "/finding/who", "/finding/where", "/finding/when", "/finding/what"
    }  # fmt: skip
    assert do(desk, case, "C2.3", finding=TOLD).state == "done"
    assert desk.desk.publication.community_order(case)["next"] == "wait"


@pytest.mark.parametrize("first", [True, False])
def test_in_a_listed_company_an_approver_decides_who_hears_first(first: bool) -> None:
    desk, case = classified(2, load(EXAMPLE).model_copy(update={"listed": True}))
    version = desk.approve(case, TEXTS)
    assert desk.desk.publication.community_order(case)["next"] == "ask"
    for wave in ("community", "all"):
        with pytest.raises(IllegalTransition, match="listed"):
            desk.desk.publication.plan(case, version, wave)  # type: ignore[arg-type]
    with pytest.raises(Invalid):
        desk.desk.publication.decide_order(case, first, "x", "emma")
    desk.desk.publication.decide_order(case, first, "The outage moves no price: legal says so", "emma")
    assert desk.desk.publication.community_order(case)["next"] == ("community" if first else "everyone")
    if not first:
        desk.publish(case, version)
        assert desk.desk.casework.read(case).case.status == "published"
        assert duty(desk, case, "C2.3").state == "done"


# -- updates and the announcement


def published(desk: TestDesk, case: str) -> None:
    version = desk.approve(case, TEXTS)
    desk.publish(case, version, "community")
    desk.advance(timedelta(minutes=30))
    desk.publish(case, version)


def test_a_round_is_done_by_a_published_update_and_ends_with_the_announcement() -> None:
    desk, case = classified(2)
    with pytest.raises(IllegalTransition, match="a published update"):
        do(desk, case, "C2.5", "the update is in the forum")
    published(desk, case)
    assert duty(desk, case, "C2.5").state == "open", "the response is no update"
    desk.publish(case, desk.approve(case, {"fr": "Point : 92 %.", "en": "News: 92 %."}, "update"))
    assert (duty(desk, case, "C2.5").state, duty(desk, case, "C2.5").rounds_done) == ("done", 1)
    desk.now = NINE + timedelta(hours=25)
    assert desk.desk.procedures.look_at_rounds(case, ["C2.5"])["outcome"] == "wait"
    assert duty(desk, case, "C2.5").state == "open", "the next round wants an update of its own"
    desk.now = NINE + timedelta(hours=49)
    assert desk.desk.procedures.look_at_rounds(case, ["C2.5"])["outcome"] == "missed"
    desk.publish(
        case, desk.approve(case, {"fr": "Tout est réparé.", "en": "All is mended."}, "closing_announcement")
    )
    ended = duty(desk, case, "C2.5")
    assert (ended.state, ended.over, ended.rounds_missed) == ("done", True, 1)
    assert desk.desk.procedures.look_at_rounds(case, ["C2.5"])["outcome"] == "over"


def test_the_announcement_names_every_measure_and_is_compared_not_believed() -> None:
    desk, case = classified(2)
    do(desk, case, "C2.1", finding=FOUND)
    desk.desk.ending.close_duty(case, "C2.5", "waived", None, "mended within the hour", "ben")
    published(desk, case)
    measures = [
        Measure(text="Every migration is rehearsed on a copy", owner="dev", due="2026-12-15"),
        Measure(text="A bin keeps files for 30 days", owner="Dev Patel", due="2027-01-15"),
    ]
    for measure in measures:
        desk.desk.ending.record_measure(case, measure, "ana")
    first = {
        "fr": "Tout est réparé.",
        "en": "All is mended. Each MIGRATION is rehearsed on a copy first, every time.",
    }
    version = desk.write(case, first, "closing_announcement")
    assert "measure_not_named" in {finding.code for finding in version.findings}
    desk.review(case, version)
    desk.publish(case, version.version)
    assert duty(desk, case, "C2.6").state == "open"
    with pytest.raises(Refused) as refused:
        closes(desk, case, [])
    assert refused.value.extra["owed"] == [
        {
            "id": "C2.6",
            "title": "The published closing announcement does not name: A bin keeps files for 30 days.",
        }
    ]
    second = {language: text + "\n- Bin: it keeps all files for 30 days." for language, text in first.items()}
    desk.publish(case, desk.approve(case, second, "closing_announcement"))
    assert duty(desk, case, "C2.6").state == "done"
    with pytest.raises(Refused, match=r"C2\.6"):
        closes(desk, case, [Measure(text="Two people read each script", owner="dev", due="2027-01-15")])
    closes(desk, case, [])
    closing = desk.desk.casework.read(case).case.closing
    assert closing is not None
    assert [(one.text, one.owner) for one in closing.measures] == [(one.text, "dev") for one in measures]


@pytest.mark.parametrize(
    ("measure", "pointer"),
    [
        ({"owner": "nobody"}, "/owner"),
        ({"due": "2026-11-19"}, "/due"),
        ({"due": "2026-11-20T08:59:59Z"}, "/due"),
        ({"text": "ok"}, "/text"),
    ],
)
def test_a_measure_has_an_owner_who_exists_and_a_date_to_come(measure: dict[str, str], pointer: str) -> None:
    desk, case = classified(2)
    whole = {"text": "Scripts are rehearsed", "owner": "dev", "due": "2026-11-20"} | measure
    with pytest.raises(Invalid) as refused:
        desk.desk.ending.record_measure(case, Measure(**whole), "ana")
    assert refused.value.errors[0].pointer == pointer


def test_news_are_owed_in_every_case_type_while_it_lasts() -> None:
    for number in (1, 3, 4):
        desk, case = classified(number)  # type: ignore[arg-type]
        assert duty(desk, case, "R6").due_at == NINE + timedelta(hours=24)
        assert "R6" in desk.desk.procedures.route(case)["repeating"]
        with pytest.raises(IllegalTransition, match="a published update"):
            do(desk, case, "R6", "we told them in the forum")
