"""Five crises from report to close through the page alone, by several people, in French and in English."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.crisis_through_the_page import FOUND, TEXTS, Team, open_writing, report, responding
from tests.support.desks import EXAMPLE
from tests.support.people_in_browsers import Desk, serving

EVERYBODY = ["ana", "ben", "chloe", "emma", "dora"]


def in_words(language: str, fr: str, en: str) -> str:
    return fr if language == "fr" else en


@pytest.mark.parametrize(
    ("decide", "fault", "fr", "en"),
    [
        (
            "1",
            "external",
            "Plus de réseau à Vitry depuis ce matin.",
            "No network in Vitry since this morning.",
        ),
        (
            "2",
            "company",
            "La mise à jour de Nuage a effacé mes photos !",
            "The update of Nuage deleted my photos!",
        ),
        ("3", "company", "La nouvelle pub de Nuage est une honte.", "The new ad of Nuage is a disgrace."),
    ],
    ids=["case 1", "case 2", "case 3"],
)
def test_a_crisis_that_is_answered(
    desk: Desk, language: str, decide: str, fault: str, fr: str, en: str
) -> None:
    team = Team(desk, language, EVERYBODY, decide)
    report(team.by["ana"], in_words(language, fr, en), fault=fault)
    team.play()
    assert any("review" in step for step in team.done)
    public = {item["channel"] for item in desk.outbox() if item["audience"] == "public"}
    assert {"newsroom", "x", "facebook", "linkedin"} <= public


def test_case_4_without_a_response(desk: Desk, language: str) -> None:
    team = Team(desk, language, ["ana", "emma", "dora"], "4")
    ana = team.by["ana"]
    rumour = in_words(
        language,
        "On dit que Nuage va fermer. Passez chez Cirrus.",
        "They say Nuage will close. Move to Cirrus.",
    )
    report(ana, rumour, fault="external")
    if ana.page.get_by_text(ana.t("status.triage")).count():
        ana.task(ana.t("task.triage.title"))
        assert team._triage(ana, "")
    ana.page.locator("nav.tabs a").first.click()
    ana.page.locator("details", has_text=ana.t("case.other_acts")).locator("summary").click()
    ana.follow("case.no_response")
    ana.type("form.reason", FOUND[language])
    ana.press("no_response.propose")
    team._settled(ana, "/no-response")
    emma = team.by["emma"]
    emma.task(emma.t("task.confirm_no_response.title"))
    emma.press("no_response.confirm")
    team._settled(emma, "/no-response")
    assert not any(item["audience"] == "public" for item in desk.outbox())
    ana.place("todo")
    ana.sees("step.watching")


def test_a_leak_freezes_and_two_directors_release_it(desk: Desk, language: str) -> None:
    team = Team(desk, language, ["ana", "chloe", "dev", "ben", "emma", "dora", "dirk"], "leak")
    ana = team.by["ana"]
    found = in_words(language, "Les fiches de paie de Nuage sont ici.", "The payslips of Nuage are here.")
    report(ana, found, leak=True)
    ana.page.locator(".freeze-banner").wait_for()
    ana.sees("freeze.forbidden")
    team.play(turns=90)
    names = [step.split(":")[0] for step in team.done if "release/statement" in step]
    assert sorted(names[:2]) == ["dirk", "dora"], team.done


def test_a_listed_company_decides_who_hears_it_first(browser: Any, tmp_path: Path) -> None:
    """Nothing leaves before an approver has said it; the writer only sees that it is not theirs."""
    file = tmp_path / "organisation.yaml"
    text = EXAMPLE.read_text("utf-8")
    assert "# listed: true" in text
    file.write_text(text.replace("# listed: true", "listed: true"), "utf-8")
    with serving("--organisation-file", str(file)) as address:
        desk = Desk(address, browser)
        ana, case_id = responding(desk, "fr")
        emma = desk.person("emma", "fr")
        open_writing(ana, case_id)
        for tag, written in TEXTS["response"].items():
            ana.page.locator(f"#sheet-{tag}").fill(written)
        ana.press("write.send")
        ana.until("location.hash.includes('/review/1')")
        emma.task(emma.t("task.review.title", version=1))
        emma.page.locator(".decision button.primary").click()
        emma.page.locator(".decision").wait_for(state="detached")
        assert not any(item["audience"] in ("public", "community") for item in desk.outbox())
        ana.page.evaluate(f"location.hash = '#/cases/{case_id}/community-first'")
        ana.sees("order.not_yours")
        emma.task(emma.t("task.community_first.title"))
        emma.press("order.send")
        emma.sees("order.choose")
        emma.choose("order.everyone")
        emma.type("form.reason", "x")
        emma.press("order.send")
        # It says nothing: refused, in her language, and what was chosen is still there.
        refusal = emma.page.locator(".refusal")
        refusal.get_by_text(
            "Dites en quelques mots pourquoi cet ordre respecte les règles du marché"
        ).wait_for()
        assert "Say in" not in refusal.inner_text()
        assert emma.page.get_by_label(emma.t("order.everyone")).is_checked()
        emma.type("form.reason", "Le juriste l'a lu : la panne peut peser sur le cours.")
        emma.press("order.send")
        emma.until("!location.hash.includes('/community-first')")
        desk.advance("PT5M")
        left = [item["audience"] for item in desk.outbox() if item["audience"] in ("public", "community")]
        assert "public" in left
        emma.place("todo")
        assert not emma.page.locator("li.task", has_text=emma.t("task.community_first.title")).count()
        emma.page.evaluate(f"location.hash = '#/cases/{case_id}/community-first'")
        emma.page.locator(".note.info", has_text=emma.t("order.everyone")).wait_for()
        desk.close()
        assert not desk.complaints, desk.complaints
