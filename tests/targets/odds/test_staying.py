"""What is kept of those on board: played again where a lever moved them, and only there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import polars as pl
import pytest

from spm_lib.targets.odds import staying
from spm_lib.targets.odds.bookings_table import BookingsTable
from spm_lib.targets.odds.levers import Hire, OddsLevers, PersonLevers
from spm_lib.targets.odds.odds import Odds

pytestmark = pytest.mark.slow

GOAL = 90_000_000
Same = Callable[..., pl.DataFrame]
SOON = Hire(date(2026, 12, 1), count=2)
ELSEWHERE = Hire(date(2027, 1, 1), team="A team of their own")


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each person whose bookings are looked up."""
    found: list[int] = []
    usual = BookingsTable.drawn

    def counted(*asked: np.ndarray) -> np.ndarray:
        found.append(1)
        return usual(*asked)

    monkeypatch.setattr(BookingsTable, "drawn", counted)
    return found


def test_hires_and_leavers_play_nobody_on_board_again(
    odds: Odds, same: Same, drawn: list[int]
) -> None:
    used, goal = Odds(odds.today, seed=odds.seed), same(odds, GOAL)
    used.answer(goal)
    assert len(drawn) == len(odds.reps)
    for levers, hired in (
        (OddsLevers(attrition=0.2), 0),
        (OddsLevers(hires=(SOON,)), 2),
        (OddsLevers(attrition=0.3, hires=(SOON,)), 2),
    ):
        drawn.clear()
        used.answer(goal, levers)
        assert len(drawn) == hired


def test_a_lever_of_one_person_plays_one_team_again(
    odds: Odds, same: Same, drawn: list[int]
) -> None:
    used, goal, teams = Odds(odds.today, seed=odds.seed), same(odds, GOAL), odds.today.people.teams
    used.answer(goal)
    for rep, team in zip(odds.reps, teams, strict=True):
        used.answer(goal)
        drawn.clear()
        used.answer(goal, OddsLevers(people={rep: PersonLevers(win_rate=1.3)}))
        assert 0 < len(drawn) == teams.count(team) < len(teams)


@pytest.mark.parametrize("most", [0, staying._MOST])
def test_whatever_is_kept_every_answer_is_that_of_odds_never_asked(
    odds: Odds, same: Same, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staying, "_MOST", most)
    first, *_, last = odds.reps
    year, short = same(odds, GOAL), same(odds, GOAL // 4, end=date(2027, 1, 1))
    asked = [
        (year, OddsLevers()),
        (year, OddsLevers(people={first: PersonLevers(deal_size=2.0)})),
        (year, OddsLevers(people={last: PersonLevers(leaves=date(2027, 2, 1))})),
        (year, OddsLevers(hires=(SOON, ELSEWHERE), attrition=0.2, backfill=2)),
        (short, OddsLevers(hires=(SOON,), attrition=0.2)),
        (short, OddsLevers(people={last: PersonLevers(cycle=0.5)}, ramp=(0.1, 0.2, 0.3))),
        (year, OddsLevers(win_rate=1.2, people={last: PersonLevers(starts=date(2027, 2, 1))})),
    ]
    used = Odds(odds.today, seed=odds.seed)
    for goal, levers in (*asked, *reversed(asked)):
        for draws in (2_000, 4_000):
            told = used.answer(goal, levers, draws=draws)
            fresh = Odds(odds.today, seed=odds.seed).answer(goal, levers, draws=draws)
            assert told.people.equals(fresh.people)
            assert told.months.equals(fresh.months)
            assert np.array_equal(told.bookings, fresh.bookings)
            assert np.array_equal(told.company_bookings, fresh.company_bookings)
