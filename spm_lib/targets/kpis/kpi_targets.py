"""Targets for counts and ratios: counts are shared out to the unit, ratios set person by person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.errors import MetricError, ParameterError
from spm_lib.core.money import split_exactly
from spm_lib.metrics import measure
from spm_lib.model import Company, metric_id
from spm_lib.stats import beta_binomial, gamma_poisson, wilson

Kind = Literal["count", "ratio"]
COLUMN = {"activity.count": "kind", "stage_conversion.period": "stage"}  # what a part is one of
PEOPLE = {
    "rep_id": pl.String,
    "team": pl.String,
    "target": pl.Float64,
    "past": pl.Float64,
    "pooled": pl.Float64,
    "n": pl.Int64,
}
_SHORTEST = 1 / 365  # of a year, that who did anything was on board for
TEAMS = {"team": pl.String, "target": pl.Float64, "part_of": pl.Float64, "whole": pl.Float64}
TRACKED = {
    "rep_id": pl.String,
    "target": pl.Float64,
    "due": pl.Float64,
    "value": pl.Float64,
    "n": pl.Int64,
    "low": pl.Float64,
    "high": pl.Float64,
    "attainment": pl.Float64,
}


@dataclass(frozen=True, eq=False)
class KpiTargets:
    """Targets of one KPI.

    Attributes
    ----------
    metric, part
        The metric id; the kind of activity or the stage, null: all of it.
    kind
        "count" or "ratio".
    people
        ``rep_id, team, target, past`` (the person's own figure in the window; null: none),
        ``pooled`` (towards all people's; a count as if there all of the past), ``n`` (what it
        rests on). Counts are whole numbers that add up to the total.
    teams
        ``team`` (null: all together), ``target``, ``part_of``, ``whole``: for counts the sum of
        the people; for ratios what the people's targets imply, expected numerator ``part_of`` over
        expected denominator ``whole``. A ratio is not shared out: people's do not add up.
    """

    metric: str
    part: str | None
    kind: Kind
    people: pl.DataFrame
    teams: pl.DataFrame


def count_targets(
    company: Company,
    metric: str,
    total: int,
    *,
    teams: Mapping[str, str | None],
    part: str | None = None,
    window: Window | None = None,
    been: Mapping[str, float] | None = None,
    there: Mapping[str, float] | None = None,
) -> KpiTargets:
    """Share out a count among people, by what each did, pooled with the others.

    Parameters
    ----------
    company
        As known at its ``as_of``.
    metric, part
        A metric that counts, such as "created.count" or "activity.count" and a kind.
    total
        To be shared out, a whole number.
    teams
        The people, each with the team (null: none).
    window
        The past it is shared by; null: the last twelve whole months.
    been, there
        Share of that past, and of the time to come, each is on board; null: all of it.

    Raises
    ------
    MetricError
        If the metric is not a count.
    ParameterError
        If the total is negative, or there are no people.
    """
    check_kind(metric, "count")
    if total < 0 or not teams:
        raise ParameterError(
            "There is nothing to share out, or nobody to share it among.",
            found=f"{total} among {len(teams)} people",
            do="Give a total of at least 0 and at least one person",
        )
    past = values_per_person(company, metric, part, window or company.default_window())
    reps = sorted(teams)
    counts = np.array([past.get(rep, (0.0, 0))[0] or 0.0 for rep in reps])
    time = np.array([(been or {}).get(rep, 1.0) for rep in reps])
    time = np.where(counts > 0, np.maximum(time, _SHORTEST), time)
    pooled = gamma_poisson(counts, time).shrunk if counts.sum() else counts + 1
    coming = [(there or {}).get(rep, 1.0) for rep in reps]
    shares = split_exactly(total, [float(p) * t for p, t in zip(pooled, coming, strict=True)])
    rows = [
        (rep, teams[rep], float(share), float(count), float(mean), int(count))
        for rep, share, count, mean in zip(reps, shares, counts, pooled, strict=True)
    ]
    people = pl.DataFrame(rows, schema=PEOPLE, orient="row")
    sums = _by_team(people.with_columns(part_of="target", whole=pl.lit(1.0)))
    teams_ = sums.with_columns(target="part_of", whole=pl.lit(None, pl.Float64))
    return KpiTargets(metric, part, "count", people, teams_)


def ratio_targets(
    company: Company,
    metric: str,
    *,
    teams: Mapping[str, str | None],
    improvement: float = 0.0,
    part: str | None = None,
    window: Window | None = None,
) -> KpiTargets:
    """Set a ratio for each person: the own pooled rate, and so much more of it.

    Parameters
    ----------
    company, metric, part, teams, window
        As for ``count_targets``, with a metric that is a share, such as "win_rate.closed.count".
    improvement
        0.05: five per cent of the rate (not points), for everybody alike; at most 1 is reached.

    Raises
    ------
    MetricError
        If the metric is not a share, or nobody has any case of it.
    ParameterError
        If there are no people, or the improvement cannot be.
    """
    check_kind(metric, "ratio")
    if not teams or not -1 < improvement <= 2:
        raise ParameterError(
            "Ratios need people and an improvement that can be.",
            found=f"{len(teams)} people, {improvement}",
            do="Give people, and an improvement between -100 % and 200 %",
        )
    window = window or company.default_window()
    past = values_per_person(company, metric, part, window)
    reps = sorted(teams)
    n = np.array([past.get(rep, (None, 0))[1] for rep in reps])
    share = np.array([past.get(rep, (None, 0))[0] or 0.0 for rep in reps])
    k = np.rint(share * n).astype(int)
    if not n.sum():
        raise MetricError(
            f"Nobody has a case of {metric} in the window.",
            found=window.label,
            do="Choose a longer window, or another KPI",
        )
    pooled = beta_binomial(k, n).shrunk
    target = np.minimum(pooled * (1 + improvement), 1.0)
    rows = [
        (rep, teams[rep], float(t), float(ki / ni) if ni else None, float(p), int(ni))
        for rep, t, ki, ni, p in zip(reps, target, k, n, pooled, strict=True)
    ]
    people = pl.DataFrame(rows, schema=PEOPLE, orient="row")
    implied = _by_team(people.with_columns(part_of=pl.col("target") * pl.col("n"), whole="n"))
    return KpiTargets(metric, part, "ratio", people, implied)


def track(company: Company, targets: KpiTargets, period: Window) -> pl.DataFrame:
    """Return where each person stands in a period, as known at the company's ``as_of``.

    Columns out: ``rep_id, target``; ``due`` (counts: the target's share of the days that are over;
    ratios: the target); ``value`` (so far; null: a ratio without a case), ``n``; ``low, high`` (of
    a ratio, 95 % by Wilson; null for counts); ``attainment`` = value / due (null: nothing due).
    """
    over = min(max((company.as_of - period.start).days + 1, 0), period.days) / period.days
    now = values_per_person(company, targets.metric, targets.part, period)
    rows = []
    for rep, target in targets.people.select("rep_id", "target").iter_rows():
        value, n = now.get(rep, (None, 0))
        low = high = None
        if targets.kind == "count":
            value, due = float(value or 0), target * over
            n = int(value)
        else:
            due = target
            if n and value is not None:
                ends = np.asarray(wilson(np.array([round(value * n)]), np.array([n])))
                low, high = ends.ravel().tolist()
        reached = value / due if due and value is not None else None
        rows.append((rep, target, due, value, n, low, high, reached))
    return pl.DataFrame(rows, schema=TRACKED, orient="row")


def check_kind(metric: str, kind: Kind) -> None:
    """Refuse a KPI of another kind.

    Raises
    ------
    MetricError
        If there is no such metric, or it is not of the kind.
    """
    unit = metric_id(metric).unit
    if unit != kind:
        raise MetricError(
            f"{metric} is not a {kind}.",
            found=unit,
            do="Share out counts and set ratios; money is shared out as the target itself",
        )


def values_per_person(
    company: Company, metric: str, part: str | None, window: Window
) -> dict[str, tuple[float | None, int]]:
    """Return value (null: a ratio without a case) and n per person in a window.

    Raises
    ------
    MetricError
        If the company has no rows for the metric.
    """
    column = COLUMN.get(metric)
    by = ["rep_id", *([column] if part is not None and metric == "activity.count" else [])]
    frame = measure(company, metric, by=by, window=window).frame
    if part is not None and column is not None:
        frame = frame.filter(pl.col(column) == part)
    rows = frame.select("rep_id", pl.col("value").cast(pl.Float64), "n").drop_nulls("rep_id")
    return {rep: (value, n or 0) for rep, value, n in rows.iter_rows()}


def _by_team(people: pl.DataFrame) -> pl.DataFrame:
    """Sum numerators and denominators per team, and of all."""
    sums = [pl.col("part_of").cast(pl.Float64).sum(), pl.col("whole").cast(pl.Float64).sum()]
    each = people.drop_nulls("team").group_by("team").agg(sums).sort("team")
    all_ = people.select(pl.lit(None, pl.String).alias("team"), *sums)
    both = pl.concat([each, all_])
    whole = pl.when(pl.col("whole") > 0).then(pl.col("part_of") / pl.col("whole"))
    return both.with_columns(target=whole).select(
        pl.col(name).cast(kind) for name, kind in TEAMS.items()
    )
