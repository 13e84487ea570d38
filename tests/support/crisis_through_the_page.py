"""A team that plays a crisis by doing what the page asks of each of them, and nothing else: no call of its own, no memory."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from tests.support.people_in_browsers import Desk, Person

PARIS = ZoneInfo("Europe/Paris")
TEXTS = {
    "response": {
        "fr": "Vous êtes nombreux à être touchés et à vous inquiéter. Nous en sommes désolés et nous vous présentons nos "
        "excuses. La cause est trouvée depuis 7 h 10, et notre équipe répare. Prochaine nouvelle demain à 14 h.",
        "en": "Many of you are affected and worried. We are sorry and we apologise. The cause was found at 07:10, and our "
        "team is repairing it. Next news tomorrow at 14:00.",
    },
    "update": {
        "fr": "Point d'étape : les trois quarts des comptes sont rétablis. Nous restons désolés de la gêne. Prochaine nouvelle "
        "ici même quand tout sera rétabli.",
        "en": "Progress update: three quarters of the accounts are restored. We are still sorry for the trouble. Next news "
        "in this place when everything is restored.",
    },
    "closing_announcement": {
        "fr": "Tout est rétabli. Nous en sommes désolés encore. Nos mesures contre une répétition :\n"
        "- un essai sur une copie avant chaque mise à jour",
        "en": "Everything is restored. We are still sorry. Our measures against a repeat:\n"
        "- a trial on a copy before every update",
    },
}
MEASURE = {
    "fr": "un essai sur une copie avant chaque mise à jour",
    "en": "a trial on a copy before every update",
}
LESSON = {
    "fr": "Relire chaque annonce avec une personne de la communauté avant de la publier.",
    "en": "Read every announcement with somebody of the community before it leaves.",
}
FOUND = {
    "fr": "Trouvé et vérifié : message du forum, capture à l'appui, auteur identifié par son profil public.",
    "en": "Found and checked: the message on the forum, with its capture; the author identified by a public profile.",
}


def hour(desk: Desk, before: timedelta = timedelta(0)) -> str:
    """The desk's time in Paris as a person types it."""
    now = datetime.fromisoformat(httpx.get(f"{desk.address}/_local/clock", timeout=60).json()["now"])
    return (now - before).astimezone(PARIS).strftime("%Y-%m-%dT%H:%M")


def report(
    person: Person,
    text: str,
    *,
    fault: str = "unknown",
    leak: bool = False,
    platform: str = "forum",
    age: int = 60,
) -> None:
    """Reports a message that is `age` minutes old, by the form, and opens its case."""
    page = person.page
    person.place("report")
    person.type("report.text", text)
    page.get_by_label(person.t("report.platform")).first.select_option(platform)
    page.locator("input[type=datetime-local]").fill(hour(person.desk, timedelta(minutes=age)))
    if leak:
        page.get_by_label(person.t("report.leak")).check()
    person.choose(f"report.fault_{fault}")
    page.locator("form").get_by_role("button", name=person.t("report.send"), exact=True).click()
    person.sees("report.opened")
    person.follow("report.see")
    page.locator("nav.tabs").wait_for()


def responding(desk: Desk, language: str) -> tuple[Person, str]:
    """Ana, with a case of kind 2 that waits for its text; and its id."""
    ana = desk.person("ana", language)
    report(ana, "La mise à jour a effacé mes photos. / The update deleted my photos.", fault="company")
    if ana.page.get_by_text(ana.t("status.triage")).count():
        ana.task(ana.t("task.triage.title"))
        ana.choose("triage.2")
        ana.type("form.reason", FOUND[language])
        ana.press("triage.send")
        ana.until("!location.hash.includes('/triage')")
    return ana, ana.page.url.split("/cases/")[1].split("/")[0]


def open_writing(person: Person, case_id: str) -> None:
    """The writing desk of a case."""
    person.page.evaluate(f"location.hash = '#/cases/{case_id}/write'")
    # Not busy: the first draft is there, or there is none.
    person.page.locator(".sheets[aria-busy=false] #sheet-fr").wait_for()


