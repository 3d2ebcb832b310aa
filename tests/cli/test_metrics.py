"""``spm metrics``: the dictionary, and figures that are those of the library."""

from __future__ import annotations

import csv
import io
import itertools
import json
import math
from datetime import date, timedelta

import polars as pl
import pytest

import spm_lib
from spm_lib.core import Window
from spm_lib.metrics import measure
from spm_lib.model import metric_ids, open_company

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def co(made_company):
    return spm_lib.open(made_company / "spm.toml")


@pytest.fixture
def ask(spm, made_company):
    return lambda *args: spm.ok("metrics", *args, "--workspace", made_company / "spm.toml")


def test_the_dictionary_holds_every_declared_id_in_both_languages(spm) -> None:
    entries = json.loads(spm.ok("metrics", "--format", "json"))
    assert [entry["id"] for entry in entries] == [m.id for m in metric_ids()]
    assert all(entry["formula"] and entry["unit"] and entry["null_rule"] for entry in entries)
    rows = list(csv.DictReader(io.StringIO(spm.ok("metrics", "--format", "csv"))))
    assert [row["id"] for row in rows] == [entry["id"] for entry in entries]
    table = spm.ok("metrics")
    assert all(entry["id"] in table and entry["name_he"] in table for entry in entries)


def test_the_fixed_ids_of_the_design_are_there(spm) -> None:
    fixed = [
        "won.count",
        "won.amount",
        "lost.count",
        "open.count",
        "open.amount",
        "win_rate.closed.count",
        "win_rate.closed.value",
        "win_rate.created",
        "stage_conversion.cohort",
        "stage_conversion.period",
        "time_in_stage.median_days",
        "cycle.won.median_days",
        "cycle.won.mean_days",
        "cycle.won.median_working_days",
        "velocity",
        "deal.mean_amount",
        "account.won_amount_mean",
        "coverage",
        "attainment",
        "activity.count",
        "activity.per_won",
    ]
    known = {entry["id"] for entry in json.loads(spm.ok("metrics", "--format", "json"))}
    assert set(fixed) <= known


def test_json_is_the_record_of_figures_json(ask, co) -> None:
    found = json.loads(ask("win_rate.closed.count", "--by", "rep_id", "--format", "json"))
    expected = measure(co, "win_rate.closed.count", by="rep_id").figures()
    assert found == [figure.to_dict(2) for figure in expected]
    assert set(found[0]) == {
        "metric", "by", "window", "as_of", "value", "unit", "n", "low", "high", "level", "receipt"
    }  # fmt: skip


def test_young_cohorts_are_marked_wherever_their_rate_is_printed(ask, co) -> None:
    """A cohort is mature once its youngest deal is older than 90 % of won deals took."""
    won = co.table("opportunities").filter(pl.col("outcome") == "won")
    days = sorted((won["closed_on"] - won["created_on"]).dt.total_days().drop_nulls())
    slow = days[math.ceil(0.9 * (len(days) - 1))]
    line = ["win_rate.created", "--by", "quarter"]
    records = json.loads(ask(*line, "--format", "json"))
    marks = [record["mature"] for record in records]
    assert marks == sorted(marks, reverse=True)
    assert set(marks) == {True, False}
    for record in records:
        youngest = min(date.fromisoformat(record["window"][1]) - timedelta(1), co.as_of)
        age = (co.as_of - youngest).days
        assert abs(age - slow) < 2 or record["mature"] == (age >= slow)
    rows = list(csv.DictReader(io.StringIO(ask(*line, "--format", "csv"))))
    assert [row["mature"] for row in rows] == [str(mark) for mark in marks]
    table = ask(*line)
    assert table.count("not yet") == marks.count(False) + 1, "each young row, and the line below"
    assert "will still change" in table
    assert "עוד לא" in ask(*line, "--language", "he")


def test_figures_of_no_cohort_have_no_such_mark(ask) -> None:
    line = ["win_rate.closed.count", "--by", "quarter"]
    assert all("mature" not in record for record in json.loads(ask(*line, "--format", "json")))
    assert "mature" not in ask(*line, "--format", "csv")
    assert "mature" not in ask(*line)


