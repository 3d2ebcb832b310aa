"""What comes in: stages, outcomes, keys, plans, pandas, engines, workspace files."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import spm_lib
from spm_lib.core.errors import (
    DataError,
    ParameterError,
    ScopeError,
    WorkspaceError,
)
from spm_lib.model import company_from_frames, open_company
from spm_lib.workspace import Scope

DEALS = pl.DataFrame(
    {
        "opportunity_id": ["1", "2", "3"],
        "rep_id": ["ann", "bob", "ann"],
        "stage": ["Won", "Lead", "Lost"],
        "amount": [10.0, 20.0, None],
        "created_at": [date(2026, 1, 1)] * 3,
        "closed_at": [date(2026, 2, 1), date(2026, 9, 9), date(2026, 2, 9)],
        "Segment": ["big", "big", "small"],
    }
)


def test_stages_that_are_not_listed_are_all_named_with_their_counts(settings) -> None:
    odd = pl.DataFrame(
        {"opportunity_id": ["1", "2", "3", "4"], "stage": ["Wonn", "Lead", "Parked", "Parked"]}
    )
    with pytest.raises(DataError) as caught:
        company_from_frames({"opportunities": odd}, settings)
    text = str(caught.value)
    assert "'Parked' (2 rows), 'Wonn' (1 rows)" in text
    assert "'Wonn' looks like 'Won'" in text
    assert "under [stages]" in text


def test_outcomes_other_than_the_three_are_refused(settings) -> None:
    odd = DEALS.with_columns(outcome=pl.lit("Gewonnen"))
    with pytest.raises(DataError, match=r"'Gewonnen' \(3 rows\).*values.outcome"):
        company_from_frames({"opportunities": odd}, settings)


def test_t2_a_close_date_of_an_open_deal_is_a_plan(settings) -> None:
    company = company_from_frames({"opportunities": DEALS}, settings)
    lead = company.table("opportunities").filter(pl.col("stage") == "Lead").row(0, named=True)
    assert (lead["closed_on"], lead["expected_close"]) == (None, date(2026, 9, 9))
    assert company.exported_on == date(2026, 2, 9)
    assert [n.rows for n in company.notices if n.kind == "planned_close"] == [1]


def test_repeats_are_set_aside_once_and_contradictions_wholly(settings) -> None:
    rows = pl.concat([DEALS, DEALS[:1], DEALS[1:2].with_columns(amount=pl.lit(99.0))])
    receipt = company_from_frames({"opportunities": rows}, settings).receipt("opportunities")
    assert {k: (v.rows, v.amount) for k, v in receipt.set_aside.items()} == {
        "exact repeat": (1, 1000),
        "conflicting duplicate": (2, 11900),
    }
    assert receipt.used == 2
    assert receipt.read == 5


def test_rows_without_a_key_or_a_stage_are_set_aside(settings) -> None:
    rows = pl.concat([DEALS, DEALS.with_columns(opportunity_id=pl.lit(None, pl.String))[:1]])
    rows = rows.with_columns(
        stage=pl.when(pl.col("opportunity_id") == "2").then(None).otherwise("stage")
    )
    receipt = company_from_frames({"opportunities": rows}, settings).receipt("opportunities")
    assert {k: v.rows for k, v in receipt.set_aside.items()} == {
        "no opportunity_id": 1,
        "no stage": 1,
    }


def test_a_past_day_forgets_what_nobody_can_know(settings) -> None:
    """Without history an open deal's stage, amount, owner and own columns are unknown."""
    deals = DEALS.with_columns(Result=pl.format("{}-final", "stage"), source=pl.lit("web"))
    columns = ("stage", "outcome", "amount", "rep_id", "Segment", "Result", "source")
    for known, then in (([], (None, None, None)), (["Segment", "source"], ("big", None, "web"))):
        company = company_from_frames(
            {"opportunities": deals}, settings, known_at_creation={"opportunities": known}
        )
        past = company.at(date(2026, 2, 1))
        small = tuple("small" if value == "big" else value for value in then)
        assert past.table("opportunities").select(columns).rows() == [
            ("Won", "won", 1000, "ann", "big", "Won-final", "web"),
            (None, "open", None, None, *then),
            (None, "open", None, None, *small),
        ]
        assert company.table("opportunities")["Result"].null_count() == 0
        told = [n for n in past.notices if n.kind == "untold_then"]
        assert told[0].values == (("source", "Segment", "Result") if not known else ("Result",))
        assert told[0].rows == 2
        assert not [n for n in company.notices if n.kind == "untold_then"]


def test_undated_open_deals_count_from_the_export_on_only(settings) -> None:
    rows = DEALS.with_columns(created_at=pl.lit(None, pl.Date))
    company = company_from_frames({"opportunities": rows}, settings)
    assert company.receipt("opportunities").used == 3
    before = company.at(date(2026, 2, 1))
    assert before.table("opportunities")["opportunity_id"].to_list() == ["1"]
    assert before.receipt("opportunities").set_aside["undated"].rows == 2


