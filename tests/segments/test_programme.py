"""The return of a programme: planted lifts come back, low starters and few people prove nothing."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from spm_lib.core.calendar import Window
from spm_lib.core.language import language
from spm_lib.model import Company
from spm_lib.segments import programme_amounts, programme_return

PEOPLE, PART = 30, 10


def drawn(seed: int, *, lift: float, low_ones: bool) -> pl.DataFrame:
    """Return people of different strength in two windows with luck; the low or any take part."""
    rng = np.random.default_rng(seed)
    strength = rng.normal(100, 15, PEOPLE)
    before, after = (strength + rng.normal(0, 20, PEOPLE) for _ in range(2))
    order = np.argsort(before) if low_ones else rng.permutation(PEOPLE)
    part = np.zeros(PEOPLE, bool)
    part[order[:PART]] = True
    return pl.DataFrame({"part": part, "before": before, "after": after + 5 + lift * part})


@pytest.mark.slow
@pytest.mark.parametrize("low_ones", [False, True])
def test_intervals_hold_the_planted_lift_also_of_low_starters(low_ones: bool) -> None:
    for lift in (0.0, 40.0):
        held = paid = plain = 0
        for seed in range(150):
            made = programme_return(drawn(seed, lift=lift, low_ones=low_ones), cost=200)
            assert made.low is not None
            assert made.high is not None
            held += made.low <= PART * lift <= made.high
            paid += made.verdict == "paid"
            plain += made.plain > 200
        assert held >= 135, "95 % intervals, 150 programmes"
        assert paid <= 6 if not lift else paid >= 40
        if low_ones and not lift:
            assert plain > 75, "a plain before and after would have called it a success"


def test_the_effect_is_least_squares_by_another_route() -> None:
    frame = drawn(3, lift=25, low_ones=True)
    design = np.column_stack([np.ones(PEOPLE), frame["part"], frame["before"]])
    effect = np.linalg.lstsq(design, frame["after"].to_numpy(), rcond=None)[0][1]
    made = programme_return(frame, cost=100, margin=0.4)
    assert made.incremental == pytest.approx(0.4 * PART * effect)
    assert made.value == pytest.approx((0.4 * PART * effect - 100) / 100)


def test_without_others_nothing_is_said() -> None:
    made = programme_return(drawn(1, lift=5, low_ones=False).filter("part"), cost=10)
    assert (made.incremental, made.value, made.verdict) == (None, None, "cannot be said")
    (told,) = made.statements("ILS")
    assert "cannot be said" in told.tell(language("en"))


def test_amounts_are_those_of_won_deals(sample: Company) -> None:
    window = Window(date(2026, 1, 1), date(2026, 7, 1))
    frame = programme_amounts(sample, ["R01", "R04"], window)
    won = sample.table("opportunities").filter(
        pl.col("outcome") == "won",
        pl.col("closed_on") >= window.start,
        pl.col("closed_on") < window.end,
        pl.col("rep_id").is_not_null(),
    )
    assert frame["after"].sum() == won["amount"].sum()
    assert frame.filter("part")["rep_id"].to_list() == ["R01", "R04"]
