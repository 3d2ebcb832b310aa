"""A ramp learned from the company's own hires: what newcomers sell beside those who are ramped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from spm_lib.core.calendar import Window, months_before
from spm_lib.core.errors import DataError
from spm_lib.core.months import months_after
from spm_lib.model import Company
from spm_lib.stats import kaplan_meier, km_quantile, ratio_of_sums
from spm_lib.targets.dated_results import dated_results
from spm_lib.targets.over_time.day_weights import DayWeights
from spm_lib.targets.over_time.ramped import ramped_spans, sold_ramped
from spm_lib.targets.over_time.season import Season

_FEWEST_HIRES = 3
_TRAILING = 3  # months of which the mean says whether somebody is ramped
_CURVE = {
    "month": pl.Int64,
    "hires": pl.Int64,
    "seen": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "ramp": pl.Float64,
}


@dataclass(frozen=True, eq=False)
class LearnedRamp:
    """A ramp, and how it was learned.

    Attributes
    ----------
    ramp
        Share of a ramped person in each month after the hire date, made to rise, at most 1.
    curve
        ``month`` (1: the first), ``hires`` (who were there for any of it, n), ``seen`` (their
        result / what ramped people would have sold in their place), ``low, high`` (95 %, null
        under four hires and where nothing was sold), ``ramp`` (where under three hires were there:
        as the month before).
    median_months
        Months until half of the hires sell ``reach`` of what ramped people do, over three months;
        who left, or is not there yet, is censored (Kaplan & Meier 1958). None: not half yet.
    reached, censored
        Hires seen to reach it, and not.
    """

    ramp: tuple[float, ...]
    curve: pl.DataFrame
    median_months: float | None
    reached: int
    censored: int


@dataclass(frozen=True)
class _Month:
    """A hire's month: what was sold, and what a ramped person would have sold; ``whole``: all."""

    number: int
    sold: float
    expected: float
    whole: bool


def learn_ramp(
    company: Company,
    *,
    metric: str = "won.amount",
    months: int = 6,
    years: int = 3,
    reach: float = 0.8,
) -> LearnedRamp:
    """Learn how new people come up, from those hired in the last years before ``as_of``.

    What a hire sold in the first, second, ... month is divided by what ramped people (longer
    there than ``months``, or hired at an unknown time long ago) sold per head and working day at
    the same time, so that season and growth do not count. People who leave count until the day
    they leave; who never held a deal or an order is taken for no seller. A newcomer who stays below
    the others for good leaves the curve below 1; from its end on plans count the person in full.

    Parameters
    ----------
    metric
        won.amount, won.count, created.count, orders.amount or orders.count.
    months
        Length of the curve.
    years
        How far back hires are looked at.
    reach
        What share of a ramped person's results counts as ramped, for ``median_months``.

    Raises
    ------
    DataError
        If fewer than three people were hired in the time, or nobody was ramped beside them.
    MetricError
        If the metric is not known day by day.
    """
    window = _window(company, years)
    rows = dated_results(company, metric)
    hires = _hires(company, window)
    pace = _Pace.of(company, rows, window, months)
    lives = [list(_life(hire, rows, pace, window, months)) for hire in hires]
    if sum(any(month.number == 0 for month in life) for life in lives) < _FEWEST_HIRES:
        raise DataError(
            "A ramp is learned from three hires at least, beside people who are ramped.",
            found=f"{len(lives)} hired in {window.label}",
            do="Give a curve instead, such as ramp=[0.25, 0.5, 0.75]",
        )
    curve = _curve(lives, months)
    times, seen = zip(*(_arrival(life, reach) for life in lives if life), strict=True)
    survival = kaplan_meier(times, seen)
    median = km_quantile(survival, 0.5)
    return LearnedRamp(
        ramp=tuple(curve["ramp"].to_list()),
        curve=curve,
        median_months=None if median is None else float(median),
        reached=sum(seen),
        censored=len(seen) - sum(seen),
    )


def _window(company: Company, years: int) -> Window:
    end = company.as_of + timedelta(days=1)
    return Window(months_before(end, 12 * years), end)


