"""The published baselines (design notes on methods, section 3) come out of the backtest again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

import spm_lib
from spm_lib.forecast import forecast_bookings, method_named, run_backtest
from spm_lib.forecast.past.fill_rate import refused_columns

pytestmark = pytest.mark.slow

WORKSPACES = Path(__file__).resolve().parents[1] / "data" / "workspaces"
DRAWS = 200
NAIVE = ("last_period", "same_month_last_year", "run_rate")
FLOOR = (*NAIVE, "snapshot_conversion")
WEIGHED = (*FLOOR, "stage_weighted", "close_date")


@pytest.fixture(scope="module")
def pipeline(real_data: Path):
    """Protocol Q: 36 month ends 2013-12..2016-11, actuals by the first Closed row of a lead."""
    assert real_data.is_dir()
    company = spm_lib.open(WORKSPACES / "quicksight_pipeline" / "spm.toml")
    assert company.as_of == date(2016, 12, 31)
    return company


@pytest.fixture(scope="module")
def months(pipeline) -> pl.DataFrame:
    methods = [method_named(name) for name in WEIGHED]
    backtest = run_backtest(pipeline, grain="month", methods=methods, origins=36, draws=DRAWS)
    return backtest.track_record()


@pytest.fixture(scope="module")
def quarters(pipeline) -> pl.DataFrame:
    methods = [method_named(name) for name in FLOOR]
    backtest = run_backtest(pipeline, grain="quarter", methods=methods, origins=12, draws=DRAWS)
    return backtest.track_record()


def row(record: pl.DataFrame, method: str, level: str) -> dict:
    return record.filter((pl.col("method") == method) & (pl.col("level") == level)).row(
        0, named=True
    )


# method, level, WAPE, bias as published; these are the same formulas, so they agree to the digit.
SAME = [
    ("last_period", "company", 0.296, -0.01),
    ("last_period", "rep", 0.773, -0.01),
    ("same_month_last_year", "company", 0.451, -0.42),
    ("same_month_last_year", "rep", 0.751, -0.42),
    ("run_rate", "company", 0.251, -0.08),
    ("run_rate", "rep", 0.665, -0.08),
]


@pytest.mark.parametrize(("method", "level", "wape", "bias"), SAME)
def test_naive_methods_on_months(months: pl.DataFrame, method, level, wape, bias) -> None:
    found = row(months, method, level)
    assert found["windows"] == 36
    assert found["wape"] == pytest.approx(wape, abs=0.0015)
    assert found["bias"] == pytest.approx(bias, abs=0.006)


@pytest.mark.parametrize(
    ("method", "level", "wape", "bias"),
    [
        ("last_period", "company", 0.132, -0.11),
        ("last_period", "rep", 0.506, -0.11),
        ("same_month_last_year", "company", 0.420, -0.42),
        ("same_month_last_year", "rep", 0.548, -0.42),
        ("run_rate", "company", 0.135, -0.11),
        ("run_rate", "rep", 0.507, -0.11),
    ],
)
def test_naive_methods_on_quarters(quarters: pl.DataFrame, method, level, wape, bias) -> None:
    found = row(quarters, method, level)
    assert found["windows"] == 12
    assert found["wape"] == pytest.approx(wape, abs=0.0015)
    assert found["bias"] == pytest.approx(bias, abs=0.006)


def test_the_floor_on_months(months: pl.DataFrame) -> None:
    """Published b3: .201 / +.02 / .142 / .64 (company), .536 / +.02 / .386 / .70 (rep).

    The spacing of snapshots (here 14 days over two years) is not published, hence the tolerance;
    our range holds the shock too, so it covers more. Per rep our new business is not shrunk.
    """
    company, rep = (
        row(months, "snapshot_conversion", "company"),
        row(months, "snapshot_conversion", "rep"),
    )
    assert company["wape"] == pytest.approx(0.201, abs=0.01)
    assert company["bias"] == pytest.approx(0.02, abs=0.02)
    assert company["ncrps"] == pytest.approx(0.142, abs=0.012)
    assert rep["wape"] == pytest.approx(0.536, abs=0.04)
    assert rep["ncrps"] == pytest.approx(0.386, abs=0.02)
    for found in (company, rep):
        assert found["coverage_low"] <= 0.87
        assert found["coverage80"] > 0.75


def test_the_floor_on_quarters(quarters: pl.DataFrame) -> None:
    """Published b3: .113 / -.06 / .087 (company), .423 / -.06 / .308 (rep)."""
    company, rep = (
        row(quarters, "snapshot_conversion", "company"),
        row(quarters, "snapshot_conversion", "rep"),
    )
    assert company["wape"] == pytest.approx(0.113, abs=0.01)
    assert company["bias"] == pytest.approx(-0.06, abs=0.04)
    assert company["ncrps"] == pytest.approx(0.087, abs=0.02)
    assert rep["wape"] == pytest.approx(0.423, abs=0.02)


def test_stage_weights_are_biased_upwards_by_hundreds_of_percent(months: pl.DataFrame) -> None:
    """Published: +522 % (all open) and +125 % (by close date), with the CRM's own weights.

    Ours are the won shares of closed deals, re-estimated at each origin, so they differ a little.
    """
    assert row(months, "stage_weighted", "company")["bias"] > 3
    assert 0.7 < row(months, "close_date", "company")["bias"] < 1.5


def test_the_pipeline_beats_the_naive_methods_here(pipeline) -> None:
    found = forecast_bookings(pipeline, scenarios=DRAWS)
    assert not method_named(found.champion.method).naive
    assert found.champion.beats_naive
    assert len(found.reasons) == 975
    assert found.ladder.level == 2


@pytest.fixture(scope="module")
def maven(real_data: Path):
    assert real_data.is_dir()
    return spm_lib.open(WORKSPACES / "maven_crm" / "spm.toml")


def test_a_plain_export_is_offered_what_needs_no_stages(maven) -> None:
    found = forecast_bookings(maven, scenarios=DRAWS)
    assert set(found.ladder.offered) == {
        "run_rate",
        "last_period",
        "same_month_last_quarter",
        "hazard",
        "hybrid",
        "mean_with_season",
        "season_by_shares",
    }
    assert found.champion.method == "same_month_last_quarter"
    assert not found.champion.beats_naive
    assert "Nothing beat the naive methods on this history" in found.champion.reason.text
    assert found.statements[0] is found.champion.reason  # the first line of the report


def test_the_account_tells_open_from_closed_and_is_refused(maven) -> None:
    """68 % of open deals have no account, and no closed one."""
    (refused,) = refused_columns(maven)
    assert refused.column == "account_id"
    assert refused.open_filled == pytest.approx(1 - 1425 / 2089)
    assert refused.closed_filled == 1.0


def test_the_flag_of_the_latest_row_is_refused(pipeline) -> None:
    """Whether a row of the log is a deal's last one is known afterwards only."""
    assert [(r.column, r.moving) for r in refused_columns(pipeline)] == [
        ("Latest Status Entry", True)
    ]


