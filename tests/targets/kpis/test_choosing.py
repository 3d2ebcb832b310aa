"""Which metrics go with won amount: planted truth, false finds, and a regression done plainly."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

import spm_lib
from spm_lib.targets.kpis.choosing import Q, associations, choose_kpis, without_people_and_months
from spm_lib.targets.kpis.panel import Candidate, Panel, panel_of

pytestmark = pytest.mark.slow

PEOPLE, MONTHS = 14, 20


def planted(seed: int, *, effects: tuple[float, ...], alike: bool = False) -> Panel:
    """A panel in which each metric adds so much per unit; good people do more of everything."""
    rng = np.random.default_rng(seed)
    rep, month = (part.ravel() for part in np.meshgrid(range(PEOPLE), range(MONTHS), indexing="ij"))
    able, season = rng.normal(0, 3, PEOPLE), rng.normal(0, 2, MONTHS)
    values = rng.normal(10, 2, (len(effects), len(rep))) + able[rep] + season[month]
    if alike:
        values[1] = values[0] + rng.normal(0, 0.3, len(rep))
    drift = rng.normal(0, 1, (PEOPLE, 1)) * rng.normal(0, 1, (PEOPLE, MONTHS))
    outcome = 1000 * (
        np.array(effects) @ values + 20 * able[rep] + 9 * season[month] + 4 * drift.ravel()
    )
    return Panel(
        rep=rep,
        month=month,
        reps=tuple(f"r{i}" for i in range(PEOPLE)),
        months=tuple(date(2024 + m // 12, m % 12 + 1, 1) for m in range(MONTHS)),
        outcome=outcome,
        candidates=tuple(Candidate(f"m{i}") for i in range(len(effects))),
        values=values,
    )


def test_slopes_are_those_of_a_regression_with_a_column_per_person_and_month() -> None:
    panel = planted(1, effects=(2.0, 0.0, 0.5))
    table = associations(panel)
    for number, values in enumerate(panel.values):
        columns = [values, *np.eye(PEOPLE)[panel.rep].T, *np.eye(MONTHS)[panel.month].T[1:]]
        slope = np.linalg.lstsq(np.stack(columns, axis=1), panel.outcome, rcond=None)[0][0]
        row = table.filter(table["metric"] == f"m{number}").row(0, named=True)
        assert row["with_step"] == pytest.approx(slope * row["step"], abs=1)


def test_intervals_hold_what_was_planted_and_good_people_make_no_metric_useful() -> None:
    held, finds, false = 0, 0, 0
    runs = 60
    for seed in range(runs):
        table = associations(planted(seed, effects=(3.0, *[0.0] * 9)))
        told = table.filter(table["metric"] == "m0").row(0, named=True)
        held += told["low"] <= 3000 * told["step"] <= told["high"]
        found = table.filter("associated")["metric"].to_list()
        finds += "m0" in found
        false += len(set(found) - {"m0"}) / max(len(found), 1)
    assert finds == runs
    assert held / runs >= 0.85
    assert false / runs <= Q + 3 * np.sqrt(Q * (1 - Q) / runs)


def test_nothing_is_suggested_where_nothing_is_there() -> None:
    wrong = [
        associations(planted(seed, effects=(0.0,) * 10))["suggested"].any() for seed in range(60)
    ]
    assert np.mean(wrong) <= Q + 3 * np.sqrt(Q * (1 - Q) / 60)


def test_of_two_metrics_that_tell_the_same_the_surer_is_kept() -> None:
    table = associations(planted(3, effects=(3.0, 0.0, 2.0), alike=True))
    kept = table.filter("suggested")["metric"].to_list()
    assert len({"m0", "m1"} & set(kept)) == 1
    assert "m2" in kept
    twin = table.filter(table["same_as"].is_not_null()).row(0, named=True)
    assert {twin["metric"], twin["same_as"]} == {"m0", "m1"}
    few = associations(planted(3, effects=(3.0, 2.5, 2.0, 2.0)), most=2)
    assert few["suggested"].sum() == 2


def test_months_are_set_against_what_came_after(sample_workspace) -> None:
    company = spm_lib.open(sample_workspace)
    panel = panel_of(company, months=9)
    deals = company.table("opportunities").to_dicts()
    calls = [c for c in company.table("activities").to_dicts() if c["kind"] == "call"]
    number = [c.name for c in panel.candidates].index("activity.count:call")
    for row in range(0, len(panel.rep), 23):
        rep, month = panel.reps[panel.rep[row]], panel.month[row]
        start, after = panel.months[month], panel.months[month + 1]
        end = panel.months[month + 4] if month + 4 < len(panel.months) else date(2026, 10, 1)
        won = sum(
            d["amount"] or 0
            for d in deals
            if d["rep_id"] == rep and d["outcome"] == "won" and after <= d["closed_on"] < end
        )
        done = sum(c["rep_id"] == rep and start <= c["happened_on"] < after for c in calls)
        assert panel.outcome[row] == won
        assert panel.values[number, row] == done


def test_the_sample_company_names_a_few_kpis(sample_workspace) -> None:
    choice = choose_kpis(spm_lib.open(sample_workspace))
    assert choice.tried == choice.table.height >= 8
    assert choice.suggested.height <= 3
    assert (choice.table["low"] <= choice.table["high"]).all()
    assert choice.table["q"].is_sorted()


def test_what_is_usual_is_taken_off_in_uneven_panels_too() -> None:
    rng = np.random.default_rng(2)
    rep, month = rng.integers(0, 6, 90), rng.integers(0, 9, 90)
    values = rng.normal(size=90)
    columns = np.hstack([np.eye(6)[rep], np.eye(9)[month]])
    left = values - columns @ np.linalg.lstsq(columns, values, rcond=None)[0]
    assert without_people_and_months(values, rep, month) == pytest.approx(left, abs=1e-8)
