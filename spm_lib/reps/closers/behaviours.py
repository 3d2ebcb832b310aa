"""What was done in a deal's first days, among deals still open at their end: no look ahead."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from spm_lib.core.statement import Statement
from spm_lib.metrics.associations import Behaviour, seldom_refused
from spm_lib.metrics.landmarks import KEY, stage_at, standing_at, time_to_win
from spm_lib.metrics.touches import FIRST_DAYS, Made, with_touches
from spm_lib.model import Company
from spm_lib.reps.comparison.closed_deals import EPOCH

DAYS = FIRST_DAYS


@dataclass(frozen=True, eq=False)
class FirstDays:
    """Deals still open at the landmark, what was done until then, and how they ended after it.

    Attributes
    ----------
    frame
        ``opportunity_id, rep_id`` (owner at the landmark), ``won`` (Int64: won within ``horizon``
        days after the landmark), ``created_day``, ``stage_then`` (at the landmark; null where no
        history tells it), and one Float64 column per behaviour.
    behaviours
        All that the tables could tell; those that can be looked at have no ``refused``.
    days, horizon
        Length of the first days, and of the time after it in which a deal could be won.
    aside
        Deals left out: ``opportunity_id, reason``.
    """

    frame: pl.DataFrame
    behaviours: tuple[Behaviour, ...]
    days: int
    horizon: int
    aside: pl.DataFrame

    @property
    def told(self) -> tuple[Behaviour, ...]:
        """The behaviours that can be looked at."""
        return tuple(b for b in self.behaviours if b.refused is None)


def first_days(company: Company, *, days: int = DAYS, horizon: int | None = None) -> FirstDays:
    """Return what was done in the first days of each deal that was still open at their end.

    The landmark is the end of day ``days`` after the creation. What is done is counted up to it,
    the outcome after it, so that a deal that lasts longer does not collect more. Source: Anderson,
    Cain & Gelber (1983), Journal of Clinical Oncology 1:710 (landmark analysis).

    Parameters
    ----------
    company
        What ``spm_lib.open`` returned.
    days
        Length of the first days.
    horizon
        Days after the landmark in which a deal must be won to count; default: nine of ten won
        deals had closed by then. Younger deals are left out, whatever became of them.

    Raises
    ------
    DataError
        If no deal has a date of creation and an end.
    """
    deals = company.table("opportunities").filter(pl.col("created_day").is_not_null())
    horizon = horizon or max(time_to_win(deals) - days, days)
    mark = pl.col("created_day") + days
    deals = deals.with_columns(mark=mark)
    today = (company.as_of - EPOCH).days
    ripe = deals.filter(pl.col("mark") + horizon <= today)
    there = _as_they_stood(company, ripe)
    open_then = there.filter(pl.col("then") == "open")
    won = (pl.col("outcome") == "won") & (pl.col("closed_day") <= pl.col("mark") + horizon)
    frame = open_then.with_columns(won=won.fill_null(value=False).cast(pl.Int64))
    frame = _with_stage(company, frame)
    found: list[Behaviour] = []
    for make in (with_touches, _steps, _pushes):
        frame, made = make(company, frame)
        found += made
    names = [b.name for b in found]
    kept = frame.select("opportunity_id", "rep_id", "won", "created_day", "stage_then", *names)
    judged = tuple(seldom_refused(b, kept) for b in found)
    return FirstDays(
        frame=kept.sort("created_day", "opportunity_id"),
        behaviours=judged,
        days=days,
        horizon=horizon,
        aside=_left_out(company, ripe, kept),
    )


TOO_YOUNG, CLOSED, UNKNOWN = (
    "too young to have had its time",
    "closed in its first days",
    "no owner, or no date of creation",
)


def _left_out(company: Company, ripe: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    """Return the deals that are not looked at, and why."""
    deals = company.table("opportunities").select("opportunity_id", "created_day", "closed_day")
    ids = pl.col("opportunity_id")
    dated = pl.col("created_day").is_not_null()
    early = ids.is_in(ripe["opportunity_id"].implode())
    known = pl.col("closed_day").is_not_null()
    reason = (
        pl.when(dated & ~early)
        .then(pl.lit(TOO_YOUNG))
        .when(dated & known)
        .then(pl.lit(CLOSED))
        .otherwise(pl.lit(UNKNOWN))
    )
    out = deals.filter(~ids.is_in(kept["opportunity_id"].implode()))
    return out.select("opportunity_id", reason=reason)


def _as_they_stood(company: Company, deals: pl.DataFrame) -> pl.DataFrame:
    """Add the owner, the outcome and the planned close of each deal at its landmark."""
    stood = standing_at(company, deals).select(
        *KEY, "then", "rep_id", "planned_first", "planned_then"
    )
    return deals.drop("rep_id").join(stood, on=KEY).filter(pl.col("rep_id").is_not_null())


def _with_stage(company: Company, frame: pl.DataFrame) -> pl.DataFrame:
    """Add the stage in which each deal was at its landmark."""
    last = stage_at(company, frame).select(*KEY, "stage_then")
    return frame.join(last, on=KEY, how="left", maintain_order="left")


def _steps(company: Company, frame: pl.DataFrame) -> Made:
    """Add whether a stage was skipped or gone back from, where there is a history of stages."""
    if not company.has("stints"):
        return frame, []
    visits = company.stints.join(
        frame.select("opportunity_id", "mark"), on="opportunity_id"
    ).filter((pl.col("left_day") <= pl.col("mark")) & (pl.col("next_outcome") == "open"))
    step = pl.col("next_rank") - pl.col("stage_rank")
    told = visits.group_by("opportunity_id").agg(
        **{
            "stage.skipped": (step > 1).any().cast(pl.Float64),
            "stage.back": (step < 0).any().cast(pl.Float64),
        }
    )
    made = [
        Behaviour("stage.skipped", Statement("A stage skipped")),
        Behaviour("stage.back", Statement("A step back in the stages")),
    ]
    joined = frame.join(told, on="opportunity_id", how="left", maintain_order="left")
    return joined.with_columns(pl.col([b.name for b in made]).fill_null(0.0)), made


def _pushes(company: Company, frame: pl.DataFrame) -> Made:
    """Add whether the planned close was moved to a later day, where its history is known."""
    if "expected_close" not in company.changes.told:
        return frame, []
    pushed = (pl.col("planned_then") > pl.col("planned_first")).fill_null(value=False)
    made = Behaviour("plan.pushed", Statement("Planned close pushed back"))
    return frame.with_columns(pushed.cast(pl.Float64).alias(made.name)), [made]
