"""What is pressed on Slack: whose it is, what it does once, and everything that it does not do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sangfroid.errors import Invalid, Refused
from sangfroid.http.calls.listening import take_in
from sangfroid.listening.webhooks import NotGenuine
from sangfroid.model import Panel
from sangfroid.organisation import load, parse
from sangfroid.outbound.letter import Letter
from tests.support.desks import EXAMPLE, TestDesk
from tests.support.slack import SECRET, USERS, on_slack, press, secrets, signed

TEXTS = {
    "fr": "Vous n'avez plus de service depuis ce matin, et nous vous présentons nos excuses. Une fibre a été coupée à Vitry. "
    "Nos équipes la réparent. Prochaine nouvelle vendredi 20 novembre à 18 h, sur nuage.example.",
    "en": "You have had no service since this morning, and we apologise. A fibre was cut in Vitry. Our teams are mending it. "
    "Next news on Friday 20 November at 18:00, on nuage.example.",
}


@pytest.fixture
def desk() -> TestDesk:
    return TestDesk(parse(on_slack()), case=1)


def pressed(desk: TestDesk, body: str, **headers: str) -> dict[str, Any]:
    """What Slack is answered."""
    return take_in(desk.desk, secrets, "slack", signed(body, desk.now) | headers, body)


def told(desk: TestDesk, case_id: str, kind: str, *roles: str, **details: Any) -> Letter:
    """The notice of this kind as the first of these people gets it on Slack."""
    desk.desk.notices.tell(case_id, kind, "1", list(roles), "team", details, room=False)
    return desk.platforms["team-slack"].published[-1]


def button(panel: Panel | None, act: str, place: int = 0) -> str:
    """The value of a button."""
    assert panel is not None
    return [one.value for one in panel.buttons if one.act == act][place]


def in_review(desk: TestDesk, texts: dict[str, str] = TEXTS, number: Any = 1) -> tuple[str, str, Letter]:
    """A case whose response is in review, the value of the button, and the notice that asks Emma."""
    case_id = desk.report()
    desk.triage(case_id, number)
    version = desk.write(case_id, texts)
    assert version.state == "in_review", version.findings
    letter = told(desk, case_id, "review_requested", "person:emma", version=version.version)
    return case_id, f"{case_id} {version.version} {version.content_hash}", letter


def test_triage_is_one_press(desk: TestDesk) -> None:
    case_id = desk.report()
    panel = told(desk, case_id, "triage_requested", "person:ana").panel
    assert panel is not None
    assert [one.act for one in panel.buttons] == ["triage"] * 5 + ["acknowledge"]
    assert all(one.confirm for one in panel.buttons[:5])
    assert all(len(one.label) <= 30 for one in panel.buttons), "what Slack shows of a label"
    answer = pressed(desk, press(USERS["ana"], "triage", button(panel, "triage", 1)))
    case = desk.desk.casework.read(case_id).case
    assert (case.case, case.triaged_by, case.leak) == (2, "ana", False)
    assert answer["text"].startswith("✓ Ana Ferreira")
    # Judged once: what somebody has decided is changed where it is seen.
    again = pressed(desk, press(USERS["ana"], "triage", button(panel, "triage", 0), at="2"))
    assert "n'attend plus" in again["text"]
    assert desk.desk.casework.read(case_id).case.case == 2


def test_whoever_has_it_says_so(desk: TestDesk) -> None:
    case_id = desk.report()
    panel = told(desk, case_id, "triage_requested", "person:ana").panel
    answer = pressed(desk, press(USERS["ana"], "acknowledge", button(panel, "acknowledge")))
    assert "s'en occupe, jusqu'à 11 h 00" in answer["text"]
    assert desk.desk.casework.read(case_id).case.acknowledged[f"triage:{case_id}"].by == "ana"
    other = pressed(desk, press(USERS["emma"], "acknowledge", button(panel, "acknowledge")))
    assert "d'autres personnes" in other["text"]


def test_what_is_approved_stands_there_whole_and_leaves_so(desk: TestDesk) -> None:
    case_id, value, letter = in_review(desk)
    panel = letter.panel
    assert panel is not None
    assert button(panel, "approve") == value
    version = desk.desk.casework.read(case_id).version(1)
    assert version is not None
    shown = {part for one in desk.desk.responses.preview(case_id, 1)[1] for part in one.rendering.parts}
    *posts, (_, remarks) = panel.texts
    assert {text for _, text in posts} == shown
    assert all(one.message in remarks for one in version.findings if one.severity == "warning")
    assert remarks
    places = [channel for heading, _ in posts for channel in heading.split(" · ")[1].split(", ")]
    kept = desk.desk.casework.store.renderings(case_id, 1)
    assert len(places) == len(kept), "every place is named, each once"
    confirm = next(one.confirm for one in panel.buttons if one.act == "approve")
    assert f"{len(places)} rendus" in str(confirm)
    answer = pressed(desk, press(USERS["emma"], "approve", value))
    approved = desk.desk.casework.read(case_id).version(1)
    assert approved is not None
    assert (approved.state, approved.approvals[0].by, approved.approvals[0].content_hash) == (
        "approved",
        "emma",
        version.content_hash,
    )
    assert answer["text"] == "✓ Emma Laurent a approuvé la version 1."


@pytest.mark.parametrize(
    "texts",
    [
        {name: text + " " + "Nous réparons. " * 210 for name, text in TEXTS.items()},
        {name: text + " On écrit &lt;br&gt; ainsi." for name, text in TEXTS.items()},
    ],
    ids=["longer than a section", "signs that Slack would show otherwise"],
)
def test_what_does_not_stand_there_whole_is_read_in_the_desk(desk: TestDesk, texts: dict[str, str]) -> None:
    *_, letter = in_review(desk, texts)
    assert letter.panel is not None
    assert [one.act for one in letter.panel.buttons] == ["acknowledge"]
    assert not letter.panel.texts
    assert "/review/1" in letter.text, "the link is there all the same"


def test_nobody_is_offered_what_is_not_theirs(desk: TestDesk) -> None:
    case_id, _, _ = in_review(desk)
    mine = told(desk, case_id, "review_requested", "person:ana", version=1).panel
    assert mine is None, "who wrote it neither approves it nor has it in hand"
    quiet = TestDesk(load(EXAMPLE), case=1)
    letter_id = quiet.report()
    quiet.desk.notices.tell(letter_id, "triage_requested", "1", ["person:ana"], "team", {}, room=True)
    letters = [one for each in quiet.platforms.values() for one in each.published]
    assert letters
    assert all(one.panel is None for one in letters), "without a source for presses there is nothing to press"


@pytest.mark.parametrize(
    ("who", "change", "said"),
    [
        ("ana", "", "Votre rôle ne permet pas"),
        ("U9NOBODY", "", "does not know this Slack account"),
        ("emma", "team", "ne connaît pas ce compte"),
        ("emma", "guest", "ne connaît pas ce compte"),
        ("emma", "two", "stands for two people"),
        ("emma", "left", "vous êtes parti"),
        ("emma", "stale", "n'est plus celui"),
        ("emma", "rewritten", "n'est plus celui"),
        ("emma", "own", "ses propres mots"),
        ("emma", "pilot", "Vous pilotez"),
        ("emma", "decided", "n'attend plus"),
        ("emma", "missing", "n'attend plus"),
        ("emma", "nonsense", "n'a pas pu se faire"),
        ("emma", "settings", "n'a pas pu se faire"),
        ("dora", "stale", "no longer the text"),
    ],
)
def test_every_refusal_is_in_words_and_changes_nothing(
    desk: TestDesk, who: str, change: str, said: str
) -> None:
    case_id, value, _ = in_review(desk)
    more: dict[str, Any] = {}
    if change == "team":
        more = {"team": "T0OTHER"}
    elif change == "guest":
        more = {"user": {"id": USERS["emma"], "team_id": "T0OTHER"}}
    elif change in ("two", "left"):
        people = [one.model_copy(deep=True) for one in desk.organisation.people]
        for one in people:
            if change == "left" and one.id == "emma":
                one.__dict__["left"] = True
            if change == "two" and one.id == "dora":
                one.__dict__["reach"] = [
                    reach.model_copy(update={"address": USERS["emma"]}) for reach in one.reach
                ]
        desk.organisation = desk.organisation.model_copy(update={"people": people})
        desk = _again(desk)
    elif change == "stale":
        value = f"{case_id} 1 sha256:{'0' * 64}"
    elif change == "rewritten":
        desk.write(case_id, {name: text + " Merci." for name, text in TEXTS.items()})
    elif change == "own":
        version = desk.write(case_id, {name: text + " Merci." for name, text in TEXTS.items()}, by="emma")
        value = f"{case_id} {version.version} {version.content_hash}"
    elif change == "pilot":
        desk.desk.casework.change(case_id, "ben", lambda file: file.case.cell.update(pilot="emma"))
    elif change == "decided":
        desk.review(case_id, desk.desk.casework.read(case_id).responses[0], "dora", approve=False)
    elif change == "missing":
        value = value.replace(" 1 ", " 9 ")
    elif change == "nonsense":
        value = f"{case_id} one two"
    elif change == "settings":
        channels = [
            one.model_copy(update={"settings": {"hashtags": {"fr": ["#autre"]}}}) if one.id == "x" else one
            for one in desk.organisation.channels
        ]
        desk.organisation = desk.organisation.model_copy(update={"channels": channels})
        desk = _again(desk)
    before = dict(desk.table.items)
    answer = pressed(desk, press(USERS.get(who, who), "approve", value, **more))
    assert said in answer["text"]
    assert (answer["response_type"], answer["replace_original"]) == ("ephemeral", False)
    assert desk.table.items == before


def _again(desk: TestDesk) -> TestDesk:
    """The same table under another organisation."""
    other = TestDesk(desk.organisation, case=1)
    other.table.items, other.now = desk.table.items, desk.now
    return other


def test_a_press_counts_once(desk: TestDesk) -> None:
    """Two approvals are needed: the same press again is no second one, and another of the same person is none either."""
    case_id, value, _ = in_review(desk, number=3)
    body = press(USERS["emma"], "approve", value)
    first = pressed(desk, body)
    before = dict(desk.table.items)
    desk.advance(timedelta(minutes=4))
    assert pressed(desk, body) == first
    assert desk.table.items == before
    assert "déjà noté" in pressed(desk, press(USERS["emma"], "approve", value, at="2"))["text"]
    version = desk.desk.casework.read(case_id).version(1)
    assert version is not None
    assert (version.state, len(version.approvals)) == ("in_review", 1)
    assert "has approved" in pressed(desk, press(USERS["dora"], "approve", value))["text"]
    version = desk.desk.casework.read(case_id).version(1)
    assert version is not None
    assert (version.state, version.approvals[1].director) == ("approved", True)


def test_a_freeze_is_answered_without_content_and_without_effect(desk: TestDesk) -> None:
    case_id, value, _ = in_review(desk)
    desk.freeze()
    before = dict(desk.table.items)
    for who, name, what in (
        ("emma", "approve", value),
        ("dora", "acknowledge", f"review:{case_id}:1"),
        ("ana", "triage", f"{case_id} 3"),
    ):
        answer = pressed(desk, press(USERS[who], name, what, message={"text": "secret", "attachments": []}))
        assert set(answer) == {"response_type", "replace_original", "text"}
        assert answer["replace_original"] is False
        assert any(word in answer["text"] for word in ("Rien ne se décide ici", "Nothing is decided here"))
        assert not any(
            word in answer["text"] for word in ("secret", case_id, "Nuage", "version", "gel", "freeze")
        )
    stranger = pressed(desk, press("U9NOBODY", "approve", value))["text"]
    assert "Rien ne se décide ici" in stranger
    assert "Nothing is decided here" in stranger
    assert desk.table.items == before


@pytest.mark.parametrize("state", ["leak", "pending"])
def test_nothing_about_a_leak_is_decided_there(desk: TestDesk, state: str) -> None:
    case_id, value, _ = in_review(desk)

    def suspect(file: Any) -> None:
        file.case.leak, file.case.suspicion = state == "leak", "pending" if state == "pending" else None

    desk.desk.casework.change(case_id, "sangfroid", suspect)
    assert told(desk, case_id, "clock_reminder", "person:emma", clock="response_ready").panel is None
    before = dict(desk.table.items)
    for name, what in (
        ("approve", value),
        ("acknowledge", f"review:{case_id}:1"),
        ("triage", f"{case_id} 1"),
    ):
        who = "ana" if name == "triage" else "emma"
        assert "ne se décide pas ici" in pressed(desk, press(USERS[who], name, what))["text"]
    assert desk.table.items == before


@pytest.mark.parametrize("kind", ["release", "freeze_checklist", "suspicion", "retraction"])
def test_some_things_are_not_even_acknowledged_there(desk: TestDesk, kind: str) -> None:
    case_id = desk.report()
    answer = pressed(desk, press(USERS["dora"], "acknowledge", f"{kind}:{case_id}"))
    assert "not decided here" in answer["text"]


def test_the_message_keeps_what_can_still_be_pressed(desk: TestDesk) -> None:
    case_id, value, _ = in_review(desk)
    buttons = [{"name": "approve", "type": "button"}, {"name": "acknowledge", "type": "button"}]
    message = {
        "text": "À relire",
        "blocks": [{"type": "section"}],
        "attachments": [{"id": 1, "fallback": "…", "callback_id": case_id, "actions": buttons}],
    }
    taken = pressed(desk, press(USERS["emma"], "acknowledge", f"review:{case_id}:1", message=message))
    assert taken["replace_original"]
    assert (taken["text"], taken["blocks"]) == ("À relire", [{"type": "section"}])
    assert [one.get("actions") for one in taken["attachments"]] == [buttons[:1], None]
    yes = pressed(desk, press(USERS["emma"], "approve", value, message=message))
    assert [one.get("actions") for one in yes["attachments"]] == [None]
    assert yes["attachments"][0]["text"] == "✓ Emma Laurent a approuvé la version 1."


@pytest.mark.parametrize(
    "body",
    [
        "",
        "payload=",
        "payload=%FF",
        "payload=[]",
        "payload={}&payload={}",
        "a=1&" * 100,
        "payload=" + "%7B" * 300_000,
        press("U0EMMA", "approve", "x", type="block_actions"),
        press("U0EMMA", "approve", "x" * 3_000),
        press("U0EMMA", "approve", "x", actions=[]),
        press("U0EMMA", "approve", "x", user="emma"),
    ],
)
def test_what_is_no_press_is_refused_with_a_reason(desk: TestDesk, body: str) -> None:
    with pytest.raises(Refused) as raised:
        pressed(desk, body)
    assert 400 <= raised.value.status < 500
    assert not desk.table.items


def test_only_slack_is_believed(desk: TestDesk) -> None:
    body = press(USERS["emma"], "approve", "x")
    for headers in (
        {"x-slack-signature": "v0=" + "0" * 64},
        {"x-slack-signature": "é"},
        {"x-slack-request-timestamp": str(int(desk.now.timestamp()) + 1)},
        {"x-slack-request-timestamp": "1" * 309},
        {"x-slack-request-timestamp": "soon"},
        {"x-slack-request-timestamp": ""},
    ):
        with pytest.raises(NotGenuine):
            pressed(desk, body, **headers)
    with pytest.raises(NotGenuine):
        take_in(desk.desk, secrets, "slack", signed(body, desk.now), body + "&a=1")
    with pytest.raises(NotGenuine):
        take_in(desk.desk, lambda _: {"secret": ""}, "slack", signed(body, desk.now, ""), body)
    for late, good in ((299, True), (-299, True), (301, False), (-301, False)):
        headers = signed(body, desk.now - timedelta(seconds=late), SECRET)
        if good:
            assert take_in(desk.desk, secrets, "slack", headers, body)["text"]
        else:
            with pytest.raises(NotGenuine):
                take_in(desk.desk, secrets, "slack", headers, body)


def test_a_source_of_presses_says_its_workspace() -> None:
    from sangfroid.organisation_parts import Source

    good = {"id": "slack", "format": "slack", "proof": "slack", "workspace": "T0123ABC"}
    Source.model_validate(good)
    for wrong in (
        {"workspace": None},
        {"proof": "signature"},
        {"format": "standard_webhooks"},
        {"workspace": "nuage"},
    ):
        with pytest.raises(ValueError, match=r"slack|workspace"):
            Source.model_validate(good | wrong)
    assert issubclass(NotGenuine, Refused)
    assert issubclass(Invalid, Refused)
