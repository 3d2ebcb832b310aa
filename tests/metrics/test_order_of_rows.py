"""The same deals in another order give the same figures to the last digit, bounds included."""

from __future__ import annotations

import polars as pl
import pytest

from spm_lib.metrics import measure
from spm_lib.model import company_from_frames
from tests.metrics.companies import SETTINGS, frames, random_facts

MADE = frames(random_facts(5, deals=400))


@pytest.mark.parametrize(
    "metric",
    ["win_rate.closed.value", "deal.mean_amount", "account.won_amount_mean", "cycle.won.mean_days"],
)
def test_bounds_do_not_depend_on_the_order(metric: str) -> None:
    """Sums of squares were floats, and engines add up rows in whatever order they come."""
    large = pl.col("amount").cast(pl.Float64) * 1000 + 0.37  # squares beyond 53 bits
    deals = MADE["opportunities"].with_columns(amount=large)
    turned = [deals, deals.reverse(), deals.sample(fraction=1, shuffle=True, seed=1)]
    companies = [
        company_from_frames({**MADE, "opportunities": rows}, SETTINGS, engine="polars")
        for rows in turned
    ]
    first, *others = (measure(company, metric, by="rep_id").frame for company in companies)
    assert first["low"].null_count() < first.height
    for other in others:
        assert first.equals(other)
