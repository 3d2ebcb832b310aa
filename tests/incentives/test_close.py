"""Closed pay never changes; late changes come forward as lines with original and reason."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spm_lib.core.errors import PayError
from spm_lib.core.language import language
from spm_lib.incentives import (
    PayFiles,
    PayRun,
    calculate,
    explain,
    pay_change,
    pay_data,
    plan_from_text,
    with_corrections,
)
from spm_lib.store import ClientFolder
from tests.examples import examples
from tests.incentives.small import (
    component,
    day,
    deals,
    decimals,
    paid,
    people,
    plan_text,
    small_plan,
)

pytestmark = pytest.mark.slow

TEN = component('{ kind = "rate", rate = 0.10 }')
BOTH = people("R1", "R2")
DEALS = deals(("D1", "R1", "01-10", "1000"), ("D2", "R1", "02-10", "500"))
PLAN = small_plan(TEN)


def run_of(rows: pl.DataFrame = DEALS, plan=PLAN, **tables: pl.DataFrame) -> PayRun:
    return calculate(plan, pay_data(transactions=rows, people=BOTH, **tables), through="2026-02")


def bytes_below(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def close(files: PayFiles, run: PayRun, period: str) -> None:
    files.keep(run, period)
    for state in ("reviewed", "approved", "closed"):
        files.move(period, state, by="Dana")


@pytest.fixture
def files(tmp_path: Path) -> PayFiles:
    return PayFiles(ClientFolder(tmp_path), "small")


def test_a_period_goes_through_its_states_in_order_only(files: PayFiles) -> None:
    assert files.state("2026-01") == "open"
    with pytest.raises(PayError, match="Calculate it first"):
        files.move("2026-01", "reviewed", by="Dana")
    files.keep(run_of(), "2026-01")
    with pytest.raises(PayError, match="The next step is 'reviewed'"):
        files.move("2026-01", "closed", by="Dana")
    for state in ("reviewed", "approved", "closed"):
        assert files.move("2026-01", state, by="Dana").state == state
    with pytest.raises(PayError, match="Corrections come in a later period"):
        files.move("2026-01", "calculated", by="Dana")


def test_each_version_says_when_it_was_calculated_and_each_step_when_it_was_taken(
    files: PayFiles,
) -> None:
    moment = datetime(2026, 2, 3, 11, 30, 5, 99, tzinfo=timezone(timedelta(hours=2)))
    assert files.keep(run_of(), "2026-01", at=moment).at == "2026-02-03T09:30:05+00:00"
    again = files.keep(run_of(), "2026-01", at=moment + timedelta(days=1))
    assert (again.version, again.at) == (1, "2026-02-03T09:30:05+00:00")
    files.move("2026-01", "reviewed", by="Dana", at=moment + timedelta(days=2))
    steps = json.loads((again.folder / "states.json").read_text("utf-8"))
    assert [step["at"][:10] for step in steps] == ["2026-02-03", "2026-02-05"]
    assert files.keep(run_of(), "2026-02").at == ""


def test_the_same_result_is_kept_once_and_another_one_is_a_new_version(files: PayFiles) -> None:
    assert files.keep(run_of(), "2026-01").version == 1
    assert files.keep(run_of(), "2026-01").version == 1
    assert files.keep(run_of(DEALS.with_columns(pl.col("amount") * 2)), "2026-01").version == 2
    assert [kept.version for kept in files.versions("2026-01")] == [1, 2]


def test_approved_and_closed_periods_are_not_calculated_again(files: PayFiles) -> None:
    close(files, run_of(), "2026-01")
    with pytest.raises(PayError, match="The period 2026-01 is closed"):
        files.keep(run_of(), "2026-01")


def test_closed_bytes_stay_and_the_difference_comes_forward(
    files: PayFiles, tmp_path: Path
) -> None:
    close(files, run_of(), "2026-01")
    before = bytes_below(tmp_path / "pay" / "small" / "2026-01")
    late = DEALS.with_columns(amount=pl.Series([80_000, 50_000]))  # 200 of D1 were refunded
    run = with_corrections(run_of(late), files)
    assert paid(run) == {"01": "100", "02": "30"}  # 50 earned less 20
    assert run.corrections.rows(named=True) == [
        {
            "rep_id": "R1", "period": "2026-02", "of_period": "2026-01", "component": "main",
            "original": 10_000, "corrected": 8_000, "difference": -2_000,
            "reason": "amount changed: D1",
        }
    ]  # fmt: skip
    close(files, run, "2026-02")
    assert bytes_below(tmp_path / "pay" / "small" / "2026-01") == before
    again = with_corrections(run_of(late), files)
    assert paid(again) == {"01": "100", "02": "30"}, "brought forward once, not twice"
    third = deals(("D3", "R1", "03-10", "100"))
    data = pay_data(transactions=pl.concat([late, third]), people=BOTH)
    assert paid(with_corrections(calculate(PLAN, data), files))["03"] == "10"


def test_a_split_that_another_rule_credits_is_told_as_a_split_in_both_languages(
    files: PayFiles,
) -> None:
    """The owner's rule credited D1; now the rule of splits does, half to each."""
    text = plan_text(TEN).replace("[[credits]]", SPLITS + "[[credits]]", 1)
    close(files, run_of(plan=plan_from_text(text)), "2026-01")
    run = with_corrections(run_of(plan=plan_from_text(text), splits=HALF), files)
    assert run.corrections["reason"].to_list() == ["split changed: D1", "owner changed: D1"]
    told = explain(run, "R1", "2026-02").tell(language("he"))
    assert "ינו׳ 2026: החלוקה השתנתה: D1" in told[-1]


