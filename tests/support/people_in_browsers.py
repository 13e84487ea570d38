"""People before the console, each in a browser context of their own: they read words, press, type and wait."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30_000  # milliseconds
NOT_SERVED = re.compile(r"/(me|desk|organisation|search|reports/look|first-draft|response/check)(\?|$)")


@cache
def catalogue(language: str) -> dict[str, Any]:
    """The words of the console."""
    words: dict[str, Any] = json.loads((ROOT / "console" / "words" / f"{language}.json").read_text("utf-8"))
    return words


def flat(words: dict[str, Any], before: str = "") -> dict[str, str]:
    """Every text of a catalogue under its whole key."""
    found: dict[str, str] = {}
    for key, value in words.items():
        found |= flat(value, f"{before}{key}.") if isinstance(value, dict) else {before + key: value}
    return found


def say(language: str, key: str, **values: Any) -> str:
    """Words as the page says them, for `n` 1 or more as the plural rules of French and English have it."""
    found: Any = catalogue(language)
    for part in key.split("."):
        found = found[part]
    if isinstance(found, dict):
        found = found[
            "one" if values.get("n") == 1 or (language == "fr" and values.get("n") == 0) else "other"
        ]
    return re.sub(r"\{(\w+)\}", lambda match: str(values.get(match[1], match[0])), found)


@contextmanager
def serving(*settings: str) -> Iterator[str]:
    """Address of a whole desk with these settings of `make run`, until the block ends."""
    command = [sys.executable, "-m", "local.run", "--port", "0", "--speed", "0", *settings]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603
    try:
        line = process.stdout.readline() if process.stdout else ""
        assert line.startswith("ready "), line
        yield line.split()[1]
    finally:
        process.terminate()
        process.wait(10)


class Desk:
    """The desk, and everybody who sits before it."""

    def __init__(self, address: str, browser: Any) -> None:
        self.address = address
        self.browser = browser
        self.people: list[Person] = []
        self.complaints: list[str] = []

    def person(self, sub: str, language: str, **settings: Any) -> Person:
        """Somebody opens the page in a browser of their own and signs in."""
        somebody = Person(self, sub, language, settings)
        self.people.append(somebody)
        return somebody

    def advance(self, duration: str) -> None:
        """The clock goes on."""
        httpx.post(f"{self.address}/_local/clock", json={"advance": duration}, timeout=300).raise_for_status()

    def outbox(self) -> list[dict[str, Any]]:
        """What has left, for assertions."""
        items: list[dict[str, Any]] = httpx.get(f"{self.address}/_local/outbox", timeout=60).json()["items"]
        return items

    def close(self) -> None:
        """Everybody goes."""
        for somebody in self.people:
            somebody.note_missing_words()
            somebody.context.close()


class Person:
    """One person: `t` gives the words that they read."""

    def __init__(self, desk: Desk, sub: str, language: str, settings: dict[str, Any]) -> None:
        self.desk, self.sub, self.language = desk, sub, language
        chosen = {
            "viewport": {"width": 1280, "height": 900},
            "locale": "fr-FR" if language == "fr" else "en-GB",
        }
        self.context = desk.browser.new_context(timezone_id="Europe/Paris", **(chosen | settings))
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: desk.complaints.append(f"{sub}: {error}"))
        self.page.on("console", self._heard)
        self.page.goto(desk.address + "/")
        self.sign_in()

    def _heard(self, message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.desk.complaints.append(f"{self.sub}: {message.text}")

    def sign_in(self) -> None:
        """Chooses the language and the person."""
        self.page.locator(f".languages button[lang={self.language}]").first.click()
        self.page.locator(f"[data-person={self.sub}]").click()
        self.page.locator("header.head").wait_for()
        # A person's own language comes first; here the test's does.
        if self.page.locator("html").get_attribute("lang") != self.language:
            self.page.locator(".person > button").click()
            self.page.locator(f".menu button[lang={self.language}]").click()
            self.page.keyboard.press("Escape")
        self.page.locator(f"html[lang={self.language}]").wait_for()

    def t(self, key: str, **values: Any) -> str:
        """Words of the page."""
        return say(self.language, key, **values)

    def press(self, key: str, **values: Any) -> None:
        """Presses the button with these words."""
        self.page.get_by_role("button", name=self.t(key, **values)).first.click()

    def follow(self, key: str, **values: Any) -> None:
        """Follows the link with these words."""
        self.page.get_by_role("link", name=self.t(key, **values)).first.click()

    def type(self, key: str, text: str, **values: Any) -> None:
        """Types into the field with this label."""
        fields = self.page.locator("textarea, input:not([type=radio]):not([type=checkbox])")
        self.page.get_by_label(self.t(key, **values)).and_(fields).first.fill(text)

    def choose(self, key: str, **values: Any) -> None:
        """Chooses the option with these words."""
        self.page.locator("label.option", has_text=self.t(key, **values)).first.click()

    def sees(self, key: str, **values: Any) -> None:
        """Waits until these words are there to be seen."""
        self.page.get_by_text(self.t(key, **values)).first.wait_for()

    def place(self, name: str) -> None:
        """Goes to one of the page's places by the navigation."""
        self.page.locator("nav.places a", has_text=self.t(f"nav.{name}")).click()
        self.page.locator(f"nav.places a[aria-current=page]:has-text('{self.t(f'nav.{name}')}')").wait_for()

    def task(self, title: str) -> None:
        """Begins what waits for this person: the verb of the card with this title, once it is there."""
        self.place("todo")
        card = self.page.locator("li.task", has_text=title).first
        card.wait_for()
        card.get_by_role("link").last.click()

    def until(self, expression: str) -> None:
        """Waits until an expression over the page is true; the page's own policy forbids Playwright's way, which needs eval."""
        for _ in range(PATIENCE // 50):
            if self.page.evaluate(f"Boolean({expression})"):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(
            f"{self.sub}: never {expression} at {self.page.url}: {self.page.locator('main').inner_text()[:600]}"
        )

    def note_missing_words(self) -> None:
        """A key that a catalogue lacks is a failure."""
        missing = self.page.evaluate("[...(window.sangfroidWords ?? [])]")
        self.desk.complaints += [f"{self.sub}: no words for {key}" for key in missing]
