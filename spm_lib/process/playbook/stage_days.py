"""What was done in a stage's first days, among deals still open at their end: no look ahead."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from spm_lib.core.statement import Statement
from spm_lib.metrics.associations import Behaviour, apart_from_state, seldom_refused
from spm_lib.metrics.definition import day_number
from spm_lib.metrics.landmarks import KEY, stage_at, standing_at, time_to_win
from spm_lib.metrics.stages import pipeline_of
from spm_lib.metrics.touches import Made, with_touches
from spm_lib.model import Company

SPOKEN = ("call", "meeting", "demo")
NEVER, YOUNG, CLOSED, UNOWNED = (
    "was never in the stage",
    "too young to have had its time",
    "closed in the stage's first days",
    "no owner then",
)
_TODAY = Statement("known only as it stands today, not as of the stage's first days")


@dataclass(frozen=True, eq=False)
class StageDays:
    """Deals still open some days after they first entered a stage, and how they ended after that.

    Attributes
    ----------
    frame
        ``opportunity_id, rep_id`` (owner at the landmark), ``won`` (Int64: won within ``horizon``
        days after it), ``created_day`` (epoch day of entering the stage: the clock of this
        analysis), ``mark, stage_then``, ``contacts`` (Int64: touches until the landmark),
        ``first_touch`` (days from entering to the first touch; null: none until the landmark),
        the columns asked for, and one Float64 column per behaviour.
    behaviours
        All that the tables could tell; those that can be looked at have no ``refused``.
    aside
        Deals left out: ``opportunity_id, reason``.
    """

    pipeline: str
    stage: str
    frame: pl.DataFrame
    behaviours: tuple[Behaviour, ...]
    horizon: int
    aside: pl.DataFrame

    @property
    def told(self) -> tuple[Behaviour, ...]:
        """The behaviours that can be looked at."""
        return tuple(b for b in self.behaviours if b.refused is None)


def stage_days(
    company: Company, pipeline: str, stage: str, *, days: int, keep: list[str]
) -> StageDays:
    """Return what was done in the first days of a stage, deal by deal.

    The landmark is the end of day ``days`` after the first entry to the stage. Behaviour is read
    up to it, the outcome after it.

    Parameters
    ----------
    company
        What ``spm_lib.open`` returned.
    pipeline, stage
        Which stage.
    days
        Length of the first days.
    keep
        Columns of opportunities to carry along, to be allowed for.

    Raises
    ------
    DataError
        If no deal that was in the stage has been won.
    """
    deals = _entered(company, pipeline, stage)
    horizon = max(time_to_win(deals) - days, days)
    deals = deals.with_columns(mark=pl.col("created_day") + days)
    today = day_number(company.as_of)
    ripe = deals.filter(pl.col("mark") + horizon <= today)
    there = ripe.drop("rep_id").join(_stood(company, ripe), on=KEY, how="left")
    kept = there.filter((pl.col("then") == "open") & pl.col("rep_id").is_not_null())
    won = (pl.col("outcome") == "won") & (pl.col("closed_day") <= pl.col("mark") + horizon)
    frame = kept.with_columns(won=won.fill_null(value=False).cast(pl.Int64)).sort(
        "created_day", "opportunity_id"
    )
    frame, made = _behaviours(company, frame)
    names = [b.name for b in made if b.refused is None]
    controls = ["stage_then", *keep]
    columns = ["opportunity_id", "rep_id", "won", "created_day", "mark", "contacts", "first_touch"]
    frame = frame.select(*columns, *controls, *names)
    judged = tuple(b if b.refused else seldom_refused(b, frame) for b in made)
    if any(b.refused is None for b in judged) and frame.height:
        judged = apart_from_state(frame, judged, controls=controls)
    unowned = there.filter((pl.col("then") == "open") & pl.col("rep_id").is_null())
    aside = _left_out(company, deals, ripe, unowned, frame)
    return StageDays(pipeline, stage, frame, judged, horizon, aside)


def _entered(company: Company, pipeline: str, stage: str) -> pl.DataFrame:
    """Return the deals that were in a stage, with the day of their first entry as their start."""
    first = company.stints.filter(
        (pl.col("stage") == stage)
        & (pl.col("outcome") == "open")
        & (pipeline_of(company) == pipeline)
    )
    first = first.group_by("opportunity_id").agg(created_day=pl.col("entered_day").min())
    deals = company.table("opportunities").drop("created_day")
    return deals.join(first, on="opportunity_id", maintain_order="left")


def _stood(company: Company, ripe: pl.DataFrame) -> pl.DataFrame:
    """Return owner and outcome at the landmark, and what had changed since the stage's start."""
    start = ripe.select("opportunity_id", mark=pl.col("created_day"), end=pl.col("mark"))
    before = standing_at(company, start).join(start, on=KEY)
    before = before.join(_first_amounts(company), on="opportunity_id", how="left")
    before = before.select(
        "opportunity_id",
        "amount_first",
        mark="end",
        amount_was="amount_then",
        planned_was="planned_then",
    )
    stood = standing_at(company, ripe).select(*KEY, "then", "rep_id", "amount_then", "planned_then")
    stage = stage_at(company, ripe).select(*KEY, "stage_then")
    found = stood.join(before, on=KEY, how="left").join(stage, on=KEY, how="left")
    return found.with_columns(
        _flag(pl.col("planned_then") > pl.col("planned_was")).alias("plan.pushed"),
        _flag(_less("amount_then", "amount_was")).alias("amount.lowered"),
        _flag(_less("amount_was", "amount_first")).alias("amount.earlier"),
    ).drop("amount_was", "amount_first", "planned_was", "amount_then", "planned_then")


