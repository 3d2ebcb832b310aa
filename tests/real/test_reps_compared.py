"""Real sets: where people cannot be told apart, where they can, where territory is the person."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import spm_lib
from spm_lib.core.language import language
from spm_lib.reps import RepComparison, compare_reps

pytestmark = pytest.mark.slow

WORKSPACES = Path(__file__).resolve().parents[1] / "data" / "workspaces"


@pytest.fixture
def compared(real_data: Path):
    assert real_data.is_dir()

    def compare(name: str, window: str | None = None) -> RepComparison:
        return compare_reps(spm_lib.open(WORKSPACES / name / "spm.toml"), window=window)

    return compare


def test_maven_agents_cannot_be_told_apart(compared) -> None:
    """Design notes 0.8: 30 reps, chi2 33.3 on 29 df, p .26, 55-70 %, true spread .9 points."""
    found = compared("maven_crm", "2017")
    assert found.table.height == 30
    test = found.rates.test
    assert (test.q, test.df, test.p) == (
        pytest.approx(33.3, abs=0.1),
        29,
        pytest.approx(0.26, abs=0.005),
    )
    assert test.phi == pytest.approx(33.3 / 29, abs=0.01)
    assert found.rates.true_sd == pytest.approx(0.009, abs=0.001)
    assert found.rates.pooling.strength == pytest.approx(3063, rel=0.15)
    assert (found.rates.frame["rate"].min(), found.rates.frame["rate"].max()) == (
        pytest.approx(0.55, abs=0.005),
        pytest.approx(0.70, abs=0.005),
    )
    assert int(found.rates.frame["won"].sum()) == 4238
    assert int(found.rates.frame["n"].sum()) == 6711
    assert not found.ranked
    assert found.table["rank_low"].null_count() == 30
    assert set(found.table["group"]) == {"A"}
    apart = {d.aspect for d in found.differences if d.differs}
    assert {"volume", "deal_size"} <= apart
    assert "cannot be told apart" in found.statements[0].tell(language("en"))


def test_powerbi_owners_differ_as_planted(compared) -> None:
    """README: rep win rates 15-95 % with n > 270, planted."""
    found = compared("powerbi_regional_sales", "2019-06-01/2021-11-11")
    frame = found.rates.frame
    assert int(frame["won"].sum()) == 7282
    assert int(frame["lost"].sum()) == 7385
    assert frame["n"].min() > 270
    assert (frame["rate"].min(), frame["rate"].max()) == (
        pytest.approx(0.15, abs=0.01),
        pytest.approx(0.95, abs=0.01),
    )
    assert found.rates.evidence == "clear"
    assert found.rates.true_sd > 0.15
    for side in ("above", "below"):
        assert found.table.filter(pl.col("standing") == side).height >= 5
    assert found.table["group"].n_unique() > 5


def test_quicksight_people_and_regions_are_one(compared) -> None:
    """README: wins run from 9 (Gerri Hinds) to 202 (Jennifer Weidman); one region each."""
    found = compared("quicksight_pipeline", "2011-01-01/2017-01-01")
    wins = dict(found.table.select("rep_id", "won").iter_rows())
    assert (min(wins, key=wins.get), wins["Gerri Hinds"]) == ("Gerri Hinds", 9)
    assert (max(wins, key=wins.get), wins["Jennifer Weidman"]) == ("Jennifer Weidman", 202)
    assert sum(wins.values()) == 616
    use = {c.column: c.use for c in found.mix_columns}
    assert use["Region"] == "one value each"
    assert any("cannot be separated" in s.tell(language("en")) for s in found.statements)


def test_bohanec_holds_back_where_deals_are_few(compared, real_data: Path) -> None:
    """README: 448 deals, 18 sellers, 15 of them with 17 deals or fewer; product is confounded."""
    deals = pl.read_csv(real_data / "bohanec_b2b" / "B2B_dataset.csv")
    counted = dict(deals.group_by("Seller").len().iter_rows())
    found = compared("bohanec_b2b")
    assert dict(found.table.select("rep_id", "n").iter_rows()) == counted
    assert sum(counted.values()) == 448
    few = found.rates.frame.filter(pl.col("n") <= 17)
    assert few.height == 15
    assert set(few["standing"]) == {""}
    assert few["p_best"].max() < 0.25  # type: ignore[operator]
    won_all = few.filter(pl.col("rate") == 1.0)
    assert won_all["shrunk"].max() < 0.9  # type: ignore[operator]
    one = few.filter(pl.col("n") == 1)
    assert (one["shrunk_high"] - one["shrunk_low"]).min() > 0.5  # type: ignore[operator]
    clear = found.rates.frame.filter(pl.col("standing") != "")
    assert set(clear["rep_id"]) == {"Seller 1", "Seller 9"}
