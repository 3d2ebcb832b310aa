"""Calls and a model mixed: the weight comes only from periods that had closed by then."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl

from spm_lib.core.calendar import Period, WorkCalendar
from spm_lib.forecast.calls.roll_up import before_close, roll_up
from spm_lib.forecast.horizon import Horizon, date_of, day_number, months_ahead
from spm_lib.forecast.methods.method import Method
from spm_lib.forecast.methods.offered import method_named
from spm_lib.forecast.past.history import History
from spm_lib.forecast.track_record.backtest import Backtest, Past, total_of
from spm_lib.forecast.track_record.choosing import methods_on
from spm_lib.model import Company
from spm_lib.stats import wape

MIXED_AT = {"month": 2, "quarter": 4, "year": 13}  # weeks before the close
FLOOR = ("snapshot_conversion", "run_rate", "last_period")
FEWEST = 3  # closed periods from which on a weight is chosen; before them, half and half
PRIOR = 2.0  # half and half weighs as much as this many periods
ROWS = {
    "level": pl.String,
    "id": pl.String,
    "period": pl.String,
    "end": pl.Int64,
    "on": pl.Int64,
    "call": pl.Int64,
    "model": pl.Int64,
    "actual": pl.Int64,
    "method": pl.String,
}
MIXED_ROWS = {**ROWS, "weight": pl.Float64, "scored": pl.Boolean, "mix": pl.Int64}
ERRORS = {
    "level": pl.String,
    "periods": pl.Int64,
    **dict.fromkeys(("call", "model", "half", "mix", "best"), pl.Float64),
}
Choose = Callable[[History, Horizon], tuple[Method, Method] | None]


@dataclass(frozen=True, eq=False)
class CallMix:
    """What mixing calls with a model was worth, some weeks before the close.

    Attributes
    ----------
    weeks, method
        How long before the close, and the model used now.
    rows
        Per level ("company", "rep"), person and closed period: ``call``, ``model``, ``actual``
        (minor units), ``method`` (the model's, fitted on what was known on that day), ``weight`` of
        the call (Float64, from periods closed before), ``mix``, ``scored`` (False: too few periods
        had closed to choose a weight).
    errors
        Per level: ``periods``, and the error (sum |forecast - actual| / sum actual) on scored
        periods of ``call``, ``model``, ``half`` (one half each) and ``mix``; ``best`` is the weight
        that would have been best over all of them, with hindsight.
    weight
        The weight of the call to use now, per level.
    now
        For the period ahead: ``call``, ``model`` and ``mix`` of the company (null: nobody called).
    """

    weeks: int
    method: str
    rows: pl.DataFrame
    errors: pl.DataFrame
    weight: dict[str, float]
    now: dict[str, int | None] = field(default_factory=dict)

    @property
    def methods(self) -> dict[str, int]:
        """The methods that were the model, and of how many periods."""
        rows = self.rows.filter(pl.col("level") == "company")
        counted = rows.group_by("method").len().sort("len", "method", descending=[True, False])
        return dict(counted.iter_rows())


def best_mix(
    company: Company,
    closed: Sequence[Period],
    ahead: Period,
    *,
    category: str,
    method: str | None = None,
    tested: Mapping[str, Backtest] | None = None,
) -> CallMix | None:
    """Return what a mix of call and model would have been; None without calls and a model.

    ``closed`` are the closed periods that were called for, ``ahead`` the one called for now. With
    ``tested`` (the track records of months and quarters) the model of each day is the method that
    the past had chosen by then; else it is ``method``, or the first of a fixed list.
    """
    if not closed:
        return None
    weeks = MIXED_AT[closed[0].grain]
    past = Past(company)
    choose = _choice(past, method, tested)
    rows = [
        row
        for period in closed
        for row in _period_rows(company, past, period, choose, weeks=weeks, category=category)
    ]
    frame = _weighted(pl.DataFrame(rows, schema=ROWS, orient="row"))
    if not frame.height:
        return None
    weight = {
        level: _weight(part) for (level,), part in frame.partition_by("level", as_dict=True).items()
    }
    now, used = _now(company, past, ahead, choose, category=category, weight=weight["company"])
    used = used or frame["method"][-1]
    return CallMix(weeks, used, frame, _errors(frame), weight, now)


def _choice(past: Past, asked: str | None, tested: Mapping[str, Backtest] | None) -> Choose:
    """Return how the model of a day is chosen, for the company and for people.

    By the track record of that day, if there is one; else the method asked for, or the first of a
    fixed list that the data allows today, on every day on which it can be used.
    """
    if tested is not None and asked is None:
        return lambda history, horizon: methods_on(tested, history, horizon)
    ahead = months_ahead(past.company.calendar, past.company.as_of, months=3)
    listed = [method_named(name) for name in ([asked] if asked else FLOOR)]
    found = next((m for m in listed if m.lacks(past.now, ahead) is None), None)

    def fixed(history: History, horizon: Horizon) -> tuple[Method, Method] | None:
        if found is None or found.lacks(history, horizon) is not None:
            return None
        return found, found

    return fixed


def _period_rows(
    company: Company,
    past: Past,
    period: Period,
    choose: Choose,
    *,
    weeks: int,
    category: str,
) -> list[tuple[object, ...]]:
    """Return call, model and result of each person who called, and of all of them together."""
    day = before_close(period, weeks)
    said = _called(company, period, day, category=category)
    found = model_by_rep(past, period, choose, day_number(day)) if said else None
    if found is None:
        return []
    model, method = found
    won = past.now.won_value(day_number(period.start), day_number(period.end))
    came = dict(zip(past.reps, won.tolist(), strict=True))
    head = (period.label, day_number(period.end), day_number(day))
    people = {
        rep: (call, round(model.get(rep, 0.0)), round(came.get(rep, 0.0)))
        for rep, call in sorted(said.items())
    }
    sums = [sum(column) for column in zip(*people.values(), strict=True)]
    rows = [("rep", rep, *head, *values, method) for rep, values in people.items()]
    return [("company", None, *head, *sums, method), *rows]


def _called(company: Company, period: Period, day: date, *, category: str) -> dict[str, int]:
    """Return the calls of people that stood on a day."""
    calls = roll_up(company, period, on=day, category=category)
    said = calls.filter((pl.col("level") == "rep") & pl.col("call").is_not_null())
    return dict(said.select("id", "call").iter_rows())


def model_by_rep(
    past: Past, period: Period, choose: Choose, origin: int
) -> tuple[dict[str, float], str] | None:
    """Return what a model expects each person to win in a period, from what was known on a day.

    What was won in the period by then is part of it. With it comes the method's id: that of the
    company, whose total is shared out as the method for people shares its own. None where no
    method can be used then.
    """
    history: History = past.at(origin)
    start, end = day_number(period.start), day_number(period.end)
    horizon = _until(past.company.calendar, period, origin)
    chosen = choose(history, horizon)
    if chosen is None:
        return None
    whole, people = chosen
    done = history.won_value(start, origin + 1)
    keep = [k for k, (s, e) in enumerate(horizon.windows) if start <= s and e <= end]
    if keep:
        expected = _expected(whole, history, horizon)[:, keep].sum(axis=1)
        if people.id != whole.id:
            shares = _expected(people, history, horizon)[:, keep].sum(axis=1)
            expected = shares * expected.sum() / shares.sum() if shares.sum() > 0 else expected
        done = done + expected
    return dict(zip(past.reps, done.tolist(), strict=True)), whole.id


def _expected(method: Method, history: History, horizon: Horizon) -> np.ndarray:
    return total_of(method.fit(history).expect(horizon))


def _until(calendar: WorkCalendar, period: Period, origin: int) -> Horizon:
    """Return the months from the day after the origin to the end of the period, at least one."""
    day = date_of(origin)
    after = day + timedelta(days=1)
    months = (period.end.year - after.year) * 12 + period.end.month - after.month
    return months_ahead(calendar, day, months=max(months, 1))


def _weighted(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the weight that the periods closed by each day would have chosen, and the mix."""
    weights, scored = [], []
    for level, on in frame.select("level", "on").iter_rows():
        known = frame.filter((pl.col("level") == level) & (pl.col("end") <= on + 1))
        enough = known["period"].n_unique() >= FEWEST
        weights.append(_weight(known) if enough else 0.5)
        scored.append(enough)
    made = frame.with_columns(
        weight=pl.Series(weights, dtype=pl.Float64), scored=pl.Series(scored, dtype=pl.Boolean)
    )
    mixed = pl.col("weight") * pl.col("call") + (1 - pl.col("weight")) * pl.col("model")
    return made.with_columns(mix=mixed.round().cast(pl.Int64))


def _weight(known: pl.DataFrame) -> float:
    """Return the weight of the call with the least absolute error, drawn towards one half."""
    if not known.height:
        return 0.5
    call, model, actual = (known[c].to_numpy().astype(float) for c in ("call", "model", "actual"))
    periods = known["period"].n_unique()
    return (periods * _best(call, model, actual) + PRIOR / 2) / (periods + PRIOR)


def _best(call: np.ndarray, model: np.ndarray, actual: np.ndarray) -> float:
    """Return the weight of the call with the least absolute error; of equal ones the middle."""
    grid = np.linspace(0, 1, 101)
    missed = np.abs(grid[:, None] * (call - model) + model - actual).sum(axis=1)
    return float(grid[missed <= missed.min() * (1 + 1e-12)].mean())


def _errors(frame: pl.DataFrame) -> pl.DataFrame:
    rows = []
    for (level,), part in frame.filter("scored").partition_by("level", as_dict=True).items():
        actual = part["actual"].to_numpy().astype(float)
        call, model, mix = (part[c].to_numpy().astype(float) for c in ("call", "model", "mix"))
        rows.append(
            {
                "level": level,
                "periods": part["period"].n_unique(),
                "call": wape(call, actual),
                "model": wape(model, actual),
                "half": wape((call + model) / 2, actual),
                "mix": wape(mix, actual),
                "best": _best(call, model, actual),
            }
        )
    return pl.DataFrame(rows, schema=ERRORS)


def _now(
    company: Company,
    past: Past,
    ahead: Period,
    choose: Choose,
    *,
    category: str,
    weight: float,
) -> tuple[dict[str, int | None], str | None]:
    """Return call, model and mix for the period ahead, of the people who called; the method."""
    said = _called(company, ahead, company.as_of, category=category)
    found = model_by_rep(past, ahead, choose, day_number(company.as_of))
    if found is None or not said:
        return {"call": None, "model": None, "mix": None}, found[1] if found else None
    model, method = found
    call = sum(said.values())
    expected = round(sum(model.get(rep, 0.0) for rep in said))
    mixed = round(weight * call + (1 - weight) * expected)
    return {"call": call, "model": expected, "mix": mixed}, method
