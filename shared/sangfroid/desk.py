"""The composition root of the domain: which parts there are, and what each is given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sangfroid.acts.acknowledging import Acknowledging
from sangfroid.acts.agency import Agency
from sangfroid.acts.board import Boards
from sangfroid.acts.cell import Cell
from sangfroid.acts.drafts import Drafts
from sangfroid.acts.ending import Ending
from sangfroid.acts.hearing import Hearing
from sangfroid.acts.merging import Merging
from sangfroid.acts.notices import Notices
from sangfroid.acts.people import People
from sangfroid.acts.planning import Planning
from sangfroid.acts.procedures import Procedures
from sangfroid.acts.publication import Publication
from sangfroid.acts.reading import Reading
from sangfroid.acts.reception import Reception
from sangfroid.acts.reports import Reports
from sangfroid.acts.responses import Responses
from sangfroid.acts.team_room import TeamRoom
from sangfroid.acts.triage import Triage
from sangfroid.casework import Casework, Watcher
from sangfroid.casework.organisation import in_force
from sangfroid.evidence.keeping import EvidenceKeeper
from sangfroid.evidence.vault import Vault
from sangfroid.freeze.procedure import Freezer
from sangfroid.organisation import Organisation
from sangfroid.outbound.channels.base import Channel
from sangfroid.outbound.door import Door
from sangfroid.outbound.telling import Teller
from sangfroid.store import CaseStore
from sangfroid.table import Table
from sangfroid.triage.report import Classifier
from sangfroid.triage.wording import Drafter


class Desk:
    """The crisis desk. Each attribute is a room's acts; whoever acts calls it there.

    `organisation`: one for good, or what gives the one in force. `now` is read once per act and passed on; `watch` sees every
    change that was written (metrics).
    """

    def __init__(
        self,
        table: Table,
        organisation: Callable[[], Organisation] | Organisation,
        classifier: Callable[[], Classifier],
        channels: Callable[[str], Channel],
        now: Callable[[], datetime],
        watch: Watcher | None = None,
        vault: Vault | None = None,
        drafter: Callable[[], Drafter | None] = lambda: None,
    ) -> None:
        casework = Casework(CaseStore(table), in_force(organisation, table), now, watch)
        self.casework = casework
        self.channels = channels
        self.evidence = EvidenceKeeper(casework, vault)
        self.door = Door(casework, channels, self.evidence.image)
        self.teller = Teller(self.door)
        self.freezer = Freezer(casework)
        self.reception = Reception(casework, self.freezer)
        self.reports = Reports(casework, self.reception)
        self.hearing = Hearing(casework)
        self.merging = Merging(casework, self.reception)
        self.triage = Triage(casework, self.freezer, classifier, drafter)
        self.responses = Responses(casework, channels, self.evidence)
        self.acknowledging = Acknowledging(casework, self.responses)
        self.drafts = Drafts(casework)
        self.agency = Agency(casework)
        self.notices = Notices(casework, self.teller, channels)
        self.team_room = TeamRoom(casework, self.teller, channels, self.notices)
        self.publication = Publication(casework, self.door, channels, self.notices)
        self.procedures = Procedures(casework)
        self.ending = Ending(casework)
        self.planning = Planning(casework)
        self.cell = Cell(casework)
        self.people = People(casework)
        self.boards = Boards(casework, self.freezer)
        self.reading = Reading(casework, self.evidence)
