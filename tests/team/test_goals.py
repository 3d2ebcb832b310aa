"""Goals tracked: own numbers by naive loops, peers who started alike, and when nothing is told."""

from __future__ import annotations

import random
from datetime import date, timedelta
from statistics import mean, stdev
from typing import Any

import polars as pl
import pytest

from spm_lib.model import Company, company_from_frames
from spm_lib.reps import coaching_effect, number_effect
from spm_lib.team import Goal, Progress, goal_progress, read_told, team_told, told_text
from spm_lib.team.responses.response_of import goal_metrics
from spm_lib.workspace import settings_from_text
from tests.team.people import response
from tests.team.small_team import WORKSPACE

SET = date(2026, 7, 1)
AS_OF = date(2026, 12, 31)
HALF = timedelta(days=183)
WIN_RATE = Goal("win_rate.closed.count", "Qualify harder", date(2026, 12, 31))
PEOPLE = [f"R{n}" for n in range(1, 10)]


def deals(people: list[str]) -> list[dict[str, Any]]:
    """Everybody wins about two of five; R1 wins seven of ten since the goal was set."""
    rng = random.Random(5)
    rows = []
    for number in range(60 * len(people)):
        rep = people[number % len(people)]
        closed = date(2026, 1, 1) + timedelta(rng.randrange(364))
        share = 0.7 if rep == "R1" and closed >= SET else 0.4
        rows.append(
            {
                "opportunity_id": f"D{number}",
                "rep_id": rep,
                "stage": "Won" if rng.random() < share else "Lost",
                "created_at": str(closed - timedelta(30)),
                "closed_at": str(closed),
                "amount": "1000",
            }
        )
    return rows


def company(people: list[str] = PEOPLE) -> Company:
    tables = {
        "opportunities": pl.DataFrame(deals(people)),
        "reps": pl.DataFrame({"rep_id": people, "name": people}),
    }
    cut = WORKSPACE.partition("[tables.memberships]")[0]
    return company_from_frames(tables, settings_from_text(cut))


@pytest.fixture(scope="module")
def nine() -> Company:
    return company()


def set_by(*people: str, goal: Goal = WIN_RATE, **more: Any) -> list[Any]:
    return [response(rep, read_on=SET, goals=(goal,), **more) for rep in people]


def side(rep: str, start: date, end: date) -> tuple[int, int]:
    """Count won and decided deals, row by row."""
    closed = [
        row["stage"]
        for row in deals(PEOPLE)
        if row["rep_id"] == rep and start <= date.fromisoformat(row["closed_at"]) < end
    ]
    return closed.count("Won"), len(closed)


def by_hand(coached: str, peers: list[str]) -> pl.DataFrame:
    end = min(SET + HALF, AS_OF + timedelta(days=1))
    rows = []
    for rep in sorted({coached, *peers}):
        before, after = side(rep, SET - HALF, SET), side(rep, SET, end)
        rows.append((rep, rep == coached, *before, *after))
    names = ("rep_id", "coached", "before", "before_n", "after", "after_n")
    return pl.DataFrame(rows, schema=list(names), orient="row")


def only(found: list[Progress]) -> Progress:
    (one,) = found
    return one


def test_own_numbers_and_the_change_beyond_peers_are_those_of_a_naive_loop(nine: Company) -> None:
    found = only(goal_progress(nine, set_by("R1")))
    expected = by_hand("R1", PEOPLE[1:])
    own = expected.row(0, named=True)
    assert (found.since, found.untold) == (SET, "")
    for figure, name in ((found.before, "before"), (found.after, "after")):
        assert figure is not None
        assert figure.value is not None
        assert float(figure.value) == pytest.approx(own[name] / own[f"{name}_n"], abs=1e-6)
        assert figure.n == own[f"{name}_n"]
    assert found.after is not None
    assert found.after.low is not None
    effect = coaching_effect(expected)
    assert found.effect is not None
    for name in ("effect", "low", "high", "plain", "regression"):
        assert getattr(found.effect, name) == round(getattr(effect, name), 2)  # whole points only
    assert (found.effect.peers, found.effect.verdict) == (5, "worked")


def test_who_has_the_same_goal_is_no_peer_and_fewer_than_five_are_not_told(nine: Company) -> None:
    asked = set_by("R1", "R9")
    told = {p.rep_id: p for p in goal_progress(nine, asked)}
    expected = coaching_effect(by_hand("R1", PEOPLE[1:8]))
    assert told["R1"].effect is not None
    assert told["R1"].effect.effect == round(expected.effect or 0, 2)
    many = {p.rep_id: p for p in goal_progress(nine, set_by(*PEOPLE[:5]))}
    assert {p.untold for p in many.values()} == {"few_peers"}  # four others are left
    assert not [p for p in many.values() if p.effect]


