"""The process map: visits to each stage in a window, and where they went, with time and volume."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.errors import DataError
from spm_lib.core.statement import Phrase, Share, Statement
from spm_lib.metrics.definition import day_number
from spm_lib.metrics.durations import quantile_of
from spm_lib.metrics.stages import pipeline_of, stage_name
from spm_lib.model import Company, Figure

KINDS = ("advanced", "skipped", "back", "won", "lost", "still_open")
ONWARD = ("advanced", "skipped", "won")
_ALL = pl.col("visits").sum().cast(pl.Int64)
KEY = ["pipeline", "stage"]


@dataclass(frozen=True, eq=False)
class ProcessMap:
    """Visits that began in a window, and what became of them by ``as_of``.

    Attributes
    ----------
    stages
        One row per stage in order: ``pipeline, stage, rank, entered, advanced`` (to the next
        stage), ``skipped`` (to one further on), ``back``, ``won, lost, still_open``; entered is
        the sum of the six. A deal that comes back to a stage is a visit more.
    moves
        One row per way out that was taken: ``pipeline, stage, rank, to`` (stage; null: still
        there), ``kind`` (of ``KINDS``), ``visits, entered, median_days`` (calendar days from
        entering to leaving; of what is still there: until ``as_of``), and the visits and days of
        its kind wherever it led (``kind_visits, kind_days``): a client may have several lost
        stages.
    """

    company: Company = field(repr=False)
    window: Window
    stages: pl.DataFrame
    moves: pl.DataFrame

    def figures(self) -> list[Figure]:
        """Return every number as a record of figures.json."""
        from spm_lib.process.process_map.figures import map_figures

        return map_figures(self)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Where most is lost and where it takes longest, in words."""
        row = self.most_lost()
        text = (
            "Most is lost at {stage}: {lost} of {entered:1 visit|{entered} visits} ({share}), "
            "half of them after {days:1 day|{days} days} or less."
        )
        if row is None:
            return tuple(self._backward())
        values = {
            "stage": stage_name(self.company, row["pipeline"], row["stage"]),
            "lost": row["kind_visits"],
            "entered": row["entered"],
            "share": Share(row["kind_visits"] / row["entered"]),
            "days": int(row["kind_days"]),
        }
        return (Statement(text, values), *self._backward())

    def most_lost(self, *, pipeline: str | None = None) -> dict[str, Any] | None:
        """Return a row of ``moves`` of the stage where most visits are lost; null: none is.

        Of several stages that lose as many, the first one; without a pipeline, of all of them.
        """
        lost = self.moves.filter(kind="lost")
        lost = lost.filter(pipeline=pipeline) if pipeline is not None else lost
        lost = lost.sort("kind_visits", "rank", "pipeline", "to", descending=[True, *[False] * 3])
        return lost.row(0, named=True) if lost.height else None

    def _backward(self) -> list[Statement]:
        back = int(self.stages["back"].sum())
        if not back:
            return []
        text = "{back:1 visit|{back} visits} ended in a step back, of {entered} in all."
        total = int(self.stages["entered"].sum())
        return [Statement(text, {"back": back, "entered": total}, "why")]


def process_map(company: Company, *, window: Window) -> ProcessMap:
    """Return the map of the stages: volumes, losses and time on every way out.

    Parameters
    ----------
    company
        What ``spm_lib.open`` returned.
    window
        ``[start, end)``: visits that began in it are counted, with what became of them by
        ``as_of``.

    Raises
    ------
    DataError
        If no history of stages is known, or no visit began in the window.

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> co = example_company()
    >>> made = process_map(co, window=co.default_window())
    >>> made.stages["entered"].sum() == made.moves["visits"].sum()
    True
    """
    counted = _counted_visits(company, window)
    if not counted.height:
        raise DataError(
            "The process cannot be mapped: no move from stage to stage is known.",
            found=f"{company.stints.height} visits to stages, none in the window",
            do="Map stage_events with opportunity_id, stage and entered_at",
        )
    moves = _moves(counted)
    return ProcessMap(company, window, _stages(moves), moves)


