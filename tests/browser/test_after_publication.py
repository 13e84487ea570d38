"""The pages of a case whose response is out: what a button says can be read, and a French page is French."""

from __future__ import annotations

import re
from typing import Any

import httpx

from tests.support.axe import violations
from tests.support.crisis_through_the_page import TEXTS
from tests.support.people_in_browsers import Desk

OURS = re.compile(
    r"\b(deliver\w*|confirmed|published by|not traced|a person|reads as|business_owner)\b", re.IGNORECASE
)


class Caller:
    """Somebody who calls the interface, to have a case where the pages to be looked at are."""

    def __init__(self, address: str, sub: str, *roles: str) -> None:
        asked = {"sub": sub, "roles": list(roles)}
        token = httpx.post(f"{address}/_local/token", json=asked, timeout=60).json()["token"]
        self.client = httpx.Client(
            base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=120
        )

    def __call__(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.client.request(method, path, json=body)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


def published(desk: Desk) -> str:
    """A case of kind 2 whose response is out everywhere, with the news that it promised still owed."""
    ana = Caller(desk.address, "ana", "reporter", "responder")
    emma = Caller(desk.address, "emma", "approver")
    now = httpx.get(f"{desk.address}/_local/clock", timeout=60).json()["now"]
    message = {"text": "Plus rien ne marche, c'est insupportable.", "platform": "x", "published_at": now}
    case_id = ana("POST", "/incidents", {"brand": "Nuage SA", "message": message})["case_id"]
    ana("POST", f"/cases/{case_id}/triage", {"case": 2, "leak": False, "reason": "our script is the cause"})
    version = ana("PUT", f"/cases/{case_id}/response", {"texts": TEXTS["response"]})
    yes = {"decision": "approve", "content_hash": version["content_hash"]}
    emma("POST", f"/cases/{case_id}/response/{version['version']}/review", yes)
    desk.advance("PT1H")
    return str(case_id)


def test_the_pages_of_a_published_case(desk: Desk, language: str) -> None:
    case_id = published(desk)
    ana = desk.person("ana", language)
    found: list[str] = []
    for view in ("", "/duty/P1", "/duty/C2.5", "/duty/C2.6", "/deliveries", "/timeline", "/report"):
        ana.page.evaluate(f"location.hash = '#/cases/{case_id}{view}'")
        ana.page.locator("main h2").first.wait_for()
        ana.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        ana.page.wait_for_timeout(300)
        found += violations(ana, f"{language} {view}")
        if language == "fr":
            shown = ana.page.locator("main").inner_text()
            found += [f"{view}: {one.group()}" for one in OURS.finditer(shown)]
    assert ana.page.locator(".refusal").count() == 0
    ana.page.evaluate("location.hash = '#/plan'")
    ana.page.locator("table").first.wait_for()
    found += [
        f"plan: {one.group()}"
        for one in OURS.finditer(ana.page.locator("main").inner_text())
        if language == "fr"
    ]
    assert not found, "\n".join(found)


def test_the_timeline_names_what_it_tells(desk: Desk, language: str) -> None:
    case_id = published(desk)
    ana = desk.person("ana", language)
    ana.page.evaluate(f"location.hash = '#/cases/{case_id}/timeline'")
    ana.page.locator("ol.log li").first.wait_for()
    lines = ana.page.locator("ol.log li").all_inner_texts()
    assert any("newsroom/fr" in line for line in lines)
    assert any(
        {"fr": "version 1 (réponse)", "en": "version 1 (response)"}[language] in line for line in lines
    )


def test_whoever_was_called_at_night_sees_for_what(desk: Desk, language: str) -> None:
    """Emma is the fourth whom the night reaches. She cannot classify, but she must not read that nothing waits for her."""
    ana = Caller(desk.address, "ana", "reporter", "responder")
    now = httpx.get(f"{desk.address}/_local/clock", timeout=60).json()["now"]
    message = {"text": "Plus rien ne marche, c'est insupportable.", "platform": "x", "published_at": now}
    ana("POST", "/incidents", {"brand": "Nuage SA", "message": message})
    for _ in range(48):
        desk.advance("PT30M")
        told = [
            one for one in desk.outbox() if one["channel"] == "pager" and one["kind"] == "triage_requested"
        ]
        if len(told) >= 4:
            break
    emma = desk.person("emma", language)
    card = emma.page.locator("li.task").first
    card.wait_for()
    assert emma.t("task.called.title", what=emma.t("task.triage.title")) in card.inner_text()
    assert "Ana Ferreira" in card.inner_text()
    card.get_by_role("button", name=emma.t("task.seen")).click()
    emma.sees("task.taken")
    assert emma.page.locator(".refusal").count() == 0


def test_a_question_that_came_before_anything_is_public_can_be_read(desk: Desk, language: str) -> None:
    """What a journalist asks is the whole of such a case; and its first message is not of 1970."""
    ana = Caller(desk.address, "ana", "reporter", "responder")
    asked = "Le Monde demande pourquoi nos serveurs tombent chaque lundi, et veut une réponse de la direction avant 17 h."
    case_id = ana("POST", "/incidents", {"brand": "Nuage SA", "origin": "enquiry", "notes": asked})["case_id"]
    somebody = desk.person("ana", language)
    for place in ("cases", f"cases/{case_id}", f"cases/{case_id}/triage"):
        somebody.page.evaluate(f"location.hash = '#/{place}'")
        somebody.page.locator("main .case-line").first.wait_for()
        somebody.page.wait_for_timeout(200)
        shown = somebody.page.locator("main").inner_text()
        assert "1970" not in shown, place
        assert place == "cases" or asked in shown, place


def test_when_silence_ends_stands_with_the_decision(desk: Desk, language: str) -> None:
    ana = Caller(desk.address, "ana", "reporter", "responder")
    emma = Caller(desk.address, "emma", "approver")
    now = httpx.get(f"{desk.address}/_local/clock", timeout=60).json()["now"]
    message = {
        "text": "Ces avis identiques sont tous du même jour.",
        "platform": "review",
        "published_at": now,
    }
    case_id = ana("POST", "/incidents", {"brand": "Nuage SA", "message": message})["case_id"]
    ana("POST", f"/cases/{case_id}/triage", {"case": 4, "leak": False, "reason": "reviews that were bought"})
    no = {"reason": "answering would only spread it", "reopen_if": ["press"]}
    for person in (ana, emma):
        person("POST", f"/cases/{case_id}/no-response", no)
    somebody = desk.person("ben", language)
    somebody.page.evaluate(f"location.hash = '#/cases/{case_id}/no-response'")
    somebody.sees("no_response.condition_press")
    if language == "fr":
        somebody.page.evaluate(f"location.hash = '#/cases/{case_id}'")
        somebody.sees("case.actions")
        assert "not to respond" not in somebody.page.locator("main").inner_text()


def test_the_latest_of_many_deliveries_is_within_reach(desk: Desk, language: str) -> None:
    """A hundred deliveries fill one answer of the interface; whoever must act finds those of the latest version all the same."""
    case_id = published(desk)
    ana, emma = (
        Caller(desk.address, "ana", "reporter", "responder"),
        Caller(desk.address, "emma", "approver"),
    )
    for _ in range(6):
        update = ana("PUT", f"/cases/{case_id}/response", {"texts": TEXTS["update"], "kind": "update"})
        yes = {"decision": "approve", "content_hash": update["content_hash"]}
        emma("POST", f"/cases/{case_id}/response/{update['version']}/review", yes)
    desk.advance("PT1H")
    page = desk.person("ana", language).page
    page.evaluate(f"location.hash = '#/cases/{case_id}/deliveries'")
    page.locator("table.grid").first.wait_for()
    latest = page.locator("section:has(> h3)").first
    assert str(update["version"]) in latest.locator("h3").inner_text()
    assert latest.locator("tr", has_text="press-list").get_by_role("button").count() > 0
