"""WCAG 2.2 AA by axe-core on every page and dialog; contrast of graphics computed; one story by keyboard alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.axe import violations
from tests.support.crisis_through_the_page import FOUND, TEXTS, hour, open_writing, report, responding
from tests.support.people_in_browsers import Desk, Person

VIEWS = ["", "/write", "/texts", "/review/1", "/deliveries", "/messages", "/evidence", "/timeline", "/report"]
VIEWS += ["/triage", "/duty/C2.1", "/close", "/no-response"]
"""The views and forms of one case."""
SCHEMES: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced": {"forced_colors": "active"},
}
COLOURS = """names => names.map((name) => {
  const one = document.createElement('i');
  one.style.color = `var(--${name})`;
  document.body.append(one);
  const seen = getComputedStyle(one).color.match(/[\\d.]+/g).map(Number);
  one.remove();
  return seen;
})"""
NAMED = """(() => {
  const one = document.activeElement;
  const own = one.matches('a, button, summary') ? one.textContent : '';
  return `${one.labels?.[0]?.textContent ?? ''} ${one.getAttribute('aria-label') ?? ''} ${own}`;
})()"""
"""The name of what has the focus."""
SEEN = """(() => {
  const one = document.activeElement, box = one.getBoundingClientRect();
  const middle = box.left + box.width / 2;
  const top = document.elementFromPoint(middle, Math.min(innerHeight - 2, Math.max(2, box.top + box.height / 2)));
  return Boolean(top && (one.contains(top) || top.contains(one) || one.labels?.[0]?.contains(top)));
})()"""
"""Whether what has the focus is hidden by nothing."""
SMALL = """[...document.querySelectorAll('main button, main a.button, nav a, main summary, header button')]
  .filter((one) => one.offsetParent).map((one) => [one.textContent, one.getBoundingClientRect()])
  .filter(([, box]) => box.height < 24 || box.width < 24).map(([text]) => text)"""


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_page_and_no_dialog_breaks_the_rules(desk: Desk, language: str, scheme: str) -> None:
    ana, case_id = responding(desk, language)
    open_writing(ana, case_id)
    for tag, text in TEXTS["response"].items():
        ana.page.locator(f"#sheet-{tag}").fill(text)
    ana.press("write.send")
    ana.until("location.hash.includes('/review/1')")
    found: list[str] = []
    looked = 0

    def look(person: Person, where: str) -> None:
        nonlocal looked
        looked += 1
        found.extend(violations(person, f"{language} {scheme} {where}"))

    ana.page.emulate_media(**SCHEMES[scheme])
    for place in ("todo", "cases", "report", "plan", "after", "drills", "freeze"):
        ana.page.evaluate(f"location.hash = '#/{place}'")
        ana.page.locator("h1").wait_for()
        ana.page.wait_for_timeout(250)
        look(ana, place)
    for view in VIEWS:
        ana.page.evaluate(f"location.hash = '#/cases/{case_id}{view}'")
        ana.page.locator("main h2").first.wait_for()
        ana.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        ana.page.wait_for_timeout(250)
        look(ana, f"case{view}")
    ana.page.evaluate(f"location.hash = '#/cases/{case_id}/messages'")
    for dialog in ("messages.answer", "messages.withdraw"):
        ana.press(dialog)
        look(ana, dialog)
        ana.page.keyboard.press("Escape")
        ana.page.locator("dialog").wait_for(state="detached")
    dora = desk.person("dora", language)
    dora.page.emulate_media(**SCHEMES[scheme])
    dora.press("freeze.button")
    look(dora, "freeze dialog")
    dora.press("freeze.now")
    dora.page.locator("dialog h2", has_text=dora.t("freeze.is_on")).wait_for()
    look(dora, "frozen dialog")
    dora.page.keyboard.press("Escape")
    for place in ("todo", "freeze", "release", "release/all"):
        dora.page.evaluate(f"location.hash = '#/{place}'")
        dora.page.wait_for_timeout(400)
        look(dora, f"frozen {place}")
    dora.page.locator(".person > button").click()
    look(dora, "menu")
    dora.press("session.sign_out")
    dora.page.locator("[data-person=dora]").wait_for()
    look(dora, "sign-in")
    assert looked >= 28
    assert not found, "\n".join(found)


def luminance(colour: tuple[float, ...]) -> float:
    channels = [value / 255 for value in colour[:3]]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


GRAPHICS = [
    # what is drawn, and on what
    ("track", "paper"), ("fill", "paper"), ("accent", "paper"), ("late", "paper"), ("mark-soon", "paper"), ("good", "paper"),
    ("ink", "paper"), ("edge", "paper"), ("edge", "page"), ("focus", "page"), ("focus", "paper"), ("accent", "page"),
    ("late", "page"), ("red", "on-red"),
]  # fmt: skip
WORDS = [
    ("ink", "paper"), ("ink", "page"), ("soft", "paper"), ("soft", "page"), ("accent-ink", "paper"), ("accent-ink", "page"),
    ("accent-ink", "accent-wash"), ("late", "late-wash"), ("soon", "soon-wash"), ("good", "good-wash"), ("soft", "quiet-wash"),
    ("on-accent", "accent"), ("on-red", "red"), ("on-red", "red-deep"), ("on-accent", "accent-deep"), ("late", "paper"),
    ("soon", "paper"), ("good", "paper"),
]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_graphics_and_words_have_contrast(desk: Desk, scheme: str) -> None:
    ana = desk.person("ana", "en", color_scheme=scheme)
    page = ana.page
    names = sorted({name for pair in GRAPHICS + WORDS for name in pair})
    values = page.evaluate(
        COLOURS,
        names,
    )
    colours = {name: tuple(value) for name, value in zip(names, values, strict=True)}
    ratios = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in GRAPHICS + WORDS}
    weak = [f"{pair}: {ratios[pair]:.2f}" for pair in GRAPHICS if ratios[pair] < 3]
    weak += [f"{pair}: {ratios[pair]:.2f} (words)" for pair in WORDS if ratios[pair] < 4.5]
    assert not weak, weak


def test_keyboard_alone_plays_a_story(desk: Desk, language: str) -> None:
    ana = desk.person("ana", language)
    keys = ana.page.keyboard

    def focused(text: str, *, steps: int = 140, back: bool = False) -> None:
        """Tabs until what has the focus says this."""
        for _ in range(steps):
            seen = ana.page.evaluate(NAMED)
            if text in seen:
                box = ana.page.evaluate(SEEN)
                assert box, f"what has the focus is hidden: {text}"  # WCAG 2.4.11
                return
            keys.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"no focus on {text}")

    focused(ana.t("nav.report"))
    keys.press("Enter")
    focused(ana.t("report.text"))
    keys.type("La mise à jour a effacé mes photos / The update deleted my photos")
    focused(ana.t("report.when"))
    ana.page.locator("input[type=datetime-local]").fill(hour(desk))
    focused(ana.t("report.fault_unknown"))
    keys.press("ArrowDown")
    # The button of the form, not the link of the navigation.
    for _ in range(40):
        keys.press("Tab")
        if ana.page.evaluate("document.activeElement.matches('form button.primary.big')"):
            break
    keys.press("Enter")
    ana.sees("report.opened")
    focused(ana.t("report.see"))
    keys.press("Enter")
    ana.page.locator("nav.tabs").wait_for()
    if ana.page.get_by_text(ana.t("status.triage")).count():
        focused(ana.t("task.triage.verb"))
        keys.press("Enter")
        focused(ana.t("triage.1"))
        keys.press("Space")
        keys.press("ArrowDown")
        focused(ana.t("form.reason"))
        keys.type(FOUND[language])
        focused(ana.t("triage.send"))
        keys.press("Enter")
        ana.until("!location.hash.includes('/triage')")
    focused(ana.t("case.view_write"))
    keys.press("Enter")
    ana.page.locator("#sheet-fr").wait_for()
    for tag in ("fr", "en"):
        for _ in range(60):
            keys.press("Tab")
            if ana.page.evaluate(f"document.activeElement.id === 'sheet-{tag}'"):
                break
        keys.press("Control+A")  # the first draft that may stand there
        keys.insert_text(TEXTS["response"][tag])
    focused(ana.t("write.send"))
    keys.press("Enter")
    ana.until("location.hash.includes('/review/1')")


def test_a_phone_of_360_pixels_holds_every_page(desk: Desk, language: str) -> None:
    phone: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    dora = desk.person("dora", language, **phone)
    ana = desk.person("ana", language, **phone)
    report(ana, "La mise à jour a effacé mes photos.", fault="company")
    case_id = ana.page.url.split("/cases/")[1].split("/")[0]
    dora.press("freeze.button")
    dora.press("freeze.now")
    dora.page.locator("dialog h2", has_text=dora.t("freeze.is_on")).wait_for()
    dora.page.keyboard.press("Escape")
    case = [f"cases/{case_id}{view}" for view in ("", "/timeline", "/messages", "/deliveries", "/write")]
    for place in ["todo", "cases", "plan", "after", "drills", "freeze", "release", "release/all", *case]:
        dora.page.evaluate(f"location.hash = '#/{place}'")
        dora.page.wait_for_timeout(350)
        wide = dora.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, f"{place}: {wide} px wide"
        small = dora.page.evaluate(SMALL)
        assert not small, f"{place}: too small for a thumb: {small}"
