"""Formula traps found in peers' code and documents, T1 to T13: one test each, named for the trap.

Where this release has no part that could fall into a trap (tiers, commissions), the test holds the
law the trap breaks in the part that corresponds, and says so.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest

from spm_lib.core.errors import DataError
from spm_lib.core.money import split_exactly
from spm_lib.metrics import measure, open_pipeline, stage_conversion, velocity, win_rate
from spm_lib.model import Company, company_from_frames, open_company, snapshot_company
from spm_lib.stats import bias, wape
from spm_lib.store import ClientFolder, read_snapshot
from tests.metrics.companies import SETTINGS, company, random_facts

AS_OF = date(2026, 3, 31)
QUARTER = "2026-Q1"


def deals(*rows: dict) -> pl.DataFrame:
    """Return opportunities with defaults for what a test does not care about."""
    columns = {
        "opportunity_id": pl.String,
        "rep_id": pl.String,
        "amount": pl.Int64,
        "stage": pl.String,
        "created_at": pl.Date,
        "closed_at": pl.Date,
        "expected_close": pl.Date,
    }
    filled = [
        {"opportunity_id": f"d{i}", "rep_id": "r1", "created_at": date(2026, 1, 5), **row}
        for i, row in enumerate(rows)
    ]
    return pl.DataFrame([{c: r.get(c) for c in columns} for r in filled], schema=columns)


def opened(frame: pl.DataFrame, **others: pl.DataFrame) -> Company:
    return company_from_frames({"opportunities": frame, **others}, SETTINGS, as_of=AS_OF)


def value(co: Company, metric: str, **how: object) -> float | int | None:
    return measure(co, metric, **how).frame["value"].item()


def test_t1_days_from_created_to_closed_are_not_negative() -> None:
    """Fivetran subtracts the wrong way round; rows that really run backwards are set aside."""
    co = opened(
        deals(
            {"stage": "Won", "closed_at": date(2026, 1, 15)},
            {"stage": "Won", "created_at": date(2026, 2, 1), "closed_at": date(2026, 1, 20)},
        )
    )
    answer = measure(co, "cycle.won.mean_days")
    assert answer.frame["value"].item() == 10
    assert answer.receipt.set_aside["closed before created"].rows == 1
    assert value(co, "cycle.closed.km_median_days") == 10


def test_t2_nothing_closed_is_null_everywhere_and_a_planned_close_is_no_close() -> None:
    """Fivetran prints 0 % in one table, null in another, and counts open deals' plans as closes."""
    co = opened(
        deals(
            {"stage": "Lead", "rep_id": "idle", "closed_at": date(2026, 4, 30), "amount": 50},
            {"stage": "Won", "closed_at": date(2026, 1, 15), "amount": 10},
            {"stage": "Lost", "closed_at": date(2026, 1, 16), "amount": 90},
        )
    )
    for variant in ("count", "value"):
        rates = {
            r["rep_id"]: r["value"] for r in win_rate(co, by="rep_id", variant=variant).to_dicts()
        }
        assert rates["idle"] is None
    assert win_rate(co)["value"].item() == 0.5  # by count, not silently by value (10 %)
    assert win_rate(co, variant="value")["value"].item() == 0.1
    assert value(co, "cycle.won.mean_days", by=None) == 10  # the plan of the open deal is not in it
    assert value(co, "open.amount", window="2026-Q2") == 5_000  # it is an expected close


def test_t3_neighbouring_periods_leave_no_gap_and_do_not_overlap() -> None:
    """OCA pays 0.00 between two tiers. We have no tiers yet; our bands are windows [start, end)."""
    days = [date(2025, 12, 25) + timedelta(k) for k in range(95)]
    co = opened(
        deals(*({"stage": "Won", "created_at": d, "closed_at": d, "amount": 1} for d in days))
    )
    for grain in ("week", "month", "quarter", "year"):
        frame = measure(co, "won.count", by=grain).frame
        assert frame["value"].sum() == len(days)
        assert frame["window_end"].to_list()[:-1] == frame["window_start"].to_list()[1:]


def test_t4_lost_deals_are_worth_nothing_ahead_and_the_past_keeps_its_own_values() -> None:
    """Frappe adds lost deals at 100 % and judges forecasts by today's values."""
    facts = random_facts(21, deals=40)
    co = company(facts)
    by_outcome = measure(co, "open.amount", by="outcome").frame
    assert by_outcome.filter(pl.col("outcome") != "open")["value"].to_list() == [0, 0]
    then = date(2026, 1, 31)
    grown = random_facts(21, deals=40)
    for deal in grown.deals:
        deal["events"] += [
            {**deal["events"][-1], "day": date(2026, 3, 31), "amount": 999_999, "seq": 99}
        ]
    before, after = (open_pipeline(c, on=then)["value"].item() for c in (co, company(grown)))
    assert before == after


