"""Who is woken, decided by expected harm in one place (I8): freeze, page a director, ask quietly, or wait until morning.

Pure: no clock, no store, no organisation is read. `weigh` compares what waiting would cost with what waking a person costs:

    expected harm = suspicion × harm of an hour (severity, reach, speed) × hours until people are at work

The unit is arbitrary and one for both sides: 1 is the harm that a matter of medium severity, seen by few and spreading
slowly, does in one hour. The defaults are humane and meant to be changed: nobody is woken for what can wait, nobody is
woken for a guess, and an insider's word is always acted upon at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sangfroid.model import Severity

Action = Literal["freeze", "page_director", "ask_quietly", "wait_until_morning"]
ACTIONS: tuple[Action, ...] = ("wait_until_morning", "ask_quietly", "page_director", "freeze")
"""From the quietest to the loudest."""

_Positive = Annotated[float, Field(gt=0)]


class Rules(BaseModel):
    """What an organisation may set. Every number is in the unit of the module, a probability, or a duration."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    day_starts: time = Field(default=time(7), description="local time from which people may be disturbed")
    day_ends: time = Field(default=time(22), description="local time from which they may not")
    per_hour: dict[Severity, _Positive] = Field(
        default={"low": 0.3, "medium": 1.0, "high": 3.0, "critical": 8.0},
        description="harm that an hour does, by severity, where few people see it",
    )
    reach_adds: float = Field(default=0.5, ge=0, description="share added by each step of reach (0 to 4)")
    spike_multiplies: float = Field(default=2.0, ge=1, description="factor while messages come in a wave")
    page_from: _Positive = Field(
        default=5.0, description="expected harm from which a director is woken or called"
    )
    ask_from: _Positive = Field(
        default=0.5, description="expected harm from which somebody is asked quietly at once"
    )
    page_certainty: float = Field(
        default=0.6,
        ge=0,
        le=1,
        description="suspicion below which no director is woken, whatever the harm would be",
    )
    climbs_after: timedelta = Field(
        default=timedelta(minutes=30),
        gt=timedelta(0),
        description="a quiet question without an answer climbs then",
    )
    suspicion_freezes: bool = Field(
        default=False,
        description="a suspicion strong enough to page freezes by itself (a setting, off by default)",
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = {"low", "medium", "high", "critical"} - set(self.per_hour)
        if missing:
            raise ValueError(f"per_hour lacks: {', '.join(sorted(missing))}")
        if not self.day_starts < self.day_ends:
            raise ValueError("day_starts must be earlier than day_ends")
        if self.ask_from > self.page_from:
            raise ValueError("ask_from must not be above page_from")
        return self


HUMANE = Rules()


@dataclass(frozen=True)
class Situation:
    """What is known when the question is asked.

    `suspicion`: probability that confidential or personal data are out (`Verdict.suspicion`). `danger`: that people may
    be hurt (`Verdict.danger`). `vouched`: an insider asserts the leak. `reach`: 0 to 4 (`severity.reach`). `spiking`:
    messages come in a wave (`severity.spike`). `local`: the moment, aware, in the zone of those who would be woken.
    """

    suspicion: float
    severity: Severity
    reach: int
    local: datetime
    danger: float = 0.0
    spiking: bool = False
    vouched: bool = False

    def __post_init__(self) -> None:
        """Raises ValueError for a probability outside [0, 1], a reach outside 0 to 4, or a moment without a zone."""
        if not (0 <= self.suspicion <= 1 and 0 <= self.danger <= 1):
            raise ValueError("suspicion and danger are probabilities")
        if not 0 <= self.reach <= 4:
            raise ValueError("reach is 0 to 4")
        if self.local.utcoffset() is None:
            raise ValueError("the moment needs a zone")


@dataclass(frozen=True)
class Decision:
    """What is done, and why, in words for people (`fr`, `en`).

    `until` is the moment at which the question is put again: of a quiet question when it climbs, of a wait when the day
    begins; None where somebody is called now.
    """

    action: Action
    expected_harm: float
    reason: dict[Literal["fr", "en"], str]
    until: datetime | None

    @property
    def wakes(self) -> bool:
        """Whether a person is called now, by ways that wake."""
        return self.action in ("freeze", "page_director")


def is_night(local: datetime, rules: Rules = HUMANE) -> bool:
    """Whether people are left in peace at this local time."""
    return not rules.day_starts <= local.timetz().replace(tzinfo=None) < rules.day_ends


def morning(local: datetime, rules: Rules = HUMANE) -> datetime:
    """The next beginning of the day by the wall clock of `local`'s zone; `local` itself by day."""
    if not is_night(local, rules):
        return local
    day = (
        local.date()
        if local.timetz().replace(tzinfo=None) < rules.day_starts
        else local.date() + timedelta(days=1)
    )
    return datetime.combine(day, rules.day_starts, tzinfo=local.tzinfo)


def per_hour(situation: Situation, rules: Rules = HUMANE) -> float:
    """The harm of one hour if it is true, from severity, reach and speed."""
    spread = 1 + rules.reach_adds * situation.reach
    return (
        rules.per_hour[situation.severity] * spread * (rules.spike_multiplies if situation.spiking else 1.0)
    )


def weigh(situation: Situation, rules: Rules = HUMANE) -> Decision:
    """The action with the least expected harm, people's sleep included. Louder evidence never gives a quieter action."""
    night = is_night(situation.local, rules)
    opens = morning(situation.local, rules)
    # By day a quiet question is seen within the time after which it climbs; at night not before the morning. Real time
    # passes between the two wall clocks, also where the hour changes in between.
    waits = max(opens.timestamp() - situation.local.timestamp(), rules.climbs_after.total_seconds()) / 3600
    certainty = max(situation.suspicion, situation.danger)
    harm = certainty * per_hour(situation, rules) * waits
    if situation.vouched:
        action: Action = "freeze"
    elif not night:
        # By day nobody's sleep is at stake: what is likelier than not is put to a director at once.
        action = "page_director" if situation.suspicion >= rules.page_certainty else "ask_quietly"
        if harm < rules.ask_from and situation.suspicion < rules.page_certainty:
            action = "wait_until_morning"
    elif certainty >= rules.page_certainty and harm >= rules.page_from:
        action = "page_director"
    else:
        action = "ask_quietly" if harm >= rules.ask_from else "wait_until_morning"
    if action == "page_director" and rules.suspicion_freezes and situation.suspicion >= rules.page_certainty:
        action = "freeze"
    until = None
    if action == "ask_quietly":
        until = situation.local + rules.climbs_after
    elif action == "wait_until_morning":
        until = opens
    return Decision(action, round(harm, 3), _reason(situation, action, opens, night=night), until)


_SEVERITY: dict[Severity, tuple[str, str]] = {
    "low": ("faible", "low"),
    "medium": ("moyenne", "medium"),
    "high": ("élevée", "high"),
    "critical": ("critique", "critical"),
}
_REACH = (
    ("peu de lecteurs", "few readers"),
    ("quelques milliers de lecteurs", "some thousands of readers"),
    ("un large public", "a wide audience"),
    ("un très large public", "a very wide audience"),
    ("une audience de masse", "a mass audience"),
)
_ENDS: dict[Action, tuple[str, str]] = {
    "freeze": ("on gèle tout de suite", "everything is frozen at once"),
    "page_director": ("un directeur est appelé maintenant", "a director is called now"),
    "ask_quietly": (
        "la personne de permanence est interrogée sans sonnerie ; sans réponse, on monte d'un cran",
        "the person on duty is asked without ringing; without an answer it climbs",
    ),
    "wait_until_morning": ("cela attend {fr}", "it waits {en}"),
}


def _reason(
    situation: Situation, action: Action, opens: datetime, *, night: bool
) -> dict[Literal["fr", "en"], str]:
    severity, reach = _SEVERITY[situation.severity], _REACH[situation.reach]
    chance = round(100 * max(situation.suspicion, situation.danger))
    if situation.vouched:
        first = ("Une personne de l'intérieur affirme la fuite", "An insider vouches for the leak")
    elif situation.danger > situation.suspicion:
        first = (f"Danger possible pour des personnes ({chance} %)", f"Possible danger to people ({chance}%)")
    elif chance >= 1:
        first = (f"Fuite de données soupçonnée ({chance} %)", f"Leak of data suspected ({chance}%)")
    else:
        first = ("Aucun signe de fuite ni de danger", "No sign of a leak or of danger")
    wave = (", les messages affluent", ", messages come in a wave") if situation.spiking else ("", "")
    hour = (f"il est {situation.local:%H:%M}", f"it is {situation.local:%H:%M}")
    when = (
        (f"jusqu'à {opens:%H:%M}", f"until {opens:%H:%M}")
        if night
        else ("le travail courant", "for the day's work")
    )
    end = (_ENDS[action][0].format(fr=when[0]), _ENDS[action][1].format(en=when[1]))
    return {
        "fr": f"{first[0]}, gravité {severity[0]}, {reach[0]}{wave[0]}, {hour[0]} : {end[0]}.",
        "en": f"{first[1]}, {severity[1]} severity, {reach[1]}{wave[1]}, {hour[1]}: {end[1]}.",
    }