@pytest.mark.parametrize("how", ["cohort", "period"])
def test_a_stage_conversion_is_printed_with_its_counts(ask, co, how) -> None:
    metric, counted = f"stage_conversion.{how}", ["entered", "advanced", "lost", "still_open"]
    frame = measure(co, metric).frame
    rows = list(csv.DictReader(io.StringIO(ask(metric, "--format", "csv"))))
    names = [*counted, "skipped", "re_entered", "lost_stage_unknown"]
    for row, truth in zip(rows, frame.to_dicts(), strict=True):
        assert {name: int(row[name]) for name in names} == {name: truth[name] for name in names}
        assert int(row["entered"]) == sum(int(row[name]) for name in counted[1:])
    records = json.loads(ask(metric, "--format", "json"))
    assert [r["counts"]["re_entered"] for r in records] == frame["re_entered"].to_list()
    table = ask(metric)
    assert all(title in table for title in ("still open", "skipped", "re entered"))


def test_csv_and_table_say_the_same(ask, co) -> None:
    line = ["won.amount", "--by", "quarter", "--from", "2025-01-01", "--to", "2026-01-01"]
    rows = list(csv.DictReader(io.StringIO(ask(*line, "--format", "csv"))))
    window = Window(date(2025, 1, 1), date(2026, 1, 1))
    frame = measure(co, "won.amount", by="quarter", window=window).frame
    assert [row["quarter"] for row in rows] == [str(day) for day in frame["quarter"]]
    assert [round(float(row["value"]) * 100) for row in rows] == frame["value"].to_list()
    table = ask(*line)
    for row in rows:
        assert f"{float(row['value']):,.0f}" in table
    assert "Window: from 1 Jan 2025 until before 1 Jan 2026." in table


def test_the_window_is_half_open_and_may_be_a_period(ask) -> None:
    def value(*edges: str) -> int:
        return int(json.loads(ask("won.count", *edges, "--format", "json"))[0]["value"])

    edges = ["2025-04-01", "2025-05-01", "2025-06-01", "2025-07-01"]
    parts = sum(value("--from", a, "--to", b) for a, b in itertools.pairwise(edges))
    assert parts == value("--from", "2025-Q2") == value("--from", edges[0], "--to", edges[-1])
    assert parts > 0


def test_as_of_is_handed_on(ask, made_company) -> None:
    found = json.loads(ask("open.count", "--as-of", "2025-06-30", "--format", "json"))
    past = spm_lib.open(made_company / "spm.toml", as_of="2025-06-30")
    assert found == [figure.to_dict(2) for figure in measure(past, "open.count").figures()]
    assert found[0]["as_of"] == "2025-06-30"


def test_the_engine_is_handed_on_and_answers_alike(ask, spm, made_company, monkeypatch) -> None:
    asked, opened = ("won.amount", "--by", "rep_id", "--format", "json"), []
    known = ask(*asked)
    monkeypatch.setattr(
        "spm_lib.model.open_company",
        lambda *a, **k: opened.append(open_company(*a, **k)) or opened[-1],
    )
    assert ask(*asked, "--engine", "duckdb") == known
    assert [co.engine for co in opened] == ["duckdb"]
    file = made_company / "spm.toml"
    said = spm.refused("metrics", "won.count", "--engine", "excel", "--workspace", file)
    assert "polars, duckdb, spark, warehouse" in said


def test_a_table_tells_definition_and_receipt(ask) -> None:
    told = ask("win_rate.closed.count")
    assert "Formula: Won / (won + lost)" in told
    assert "Set aside: open" in told
    assert "95 % interval" in told
    hebrew = ask("win_rate.closed.count", "--language", "he")
    assert "רווח סמך" in hebrew
    assert "נכון ליום" in hebrew


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (["won.cont"], "won.count"),
        (["won.count", "--by", "nose"], "nose"),
        (["won.count", "--to", "2026-01-01"], "--from"),
        (["won.count", "--from", "2026-13-01"], "2026-13-01"),
        (["won.count", "--from", "2026-02-01", "--to", "2026-01-01"], "ends before"),
        (["won.count", "--workspace", "no/spm.toml"], "spm init"),
        (["won.count", "--from", "9999-12"], "years 1900 to 2200"),
        (["won.count", "--from", "9999"], "years 1900 to 2200"),
        (["won.count", "--from", "0001-01-01", "--by", "week"], "years 1900 to 2200"),
        (["won.count", "--from", "2026-01-01", "--to", "9999-12-31"], "years 1900 to 2200"),
        (["won.count", "--as-of", "9999-12-31"], "years 1900 to 2200"),
        (["won.count", "--as-of", "0001-01-01"], "years 1900 to 2200"),
        (["won.count", "--as-of", "2015-01-01"], "first entry is of"),
        (["won.count", "--from", "2030-01-01"], "has no days"),
        (["won.count", "--from", "2025-01-01", "--to", "2025-01-01"], "has no days"),
        (["won.count", "--by", "set_aside"], "no column 'set_aside'"),
    ],
)
def test_what_cannot_be_asked_is_refused(spm, made_company, line, says) -> None:
    given = [] if "--workspace" in line else ["--workspace", made_company / "spm.toml"]
    assert says in spm.refused("metrics", *line, *given)


