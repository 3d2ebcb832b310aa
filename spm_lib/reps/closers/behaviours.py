"""What was done in a deal's first days, among deals still open at their end: no look ahead."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from spm_lib.core.statement import Phrase, Statement
from spm_lib.metrics.landmarks import KEY, stage_at, standing_at, time_to_win
from spm_lib.model import Company
from spm_lib.reps.comparison.closed_deals import EPOCH

DAYS = 7
FAST = 2  # working days within which a first touch is fast
FEWEST_DONE = 30
LEAST_SHARE, MOST_SHARE = 0.02, 0.98
KINDS = {
    "call": Phrase("A call"),
    "email": Phrase("An e-mail"),
    "meeting": Phrase("A meeting"),
    "demo": Phrase("A demo"),
    "proposal": Phrase("A proposal"),
}


@dataclass(frozen=True)
class Behaviour:
    """Something done or not done in the first days of a deal.

    ``whole`` marks a sum of other behaviours (all touches together): it is looked at on its own,
    not beside its parts. ``refused`` says why it is not looked at; null where it is.
    """

    name: str
    statement: Statement
    whole: bool = False
    refused: Statement | None = None


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
    for make in (_touches, _steps, _pushes):
        frame, made = make(company, frame)
        found += made
    names = [b.name for b in found]
    kept = frame.select("opportunity_id", "rep_id", "won", "created_day", "stage_then", *names)
    judged = tuple(_judged(b, kept) for b in found)
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


Made = tuple[pl.DataFrame, list[Behaviour]]


def _touches(company: Company, frame: pl.DataFrame) -> Made:
    """Add what activities tell: kinds, how soon, how many, by how many people."""
    if not company.has("activities", "opportunity_id"):
        return frame, []
    acts = (
        company.table("activities")
        .select("opportunity_id", "kind", "happened_day", by="rep_id")
        .join(frame.select("opportunity_id", "created_day", "mark"), on="opportunity_id")
        .filter(pl.col("happened_day").is_between(pl.col("created_day"), pl.col("mark")))
    )
    kinds = acts["kind"].drop_nulls().unique().sort().to_list()
    worked = _working(company, acts)
    told = (
        acts.with_columns(soon=worked <= FAST)
        .group_by("opportunity_id")
        .agg(
            *(
                (pl.col("kind") == kind).any().cast(pl.Float64).alias(f"early.{kind}")
                for kind in kinds
            ),
            **{
                "touch.fast": pl.col("soon").any().cast(pl.Float64),
                "touch.many": (pl.len().cast(pl.Float64) + 1).log(),
                "touch.recent": (pl.col("mark") - pl.col("happened_day").max()).first() <= FAST,
                "people.two": (pl.col("by").n_unique() > 1).cast(pl.Float64),
            },
        )
    )
    made = [
        *(_early(kind) for kind in kinds),
        Behaviour("people.two", Statement("Two people on the deal")),
        Behaviour(
            "touch.fast",
            Statement("A touch in two working days"),
            whole=True,
        ),
        Behaviour("touch.many", Statement("More touches early on"), whole=True),
        Behaviour("touch.recent", Statement("A touch in the last two days"), whole=True),
    ]
    names = [b.name for b in made]
    joined = frame.join(told, on="opportunity_id", how="left", maintain_order="left")
    return joined.with_columns(pl.col(names).cast(pl.Float64).fill_null(0.0)), made


def _early(kind: str) -> Behaviour:
    text = "{kind} in the first days"
    return Behaviour(f"early.{kind}", Statement(text, {"kind": KINDS.get(kind, kind)}))


def _working(company: Company, acts: pl.DataFrame) -> pl.Series:
    """Return the working days between a deal's creation and each activity."""
    if not acts.height:
        return pl.Series("worked", [], dtype=pl.Int64)
    first, last = acts["created_day"].min(), acts["happened_day"].max()
    assert isinstance(first, int)
    assert isinstance(last, int)
    epoch = EPOCH.toordinal()
    days = company.calendar.frame(
        EPOCH.fromordinal(epoch + first), EPOCH.fromordinal(epoch + last + 1)
    )
    index = dict(days.select("day", "working_index").iter_rows())
    place = [acts[c].replace_strict(index) for c in ("happened_day", "created_day")]
    return place[0] - place[1]


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


def _judged(behaviour: Behaviour, frame: pl.DataFrame) -> Behaviour:
    """Refuse what is done too seldom, or nearly always, to say anything of it."""
    values = frame[behaviour.name]
    if behaviour.name == "touch.many":
        rare = values.n_unique() < 3
    else:
        done, n = int((values > 0).sum()), max(values.len(), 1)
        share = done / n
        rare = min(done, n - done) < FEWEST_DONE or not LEAST_SHARE <= share <= MOST_SHARE
    if not rare:
        return behaviour
    text = "done too seldom, or nearly always"
    return Behaviour(behaviour.name, behaviour.statement, behaviour.whole, Statement(text))
