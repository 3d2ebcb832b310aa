"""How a year runs for this plan: its season and ramp, learned or given, and what was assumed."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from spm_lib.core.errors import DataError, MetricError
from spm_lib.core.statement import Statement
from spm_lib.model import Company
from spm_lib.plans.scenarios.sections import OverTime
from spm_lib.targets.baseline import RAMP
from spm_lib.targets.over_time import LearnedRamp, LearnedSeason, Season, learn_ramp, learn_season
from spm_lib.targets.ratio import exact_ratio


@dataclass(frozen=True, eq=False)
class Year:
    """Season and ramp of a plan.

    Attributes
    ----------
    season, ramp
        To plan with.
    learned_season, learned_ramp
        How they were learned; null: given, or not to be learned from this data.
    notes
        What was assumed in place of what could not be learned.
    """

    season: Season
    ramp: tuple[float, ...]
    learned_season: LearnedSeason | None
    learned_ramp: LearnedRamp | None
    notes: tuple[Statement, ...]


def year_of(company: Company, settings: OverTime, *, metric: str) -> Year:
    """Return season and ramp as the settings ask for them.

    What cannot be learned from the data is assumed: no season, and the usual ramp; a note says so.
    """
    season, learned_season, note = _season(company, settings, metric)
    ramp, learned_ramp, other = _ramp(company, settings, metric)
    notes = tuple(one for one in (note, other) if one is not None)
    return Year(season, ramp, learned_season, learned_ramp, notes)


def _season(
    company: Company, settings: OverTime, metric: str
) -> tuple[Season, LearnedSeason | None, Statement | None]:
    if isinstance(settings.season, tuple):
        return Season.of(settings.season, per=settings.per), None, None
    if settings.season == "even":
        return Season(per=settings.per), None, None
    try:
        found = learn_season(
            company, metric=metric, per=settings.per, intermediate=settings.intermediate_days
        )
    except (DataError, MetricError):
        note = Statement(
            "A season cannot be learned from this data: the months weigh as their working days do."
        )
        return Season((Fraction(1),) * 12, settings.per), None, note
    return found.season, found, None


def _ramp(
    company: Company, settings: OverTime, metric: str
) -> tuple[tuple[float, ...], LearnedRamp | None, Statement | None]:
    if isinstance(settings.ramp, tuple):
        return settings.ramp, None, None
    try:
        found = learn_ramp(company, metric=metric)
    except (DataError, MetricError):
        note = Statement(
            "A ramp cannot be learned from this data: new people are taken to bring 25, 50 and 75% "
            "of a full person in their first three months."
        )
        return RAMP, None, note
    return tuple(float(exact_ratio(share)) for share in found.ramp), found, None
