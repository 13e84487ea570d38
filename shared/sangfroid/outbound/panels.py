"""What the reader of a notice can do by pressing it where it stands: on Slack, where the organisation listens to presses.

Triage, "I have it", and a yes to a text that stands there whole, exactly as it will leave. Everything else is done in the desk:
a freeze, its release, taking something down, and whatever is about a leak (I3). The press is carried out in http/pressing.py.
"""

from __future__ import annotations

from sangfroid.cases import waiting
from sangfroid.cases.waiting import Awaited
from sangfroid.model import Button, Panel, ResponseVersion
from sangfroid.organisation import Organisation
from sangfroid.outbound.notices import Recipient, Scene, discreet
from sangfroid.outbound.previews import Preview, Previewer, as_shown
from sangfroid.outbound.wording import plural, typeset, words

LONGEST_TEXT = 3_000
"""Characters that one section of Slack shows (https://docs.slack.dev/reference/block-kit/blocks/section-block)."""

LONGEST_PANEL = 12_000
"""Characters of all texts of a panel: what somebody reads on a telephone before saying yes."""

MOST_TEXTS = 20
"""Texts of a panel: with their headings and the notice they stay under Slack's 50 blocks."""

WHOLE = ("response", "holding", "update", "closing_announcement")
"""Kinds of texts that can be judged by themselves; of the others the reader must see what they correct or answer."""

NEVER_PRESSED = frozenset({"release", "freeze_checklist", "suspicion", "retraction"})
"""Kinds of what waits that are not even acknowledged by a press: it is decided in the desk alone."""

WAITS = {
    "triage_requested": "triage",
    "draft_requested": "write",
    "no_response_proposed": "confirm_no_response",
}
"""Kind of a notice -> the kind of what waits, where nobody said which thing it is about."""


def panel(kind: str, scene: Scene, recipient: Recipient, previewer: Previewer) -> Panel | None:
    """What stands beneath the notice for this reader; None where nothing can be pressed there."""
    if not _is_pressed(recipient, scene.organisation) or discreet(kind, scene.file.case):
        return None
    entry = awaited(kind, scene)
    if entry is None or entry.kind in NEVER_PRESSED:
        return None
    language, buttons, texts = recipient.language, [], list[tuple[str, str]]()
    said, mine = words("press", language), _may(entry, scene, recipient)
    if entry.kind == "triage" and mine:
        buttons += [
            Button(
                act="triage", value=f"{scene.file.case.id} {number}", label=words("cases", language)[number],
                confirm=typeset(said["confirm_triage"], language).format(answer=words("cases", language)[number]),
            )
            for number in ("1", "2", "3", "4", "none")
        ]  # fmt: skip
    version = scene.file.version(int(entry.what["version"])) if entry.kind == "review" else None
    if version is not None and mine:
        previews = previewer.of(version, scene.file)
        texts = whole(version, previews, language)
        if texts:
            places = plural(said["places"], len(previews), language)
            buttons.append(
                Button(
                    act="approve", value=f"{scene.file.case.id} {version.version} {version.content_hash}",
                    label=said["approve"],
                    confirm=typeset(said["confirm_approve"], language).format(version=version.version, places=places),
                )
            )  # fmt: skip
    if mine:
        buttons.append(Button(act="acknowledge", value=entry.id, label=said["acknowledge"]))
    return Panel(texts=texts, buttons=buttons, yes=said["yes"], no=said["no"]) if buttons else None


def answerable(kind: str, scene: Scene, recipient: Recipient) -> str | None:
    """Id of what its reader may acknowledge where the notice rings; None where nobody listens there, or it waits for others."""
    person = scene.organisation.person(recipient.name)
    if person is None or scene.organisation.answered_at(recipient.channel.id) is None:
        return None
    entry = awaited(kind, scene)
    if entry is None:
        return None
    duties = frozenset(scene.organisation.duties_of(person.id))
    return entry.id if entry.is_for(person.id, frozenset(person.access), duties) else None


def whole(version: ResponseVersion, previews: list[Preview], language: str) -> list[tuple[str, str]]:
    """Every post of the version as it will leave, each once under the places where it stands; empty where not all of it shows.

    What the charter remarks stands beneath. What carries a picture or puts an earlier text right is read in the desk.
    """
    if version.kind not in WHOLE or version.picture is not None or version.answer is not None:
        return []
    if not as_shown(version, previews):
        return []  # the channels' settings have changed since: it would leave otherwise than it was shown
    places: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for one in previews:
        places.setdefault((one.language, tuple(one.rendering.parts)), []).append(one.channel.id)
    frame = words("press", language)
    texts = [
        (
            frame["heading"].format(
                language=written.upper(), channels=", ".join(channels), post=_post(number, parts)
            ),
            part,
        )
        for (written, parts), channels in places.items()
        for number, part in enumerate(parts, 1)
    ]
    remarks = [
        f"{(found.language or '').upper()} · {found.message}"
        for found in version.findings
        if found.severity == "warning"
    ]
    if remarks:
        texts.append((typeset(frame["remarks"], language), "\n".join(remarks)))
    fits = all(len(text.encode("utf-16-le")) // 2 <= LONGEST_TEXT and _is_literal(text) for _, text in texts)
    fits = fits and len(texts) <= MOST_TEXTS and sum(len(text) for _, text in texts) <= LONGEST_PANEL
    return texts if fits else []


def _post(number: int, parts: tuple[str, ...]) -> str:
    return f" · {number}/{len(parts)}" if len(parts) > 1 else ""


def _is_literal(text: str) -> bool:
    """Whether Slack shows the text as it is: these three would be shown as the signs that they stand for."""
    return not any(entity in text for entity in ("&amp;", "&lt;", "&gt;")) and bool(text.strip())


def _is_pressed(recipient: Recipient, organisation: Organisation) -> bool:
    listens = any(source.format == "slack" for source in organisation.listening)
    return listens and recipient.channel.type == "slack" and recipient.channel.audience == "team"


def awaited(kind: str, scene: Scene) -> Awaited | None:
    """What waits for the reader, as the case stands now."""
    case_id, version = scene.file.case.id, scene.details.get("version")
    thing = scene.details.get("waiting")
    if thing is None and kind == "review_requested":
        thing = f"review:{case_id}:{version}"
    elif thing is None and kind in WAITS:
        thing = f"{WAITS[kind]}:{case_id}"
    if thing is None:
        return None
    return next((one for one in waiting.waits(scene.file) if one.id == thing), None)


def _may(entry: Awaited, scene: Scene, recipient: Recipient) -> bool:
    """Whether the reader may do it; a room may, for somebody there does, and who presses is looked at then."""
    person = scene.organisation.person(recipient.name) if recipient.address is not None else None
    return person is None or entry.may(person.id, frozenset(person.access))
