"""The ratios that are watched: win rate, what goes forward of each stage, what is done early on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.metrics.landmarks import KEY, standing_at
from spm_lib.metrics.touches import FIRST_DAYS, with_touches
from spm_lib.model import Company
from spm_lib.reps.comparison.closed_deals import EPOCH, closed_deals
from spm_lib.reps.skills.ended_visits import ended_visits

WIN_RATE = "win_rate"
EARLY = "early."  # how behaviours of the first days begin that are a kind of activity


@dataclass(frozen=True, eq=False)
class Weekly:
    """One ratio by person and week: ``hits`` of ``cases``, both (people, weeks); ``reps`` sorted.

    ``id`` is "win_rate", "stage:NAME" (share of ended visits to the stage that went forward) or
    "early:KIND" (share of new deals with such an activity in their first seven days).
    """

    id: str
    reps: tuple[str, ...]
    hits: np.ndarray
    cases: np.ndarray


def weekly_ratios(company: Company, watch: Window) -> list[Weekly]:
    """Return every ratio that the tables tell of, always the win rate first.

    Each case is a deal (or a visit of one to a stage) that counts once, in the week in which it was
    decided and for its owner then: calls of one deal come in clusters, and what is counted in
    clusters looks changed when it is not.
    """
    found = [(WIN_RATE, _closed(company, watch)), *_stages(company, watch)]
    found += _early(company, watch)
    return [_by_week(name, rows, watch) for name, rows in found]


def _closed(company: Company, watch: Window) -> pl.DataFrame:
    deals = closed_deals(company, watch)
    return deals.select("rep_id", day="closed_day", hit="won")


def _stages(company: Company, watch: Window) -> list[tuple[str, pl.DataFrame]]:
    ended = ended_visits(company, *_days(watch)).drop_nulls("ender")
    rows = ended.select(
        "stage", "stage_rank", rep_id="ender", day="left_day", hit=pl.col("went").cast(pl.Int64)
    )
    parts = rows.sort("stage_rank", "stage").partition_by("stage", maintain_order=True)
    return [(f"stage:{part['stage'][0]}", part.select("rep_id", "day", "hit")) for part in parts]


def _early(company: Company, watch: Window) -> list[tuple[str, pl.DataFrame]]:
    """Return, per kind of activity, the deals that were open at the end of their first days."""
    start, end = _days(watch)
    mark = pl.col("created_day") + FIRST_DAYS
    deals = company.table("opportunities").filter(pl.col("created_day").is_not_null())
    young = deals.select("opportunity_id", "created_day", mark=mark)
    young = young.filter((pl.col("mark") >= start) & (pl.col("mark") < end))
    stood = standing_at(company, young).select(*KEY, "then", "rep_id")
    there = young.join(stood, on=KEY, maintain_order="left").filter(
        (pl.col("then") == "open") & pl.col("rep_id").is_not_null()
    )
    frame, made = with_touches(company, there)
    hit = {name: pl.col(name).cast(pl.Int64) for name in (one.name for one in made)}
    return [
        (f"early:{name.removeprefix(EARLY)}", frame.select("rep_id", day="mark", hit=done))
        for name, done in hit.items()
        if name.startswith(EARLY)
    ]


def _by_week(name: str, rows: pl.DataFrame, watch: Window) -> Weekly:
    start, end = _days(watch)
    week = (pl.col("day") - start) // 7
    counts = rows.group_by("rep_id", week=week).agg(hit=pl.col("hit").sum(), n=pl.len())
    reps = tuple(rows["rep_id"].unique().sort())
    place = {rep: number for number, rep in enumerate(reps)}
    hits, cases = (np.zeros((len(reps), (end - start) // 7)) for _ in range(2))
    for rep, at, hit, n in counts.iter_rows():
        hits[place[rep], at], cases[place[rep], at] = hit, n
    return Weekly(name, reps, hits, cases)


def _days(watch: Window) -> tuple[int, int]:
    return (watch.start - EPOCH).days, (watch.end - EPOCH).days