def test_young_goals_and_numbers_without_noise_are_not_compared_and_why_is_told(
    nine: Company,
) -> None:
    """Every deal is of 1,000: no spread tells how far a mean moves. Open deals are a state."""
    size = Goal("deal.mean_amount", "Larger deals", date(2026, 12, 31))
    other = only(goal_progress(nine, set_by("R1", goal=size)))
    assert (other.untold, other.effect) == ("no_noise", None)
    assert other.after is not None
    assert other.after.value == "1000.00"
    for metric in ("open.count", "attainment"):
        goal = Goal(metric, "More", date(2026, 12, 31))
        assert only(goal_progress(nine, set_by("R1", goal=goal))).effect is None
    early = only(goal_progress(nine, [response("R1", read_on=AS_OF, goals=(WIN_RATE,))]))
    assert (early.untold, early.effect) == ("too_early", None)
    won = Goal("won.count", "Win more", date(2026, 12, 31))
    today = only(goal_progress(nine, [response("R1", read_on=AS_OF, goals=(won,))]))
    assert (today.untold, today.effect) == ("too_early", None), "no week is over yet"
    calls = Goal("activity.count", "Call more", date(2026, 12, 31))
    unknown = only(goal_progress(nine, set_by("R1", goal=calls)))
    assert (unknown.before, unknown.after, unknown.untold) == (None, None, "no_number")


def test_a_count_too_young_to_be_compared_is_said_to_be_young(nine: Company) -> None:
    """Not one whole week has passed since: the metric does tell how far it moves by luck."""
    goal = Goal("won.count", "Win more", date(2026, 12, 31))
    for day in (AS_OF, AS_OF - timedelta(days=6)):
        early = only(goal_progress(nine, [response("R1", read_on=day, goals=(goal,))]))
        assert (early.untold, early.effect) == ("too_early", None)


@pytest.mark.slow  # some forty metrics
def test_every_metric_a_goal_can_name_is_compared_or_says_why_not(nine: Company) -> None:
    """No id of the list breaks the pack; what rests on closed deals is compared."""
    goals = {m.id: Goal(m.id, "Better", date(2026, 12, 31)) for m in goal_metrics()}
    found = {name: only(goal_progress(nine, set_by("R1", goal=goal)))
             for name, goal in goals.items()}  # fmt: skip
    assert all((one.effect is None) == bool(one.untold) for one in found.values())
    told = {name: one.unit for name, one in found.items() if one.effect}
    assert told["won.count"] == told["won.amount"] == "weekly"
    assert told["win_rate.closed.count"] == "points"
    assert told.keys() & {"open.count", "pipeline.count", "attainment", "ccos"} == set()


def test_won_deals_are_compared_by_the_weeks_that_a_naive_loop_counts(nine: Company) -> None:
    goal = Goal("won.count", "Win more", date(2026, 12, 31))
    found = only(goal_progress(nine, set_by("R1", goal=goal)))
    end = min(SET + HALF, AS_OF + timedelta(days=1))
    rows = []
    for rep in PEOPLE:
        row: list[Any] = [rep, rep == "R1"]
        for start, stop in ((SET - HALF, SET), (SET, end)):
            sunday = start + timedelta(days=(6 - start.weekday()) % 7)
            weeks = []
            while sunday + timedelta(days=7) <= stop:
                weeks.append(side(rep, sunday, sunday + timedelta(days=7))[0])
                sunday += timedelta(days=7)
            row += [mean(weeks), len(weeks), stdev(weeks) / len(weeks) ** 0.5]
        rows.append(row)
    names = ["rep_id", "coached", "before", "before_n", "before_error", "after", "after_n",
             "after_error"]  # fmt: skip
    expected = number_effect(pl.DataFrame(rows, schema=names, orient="row"))
    assert (found.untold, found.unit) == ("", "weekly")
    assert found.effect is not None
    for name in ("effect", "low", "high", "regression"):
        assert getattr(found.effect, name) == round(getattr(expected, name), 2)  # of 0.9 a week


def test_a_goal_said_again_keeps_its_first_day_and_one_given_up_is_gone(nine: Company) -> None:
    again = [*set_by("R1"), response("R1", 2, read_on=date(2026, 9, 1), goals=(WIN_RATE,))]
    assert only(goal_progress(nine, again)).since == SET
    assert goal_progress(nine, [*again, response("R1", 3, read_on=AS_OF)]) == []
    assert goal_progress(nine, set_by("R1", "R2"), rep_ids=["R3"]) == []


def test_without_a_register_nothing_is_told(nine: Company) -> None:
    assert team_told(nine, "rep:R1", register=None) is None
    assert read_told(told_text(None)) is None