class Team:
    """Several people, each before a browser; `decide` is what they take the report for."""

    def __init__(self, desk: Desk, language: str, names: list[str], decide: str) -> None:
        self.desk, self.language, self.decide = desk, language, decide
        self.people = [desk.person(name, language) for name in names]
        self.by = {person.sub: person for person in self.people}
        self.done: list[str] = []
        self.asked: dict[str, int] = {}

    def play(self, turns: int = 60) -> None:
        """Until every case is closed: whoever has something to do does the first of it; where nobody has, time passes."""
        idle = 0
        for _ in range(turns):
            acted = sum(self._turn(person) for person in self.people) > 0
            if self._closed():
                return
            idle = 0 if acted else idle + 1
            assert idle < 6, f"nobody has anything to do: {self.done}; {self._owed()}"
            if not acted:
                self.desk.advance("PT1H")
                self.asked.clear()  # what could not be done then may be possible now
        raise AssertionError(f"the case is not closed: {self.done}; {self._owed()}")

    def _owed(self) -> str:
        """What the desk holds of its open cases, for whoever reads a failure."""
        asked = {"sub": "audit", "roles": ["auditor"]}
        token = httpx.post(f"{self.desk.address}/_local/token", json=asked, timeout=60).json()["token"]
        with httpx.Client(
            base_url=self.desk.address, headers={"Authorization": f"Bearer {token}"}, timeout=60
        ) as client:
            found = []
            for one in client.get("/cases?limit=20").json()["cases"]:
                case = client.get(f"/cases/{one['id']}").json()
                found.append(
                    {
                        "status": case["status"],
                        "duties": [duty["id"] for duty in case["duties"] if duty["state"] == "open"],
                        "clocks": {clock["id"]: clock["state"] for clock in case["clocks"]},
                        "deliveries": {
                            each["channel"] + each["kind"]: each["state"] for each in case["deliveries"]
                        },
                        "versions": [(each["kind"], each["state"]) for each in case["responses"]],
                    }
                )
        return str(found)

    def _closed(self) -> bool:
        person = self.people[0]
        person.place("todo")
        with person.page.expect_response(lambda answer: answer.url.endswith("/desk"), timeout=20_000):
            person.page.evaluate("dispatchEvent(new Event('online'))")
        person.page.wait_for_timeout(150)
        return person.page.get_by_text(person.t("todo.no_cases")).count() > 0

    def _turn(self, person: Person) -> bool:
        page = person.page
        page.evaluate("location.hash = '#/plan'")
        person.place("todo")
        page.locator(".board-mine .tasks, .board-mine .empty").first.wait_for()
        # As when a connection comes back: the page looks at once instead of within five seconds.
        with page.expect_response(lambda answer: answer.url.endswith("/desk"), timeout=20_000):
            page.evaluate("dispatchEvent(new Event('online'))")
        page.wait_for_timeout(150)
        links = page.locator("li.task a.primary").evaluate_all(
            "all => all.map((one) => one.getAttribute('href'))"
        )
        for link in links:
            # What cannot be done yet is asked for again later.
            if self.asked.get(f"{person.sub} {link}", 0) >= 3:
                continue
            card = page.locator(f"li.task a.primary[href='{link}']").first
            if not card.count():
                continue  # somebody else has done it meanwhile
            card.click()
            if self._do(person, link):
                self.done.append(f"{person.sub}: {re.sub(r'^#/(cases/[^/]+/)?', '', link)}")
                return True
            self.asked[f"{person.sub} {link}"] = self.asked.get(f"{person.sub} {link}", 0) + 1
            person.place("todo")
            page.locator(".board-mine .tasks, .board-mine .empty").first.wait_for()
        return False

    def _do(self, person: Person, link: str) -> bool:
        parts = link.split("/")
        kind = parts[3] if parts[1] == "cases" and len(parts) > 3 else parts[1]
        act: Any = getattr(self, f"_{kind.replace('-', '_')}")
        return bool(act(person, parts[4] if len(parts) > 4 else ""))

    def _settled(self, person: Person, place: str) -> bool:
        """Waits until the page has left the form, or says why it has not."""
        page = person.page
        person.until(
            f"!location.hash.includes('{place}') || document.querySelector('.refusal, dialog[open]')"
        )
        return page.locator(".refusal").count() == 0

    def _triage(self, person: Person, _: str) -> bool:
        person.choose(f"triage.{self.decide}")
        person.type("form.reason", FOUND[self.language])
        person.press("triage.send")
        return self._settled(person, "/triage")

    def _write(self, person: Person, kind: str) -> bool:
        for tag in ("fr", "en"):
            person.page.locator(f"#sheet-{tag}").fill(TEXTS[kind or "response"][tag])
        person.press("write.send")
        person.until(
            "location.hash.includes('/review/') || document.querySelector('.refusal, .note.late, dialog')"
        )
        if person.page.locator("dialog").count():
            person.press("write.conflict_theirs")
            return False
        return "/review/" in person.page.url

    def _review(self, person: Person, _: str) -> bool:
        # Somebody else may have said yes while this page was read: then there is nothing to decide any more.
        person.until(
            "document.querySelector('.decision') || document.querySelector('.review .chip.good, .review .note.info')"
        )
        if not person.page.locator(".decision").count():
            return False
        person.page.locator(".decision button.primary").click()
        person.page.locator(".decision").wait_for(state="detached")
        return True

    def _duty(self, person: Person, duty: str) -> bool:
        page = person.page
        person.until("document.querySelector('main form, section.narrow .chip')")
        if not page.locator("main form").count():
            return False  # it has closed itself meanwhile
        writes = page.locator("a[href*='/write/']")
        if duty in ("C2.5", "C2.6", "R6") or re.fullmatch(r"P\d+", duty):
            if page.locator(".note.info a[href*='/review/']").count() or not writes.count():
                return False  # such a text is under way, or it is too early for it
            if duty == "C2.6" and not page.locator("ul.measures li").count():
                self._record_measure(person)
            # What is promised again and again ends by saying that it is over.
            over = duty.startswith("P") and duty != "P1" and self.decide != "2"
            chosen = writes.last if over else writes.first
            kind = str(chosen.get_attribute("href")).rsplit("/", 1)[1]
            chosen.click()
            return self._write(person, kind)
        if page.locator(".by-itself").count():
            return False  # nobody ticks it: it closes when it has happened
        person.type("duty.evidence_label", FOUND[self.language])
        person.press("duty.record")
        return self._settled(person, "/duty/")

    def _record_measure(self, person: Person) -> None:
        page = person.page
        person.type("close.measure", MEASURE[self.language], n=1)
        day = (datetime.fromisoformat(hour(self.desk)) + timedelta(days=30)).strftime("%Y-%m-%d")
        page.locator("form.new-measure input[type=date]").fill(day)
        person.press("close.keep_measure")
        page.locator("ul.measures li").first.wait_for()

    def _community_first(self, person: Person, _: str) -> bool:
        person.choose("order.everyone")
        person.type("form.reason", FOUND[self.language])
        person.press("order.send")
        return self._settled(person, "/community-first")

    def _no_response(self, person: Person, _: str) -> bool:
        person.press("no_response.confirm")
        return self._settled(person, "/no-response")

    def _deliveries(self, person: Person, _: str) -> bool:
        person.press("delivery.settle")
        person.page.locator("dialog input[type=url]").fill("https://press.example/published")
        person.press("delivery.record")
        person.until("!document.querySelector('dialog') || document.querySelector('dialog .refusal')")
        if person.page.locator("dialog .refusal").count():
            # Somebody else has just done it: the page says so, and one goes on.
            person.page.keyboard.press("Escape")
            person.page.locator("dialog").wait_for(state="detached")
        return True

    def _release(self, person: Person, _: str) -> bool:
        page = person.page
        page.locator("form.release").wait_for()
        if page.locator(".whole-text").count():
            page.locator(".whole-text .rendering").first.wait_for()
            page.locator(".whole-text").evaluate("one => { one.scrollTop = one.scrollHeight; }")
            person.sees("release.was_read")
        name = person.t("release.name_hint", name="")
        full = page.get_by_text(name).first.inner_text().removeprefix(name)
        person.type("form.reason", FOUND[self.language])
        person.type("release.name", full)
        page.locator("form.release button.danger").click()
        page.locator(".done").wait_for()
        return True

    def _freeze(self, person: Person, _: str) -> bool:
        person.type("freeze.proof", "https://intra.example/capture/1")
        person.press("freeze.proof_send")
        return True

    def _close(self, person: Person, _: str) -> bool:
        page = person.page
        person.type("close.root_cause", FOUND[self.language])
        person.type("close.lessons", LESSON[self.language])
        person.type("close.measure", MEASURE[self.language], n=1)
        day = (datetime.fromisoformat(hour(self.desk)) + timedelta(days=30)).strftime("%Y-%m-%d")
        page.locator("input[type=date]").first.fill(day)
        person.press("close.send")
        return self._settled(person, "/close")
