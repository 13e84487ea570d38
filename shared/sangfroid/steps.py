"""What the state machines send to the Lambdas: ids and choices only (I13); anything else is refused."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from sangfroid.cases.deliveries import Wave
from sangfroid.model import ClockId, Model
from sangfroid.outbound.notices import To


class CaseStep(Model):
    """A step that needs only the case."""

    case_id: str


class PlaybookStep(CaseStep):
    """A look or a note of a procedure."""

    step: Literal[
        "take_verdict", "route", "plan", "confirm", "community_order", "look_at_round", "record_failure"
    ]
    round: int = 0
    version: int = 0
    wave: Wave = "all"
    duty: str = Field(
        default="", description="What `duties` was before one execution kept the rounds of all."
    )
    duties: list[str] = Field(default_factory=list)
    untold: str = Field(
        default="", description="A duty whose missed round was noted, and nobody was told of it yet."
    )
    where: str = ""
    error: str = ""


class WaitStep(CaseStep):
    """A wait for people: the condition (`cases/conditions.py`), and the classification round to which it belongs."""

    until: str
    round: int
    name: str
    token: str


class ClockStep(CaseStep):
    """A look at a clock; with `act`, what is due is done."""

    clock: ClockId
    generation: int
    act: bool = False


class NotifyStep(CaseStep):
    """Something to tell people. `occasion` makes the notice unique: the same occasion is never told twice."""

    kind: str
    occasion: str
    roles: list[str]
    to: To = "team"
    room: bool = False
    details: dict[str, Any] = Field(default_factory=dict)
    until: str = Field(
        default="", description="The condition of the wait that this reminds of: then it climbs."
    )
    pace: int = Field(
        default=0, ge=0, description="Seconds after which the procedure asks again where nothing presses."
    )


class NewsStep(CaseStep):
    """The team's channel hears what has happened since the last time (R2); `last`: the step does not come back."""

    news: Literal[True]
    last: bool = False


class PublishStep(CaseStep):
    """One delivery to attempt, or several together."""

    delivery: str | None = None
    deliveries: list[str] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.delivery is None) == (self.deliveries is None):
            raise ValueError("either `delivery` or `deliveries` is wanted")
        return self
