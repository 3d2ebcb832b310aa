"""The answer to one setting: odds of every target, and the way of the company through the year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from spm_lib.targets.odds.goals import Goals, Span
from spm_lib.targets.odds.levers import OddsLevers
from spm_lib.targets.odds.steps import Steps

Floats = np.ndarray
_SPAN = {"period_start": pl.Date, "period_end": pl.Date}
_TOLD = {
    "target": pl.Int64,
    "odds": pl.Float64,
    "error": pl.Float64,
    **dict.fromkeys(("mean", "p10", "p50", "p90"), pl.Int64),
}
PEOPLE = {"rep_id": pl.String, "team": pl.String, **_SPAN, **_TOLD}
TEAMS = {"team": pl.String, **_SPAN, **_TOLD}
COMPANY = {**_SPAN, **_TOLD}
_FAN = {"p10": 0.1, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9}
MONTHS = {"month": pl.Date, **dict.fromkeys((*_FAN, "target"), pl.Int64)}


@dataclass(frozen=True, eq=False)
class OddsAnswer:
    """What one setting of the levers leads to.

    Attributes
    ----------
    levers
        The setting.
    draws
        Scenarios played.
    people
        ``rep_id, team, period_start, period_end, target, odds, error, mean, p10, p50, p90``: one
        row per person who sells today, or has a target, and period of the targets; where several
        periods follow one another, also one for the whole. Money is Int64 minor units. ``odds``
        (null: no target, or nobody of that id sells today) is the share of scenarios that reach
        the target, the person staying on board; ``error`` its Monte-Carlo standard error.
    teams
        The same per ``team``, leavers, successors and hires included.
    company
        The same of all together, deals of nobody known included.
    months
        ``month, p10, p25, p50, p75, p90, target``: the company's bookings from the start of the
        horizon added up to the end of each month, and the targets up to there (null: none).
    bookings, company_bookings
        The scenarios themselves: (people in order of ``reps``, periods, scenarios) and (periods,
        scenarios), minor units.
    """

    levers: OddsLevers
    draws: int
    reps: tuple[str, ...]
    people: pl.DataFrame
    teams: pl.DataFrame
    company: pl.DataFrame
    months: pl.DataFrame
    spans: tuple[Span, ...] = field(repr=False)
    bookings: Floats = field(repr=False)
    company_bookings: Floats = field(repr=False)


def told(values: Floats, targets: Sequence[int | None], *, whole: Sequence[bool]) -> dict:
    """Return the columns of several rows of scenarios.

    Parameters
    ----------
    values
        (rows, scenarios), minor units.
    targets
        Target per row; null: none.
    whole
        Rows whose quantiles are told; the others' are null.
    """
    goal = np.array([np.inf if target is None else target for target in targets])
    odds = (values >= goal[:, None]).mean(axis=1)
    error = np.sqrt(odds * (1 - odds) / max(values.shape[1], 1))
    some = np.asarray(whole, bool)
    ranked = np.sort(values[some], axis=1)
    columns: dict[str, list] = {
        "target": list(targets),
        "odds": [None if t is None else float(o) for t, o in zip(targets, odds, strict=True)],
        "error": [None if t is None else float(e) for t, e in zip(targets, error, strict=True)],
        "mean": np.rint(values.mean(axis=1, dtype=np.float64)).astype(np.int64).tolist(),
    }
    for name in ("p10", "p50", "p90"):
        place = round(_FAN[name] * (values.shape[1] - 1))
        found = np.full(len(values), -1, dtype=np.int64)
        found[some] = np.rint(ranked[:, place]).astype(np.int64)
        columns[name] = [v if s else None for v, s in zip(found.tolist(), some, strict=True)]
    return columns


def frame_of(
    names: Sequence[tuple],
    spans: Sequence[Span],
    values: Floats,
    targets: Sequence[int | None],
    schema: dict,
) -> pl.DataFrame:
    """Return a frame of one row per name and span; values are (names, spans, scenarios).

    Quantiles of single periods are left out (null) where there are more than four.
    """
    rows = [(*name, span.start, span.end) for name in names for span in spans]
    if not rows:
        return pl.DataFrame(schema=schema)
    whole = [len(spans) <= 4 or span.summed for _ in names for span in spans]
    flat = values.reshape(len(rows), values.shape[-1])
    head = dict(zip(list(schema)[: len(schema) - len(_TOLD)], zip(*rows, strict=True), strict=True))
    return pl.DataFrame({**head, **told(flat, targets, whole=whole)}, schema=schema)


def fan(cells: Floats, booked: float, steps: Steps, goals: Goals) -> pl.DataFrame:
    """Return the way of the company: bookings added up to the end of each step of the horizon.

    ``cells`` is (steps of the horizon, scenarios).
    """
    way = booked + np.cumsum(cells, axis=0, dtype=np.float64)
    way = np.sort(way, axis=1)
    last = way.shape[1] - 1
    bands = {
        name: np.rint(way[:, round(share * last)]).astype(np.int64) for name, share in _FAN.items()
    }
    dates = steps.dates[steps.inside]
    ends = [*dates[1:], steps.end]
    target = [_due(goals, end) for end in ends]
    months = {"month": [day.replace(day=1) for day in dates], **bands, "target": target}
    return pl.DataFrame(months, schema=MONTHS)


def _due(goals: Goals, day) -> int | None:
    """Return the company's targets up to a day; part of a period counts by its days."""
    due, found = 0.0, False
    for number, span in enumerate(goals.spans):
        if span.summed or number not in goals.company:
            continue
        found = True
        share = (min(day, span.end) - span.start).days / (span.end - span.start).days
        due += goals.company[number] * max(share, 0.0)
    return round(due) if found else None
