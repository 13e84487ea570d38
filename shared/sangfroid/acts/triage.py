"""Which case it is: triage by the classifier, and by people."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from pydantic import Field, ValidationError

from sangfroid.casefile import CaseFile
from sangfroid.cases import arrivals, classification, concerns, drafting, wording
from sangfroid.cases.procedure import standing
from sangfroid.casework import Casework
from sangfroid.freeze.procedure import Freezer
from sangfroid.model import CaseNumber, Message, Model, WordedDrafts
from sangfroid.playbooks import playbook
from sangfroid.store import found
from sangfroid.store import freeze as freezing
from sangfroid.triage import decide
from sangfroid.triage.orders import gives_orders
from sangfroid.triage.report import Classifier, Profile, Report, ReportedMessage, Verdict
from sangfroid.triage.severity import reach
from sangfroid.triage.wording import Drafter

_LOG = logging.getLogger(__name__)


class Read(Model):
    """What the classifier says of a report, and how many people see it (0 to 4)."""

    verdict: Verdict
    reach: int = Field(ge=0, le=4)


class Triage:
    """Classifying, by whoever does it. `classifier` is made when it is first needed."""

    def __init__(
        self,
        casework: Casework,
        freezer: Freezer,
        classifier: Callable[[], Classifier],
        drafter: Callable[[], Drafter | None] = lambda: None,
    ) -> None:
        self._drafter = drafter
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
        """Read and enter the verdict, for whoever may do both."""
        self.read(case_id)
        return self.take(case_id)

    def read(self, case_id: str) -> dict[str, Any]:
        """Run triage over the case's first report and put the verdict aside: what reads strangers' texts enters nothing."""
        first = next(iter(self._casework.store.messages(case_id, limit=1)), None)
        report = _report(first, self._casework.read(case_id))
        verdict = decide(report, self._classifier(), self._casework.organisation.thresholds.sure_from)
        read = Read(verdict=verdict, reach=reach(report)).model_dump(mode="json")
        found.put_aside(self._casework.table, case_id, found.VERDICT, read, self._casework.now())
        try:
            self._word(case_id, report, verdict)
        except Exception as error:  # noqa: BLE001 throttled, slow, unreachable, malformed: the playbook's draft stands
            _LOG.warning("drafts not worded: %s", type(error).__name__)
        return {"case_id": case_id}

    def _word(self, case_id: str, report: Report, verdict: Verdict) -> None:
        """Have first drafts worded where the organisation wants it, and put them aside if they may stand."""
        file, organisation = self._casework.read(case_id), self._casework.organisation
        number = verdict.case
        possible = [verdict.leak, verdict.leak_suspected, *(one.leak for one in verdict.alternatives)]
        if number is None or file.case.status != "triage" or any(possible) or drafting.leaks(file):
            return
        if gives_orders(report) is not None or freezing.read(self._casework.table).active:
            return
        drafter = self._drafter()
        if drafter is None:
            return
        template = drafting.from_template(file, number, organisation)
        facts = [
            {"fact": one["fact"], "value": one["value"]}
            for one in drafting.known_facts(file)
            if one["standing"] == "established"
        ]
        messages = self._casework.store.messages(case_id, limit=concerns.MESSAGES_READ)
        asked = [title for one in concerns.asked(messages) for title in one.title.values()]
        made = drafter.word(template, facts, asked, report.message.text)
        text = f"{report.message.text}\n{report.notes}"
        reason = wording.refused(made, template, file.case.brand, text, playbook(number), organisation)
        if reason is not None:
            _LOG.warning("drafts not taken: %s", reason)
            return
        worded = WordedDrafts(case=number, texts=made).model_dump(mode="json")
        found.put_aside(self._casework.table, case_id, found.DRAFTS, worded, self._casework.now())

    def take(self, case_id: str) -> dict[str, Any]:
        """Enter the verdict that was put aside; `unsure` means that a person must decide, also where there is none.

        Done again, it answers where the case stands now.
        """
        organisation = self._casework.organisation

        def act(file: CaseFile) -> dict[str, Any]:
            lying = found.read(self._casework.table, case_id, found.VERDICT)
            sure = file.case.round > 0
            if lying is not None:
                document, taken = lying
                file.extra_writes.append(taken)
                if (known := _read(document, file)) is not None:
                    first_time = file.case.round == 0
                    sure = classification.by_machine(file, known.verdict, organisation, known.reach)
                    if first_time and file.case.spiking:
                        file.case.severity = arrivals.raised(file.case)
            self._take_drafts(case_id, file)
            if file.case.suspicion == "pending" and classification.freezes_at_once(file, organisation):
                self._freezer.hold(file, "a leak is suspected from the text")
            return {"outcome": "classified" if sure else "unsure"} | standing(file, organisation)

        return self._freezer.insist(lambda: self._casework.change(case_id, "sangfroid", act))

    def _take_drafts(self, case_id: str, file: CaseFile) -> None:
        """Keep the drafts that were put aside, judged again: what put them there is not believed (decision 0108)."""
        lying = found.read(self._casework.table, case_id, found.DRAFTS)
        if lying is None:
            return
        document, taken = lying
        file.extra_writes.append(taken)
        try:
            worded = WordedDrafts.kept(document)
        except ValidationError:
            return
        organisation = self._casework.organisation
        template = drafting.from_template(file, worded.case, organisation)
        rules = playbook(worded.case)
        if wording.refused(worded.texts, template, file.case.brand, "", rules, organisation) is None:
            file.case.worded = worded


def _read(document: dict[str, Any], file: CaseFile) -> Read | None:
    """The verdict as it was put aside; None where it is none, which is for a person then.

    An insider's word is the case's own (`asserted`): where the verdict claims it alone, it is a suspicion like another (I8).
    """
    try:
        read = Read.kept(document)
    except ValidationError:
        return None
    said = read.verdict
    if said.by == "insider" and said.leak and not file.case.asserted.get("confidential_leak"):
        read.verdict = said.model_copy(update={"leak": False, "leak_suspected": True, "sure": False})
    return read


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
