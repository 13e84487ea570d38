"""What a person relies on: nothing typed is lost, nothing is overwritten or sent twice, strangers' text stays text."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.support.crisis_through_the_page import FOUND, TEXTS, Team, open_writing, report, responding
from tests.support.people_in_browsers import Desk, Person

HOSTILE = {
    "script": "<script>window.__hit=1</script><img src=x onerror=window.__hit=1>\"'><svg onload=window.__hit=1>",
    "template": "${window.__hit=1} {{constructor.constructor('window.__hit=1')()}} javascript:window.__hit=1",
    "right to left": "\u202egpj.exe\u202c \u2067טקסט\u2069 العربية \u200f!",
    "emoji": "👩🏽‍🚒👨‍👩‍👧‍👦🇫🇷 e\u0301\u0301\u0301\u0301 \U0001f600",
    "lines": "un\r\ndeux\n\n\n\ttrois\u2028quatre",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_strangers_write_is_shown_as_text(desk: Desk, kind: str) -> None:
    text = HOSTILE[kind]
    ana = desk.person("ana", "en")
    ana.place("report")
    ana.type("report.text", text + " " + "A" * 100_000 if kind == "script" else text)
    ana.type("report.author", " ".join(text.split())[:150])  # a name is one line
    ana.type("report.notes", text[:1500])
    if kind == "script":  # too long for the interface: refused in words, and still there
        ana.page.locator("input[type=datetime-local]").fill("2026-01-02T10:00")
        ana.page.locator("form").get_by_role("button", name=ana.t("report.send"), exact=True).click()
        ana.page.locator(".refusal").wait_for()
        assert len(ana.page.get_by_label(ana.t("report.text")).input_value()) > 100_000
    report(ana, text[:15_000])
    for view in ("", "messages", "timeline", "report", "evidence"):
        ana.page.locator("nav.tabs a", has_text=ana.t(f"case.view_{view or 'now'}")).click()
        ana.page.wait_for_timeout(300)
    ana.page.locator("nav.tabs a", has_text=ana.t("case.view_messages")).click()
    shown = ana.page.locator("li.message .foreign.block").first
    shown.wait_for()
    assert shown.text_content().replace("\n", "").replace("\r", "") == text.replace("\n", "").replace(
        "\r", ""
    )
    assert ana.page.evaluate("window.__hit") is None
    assert ana.page.locator("main img, main script, main svg[onload]").count() == 0
    # The page is no wider than the screen, whatever is written.
    assert ana.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_two_who_write_at_once_overwrite_nothing(desk: Desk, language: str) -> None:
    ana, case_id = responding(desk, language)
    chloe = desk.person("chloe", language)
    for person in (ana, chloe):
        open_writing(person, case_id)
    for tag, text in TEXTS["response"].items():
        ana.page.locator(f"#sheet-{tag}").fill(text)
        chloe.page.locator(f"#sheet-{tag}").fill(text + " Chloé.")
    chloe.press("write.send")
    chloe.until("location.hash.includes('/review/1')")
    ana.press("write.send")
    ana.page.locator("dialog").wait_for()
    ana.sees("write.conflict")
    assert "Chlo" in ana.page.locator("dialog").inner_text()
    ana.press("write.conflict_merge")
    assert ana.page.locator("#sheet-fr").input_value() == TEXTS["response"]["fr"]
    versions = versions_of(desk, case_id)
    assert [(one["version"], one["by"], one["state"]) for one in versions] == [(1, "chloe", "in_review")]


def test_what_is_typed_outlives_a_lost_server(desk: Desk, language: str) -> None:
    ana, case_id = responding(desk, language)
    open_writing(ana, case_id)
    for tag, text in TEXTS["response"].items():
        ana.page.locator(f"#sheet-{tag}").fill(text)
    ana.context.set_offline(True)
    ana.press("write.send")
    ana.sees("problem.unreached")
    ana.page.locator(".notice.late").wait_for()
    assert ana.page.locator("#sheet-fr").input_value() == TEXTS["response"]["fr"]
    ana.context.set_offline(False)
    ana.page.locator(".notice.late").wait_for(state="detached")
    # It is back, and nothing was sent again by itself.
    assert versions_of(desk, case_id) == []
    ana.page.reload()
    open_writing(ana, case_id)
    assert ana.page.locator("#sheet-fr").input_value() == TEXTS["response"]["fr"]
    ana.press("write.send")
    ana.until("location.hash.includes('/review/1')")
    assert len(versions_of(desk, case_id)) == 1


def holding(person: Person, calls: str) -> list[Any]:
    """From now on these calls of the page wait, in this list, until the test lets them go on."""
    held: list[Any] = []

    def hold(route: Any) -> None:
        held.append(route)

    person.page.route(calls, hold)
    return held


def test_a_first_draft_that_comes_late_changes_nothing_that_is_typed(desk: Desk) -> None:
    ana, case_id = responding(desk, "fr")
    held = holding(ana, "**/first-draft")
    ana.page.evaluate(f"location.hash = '#/cases/{case_id}/write'")
    ana.page.locator(".sheets[aria-busy=true]").wait_for()
    assert ana.page.locator("#sheet-fr").count() == 0, "nobody types where a draft is still to come"
    held.pop().continue_()
    sheet = ana.page.locator("#sheet-fr")
    sheet.wait_for()
    assert sheet.input_value(), "the draft is there, and everything in it can be selected and replaced"
    sheet.fill(TEXTS["response"]["fr"])
    ana.page.wait_for_timeout(300)
    assert sheet.input_value() == TEXTS["response"]["fr"]
    # One that takes too long is no longer waited for, and changes nothing when it comes.
    ana.page.evaluate(
        "sessionStorage.removeItem(Object.keys(sessionStorage).find((key) => key.includes('write/')))"
    )
    ana.page.reload()
    ana.page.locator(".sheets[aria-busy=true]").wait_for()
    sheet.wait_for()
    assert sheet.input_value() == ""
    sheet.press_sequentially("Nous ")
    with ana.page.expect_response("**/first-draft"):
        held.pop().continue_()
    sheet.press_sequentially("cherchons.")
    ana.page.wait_for_timeout(300)
    assert sheet.input_value() == "Nous cherchons."


def test_what_is_typed_while_a_page_is_read_stays(desk: Desk) -> None:
    ana = desk.person("ana", "en")
    held = holding(ana, "**/reports/look")
    ana.place("report")
    ana.page.get_by_label(ana.t("report.url")).first.fill("https://forum.example/t/4711")
    ana.press("report.look")
    ana.type("report.text", "The update deleted my photos.")
    ana.type("report.author", "@lea")
    found = {
        "url": "https://forum.example/t/4711", "text": "Another reading of the page.", "platform": "forum",
        "author": {"handle": "@somebody"}, "published_at": "2026-11-20T08:00:00Z",
    }  # fmt: skip
    held.pop().fulfill(json=found)
    ana.sees("report.looked_found")
    fields = {"report.text": "The update deleted my photos.", "report.author": "@lea"}
    for key, text in fields.items():
        assert (
            ana.page.get_by_label(ana.t(key)).and_(ana.page.locator("textarea, input")).first.input_value()
            == text
        )
    assert ana.page.locator("input[type=datetime-local]").input_value(), "what nobody typed is filled in"
    # The page cannot be read: what was chosen meanwhile stays as well.
    ana.press("report.look")
    ana.page.get_by_label(ana.t("report.platform")).first.select_option("blog")
    held.pop().fulfill(status=422, json={"status": 422, "detail": "no", "title": "no", "type": "about:blank"})
    ana.sees("report.looked_typed")
    assert ana.page.get_by_label(ana.t("report.platform")).first.input_value() == "blog"


def test_a_session_that_ends_while_writing_takes_nothing_along(desk: Desk, language: str) -> None:
    settings: list[str] = []

    def short(route: Any) -> None:
        """The real server makes the token; only its life is asked to be short."""
        asked = json.loads(route.request.post_data) | ({"life": "PT1H"} if not settings else {})
        settings.append("asked")
        route.continue_(post_data=json.dumps(asked))

    ana, case_id = responding(desk, language)
    ana.page.route("**/_local/token", short)
    ana.page.reload()
    ana.page.locator("header.head").wait_for()
    open_writing(ana, case_id)
    ana.page.locator("#sheet-fr").fill(TEXTS["response"]["fr"])
    desk.advance("PT57M")
    ana.page.locator(".notice.soon").wait_for()  # warned before it ends (WCAG 2.2.1)
    desk.advance("PT10M")
    ana.page.locator("dialog").wait_for()
    ana.sees("session.over")
    ana.press("session.again", name="Ana Ferreira")
    ana.page.locator("dialog").wait_for(state="detached")
    assert ana.page.locator("#sheet-fr").input_value() == TEXTS["response"]["fr"]
    ana.page.locator("#sheet-en").fill(TEXTS["response"]["en"])
    ana.press("write.send")
    ana.until("location.hash.includes('/review/1')")


def test_nothing_typed_stays_after_signing_out(desk: Desk) -> None:
    ana, case_id = responding(desk, "fr")
    open_writing(ana, case_id)
    ana.page.locator("#sheet-fr").fill("Un secret.")
    ana.page.locator(".person > button").click()
    ana.press("session.sign_out")
    ana.page.locator("[data-person=ana]").wait_for()
    kept = ana.page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}]) + document.cookie")
    assert "secret" not in kept
    assert "ana" not in kept
    ana.sign_in()
    open_writing(ana, case_id)
    assert "secret" not in ana.page.locator("#sheet-fr").input_value()


def test_freezing_takes_two_presses_and_releasing_takes_reading(desk: Desk, language: str) -> None:
    ana = desk.person("ana", language)
    dora, dirk = desk.person("dora", language), desk.person("dirk", language)
    assert ana.page.locator(".freeze-button").count() == 0
    dora.press("freeze.button")
    dora.press("freeze.now")
    dora.page.locator("dialog h2", has_text=dora.t("freeze.is_on")).wait_for()
    for person in (ana, dirk):
        person.page.locator(".freeze-banner").wait_for()
        person.page.locator(".freeze-facts", has_text=person.t("freeze.forbidden_text")).wait_for()
    assert ana.page.locator(".freeze-banner").get_by_text(ana.t("freeze.release_link")).count() == 0
    dora.page.keyboard.press("Escape")
    dora.page.evaluate("location.hash = '#/release/all'")
    yes = dora.page.locator("form.release button.danger")
    yes.wait_for()
    assert yes.is_disabled()
    dora.type("form.reason", FOUND[language])
    assert yes.is_disabled()
    dora.type("release.name", "Dirk Jansen")
    assert yes.is_disabled()
    dora.type("release.name", "dora  KELLER")
    yes.click()
    dora.sees("release.first")
    dirk.task(dirk.t("task.release.all"))
    dirk.sees("release.yours_is_second")
    dirk.type("form.reason", FOUND[language])
    dirk.type("release.name", "Dirk Jansen")
    dirk.page.locator("form.release button.danger").click()
    dirk.sees("release.complete")
    ana.page.locator(".freeze-banner").wait_for(state="detached")


def test_a_statement_is_read_to_its_end_before_it_is_released(desk: Desk) -> None:
    team = Team(desk, "en", ["ana", "emma", "dora"], "leak")
    report(team.by["ana"], "The payslips of Nuage are on this forum.", leak=True)
    ana, dora = team.by["ana"], team.by["dora"]
    ana.task(ana.t("task.write.title"))
    assert team._write(ana, "")
    for name in ("emma", "dora"):
        team.by[name].task(team.by[name].t("task.review.title", version=1))
        assert team._review(team.by[name], "")
    dora.task(dora.t("task.release.statement"))
    dora.page.locator(".whole-text .rendering").first.wait_for()
    dora.type("form.reason", FOUND["en"])
    dora.type("release.name", "Dora Keller")
    text = dora.page.locator(".whole-text")
    if text.evaluate("one => one.scrollHeight > one.clientHeight + 40"):
        dora.page.wait_for_timeout(500)
        assert dora.page.locator("form.release button.danger").is_disabled()
        dora.sees("release.not_read")
    text.evaluate("one => { one.scrollTop = one.scrollHeight; }")
    dora.sees("release.was_read")
    # Shown one by one, and only what this stage reaches.
    assert set(text.locator(".rendering-head strong").all_inner_texts()) == {"newsroom"}
    dora.page.locator("form.release button.danger").click()
    dora.sees("release.first")


def versions_of(desk: Desk, case_id: str) -> list[dict[str, Any]]:
    """What the store holds, for assertions."""
    token = httpx.post(f"{desk.address}/_local/token", json={"sub": "audit", "roles": ["auditor"]}).json()[
        "token"
    ]
    document = httpx.get(
        f"{desk.address}/cases/{case_id}", headers={"Authorization": f"Bearer {token}"}, timeout=60
    ).json()
    return list(document["responses"])