def test_t5_the_funnel_keeps_lost_deals_and_counts_deals_not_moves() -> None:
    """Frappe drops deals now lost and counts status rows, so back and forth counts twice."""
    moves = [("a", 1, "Lead"), ("a", 2, "Qualified"), ("a", 3, "Lead"), ("a", 4, "Qualified")]
    moves += [("a", 5, "Lost"), ("b", 1, "Lead"), ("b", 2, "Won")]
    events = pl.DataFrame(
        {
            "opportunity_id": [deal for deal, _, _ in moves],
            "entered_at": [date(2026, 2, day) for _, day, _ in moves],
            "stage": [stage for _, _, stage in moves],
        }
    )
    frame = deals(
        {"opportunity_id": "a", "stage": "Lost", "closed_at": date(2026, 2, 5)},
        {"opportunity_id": "b", "stage": "Won", "closed_at": date(2026, 2, 2)},
    )
    rows = {r["stage"]: r for r in stage_conversion(opened(frame, stage_events=events)).to_dicts()}
    assert (rows["Lead"]["entered"], rows["Lead"]["advanced"]) == (2, 2)
    assert (rows["Qualified"]["entered"], rows["Qualified"]["lost"]) == (2, 1)
    assert rows["Qualified"]["value"] == 0.5


def test_t6_open_deals_are_not_in_the_closed_win_rate() -> None:
    """A 'metric contract' divides won by all rows; we name that rate win_rate.created."""
    rows = [{"stage": "Won", "closed_at": date(2026, 2, 1)}] * 2
    rows += [{"stage": "Lost", "closed_at": date(2026, 2, 1)}] * 2 + [{"stage": "Lead"}] * 6
    co = opened(deals(*rows))
    assert value(co, "win_rate.closed.count") == 0.5
    assert value(co, "win_rate.created") == 0.2
    assert measure(co, "win_rate.closed.count").receipt.set_aside["open"].rows == 6


def test_t7_nothing_of_the_future_leaks_into_the_past() -> None:
    """A published backtest used levers set to fit the known year. (Over all ids: the registry.)"""
    then = date(2026, 1, 31)
    known, changed = random_facts(31, deals=40), random_facts(31, deals=40)
    for deal in changed.deals:
        for event in deal["events"]:
            if event["day"] > then:
                event.update(stage="Lost", amount=1, rep="r3")
    for metric in ("win_rate.created", "stage_conversion.cohort", "velocity", "pipeline.amount"):
        seen = [measure(company(f).at(then), metric).frame for f in (known, changed)]
        assert seen[0].equals(seen[1])


def test_t8_accuracy_has_a_sign_and_is_undefined_at_zero() -> None:
    """HubSpot prints max(0, 1 - |A - F| / A): no sign, and no answer at A = 0."""
    assert bias([80, 120], [100, 100]) == 0
    assert bias([120, 120], [100, 100]) == pytest.approx(0.2)
    assert bias([80, 80], [100, 100]) == pytest.approx(-0.2)
    assert wape([300], [100]) == 2  # not cut off at zero accuracy
    assert wape([5], [0]) is None


def target(amount: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "rep_id": ["r1"],
            "period_start": [date(2026, 1, 1)],
            "period_end": [date(2026, 4, 1)],
            "metric": ["won.amount"],
            "value": [amount],
        }
    )


def covered() -> Company:
    frame = deals(
        {
            "stage": "Won",
            "closed_at": date(2026, 2, 1),
            "amount": 40,
            "expected_close": date(2026, 2, 1),
        },
        {"stage": "Lead", "amount": 90, "expected_close": date(2026, 3, 31)},
        {"stage": "Lead", "amount": 500, "expected_close": date(2026, 4, 1)},
    )
    return opened(frame, targets=target(100))


def test_t9_coverage_is_open_over_what_is_missing_not_its_inverse() -> None:
    """Salesforce documents (target - won) / open under the same name."""
    row = measure(covered(), "coverage", window=QUARTER).frame.to_dicts()[0]
    assert row["value"] == 1.5  # 90 / (100 - 40)
    assert row["remaining"] == 6_000


def test_t10_what_is_won_is_not_counted_again_as_still_to_come() -> None:
    """Landing = won + remaining. (Managers' calls, which are totals, come in a later issue.)"""
    row = measure(covered(), "coverage", window=QUARTER).frame.to_dicts()[0]
    assert (row["won"], row["open_due"]) == (4_000, 9_000)
    assert row["won"] + row["remaining"] == row["target"]
    done = opened(
        deals({"stage": "Won", "closed_at": date(2026, 2, 1), "amount": 150}), targets=target(100)
    )
    assert value(done, "coverage", window=QUARTER) is None  # nothing is missing: no ratio, not 0


def test_t11_shared_credit_conserves_the_total() -> None:
    """ERPNext gives a rep with half a share all of it.

    Metrics credit a deal to its owner once, whatever a splits table says; shares themselves come
    with incentives, on ``split_exactly``.
    """
    frame = deals({"stage": "Won", "closed_at": date(2026, 2, 1), "amount": 101})
    splits = pl.DataFrame(
        {
            "opportunity_id": ["d0", "d0"],
            "rep_id": ["r1", "r2"],
            "share": [0.5, 0.5],
            "kind": ["revenue"] * 2,
        }
    )
    credited = measure(opened(frame, splits=splits), "won.amount", by="rep_id").frame
    assert credited["value"].sum() == 10_100
    assert split_exactly(10_101, [1, 1]) in ([5_051, 5_050], [5_050, 5_051])
    assert sum(split_exactly(-10_001, [1, 1, 1])) == -10_001