def test_a_day_before_everything_is_refused_and_one_long_after_is_told(settings) -> None:
    """Pages of zeros for 2015, and forecasts of nothing for 2030, looked like results."""
    calls = pl.DataFrame({"activity_id": ["a"], "happened_at": [date(2025, 12, 1)]})
    frames = {"opportunities": DEALS, "activities": calls}
    with pytest.raises(ParameterError, match=r"as of 2025-11-30.*first entry is of 2025-12-01"):
        company_from_frames(frames, settings, as_of="2025-11-30")
    assert company_from_frames(frames, settings, as_of="2025-12-01").table("activities").height == 1
    first = company_from_frames(frames, settings, as_of="2026-01-01")
    assert first.receipt("opportunities").used == 3
    assert first.at(date(2020, 1, 1)).table("opportunities").height == 0  # a backtest may ask
    newest = company_from_frames(frames, settings).exported_on
    for days, told in ((0, []), (31, []), (32, [32]), (1400, [1400])):
        late = company_from_frames(frames, settings, as_of=newest + timedelta(days=days))
        found = [n.details["days"] for n in late.notices if n.kind == "stale"]
        assert found == told
        scoped = late.within(Scope.rep("ann"))
        assert [n.details["days"] for n in scoped.notices if n.kind == "stale"] == told


def test_the_default_window_is_twelve_whole_months(settings) -> None:
    company = company_from_frames({"opportunities": DEALS}, settings)
    window = company.default_window()
    assert (window.start, window.end) == (date(2025, 2, 1), date(2026, 2, 1))
    end_of_month = company.at(date(2026, 2, 28)).default_window()
    assert (end_of_month.start, end_of_month.end) == (date(2025, 3, 1), date(2026, 3, 1))


def test_pandas_comes_in_and_is_remembered(settings) -> None:
    theirs = DEALS.to_pandas()
    before = theirs.copy()
    company = company_from_frames({"opportunities": theirs}, settings)
    pd.testing.assert_frame_equal(theirs, before)
    ours = company_from_frames({"opportunities": DEALS}, settings)
    assert (company.border, ours.border) == ("pandas", "polars")
    assert_frame_equal(company.table("opportunities"), ours.table("opportunities"))


def test_frames_only(settings) -> None:
    with pytest.raises(DataError, match=r"not a frame.*dict"):
        company_from_frames({"opportunities": {}}, settings)
    with pytest.raises(DataError, match="Write 'opportunities'"):
        company_from_frames({"opportunites": DEALS}, settings)
    with pytest.raises(DataError, match="nothing to build on"):
        company_from_frames({"reps": pl.DataFrame({"rep_id": ["a"]})}, settings)
    with pytest.raises(DataError, match="No row is dated"):
        company_from_frames({"opportunities": DEALS.drop("created_at", "closed_at")}, settings)


@pytest.mark.parametrize("name", ["opportunities", "stints", "stage_events"])
def test_duckdb_and_polars_give_the_same_rows(settings, name) -> None:
    events = pl.DataFrame(
        {
            "opportunity_id": ["1", "1"],
            "stage": ["Lead", "Won"],
            "entered_at": [date(2026, 1, 1)] * 2,
        }
    )
    frames = {"opportunities": DEALS, "stage_events": events}
    got = {
        engine: pl.DataFrame(
            company_from_frames(frames, settings, engine=engine).rows(name).collect().to_arrow()
        ).sort("opportunity_id")
        for engine in ("polars", "duckdb")
    }
    assert_frame_equal(got["polars"], got["duckdb"])


def test_no_caller_frame_is_changed(settings) -> None:
    before = DEALS.clone()
    company_from_frames({"opportunities": DEALS}, settings).at(date(2026, 2, 1)).table(
        "opportunities"
    )
    assert_frame_equal(DEALS, before)


