"""Odds against plain loops over the same rates, and the laws of levers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from spm_lib.core.errors import DataError, ParameterError
from spm_lib.forecast.horizon import date_of
from spm_lib.model import Company, company_from_frames
from spm_lib.simulate import frames, in_major_units
from spm_lib.targets.odds import newcomers
from spm_lib.targets.odds import odds as odds_room
from spm_lib.targets.odds.bookings_table import BookingsTable
from spm_lib.targets.odds.levers import Hire, OddsLevers, PersonLevers
from spm_lib.targets.odds.newcomers import Newcomers, coming_deals, trend
from spm_lib.targets.odds.odds import Odds
from spm_lib.targets.odds.open_wins import OpenWins
from spm_lib.targets.odds.pipeline import Pipeline
from spm_lib.targets.odds.steps import Steps
from spm_lib.workspace import settings_from_text
from tests.targets.odds.companies import TEXT

pytestmark = pytest.mark.slow

START, END = date(2026, 10, 1), date(2027, 10, 1)
GOAL = 90_000_000
Same = Callable[..., pl.DataFrame]


def replayed(odds: Odds, scenarios: int) -> np.ndarray:
    """Bookings of each person in the year, deal by deal, from the same rates: other luck."""
    rng = np.random.default_rng(99)
    today = odds.today
    people, pipeline, steps = today.people, today.pipeline, today.steps
    wins = today.newcomers.wins().sum(axis=0)
    last = steps.edges[-1] - steps.edges[0]
    found = np.zeros((len(people.reps), scenarios))
    for s in range(scenarios):
        arrivals = people.arrivals.draw(1, rng)[0] / people.arrivals.value
        conversion = people.conversion.draw(1, rng)[0] / people.conversion.value
        size = people.size.multiples(60, rng)[:, 0] * people.size.value
        spread = today.shocks.level
        level = np.exp(spread * rng.standard_normal() - spread**2 / 2)
        for r in range(len(people.reps)):
            rate = today.shares[r] * level * arrivals[r] * conversion[r]
            for month, expected in enumerate(wins):
                spread = today.shocks.month
                now = np.exp(spread * rng.standard_normal() - spread**2 / 2) if spread else 1.0
                del month
                for _ in range(rng.poisson(rate * expected * now)):
                    found[r, s] += size[r] * rng.choice(people.shape) / people.shape.mean()
        for deal, owner in enumerate(today.owner):
            if owner < len(people.reps):
                until = np.interp(last, pipeline.edges, pipeline.until[deal])
                if rng.random() < until * conversion[owner]:
                    found[owner, s] += pipeline.amount[deal]
    return found


def test_odds_are_those_of_a_loop_that_plays_deal_by_deal(odds: Odds, same: Same) -> None:
    played, answer = replayed(odds, 300), odds.answer(same(odds, GOAL), draws=10_000)
    for r, row in enumerate(answer.people.iter_rows(named=True)):
        mine = played[r]
        error = mine.std() / np.sqrt(len(mine))
        assert row["mean"] == pytest.approx(mine.mean(), abs=3.5 * error)
        often = (mine >= GOAL).mean()
        assert row["odds"] == pytest.approx(often, abs=3.5 * np.sqrt(0.25 / len(mine)))
    assert answer.people["odds"].is_between(0.02, 0.98).any()


def test_new_wins_are_those_of_a_loop_over_days(odds: Odds) -> None:
    steps = Steps.of(odds.today.as_of, date(2026, 10, 15), date(2026, 12, 1))
    newcomers = Newcomers.of(odds.today.history, steps)
    expected = np.zeros((steps.count, steps.count))
    days = range(steps.edges[0], steps.edges[-1])
    step = [int(np.searchsorted(steps.edges, day, side="right")) - 1 for day in days]
    for i, born in enumerate(days):
        for j in range(i, len(days)):
            lived = np.array([days[j]])
            age = newcomers.clocks.age(np.array([born]), lived, len(newcomers.per_age))[0]
            speed = newcomers.clocks.speed(lived)[0]
            expected[step[i], step[j]] += newcomers.coming[i] * newcomers.per_age[age] * speed
    assert newcomers.wins() == pytest.approx(expected, rel=1e-9)


def test_longer_cycles_only_put_wins_off(odds: Odds) -> None:
    cycles = (0.5, 0.8, 1.0, 1.07, 1.5, 3.0)
    wins = [odds.today.newcomers.wins(cycle).sum(axis=1) for cycle in cycles]  # by month created
    assert all((one >= other - 1e-9).all() for one, other in pairwise(wins))
    assert wins[0][0] == pytest.approx(wins[2][0], rel=0.05)  # nearly all is decided in a year


def test_two_thousand_draws_agree_with_ten_thousand(odds: Odds, same: Same) -> None:
    asked = same(odds, GOAL)
    for levers in (OddsLevers(), OddsLevers(win_rate=1.2, cycle=1.3, attrition=0.2, backfill=2)):
        few, many = odds.answer(asked, levers), odds.answer(asked, levers, draws=10_000)
        assert (few.draws, many.draws) == (2_000, 10_000)
        for one, other in ((few.people, many.people), (few.teams, many.teams)):
            apart = (one["odds"] - other["odds"]).abs()
            chance = other["odds"] * (1 - other["odds"])
            assert (apart <= 2 * (chance / 2_000).sqrt() + 5e-4).all()


def test_the_same_seed_gives_the_same_answer(odds: Odds, same: Same) -> None:
    again = Odds(odds.today)
    one, other = odds.answer(same(odds, GOAL)), again.answer(same(odds, GOAL))
    assert one.people.equals(other.people)
    assert one.months.equals(other.months)
    other = Odds(odds.today, seed=3).answer(same(odds, GOAL))
    assert not one.people.equals(other.people)


@pytest.mark.parametrize("lever", ["win_rate", "deal_size", "activity", "growth"])
def test_a_better_lever_never_gives_a_worse_future(odds: Odds, same: Same, lever: str) -> None:
    asked, steps = same(odds, GOAL), np.linspace(0.8, 1.2, 17) - (lever == "growth")
    answers = [odds.answer(asked, replace(OddsLevers(), **{lever: float(x)})) for x in steps]
    futures = np.stack([answer.company_bookings[0] for answer in answers])
    assert (np.diff(futures, axis=0) >= -1e-3 * futures[:-1]).all()
    chances = np.stack([answer.people["odds"].to_numpy() for answer in answers])
    assert (np.diff(chances, axis=0) >= 0).all()
    assert np.abs(np.diff(chances, n=2, axis=0)).max() < 0.05  # no jitter between positions


def test_a_lever_of_one_person_moves_that_person_only(odds: Odds, same: Same) -> None:
    asked, who = same(odds, GOAL), odds.reps[2]
    plain = odds.answer(asked)
    better = odds.answer(asked, OddsLevers(people={who: PersonLevers(win_rate=1.5, cycle=0.8)}))
    moved = plain.people.filter(plain.people["mean"] != better.people["mean"])
    assert moved["rep_id"].to_list() == [who]
    assert better.company["mean"][0] > plain.company["mean"][0]


def test_all_people_at_a_factor_are_the_company_at_that_factor(odds: Odds, same: Same) -> None:
    asked = same(odds, GOAL)
    each = {rep: PersonLevers(deal_size=1.1, activity=0.9) for rep in odds.reps}
    one = odds.answer(asked, OddsLevers(people=each))
    other = odds.answer(asked, OddsLevers(deal_size=1.1, activity=0.9))
    assert one.people.equals(other.people)


def test_scenarios_add_up(odds: Odds, same: Same) -> None:
    answer = odds.answer(same(odds, GOAL))
    others = answer.company_bookings[0] - answer.bookings[:, 0].sum(axis=0)
    assert (others >= -1e-4 * answer.company_bookings[0]).all()  # deals of nobody known
    assert answer.teams["target"].sum() == answer.company["target"][0] == GOAL * len(odds.reps)
    assert answer.months["target"][-1] == answer.company["target"][0]
    assert answer.months["p50"][-1] == pytest.approx(answer.company["p50"][0], rel=1e-3)


def test_periods_are_summed_and_the_whole_is_told(odds: Odds, same: Same) -> None:
    edges = [date(2026, 10, 1), date(2027, 1, 1), date(2027, 4, 1), date(2027, 10, 1)]
    rows = [(rep, start, end, GOAL // 3) for rep in odds.reps for start, end in pairwise(edges)]
    names = ["rep_id", "period_start", "period_end", "value"]
    answer = odds.answer(pl.DataFrame(rows, schema=names, orient="row"))
    one = answer.people.filter(pl.col("rep_id") == odds.reps[0])
    assert one.height == 4
    assert one["mean"][:3].sum() == pytest.approx(one["mean"][3], abs=3)
    whole = odds.answer(same(odds, GOAL)).people["mean"][0]
    assert one["mean"][3] == pytest.approx(whole, rel=1e-6)


def test_over_assignment_lowers_the_companys_target_only(odds: Odds, same: Same) -> None:
    plain = odds.answer(same(odds, GOAL))
    over = odds.answer(same(odds, GOAL), OddsLevers(over_assignment=0.25))
    assert over.people.equals(plain.people)
    assert over.company["target"][0] == round(GOAL * len(odds.reps) / 1.25)
    assert over.company["odds"][0] >= plain.company["odds"][0]


def test_hires_ramp_up_and_leavers_are_missed(odds: Odds, same: Same) -> None:
    asked = same(odds, GOAL)

    def mean(levers: OddsLevers) -> int:
        return odds.answer(asked, levers).company["mean"][0]

    plain, soon, late = (
        mean(OddsLevers(hires=hires)) for hires in ((), (Hire(START),), (Hire(date(2027, 4, 1)),))
    )
    assert plain < late < soon
    assert mean(OddsLevers(hires=(Hire(START),), ramp=())) > soon
    alone, followed = (mean(OddsLevers(attrition=0.3, backfill=b)) for b in (None, 1))
    assert alone < followed < plain
    stay = odds.answer(asked, OddsLevers(attrition=0.3)).people
    assert stay.equals(odds.answer(asked).people)  # a person's odds are those of who stays


def test_who_leaves_books_nothing_afterwards(odds: Odds, same: Same) -> None:
    who = odds.reps[0]
    levers = OddsLevers(people={who: PersonLevers(leaves=date(2027, 1, 1))})
    asked = same(odds, GOAL // 4, end=date(2027, 1, 1))
    first = odds.answer(asked).people.filter(pl.col("rep_id") == who)
    left = odds.answer(same(odds, GOAL), levers).people.filter(pl.col("rep_id") == who)
    assert left["mean"][0] == pytest.approx(first["mean"][0], rel=1e-6)


def test_what_was_won_since_the_start_counts(company: Company, same: Same) -> None:
    running = Odds.of(company, start=date(2026, 7, 1), end=date(2027, 1, 1))
    asked = same(running, 1).with_columns(
        period_start=date(2026, 7, 1), period_end=date(2027, 1, 1)
    )
    coming = Odds.of(company, start=START, end=date(2027, 1, 1))
    rest = coming.answer(same(coming, 1, end=date(2027, 1, 1)))
    won = company.table("opportunities").filter(
        (pl.col("outcome") == "won") & (pl.col("closed_on") >= date(2026, 7, 1))
    )
    for row, later in zip(
        running.answer(asked).people.iter_rows(named=True),
        rest.people.iter_rows(named=True),
        strict=True,
    ):
        mine = won.filter(pl.col("rep_id") == row["rep_id"])["amount"].sum()
        assert row["mean"] == pytest.approx(later["mean"] + mine, abs=20)


def test_targets_of_strangers_have_no_odds(odds: Odds, same: Same) -> None:
    stranger = same(odds, GOAL).head(1).with_columns(rep_id=pl.lit("nobody"))
    answer = odds.answer(pl.concat([same(odds, GOAL), stranger]))
    row = answer.people.filter(pl.col("rep_id") == "nobody").row(0, named=True)
    assert (row["target"], row["odds"], row["mean"]) == (GOAL, None, None)
    assert answer.company["target"][0] == GOAL * (len(odds.reps) + 1)


def test_faults_say_what_to_do(odds: Odds, company: Company, same: Same) -> None:
    with pytest.raises(DataError, match="period cannot be looked at"):
        odds.answer(same(odds, GOAL, end=date(2027, 9, 15)))
    with pytest.raises(DataError, match="lack columns"):
        odds.answer(same(odds, GOAL).drop("value"))
    with pytest.raises(ParameterError, match="cannot be played"):
        Odds.of(company, start=START, end=date(2029, 1, 1))
    with pytest.raises(ParameterError, match="draws"):
        odds.answer(same(odds, GOAL), draws=10**9)
    with pytest.raises(ParameterError, match="lever win_rate"):
        replace(OddsLevers(), win_rate=-1)
    first = company.table("opportunities").sort("created_day")["created_day"].to_list()[0]
    early = company.at(date_of(first + 5))
    with pytest.raises(DataError, match="nothing to play"):
        Odds.of(early, start=early.as_of, end=date(early.as_of.year + 1, 1, 1))


def test_deals_alone_are_enough_for_odds() -> None:
    frames_ = in_major_units(frames("tiny", 1))
    deals = {"opportunities": frames_["opportunities"]}
    bare = company_from_frames(deals, settings_from_text(TEXT), as_of=date(2026, 9, 30))
    alone = Odds.of(bare, start=START, end=date(2027, 1, 1))
    rows = [(rep, START, date(2027, 1, 1), GOAL // 20) for rep in alone.reps]
    names = ["rep_id", "period_start", "period_end", "value"]
    answer = alone.answer(pl.DataFrame(rows, schema=names, orient="row"))
    assert answer.teams.is_empty()
    assert (answer.people["mean"] > 0).all()
    assert answer.people["odds"].is_between(0, 1).all()


def test_deals_to_come_follow_the_last_year_later_on(odds: Odds) -> None:
    history, steps = odds.today.history, odds.today.steps
    coming = coming_deals(history, steps)
    created = history.lives.created
    year = int(((created > history.origin - 365) & (created <= history.origin)).sum())
    before = int(((created > history.origin - 730) & (created <= history.origin - 365)).sum())
    level = np.exp(trend(year, before) / 2) * year
    assert coming[-90:].mean() * 365 == pytest.approx(level, rel=0.25)  # but for the season
    assert (coming > 0).all()


def test_what_an_answer_leaves_changes_no_later_one(odds: Odds, same: Same) -> None:
    """Levers there and back, in every order: each answer is that of odds never asked before."""
    asked = [
        OddsLevers(attrition=0.1),
        OddsLevers(attrition=0.1, win_rate=1.2),
        OddsLevers(attrition=0.3, backfill=2),
        OddsLevers(cycle=1.4, hires=(Hire(date(2026, 12, 1), count=2),)),
        OddsLevers(attrition=0.1),
    ]
    used = Odds(odds.today, seed=odds.seed)
    for levers in (*asked, *reversed(asked)):
        for draws, goal in ((2_000, GOAL), (4_000, GOAL // 2), (2_000, GOAL)):
            told = used.answer(same(odds, goal), levers, draws=draws)
            fresh = Odds(odds.today, seed=odds.seed).answer(same(odds, goal), levers, draws=draws)
            assert told.people.equals(fresh.people)
            assert told.months.equals(fresh.months)
            assert np.array_equal(told.bookings, fresh.bookings)
            assert np.array_equal(told.company_bookings, fresh.company_bookings)


def test_an_answer_that_failed_halfway_changes_no_later_one(
    odds: Odds, same: Same, monkeypatch: pytest.MonkeyPatch
) -> None:
    used, goal, usual = Odds(odds.today, seed=odds.seed), same(odds, GOAL), OddsLevers()
    before = used.answer(goal, usual).people
    with monkeypatch.context() as patched:
        patched.setattr(OpenWins, "_fill", _without_room(OpenWins._fill))
        with pytest.raises(MemoryError):
            used.answer(goal, OddsLevers(win_rate=1.4))
    assert used.answer(goal, OddsLevers(attrition=0.1)).people.equals(
        Odds(odds.today, seed=odds.seed).answer(goal, OddsLevers(attrition=0.1)).people
    )
    assert used.answer(goal, usual).people.equals(before)


def _without_room(fill: Callable[..., None]) -> Callable[..., None]:
    def failing(*asked: object) -> None:
        fill(*asked)
        raise MemoryError

    return failing


def test_chances_of_open_deals_are_lifted_so_far_and_no_further(odds: Odds, same: Same) -> None:
    """A person's lever on top of the company's says more than luck was drawn for."""
    goal = same(odds, GOAL)
    levers = [
        OddsLevers(win_rate=3.0, people={odds.reps[0]: PersonLevers(win_rate=more)})
        for more in (1.0, 1.1, 3.0)
    ]
    most, *further = [odds.answer(goal, one).people["mean"].to_list() for one in levers]
    assert all(other[1:] == most[1:] for other in further)
    assert most[0] <= further[0][0] <= further[1][0]


def test_what_is_kept_is_what_was_learned(
    company: Company, same: Same, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Levers that nobody turned before are answered from what is kept too."""
    first = Odds.of(company, start=START, end=END, kept=tmp_path)
    first.keep()
    for owner, name in ((Pipeline, "of"), (BookingsTable, "of"), (newcomers, "_learned")):
        monkeypatch.setattr(owner, name, lambda *_, **__: pytest.fail("learned again"))
    second = Odds.of(company, start=START, end=END, kept=tmp_path)
    goal, hire = same(first, GOAL), Hire(date(2026, 12, 1), count=2)
    for levers in (OddsLevers(), OddsLevers(cycle=1.3, attrition=0.2, hires=(hire,))):
        drawn = first.answer(goal, levers, draws=4_000)
        with monkeypatch.context() as patched:
            patched.setattr(odds_room, "draw_luck", lambda *_, **__: pytest.fail("drawn again"))
            told = second.answer(goal, levers)
        assert told.people.equals(first.answer(goal, levers).people)
        assert second.answer(goal, levers, draws=4_000).people.equals(drawn.people)
    assert second.today.pipeline.until.any()
    assert vars(second.today.shocks) == vars(first.today.shocks)


def test_nothing_is_kept_for_another_horizon_or_chance(
    company: Company, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Odds.of(company, start=START, end=END, kept=tmp_path).keep()
    with monkeypatch.context() as patched:  # but for the chances of open deals, the same for all
        patched.setattr(Pipeline, "of", lambda *_: pytest.fail("learned again"))
        other = Odds.of(company, start=START, end=date(2027, 4, 1), kept=tmp_path)
    plain = Odds.of(company, start=START, end=date(2027, 4, 1))
    assert np.array_equal(other.today.newcomers.wins(), plain.today.newcomers.wins())
    drawn = []
    monkeypatch.setattr(odds_room, "draw_luck", lambda *_, **told: drawn.append(told))
    Odds.of(company, start=START, end=END, seed=7, kept=tmp_path).prepare()
    assert drawn == [{"seed": 7, "block": 0}]
