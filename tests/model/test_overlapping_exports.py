"""Exports that overlap tell rows twice: nothing counts twice, and nothing is lost."""

from __future__ import annotations

import itertools
import random
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from spm_lib.metrics.measure import measure
from spm_lib.model import Company, company_from_frames, open_company

pytestmark = pytest.mark.slow

START = date(2026, 1, 1)
STAGES = ("Lead", "Proposal", "Talks", "Won", "Lost")
FILE = """
version = 1
[workspace]
id = "acme"
name = "Acme"
currency = "ILS"
as_of = "2026-12-31"
exported_on = "2026-12-31"
[stages]
open = ["Lead", "Proposal", "Talks"]
won = ["Won"]
lost = ["Lost"]
[tables.opportunities]
path = "deals.csv"
columns = { opportunity_id = "id", stage = "stage", created_at = "made", closed_at = "closed" }
[tables.stage_events]
path = "history-*.csv"
columns = { opportunity_id = "id", entered_at = "day", stage = "stage" }
"""


def opened(folder: Path, *exports: list[tuple]) -> Company:
    """Return the company of one deals file and a history in as many files as are given."""
    rows = [row for export in exports for row in export]
    ids = sorted({row[0] for row in rows})
    deals = "".join(f"{key},Lead,2026-01-01,\n" for key in ids)
    (folder / "deals.csv").write_text("id,stage,made,closed\n" + deals)
    for number, export in enumerate(exports):
        body = "".join(f"{key},{day},{stage}\n" for key, day, stage in export)
        (folder / f"history-{number}.csv").write_text("id,day,stage\n" + body)
    (folder / "spm.toml").write_text(FILE)
    return open_company(folder)


def changes(seed: int) -> list[tuple]:
    """Return changes by day with several on one day, there and back among them."""
    rng = random.Random(seed)
    rows = []
    for n in range(30):
        day = START + timedelta(days=rng.randrange(60))
        for _ in range(rng.randrange(1, 9)):
            rows.append((f"d{n}", day, rng.choice(STAGES)))
            day += timedelta(days=rng.choice([0, 0, 0, 1, 9]))
    return sorted(rows, key=lambda row: row[1])


def test_a_month_told_again_makes_no_visits(tmp_path) -> None:
    february = [("x", date(2026, 1, 20), "Lead")] * 20
    february += [("d", date(2026, 2, 1), "Lead"), ("d", date(2026, 2, 1), "Proposal")]
    march = [*february[-2:], ("d", date(2026, 3, 11), "Won")]
    company = opened(tmp_path, february, march)
    stints = company.stints.filter(opportunity_id="d")
    assert stints.select("stage", "visit", "entered_on").rows() == [
        ("Lead", 1, date(2026, 2, 1)),
        ("Proposal", 1, date(2026, 2, 1)),
        ("Won", 1, date(2026, 3, 11)),
    ]
    frame = measure(company, "stage_conversion.cohort").frame
    assert frame["re_entered"].to_list() == [0, 0, 0]
    times = measure(company, "time_in_stage.median_days").frame
    assert times.filter(stage="Proposal")["value"].to_list() == [38.0]
    aside = company.receipt("stage_events").set_aside
    assert {reason: part.rows for reason, part in aside.items()} == {
        "exact repeat": 19,
        "in a later file too": 2,
    }