FILE = """
version = 1
[workspace]
id = "acme"
name = "Acme"
currency = "ILS"
[stages]
open = ["Lead"]
won = ["Won"]
lost = ["Lost"]
[tables.opportunities]
path = "deals.csv"
dates = "day-first"
values.stage = { Gewonnen = "Won" }
fixed = { source = "web" }
zero_is_missing = ["amount"]
[tables.opportunities.columns]
opportunity_id = "id"
stage = "stage"
created_at = "made"
closed_at = "close"
amount = "sum"
rep_id = "who"
[tables.reps]
path = "people.csv"
columns = { rep_id = "who", name = "name", team = "team" }
"""
ROWS = (
    "id;stage;made;close;sum;who\n"
    "1;Gewonnen;1/2/2026;3/2/2026;1.234,50 ₪;a\n"
    "2;Lead;2/2/2026;;0;b\n"
    "3;Lead;9\n"
    "4;Won;1/2/2026;31/2/2026;7;a\n"
)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "spm.toml").write_text(
        FILE.replace('"deals.csv"', '"deals.csv"\ndecimal = ","'), encoding="utf-8"
    )
    (tmp_path / "deals.csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "people.csv").write_text("who,name,team\na,Ann,north\nb,Bob,south\n")
    return tmp_path / "spm.toml"


def test_a_workspace_file_opens(workspace) -> None:
    company = spm_lib.open(workspace)
    rows = company.table("opportunities").select("opportunity_id", "outcome", "amount", "source")
    assert rows.rows() == [("1", "won", 123450, "web"), ("2", "open", None, "web")]
    receipt = company.receipt("opportunities")
    assert {k: (v.rows, v.amount) for k, v in receipt.set_aside.items()} == {
        "unreadable closed_at": (1, 700),
        "unreadable row": (1, None),
    }
    assert company.as_of == company.exported_on == date(2026, 2, 3)
    assert company.has("memberships")
    assert company.has("opportunities", "amount")
    assert not company.has("opportunities", "discount")
    assert not company.has("orders")
    kinds = {n.kind for n in company.notices}
    assert {"quarantine", "zero_amount"} <= kinds


def test_scopes_and_days_can_be_given_as_text(workspace) -> None:
    company = open_company(workspace, as_of="2026-02-02", scope="team:south")
    assert company.scope.rep_ids == {"b"}
    assert company.as_of == date(2026, 2, 2)
    with pytest.raises(ScopeError, match="north, south"):
        open_company(workspace, scope="team:east")
    assert open_company(workspace, scope=Scope.rep("a")).receipt("opportunities").read == 2


def test_all_tables_that_ask_for_missing_columns_are_told_at_once(workspace) -> None:
    text = workspace.read_text(encoding="utf-8")
    workspace.write_text(
        text.replace('"made"', '"maid"').replace('team = "team"', 'team = "tema"'), "utf-8"
    )
    with pytest.raises(WorkspaceError) as caught:
        open_company(workspace)
    text = str(caught.value)
    assert "[tables.opportunities] columns.created_at: there is no column 'maid'" in text
    assert "[tables.reps] columns.team: there is no column 'tema' in people.csv" in text
    assert "id, stage, made, close, sum, who" in text


def test_queries_are_counted(workspace) -> None:
    text = workspace.read_text(encoding="utf-8")
    workspace.write_text(
        text.replace(
            '[tables.reps]\npath = "people.csv"',
            '[raw.people]\npath = "people.csv"\n[tables.reps]\n'
            "query = \"select * from people where who = 'a'\"",
        ),
        encoding="utf-8",
    )
    company = open_company(workspace)
    assert company.table("reps")["name"].to_list() == ["Ann"]
    note = next(n for n in company.notices if n.kind == "query")
    assert str(note) == "The query of reps made 1 rows of 2 rows (people)."


def test_of_monthly_exports_the_last_one_stands(workspace) -> None:
    text = workspace.read_text(encoding="utf-8")
    workspace.write_text(text.replace('"deals.csv"', '"deals*.csv"'), encoding="utf-8")
    later = "id;stage;made;close;sum;who\n2;Gewonnen;2/2/2026;9/2/2026;50,00;b\n"
    (workspace.parent / "deals_later.csv").write_text(later, encoding="utf-8")
    company = open_company(workspace)
    rows = (
        company.table("opportunities")
        .select("opportunity_id", "outcome", "amount")
        .sort("opportunity_id")
    )
    assert rows.rows() == [("1", "won", 123450), ("2", "won", 5000)]
    assert company.receipt("opportunities").set_aside["in a later file too"].rows == 1


def test_changes_of_deals_that_are_set_aside_are_told_from_those_of_no_deal(settings) -> None:
    deals = pl.concat([DEALS, DEALS[:1].with_columns(amount=pl.lit(5.0))])
    events = pl.DataFrame(
        {
            "opportunity_id": ["1", "2", "9"],
            "stage": ["Lead"] * 3,
            "entered_at": [date(2026, 1, 1)] * 3,
        }
    )
    company = company_from_frames({"opportunities": deals, "stage_events": events}, settings)
    receipt = company.receipt("stage_events")
    assert receipt.used == 1
    assert {k: v.rows for k, v in receipt.set_aside.items()} == {
        "deal set aside": 1,
        "no such deal": 1,
    }


def test_order_lines_are_numbered_or_checked(settings) -> None:
    day = date(2026, 1, 5)
    lines = pl.DataFrame(
        {"order_id": ["A", "B", "A"], "date": [day] * 3, "amount": [1, 2, 1], "rep_id": ["a"] * 3}
    )
    bare = company_from_frames({"orders": lines}, settings)
    assert bare.table("orders")["line"].to_list() == ["1", "1", "2"]
    given = lines.with_columns(line=pl.Series(["1", "1", "1"]))
    receipt = company_from_frames({"orders": given}, settings).receipt("orders")
    assert (receipt.used, receipt.set_aside["exact repeat"].rows) == (2, 1)
