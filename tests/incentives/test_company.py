"""Pay of a Company: won deals of the sample, orders by line, and files of decisions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

import spm_lib
from spm_lib.core.errors import PayError
from spm_lib.incentives import base_pay_of, calculate, pay_data_of, plan_from_text, read_decided
from spm_lib.incentives.border.company import known_people
from spm_lib.incentives.border.decided import read_leave
from spm_lib.model import Company, company_from_frames
from spm_lib.workspace import settings_from_text
from tests.incentives.small import component, day, paid, plan_text, small_plan

SPLITS = '[[credits]]\nid = "shared"\nto = "splits"\n'
HOUSE = '[[credits]]\nid = "nobody"\nto = "house"\n'
AS_OF = date(2026, 9, 30)
TEN = component('{ kind = "rate", rate = 0.10 }')


@pytest.fixture(scope="module")
def sample() -> Company:
    root = Path(__file__).resolve().parents[2]
    return spm_lib.open(root / "data" / "sample" / "spm.toml")


def test_ten_percent_of_what_the_sample_won_is_its_pay(sample: Company) -> None:
    """Beside it: a loop over the model's deals."""
    text = plan_text(TEN).replace("[[measures]]", HOUSE + "[[measures]]", 1)
    text = text.replace(HOUSE, "") + HOUSE
    run = calculate(plan_from_text(text), pay_data_of(sample), through="2026-08")
    due: dict[tuple[str, str], Decimal] = {}
    for deal in sample.table("opportunities").iter_rows(named=True):
        on, amount, rep = deal["closed_on"], deal["amount"], deal["rep_id"]
        if deal["outcome"] != "won" or on is None or amount is None or rep is None:
            continue
        if day("2026-01-01") <= on < day("2026-09-01"):
            key = (rep, f"{on:%Y-%m}")
            due[key] = due.get(key, Decimal(0)) + Decimal(amount) / 10
    found = {(rep, month): n for rep, month, _, n in run.totals.iter_rows()}
    expected = {key: int(value.quantize(Decimal(1), "ROUND_HALF_UP")) for key, value in due.items()}
    assert {k: v for k, v in found.items() if v} == {k: v for k, v in expected.items() if v}
    assert len(expected) > 100


FILE = """
version = 1
[workspace]
id = "acme"
name = "Acme"
currency = "ILS"
as_of = "2026-02-28"
[tables.orders]
path = "orders.csv"
[tables.reps]
path = "reps.csv"
"""


def test_of_an_order_each_line_is_a_transaction_with_its_margin() -> None:
    orders = pl.DataFrame(
        {
            "order_id": ["A", "A", "B"], "line": ["1", "2", "1"], "rep_id": ["R1", "R1", "R1"],
            "date": ["2026-01-05", "2026-01-05", "2026-02-05"], "amount": ["100.50", "20", "300"],
            "cost": ["60.50", "5", "100"], "units": ["1", "2", "3"],
        }
    )  # fmt: skip
    reps = pl.DataFrame({"rep_id": ["R1"], "name": ["Noa"], "hired_on": ["2025-01-01"]})
    settings = settings_from_text(FILE)
    company = company_from_frames({"orders": orders, "reps": reps}, settings)
    margin = '[[measures]]\nid = "margin"\nbase = "margin"\n'
    plan = small_plan(margin + component('{ kind = "rate", rate = 0.1 }', measure='"margin"'))
    run = calculate(plan, pay_data_of(company, "orders"))
    assert paid(run) == {"01": "5.5", "02": "20"}
    assert run.transactions["transaction_id"].to_list() == ["A/1", "A/2", "B/1"]
    with pytest.raises(PayError, match="no opportunities to pay for"):
        pay_data_of(company)


def test_base_pay_to_come_is_what_the_ledger_calls_people_in_the_last_whole_year() -> None:
    """As of the last of a month that month is in it, by whatever name; other costs are not."""
    costs = pl.DataFrame(
        [
            ("2025-09-01", "salaries", "1000"), ("2025-10-01", "Salary", "1200"),
            ("2026-03-01", "payroll ", "600"), ("2026-09-01", "salaries", "300"),
            ("2026-09-01", "commission", "5000"), ("2026-09-01", "tools", "70"),
            ("2026-10-01", "salaries", "1000"),
        ],
        schema=["period_start", "kind", "amount"],
        orient="row",
    )  # fmt: skip
    orders = pl.DataFrame({"order_id": ["A"], "line": ["1"], "date": ["2026-01-05"]})
    frames, settings = {"costs": costs, "orders": orders}, settings_from_text(FILE)
    company = company_from_frames(frames, settings, as_of=AS_OF)
    year, quarter = (date(2027, 1, 1), date(2028, 1, 1)), (date(2027, 1, 1), date(2027, 4, 1))
    assert base_pay_of(company, *year) == 2_100_00
    assert base_pay_of(company, *quarter) == 525_00
    frames["costs"] = costs.filter(pl.col("kind") == "tools")
    assert base_pay_of(company_from_frames(frames, settings, as_of=AS_OF), *year) is None