def _less(now: str, before: str) -> pl.Expr:
    """Say whether an amount is lower than before; an amount of 0 is no price."""
    return (pl.col(now) < pl.col(before)) & (pl.col(now) > 0)


def _first_amounts(company: Company) -> pl.DataFrame:
    amounts = company.changes.frame.drop_nulls("amount").group_by("opportunity_id")
    return amounts.agg(amount_first=pl.col("amount").first())


def _flag(condition: pl.Expr) -> pl.Expr:
    return condition.fill_null(value=False).cast(pl.Float64)


def _behaviours(company: Company, frame: pl.DataFrame) -> Made:
    frame, made = with_touches(company, frame)
    frame, order = _first_touches(company, frame)
    made += order
    told = company.changes.told
    plans = None if "expected_close" in told else Statement("no history of planned closes is known")
    amounts = None if "amount" in told else Statement("no history of amounts is known")
    made += [
        Behaviour("plan.pushed", Statement("Planned close pushed back"), refused=plans),
        Behaviour("amount.lowered", Statement("Amount lowered"), refused=amounts),
        Behaviour("amount.earlier", Statement("Amount lowered before this stage"), refused=amounts),
    ]
    return _with_discount(company, frame, made)


def _with_discount(company: Company, frame: pl.DataFrame, made: list[Behaviour]) -> Made:
    """Add the discount, which counts only where it is known from a deal's creation on."""
    if not company.has("opportunities", "discount"):
        return frame, made
    known = "discount" in company.book.known.get("opportunities", frozenset())
    given = Behaviour("discount", Statement("A discount given"), refused=None if known else _TODAY)
    deals = company.table("opportunities").select("opportunity_id", _given=pl.col("discount") > 0)
    joined = frame.join(deals, on="opportunity_id", how="left", maintain_order="left")
    return joined.with_columns(discount=_flag(pl.col("_given"))).drop("_given"), [*made, given]


def _first_touches(company: Company, frame: pl.DataFrame) -> Made:
    """Add the number of touches, the days to the first, and whether it was spoken."""
    nothing = {"contacts": pl.lit(0, dtype=pl.Int64), "first_touch": pl.lit(None, dtype=pl.Int64)}
    if not company.has("activities", "opportunity_id"):
        return frame.with_columns(**nothing), []
    acts = (
        company.table("activities")
        .select("opportunity_id", "kind", "happened_at", "happened_day", "activity_id")
        .join(frame.select("opportunity_id", "created_day", "mark"), on="opportunity_id")
        .filter(pl.col("happened_day").is_between(pl.col("created_day"), pl.col("mark")))
        .sort("opportunity_id", "happened_at", "activity_id")
    )
    spoken = pl.col("kind").first().is_in(SPOKEN).fill_null(value=False)
    told = acts.group_by("opportunity_id", maintain_order=True).agg(
        contacts=pl.len().cast(pl.Int64),
        first_touch=(pl.col("happened_day") - pl.col("created_day")).first(),
        **{"order.spoken": spoken.cast(pl.Float64)},
    )
    made = Behaviour(
        "order.spoken", Statement("The first touch is spoken, not written"), whole=True
    )
    joined = frame.join(told, on="opportunity_id", how="left", maintain_order="left")
    return joined.with_columns(pl.col("contacts").fill_null(0), pl.col(made.name).fill_null(0.0)), [
        made
    ]


def _left_out(
    company: Company,
    entered: pl.DataFrame,
    ripe: pl.DataFrame,
    unowned: pl.DataFrame,
    used: pl.DataFrame,
) -> pl.DataFrame:
    """Return the deals that are not looked at, and why, by how they stood at the landmark."""
    ids = pl.col("opportunity_id")
    frames = (entered, ripe, unowned)
    there, early, nobody = (ids.is_in(f["opportunity_id"].implode()) for f in frames)
    reason = (
        pl.when(~there)
        .then(pl.lit(NEVER))
        .when(~early)
        .then(pl.lit(YOUNG))
        .when(nobody)
        .then(pl.lit(UNOWNED))
        .otherwise(pl.lit(CLOSED))
    )
    deals = company.table("opportunities").select("opportunity_id")
    out = deals.filter(~ids.is_in(used["opportunity_id"].implode()))
    return out.select("opportunity_id", reason=reason)
