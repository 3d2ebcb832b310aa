"""Kaplan-Meier against a published table, naive loops and recovered truth."""

from __future__ import annotations

import math
import re

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spm_lib.core import DataError
from spm_lib.stats import (
    cumulative_incidence,
    kaplan_meier,
    km_quantile,
    km_quantile_interval,
)

# Freireich et al. (1963), Blood 21:699: weeks of remission under 6-MP; * still in remission.
# Table of the curve as in Cox & Oakes (1984), Analysis of Survival Data, and Kleinbaum & Klein
# (2012), Survival Analysis, chapter 2.
SIX_MP = re.findall(r"\S+", "6 6 6 6* 7 9* 10 10* 11* 13 16 17* 19* 20* 22 23 25* 32* 32* 34* 35*")
PUBLISHED = {
    6: (21, 3, 0.857),
    7: (17, 1, 0.807),
    10: (15, 1, 0.753),
    13: (12, 1, 0.690),
    16: (11, 1, 0.627),
    22: (7, 1, 0.538),
    23: (6, 1, 0.448),
}
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
WATCHED = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 2)), min_size=1, max_size=40)


def six_mp() -> pl.DataFrame:
    return kaplan_meier([int(t.strip("*")) for t in SIX_MP], ["*" not in t for t in SIX_MP])


def test_the_leukaemia_table() -> None:
    events = six_mp().filter(pl.col("events") > 0)
    found = {
        int(row["time"]): (row["at_risk"], row["events"], round(row["survival"], 3))
        for row in events.iter_rows(named=True)
    }
    assert found == PUBLISHED


def test_the_leukaemia_medians() -> None:
    # Median remission 23 weeks with 6-MP, 8 weeks with placebo (Freireich et al. 1963).
    assert km_quantile(six_mp()) == 23
    assert km_quantile(kaplan_meier(PLACEBO, [True] * 21)) == 8
    # R survival 3.x, survfit(conf.type = "log-log"): 0.95LCL 13, 0.95UCL NA; placebo 4 to 11
    assert km_quantile_interval(six_mp()) == (13, None)
    assert km_quantile_interval(kaplan_meier(PLACEBO, [True] * 21)) == (4, 11)


def test_greenwoods_error_is_the_published_one() -> None:
    # Standard errors .0764 at week 6 and .1346 at week 23 (Greenwood), turned into log-log bounds.
    for week, share, error in ((6, 0.8571, 0.0764), (23, 0.4482, 0.1346)):
        row = six_mp().filter(pl.col("time") == week).row(0, named=True)
        scaled = 1.959964 * error / (share * abs(math.log(share)))
        assert row["low"] == pytest.approx(share ** math.exp(scaled), abs=2e-3)
        assert row["high"] == pytest.approx(share ** math.exp(-scaled), abs=2e-3)


@given(watched=WATCHED)
def test_the_curves_are_those_of_naive_loops(watched: list[tuple[int, int]]) -> None:
    durations, ends = zip(*watched, strict=True)
    curve = kaplan_meier(durations, [end > 0 for end in ends])
    shares = cumulative_incidence(durations, [*ends])
    alive, met = 1.0, [0.0, 0.0, 0.0]
    for index, time in enumerate(sorted(set(durations))):
        at_risk = sum(d >= time for d in durations)
        now = [sum(d == time and e == end for d, e in watched) for end in (0, 1, 2)]
        met = [m + alive * k / at_risk for m, k in zip(met, now, strict=True)]
        alive *= 1 - (now[1] + now[2]) / at_risk
        row = curve.row(index, named=True)
        assert (row["time"], row["at_risk"]) == (time, at_risk)
        assert (row["events"], row["censored"]) == (now[1] + now[2], now[0])
        assert row["survival"] == pytest.approx(alive)
        assert shares["share_1"][index] == pytest.approx(met[1])
        whole = sum(shares.row(index)[2:])
        assert whole == pytest.approx(1)


def test_without_open_cases_the_curve_is_the_plain_share() -> None:
    times = np.random.default_rng(2).integers(1, 90, 500)
    curve = kaplan_meier(times, np.ones(500, bool))
    plain = [(times > t).mean() for t in curve["time"]]
    assert curve["survival"].to_list() == pytest.approx(plain)
    assert km_quantile(curve, 0.25) == np.quantile(times, 0.25, method="inverted_cdf")


def test_a_planted_median_is_recovered_through_censoring() -> None:
    rng = np.random.default_rng(11)
    truth = rng.exponential(100 / math.log(2), 20_000)
    watch = rng.uniform(0, 300, 20_000)
    found = km_quantile(kaplan_meier(np.minimum(truth, watch), truth <= watch))
    assert found == pytest.approx(100, rel=0.03)
    naive = float(np.median(truth[truth <= watch]))
    assert naive < 75  # what leaving the open ones out would say


def test_the_bounds_cover_the_truth() -> None:
    rng, hits = np.random.default_rng(12), 0
    for _ in range(400):
        truth, watch = rng.exponential(50, 80), rng.uniform(0, 150, 80)
        curve = kaplan_meier(np.minimum(truth, watch), truth <= watch)
        row = curve.filter(pl.col("time") <= 30).row(-1, named=True)
        hits += row["low"] <= math.exp(-30 / 50) <= row["high"]
    assert 0.92 <= hits / 400 <= 0.98


def test_a_curve_that_stays_high_has_no_median() -> None:
    curve = kaplan_meier([5, 9, 9], [True, False, False])
    assert km_quantile(curve) is None
    assert kaplan_meier([3], [False]).row(0) == (3.0, 1, 0, 1, 1.0, None, None)


@pytest.mark.parametrize("wrong", [[-1.0], [float("nan")], [1.0, 2.0]])
def test_durations_that_cannot_be_are_refused(wrong: list[float]) -> None:
    with pytest.raises(DataError, match="Durations"):
        kaplan_meier(wrong, [True])


def test_nothing_watched_is_an_empty_curve() -> None:
    assert kaplan_meier([], []).height == 0
