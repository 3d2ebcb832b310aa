"""Calls: the bias that is planted is in them, and nothing else of a company depends on them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import spm_lib
from spm_lib.simulate import PRESETS, frames, in_major_units, make_world, stream
from spm_lib.simulate.calls import WEEKS, call_truth

EARLY = pl.col("weeks") == 12


def against_what_came(made: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Per call of a closed quarter: done by its day, the rest that came, by a loop over deals."""
    won = made["opportunities"].filter(pl.col("stage") == "Closed Won")
    deals = won.select("rep_id", "closed_at", "amount").rows()
    rows = []
    for rep, start, said_on, _, amount in made["forecast_calls"].iter_rows():
        end = date(start.year + (start.month > 9), (start.month + 2) % 12 + 1, 1)
        if end > date(2026, 10, 1):
            continue
        mine = [(on, a) for who, on, a in deals if who == rep and start <= on < end]
        done = sum(a for on, a in mine if on <= said_on)
        rest = sum(a for on, a in mine if on > said_on)
        rows.append((rep, start, (end - said_on).days // 7, amount, done, rest))
    names = ["rep_id", "start", "weeks", "call", "done", "rest"]
    return pl.DataFrame(rows, schema=names, orient="row")


@pytest.fixture(scope="module")
def told(clean: dict[str, pl.DataFrame]) -> pl.DataFrame:
    return against_what_came(clean)


def test_the_planted_bias_is_in_the_calls(told: pl.DataFrame) -> None:
    truth = call_truth(make_world("clean", 5))
    seen = (
        told.filter(EARLY, ~pl.col("rep_id").str.starts_with("M"))
        .group_by("rep_id")
        .agg((pl.col("call") - pl.col("done")).sum() / pl.col("rest").sum() - 1, n=pl.len())
        .filter(pl.col("n") >= 8)
        .join(truth, on="rep_id")
    )
    found, planted = seen["call"].to_numpy(), seen["call_bias"].to_numpy()
    assert np.corrcoef(found, planted)[0, 1] > 0.8
    assert abs((found - planted).mean()) < 0.06


def test_managers_take_half_of_it_out() -> None:
    """Everybody hopes for 40 % more of the rest: reps call 1.4 of it, managers 1.2."""
    told = against_what_came(frames(replace(PRESETS["clean"], call_bias=0.4, call_bias_sd=0.0), 4))
    early = told.filter(EARLY)
    managers = pl.col("rep_id").str.starts_with("M")
    done, rest = (float(early.filter(~managers)[c].sum()) for c in ("done", "rest"))
    people, above = (float(early.filter(w)["call"].sum()) - done for w in (~managers, managers))
    assert people / rest == pytest.approx(1.4, abs=0.06)
    assert above / people == pytest.approx(1.2 / 1.4, abs=0.03)  # they share the luck


def test_calls_come_on_their_days_and_none_from_after_the_export(
    clean: dict[str, pl.DataFrame],
) -> None:
    calls = clean["forecast_calls"]
    assert (calls["submitted_at"] <= PRESETS["clean"].as_of).all()
    keys = ["rep_id", "period_start", "submitted_at", "category"]
    assert not calls.select(keys).is_duplicated().any()
    for start in calls["period_start"].unique():
        end = date(start.year + (start.month > 9), (start.month + 2) % 12 + 1, 1)
        days = set(calls.filter(pl.col("period_start") == start)["submitted_at"])
        assert days <= {end - timedelta(weeks=w) for w in WEEKS}
    assert (calls["amount"] >= 0).all()


def test_another_bias_changes_calls_and_nothing_else() -> None:
    small = replace(PRESETS["tiny"], opportunities=300)
    one, other = frames(small, 4), frames(replace(small, call_bias=0.3, call_bias_sd=0.0), 4)
    assert set(one) == set(other)
    for name, frame in one.items():
        if name != "forecast_calls":
            assert_frame_equal(frame, other[name])
    assert not one["forecast_calls"].equals(other["forecast_calls"])


def test_a_streamed_company_s_calls_are_those_of_the_same_company_in_memory(tmp_path) -> None:
    stream("tiny", 1, tmp_path, chunk=90)
    told = pl.read_parquet(tmp_path / "forecast_calls" / "*.parquet")
    made = in_major_units(frames("tiny", 1))["forecast_calls"]
    assert told.height > 100
    assert_frame_equal(told, made)
    company = spm_lib.open(tmp_path / "spm.toml")
    assert company.receipt("forecast_calls").used == told.height
