"""The backtest sees no future, scores closed windows only, and says the same twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from weakref import ref

import numpy as np
import polars as pl
import pytest

from spm_lib.core.errors import DataError
from spm_lib.forecast import (
    METHODS,
    History,
    Horizon,
    backtest,
    choose_champion,
    method_named,
    run_backtest,
)
from spm_lib.forecast.horizon import date_of, day_number
from spm_lib.forecast.methods.method import BookingsFitted, Method, Parts, recent_sizes
from spm_lib.forecast.methods.run_rate import RunRate, RunRateFitted
from spm_lib.model import Company, company_from_frames
from tests.forecast.conftest import company_of, settings, simulated
from tests.forecast.oracles import won_between

pytestmark = pytest.mark.slow  # the track record of whole companies

CUT = date(2025, 12, 31)
ORIGINS, DRAWS = 14, 60
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def monthly(tiny: Company):
    return run_backtest(tiny, grain="month", origins=ORIGINS, draws=DRAWS)


def test_what_happens_after_a_window_does_not_change_its_score(monthly) -> None:
    """Everything later is falsified: ten-fold amounts, all deals won by one rep."""
    frames = simulated("tiny", 1)
    events, deals = frames["stage_events"], frames["opportunities"]
    late = pl.col("entered_at").cast(pl.Date) > CUT
    frames["stage_events"] = events.with_columns(
        amount=pl.when(late).then(pl.col("amount") * 10).otherwise("amount"),
        stage=pl.when(late).then(pl.lit("Closed Won")).otherwise("stage"),
        rep_id=pl.when(late).then(pl.lit("R01")).otherwise("rep_id"),
    )
    closed = pl.col("closed_at").cast(pl.Date) > CUT
    frames["opportunities"] = deals.with_columns(
        amount=pl.when(closed).then(pl.col("amount") * 10).otherwise("amount"),
        stage=pl.when(closed).then(pl.lit("Closed Won")).otherwise("stage"),
    )
    false = company_from_frames(frames, settings(), as_of=date(2026, 9, 30))
    early = pl.col("end") <= day_number(CUT) + 1
    honest = monthly.scores.filter(early)
    changed = run_backtest(false, grain="month", origins=ORIGINS, draws=DRAWS).scores
    assert honest.height
    assert honest.equals(changed.filter(early))
    assert not monthly.scores.filter(~early).equals(changed.filter(~early))


def test_a_company_as_of_an_earlier_day_scored_the_same(tiny: Company, monthly) -> None:
    then = run_backtest(tiny.at(CUT), grain="month", origins=5, draws=DRAWS).scores
    same = monthly.scores.filter(
        pl.col("origin").is_in(then["origin"].unique().implode())
        & (pl.col("method") == "last_period")
    )
    mine = then.filter(pl.col("method") == "last_period")
    assert mine.select("origin", "level", "error", "actual").equals(
        same.select("origin", "level", "error", "actual")
    )


def test_what_came_is_what_was_won_in_the_window(tiny: Company, monthly) -> None:
    rows = monthly.scores.filter((pl.col("method") == "run_rate") & (pl.col("level") == "company"))
    assert rows.height == ORIGINS
    for origin, end, actual in rows.select("origin", "end", "actual").iter_rows():
        won = won_between(tiny, date_of(origin) + DAY, date_of(end))
        assert actual == pytest.approx(sum(won.values()))
        assert date_of(end) <= tiny.as_of + DAY


def test_the_champion_row_is_what_the_past_would_have_chosen(monthly) -> None:
    rows = monthly.scores.filter(pl.col("level") == "company")
    methods = [m for m in METHODS if m.eligible]
    for origin in rows["origin"].unique().sort():
        now = rows.filter(pl.col("origin") == origin)
        usable = [m for m in methods if m.id in now["method"].to_list()]
        past = monthly.scores.filter(
            (pl.col("end") <= origin + 1) & (pl.col("method") != "champion")
        )
        chosen = choose_champion(past, methods=usable).method
        champion, same = (now.filter(pl.col("method") == m) for m in ("champion", chosen))
        assert champion.drop("method").equals(same.drop("method"))


def test_it_says_the_same_twice_whatever_else_is_run(tiny: Company, monthly) -> None:
    alone = run_backtest(
        tiny, grain="month", origins=ORIGINS, draws=DRAWS, methods=[method_named("last_period")]
    )
    mine = monthly.scores.filter(pl.col("method") == "last_period")
    assert alone.scores.filter(pl.col("method") == "last_period").equals(mine)


def test_quarters_are_sums_of_their_months(tiny: Company) -> None:
    done = run_backtest(tiny, grain="quarter", origins=4, draws=DRAWS)
    rows = done.scores.filter((pl.col("method") == "run_rate") & (pl.col("level") == "company"))
    assert rows.height == 4
    for origin, end, actual in rows.select("origin", "end", "actual").iter_rows():
        won = won_between(tiny, date_of(origin) + DAY, date_of(end))
        assert actual == pytest.approx(sum(won.values()))
    for error in done.errors["run_rate"]:
        assert error.expected.shape[1] == 3


class Knowing(Method):
    """A method that is told the truth: it must score best, or the scoring is wrong."""

    id, name, rank = "knowing", "Knows", 9
    naive = False

    def __init__(self, company: Company) -> None:
        self.company = company

    def lacks(self, history: History, horizon: Horizon) -> None:  # noqa: ARG002
        return None

    def fit(self, history: History) -> BookingsFitted:
        truth = self.company

        class Truth(BookingsFitted):
            def bookings(self, horizon: Horizon) -> np.ndarray:
                columns = [won_between(truth, date_of(s), date_of(e)) for s, e in horizon.windows]
                return np.array([[c.get(r, 0.0) for c in columns] for r in self.history.reps])

        return Truth(history, recent_sizes(history))


def test_a_method_of_ones_own_is_scored_beside_the_others(tiny: Company) -> None:
    methods = [method_named("run_rate"), Knowing(tiny)]
    record = backtest(tiny, methods=methods, origins=10, draws=DRAWS)
    mine = record.filter((pl.col("method") == "knowing") & (pl.col("level") == "rep")).row(
        0, named=True
    )
    other = record.filter((pl.col("method") == "run_rate") & (pl.col("level") == "rep")).row(
        0, named=True
    )
    assert mine["wape"] == pytest.approx(0.0, abs=1e-9)
    assert mine["ncrps"] < other["ncrps"]


class Held(RunRate):
    """A run rate that counts how many past days, and draws of them, live as it is asked."""

    def __init__(self) -> None:
        self.days: list[ref[History]] = []
        self.draws: list[ref[np.ndarray]] = []
        self.counts: list[tuple[int, int]] = []

    def fit(self, history: History) -> HeldFitted:
        self.days.append(ref(history))
        return HeldFitted(history, recent_sizes(history), self)

    def living(self) -> tuple[int, int]:
        days, draws = ([r for r in refs if r() is not None] for refs in (self.days, self.draws))
        return len(days), len(draws)


@dataclass(frozen=True, eq=False)
class HeldFitted(RunRateFitted):
    by: Held

    def sample(self, horizon: Horizon, *, draws: int, rng: np.random.Generator) -> Parts:
        made = super().sample(horizon, draws=draws, rng=rng)
        self.by.draws.append(ref(made["all"]))
        self.by.counts.append(self.by.living())
        return made


def test_a_past_day_is_let_go_before_the_next_one_is_looked_at(tiny: Company) -> None:
    held = Held()
    run_backtest(tiny, grain="month", origins=6, draws=20, methods=[held])
    assert held.counts == [(1, 1)] * 6
    assert held.living() == (0, 0)


def test_too_short_a_history_is_refused_with_what_is_missing() -> None:
    company = company_of("tiny", 2, as_of=date(2023, 7, 20))
    with pytest.raises(DataError, match="run_rate needs 91 days"):
        run_backtest(company).champion()
    assert run_backtest(company).track_record().height == 0
