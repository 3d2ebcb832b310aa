"""What goes with winning: planted behaviours come back, zeros do not, and the known leaks are shut.

Each leak is shown twice on the same deals: the leaky way finds an effect that is not there, ours
does not.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from scipy.stats import ttest_ind

from spm_lib.core.errors import DataError
from spm_lib.core.language import language
from spm_lib.core.statement import Statement
from spm_lib.metrics.associations import Behaviour, associations
from spm_lib.model import Company, company_from_frames
from spm_lib.reps.closers.behaviours import first_days
from spm_lib.reps.closers.check import check_closers
from spm_lib.reps.closers.experiment import deals_per_arm
from spm_lib.reps.closers.habits import ClosingHabits, closing_habits
from spm_lib.simulate import frames, preset_of
from spm_lib.stats import clustered_logistic
from tests.forecast.conftest import settings, simulated

pytestmark = pytest.mark.slow

TRUTH = {"early.call": 0.20, "early.meeting": 0.22, "early.email": 0.0, "early.demo": 0.0}


def company_with_activities(seed: int, *, opportunities: int, preset: str = "clean") -> Company:
    made = replace(preset_of(preset), opportunities=opportunities)
    tables = simulated(made, seed) | {"activities": frames(made, seed)["activities"]}
    return company_from_frames(tables, settings(), as_of=date(2026, 9, 30))


@pytest.fixture(scope="module")
def clean() -> Company:
    return company_with_activities(11, opportunities=6000)


@pytest.fixture(scope="module")
def habits(clean: Company) -> ClosingHabits:
    return closing_habits(clean)


def row(habits: ClosingHabits, name: str) -> dict:
    return habits.table.filter(behaviour=name, term="within").row(0, named=True)


def test_planted_behaviours_are_found_and_zeros_are_not(habits: ClosingHabits) -> None:
    for name, effect in TRUTH.items():
        told = row(habits, name)
        assert told["found"] == (effect != 0), name
        if effect:
            assert told["odds"] > 1.1
            assert told["low"] > 1
    assert habits.gain is not None
    assert habits.gain > 0
    assert habits.tried == habits.table.height


def test_the_check_counts_what_was_planted(clean: Company) -> None:
    check = check_closers([clean], TRUTH)
    assert (check.planted, check.found, check.zeros, check.accused) == (2, 2, 2, 0)
    assert check.false_share == 0.0
    assert check_closers([clean], {"early.call": 0.0}).accused == 1
    assert check_closers([clean], {"early.call": -1.0}).wrong_side == 1


def test_what_was_done_is_counted_by_a_loop(clean: Company) -> None:
    """The landmark by hand: seven days, the deals open at their end, the outcome after."""
    first = first_days(clean)
    acts: dict[str, list[tuple[int, str]]] = {}
    for act in clean.table("activities").drop_nulls("opportunity_id").to_dicts():
        acts.setdefault(act["opportunity_id"], []).append((act["happened_day"], act["kind"]))
    today = (clean.as_of - date(1970, 1, 1)).days
    expected = {}
    for deal in clean.table("opportunities").to_dicts():
        mark = deal["created_day"] + 7
        if mark + first.horizon > today:
            continue
        kinds = {k for d, k in acts.get(deal["opportunity_id"], []) if d <= mark}
        end = deal["closed_day"]
        won = deal["outcome"] == "won" and mark < end <= mark + first.horizon
        expected[deal["opportunity_id"]] = (int(won), "call" in kinds, "demo" in kinds)
    seen = {
        r["opportunity_id"]: (r["won"], bool(r["early.call"]), bool(r["early.demo"]))
        for r in first.frame.to_dicts()
    }
    assert len(seen) > 3000
    assert {k: expected[k] for k in seen} == seen
    rest = clean.table("opportunities").height
    assert first.aside.height + len(seen) == rest
    assert first.aside["opportunity_id"].n_unique() == first.aside.height


def _leaky(clean: Company, counted: pl.DataFrame) -> float:
    """Return p of a plain logistic of won on a count that was taken over the whole deal."""
    deals = clean.table("opportunities").filter(pl.col("outcome").is_in(["won", "lost"]))
    both = deals.join(counted, on="opportunity_id", how="left").with_columns(
        pl.col("x").fill_null(0)
    )
    x = np.column_stack([np.ones(both.height), both["x"].to_numpy().astype(float)])
    made = clustered_logistic(x, (both["outcome"] == "won").to_numpy(), both["rep_id"].to_numpy())
    assert made.coef[1] > 0
    return float(made.p[1])


def _emails(clean: Company) -> pl.DataFrame:
    acts = clean.table("activities").join(
        clean.table("opportunities").select("opportunity_id", "created_day"), on="opportunity_id"
    )
    return acts.filter(kind="email").with_columns(
        day=pl.col("happened_day") - pl.col("created_day")
    )


def test_leak_counts_over_the_whole_deal(clean: Company, habits: ClosingHabits) -> None:
    """E-mails do nothing here; deals that are won last longer and collect more of them."""
    counts = _emails(clean).group_by("opportunity_id").agg(x=pl.len())
    assert _leaky(clean, counts) < 0.001
    assert not row(habits, "early.email")["found"]


def test_leak_immortal_time(clean: Company, habits: ClosingHabits) -> None:
    """An e-mail after a month is had by those only who live a month: lost deals mostly do not."""
    late = _emails(clean).filter(pl.col("day") > 30)
    assert _leaky(clean, late.group_by("opportunity_id").agg(x=pl.lit(1))) < 0.001
    opened = habits.first.frame["opportunity_id"]
    ends = clean.table("opportunities").filter(
        pl.col("opportunity_id").is_in(opened.implode()) & pl.col("closed_day").is_not_null()
    )
    assert ((ends["closed_day"] - ends["created_day"]) > 7).all()


def test_leak_reverse_causation(clean: Company, habits: ClosingHabits) -> None:
    """A proposal is sent because the deal got on: over the whole deal it "wins" like nothing."""
    sent = clean.table("activities").filter(kind="proposal").group_by("opportunity_id")
    assert _leaky(clean, sent.agg(x=pl.lit(1))) < 1e-6
    told = {b.name: b.refused for b in habits.first.behaviours}
    assert told["early.proposal"] is not None
    assert "early.proposal" not in habits.table["behaviour"].to_list()


def _nulls(seed: int, *, people: int = 30, metrics: int = 12) -> tuple[pl.DataFrame, list[str]]:
    """Return deals whose outcome is pure luck, and behaviours that differ between people."""
    rng = np.random.default_rng(seed)
    rep = np.repeat(np.arange(people), 60)
    names = [f"x{i}" for i in range(metrics)]
    habit = 1 / (1 + np.exp(-rng.normal(0, 1, (people, metrics))))
    done = (rng.random((len(rep), metrics)) < habit[rep]).astype(float)
    told = {"rep_id": rep.astype(str), "won": rng.binomial(1, 0.4, len(rep)), "created_day": 0}
    days = pl.Series("created_day", rng.integers(0, 700, len(rep)))
    frame = pl.DataFrame(told).with_columns(days)
    return frame.with_columns(pl.Series(n, done[:, i]) for i, n in enumerate(names)), names


def test_leak_the_top_quartile_by_raw_rate() -> None:
    """Forty trials: t-tests of the "top performers" find something in nearly half; we do not."""
    leaky = ours = 0
    for seed in range(100, 140):
        frame, names = _nulls(seed)
        people = frame.group_by("rep_id", maintain_order=True).agg(pl.col("won", *names).mean())
        top = people["won"] >= people["won"].quantile(0.75)
        leaky += any(ttest_ind(people.filter(top)[n], people.filter(~top)[n]).pvalue < 0.05
                     for n in names)  # fmt: skip
        table = associations(frame, [Behaviour(n, Statement("A call")) for n in names])
        assert table.height == 2 * len(names)
        ours += table["found"].any()
    assert leaky >= 12
    assert ours <= 3


def test_good_closers_who_happen_to_do_it_are_not_taken_for_its_effect() -> None:
    """The between-person term takes what is the person's, the within-person term stays empty."""
    rng = np.random.default_rng(5)
    skill = rng.normal(0, 0.8, 25)
    rep = np.repeat(np.arange(25), 160)
    done = rng.random(len(rep)) < 1 / (1 + np.exp(-1.5 * skill[rep]))
    won = rng.random(len(rep)) < 1 / (1 + np.exp(0.4 - skill[rep]))
    frame = pl.DataFrame(
        {
            "rep_id": rep.astype(str),
            "won": won.astype(int),
            "created_day": rng.integers(0, 700, len(rep)),
            "x": done.astype(float),
        }
    )
    x = np.column_stack([np.ones(len(rep)), done.astype(float)])
    pooled = clustered_logistic(x, won, np.arange(len(rep)))
    table = associations(frame, [Behaviour("x", Statement("A call"))])
    within, between = (table.filter(term=t).row(0, named=True) for t in ("within", "between"))
    assert pooled.p[1] < 1e-6
    assert not within["found"]
    assert between["found"]


