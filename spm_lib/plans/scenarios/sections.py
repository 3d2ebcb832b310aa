"""The typed sections of a target scenario: all that its file can say."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    ValidationInfo,
    model_validator,
)

from spm_lib.core.calendar import FIRST_YEAR, LAST_YEAR
from spm_lib.core.errors import ParameterError
from spm_lib.targets.odds.levers import check_range

LARGEST = 10**15
SEED = 20_260


def _day(value: Any) -> date:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        day = None
    if (
        not isinstance(day, date)
        or isinstance(day, datetime)
        or not FIRST_YEAR <= day.year <= LAST_YEAR
    ):
        raise ValueError('a date, such as "2027-01-01"')
    return day


def _minor(value: Any, info: ValidationInfo) -> int:
    """Read an amount: exact decimal text in a file, minor units in Python."""
    context: dict[str, int] | None = info.context
    if context:
        found = _exact(value, context["exponent"])
    else:
        found = value if isinstance(value, int) and not isinstance(value, bool) else None
    if found is None or not 0 <= found <= LARGEST:
        raise ValueError('an amount as text, such as "120000.00"')
    return found


def _exact(value: Any, exponent: int) -> int | None:
    try:
        scaled = Decimal(value).scaleb(exponent) if isinstance(value, str) else None
    except InvalidOperation:
        return None
    if scaled is None or not scaled.is_finite() or scaled != scaled.to_integral_value():
        return None
    return int(scaled)


def _finite(value: Any) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value):
        raise ValueError("a number, such as 0.15 for 15 %")
    return float(value)


def _lever(value: Any, info: ValidationInfo) -> Any:
    try:
        check_range(info.field_name or "", value)
    except ParameterError as error:
        raise ValueError((error.do or "").removeprefix("Choose ")) from None
    return value


def _listed(value: Any) -> Any:
    """Let one name stand for a list of one."""
    return (value,) if isinstance(value, str) else value


Day = Annotated[date, BeforeValidator(_day)]
Amount = Annotated[int, BeforeValidator(_minor)]
Number = Annotated[float, BeforeValidator(_finite)]
Part = Annotated[Number, Field(ge=0, le=1)]
Lever = Annotated[Number, AfterValidator(_lever)]
Name = Annotated[StrictStr, Field(min_length=1)]
Names = Annotated[tuple[Name, ...], BeforeValidator(_listed)]
Learned = Literal["learned"]
Ramp = Annotated[tuple[Part, ...], Field(max_length=36)]
Indices = Annotated[tuple[Annotated[Number, Field(ge=0)], ...], Field(min_length=12, max_length=12)]


class Section(BaseModel):
    """A section of the file: frozen, and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Basis(Section):
    """What is planned, and from which day's knowledge.

    Attributes
    ----------
    as_of
        The last day known.
    start, end
        The period of the plan ``[start, end)``, whole months.
    target
        The company's target in the period: minor units, or a count where the metric is one.
    metric
        What the targets are of, by its id.
    grain
        Of the split over time.
    step
        Targets are multiples of it, in the units of ``target``.
    seed
        Of the luck that the odds are played with.
    """

    as_of: Day
    start: Day
    end: Day
    target: Amount
    metric: Name = "won.amount"
    grain: Literal["month", "quarter"] = "month"
    step: Annotated[Amount, Field(ge=1)] = 1
    seed: Annotated[StrictInt, Field(ge=0, lt=2**32)] = SEED

    @model_validator(mode="after")
    def _whole_months(self) -> Basis:
        if self.start.day != 1 or self.end.day != 1 or self.start >= self.end:
            raise ValueError("a period of whole months, such as 2027-01-01 to 2028-01-01")
        return self


class Share(Section):
    """How the company's target is shared out.

    Attributes
    ----------
    weights
        How much each basis counts: even, history, pipeline, potential.
    levels
        Between company and person, from the top.
    over_assignment
        Of each step down, from the top; empty: none.
    own_figures
        Whether people's own figures are kept, or the rest comes on top of them.
    growth_low, growth_high
        Limits of growth on last year's pace; absent: none.
    potential
        The kept column that tells a person's or an account's potential.
    """

    weights: Annotated[dict[Name, Annotated[Number, Field(ge=0)]], Field(min_length=1)] = {
        "history": 1.0
    }
    levels: tuple[Literal["team", "manager_id"], ...] = ("team",)
    over_assignment: tuple[Part, ...] = ()
    own_figures: Literal["kept", "topped up"] = "kept"
    growth_low: Annotated[Number, Field(ge=-1)] | None = None
    growth_high: Annotated[Number, Field(ge=-1)] | None = None
    potential: Name | None = None

    @model_validator(mode="after")
    def _sound(self) -> Share:
        steps = len(self.levels) + 1
        if len(self.over_assignment) not in (0, steps):
            raise ValueError(f"one over-assignment for each step down, here {steps}, or none")
        unknown = sorted(self.weights.keys() - {"even", "history", "pipeline", "potential"})
        if unknown:
            raise ValueError("weights of even, history, pipeline or potential")
        if not sum(self.weights.values()):
            raise ValueError("weights that are not all 0")
        low, high = self.growth_low, self.growth_high
        if (low is None) != (high is None) or (low is not None and high is not None and low > high):
            raise ValueError("growth_low and growth_high together, the lower one first")
        return self


