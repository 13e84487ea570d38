"""The agency has the whole file at once, and its reply comes back by a link for one case, write only (C4.1)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sangfroid.acts.agency import APART, LASTS, MOST, TooMany
from sangfroid.errors import IllegalTransition, Invalid, NotFound
from sangfroid.outbound.wording import event_words
from tests.support.desks import TestDesk

ADVICE = "Répondre une seule fois, aux clients, avec les faits. Ne pas nommer le concurrent."


def attacked() -> tuple[TestDesk, str, str]:
    desk = TestDesk()
    case = desk.report(text="Nuage SA vend vos données", notes="seen in the group of a rival")
    desk.triage(case, 4)
    link = desk.desk.agency.link(case)
    return desk, case, str(link["url"]).partition("#")[2]


def test_a_reply_shows_c4_1_and_is_kept_with_the_case() -> None:
    desk, case, token = attacked()
    reply = desk.desk.agency.reply(token, ADVICE)
    duty = desk.desk.casework.read(case).case.duty("C4.1")
    assert duty is not None
    assert (duty.state, duty.by) == ("done", "agency")
    assert reply in str(duty.evidence)
    assert [(one["id"], one["text"]) for one in desk.desk.agency.replies(case)] == [(reply, ADVICE)]
    assert "concurrent" not in str(desk.desk.casework.store.events(case))


def test_the_token_is_kept_nowhere() -> None:
    desk, _, token = attacked()
    desk.desk.agency.reply(token, ADVICE)
    assert token not in str(desk.table.items)


@pytest.mark.parametrize("ended", ["expired", "closed", "frozen", "thawed", "unknown"])
def test_a_link_that_holds_no_longer_tells_nothing(ended: str) -> None:
    desk, case, token = attacked()
    if ended == "expired":
        desk.advance(LASTS)
    elif ended == "closed":
        desk.triage(case, None)
    elif ended in ("frozen", "thawed"):
        desk.freeze()
        if ended == "thawed":
            desk.release("all")
    else:
        token = token[:-1] + "?"
    with pytest.raises(NotFound, match="holds no longer"):
        desk.desk.agency.reply(token, ADVICE)
    assert desk.desk.agency.replies(case) == []


def test_no_link_is_made_during_a_freeze() -> None:
    desk, case, _ = attacked()
    desk.freeze()
    with pytest.raises(IllegalTransition):
        desk.desk.agency.link(case)


def test_a_link_takes_few_replies_and_not_too_fast() -> None:
    desk, case, token = attacked()
    desk.desk.agency.reply(token, ADVICE)
    with pytest.raises(TooMany):
        desk.desk.agency.reply(token, ADVICE)
    for _ in range(MOST - 1):
        desk.advance(APART)
        desk.desk.agency.reply(token, ADVICE)
    desk.advance(timedelta(hours=1))
    with pytest.raises(TooMany):
        desk.desk.agency.reply(token, ADVICE)
    assert len(desk.desk.agency.replies(case)) == MOST


def test_a_reply_that_says_nothing_shows_nothing() -> None:
    desk, case, token = attacked()
    with pytest.raises(Invalid):
        desk.desk.agency.reply(token, "ok ok")
    duty = desk.desk.casework.read(case).case.duty("C4.1")
    assert duty is not None
    assert duty.state == "open"


def test_the_agency_gets_the_whole_file_with_what_is_supposed_apart_and_a_link() -> None:
    desk, case, _ = attacked()
    desk.desk.notices.tell(case, "agency_file", "now", ["pr_agency"], "team", {}, room=False)
    (letter,) = [one for one in desk.desk.casework.store.notices(case) if one.kind == "agency_file"]
    text = letter.text or ""
    established, supposed = text.index("ESTABLISHED"), text.index("SUPPOSED")
    assert established < text.index("1st: ") < supposed < text.index("MESSAGES") < text.index("TIMELINE")
    assert "Nuage SA vend vos données" in text
    assert "note: seen in the group of a rival" in text
    for language in ("fr", "en"):
        assert event_words(language)["case_opened"] in text, "what happened in words, in both languages"
    assert "case_opened" not in text
    token = text.partition("/reply#")[2].split()[0]
    assert desk.desk.agency.reply(token, ADVICE)