@pytest.mark.parametrize("seed", range(6))
def test_however_exports_overlap_the_history_is_that_of_one_export(tmp_path, seed) -> None:
    rng = random.Random(seed)
    rows = changes(seed)
    days = sorted({row[1] for row in rows})
    cuts = sorted(rng.sample(range(1, len(days) - 1), 3))
    edges = [0, *cuts, len(days)]
    windows = [
        (days[max(0, first - rng.randrange(12))], days[end - 1])
        for first, end in itertools.pairwise(edges)
    ]
    exports = [[r for r in rows if start <= r[1] <= end] for start, end in windows]
    assert sum(map(len, exports)) > len(rows)
    (tmp_path / "one").mkdir()
    (tmp_path / "many").mkdir()
    one, many = opened(tmp_path / "one", rows), opened(tmp_path / "many", *exports)
    assert_frame_equal(many.stints, one.stints)
    later = days[len(days) // 2]
    assert_frame_equal(many.at(later).stints, one.at(later).stints)


@pytest.mark.parametrize(
    ("told", "visits"),
    [
        ("A B A B", "A B"),
        ("A A B", "A B"),
        ("A B B", "A B"),
        ("A B C A B C", "A B C"),
        ("A B A B C", "A B C"),
        ("A B A", "A B A"),
        ("A B C B", "A B C B"),
        ("A A", "A"),
    ],
)
def test_a_day_told_twice_is_no_way_back_but_a_way_back_is(settings, told, visits) -> None:
    names = dict(zip("ABC", ("Lead", "Proposal", "Talks"), strict=True))
    rows = [{"opportunity_id": "d", "entered_at": START, "stage": names[s]} for s in told.split()]
    rows.append({"opportunity_id": "d", "entered_at": START + timedelta(days=9), "stage": "Won"})
    company = company_from_frames({"stage_events": pl.DataFrame(rows)}, settings)
    expected = [*(names[s] for s in visits.split()), "Won"]
    assert company.stints["stage"].to_list() == expected
    receipt = company.receipt("stage_events")
    assert receipt.read == len(rows)


def test_a_repeat_with_a_sequence_or_another_amount_is_none(settings) -> None:
    row = {"opportunity_id": "d", "entered_at": START, "stage": "Lead", "amount": 5}
    apart = [{**row, "seq": 1}, {**row, "seq": 2}, {**row, "seq": 3, "amount": 6}]
    company = company_from_frames({"stage_events": pl.DataFrame(apart)}, settings)
    assert company.receipt("stage_events").used == 3
    again = pl.DataFrame([*apart, apart[0]])
    receipt = company_from_frames({"stage_events": again}, settings).receipt("stage_events")
    assert (receipt.used, receipt.set_aside["exact repeat"].rows) == (3, 1)


def test_foreign_amounts_tell_rows_apart(settings) -> None:
    row = {"opportunity_id": "d", "entered_at": START, "stage": "Lead", "currency": "USD"}
    events = pl.DataFrame([{**row, "amount": 5}, {**row, "amount": 6}, {**row, "amount": 6}])
    rates = pl.DataFrame({"currency": ["USD"], "date": [START], "rate": ["3"]})
    company = company_from_frames({"stage_events": events, "fx_rates": rates}, settings)
    assert company.table("stage_events")["amount"].to_list() == [1500, 1800]
    deals = pl.DataFrame(
        {
            "opportunity_id": ["d", "d", "e"],
            "stage": "Lead",
            "created_at": START,
            "amount": [5, 6, 7],
            "currency": "USD",
        }
    )
    company = company_from_frames({"opportunities": deals, "fx_rates": rates}, settings)
    assert list(company.receipt("opportunities").set_aside) == ["conflicting duplicate"]


def test_changes_of_one_day_stand_in_the_order_of_the_files(tmp_path) -> None:
    """The row number starts anew in every file, the order does not."""
    february = [("d", date(2026, 1, 9), "Lead"), *[("x", date(2026, 1, 1), "Lead")] * 9]
    february.append(("d", date(2026, 2, 1), "Proposal"))
    company = opened(tmp_path, february, [("d", date(2026, 2, 1), "Talks")])
    events = company.table("stage_events").filter(opportunity_id="d")
    assert events.sort("entered_at", "seq")["stage"].to_list() == ["Lead", "Proposal", "Talks"]
    assert company.stints.filter(opportunity_id="d")["stage"].to_list()[-1] == "Talks"


NAMES = ("rep", "start", "end", "value")
TABLES = {
    "targets": ("rep_id", "period_start", "period_end", "value"),
    "costs": ("rep_id", "period_start", "kind", "amount"),
    "memberships": ("rep_id", "valid_from", "valid_to", "team"),
    "splits": ("rep_id", "opportunity_id", "kind", "share"),
    "orders": ("rep_id", "date", "order_id", "amount"),
    "forecast_calls": ("rep_id", "submitted_at", "period_start", "amount"),
}


def with_files(folder: Path, table: str, *files: list[str]) -> Company:
    """Return a company with a table in as many files as are given."""
    (folder / "deals.csv").write_text("id,stage,made,closed\nw,Won,2026-01-01,2026-02-01\n")
    for number, rows in enumerate(files):
        (folder / f"t-{number}.csv").write_text("\n".join([",".join(NAMES), *rows, ""]))
    deals = FILE[: FILE.index("[tables.stage_events]")]
    columns = ", ".join(f'{own} = "{n}"' for own, n in zip(TABLES[table], NAMES, strict=True))
    mapped = f'[tables.{table}]\npath = "t-*.csv"\ncolumns = {{ {columns} }}\n'
    (folder / "spm.toml").write_text(deals + mapped)
    return open_company(folder)


def counted(company: Company, table: str) -> tuple[int, dict[str, int]]:
    receipt = company.receipt(table)
    return receipt.used, {reason: part.rows for reason, part in receipt.set_aside.items()}


FIRST = {
    "targets": "a,2026-01-01,2026-04-01,10",
    "costs": "a,2026-01-01,tools,10",
    "memberships": "a,2026-01-01,2026-04-01,north",
    "splits": "a,w,revenue,0.5",
    "orders": "a,2026-01-01,o1,10",
    "forecast_calls": "a,2026-01-01,2026-04-01,10",
}
SECOND = {
    "targets": "a,2026-04-01,2026-07-01,12",
    "costs": "a,2026-02-01,tools,10",
    "memberships": "a,2026-04-01,,south",
    "splits": "b,w,revenue,0.5",
    "orders": "a,2026-01-01,o2,10",
    "forecast_calls": "a,2026-01-02,2026-04-01,10",
}


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_row_in_two_files_counts_once_in_every_table(tmp_path, table) -> None:
    first, second = FIRST[table], SECOND[table]
    company = with_files(tmp_path, table, [first, second], [second], [first])
    assert counted(company, table) == (2, {"in a later file too": 2})
    kept = company.full(table).filter(pl.col("set_aside").is_null())
    assert sorted(kept["_file"].to_list()) == ["t-1.csv", "t-2.csv"]


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_row_twice_in_one_file_is_one_unless_rows_may_be_alike(tmp_path, table) -> None:
    company = with_files(tmp_path, table, [FIRST[table], SECOND[table], FIRST[table]])
    kinds = {notice.kind for notice in company.notices}
    if table in ("costs", "orders", "memberships"):
        assert counted(company, table) == (3, {})
    else:
        assert counted(company, table) == (2, {"exact repeat": 1})
    assert ("like_costs" in kinds) == (table == "costs")


def test_alike_costs_in_a_later_export_are_as_many_as_there(tmp_path) -> None:
    row = FIRST["costs"]
    company = with_files(tmp_path, "costs", [row, row], [row, row, SECOND["costs"]])
    assert counted(company, "costs") == (3, {"in a later file too": 2})


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        ("targets", "a,2026-01-01,2026-04-01,10", "a,2026-01-01,2026-04-01,12"),
        ("memberships", "a,2026-01-01,,north", "a,2026-01-01,2026-04-01,north"),
        ("splits", "a,w,revenue,0.5", "a,w,revenue,0.25"),
        ("forecast_calls", "a,2026-01-01,2026-04-01,10", "a,2026-01-01,2026-04-01,11"),
    ],
)
def test_what_a_later_export_says_anew_stands(tmp_path, table, old, new) -> None:
    company = with_files(tmp_path, table, [old], [new])
    assert counted(company, table) == (1, {"in a later file too": 1})
    stands = company.full(table).filter(pl.col("set_aside").is_null())
    assert stands["_file"].to_list() == ["t-1.csv"]


