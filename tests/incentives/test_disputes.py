"""Disputes: taken in whole or not at all, answered in order, paid by the adjustment they make."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from spm_lib.core.errors import PayError
from spm_lib.incentives import DisputeFiles, calculate, pay_data, read_decided
from spm_lib.store import ClientFolder
from tests.incentives.small import component, day, small_plan

CLAIMS = """
[[disputes]]
rep_id = "R1"
period = "2026-01"
transaction_id = "A"
actual = 100
expected = 112.35
reason = "the split was 50 %"
[[disputes]]
rep_id = "R1"
period = "2026-01"
expected = 20
reason = "a deal is missing"
"""


@pytest.fixture
def files(tmp_path: Path) -> DisputeFiles:
    client = ClientFolder.of(tmp_path / "spm.toml")
    (tmp_path / "claims.toml").write_text(CLAIMS, encoding="utf-8")
    made = DisputeFiles(client, "small", currency="ILS")
    made.take_in(tmp_path / "claims.toml", on=day("02-03"), reps=["R1"])
    return made


def test_an_accepted_dispute_is_paid_by_its_adjustment(files: DisputeFiles) -> None:
    """Beside it: the pay of the same data without it."""
    made = files.accept("D1", by="Dana", on=day("02-20"), code="crediting")
    assert (made.status, made.adjustment_id, made.decided_on) == (
        "accepted", "dispute-D1", day("02-20"),
    )  # fmt: skip
    plan = small_plan(component('{ kind = "rate", rate = 0.1 }'))
    tables = {
        "transactions": pl.DataFrame(
            {"transaction_id": ["A"], "rep_id": ["R1"], "date": [day("01-05")], "amount": [100000]}
        ),
        "people": pl.DataFrame({"rep_id": ["R1"], "name": ["Noa"]}),
    }
    plain = calculate(plan, pay_data(**tables), through="2026-02")
    decided = read_decided(plan, files.client.plans)
    run = calculate(plan, pay_data(**tables, **decided), through="2026-02")
    assert run.paid("R1", "2026-01") == plain.paid("R1", "2026-01")
    assert run.paid("R1", "2026-02") - plain.paid("R1", "2026-02") == 1235
    line = run.payments.filter(pl.col("kind") == "adjustment").row(0, named=True)
    assert line["transaction_id"] == "A"
    assert line["reason"] == "dispute: crediting, D1: the split was 50 % (Dana)"


def test_ageing_counts_to_the_decision_and_tells_who_waits_too_long(files: DisputeFiles) -> None:
    files.answer("D2", "rejected", by="Dana", on=day("02-10"), answer="it is in March")
    waiting, decided = files.all()
    assert (waiting.age(day("02-18")), waiting.overdue(day("02-17"))) == (15, False)
    assert waiting.overdue(day("02-18"))
    assert (decided.age(day("12-31")), decided.overdue(day("12-31"))) == (7, False)


def test_answers_come_in_order_and_leave_the_rest_as_it_was(files: DisputeFiles) -> None:
    before = files.all()[1]
    for step in ("in_review", "more_information", "in_review"):
        assert files.answer("D1", step, by="Dana", on=day("02-05")).status == step
    with pytest.raises(PayError, match="needs a reason"):
        files.answer("D1", "rejected", by="Dana", on=day("02-05"))
    with pytest.raises(PayError, match="cannot become closed"):
        files.answer("D1", "closed", by="Dana", on=day("02-05"))
    with pytest.raises(PayError, match="before it was opened"):
        files.answer("D1", "in_review", by="Dana", on=day("02-02"))
    with pytest.raises(PayError, match="amount is not known"):
        files.accept("D2", by="Dana", on=day("02-05"), code="data")
    assert not files.adjustments.exists()
    files.accept("D2", by="Dana", on=day("02-05"), code="data", amount=500)
    with pytest.raises(PayError, match="cannot become accepted"):
        files.accept("D2", by="Dana", on=day("02-05"), code="data", amount=500)
    assert files.adjustments.read_text("utf-8").count("dispute-D2") == 1
    assert files.all()[1].expected == before.expected == 2000


def test_a_file_with_a_fault_is_refused_whole(files: DisputeFiles, tmp_path: Path) -> None:
    with pytest.raises(PayError, match="there already"):
        files.take_in(tmp_path / "claims.toml", on=date(2026, 2, 4), reps=["R1"])
    bad = tmp_path / "bad.csv"
    bad.write_text(
        "rep_id,period,expected,reason,deal\nR9,2026-01,ten,late,X\nR1,2026-01,5,,\n",
        encoding="utf-8",
    )
    with pytest.raises(PayError) as caught:
        files.take_in(bad, on=date(2026, 2, 4), reps=["R1"])
    for fault in ("nobody is called 'R9'", "'expected' is no amount: ten", "'reason' is missing"):
        assert fault in str(caught.value)
    assert "unknown 'deal'" in str(caught.value)
    assert len(files.all()) == 2