def test_it_says_associated_and_prints_how_many_were_tried(habits: ClosingHabits) -> None:
    english = " ".join(s.tell(language("en")) for s in habits.statements)
    assert "associated with winning" in english
    assert f"{habits.tried} comparisons" in english
    for claim in ("causes", "because", "leads to", "makes"):
        assert claim not in english.lower()
    for statement in habits.statements:
        assert statement.tell(language("he")) != statement.tell(language("en"))


def test_the_experiment_planner_names_deals_per_arm() -> None:
    assert abs((deals_per_arm(0.47)[5] or 0) - 1570) <= 5
    assert deals_per_arm(0.95)[10] is None


def test_figures_carry_the_receipt_of_all_deals(clean: Company, habits: ClosingHabits) -> None:
    told = habits.figures()
    assert {f.receipt.read for f in told} == {clean.receipt("opportunities").read}
    odds = [f for f in told if f.metric == "closers.odds"]
    assert len(odds) == habits.tried
    assert all(float(f.low or 0) <= float(f.value or 0) <= float(f.high or 0) for f in odds)


def test_a_small_company_is_not_asked() -> None:
    with pytest.raises(DataError, match="too few deals"):
        closing_habits(company_with_activities(3, opportunities=150))


def test_of_very_many_deals_the_newest_are_looked_at(
    clean: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spm_lib.reps.closers.habits.MOST_DEALS", 2500)
    some = closing_habits(clean)
    assert some.deals == 2500
    newest = first_days(clean).frame["created_day"].sort()[-2500:]
    assert some.first.frame["created_day"].sort().equals(newest)
    assert {f.receipt.read for f in some.figures()} == {clean.receipt("opportunities").read}
    assert next(iter(some.figures())).receipt.set_aside["older than the deals looked at"].rows > 0