def test_decisions_are_read_from_files_beside_the_plan(tmp_path: Path) -> None:
    plan = small_plan(TEN)
    (tmp_path / "small.adjustments.csv").write_text(
        "adjustment_id,rep_id,date,amount,kind,reason,approver,transaction_id\n"
        "A1,R1,2026-01-31,7.25,dispute,late order,Dana,\n",
        encoding="utf-8",
    )
    found = read_decided(plan, tmp_path)
    assert found["adjustments"].row(0, named=True)["amount"] == 725
    assert list(found) == ["adjustments"]
    (tmp_path / "small.scores.csv").write_text(
        "rep_id,period_start,objective,score\nR1,01/31/2026,a,1\n", encoding="utf-8"
    )
    with pytest.raises(PayError, match=r"small\.scores\.csv cannot be read"):
        read_decided(plan, tmp_path)


@pytest.mark.parametrize(
    ("table", "text", "told"),
    [
        ("scores", "rep_id,period_start,objective,score\nR1,2026-01-01,a,1\nR1,31/01/2026,a,1\n",
         "row 3, period_start: '31/01/2026'"),
        ("scores", "rep_id,period_start,objective,score\nR1,2026-01-01,a,=1+1\n",
         "row 2, score: '=1+1'"),
        ("splits", "transaction_id,rep_id,share\nD1,R1,NaN\n", "row 2, share: 'NaN'"),
        ("cancellations", "transaction_id,date,term_months\nD1,2026-01-01,twelve\n",
         "row 2, term_months: 'twelve'"),
        ("quotas", "rep_id,quota,period_start,period_end,value\nR1,a,2026-01-01,2026-02-01,9e99\n",
         "row 2, value: '9e99'"),
        ("splits", "transaction_id,rep_id\nD1,R1\n", "no column share"),
        ("adjustments", "adjustment_id,rep_id,date,amount,kind,reason,approver\n"
         "A1,R1,2026-12-31,5,x,y,z\nA2,R1,2027-01-01,5,x,y,z\n", "Found: A2 (2027-01-01)"),
        ("score", "rep_id\n", "small.score.csv. What to do: Did you mean 'scores'?"),
    ],
)  # fmt: skip
def test_a_broken_file_of_decisions_is_told_by_row_and_value(
    table: str, text: str, told: str, tmp_path: Path
) -> None:
    (tmp_path / f"small.{table}.csv").write_text(text, encoding="utf-8")
    with pytest.raises(PayError) as error:
        read_decided(small_plan(TEN), tmp_path)
    assert told in str(error.value)


def test_leave_that_ends_before_it_began_is_refused(tmp_path: Path) -> None:
    """Read as no leave at all it would be a worked month."""
    file = tmp_path / "small.leave.csv"
    head = "rep_id,valid_from,valid_to\nR1,2026-03-01,2026-04-01\n"
    file.write_text(head, encoding="utf-8")
    leave = read_leave(small_plan(TEN), tmp_path)
    assert leave is not None
    assert leave.row(0)[1:3] == (day("03-01"), day("04-01"))
    file.write_text(head + "R2,2026-05-09,2026-05-09\nR3,2026-05-09,\n", encoding="utf-8")
    with pytest.raises(PayError) as error:
        read_leave(small_plan(TEN), tmp_path)
    assert "Found: R2 (2026-05-09 to 2026-05-09), R3 (2026-05-09 to None)" in str(error.value)


def test_leave_of_nobody_is_refused(tmp_path: Path) -> None:
    """Without a rep_id it would be left out in silence, and a worked month."""
    file = tmp_path / "small.leave.csv"
    file.write_text("rep_id,valid_from,valid_to\n,2026-03-01,2026-04-01\n", encoding="utf-8")
    with pytest.raises(PayError, match="is of nobody") as error:
        read_decided(small_plan(TEN), tmp_path, people={"R1"})
    assert "2026-03-01 to 2026-04-01" in str(error.value)


