"""AdventureWorks: its 163 quotas beside those that could have been made before each year."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

import spm_lib
from benchmarks.quota_methods import (
    METHODS,
    OWN,
    WORKSPACE,
    YEARS,
    build,
    difference,
    knows_the_year,
    misplaced_quarters,
    odds_before,
    score,
    season_before,
    year_of,
)
from spm_lib.model import Company
from spm_lib.targets.over_time import Season

pytestmark = pytest.mark.slow


@pytest.fixture
def company(real_data: Path) -> Company:
    assert real_data.is_dir()
    return spm_lib.open(WORKSPACE)


def test_each_method_gives_out_exactly_what_the_company_gave_out(company: Company) -> None:
    quotas = company.table("targets")
    assert (quotas.height, quotas["value"].sum()) == (163, 95_714_000_00)
    for start in YEARS:
        own = year_of(quotas, start)
        for by in METHODS.values():
            made = build(company, start, by)
            assert made["value"].sum() == own["value"].sum()
            assert (made["value"] % 100_000 == 0).all()
            keys = ["rep_id", "period_start"]
            assert made.select(keys).sort(keys).equals(own.select(keys).sort(keys))


def test_nothing_of_the_year_is_known_before_it(company: Company, real_data, tmp_path) -> None:
    """The same workspace without any order from the year on gives the same quotas and odds."""
    start = date(2019, 7, 1)
    text = (WORKSPACE / "spm.toml").read_text(encoding="utf-8")
    text = text.replace("../../../../../shared/data", str(real_data))
    for raw in ("from sales", "from june"):
        assert text.count(raw) == 1
        text = text.replace(raw, f"{raw} where cast(OrderDate as date) < date '{start}'")
    text = text.replace('id = "adventureworks"', 'id = "cut"\nas_of = "2020-06-30"')
    (tmp_path / "spm.toml").write_text(text, encoding="utf-8")
    cut = spm_lib.open(tmp_path)
    assert cut.table("orders")["date"].max() < start <= company.table("orders")["date"].max()
    for by in METHODS.values():
        made = build(company, start, by)
        assert made.equals(build(cut, start, by))
        assert odds_before(company, start, made).equals(odds_before(cut, start, made))


def test_history_is_closest_and_their_own_quotas_know_the_year(company: Company) -> None:
    """Published in docs/validation.md."""
    even, history, blend = (
        score(company, name) for name in ("even", "history", "blend with a tenth even")
    )
    assert history.misplaced == pytest.approx(0.175, abs=0.001)
    assert even.misplaced == pytest.approx(0.280, abs=0.001)
    assert difference(history, even)[0] > 0
    assert difference(history, blend)[0] < 0 < difference(history, blend)[1]
    assert blend.spread.deviation < history.spread.deviation < even.spread.deviation
    assert abs(blend.size) < 0.1 < abs(history.size)
    own = score(company, OWN)
    assert own.misplaced < 0.02
    assert knows_the_year(company) > 0.95


def test_the_season_learned_before_a_year_places_its_sales_better(company: Company) -> None:
    learned = misplaced_quarters(company, season_before(company, YEARS[-1]))
    assert learned == pytest.approx(0.036, abs=0.001)
    assert misplaced_quarters(company, Season()) == pytest.approx(0.060, abs=0.001)


def test_a_share_that_is_misplaced_is_worked_out_by_hand(company: Company) -> None:
    total = 0.0
    for start in YEARS:
        end = start.replace(year=start.year + 1)
        sold: dict[str, int] = {}
        for row in (
            company.table("orders")
            .filter(pl.col("date").is_between(start, end, closed="left"))
            .rows(named=True)
        ):
            sold[row["rep_id"]] = sold.get(row["rep_id"], 0) + row["amount"]
        asked: dict[str, int] = {}
        for row in build(company, start, "history").rows(named=True):
            asked[row["rep_id"]] = asked.get(row["rep_id"], 0) + row["value"]
        here = sum(sold.get(who, 0) for who in asked)
        whole = sum(asked.values())
        total += sum(abs(asked[who] / whole - sold.get(who, 0) / here) for who in asked) / 2
    assert score(company, "history").misplaced == pytest.approx(total / 2)
