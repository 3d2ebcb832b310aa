"""Which activity and funnel metrics go with won amount here, and which few to keep as KPIs.

Months of one person are set against the other months of the same person, and against the month of
everybody else (two-way fixed effects: Mundlak 1978, Econometrica 46:69), so neither that some are
better nor that some months are makes a metric look useful. What was done comes before what was
won. Errors are clustered by person (Liang & Zeger 1986, Biometrika 73:13), and false discovery is
held over all metrics looked at. Nothing here says that one makes the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import stdtr, stdtrit

from spm_lib.model import Company
from spm_lib.stats import benjamini_hochberg, steady
from spm_lib.targets.kpis.panel import LAG, MONTHS, Panel, panel_of

Floats = np.ndarray
Q = 0.1
ALIKE = 0.7  # correlation within people from which on two metrics tell the same
MOST = 3
_ROUNDS = 200
_FEWEST_PEOPLE = 5
ASSOCIATIONS = {
    "metric": pl.String,
    "part": pl.String,
    "people": pl.Int64,
    "months": pl.Int64,
    "step": pl.Float64,
    "with_step": pl.Int64,
    "low": pl.Int64,
    "high": pl.Int64,
    "p": pl.Float64,
    "q": pl.Float64,
    "associated": pl.Boolean,
    "same_as": pl.String,
    "suggested": pl.Boolean,
}


@dataclass(frozen=True, eq=False)
class KpiChoice:
    """What goes with won amount.

    Attributes
    ----------
    table
        One row per metric looked at, the surest first: ``metric, part`` (kind of activity or stage;
        null: all of it), ``people, months`` (months of people behind it), ``step`` (a usual
        difference of the metric between months of one person: one standard deviation),
        ``with_step`` (Int64 minor units: won amount of the months after that goes with one step
        more), ``low, high`` (its interval), ``p, q`` (q: held over all metrics looked at),
        ``associated`` (q at most 0.1), ``same_as`` (a surer metric that tells the same; null:
        none), ``suggested`` (one of the few to keep). Numbers are null where it cannot be told.
    tried
        How many metrics were looked at.
    lag
        Months after a month whose won amount was looked at.
    level
        Of the intervals.
    """

    table: pl.DataFrame
    tried: int
    lag: int
    level: float

    @property
    def suggested(self) -> pl.DataFrame:
        """The few to keep; empty where nothing is associated."""
        return self.table.filter("suggested")


@steady
def choose_kpis(
    company: Company,
    *,
    months: int = MONTHS,
    lag: int = LAG,
    most: int = MOST,
    level: float = 0.95,
) -> KpiChoice:
    """Return which metrics are associated with won amount in the months after, and a few to keep.

    Parameters
    ----------
    company
        As known at its ``as_of``.
    months, lag
        See ``panel_of``.
    most
        How many are suggested at most. A plan with few is read.
    level
        Of the intervals.
    """
    panel = panel_of(company, months=months, lag=lag)
    return KpiChoice(associations(panel, most=most, level=level), len(panel.candidates), lag, level)


@steady
def associations(panel: Panel, *, most: int = MOST, level: float = 0.95) -> pl.DataFrame:
    """Return the table of ``KpiChoice`` for a panel."""
    found = [_association(panel, values, level) for values in panel.values]
    rows, within = [row for row, _ in found], [left for _, left in found]
    q = benjamini_hochberg([row["p"] for row in rows])
    order = sorted(range(len(rows)), key=lambda i: (np.isnan(q[i]), q[i], rows[i]["p"], i))
    kept: list[int] = []
    told = []
    for i in order:
        sure = bool(q[i] <= Q)
        twin = next((k for k in kept if _alike(within[i], within[k])), None)
        good = sure and rows[i]["with_step"] > 0 and twin is None and len(kept) < most
        kept += [i] if good else []
        one = panel.candidates[i]
        same = None if twin is None else panel.candidates[twin].name
        told.append({"metric": one.metric, "part": one.part, "same_as": same, "q": float(q[i])})
        told[-1] |= rows[i] | {"associated": sure, "suggested": good}
    return _frame(told)


def _frame(told: list[dict]) -> pl.DataFrame:
    """Return the rows as they are told: money in whole minor units, null for what is not known."""
    as_computed = dict.fromkeys(("with_step", "low", "high"), pl.Float64)
    frame = pl.DataFrame(told, schema=ASSOCIATIONS | as_computed)
    return frame.with_columns(
        *(pl.col(name).fill_nan(None).round().cast(pl.Int64) for name in as_computed),
        *(pl.col(name).fill_nan(None) for name in ("step", "p", "q")),
    )


def _association(panel: Panel, values: Floats, level: float) -> tuple[dict, Floats]:
    """Return the slope of the outcome on one metric, and what is left of the metric."""
    known = np.isfinite(values)
    rep, month = panel.rep[known], panel.month[known]
    people = len(np.unique(rep))
    left = np.full(len(values), np.nan)
    nothing = dict.fromkeys(("step", "with_step", "low", "high", "p"), np.nan)
    told = {"people": people, "months": int(known.sum())}
    if people < _FEWEST_PEOPLE:
        return told | nothing, left
    x = without_people_and_months(values[known], rep, month)
    y = without_people_and_months(panel.outcome[known], rep, month)
    left[known] = x
    spread = float(x @ x)
    step = float(np.sqrt(spread / len(x)))
    if step < 1e-9 * max(float(np.abs(values[known]).max()), 1e-9):
        return told | nothing, left
    slope = float(x @ y) / spread
    by_person = np.bincount(rep, x * (y - slope * x))
    error = float(np.sqrt((by_person**2).sum() * people / (people - 1))) / spread
    reach = float(stdtrit(people - 1, (1 + level) / 2)) * error
    chance = 2 * float(stdtr(people - 1, -abs(slope) / max(error, 1e-300)))
    return told | {
        "step": step,
        "with_step": slope * step,
        "low": (slope - reach) * step,
        "high": (slope + reach) * step,
        "p": chance,
    }, left


def without_people_and_months(values: Floats, rep: np.ndarray, month: np.ndarray) -> Floats:
    """Return values less what is usual of the person and of the month, by turns until it stands.

    Examples
    --------
    >>> rep, month = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    >>> without_people_and_months(np.array([1.0, 2, 3, 6]), rep, month).tolist()
    [0.5, -0.5, -0.5, 0.5]
    """
    left = np.array(values, float)
    for _ in range(_ROUNDS):
        before = left
        for group in (rep, month):
            n = np.bincount(group)
            left = left - (np.bincount(group, left) / np.maximum(n, 1))[group]
        if np.abs(left - before).max(initial=0) <= 1e-12 * max(np.abs(values).max(initial=0), 1):
            break
    return left


def _alike(one: Floats, other: Floats) -> bool:
    both = np.isfinite(one) & np.isfinite(other)
    if both.sum() < 3:
        return False
    size = np.sqrt(float(one[both] @ one[both]) * float(other[both] @ other[both]))
    return size > 0 and abs(float(one[both] @ other[both])) / size >= ALIKE
