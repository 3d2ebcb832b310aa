"""Every method's expectation against a naive loop over the rows known at the origin."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest

from spm_lib.core.language import language
from spm_lib.forecast import METHODS, history_of, method_named, months_ahead, reps_of
from spm_lib.forecast.horizon import date_of
from spm_lib.model import Company
from tests.forecast.oracles import histories, open_on, state_on, won_between, won_rows

ORIGIN = date(2026, 3, 31)
MID_MONTH = date(2026, 2, 10)
DAY = timedelta(days=1)


def fitted(company: Company, name: str, *, origin: date = ORIGIN, months: int = 3):
    known = company.at(origin)
    reps = reps_of(company)
    horizon = months_ahead(company.calendar, origin, months=months)
    history = history_of(known, reps=reps)
    method = method_named(name)
    assert method.lacks(history, horizon) is None
    return method.fit(history), horizon, reps, known


def by_rep(reps, columns: list[dict[str, float]]) -> np.ndarray:
    return np.array([[column.get(rep, 0.0) for column in columns] for rep in reps])


@pytest.mark.parametrize("origin", [ORIGIN, MID_MONTH])
@pytest.mark.parametrize("months", [1, 3])
def test_run_rate(tiny: Company, origin: date, months: int) -> None:
    method, horizon, reps, known = fitted(tiny, "run_rate", origin=origin, months=months)
    past = won_between(known, origin - 90 * DAY, origin + DAY)
    columns = [{r: v / 91 * (e - s) for r, v in past.items()} for s, e in horizon.windows]
    assert method.expect(horizon)["all"] == pytest.approx(by_rep(reps, columns))
    assert sum(past.values()) > 0


@pytest.mark.parametrize("origin", [ORIGIN, MID_MONTH])
def test_last_period(tiny: Company, origin: date) -> None:
    method, horizon, reps, known = fitted(tiny, "last_period", origin=origin)
    back = horizon.days * DAY
    columns = [won_between(known, date_of(s) - back, date_of(e) - back) for s, e in horizon.windows]
    if origin == MID_MONTH:  # of the first month only the rest is ahead: its share of a whole month
        first, end = horizon.periods[0].start, horizon.periods[0].end
        share = (end - origin - DAY) / (end - first)
        assert 0 < share < 1
        whole = won_between(known, first - back, end - back)
        columns[0] = {rep: value * share for rep, value in whole.items()}
    assert method.expect(horizon)["all"] == pytest.approx(by_rep(reps, columns))


@pytest.mark.parametrize(
    ("name", "starts"),
    [
        ("same_month_last_year", [(2025, 4), (2025, 5), (2025, 6), (2025, 7)]),
        ("same_month_last_quarter", [(2026, 1), (2026, 2), (2026, 3), (2026, 4)]),
    ],
)
def test_seasonal(tiny: Company, name: str, starts: list[tuple[int, int]]) -> None:
    method, horizon, reps, known = fitted(tiny, name)
    edges = [date(y, m, 1) for y, m in starts]
    columns = [won_between(known, s, e) for s, e in pairwise(edges)]
    assert method.expect(horizon)["all"] == pytest.approx(by_rep(reps, columns))


def won_share_by_stage(known: Company) -> dict[int, float]:
    outcome = {d["opportunity_id"]: d["outcome"] for d in known.table("opportunities").to_dicts()}
    seen: dict[int, set[str]] = defaultdict(set)
    for deal, events in histories(known).items():
        for at, event in enumerate(events):
            lasts = at + 1 == len(events) or events[at + 1]["day"] > event["day"]
            if lasts and event["rank"] in range(4) and outcome.get(deal) in ("won", "lost"):
                seen[event["rank"]].add(deal)
    return {k: sum(outcome[d] == "won" for d in deals) / len(deals) for k, deals in seen.items()}


def test_stage_weighted(tiny: Company) -> None:
    method, horizon, reps, known = fitted(tiny, "stage_weighted")
    share = won_share_by_stage(known)
    total: dict[str, float] = defaultdict(float)
    for deal in known.table("opportunities").to_dicts():
        if deal["outcome"] == "open":
            total[deal["rep_id"] or ""] += deal["amount"] * share[deal["stage_rank"]]
    found = method.expect(horizon)
    assert found["open"].sum(axis=1) == pytest.approx(by_rep(reps, [total])[:, 0])
    assert not found["new"].any()


def test_close_date(tiny: Company) -> None:
    method, horizon, reps, known = fitted(tiny, "close_date")
    share = won_share_by_stage(known)
    columns: list[dict[str, float]] = [defaultdict(float) for _ in horizon.windows]
    for deal in known.table("opportunities").to_dicts():
        if deal["outcome"] != "open" or deal["expected_close"] is None:
            continue
        due = max(deal["expected_close"], ORIGIN + DAY)
        for column, (start, end) in zip(columns, horizon.windows, strict=True):
            if date_of(start) <= due < date_of(end):
                column[deal["rep_id"] or ""] += deal["amount"] * share[deal["stage_rank"]]
    assert method.expect(horizon)["open"] == pytest.approx(by_rep(reps, columns))


def time_class(days: int) -> int:
    return sum(days >= edge for edge in (20, 60, 120))


def snapshots(known: Company, horizon) -> list[date]:
    first = min(d["closed_on"] for d in known.table("opportunities").to_dicts() if d["closed_on"])
    found, day = [], ORIGIN - horizon.days * DAY
    last = day
    while day >= first + 14 * DAY and day > last - 730 * DAY:
        found.append(day)
        day -= 14 * DAY
    return found


class Replay:
    """What became of past snapshots, deal by deal."""

    def __init__(self, known: Company, horizon) -> None:
        self.horizon = horizon
        self.rows = {d["opportunity_id"]: d for d in known.table("opportunities").to_dicts()}
        self.won = {d["opportunity_id"]: d for d in won_rows(known)}
        self.events = {d: e for d, e in histories(known).items() if d in self.rows}
        self.opened: dict[tuple, float] = defaultdict(float)
        self.converted = [defaultdict(float) for _ in horizon.windows]
        self.new: list[list[dict[str, float]]] = []

    def add(self, day: date, *, recent: bool) -> None:
        states = {d: state_on(e, day) for d, e in self.events.items()}
        there = {d: s for d, s in states.items() if s and s["rank"] in range(4)}
        for state in there.values():
            self.opened[cell(state, day)] += state["amount"]
        fresh = [self.window(j, day, there) for j in range(self.horizon.count)]
        if recent:
            self.new.append(fresh)

    def window(self, j: int, day: date, there: dict[str, dict]) -> dict[str, float]:
        start, end = self.horizon.windows[j]
        low, high = (day + (edge - self.horizon.origin) * DAY for edge in (start, end))
        fresh: dict[str, float] = defaultdict(float)
        for deal, row in self.won.items():
            if low <= row["closed_on"] < high:
                if deal in there:
                    self.converted[j][cell(there[deal], day)] += row["amount"] or 0
                else:
                    fresh[row["rep_id"] or ""] += row["amount"] or 0
        return fresh

    def rate(self, j: int, at: tuple) -> float:
        if self.opened[at]:
            return self.converted[j][at] / self.opened[at]
        return sum(self.converted[j].values()) / sum(self.opened.values())


def cell(state: dict, day: date) -> tuple[int, int]:
    return state["rank"], time_class((day - state["entered"]).days)


def test_snapshot_conversion_is_what_became_of_past_pipelines(tiny: Company) -> None:
    """By hand: replay each past snapshot, see what was won in windows like those ahead."""
    method, horizon, reps, known = fitted(tiny, "snapshot_conversion")
    replay = Replay(known, horizon)
    for day in snapshots(known, horizon):
        replay.add(day, recent=day > ORIGIN - horizon.days * DAY - 365 * DAY)
    columns: list[dict[str, float]] = [defaultdict(float) for _ in horizon.windows]
    for deal, state in open_on(known, ORIGIN).items():
        row = replay.rows[deal]
        for j, column in enumerate(columns):
            if row["outcome"] == "open":
                worth = state["amount"] * replay.rate(j, cell(state, ORIGIN))
                column[row["rep_id"] or ""] += worth
    found = method.expect(horizon)
    assert found["open"] == pytest.approx(by_rep(reps, columns))
    assert found["open"].sum() > 0
    means = [
        {rep: sum(f[j].get(rep, 0.0) for f in replay.new) / len(replay.new) for rep in reps}
        for j in range(horizon.count)
    ]
    assert found["new"] == pytest.approx(by_rep(reps, means))


@pytest.mark.slow
@pytest.mark.parametrize("name", [m.id for m in METHODS])
def test_draws_scatter_around_the_expectation(tiny: Company, name: str) -> None:
    method, horizon, *_ = fitted(tiny, name)
    expected, rng = method.expect(horizon), np.random.default_rng(1)
    sample = method.sample(horizon, draws=4000, rng=rng)
    for part, values in expected.items():
        assert sample[part].dtype == np.int64
        assert sample[part].min() >= 0
        if values.sum():
            company = sample[part].sum(axis=(0, 1))
            error = company.std() / 4000**0.5
            assert abs(company.mean() - values.sum()) < 5 * error


def test_what_is_missing_is_said() -> None:
    from tests.forecast.conftest import company_of

    company = company_of("tiny", 2, as_of=date(2023, 7, 20))
    history = history_of(company, reps=reps_of(company))
    horizon = months_ahead(company.calendar, company.as_of, months=1)
    for method in METHODS:
        missing = method.lacks(history, horizon)
        assert missing is not None, method.id
        assert missing.tell(language("en"))
