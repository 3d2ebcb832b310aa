"""The comparison: same numbers as the metrics, no ranking of luck, planted effects found."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from spm_lib.core.calendar import Window
from spm_lib.core.errors import DataError
from spm_lib.core.language import language
from spm_lib.metrics import measure
from spm_lib.model import Company, metric_ids
from spm_lib.reps import RepComparison, compare_reps
from spm_lib.reps.comparison.null_check import check_null_companies
from spm_lib.simulate import make_world, preset_of
from spm_lib.workspace import Scope
from tests.forecast.conftest import company_of

AS_OF = date(2026, 9, 30)
ALL = "2023-07-01/2026-10-01"


@pytest.fixture(scope="module")
def clean() -> Company:
    return company_of(replace(preset_of("clean"), opportunities=3000), 5, as_of=AS_OF)


@pytest.fixture(scope="module")
def result(clean: Company) -> RepComparison:
    return compare_reps(clean, window=ALL)


def test_rates_are_counted_by_a_loop_with_the_owner_at_the_close(
    clean: Company, result: RepComparison
) -> None:
    won: dict[str, int] = {}
    lost: dict[str, int] = {}
    for deal in clean.table("opportunities").to_dicts():
        side = {"won": won, "lost": lost}.get(deal["outcome"])
        if side is not None and date(2023, 7, 1) <= deal["closed_on"] < date(2026, 10, 1):
            side[deal["rep_id"]] = side.get(deal["rep_id"], 0) + 1
    for row in result.table.iter_rows(named=True):
        rep = row["rep_id"]
        assert (row["won"], row["lost"]) == (won.get(rep, 0), lost.get(rep, 0))
        others = [sum(v for r, v in side.items() if r != rep) for side in (won, lost)]
        assert row["peer_rate"] == pytest.approx(others[0] / sum(others))


def test_it_tells_the_numbers_of_the_metrics(clean: Company, result: RepComparison) -> None:
    rates = measure(clean, "win_rate.closed.count", by="rep_id", window=ALL).frame
    both = result.table.join(rates, on="rep_id")
    assert both.height == result.table.height
    for mine, other in (("rate", "value"), ("low", "low_right"), ("high", "high_right")):
        assert both[mine].to_numpy() == pytest.approx(both[other].to_numpy())
    assert both["n"].to_list() == both["n_right"].to_list()


def test_planted_skill_is_found_again() -> None:
    """Skill on advance and on loss, without ramp, churn or mix: wins against expectation follow."""
    preset = replace(preset_of("clean"), opportunities=5000, ramp_effect=0.0, churn=0.0, movers=0)
    found = compare_reps(company_of(preset, 8, as_of=AS_OF), window=ALL)
    staff = make_world(preset, 8).staff
    skill = dict(zip(staff.rep_ids, staff.forward_effect - staff.lose_effect, strict=True))
    seen = found.table.filter(pl.col("n") >= 50)
    truth = np.array([skill[rep] for rep in seen["rep_id"]])
    assert found.rates.evidence == "clear"
    assert np.corrcoef(truth, seen["o_e"].to_numpy())[0, 1] > 0.85
    above = [skill[r] for r in seen.filter(pl.col("standing") == "above")["rep_id"]]
    below = [skill[r] for r in seen.filter(pl.col("standing") == "below")["rep_id"]]
    assert above
    assert below
    assert min(above) > max(below)


@pytest.mark.slow
def test_where_nobody_differs_nobody_is_flagged() -> None:
    null = replace(preset_of("null_reps"), opportunities=1500)
    found = check_null_companies(company_of(null, seed, as_of=AS_OF) for seed in range(20, 28))
    assert found.companies == 8
    assert found.flagged <= 1, "the bound is 8 % of many seeds; see docs/validation.md"


def test_with_few_others_their_average_is_withheld() -> None:
    company = company_of("tiny", 1, as_of=AS_OF)
    few = company.within(Scope.reps(set(company.table("reps")["rep_id"][:4]), label="four"))
    found = compare_reps(few, window=ALL)
    assert found.table.height <= 5
    assert found.peers_withheld
    assert found.table["peer_rate"].null_count() == found.table.height
    assert any("withheld" in s.text for s in found.statements)


def test_one_persons_view_holds_one_person(clean: Company, result: RepComparison) -> None:
    rep = result.table["rep_id"][0]
    mine = compare_reps(clean.within(Scope.rep(rep)), window=ALL)
    assert mine.table["rep_id"].to_list() == [rep]
    assert mine.table["peer_rate"].to_list() == [None]
    assert "nobody to compare" in mine.statements[0].text
    assert {f.by.get("rep_id", rep) for f in mine.figures()} == {rep}


def test_new_people_are_named_as_ramping(result: RepComparison, clean: Company) -> None:
    hired = dict(clean.table("reps").select("rep_id", "hired_on").iter_rows())
    for row in result.table.iter_rows(named=True):
        assert row["ramping"] == ((date(2026, 10, 1) - hired[row["rep_id"]]).days < 180)
        assert row["days"] <= Window(date(2023, 7, 1), date(2026, 10, 1)).days


def test_every_number_is_declared_and_counted(result: RepComparison) -> None:
    figures = result.figures()
    assert {f.metric for f in figures} <= {m.id for m in metric_ids()}
    read = result.company.receipt("opportunities").read
    whole = [f for f in figures if f.metric == "rep.win_rate.heterogeneity.p"]
    assert [f.receipt.read for f in whole] == [read]


@pytest.mark.parametrize("code", ["en", "he"])
def test_findings_are_told_in_both_languages(result: RepComparison, code: str) -> None:
    for statement in result.statements:
        text = statement.tell(language(code))
        assert "{" not in text
        assert code == "en" or any("\u0590" <= c <= "\u05ff" for c in text)


def test_nobody_to_compare_is_refused_with_the_window(clean: Company) -> None:
    with pytest.raises(DataError, match="2001-01-01/2002-01-01"):
        compare_reps(clean, window="2001")


def test_the_same_seed_gives_the_same_ranks(clean: Company, result: RepComparison) -> None:
    assert compare_reps(clean, window=ALL).table.equals(result.table)