def test_a_day_long_after_the_newest_entry_is_told_first(ask, co) -> None:
    late = ask("won.count", "--as-of", "2030-01-01")
    days = (date(2030, 1, 1) - co.exported_on).days
    assert late.startswith(f"The newest entry is {days:,} days older than the day reported:")
    assert not ask("won.count").startswith("The newest entry")
    hebrew = ask("won.count", "--as-of", "2030-01-01", "--language", "he")
    assert "מוקדם" in hebrew.splitlines()[0]


def test_people_are_named_beside_their_ids_and_numbers_count_up(spm, tmp_path) -> None:
    rows = [f"{n},{rep},9,Won,2026-01-0{1 + n % 9}" for n, rep in enumerate([10, 9, 1, 2, 10, ""])]
    (tmp_path / "deals.csv").write_text("\n".join(["id,rep,sum,stage,day", *rows]))
    (tmp_path / "people.csv").write_text("id,name\n1,Dana\n2,Avi\n9,Noa\n10,Avi\n11,Gil\n")
    (tmp_path / "spm.toml").write_text(PEOPLE)
    told = spm.ok("metrics", "won.count", "--by", "rep_id", "-w", tmp_path / "spm.toml")
    table = [line.split()[:3] for line in told.splitlines() if line[:2].strip().isdecimal()]
    assert table == [["1", "Dana", "1"], ["2", "Avi", "1"], ["9", "Noa", "1"], ["10", "Avi", "2"]]
    assert ["rep_id", "name", "value"] in [line.split()[:3] for line in told.splitlines()]
    assert ["–", "–", "1"] in [line.split()[:3] for line in told.splitlines()]
    found = json.loads(
        spm.ok(
            *("metrics", "won.count", "--by", "rep_id", "--format", "json"),
            *("-w", tmp_path / "spm.toml"),
        )
    )
    assert set(found[0]["by"]) == {"rep_id"}


PEOPLE = """version = 1
[workspace]
id = "acme"
name = "Acme"
currency = "ILS"
[stages]
won = ["Won"]
[tables.opportunities]
path = "deals.csv"
columns = { opportunity_id = "id", rep_id = "rep", stage = "stage", closed_at = "day" }
[tables.reps]
path = "people.csv"
columns = { rep_id = "id", name = "name" }
"""
OWN = """
import narwhals.stable.v2 as nw
from spm_lib import metric


@metric("client.big.count", title="Big wins", formula="Wins of 10,000 or more", kind="count")
def big_wins(rows):
    small = (nw.col("outcome") != "won") | ~(nw.col("amount") >= 1_000_000).fill_null(False)
    return rows.with_columns(reason=nw.when(small).then(nw.lit("not a big win")))
"""


def test_a_clients_own_metric_is_in_the_dictionary_and_answers(spm, company) -> None:
    workspace = company / "spm.toml"
    (company / "notebooks").mkdir()
    (company / "notebooks" / "metrics.py").write_text(OWN)
    assert "Big wins" in spm.ok("metrics", "--workspace", workspace)
    line = ["metrics", "client.big.count", "--format", "json", "--workspace", workspace]
    figure = json.loads(spm.ok(*line))[0]
    deals = spm_lib.open(workspace).table("opportunities")
    amounts = [row["amount"] or 0 for row in deals.to_dicts() if row["outcome"] == "won"]
    assert int(figure["value"]) == sum(amount >= 1_000_000 for amount in amounts) > 0
    (company / "notebooks" / "metrics.py").write_text("1 / 0")
    assert "ZeroDivisionError" in spm.refused(*line)