@pytest.mark.proof  # the champion of a test above is chosen by fewer months
def test_the_hazard_beats_the_floor_on_the_first_24_months(pipeline) -> None:
    """The months on which it was developed; how it did later is in docs/validation.md."""
    early = pipeline.at(date(2015, 12, 31))
    methods = [method_named("snapshot_conversion"), method_named("hybrid")]
    record = run_backtest(early, origins=24, draws=DRAWS, methods=methods).track_record()
    for level, share in (("company", 0.85), ("rep", 0.72)):
        floor, hybrid = (row(record, m.id, level)["ncrps"] for m in methods)
        assert hybrid < share * floor


def test_the_past_alone_chooses_nearly_the_best_on_a_plain_export(maven) -> None:
    """After three scored origins the champion is within 10 % of the best in hindsight."""
    scores = run_backtest(maven, grain="month", origins=7, draws=DRAWS).scores
    later = scores.filter(
        (pl.col("level") == "company") & (pl.col("origin") > scores["origin"].unique().sort()[2])
    )
    crps = dict(later.group_by("method").agg(pl.col("crps").sum()).iter_rows())
    assert crps.pop("champion") <= 1.1 * min(crps.values())


def test_maven_by_protocol_m(maven) -> None:
    """Seven month ends 2017-05-31..11-30. Published: last period .346 (total) and .510 (rep)."""
    record = run_backtest(maven, grain="month", origins=7, draws=DRAWS).track_record()
    company, rep = row(record, "last_period", "company"), row(record, "last_period", "rep")
    assert company["windows"] == 7
    assert company["wape"] == pytest.approx(0.346, abs=0.002)
    assert rep["wape"] == pytest.approx(0.510, abs=0.002)
    season = row(record, "same_month_last_quarter", "company")
    # Published .100 moves the window by days; moved by calendar months it is better still.
    assert season["wape"] < 0.101