def visits_in(company: Company, window: Window) -> pl.DataFrame:
    """Return the visits to open stages that began in a window, with how they ended.

    Columns out: those of the stints, ``kind`` (of ``KINDS``), ``to`` (null: still there) and
    ``days`` (until the move, or ``as_of``).
    """
    day = pl.col("entered_day")
    inside = (day >= day_number(window.start)) & (day < day_number(window.end))
    known = company.stints.filter((pl.col("outcome") == "open") & inside)
    left = pl.coalesce("left_day", pl.lit(day_number(company.as_of)))
    return known.with_columns(
        kind=_kind_of_move(),
        to=pl.col("next_stage"),
        days=left - day,
        pipeline=pipeline_of(company),
    )


def _kind_of_move() -> pl.Expr:
    step = pl.col("next_rank") - pl.col("stage_rank")
    return (
        pl.when(pl.col("next_outcome").is_null())
        .then(pl.lit("still_open"))
        .when(pl.col("next_outcome") != "open")
        .then(pl.col("next_outcome"))
        .when(step < 0)
        .then(pl.lit("back"))
        .when(step == 1)
        .then(pl.lit("advanced"))
        .otherwise(pl.lit("skipped"))
    )


def _counted_visits(company: Company, window: Window) -> pl.DataFrame:
    """Count the visits that began in a window by way out and days, on the company's engine.

    Columns out: pipeline, stage, rank, to, kind, ``_value`` (days) and ``_rows`` (visits).
    """
    entered, left = nw.col("entered_day"), nw.col("left_day")
    inside = (entered >= day_number(window.start)) & (entered < day_number(window.end))
    until = nw.when(left.is_null()).then(nw.lit(day_number(company.as_of))).otherwise(left)
    several = [] if len(company.settings.pipelines) == 1 else ["pipeline"]
    keys = [*several, "stage", "stage_rank", "next_stage", "next_rank", "next_outcome", "_value"]
    counted = (
        company.rows("stints")
        .filter((nw.col("outcome") == "open") & inside)
        .with_columns((until - entered).cast(nw.Int64).alias("_value"))
        .group_by(*keys)
        .agg(nw.len().cast(nw.Int64).alias("_rows"))
    )
    return company.counted(counted).select(
        pipeline_of(company),
        "stage",
        pl.col("stage_rank").alias("rank"),
        pl.col("next_stage").alias("to"),
        _kind_of_move().alias("kind"),
        "_value",
        "_rows",
    )


def _moves(counted: pl.DataFrame) -> pl.DataFrame:
    order = pl.col("kind").replace_strict(dict(zip(KINDS, range(len(KINDS)), strict=True)))
    of_kind = _medians(counted, [*KEY, "kind"]).select(*KEY, "kind", kind_days="median_days")
    return (
        _medians(counted, [*KEY, "rank", "to", "kind"])
        .join(of_kind, on=[*KEY, "kind"], how="left", nulls_equal=True)
        .with_columns(entered=_ALL.over(KEY), kind_visits=_ALL.over(*KEY, "kind"))
        .select(
            *(*KEY, "rank", "to", "kind", "visits", "entered", "median_days"),
            *("kind_visits", "kind_days"),
        )
        .sort("pipeline", "rank", order, "to", nulls_last=True)
    )


def _medians(counted: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    found = quantile_of(0.5).finish(counted, by)
    return found.select(*by, visits="n", median_days="value")


def _stages(moves: pl.DataFrame) -> pl.DataFrame:
    of = {kind: _counted(kind) for kind in KINDS}
    return (
        moves.group_by(*KEY, "rank")
        .agg(entered=_ALL, **of)
        .select(*KEY, "rank", "entered", *KINDS)
        .sort("pipeline", "rank")
    )


def _counted(kind: str) -> pl.Expr:
    return pl.col("visits").filter(pl.col("kind") == kind).sum().cast(pl.Int64)


def kind_words(kind: str) -> Phrase:
    """Return a way out of a stage in words."""
    return _WORDS[kind]


_WORDS = {
    "advanced": Phrase("On to the next stage"),
    "skipped": Phrase("Past a stage"),
    "back": Phrase("Back"),
    "won": Phrase("Won"),
    "lost": Phrase("Lost"),
    "still_open": Phrase("Still there"),
}
