"""What a case knows of its versions without reading them (I15): a line each, drawn anew by whoever changes one (decision 0137).

Rules that run at the end of every change, and what waits for whom, need of a version what it is, where it stands and in which
languages it speaks. Nobody approves by a line and nothing is sent by it: those read the version itself (I5).
"""

from __future__ import annotations

from sangfroid.casefile import CaseFile
from sangfroid.cases import authorship
from sangfroid.known import VersionLine
from sangfroid.model import Case


def draw(file: CaseFile) -> None:
    """At the end of a change: the case's lines as its versions stand now. A case that is older than its lines gets them."""
    if file.case.version_lines is not None and not file.versions.changed():
        return
    lines = [line for line in file.lines if _matters(line, file.case)]
    if lines == (file.case.version_lines or []) and not lines:
        return
    for line in lines:
        if line.review is not None and (file.versions.all_read or not line.review.authors):
            line.review.authors = authors(file, line.version)
    file.case.version_lines, file.lines_drawn = lines, True


def authors(file: CaseFile, number: int) -> list[str]:
    """Everybody whose words a version holds: whoever wrote it, and whoever had written the same before."""
    version = file.version(number)
    if version is None:
        return []
    words = version.words or authorship.digests(version.texts)
    whose = authorship.whose(words, version.by, file.responses)
    return list(dict.fromkeys([version.by, *version.words_of, *whose]))


def _matters(line: VersionLine, case: Case) -> bool:
    """An answer that is decided and left nothing to send is read where somebody asks for it: a case may have hundreds."""
    if line.kind != "answer" or line.state in ("draft", "in_review"):
        return True
    tally, prefix = case.delivery_tally, f"{line.version}:"
    planned = tally is not None and line.version in tally.planned
    left = any(n and name.startswith(prefix) for name, n in case.open_deliveries.items())
    return left or (line.state == "approved" and not planned)
