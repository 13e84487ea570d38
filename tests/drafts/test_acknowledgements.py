"""An acknowledgement is approved once and leaves at once, to one person, with their own name and nothing else (A14)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sangfroid.cases import acknowledging
from sangfroid.errors import IllegalTransition, Invalid, NotAllowed
from sangfroid.model import AcknowledgementTemplate
from tests.support.desks import TestDesk

TEXTS = {
    "fr": "Bonjour {name}, merci de nous avoir écrit. Nous lisons votre message maintenant et vous répondons aujourd'hui.",
    "en": "Hello {name}, thank you for writing. We are reading your message now and will answer today.",
}


def ready(
    handle: str = "@Marc", *, approved: bool = True
) -> tuple[TestDesk, str, str, AcknowledgementTemplate]:
    desk = TestDesk()
    message = {
        "text": "C'est en panne",
        "platform": "x",
        "published_at": (desk.now - timedelta(hours=1)).isoformat(),
    }
    case = desk.report(message=message | {"author": {"handle": handle}})
    desk.triage(case, 1)
    said = desk.desk.casework.store.messages(case)[0].id
    template = desk.desk.acknowledging.propose(TEXTS, "ana")
    if approved:
        until = desk.now + timedelta(days=90)
        template = desk.desk.acknowledging.approve(template.id, template.content_hash, until, "emma")
    return desk, case, said, template


def send(desk: TestDesk, case: str, said: str, template: AcknowledgementTemplate, **more: str) -> int:
    digest = more.get("digest", template.content_hash)
    version = desk.desk.acknowledging.send(
        case, template.id, digest, said, "fr", None, "marc@mail.example", "ben"
    )
    return version.version


def test_it_leaves_at_once_to_one_person_with_their_name() -> None:
    desk, case, said, template = ready()
    number = send(desk, case, said, template)
    version = desk.desk.casework.read(case).version(number)
    assert version is not None
    assert (version.state, version.acknowledges) == ("approved", template.id)
    assert [(one.by, one.content_hash) for one in version.approvals] == [("emma", template.content_hash)]
    intents = [item for key, item in desk.table.items.items() if key[1].startswith("INTENT#")]
    assert [one["payload"]["version"] for one in intents if one["machine"] == "publication"] == [number]
    assert not [one for one in intents if one["machine"] == "review"]
    desk.publish(case, number)
    (letter,) = [one for platform in desk.platforms.values() for one in platform.published if one.recipient]
    assert letter.text.startswith("Bonjour Marc, merci")
    assert letter.recipient == "marc@mail.example"


def test_nothing_leaves_during_a_freeze() -> None:
    desk, case, said, template = ready()
    desk.freeze()
    number = send(desk, case, said, template)
    desk.publish(case, number)
    assert {one.state for one in desk.desk.casework.read(case).deliveries_of(number)} == {"held"}


def test_without_an_approval_that_stands_nothing_is_sent() -> None:
    desk, case, said, template = ready(approved=False)
    with pytest.raises(IllegalTransition, match="approved"):
        send(desk, case, said, template)
    until = desk.now + timedelta(days=2)
    with pytest.raises(NotAllowed):
        desk.desk.acknowledging.approve(template.id, template.content_hash, until, "ana")
    with pytest.raises(IllegalTransition, match="hash"):
        desk.desk.acknowledging.approve(template.id, "sha256:0", until, "emma")
    for wrong in (desk.now, desk.now + timedelta(days=400)):
        with pytest.raises(Invalid):
            desk.desk.acknowledging.approve(template.id, template.content_hash, wrong, "emma")
    desk.desk.acknowledging.approve(template.id, template.content_hash, until, "emma")
    with pytest.raises(IllegalTransition, match="hash"):
        send(desk, case, said, template, digest="sha256:0")
    desk.advance(timedelta(days=2))
    with pytest.raises(IllegalTransition, match="expired"):
        send(desk, case, said, template)
    assert desk.desk.casework.read(case).responses == []


def test_a_revoked_one_is_sent_no_more() -> None:
    desk, case, said, template = ready()
    desk.desk.acknowledging.revoke(template.id, "It promises too much", "emma")
    with pytest.raises(IllegalTransition, match="promises too much"):
        send(desk, case, said, template)


def test_words_that_were_changed_beneath_the_approval_are_not_sent() -> None:
    desk, case, said, template = ready()
    desk.table.items[("ACKNOWLEDGEMENTS", template.id)]["template"]["texts"]["fr"] = "Allez voir ailleurs."
    with pytest.raises(IllegalTransition, match="hash"):
        send(desk, case, said, template)


def test_a_message_is_acknowledged_once() -> None:
    desk, case, said, template = ready()
    send(desk, case, said, template)
    with pytest.raises(IllegalTransition, match="already"):
        send(desk, case, said, template)


@pytest.mark.parametrize(
    "handle",
    [
        "", "@", "x" * 41, "marc, nous avouons tout", "https://evil.example", "evil.example/a", "a\u202eb",
        "M\u0430rc", "Marc\nBcc: a",
        "{name}", "<b>Marc</b>", "M4rc", "sans commentaire", "projet Mistral", "a@b.example", "Marc\u200b Aurèle", "[Marc]",
    ],
)  # fmt: skip
def test_a_hostile_name_is_left_out(handle: str) -> None:
    desk, case, said, template = ready(handle)
    number = send(desk, case, said, template)
    version = desk.desk.casework.read(case).version(number)
    assert version is not None
    assert version.texts["fr"].startswith("Bonjour, merci de nous avoir écrit.")


@pytest.mark.parametrize(
    "name", ["Marc", "Anne-Sophie", "Zoë O'Neill", "J. R. Martin", "Łukasz", "François de La Tour"]
)
def test_a_name_is_a_name(name: str) -> None:
    assert acknowledging.public_name(name) == name


@pytest.mark.parametrize(
    "text",
    [
        "Bonjour {name}, voici {offer}.",
        "{name} {name}",
        "Bonjour {}.",
        "Sans commentaire, {name}.",
        "Bonjour [prénom]",
    ],
)
def test_a_template_fills_in_nothing_but_a_name_and_keeps_the_charter(text: str) -> None:
    with pytest.raises(Invalid):
        TestDesk().desk.acknowledging.propose({"fr": text}, "ana")
