"""Stage conversion: of the deals that reached a stage, how many went on, were lost, still open.

Every deal passes the open stages of its pipeline in order, up to the furthest it reached: a stage
it jumped over counts as passed (and as skipped), a stage it came back to counts once (and as
re-entered). Hence, stage by stage, entered = advanced + lost + still open, and what advanced from
one stage is what entered the next.
"""

from __future__ import annotations

import narwhals.stable.v2 as nw
import polars as pl

from spm_lib.metrics.deals import OPPORTUNITY_DIMENSIONS
from spm_lib.metrics.definition import Context, Measure, flag, when_first
from spm_lib.metrics.folding import TIMES, Fold
from spm_lib.metrics.measure import declare
from spm_lib.metrics.statistic import share_with
from spm_lib.model import Company
from spm_lib.model.registry import MetricId

NOT_REACHED = "stage not reached"
UNKNOWN = "stage unknown"
EXTRAS = ("lost", "still_open", "skipped", "re_entered", "lost_stage_unknown")


def stage_list(company: Company) -> pl.DataFrame:
    """Return the open stages: pipeline, stage, rank (0..k-1), last (k-1), in order."""
    rows = [
        (name, stage, rank, len(stages.open) - 1)
        for name, stages in company.settings.pipelines.items()
        for rank, stage in enumerate(stages.open)
    ]
    schema = {"_pipe": pl.String, "stage": pl.String, "_rank": pl.Int64, "_last": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def pipeline_of(company: Company) -> pl.Expr:
    """Return the pipeline of a row with a column ``pipeline``: the only one; if null, the default.

    Stages of different pipelines are different stages, also where they have one name.
    """
    names = list(company.settings.pipelines)
    if len(names) == 1:
        return pl.lit(names[0]).alias("pipeline")
    return pl.col("pipeline").fill_null("default")


def stage_name(company: Company, pipeline: str, stage: str) -> str:
    """Return what a stage is called in print: with its pipeline where there are several."""
    return f"{pipeline}: {stage}" if len(company.settings.pipelines) > 1 else stage


def stage_by(pipeline: str, stage: str) -> dict[str, str]:
    """Return what a figure of one stage is by: the pipeline is named where there are several.

    Examples
    --------
    >>> stage_by("default", "Lead"), stage_by("partners", "Lead")
    ({'stage': 'Lead'}, {'pipeline': 'partners', 'stage': 'Lead'})
    """
    return {"stage": stage} if pipeline == "default" else {"pipeline": pipeline, "stage": stage}


def deal_stages(company: Company) -> nw.LazyFrame:
    """Return one row per deal and open stage of its pipeline, rows set aside at intake too.

    Columns out: those of opportunities, with ``stage`` the stage in question, ``_rank``,
    ``_furthest`` (rank of the furthest stage reached; the number of stages for won deals; null:
    unknown), ``_arrived_day`` (epoch day of the first entry to it or past it; null: not dated),
    ``_visits`` (visits to it), ``_seen`` (visits to any stage), ``_lost_unknown`` (1: lost, and no
    one knows at which stage; taken as lost at the first).
    """
    stages = stage_list(company)
    count = _count(stages)
    deals = company.of_deals("deal_histories", _histories)
    names = company.settings.pipelines
    if len(names) == 1:
        rows = deals.join(company.lazy(stages.drop("_pipe")), how="cross")
    else:
        default = nw.when(nw.col("pipeline").is_null()).then(nw.lit("default"))
        deals = deals.with_columns(default.otherwise(nw.col("pipeline")).alias("_pipe"))
        rows = deals.join(company.lazy(stages), on="_pipe", how="left")
    return _furthest(_chosen(rows, count=count)).with_columns(
        _is_skipped(nw.col("_visits")).alias("_skipped"),
        _times_again(nw.col("_visits")).alias("_again"),
    )


def _is_skipped(visits: nw.Expr) -> nw.Expr:
    return flag((nw.col("_seen") > 0) & (visits == 0))


def _times_again(visits: nw.Expr) -> nw.Expr:
    return nw.when(visits > 1).then(visits - 1).otherwise(nw.lit(0)).cast(nw.Int64)


def _reached(company: Company) -> nw.LazyFrame:
    """Return one row per deal of the only pipeline: how far it came, what it skipped and redid."""
    count = stage_list(company).height
    deals = company.of_deals("deal_histories", _histories)
    deals = _furthest(deals.with_columns(nw.lit(count - 1).cast(nw.Int64).alias("_last")))
    visits = [nw.col(f"_v{i}") for i in range(count)]
    return deals.with_columns(
        *(_is_skipped(v).alias(f"_skipped{i}") for i, v in enumerate(visits)),
        *(_times_again(v).alias(f"_again{i}") for i, v in enumerate(visits)),
    )


def _by_stage(company: Company) -> tuple[str, ...]:
    ranks = range(stage_list(company).height)
    return (*(f"_skipped{i}" for i in ranks), *(f"_again{i}" for i in ranks))


def _spread(rows: nw.LazyFrame, company: Company) -> nw.LazyFrame:
    """Return the counted deals at every stage, as ``deal_stages`` has them one by one."""
    stages = stage_list(company)
    rows = rows.join(nw.from_native(stages.drop("_pipe").lazy()), how="cross")
    own: dict[str, nw.Expr] = {name: nw.lit(0) for name in ("_skipped", "_again")}
    for i in range(stages.height):
        for name, other in own.items():
            here = nw.when(nw.col("_rank") == i).then(nw.col(f"{name}{i}"))
            own[name] = here.otherwise(other)
    return rows.with_columns(*(of.cast(nw.Int64).alias(name) for name, of in own.items()))


DEALS_ALIKE = Fold(
    rows=_reached,
    keys=("outcome", "_furthest", "_lost_unknown"),
    sums=_by_stage,
    spread=_spread,
    made=("stage",),
    fits=lambda company: len(company.settings.pipelines) == 1,
)


def _count(stages: pl.DataFrame) -> int:
    return max([0, *stages["_rank"].to_list()]) + 1


def _histories(company: Company) -> nw.LazyFrame:
    """Return the deals with the arrival days and visits of each rank."""
    deals = company.rows("opportunities")
    deals = deals.rename({"stage": "_own_stage", "stage_rank": "_own_rank"})
    return _with_history(deals, company, count=_count(stage_list(company)))


def _with_history(deals: nw.LazyFrame, company: Company, *, count: int) -> nw.LazyFrame:
    """Join arrival days and visits per rank, and the furthest open stage, from the stints."""
    if not company.has("stints"):
        nothing = nw.lit(None, dtype=nw.Int64)
        blank = [nothing.alias(f"_{kind}{i}") for i in range(count) for kind in ("a", "v")]
        return deals.with_columns(*blank, nothing.alias("_seen"), nothing.alias("_open_rank"))
    rank = nw.col("stage_rank")
    is_open = nw.col("outcome") == "open"
    visits = company.rows("stints").with_columns(
        *(nw.when(rank >= i).then(nw.col("entered_day")).alias(f"_a{i}") for i in range(count)),
        nw.when(is_open).then(rank).alias("_open_rank"),
        nw.lit(1).cast(nw.Int64).alias("_seen"),
    )
    here = nw.col("_open_rank")
    visits = visits.with_columns(*(flag(here == i).alias(f"_v{i}") for i in range(count)))
    history = visits.group_by("opportunity_id").agg(
        *(nw.col(f"_a{i}").min().alias(f"_a{i}") for i in range(count)),
        *(nw.col(f"_v{i}").sum().cast(nw.Int64).alias(f"_v{i}") for i in range(count)),
        nw.col("_open_rank").max().alias("_open_rank"),
        nw.col("_seen").sum().cast(nw.Int64).alias("_seen"),
    )
    return deals.join(history, on="opportunity_id", how="left")


def _chosen(rows: nw.LazyFrame, *, count: int) -> nw.LazyFrame:
    """Pick the arrival and the visits of the row's own stage out of the wide columns."""
    arrived: nw.Expr = nw.lit(None, dtype=nw.Int64)
    visits: nw.Expr = nw.lit(None, dtype=nw.Int64)
    for i in range(count):
        arrived = nw.when(nw.col("_rank") == i).then(nw.col(f"_a{i}")).otherwise(arrived)
        visits = nw.when(nw.col("_rank") == i).then(nw.col(f"_v{i}")).otherwise(visits)
    created = nw.when(nw.col("_rank") == 0).then(nw.col("created_day"))
    rows = rows.with_columns(arrived.cast(nw.Int64).alias("_arrived"), visits.alias("_visits"))
    known = nw.when(nw.col("_arrived").is_null()).then(created).otherwise(nw.col("_arrived"))
    return rows.with_columns(known.cast(nw.Int64).alias("_arrived_day"))


def _furthest(rows: nw.LazyFrame) -> nw.LazyFrame:
    """Add the furthest stage reached: won, else the furthest open stage known."""
    own = nw.col("_own_rank")
    inside = ~own.is_null() & (own >= 0) & (own <= nw.col("_last"))
    rows = rows.with_columns(nw.when(inside).then(own).alias("_own_open"))
    history, stands = nw.col("_open_rank"), nw.col("_own_open")
    further = nw.when(history.is_null() | (stands > history)).then(stands).otherwise(history)
    rows = rows.with_columns(further.alias("_open"))
    lost = nw.col("outcome") == "lost"
    first = nw.when(lost & nw.col("_open").is_null()).then(nw.lit(0)).otherwise(nw.col("_open"))
    won = nw.when(nw.col("outcome") == "won").then(nw.col("_last") + 1).otherwise(first)
    return rows.with_columns(
        won.cast(nw.Int64).alias("_furthest"),
        flag(lost & nw.col("_open").is_null()).alias("_lost_unknown"),
    )


def _classify(rows: nw.LazyFrame, _context: Context) -> nw.LazyFrame:
    furthest, rank = nw.col("_furthest"), nw.col("_rank")
    here = furthest == rank
    folds = TIMES in rows.collect_schema().names()

    def times(holds: nw.Expr) -> nw.Expr:
        return flag(holds) * nw.col(TIMES) if folds else flag(holds)

    return rows.with_columns(
        when_first((UNKNOWN, furthest.is_null()), (NOT_REACHED, furthest < rank)).alias(
            "_left_out"
        ),
        times(furthest > rank).alias("_numerator"),
        (nw.col(TIMES) if folds else nw.lit(1).cast(nw.Int64)).alias("_denominator"),
        times(here & (nw.col("outcome") == "lost")).alias("lost"),
        times(here & (nw.col("outcome") == "open")).alias("still_open"),
        nw.col("_skipped").alias("skipped"),
        nw.col("_again").alias("re_entered"),
        times(here & (nw.col("_lost_unknown") == 1)).alias("lost_stage_unknown"),
    )


def _name_counts(frame: pl.DataFrame, _context: Context) -> pl.DataFrame:
    """Add ``entered`` and ``advanced`` and put the counts of the flow in its order."""
    extras = frame.select(pl.col(EXTRAS).fill_null(0).cast(pl.Int64))
    advanced = (pl.col("n") - pl.col("lost") - pl.col("still_open")).alias("advanced")
    return (
        frame.with_columns(extras)
        .with_columns(pl.col("n").alias("entered"), advanced)
        .select(*(c for c in frame.columns if c not in EXTRAS), "entered", "advanced", *EXTRAS)
    )


def _declare(name: str, text: str, *, date: str, fold: Fold | None = None, **more: str) -> Measure:
    definition = MetricId(
        id=name,
        name=text,
        formula="Advanced / entered, stage by stage",
        numerator="Deals that went on to a later stage or were won by as_of",
        denominator=more["denominator"],
        unit="ratio",
        date_field=more["date_field"],
        null_rule="Null where no deal entered the stage.",
        table="opportunities",
        room="metrics",
        source="Wilson 1927; Brown, Cai and DasGupta 2001 (interval).",
        variants=tuple(
            v for v in ("stage_conversion.cohort", "stage_conversion.period") if v != name
        ),
        reading=more["reading"],
        dimensions=OPPORTUNITY_DIMENSIONS,
        counts=("entered", "advanced", *EXTRAS),
    )
    return declare(
        Measure(
            definition,
            share_with(*EXTRAS),
            _classify,
            date=date,
            rows=deal_stages,
            fold=fold,
            always_by=("stage",),
            finish=_name_counts,
        )
    )


COHORT = _declare(
    "stage_conversion.cohort",
    "Stage conversion by cohort",
    date="created_day",
    fold=DEALS_ALIKE,
    denominator="Deals created in the window that reached the stage or passed it",
    date_field="created_on",
    reading=(
        "What became of the deals created in the window. Entered = advanced + lost + still open. "
        "A skipped stage counts as passed; a stage entered again counts once. A lost deal whose "
        "last open stage nobody recorded counts as lost at the first stage."
    ),
)
PERIOD = _declare(
    "stage_conversion.period",
    "Stage conversion by period",
    date="_arrived_day",
    denominator="Deals that first reached the stage, or passed it, in the window",
    date_field="entered_on",
    reading=(
        "What became of the deals that arrived at the stage in the window, whenever they were "
        "created. Entered = advanced + lost + still open. Needs dated stage history for all "
        "stages but the first."
    ),
)
