"""What the desk notices about a submitted response besides its charter: places that it names, pictures, answers, corrections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sangfroid.casefile import CaseFile
from sangfroid.cases import (
    measures,
)
from sangfroid.model import Finding, ResponseKind, Submission
from sangfroid.text.blank import is_blank


class Shown(Protocol):
    """How one text will stand at one place; what does not fit there is a finding."""

    @property
    def place(self) -> str:
        """`<channel>/<language>`."""

    @property
    def language(self) -> str:
        """Language of the text there."""

    @property
    def digest(self) -> str:
        """SHA-256 over exactly these posts."""

    def findings(self) -> list[Finding]:
        """What to tell the writer."""


def undescribed(submitted: Submission) -> list[Finding]:
    """An image without its description in a language of the texts leaves some readers out."""
    if submitted.picture is None:
        return []
    return [
        Finding(
            code="no_alternative_text",
            severity="blocking",
            language=language,
            message="Describe the image in this language, for those who cannot see it.",
        )
        for language in submitted.texts
        if is_blank(submitted.picture.alt.get(language, ""))
    ]


def answered_badly(file: CaseFile, submitted: Submission) -> list[Finding]:
    """The same person may have been answered by somebody else."""
    if submitted.answer is None:
        return []
    return [
        Finding(
            code="answered_before",
            severity="warning",
            message=f"Version {version.version} is an approved answer to the same message.",
        )
        for version in file.responses
        if version.state == "approved"
        and version.answer
        and version.answer.message == submitted.answer.message
    ]


def unheard(submitted: Submission, previews: Sequence[Shown]) -> list[Finding]:
    """A language that no channel speaks reaches nobody."""
    spoken = {preview.language for preview in previews}
    return [
        Finding(
            code="language_goes_nowhere",
            severity="warning",
            language=language,
            message="No channel of the organisation file has this language.",
        )
        for language in submitted.texts
        if language not in spoken
    ]


def unnamed(file: CaseFile, kind: ResponseKind, texts: dict[str, str]) -> list[Finding]:
    """A closing announcement names every measure; one that does not leaves C2.6 open."""
    if kind != "closing_announcement":
        return []
    return [
        Finding(
            code="measure_not_named",
            severity="warning",
            message=f"A recorded measure is not named in the announcement: {measure.text}",
        )
        for measure in measures.unnamed(file.case.measures, texts.values())
    ]


def stays(file: CaseFile, submitted: Submission, corrects: int | None) -> list[Finding]:
    """An edit without an image leaves the one that stands there."""
    corrected = file.version(corrects) if corrects is not None else None
    while corrected is not None and corrected.picture is None:
        corrected = file.version(corrected.corrects) if corrected.corrects is not None else None
    if corrected is None or submitted.picture is not None:
        return []
    message = f"Where the platform edits, the image of version {corrected.version} stays. To be rid of it, take the post back."
    return [Finding(code="image_stays", severity="warning", message=message)]