def test_a_closed_payment_that_changed_later_still_opens_to_its_deals(files: PayFiles) -> None:
    """As they are now, and what changed since in a row of its own: they add up to what was paid."""
    more = pl.concat([DEALS, deals(("D3", "R1", "01-20", "300"))])
    close(files, run_of(more), "2026-01")
    late = changed(more, amount=80_000)
    run = with_corrections(run_of(late), files)
    opened = explain(run, "R1", "2026-01")
    under = opened.table.filter(pl.col("level") == "deal")
    assert opened.amount == under["amount"].sum() == 130_00
    assert under.select("transaction_id", "amount", "reason").rows() == [
        ("D1", 80_00, ""), ("D3", 30_00, ""),
        (None, 20_00, "changed after it was closed: amount changed: D1"),
    ]  # fmt: skip
    told = opened.tell(language("en"))
    assert told[0] == "R1 is paid ₪130.00 for Jan 2026, in 1 line."
    assert (
        "most of all D1: ₪80.00. changed after it was closed: amount changed: D1: ₪20.00" in told[1]
    )
    hebrew = explain(run, "R1", "2026-02").tell(language("he"))
    assert "ינו׳ 2026" in hebrew[-1], "the month of the correction is said in the language"
    assert "2026-0" not in " ".join(hebrew)


def test_a_difference_comes_forward_also_where_earlier_periods_were_never_closed(
    files: PayFiles,
) -> None:
    """Whoever begins in mid-year closes February first: nothing goes back into January."""
    close(files, run_of(), "2026-02")
    late = DEALS.with_columns(amount=pl.Series([100_000, 30_000]))  # 200 of D2 were refunded
    waits = with_corrections(run_of(late), files)
    assert (paid(waits), waits.corrections.height) == ({"01": "100", "02": "50"}, 0)
    under = explain(waits, "R1", "2026-02").table.filter(pl.col("level") == "deal")
    assert under.select("transaction_id", "amount", "reason").rows() == [
        ("D2", 30_00, ""), (None, 20_00, "changed after it was closed")
    ]  # fmt: skip
    data = pay_data(transactions=late, people=BOTH)
    run = with_corrections(calculate(PLAN, data, through="2026-03"), files)
    assert paid(run) == {"01": "100", "02": "50", "03": "-20"}


def changed(rows: pl.DataFrame, **values: object) -> pl.DataFrame:
    """Return deals with new values for D1."""
    first = pl.col("transaction_id") == "D1"
    return rows.with_columns(
        pl.when(first).then(pl.lit(value)).otherwise(pl.col(name)).alias(name)
        for name, value in values.items()
    )


SPLITS = '[[credits]]\nid = "shared"\nto = "splits"\n'
HALF = decimals([("D1", "R1", "0.5"), ("D1", "R2", "0.5")], ["transaction_id", "rep_id", "share"])
LATE = {
    # what R1 and R2 are paid in February after the change, and the reason given to R1
    "refund": (changed(DEALS, amount=0), {}, "-50", None, "amount changed: D1"),
    "owner": (changed(DEALS, rep_id="R2"), {}, "-50", "100", "owner changed: D1"),
    "date": (changed(DEALS, date=day("02-05")), {}, "50", None, "date changed: D1"),
    "late deal": (
        pl.concat([DEALS, deals(("D0", "R1", "01-31", "10"))]), {}, "51", None, "late deal: D0",
    ),
    "removed": (DEALS.tail(1), {}, "-50", None, "deal removed: D1"),
}  # fmt: skip


