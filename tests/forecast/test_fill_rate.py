"""Columns filled only when a deal closes are refused as features, by name."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from spm_lib.forecast import history_of, reps_of
from spm_lib.forecast.past.fill_rate import refused_columns, traits_told
from spm_lib.model import Company, company_from_frames
from spm_lib.simulate import preset_of
from tests.forecast.conftest import settings, simulated

SMALL = replace(preset_of("tiny"), opportunities=1200)


def with_column(values: pl.Expr, *, name: str = "source") -> Company:
    frames = simulated(SMALL, 1)
    frames["opportunities"] = frames["opportunities"].with_columns(values.alias(name))
    return company_from_frames(frames, settings())


CLOSED = pl.col("stage").str.starts_with("Closed")
NUMBER = pl.int_range(pl.len())


def test_a_column_filled_at_the_close_is_refused_by_name() -> None:
    """As Maven's account: empty for two thirds of open deals, full for closed ones."""
    company = with_column(pl.when(CLOSED | (NUMBER % 3 == 0)).then(pl.format("a{}", NUMBER % 4)))
    refused = {found.column: found for found in refused_columns(company)}
    assert "source" in refused
    opened = company.table("opportunities").filter(pl.col("outcome") == "open")["source"]
    assert refused["source"].open_filled == 1 - opened.null_count() / len(opened)
    assert refused["source"].closed_filled == 1.0
    assert "source" not in traits_told(company)
    assert "source" not in history_of(company, reps=reps_of(company)).lives.traits


def test_a_column_filled_alike_is_used() -> None:
    company = with_column(pl.when(NUMBER % 5 != 0).then(pl.format("a{}", NUMBER % 4)))
    assert "source" not in {found.column for found in refused_columns(company)}
    traits = history_of(company, reps=reps_of(company)).lives.traits
    assert set(traits["source"]) == {-1, 0, 1, 2, 3}


def test_a_column_of_a_hundred_names_is_no_trait() -> None:
    company = with_column(pl.format("a{}", NUMBER % 100))
    assert "source" not in traits_told(company)