class OverTime(Section):
    """How each person's target is split over the periods.

    Attributes
    ----------
    season
        ``learned`` from the company's past, ``even``, or twelve strengths, January first.
    per
        What carries the season.
    intermediate_days
        What an intermediate day of Passover or Sukkot counts of a working day.
    ramp
        Share of a full person in the 1st, 2nd, ... month on board: ``learned``, or given.
    """

    season: Learned | Literal["even"] | Indices = "learned"
    per: Literal["working day", "calendar day", "month"] = "working day"
    intermediate_days: Part = 1.0
    ramp: Learned | Ramp = "learned"


class Turned(Section):
    """The levers of the odds: multiples of today's, growth and attrition per year.

    ``backfill``: months until a leaver's successor starts; absent: nobody follows.
    """

    win_rate: Lever = 1.0
    deal_size: Lever = 1.0
    cycle: Lever = 1.0
    activity: Lever = 1.0
    growth: Lever = 0.0
    attrition: Lever = 0.0
    backfill: Annotated[StrictInt, AfterValidator(_lever)] | None = None


class Joining(Section):
    """People to be hired: on which day, how many, into which team."""

    starts: Day
    count: Annotated[StrictInt, AfterValidator(_lever)] = 1
    team: Name | None = None
    note: StrictStr = ""


class Kpi(Section):
    """A count or a ratio that people get targets for beside the plan's own metric.

    Attributes
    ----------
    metric, part
        A metric id, such as "activity.count", and the kind of activity or the stage; absent: all.
    total
        Of a count: what is shared out among all people in the plan's period.
    improvement
        Of a ratio: 0.05 is five per cent more (not points) than each person's own pooled rate.
    note
        Why.
    """

    metric: Name
    part: Name | None = None
    total: Annotated[StrictInt, Field(ge=0, le=LARGEST)] | None = None
    improvement: Annotated[Number, Field(gt=-1, le=2)] | None = None
    note: StrictStr = ""

    @model_validator(mode="after")
    def _one_kind(self) -> Kpi:
        if (self.total is None) == (self.improvement is None):
            raise ValueError("either total, for a count, or improvement, for a ratio")
        return self

    @property
    def name(self) -> str:
        """The metric id and its part, as the table of targets names it."""
        return self.metric if self.part is None else f"{self.metric}:{self.part}"


class Row(Section):
    """A row that overwrites or transforms: for one person, a team, or everybody.

    Attributes
    ----------
    rep_id, team, everybody
        Whom it is about; exactly one of them.
    set
        Overwrites the target.
    move
        Transforms the target that the share-out gives: 0.05 is 5 % more.
    lock
        With ``set`` or ``move``: whether the others' targets make up for it, so that the sum
        stays; otherwise the sum moves.
    floor, ceiling, own
        Least and greatest target; the figure the person gave.
    starts, leaves
        First day on board, first day no longer on board.
    part_time
        Share of what the person works today.
    away_from, away_until, away
        Leave: its first day, the first day back (absent: stays so), the share that is away.
    without_target
        Leaves the person out of the share-out.
    win_rate, deal_size, cycle, activity, growth
        Levers of the odds for these people, on top of everybody's.
    note
        Why.
    """

    rep_id: Name | None = None
    team: Name | None = None
    everybody: StrictBool = False
    set: Amount | None = None
    move: Annotated[Number, Field(gt=-1, le=10)] | None = None
    lock: StrictBool = True
    floor: Amount | None = None
    ceiling: Amount | None = None
    own: Amount | None = None
    starts: Day | None = None
    leaves: Day | None = None
    part_time: Part | None = None
    away_from: Day | None = None
    away_until: Day | None = None
    away: Part = 1.0
    without_target: StrictBool = False
    win_rate: Lever | None = None
    deal_size: Lever | None = None
    cycle: Lever | None = None
    activity: Lever | None = None
    growth: Lever | None = None
    note: StrictStr = ""

    @model_validator(mode="after")
    def _sound(self) -> Row:
        named = [self.rep_id is not None, self.team is not None, self.everybody]
        if sum(named) != 1:
            raise ValueError("exactly one of rep_id, team and everybody = true")
        if self.set is not None and self.move is not None:
            raise ValueError("either set or move")
        if self.away_until is not None and self.away_from is None:
            raise ValueError("away_from beside away_until")
        if self.away_from and self.away_until and self.away_until <= self.away_from:
            raise ValueError("away_until, the first day back, after away_from")
        return self