def test_who_is_hired_after_the_day_is_known(tmp_path: Path) -> None:
    """Next month's leave and quotas of a new colleague lie beside the plan already."""
    reps = {"rep_id": ["R1", "R2"], "name": ["Noa", "Dan"], "role": ["rep", None],
            "hired_on": ["2020-01-01", "2026-03-15"]}  # fmt: skip
    orders = {"order_id": ["O1"], "rep_id": ["R1"], "date": ["2026-02-01"], "amount": ["100"]}
    frames = {"orders": pl.DataFrame(orders), "reps": pl.DataFrame(reps)}
    company = company_from_frames(frames, settings_from_text(FILE))
    assert company.table("reps")["rep_id"].to_list() == ["R1"]
    assert known_people(company) == {"R1": "rep", "R2": None}
    nobody = company_from_frames({"orders": pl.DataFrame(orders)}, settings_from_text(FILE))
    assert known_people(nobody) == {}
    (tmp_path / "small.leave.csv").write_text(
        "rep_id,valid_from,valid_to\nR2,2026-05-01,2026-06-01\n", encoding="utf-8"
    )
    assert read_decided(small_plan(TEN), tmp_path, people=known_people(company)) == {}


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("leave", "rep_id,valid_from,valid_to\nR1,2026-03-01,2026-04-01\n"
         "Rl,2026-03-01,2026-04-01\n"),
        ("payees", "rep_id,currency\nR1,USD\nRl,USD\n"),
        ("scores", "rep_id,period_start,objective,score\nR1,2026-01-01,a,1\nRl,2026-01-01,a,1\n"),
        ("splits", "transaction_id,rep_id,share\nD1,R1,0.5\nD1,Rl,0.5\n"),
    ],
)  # fmt: skip
def test_a_file_that_names_somebody_unknown_is_refused_by_row_and_value(
    table: str, text: str, tmp_path: Path
) -> None:
    """An R-one typed as R-ell: the leave of nobody would be a worked month of somebody."""
    (tmp_path / f"small.{table}.csv").write_text(text, encoding="utf-8")
    plan = small_plan(TEN)
    with pytest.raises(PayError) as error:
        read_decided(plan, tmp_path, people={"R1", "R2"})
    told = str(error.value)
    assert f"small.{table}.csv names people whom nobody knows." in told
    assert "row 3, rep_id: 'Rl'" in told
    assert "table reps" in told
    read_decided(plan, tmp_path, people={"R1", "Rl"})


def test_quotas_of_units_are_units_and_of_money_are_money(tmp_path: Path) -> None:
    plan = small_plan('[[measures]]\nid = "boxes"\nbase = "units"\n' + TEN)
    (tmp_path / "small.quotas.csv").write_text(
        "rep_id,quota,period_start,period_end,value\n"
        "R1,boxes,2026-01-01,2027-01-01,60\nR1,sales,2026-01-01,2027-01-01,60\n",
        encoding="utf-8",
    )
    assert read_decided(plan, tmp_path)["quotas"]["value"].to_list() == [60, 6000]


def test_splits_and_quotas_beside_the_plan_go_before_the_companys(tmp_path: Path) -> None:
    """R12 shares a deal with R05 and has another quota; R05 has relief on top of the targets."""
    root = Path(__file__).resolve().parents[2]
    company = spm_lib.open(root / "data" / "sample" / "spm.toml")
    deal = "OP-106196"
    (tmp_path / "small.splits.csv").write_text(
        f"transaction_id,rep_id,share\n{deal},R12,0.6\n{deal},R05,0.4\n", encoding="utf-8"
    )
    (tmp_path / "small.quotas.csv").write_text(
        "rep_id,quota,period_start,period_end,value,kind\n"
        "R12,won.amount,2026-09-01,2026-10-01,1000,\n"
        "R05,won.amount,2026-09-01,2026-10-01,-10,relief\n",
        encoding="utf-8",
    )
    plan = small_plan(TEN)
    plain, decided = pay_data_of(company), read_decided(plan, tmp_path)
    data = pay_data_of(company, **decided)  # type: ignore[arg-type]
    assert set(data.splits.filter(pl.col("transaction_id") == deal)["rep_id"]) == {"R05", "R12"}
    own = data.quotas.filter((pl.col("rep_id") == "R12") & (pl.col("quota") == "won.amount"))
    assert own["value"].to_list() == [1000_00]
    both = data.quotas.filter(pl.col("rep_id") == "R05")
    before = plain.quotas.filter(pl.col("rep_id") == "R05")
    assert both["value"].sum() == before["value"].sum() - 10_00
    assert (
        data.quotas.filter(~pl.col("rep_id").is_in(["R05", "R12"]))
        .sort(pl.all())
        .equals(plain.quotas.filter(~pl.col("rep_id").is_in(["R05", "R12"])).sort(pl.all()))
    )
