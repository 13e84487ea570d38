"""The page is served as it must be, and a report becomes an approved text through it alone."""

from __future__ import annotations

import httpx

from tests.support.people_in_browsers import Desk


def test_the_page_runs_nothing_that_is_not_its_own(server: str) -> None:
    answer = httpx.get(f"{server}/")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script>" not in answer.text
    assert " style=" not in answer.text


def test_from_a_report_to_an_approved_text(desk: Desk, language: str) -> None:
    ana = desk.person("ana", language)
    ana.place("report")
    ana.type(
        "report.text",
        "La mise à jour de Nuage a effacé toutes mes photos. / Nuage's update deleted my photos!",
    )
    ana.page.locator("input[type=datetime-local]").fill(_an_hour_ago(desk))
    if ana.page.get_by_label(ana.t("report.brand")).count():
        brand = ana.page.get_by_label(ana.t("report.brand")).first
        if brand.evaluate("one => one.tagName") == "INPUT":
            brand.fill("Nuage SA")
    ana.choose("report.fault_company")
    ana.page.locator("form").get_by_role("button", name=ana.t("report.send"), exact=True).click()
    ana.sees("report.opened")
    ana.follow("report.see")
    ana.page.locator("nav.tabs").wait_for()
    if ana.page.get_by_text(ana.t("status.triage")).count():
        ana.task(ana.t("task.triage.title"))
        ana.choose("triage.2")
        ana.type("form.reason", "Annex 1, case 2: our own fault.")
        ana.press("triage.send")
    ana.task(ana.t("task.write.title"))
    for tag, text in TEXTS.items():
        ana.page.locator(f"#sheet-{tag}").fill(text)
    ana.press("write.send")
    ana.sees("review.yours")
    emma = desk.person("emma", language)
    emma.task(emma.t("task.review.title", version=1))
    emma.page.locator(".decision").wait_for()
    emma.page.locator(".decision button.primary").click()
    emma.sees("version.approved")


def test_a_question_before_anything_is_public(desk: Desk, language: str) -> None:
    """A journalist asks: the case begins without a message, and only the desk's own clock runs."""
    ana = desk.person("ana", language)
    ana.place("report")
    ana.choose("report.origin_enquiry")
    ana.page.get_by_label(ana.t("report.url")).wait_for(state="detached")
    ana.page.locator("form").get_by_role("button", name=ana.t("report.send"), exact=True).click()
    ana.sees("report.needs_known_text")
    asked = {
        "fr": "Une journaliste du Courrier demande si des photos ont été effacées par la mise à jour.",
        "en": "A journalist of the Courier asks whether the update deleted photos.",
    }[language]
    ana.type("report.enquiry_text", asked)
    ana.page.locator("input[type=datetime-local]").fill(_an_hour_ago(desk))
    ana.page.locator("form").get_by_role("button", name=ana.t("report.send"), exact=True).click()
    ana.sees("report.opened")
    ana.follow("report.see")
    ana.page.locator("nav.tabs").wait_for()
    case = ana.page.url.split("/cases/")[1].split("/")[0]
    token = httpx.post(f"{desk.address}/_local/token", json={"sub": "ana", "roles": ["responder"]}).json()[
        "token"
    ]
    document = httpx.get(f"{desk.address}/cases/{case}", headers={"authorization": f"Bearer {token}"}).json()
    assert document["origin"] == "enquiry"
    assert not {"response_ready", "response_published"} & {one["id"] for one in document["clocks"]}


TEXTS = {
    "fr": "Notre mise à jour a effacé des photos. Nous en sommes désolés et nous vous présentons nos excuses. Elle est "
    "arrêtée depuis 7 h 10. Chaque photo sera restaurée. Prochaine nouvelle aujourd'hui à 14 h.",
    "en": "Our update deleted photos. We are sorry and we apologise. It has been stopped since 07:10. Every photo will be "
    "restored. Next news today at 14:00.",
}


def _an_hour_ago(desk: Desk) -> str:
    from datetime import datetime, timedelta
    from zoneinfo import ZoneInfo

    now = datetime.fromisoformat(httpx.get(f"{desk.address}/_local/clock").json()["now"])
    return (now - timedelta(hours=1)).astimezone(ZoneInfo("Europe/Paris")).strftime("%Y-%m-%dT%H:%M")