def _hires(company: Company, window: Window) -> list[dict]:
    """Return those hired in the window who ever held a deal or an order, sold or not."""
    held = [company.table(t).select("rep_id").drop_nulls() for t in ("opportunities", "orders")]
    reps = company.table("reps").join(pl.concat(held), on="rep_id", how="semi")
    hired = reps.filter(pl.col("hired_on").is_between(window.start, window.end, closed="left"))
    return hired.select("rep_id", "hired_on", "left_on").sort("rep_id").to_dicts()


@dataclass(frozen=True)
class _Pace:
    """What ramped people sold per head and working day, month by month."""

    starts: tuple[date, ...]
    per_day: tuple[float, ...]
    days: DayWeights

    @classmethod
    def of(cls, company: Company, rows: pl.DataFrame, window: Window, months: int) -> _Pace:
        days = DayWeights.of(window, calendar=company.calendar, season=Season())
        count = (window.end.year - window.start.year) * 12 + window.end.month - window.start.month
        starts = [months_before(window.start, -k) for k in range(count + 1)]
        spans = ramped_spans(company, rows, window=window, months=months)
        sold = sold_ramped(rows, spans)
        sums = dict(
            sold.group_by(pl.col("day").dt.truncate("1mo")).agg(pl.col("value").sum()).iter_rows()
        )
        paces = []
        for start in starts:
            end = months_before(start, -1)
            held = sum(
                float(days.between(max(start, since), min(end, until)))
                for since, until in spans.select("since", "until").iter_rows()
                if max(start, since) < min(end, until)
            )
            paces.append(sums.get(start, 0) / held if held else 0.0)
        return cls(tuple(starts), tuple(paces), days)

    def expected(self, start: date, end: date) -> float:
        """Return what one ramped person would have sold in ``[start, end)``."""
        return sum(
            pace * float(self.days.between(max(start, first), min(end, months_before(first, -1))))
            for first, pace in zip(self.starts, self.per_day, strict=True)
        )


def _life(
    hire: dict, rows: pl.DataFrame, pace: _Pace, window: Window, months: int
) -> Iterator[_Month]:
    """Yield the months after a hire, until the person left or the data ends."""
    own = rows.filter(pl.col("rep_id") == hire["rep_id"]).select("day", "value").rows()
    until = min(hire["left_on"] or window.end, window.end)
    for k in range(months):
        start, end = months_after(hire["hired_on"], k), months_after(hire["hired_on"], k + 1)
        last = min(end, until)
        expected = pace.expected(start, last) if start < last else 0.0
        if expected > 0:
            sold = float(sum(value for day, value in own if start <= day < last))
            yield _Month(k, sold, expected, last == end)


def _curve(lives: list[list[_Month]], months: int) -> pl.DataFrame:
    from scipy.optimize import isotonic_regression

    parts = []
    for k in range(months):
        there = [month for life in lives for month in life if month.number == k]
        parts.append(ratio_of_sums([m.sold for m in there], [m.expected for m in there]))
    known = [
        k for k, part in enumerate(parts) if part.n >= _FEWEST_HIRES and part.value is not None
    ]
    weights = [sum(m.expected for life in lives for m in life if m.number == k) for k in known]
    rising = isotonic_regression([min(parts[k].value or 0, 1.0) for k in known], weights=weights).x
    ramp = dict(zip(known, (float(x) for x in rising), strict=True))
    curve = pl.DataFrame(
        [(k + 1, p.n, p.value, p.low, p.high, ramp.get(k)) for k, p in enumerate(parts)],
        schema=_CURVE,
        orient="row",
    )
    bounded = pl.when(pl.col("seen") > 0).then(pl.col("low", "high").clip(lower_bound=0))
    return curve.with_columns(bounded, pl.col("ramp").forward_fill())


def _arrival(life: list[_Month], reach: float) -> tuple[float, bool]:
    """Return after how many months a hire sold enough over three months, or was watched in vain."""
    whole = [month for month in life if month.whole]
    for last in range(_TRAILING, len(whole) + 1):
        recent = whole[last - _TRAILING : last]
        if sum(m.sold for m in recent) >= reach * sum(m.expected for m in recent):
            return float(recent[-1].number + 1), True
    return float(whole[-1].number + 1 if whole else 0), False
