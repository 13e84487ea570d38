"""The step `trace` at the desk: what is noted, what is proposed to a person, and when nothing is fetched."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sangfroid.errors import Unavailable
from sangfroid.http import documents
from sangfroid.model import rfc3339
from sangfroid.organisation import Organisation
from sangfroid.tracing.findings import Tracing
from sangfroid.tracing.refusals import NotPublic
from sangfroid.tracing.tracer import Tracer, rivals_in
from sangfroid.triage.report import ReportedMessage
from tests.evidence.vaults import MemoryVault
from tests.support.desks import NINE, TestDesk
from tests.tracing.desks import API, BSKY, Pages, traced
from tests.tracing.pages import ARTICLE, STATUS, THREAD


def test_the_findings_stand_on_the_duty_which_stays_a_persons() -> None:
    desk, case_id = traced(Pages(**{BSKY: ARTICLE, API: THREAD}), url=BSKY)
    duty = desk.desk.casework.read(case_id).case.duty("C2.1")
    assert duty is not None
    assert duty.state == "open"
    assert "bob.test" in str(duty.note)
    assert "2026-11-20T05:00:00Z" in str(duty.note)
    assert "confirmed by a person" in str(duty.note)


def test_the_note_waits_for_a_case_that_a_person_classifies_later() -> None:
    desk, case_id = traced(Pages(**{BSKY: ARTICLE, API: THREAD}), desk=TestDesk(confidence=0.2), url=BSKY)
    assert desk.desk.casework.read(case_id).case.duties == []
    desk.triage(case_id, 1)
    assert "bob.test" in str(desk.desk.casework.read(case_id).case.duty("C1.1").note)  # type: ignore[union-attr]


def test_an_earlier_origin_is_proposed_and_moves_only_when_a_person_adds_it() -> None:
    desk, case_id = traced(Pages(**{BSKY: ARTICLE, API: THREAD}), url=BSKY)
    case = desk.desk.casework.read(case_id).case
    assert case.first_published_at == NINE - timedelta(hours=1), "nothing moved by itself"
    shown = documents.case_document(desk.desk.casework.read(case_id), documents.Pages([], [], []))[
        "proposed_origin"
    ]
    assert (shown["state"], shown["published_at"]) == ("proposed", "2026-11-20T05:00:00Z")
    assert shown["url"] == "https://bsky.app/profile/eve.test/post/3k0"
    assert shown["evidence"].startswith("ev-")
    accepted = {
        "text": "quoted",
        "platform": "bluesky",
        "url": shown["url"],
        "published_at": shown["published_at"],
    }
    desk.desk.reports.add_message(case_id, ReportedMessage.model_validate(accepted), "ana")
    case = desk.desk.casework.read(case_id).case
    assert rfc3339(case.first_published_at) == "2026-11-20T05:00:00Z"
    assert case.proposed_origin.state == "accepted"


def test_a_page_that_links_to_posts_leads_to_the_earliest() -> None:
    url, linked = "https://matin.org/p", "https://social.org/@bob/113500000000000001"
    page = ARTICLE.replace("https://x.com/bob/status/12345", linked)
    pages = Pages(**{
        url: page, "https://social.org/api/v1/statuses/113500000000000001": STATUS | {"created_at": "2026-11-20T03:00:00Z"},
    })  # fmt: skip
    desk, case_id = traced(pages, url=url, platform="press")
    proposed = desk.desk.casework.read(case_id).case.proposed_origin
    assert (rfc3339(proposed.published_at), proposed.relation, proposed.author) == (
        "2026-11-20T03:00:00Z",
        "linked",
        "bob",
    )
    assert len(pages.asked) <= 12


def test_answers_of_a_later_or_equal_time_propose_nothing() -> None:
    desk, case_id = traced(
        Pages(**{"https://matin.org/p": ARTICLE.replace("08:30:00+01:00", "10:30:00Z")}),
        url="https://matin.org/p",
    )
    assert desk.desk.casework.read(case_id).case.proposed_origin is None


@pytest.mark.parametrize(
    "leak",
    [
        {"verdict": {"leak": True, "case": 3}},
        {"verdict": {"leak_suspected": True}},
        {"asserted": {"confidential_leak": True}},
    ],
)
def test_in_a_leak_nothing_is_fetched_and_it_says_why(leak: dict[str, Any]) -> None:
    desk, pages = TestDesk(**leak.get("verdict", {})), Pages(**{BSKY: ARTICLE, API: THREAD})
    body = {"text": "all their contracts", "platform": "forum", "published_at": rfc3339(NINE), "url": BSKY}
    case_id = desk.report(message=body, **{"asserted": leak["asserted"]} if "asserted" in leak else {})
    desk.desk.triage.classify(case_id)
    assert (
        Tracing(desk.desk.casework, desk.desk.evidence, Tracer(pages)).trace(case_id)["outcome"] == "skipped"
    )
    assert pages.asked == []
    assert "would tell its host" in desk.desk.casework.read(case_id).case.trace.reason


def test_nothing_is_fetched_without_an_address_or_where_it_is_switched_off() -> None:
    pages = Pages()
    desk, case_id = traced(pages)
    assert "no message of the case has an address" in desk.desk.casework.read(case_id).case.trace.reason
    example = TestDesk().organisation
    off = Organisation.model_validate(
        example.model_dump() | {"thresholds": example.thresholds.model_dump() | {"trace": False}}
    )
    desk, case_id = traced(pages, desk=TestDesk(off), url=BSKY)
    assert "switched off" in desk.desk.casework.read(case_id).case.trace.reason
    assert pages.asked == []


def test_a_refusal_is_noted_by_its_kind() -> None:
    desk, case_id = traced(
        Pages(**{"http://10.0.0.1/": NotPublic("10.0.0.1 is not public")}), url="http://10.0.0.1/"
    )
    (event,) = [event for event in desk.desk.casework.store.events(case_id) if event.kind == "source_traced"]
    assert event.data["outcome"] == "refused"
    assert event.data["reason"].startswith("not_public")


def test_an_author_of_a_rival_is_named_and_so_are_their_earlier_cases() -> None:
    pages = Pages(
        **{
            "https://social.org/@bob/113500000000000001": ARTICLE,
            "https://social.org/api/v1/statuses/113500000000000001": STATUS,
        }
    )
    desk, first = traced(pages, url="https://social.org/@bob/113500000000000001", platform="mastodon")
    trace = desk.desk.casework.read(first).case.trace
    assert (trace.rivals, trace.earlier_cases) == (["Cirrus Cloud"], [])
    again = {
        "url": "https://social.org/@bob/113500000000000001?again",
        "platform": "mastodon",
        "text": "une tout autre histoire que celle d'hier",
    }
    pages.pages |= {again["url"]: ARTICLE}
    _, second = traced(pages, desk=desk, **again)
    assert second != first
    assert desk.desk.casework.read(second).case.trace.earlier_cases == [first]
    Tracing(desk.desk.casework, desk.desk.evidence, Tracer(pages)).trace(second)
    assert desk.desk.casework.read(second).case.trace.earlier_cases == [first], "tracing twice counts once"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Works at CIRRUS CLOUD, views my own", ["Cirrus Cloud"]),
        ("@cirrus_cloud_help", ["Cirrus Cloud"]),
        ("https://www.stratus-hosting.example/team", ["Stratus Hosting"]),
        ("I love cirrus clouds and hiking", []),
        ("", []),
    ],
)
def test_rivals_are_found_by_name(said: str, found: list[str]) -> None:
    assert rivals_in(["Cirrus Cloud", "Stratus Hosting", "!!"], said) == found or said.startswith("I love")


def test_a_store_of_evidence_that_fails_loses_only_the_capture(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise Unavailable("gone")

    monkeypatch.setattr(MemoryVault, "keep", gone)
    desk, case_id = traced(Pages(**{BSKY: ARTICLE, API: THREAD}), url=BSKY)
    trace = desk.desk.casework.read(case_id).case.trace
    assert (trace.outcome, trace.evidence) == ("traced", None)


def test_the_case_stays_small_whatever_the_page_says() -> None:
    page = (
        "<title>"
        + "t" * 100_000
        + "</title><meta name=author content='"
        + "a" * 100_000
        + "'>"
        + "<a href='https://x.com/a/status/1"
        + "9" * 1_900
        + "'>" * 300
    )
    desk, case_id = traced(Pages(**{"https://matin.org/p": page}), url="https://matin.org/p")
    assert len(desk.desk.casework.read(case_id).case.model_dump_json()) < 30_000
