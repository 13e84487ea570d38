"""What comes before a version: the desk's first draft, a person's saved draft; and what of findings people set aside."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sangfroid.cases import concerns, drafting, overriding
from sangfroid.cases.drafting import FirstDraft
from sangfroid.casework import Casework
from sangfroid.errors import FieldError, IllegalTransition, Invalid, NotFound
from sangfroid.model import BasedOn, ResponseVersion, rfc3339
from sangfroid.store import drafts
from sangfroid.store import freeze as freezing
from sangfroid.text import differences


class Drafts:
    """Texts on their way to a version."""

    def __init__(self, casework: Casework) -> None:
        self._casework = casework

    def first(self, case_id: str) -> FirstDraft:
        """The desk's draft of the case as it stands; raises IllegalTransition before triage."""
        draft = drafting.first_draft(self._casework.read(case_id), self._casework.organisation)
        messages = self._casework.store.messages(case_id, limit=concerns.MESSAGES_READ)
        return replace(draft, asked=concerns.asked(messages))

    def changes(
        self, case_id: str, number: int, since: BasedOn | None
    ) -> tuple[BasedOn, dict[str, list[differences.Part]]]:
        """What a version changed, by language, of what it was started from (or of `since`)."""
        file = self._casework.read(case_id)
        version = file.version(number)
        if version is None:
            raise NotFound(f"Case {case_id} has no response version {number}.")
        chosen, before = drafting.origin_of(file, version, since)
        return chosen, {
            language: differences.between(before.get(language, ""), text)
            for language, text in version.texts.items()
        }

    def override(self, case_id: str, number: int, code: str, reason: str, by: str) -> ResponseVersion:
        """A person sets the blocking findings of one code aside, by name and with a reason."""
        organisation, table = self._casework.organisation, self._casework.table

        def act(file: Any) -> ResponseVersion:
            frozen = freezing.read(table).active
            return overriding.override(file, number, code, reason, organisation, frozen=frozen)

        return self._casework.change(case_id, by, act)

    def saved(self, case_id: str, by: str) -> dict[str, Any]:
        """The draft that this person saved; raises NotFound where there is none."""
        self._exists(case_id)
        found = drafts.read(self._casework.table, case_id, by)
        if found is None:
            raise NotFound("You have saved no draft for this case.")
        return found

    def save(
        self,
        case_id: str,
        texts: dict[str, str],
        based_on: BasedOn | None,
        objective: str | None,
        by: str,
    ) -> dict[str, Any]:
        """Keep this person's draft, whatever it says: it is checked when it becomes a version."""
        file = self._casework.read(case_id)
        if file.case.status == "closed":
            raise IllegalTransition("The case is closed; nothing more can be written for it.")
        if isinstance(based_on, int) and file.version(based_on) is None:
            raise Invalid(
                f"Version {based_on} does not exist.",
                errors=[FieldError("/based_on", "first-draft, or the number of a version of this case")],
            )
        now = self._casework.now()
        draft = {"texts": texts, "based_on": based_on, "objective": objective, "saved_at": rfc3339(now)}
        drafts.save(self._casework.table, case_id, by, draft, now)
        return draft

    def forget(self, case_id: str, by: str) -> None:
        """Delete this person's draft."""
        self._exists(case_id)
        drafts.forget(self._casework.table, case_id, by)

    def _exists(self, case_id: str) -> None:
        if self._casework.store.head(case_id) is None:
            raise NotFound(f"There is no case {case_id!r}. GET /cases lists those that exist.")