def test_t12_period_edges_are_cut_in_the_clients_zone() -> None:
    """HubSpot stores UTC: a close on 31 March became 1 April, and the other way round."""
    frame = deals({"stage": "Won", "amount": 10}, {"stage": "Won", "amount": 20}).with_columns(
        closed_at=pl.Series(
            [datetime(2026, 3, 31, 20, 59, tzinfo=UTC), datetime(2026, 3, 31, 21, 0, tzinfo=UTC)]
        )
    )
    co = company_from_frames({"opportunities": frame}, SETTINGS, as_of=date(2026, 4, 30))
    by_quarter = measure(co, "won.amount", by="quarter").frame
    assert dict(by_quarter.select("quarter", "value").rows()) == {
        date(2026, 1, 1): 1_000,  # 23:59 in Jerusalem (summer time, UTC+3)
        date(2026, 4, 1): 2_000,  # midnight
    }


T13_FILE = """version = 1
[workspace]
id = "t13"
name = "T13"
currency = "ILS"
as_of = "2026-03-31"
[stages]
open = ["Lead"]
won = ["Won"]
lost = ["Lost"]
[tables.opportunities]
path = "deals.csv"
columns = { opportunity_id = "Id", rep_id = "Rep", amount = "Amount", stage = "Stage", created_at = "Created", closed_at = "Closed", recorded_at = "LastModified" }
keep = ["Score"]
"""  # noqa: E501


def test_t13_a_changed_value_counts_though_no_one_bumped_its_date(tmp_path: Path) -> None:
    """Formula fields do not touch lastModified; we never read such a date, only the values.

    The state kept in a snapshot is told from the next one by the values of both: an amount and a
    kept formula column change, and the date of the row stays.
    """
    workspace, head = tmp_path / "spm.toml", "Id,Rep,Amount,Stage,Created,Closed,LastModified,Score"
    workspace.write_text(T13_FILE, encoding="utf-8")
    folder, other = ClientFolder.of(workspace), "d2,r1,5,Lead,2026-01-05,,2026-01-05,1"
    states = {}
    for amount, score in ((10, 3), (70, 3), (70, 9)):
        row = f"d1,r1,{amount},Won,2026-01-05,2026-02-01,2026-01-05,{score}"
        (tmp_path / "deals.csv").write_text("\n".join([head, row, other, ""]), encoding="utf-8")
        co = open_company(workspace)
        assert value(co, "won.amount") == 100 * amount
        if states:
            with pytest.raises(DataError, match="Another state of 2026-03-31 is kept already"):
                snapshot_company(co)
        snapshot_company(co, replace_kept=True)
        states[amount, score] = read_snapshot(folder, co.as_of)["opportunities"]
    first, second, third = (s.sort("opportunity_id") for s in states.values())
    assert changed_cells(first, second) == {("d1", "amount", Decimal(10), Decimal(70))}
    assert {cell[:2] for cell in changed_cells(second, third)} == {("d1", "Score")}
    assert first["recorded_at"].equals(third["recorded_at"])


def changed_cells(one: pl.DataFrame, other: pl.DataFrame) -> set[tuple]:
    """Compare two kept states of the same deals, cell by cell."""
    return {
        (a["opportunity_id"], name, a[name], b[name])
        for a, b in zip(one.to_dicts(), other.to_dicts(), strict=True)
        for name in a
        if a[name] != b[name]
    }


@pytest.mark.parametrize(
    ("cycle_days", "per_day", "per_90_days"),
    [(78, "2326.15", "209353.85"), (65, "2791.38", "251224.62")],
)
def test_vm1_sales_velocity(cycle_days: int, per_day: str, per_90_days: str) -> None:
    """winsabove.pages.dev/glossary/sales-velocity: 18 deals, 42,000 each, 24 %, 78 or 65 days."""
    exact = velocity(opportunities=18, win_rate="0.24", mean_amount=42_000, cycle_days=cycle_days)
    assert exact is not None
    assert cents(exact) == Decimal(per_day)
    assert cents(exact * 90) == Decimal(per_90_days)


def cents(amount: Fraction) -> Decimal:
    exact = Decimal(amount.numerator) / Decimal(amount.denominator)
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_vm3_created_win_rate_versus_closed_win_rate() -> None:
    """Varicent's guide: 100 created, 3 won, 7 lost, 90 open."""
    rows = [{"stage": "Won", "closed_at": date(2026, 2, 1)}] * 3
    rows += [{"stage": "Lost", "closed_at": date(2026, 2, 1)}] * 7 + [{"stage": "Lead"}] * 90
    co = opened(deals(*rows))
    assert win_rate(co, variant="created")["value"].item() == 0.03
    assert win_rate(co)["value"].item() == 0.30