def test_memberships_that_only_their_end_tells_apart_are_two_on_every_day(settings) -> None:
    """An end that nobody knew of then must not decide which rows there were."""
    member = {"rep_id": "ann", "team": "north", "manager_id": "mo", "valid_from": START}
    ends = [None, date(2026, 4, 1)]
    deal = {"opportunity_id": "d", "rep_id": "ann", "stage": "Lead", "created_at": START}
    deals = pl.DataFrame([deal, {**deal, "opportunity_id": "e", "created_at": date(2026, 5, 1)}])

    def members(*ends: date | None, as_of: date | None = None) -> Company:
        schema = {"valid_to": pl.Date}
        rows = pl.DataFrame([{**member, "valid_to": e} for e in ends], schema_overrides=schema)
        return company_from_frames(
            {"opportunities": deals, "memberships": rows}, settings, as_of=as_of
        )

    day = date(2026, 3, 1)
    then, cut = members(*ends).at(day), members(None, None, as_of=day)
    assert_frame_equal(then.table("memberships"), cut.table("memberships"))
    assert "several_teams" not in {notice.kind for notice in cut.notices}


def test_targets_told_twice_do_not_halve_the_attainment(settings, tmp_path) -> None:
    target = {
        "rep_id": "ann",
        "period_start": START,
        "period_end": date(2026, 4, 1),
        "metric": "won.amount",
        "value": 1000,
        "Product": "soft",
    }
    won = {
        "opportunity_id": "w",
        "rep_id": "ann",
        "stage": "Won",
        "amount": 500,
        "created_at": START,
        "closed_at": date(2026, 2, 1),
    }
    deals = pl.DataFrame([won])

    def attained(*rows: dict) -> tuple[float, set[str]]:
        frames = {"opportunities": deals, "targets": pl.DataFrame(rows)}
        company = company_from_frames(frames, settings, as_of=date(2026, 4, 2))
        value = measure(company, "attainment").frame["value"].item()
        return value, {n.kind for n in company.notices} & {"targets_add_up"}

    assert attained(target) == (0.5, set())
    assert attained(target, target) == (0.5, set())
    assert attained(target, {**target, "Product": "hard"}) == (0.25, set())
    assert attained(target, {**target, "value": 3000}) == (0.125, {"targets_add_up"})


def test_an_unreadable_order_leaves_the_lines_of_others_told_by_their_numbers(settings) -> None:
    line = {"order_id": "o", "line": "1", "rep_id": "ann", "date": START, "amount": 7}
    bare = {**line, "line": None}
    orders = pl.DataFrame([line, line, bare, bare, {**bare, "order_id": None, "amount": 9}])
    company = company_from_frames({"orders": orders}, settings)
    assert counted(company, "orders") == (3, {"exact repeat": 1, "no order_id": 1})
    assert company.table("orders")["line"].to_list() == ["1", "1", "2"]
