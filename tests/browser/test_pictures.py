"""The pictures of docs/console.md, made from real pages: PICTURES=folder keeps them (make console-pictures)."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from tests.support.crisis_through_the_page import FOUND, TEXTS, Team, open_writing, report
from tests.support.palette import LARGEST_PICTURE, reduced
from tests.support.people_in_browsers import Desk, Person

SCREEN, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
SCENES = ("to-do", "case", "writing", "review", "freeze", "release", "report")
MESSAGES = {
    "fr": {
        "bug": "La mise à jour de Nuage a effacé toutes mes photos. Dix ans de souvenirs !",
        "outage": "Plus de réseau à Vitry depuis ce matin, Nuage ne répond pas.",
        "campaign": "La nouvelle pub de Nuage se moque des personnes handicapées. Une honte.",
        "leak": "J'ai trouvé les fiches de paie de Nuage sur ce forum, tout est en clair.",
    },
    "en": {
        "bug": "The update of Nuage deleted all my photos. Ten years of memories!",
        "outage": "No network in Vitry since this morning, Nuage does not answer.",
        "campaign": "The new ad of Nuage mocks disabled people. A disgrace.",
        "leak": "I found the payslips of Nuage on this forum, all in clear text.",
    },
}
FIRST = {
    "fr": "Vous êtes nombreux à avoir perdu des photos, et nous en sommes désolés. La mise à jour est arrêtée depuis 7 h 10. "
    "Chaque photo sera restaurée dans les meilleurs délais. Prochaine nouvelle demain à 14 h.",
    "en": "Many of you have lost photos, and we are sorry. The update has been stopped since 07:10. Every photo will be "
    "restored in due course. Next news tomorrow at 14:00.",
}


def folder(tmp_path: Path) -> Path:
    chosen = Path(os.environ["PICTURES"]) if os.environ.get("PICTURES") else tmp_path
    chosen.mkdir(parents=True, exist_ok=True)
    return chosen


def take(person: Person, place: Path, scene: str) -> None:
    """One picture on a screen and one on a phone, from the top of the page, nothing focused."""
    page = person.page
    for device, size in (("screen", SCREEN), ("phone", PHONE)):
        page.set_viewport_size(size)
        page.evaluate("document.activeElement?.blur?.()")
        page.wait_for_timeout(350)
        picture = page.screenshot(path=place / f"{scene}-{device}-{person.language}.png")
        assert picture[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", picture[16:24]) == (size["width"], size["height"])
        assert len(set(picture)) > 200, "a picture of nothing"
        if os.environ.get("PICTURES") and len(picture) > LARGEST_PICTURE:
            (place / f"{scene}-{device}-{person.language}.png").write_bytes(reduced(picture))
    page.set_viewport_size(SCREEN)


def scroll_to(person: Person, selector: str) -> None:
    person.page.locator(selector).first.evaluate(
        "one => scrollTo(0, one.getBoundingClientRect().top + scrollY - 90)"
    )


def decided(team: Team, person: Person, text: str, choice: str, **facts: object) -> str:
    """A report that was taken for `choice`; its case."""
    report(person, text, **facts)  # type: ignore[arg-type]
    case_id = person.page.url.split("/cases/")[1].split("/")[0]
    if person.page.get_by_text(person.t("status.triage")).count():
        person.page.evaluate(f"location.hash = '#/cases/{case_id}/triage'")
        team.decide = choice
        assert team._triage(person, "")
    return case_id


@pytest.mark.parametrize("language", ["fr", "en"])
def test_pictures(desk: Desk, language: str, tmp_path: Path) -> None:
    place, words = folder(tmp_path), MESSAGES[language]
    team = Team(desk, language, ["ana", "emma", "dora", "dirk"], "2")
    ana, emma, dora, dirk = (team.by[name] for name in ("ana", "emma", "dora", "dirk"))
    decided(team, ana, words["campaign"], "3", fault="company", platform="instagram", age=26 * 60)
    decided(team, ana, words["bug"], "2", fault="company", age=9 * 60)
    report(ana, words["outage"], platform="x", age=25)
    bug = _case(ana, words["bug"])

    # Report, half filled in.
    ana.place("report")
    ana.page.get_by_label(ana.t("report.url")).first.fill("https://forum.example/t/4711")
    ana.type("report.text", words["bug"])
    ana.page.get_by_label(ana.t("report.platform")).first.select_option("forum")
    take(ana, place, "report")
    ana.page.evaluate("sessionStorage.removeItem('kept:ana:report')")

    # To do, the case, the writing desk with what the charter says, the review.
    ana.place("todo")
    ana.page.locator("li.case-card").nth(2).wait_for()
    take(ana, place, "to-do")
    open_writing(ana, bug)
    for tag, text in FIRST.items():
        ana.page.locator(f"#sheet-{tag}").fill(text)
    ana.page.wait_for_timeout(1500)
    take(ana, place, "writing")
    ana.press("write.send")
    ana.until("location.hash.includes('/review/1')")
    ana.page.evaluate(f"location.hash = '#/cases/{bug}'")
    ana.page.locator("#now-you").wait_for()
    take(ana, place, "case")
    emma.page.evaluate(f"location.hash = '#/cases/{bug}/review/1'")
    emma.page.locator(".decision").wait_for()
    scroll_to(emma, "section.review")
    take(emma, place, "review")

    # The freeze, and its release.
    dora.place("todo")
    dora.press("freeze.button")
    dora.page.locator("dialog").wait_for()
    take(dora, place, "freeze")
    dora.page.keyboard.press("Escape")
    leak = decided(team, ana, words["leak"], "leak", leak=True, age=45)
    open_writing(ana, leak)
    for tag, text in TEXTS["response"].items():
        ana.page.locator(f"#sheet-{tag}").fill(text)
    ana.press("write.send")
    ana.until("location.hash.includes('/review/1')")
    for person in (emma, dora):
        person.page.evaluate(f"location.hash = '#/cases/{leak}/review/1'")
        person.page.locator(".decision button.primary").click()
        person.page.locator(".decision").wait_for(state="detached")
    dora.page.evaluate(f"location.hash = '#/release/statement/{leak}'")
    dora.page.locator(".whole-text .rendering").first.wait_for()
    dora.page.locator(".whole-text").evaluate("one => { one.scrollTop = one.scrollHeight; }")
    dora.type("form.reason", FOUND[language])
    dora.type("release.name", "Dora Keller")
    dora.page.locator("form.release button.danger").click()
    dora.sees("release.first")
    dirk.page.evaluate(f"location.hash = '#/release/statement/{leak}'")
    dirk.page.locator(".whole-text .rendering").first.wait_for()
    take(dirk, place, "release")
    made = {path.name for path in place.glob(f"*-{language}.png")}
    wanted = {f"{scene}-{device}-{language}.png" for scene in SCENES for device in ("screen", "phone")}
    assert wanted <= made


def _case(person: Person, text: str) -> str:
    person.place("todo")
    link = person.page.locator(".case-head a", has_text=text.split(".", maxsplit=1)[0]).first
    link.wait_for()
    return str(link.get_attribute("href")).rsplit("/", 1)[1]
