"""The worked examples V01 to V09, from a plan file through the whole chain, as written."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from spm_lib.incentives import calculate, pay_data
from tests.incentives.small import (
    component,
    day,
    deals,
    decimals,
    paid,
    people,
    quotas,
    small_plan,
)

Case = dict[str, dict[str, Any]]
ONE = people("R1")
EVERYTHING = component('{ kind = "rate", rate = 1 }')


def band_list(rows: list[dict[str, Any]], rate: str = "rate", end: str = "up_to") -> str:
    told = [f"up_to = {row[end]}, " if row[end] else "" for row in rows]
    pairs = zip(told, rows, strict=True)
    return f"[{', '.join(f'{{ {up}rate = {row[rate]} }}' for up, row in pairs)}]"


def same(found: str | None, expected: str) -> bool:
    return Decimal(found or "0") == Decimal(expected)


def test_v01(examples: Case) -> None:
    given, expected = examples["V01"]["inputs"], examples["V01"]["expected"]
    for name, case in given["cases"].items():
        how = {"marginal": "marginal", "whole_amount": "whole"}[case["mode"]]
        table = f'{{ kind = "table", of = "base", bands = {band_list(given["tiers"])} }}'
        plan = small_plan(component(table), table=f'"{how}"', boundary='"upper"')
        data = pay_data(transactions=deals(("D1", "R1", "01-10", case["sales"])), people=ONE)
        assert same(paid(calculate(plan, data)).get("01"), expected[name]["commission"])


def test_v02(examples: Case) -> None:
    given, expected = examples["V02"]["inputs"], examples["V02"]["expected"]
    table = f'{{ kind = "table", of = "base", bands = {band_list(given["tiers"])} }}'
    plan = small_plan(component(table, grouping='"to_date"', true_up='"deduct"'))
    for name, case in given["cases"].items():
        rows = deals(("D1", "R1", "01-10", case["ytd_before"]), ("D2", "R1", "02-10", case["deal"]))
        run = calculate(plan, pay_data(transactions=rows, people=ONE))
        assert same(paid(run).get("02"), expected[name]["commission"])


def test_v03(examples: Case) -> None:
    given, expected = examples["V03"]["inputs"], examples["V03"]["expected"]
    target = '[[target_pay]]\namount = 10000\nper = "month"\n'
    pays = '{ kind = "goal", threshold = 0.70, accelerators = [{ over = 1, factor = 2 }] }'
    cap = '{ on = "component", times_target = 2.00 }'
    plan = small_plan(target + component(pays, weight="1", cap=cap), boundary='"lower"')
    quota = quotas(("R1", "sales", "01-01", "02-01", given["quota"]))
    for name, case in given["cases"].items():
        rows = deals(("D1", "R1", "01-10", case["actual"]))
        run = calculate(plan, pay_data(transactions=rows, people=ONE, quotas=quota))
        row = run.earnings.row(0, named=True)
        assert row["attainment"] == Decimal(expected[name]["attainment"])
        assert same(paid(run).get("01"), expected[name]["payout"])
        before = expected[name].get("payout_before_cap", expected[name]["payout"])
        assert (row["exact"] + row["withheld"]) / 100 == Decimal(before)


def test_v04(examples: Case) -> None:
    given, expected = examples["V04"]["inputs"], examples["V04"]["expected"]
    target = '[[target_pay]]\namount = 100000\nper = "month"\n'
    rest = {"up_to": None, "multiplier": "1.0"}
    tables = {"A": given["plan_A_bands"], "B": [given["plan_B_first_band"], rest]}
    quota = quotas(("R1", "sales", "01-01", "02-01", given["quota"]))
    for name, case in given["cases"].items():
        bands = band_list(tables[case["plan"]], rate="multiplier")
        pays = f'{{ kind = "table", of = "attainment", times = "target", bands = {bands} }}'
        keys = {"at_target": "0.75"} if case["plan"] == "B" else {}
        plan = small_plan(target + component(pays, weight="1", **keys))
        rows = deals(("D1", "R1", "01-10", case["actual"]))
        run = calculate(plan, pay_data(transactions=rows, people=ONE, quotas=quota))
        assert run.earnings["attainment"][0] == Decimal(expected[name]["attainment"])
        assert same(paid(run).get("01"), expected[name]["payout"])


MONTHS = {"JAN": "01", "FEB": "02", "MAR": "03", "APR": "04", "JUN": "06", "JUL": "07",
          "AUG": "08", "SEP": "09", "OCT": "10"}  # fmt: skip


def test_v05(examples: Case) -> None:
    given, expected = examples["V05"]["inputs"], examples["V05"]["expected"]
    draw = f"""[[draws]]
    amount = {given["guarantee"]}
    recoverable = true
    form = "guarantee"
    pays_from = 2026-06-01
    """
    rows = deals(*[(m, "R1", f"{MONTHS[m]}-15", amount) for m, amount in given["earned"]])
    run = calculate(small_plan(draw + EVERYTHING), pay_data(transactions=rows, people=ONE))
    owed = dict(run.balances.select("period", "amount").iter_rows())
    changed = run.payments.filter(pl.col("kind").is_in(["draw", "recovery"]))
    by_month = dict(changed.group_by("period").agg(pl.col("amount").sum()).iter_rows())
    for row in expected["rows"]:
        month = MONTHS[row["period"]]
        assert same(paid(run)[month], row["paid"])
        assert by_month[f"2026-{month}"] == int(row["adjustment"]) * 100
        assert owed.get(f"2026-{month}", 0) == int(row["owed_after"]) * 100


def test_v06(examples: Case) -> None:
    given, expected = examples["V06"]["inputs"]["cases"], examples["V06"]["expected"]
    both = people("A", "B")
    shares = decimals([("D1", r, s) for r, s in given["a"]["split"].items()],
                      ["transaction_id", "rep_id", "share"])  # fmt: skip
    by_split = '[[credits]]\nid = "shared"\nto = "splits"\n'
    text = component(f'{{ kind = "rate", rate = {given["a"]["rate"]} }}')
    plan = plan_with_splits_first(by_split, text)
    rows = deals(("D1", "", "01-10", given["a"]["deal"]))
    run = calculate(plan, pay_data(transactions=rows, people=both, splits=shares))
    assert all(same(paid(run, rep)["01"], pay) for rep, pay in expected["a"].items())

    units = '[[measures]]\nid = "units"\nbase = "units"\n'
    spif = component(
        f'{{ kind = "bonus", amount = {given["b"]["spif_per_unit"]}, per = "unit" }}',
        id='"spif"', measure='"units"',
    )  # fmt: skip
    plan = small_plan(units + component(f'{{ kind = "rate", rate = {given["b"]["rate"]} }}') + spif)
    rows = deals(("D1", "R1", "01-10", "100000"), units=[int(given["b"]["units"])])
    run = calculate(plan, pay_data(transactions=rows, people=ONE))
    earned = dict(run.earnings.select("component", "amount").iter_rows())
    assert earned == {"main": 800_000, "spif": 500_000}
    assert same(paid(run)["01"], expected["b"]["total"])

    thirds = decimals([("D1", r, "0.333333333333") for r in given["c"]["equal_parts"]],
                      ["transaction_id", "rep_id", "share"])  # fmt: skip
    rows = deals(("D1", "", "01-10", given["c"]["commission"]))
    plan = plan_with_splits_first(by_split, EVERYTHING)
    run = calculate(plan, pay_data(transactions=rows, people=people("X", "Y", "Z"), splits=thirds))
    assert all(same(paid(run, rep)["01"], pay) for rep, pay in expected["c"].items())


def plan_with_splits_first(rule: str, rest: str) -> Any:
    from spm_lib.incentives import plan_from_text
    from tests.incentives.small import plan_text

    return plan_from_text(plan_text(rest).replace("[[credits]]", rule + "[[credits]]", 1))


@pytest.mark.parametrize("case", ["a", "b", "c", "d"])
def test_v07(examples: Case, case: str) -> None:
    given, expected = examples["V07"]["inputs"]["cases"][case], examples["V07"]["expected"][case]
    how = {"pro_rata_unserved": "pro_rata", "full_of_paid": "full"}[given["rule"]]
    window = f"window_days = {given['window_days']}\n" if "window_days" in given else ""
    clawback = f'[clawback]\nhow = "{how}"\n{window}paid_only = true\nattainment = false\n'
    release = {"b": '{ on = "booking", parts = [0.5, 0.5] }', "c": '{ on = "collection" }'}
    plan = small_plan(
        clawback + component('{ kind = "rate", rate = 1 }', release=release.get(case, ""))
    )
    ends = {"a": "2026-07-01", "b": "2026-01-20", "c": "2026-01-20", "d": "2026-05-01"}[case]
    cancelled = pl.DataFrame(
        [("D1", day(ends), int(given.get("term_months", 12)), None)],
        schema={"transaction_id": pl.String, "date": pl.Date, "term_months": pl.Int64,
                "served_months": pl.Int64}, orient="row",
    )  # fmt: skip
    amount = given.get("paid", "1000")
    data = pay_data(transactions=deals(("D1", "R1", "01-01", amount)), people=ONE,
                    cancellations=cancelled)  # fmt: skip
    run = calculate(plan, data, through="2026-12")
    taken = run.payments.filter(pl.col("kind") == "clawback")["amount"].sum()
    assert taken == int(Decimal(expected["clawback"]) * 100)
    kept = run.payments["amount"].sum()
    assert kept == int(Decimal(expected["kept"]) * 100)
    if taken:
        assert set(run.payments.filter(pl.col("kind") == "clawback")["transaction_id"]) == {"D1"}


def test_v08(examples: Case) -> None:
    given, expected = examples["V08"]["inputs"], examples["V08"]["expected"]
    target = f'[[target_pay]]\namount = {given["target_variable"]}\nper = "month"\n'
    ids = [name.replace(" ", "-") for name, _, _ in given["objectives"]]
    scores = decimals(
        [("R1", day("01-01"), i, s) for i, (_, _, s) in zip(ids, given["objectives"], strict=True)],
        ["rep_id", "period_start", "objective", "score"],
    )
    for name, case in given["cases"].items():
        cap = f", cap = {case['objective_cap']}" if case["objective_cap"] else ""
        pairs = zip(ids, given["objectives"], strict=True)
        told = ", ".join(f'{{ id = "{i}", weight = {w}{cap} }}' for i, (_, w, _) in pairs)
        pays = f'{{ kind = "score", objectives = [{told}] }}'
        plan = small_plan(target + component(pays, measure="", weight="1", tag='"premium"'))
        run = calculate(plan, pay_data(transactions=deals(), people=ONE, scores=scores),
                        through="2026-01")  # fmt: skip
        assert same(paid(run)["01"], expected[name]["payout"])


@pytest.mark.parametrize(("way", "true_up"), [("approach_1", "deduct"), ("approach_2", "own")])
def test_v09(examples: Case, way: str, true_up: str) -> None:
    given, expected = examples["V09"]["inputs"], examples["V09"]["expected"]
    bands = band_list(given["bands"], end="to")
    pays = f'{{ kind = "table", of = "attainment", bands = {bands}, how = "whole" }}'
    keys = {
        "grouping": '"to_date"',
        "true_up": f'"{true_up}"',
        "reset": '"year"',
        "against": '"interval"',
    }
    plan = small_plan(component(pays, **keys), boundary='"lower"')
    rows = deals(*[(m, "R1", f"{MONTHS[m]}-15", a) for m, a in given["net_sales_by_month"]])
    quota = quotas(("R1", "sales", "2026-01-01", "2027-01-01", given["quota"]))
    run = calculate(plan, pay_data(transactions=rows, people=ONE, quotas=quota))
    for row in expected[way]:
        assert same(paid(run).get(MONTHS[row["month"]]), row["pay"])
    if way == "approach_1":
        last = expected[way][-1]["earned_ytd"]
        assert sum(map(Decimal, paid(run).values())) == Decimal(last)
