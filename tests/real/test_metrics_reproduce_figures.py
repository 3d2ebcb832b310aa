"""The metrics reproduce the figures that were measured from the real files by other means."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from spm_lib.metrics import attainment, cycle_time, measure, stage_conversion
from spm_lib.model import Company, open_company

WORKSPACES = Path(__file__).resolve().parents[1] / "data" / "workspaces"
ENGINES = pytest.mark.parametrize("engine", ["polars", "duckdb"])

pytestmark = [pytest.mark.usefixtures("real_data"), pytest.mark.slow]


def opened(name: str, **how: str) -> Company:
    return open_company(WORKSPACES / name / "spm.toml", **how)


def value(co: Company, metric: str, **how: object) -> float | int | None:
    return measure(co, metric, **how).frame["value"].item()


def by(co: Company, metric: str, column: str) -> dict:
    frame = measure(co, metric, by=column).frame
    return dict(frame.select(column, "value").rows())


@ENGINES
def test_maven(engine: str) -> None:
    co = opened("maven_crm", engine=engine)
    assert value(co, "won.count") == 4_238
    assert value(co, "won.amount") == 10_005_534_00
    assert value(co, "lost.count") == 2_473
    assert round(value(co, "win_rate.closed.count") or 0, 4) == 0.6315
    assert by(co, "open.count", "stage") | {"Engaging": 1_589, "Prospecting": 500} == by(
        co, "open.count", "stage"
    )
    assert by(co, "won.amount", "team") == {
        "Central": 3_346_293_00,
        "East": 3_090_594_00,
        "West": 3_568_647_00,
    }


@ENGINES
def test_quicksight(engine: str) -> None:
    co = opened("quicksight_pipeline", engine=engine)
    assert value(co, "won.count") == 616
    assert value(co, "won.amount") == 145_734_174_00
    assert value(co, "lost.count") == 7_980
    assert value(co, "open.count") == 975
    wins = by(co, "won.count", "rep_id")
    assert (min(wins.values()), max(wins.values())) == (9, 202)
    assert (wins["Gerri Hinds"], wins["Jennifer Weidman"]) == (9, 202)
    assert cycle_time(co)["value"].item() == 115
    rows = stage_conversion(co).to_dicts()
    assert rows[-1]["advanced"] == 616
    assert sum(row["lost"] for row in rows) == 7_980
    assert sum(row["still_open"] for row in rows) == 975


@pytest.mark.parametrize(
    ("day", "won", "amount", "lost", "still_open"),
    [
        ("2021-11-10", 7_282, 26_435_925_00, 7_385, 5_333),
        ("2021-11-09", 7_279, 26_419_249_00, 7_380, 5_341),
    ],
)
def test_powerbi(day: str, won: int, amount: int, lost: int, still_open: int) -> None:
    co = opened("powerbi_regional_sales", as_of=day)
    assert value(co, "won.count") == won
    assert value(co, "won.amount") == amount
    assert value(co, "lost.count") == lost
    assert value(co, "open.count") == still_open
    if day == "2021-11-10":
        assert value(co, "open.amount") == 27_812_381_00


def test_adventureworks() -> None:
    co = opened("adventureworks")
    to_may = (date(2015, 1, 1), date(2020, 6, 1))
    assert value(co, "orders.amount", window=to_may) == 77_548_570_20
    assert value(co, "orders.count", window=to_may) == 3_616
    assert value(co, "orders.amount") == 80_977_720_21
    all_quotas = (date(2017, 7, 1), date(2020, 7, 1))
    in_may = co.at(date(2020, 5, 31))
    quotas = attainment(in_may, by=["rep_id", "quarter"], window=all_quotas).drop_nulls("target")
    assert quotas.height == 163
    assert quotas["target"].sum() == 95_714_000_00
    assert round(quotas["value"].mean(), 2) == 0.84
