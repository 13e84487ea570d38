"""Which case it is: triage by the classifier, and by people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sangfroid.casefile import CaseFile
from sangfroid.cases import arrivals, classification
from sangfroid.cases.procedure import standing
from sangfroid.casework import Casework
from sangfroid.freeze.procedure import Freezer
from sangfroid.model import CaseNumber, Message
from sangfroid.triage import decide
from sangfroid.triage.report import Classifier, Profile, Report, ReportedMessage
from sangfroid.triage.severity import reach


class Triage:
    """Classifying, by whoever does it. `classifier` is made when it is first needed."""

    def __init__(self, casework: Casework, freezer: Freezer, classifier: Callable[[], Classifier]) -> None:
        self._casework = casework
        self._freezer = freezer
        self._classifier = classifier

    def decide(
        self,
        case_id: str,
        number: CaseNumber | None,
        leak: bool,
        reason: str,
        by: str,
        *,
        restart: bool = False,
    ) -> CaseFile:
        """A person's classification; `restart` starts the procedures of the case anew, after an aborted execution."""

        def act(file: CaseFile) -> CaseFile:
            was_leak = file.case.leak
            classification.by_person(file, number, leak, reason, self._casework.organisation, restart=restart)
            # Confirming a leak that was frozen before freezes nobody again; it only starts the procedure anew.
            if leak and not (was_leak and file.case.freeze_epoch is not None):
                self._freezer.hold(file, reason)
            return file

        return self._freezer.insist(lambda: self._casework.change(case_id, by, act))

    def classify(self, case_id: str) -> dict[str, Any]:
        """Run triage over the case's first report and keep the verdict; `unsure` means that a person must decide."""
        organisation = self._casework.organisation
        first = next(iter(self._casework.store.messages(case_id, limit=1)), None)
        file = self._casework.read(case_id)
        report = _report(first, file)
        verdict = decide(report, self._classifier(), organisation.thresholds.sure_from)

        def act(file: CaseFile) -> dict[str, Any]:
            first_time = file.case.round == 0
            sure = classification.by_machine(file, verdict, organisation, reach(report))
            if first_time and file.case.spiking:
                file.case.severity = arrivals.raised(file.case)
            if file.case.suspicion == "pending" and classification.freezes_at_once(file, organisation):
                self._freezer.hold(file, "a leak is suspected from the text")
            return {"outcome": "classified" if sure else "unsure"} | standing(file, organisation)

        read = [file]  # as it was just read, for the first attempt alone
        return self._freezer.insist(
            lambda: self._casework.change(case_id, "sangfroid", act, seen=read.pop() if read else None)
        )


def _report(first: Message | None, file: CaseFile) -> Report:
    """The case's first report, for the classifier; where nothing is public, what was asked or found is its text."""
    if first is None:
        asked = ReportedMessage(
            text=file.case.notes, platform="other", published_at=file.case.known_at or file.case.opened_at
        )
        return Report.model_validate(
            {"brand": file.case.brand, "message": asked.model_dump(), "asserted": file.case.asserted}
        )
    message = ReportedMessage(
        text=first.text,
        language=first.language,
        platform=first.platform,
        url=first.url,
        author=Profile.model_validate(first.author),
        published_at=first.published_at,
        on_own_platform=first.on_own_platform,
    )
    return Report.model_validate(
        {
            "brand": file.case.brand,
            "message": message.model_dump(),
            "notes": first.notes,
            "asserted": file.case.asserted,
        }
    )
