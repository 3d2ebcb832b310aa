"""Targets for counts and ratios against plain sums."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import spm_lib
from spm_lib.core.calendar import Window
from spm_lib.core.errors import MetricError, ParameterError
from spm_lib.model import Company
from spm_lib.targets.kpis.kpi_targets import count_targets, ratio_targets, track

WINDOW = Window(date(2025, 7, 1), date(2026, 7, 1))
QUARTER = Window(date(2026, 7, 1), date(2026, 10, 1))


@pytest.fixture(scope="module")
def company(sample_workspace) -> Company:
    return spm_lib.open(sample_workspace)


@pytest.fixture(scope="module")
def teams(company: Company) -> dict[str, str | None]:
    staff = company.table("reps").filter(pl.col("left_on").is_null())["rep_id"].to_list()
    return {rep: ("North" if i % 3 else None) for i, rep in enumerate(staff)}


@settings(max_examples=8)
@given(st.integers(0, 5_000))
def test_counts_add_up_to_the_unit(
    company: Company, teams: dict[str, str | None], total: int
) -> None:
    shared = count_targets(
        company, "activity.count", total, teams=teams, part="meeting", window=WINDOW
    )
    assert shared.people["target"].sum() == total
    assert (shared.people["target"] == shared.people["target"].round()).all()
    assert shared.teams.filter(pl.col("team").is_null())["target"].item() == total
    exact = shared.people["pooled"] / shared.people["pooled"].sum() * total
    assert (shared.people["target"] - exact).abs().max() < 1  # type: ignore[operator]


def test_ratios_are_set_per_person_and_imply_the_teams(
    company: Company, teams: dict[str, str | None]
) -> None:
    plain = ratio_targets(company, "win_rate.closed.count", teams=teams, window=WINDOW)
    more = ratio_targets(
        company, "win_rate.closed.count", teams=teams, window=WINDOW, improvement=0.1
    )
    assert (more.people["target"] - plain.people["target"] * 1.1).abs().max() < 1e-9  # type: ignore[operator]
    closed = {rep: [0, 0] for rep in teams}
    for deal in company.table("opportunities").iter_rows(named=True):
        inside = deal["outcome"] in ("won", "lost") and deal["rep_id"] in closed
        if inside and WINDOW.start <= deal["closed_on"] < WINDOW.end:
            closed[deal["rep_id"]][0] += deal["outcome"] == "won"
            closed[deal["rep_id"]][1] += 1
    for row in plain.people.iter_rows(named=True):
        won, n = closed[row["rep_id"]]
        assert row["n"] == n
        assert row["past"] == (pytest.approx(won / n) if n else None)
    north = [r for r in more.people.iter_rows(named=True) if r["team"] == "North"]
    implied = sum(r["target"] * r["n"] for r in north) / sum(r["n"] for r in north)
    assert more.teams.filter(pl.col("team") == "North")["target"].item() == pytest.approx(implied)


def test_people_are_tracked_against_what_is_due(
    company: Company, teams: dict[str, str | None]
) -> None:
    middle = company.at(date(2026, 8, 15))
    shared = count_targets(middle, "created.count", 460, teams=teams, window=WINDOW)
    rows = track(middle, shared, QUARTER)
    assert (rows["due"] - rows["target"] * 46 / 92).abs().max() < 1e-9  # type: ignore[operator]
    deals = middle.table("opportunities").filter(
        pl.col("created_on").is_between(QUARTER.start, QUARTER.end, closed="left")
    )
    counted = dict(deals.group_by("rep_id").len().iter_rows())
    assert all(row["value"] == counted.get(row["rep_id"], 0) for row in rows.iter_rows(named=True))
    rates = ratio_targets(middle, "win_rate.closed.count", teams=teams, window=WINDOW)
    told = track(middle, rates, QUARTER).drop_nulls("value")
    assert told.height
    assert (told["low"] <= told["value"]).all()
    assert (told["due"] == told["target"]).all()


def test_faults_say_what_to_do(company: Company, teams: dict[str, str | None]) -> None:
    with pytest.raises(MetricError, match="not a count"):
        count_targets(company, "won.amount", 5, teams=teams)
    with pytest.raises(MetricError, match="not a ratio"):
        ratio_targets(company, "won.count", teams=teams)
    with pytest.raises(ParameterError, match="nobody"):
        count_targets(company, "won.count", 5, teams={})
    with pytest.raises(ParameterError, match="improvement"):
        ratio_targets(company, "win_rate.closed.count", teams=teams, improvement=9)