@pytest.mark.parametrize("name", LATE)
def test_each_late_change_has_its_reason(files: PayFiles, name: str) -> None:
    rows, tables, mine, other, reason = LATE[name]
    close(files, run_of(), "2026-01")
    run = with_corrections(run_of(rows, **tables), files)
    assert paid(run).get("02") == mine
    assert paid(run, "R2").get("02") == other
    own = run.corrections.filter(pl.col("rep_id") == "R1")
    assert own["reason"].to_list() == [reason]


def test_a_late_split_and_a_late_rate(files: PayFiles) -> None:

    text = plan_text(TEN).replace("[[credits]]", SPLITS + "[[credits]]", 1)
    whole = decimals([("D1", "R1", "1")], ["transaction_id", "rep_id", "share"])
    close(files, run_of(plan=plan_from_text(text), splits=whole), "2026-01")
    run = with_corrections(run_of(plan=plan_from_text(text), splits=HALF), files)
    assert run.corrections.select("rep_id", "difference").rows() == [("R1", -5000), ("R2", 5000)]
    assert run.corrections["reason"][0] == "split changed: D1"
    dearer = plan_from_text(text.replace("0.10", "0.20"))
    run = with_corrections(run_of(plan=dearer, splits=whole), files)
    assert run.corrections["reason"].to_list() == ["rule changed"]
    assert run.corrections["difference"].to_list() == [10_000]


def test_a_file_that_somebody_changed_is_refused(files: PayFiles, tmp_path: Path) -> None:
    close(files, run_of(), "2026-01")
    file = tmp_path / "pay" / "small" / "2026-01" / "v1" / "payments.csv"
    file.write_text(file.read_text("utf-8").replace("10000", "99999"), encoding="utf-8")
    with pytest.raises(PayError, match="changed after it was written"):
        with_corrections(run_of(), files)


@settings(max_examples=examples(5), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.integers(-90_000, 90_000), min_size=2, max_size=2),
    st.sampled_from(["paid", "carried", "floored"]),
    st.booleans(),
)
def test_paid_and_corrected_add_up_to_what_is_due(
    tmp_path_factory: pytest.TempPathFactory, amounts: list[int], negative: str, drawn: bool
) -> None:
    """Whatever changes late: all that is paid is what a run pays that knew it from the start."""
    draw = '[[draws]]\namount = 70\nrecoverable = true\nform = "guarantee"\n' if drawn else ""
    plan = small_plan(draw + TEN, negative=f'"{negative}"')
    files = PayFiles(ClientFolder(tmp_path_factory.mktemp("pay")), "small")
    close(files, run_of(plan=plan), "2026-01")
    late = run_of(DEALS.with_columns(amount=pl.Series(amounts)), plan=plan)
    corrected = with_corrections(late, files)
    one, other = (
        r.totals.group_by("rep_id").agg(pl.col("amount").sum()) for r in (late, corrected)
    )
    both = one.join(other, on="rep_id", how="full", coalesce=True).fill_null(0)
    assert both["amount"].to_list() == both["amount_right"].to_list()
    assert corrected.paid("R1", "2026-01") == 10_000


def test_why_did_my_pay_change_adds_up_and_says_why() -> None:
    draw = '[[draws]]\namount = 70\nrecoverable = true\nform = "guarantee"\n'
    plan = small_plan(draw + TEN)
    before, after = run_of(plan=plan), run_of(changed(DEALS, amount=40_000), plan=plan)
    change = pay_change(before, after, "R1", "2026-01")
    assert change.change == -3000  # 100 before; 40 earned and 30 topped up after
    assert change.table["change"].sum() == change.change
    told = dict(change.table.select("kind", "change").iter_rows())
    assert told == {"earning": -6000, "draw": 3000}
    first, *lines = change.tell(language("en"))
    assert first == "Pay of R1 for 2026-01 changed by -₪30.00: from ₪100.00 to ₪70.00."
    assert lines[-1] == "main earned: -₪60.00. Reason: amount changed: D1."
    assert "השתנה" in change.tell(language("he"))[0]


def test_the_same_runs_have_no_change_to_tell() -> None:
    change = pay_change(run_of(), run_of(), "R1", "2026-01")
    assert change.table.is_empty()
    assert change.change == 0
