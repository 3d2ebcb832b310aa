"""The named questions: their frames, their order, pandas at the border, and clear refusals."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from spm_lib import metrics
from spm_lib.core.calendar import Window
from spm_lib.core.errors import MetricError, ParameterError
from spm_lib.metrics import measure
from spm_lib.model import company_from_frames
from tests.metrics.companies import OPEN, SETTINGS, company, frames, random_facts
from tests.metrics.oracles import of_kind

FACTS = random_facts(61, deals=50)
CO = company(FACTS)
FIXED = [
    "metric",
    "window_start",
    "window_end",
    "as_of",
    "value",
    "n",
    "low",
    "high",
    "used",
    "set_aside",
]
QUESTIONS = {
    "win_rate": ({"variant": "count"}, {"variant": "value"}, {"variant": "created"}),
    "won": ({}, {"of": "count"}),
    "lost": ({}, {"of": "amount"}),
    "lost_reasons": ({},),
    "stage_conversion": ({}, {"how": "period"}),
    "time_in_stage": ({}, {"variant": "km"}),
    "cycle_time": ({}, {"variant": "mean"}, {"variant": "working"}, {"variant": "km"}),
    "sales_velocity": ({},),
    "deal_size": ({},),
    "account_value": ({},),
    "open_pipeline": ({}, {"on": date(2026, 2, 1)}, {"of": "count"}),
    "coverage": ({},),
    "attainment": ({},),
    "activity_count": ({},),
}
ASKED = [(name, how) for name, hows in QUESTIONS.items() for how in hows]


@pytest.mark.parametrize(("name", "how"), ASKED)
def test_a_question_returns_the_columns_of_the_contract(name: str, how: dict) -> None:
    frame = getattr(metrics, name)(CO, by="rep_id", **how)
    assert frame.columns[0] == "rep_id"
    assert [c for c in frame.columns if c in FIXED] == FIXED
    reps = frame["rep_id"].drop_nulls().to_list()
    assert reps == sorted(reps)
    assert frame["metric"].n_unique() == 1


@pytest.mark.parametrize(("name", "how"), ASKED)
def test_pandas_in_gives_pandas_out(name: str, how: dict) -> None:
    given = {table: frame.to_pandas() for table, frame in frames(FACTS).items()}
    co = company_from_frames(given, SETTINGS, as_of=FACTS.as_of)
    ask = getattr(metrics, name)
    answer = ask(co, by="rep_id", **how)
    assert type(answer).__module__.startswith("pandas")
    here = pl.from_pandas(answer)["value"].cast(pl.Float64)
    assert here.equals(ask(CO, by="rep_id", **how)["value"].cast(pl.Float64))


@pytest.mark.parametrize(
    "name", ["win_rate", "won", "stage_conversion", "time_in_stage", "survival"]
)
def test_an_unknown_variant_is_refused_with_the_known_ones(name: str) -> None:
    argument = {"won": "of", "stage_conversion": "how", "survival": "of"}.get(name, "variant")
    with pytest.raises(MetricError, match="Use one of"):
        getattr(metrics, name)(CO, **{argument: "nonsense"})


def test_the_pipeline_by_stage_adds_up_and_keeps_the_stages_in_order() -> None:
    frame = metrics.pipeline_by_stage(CO)
    assert frame["stage"].to_list() == [s for s in OPEN if s in frame["stage"].to_list()]
    assert frame["count"].sum() == measure(CO, "open.count").frame["value"].item()
    assert frame["amount"].sum() == measure(CO, "open.amount").frame["value"].item()


def test_the_month_series_is_the_pipeline_on_the_last_day_of_each_month() -> None:
    series = metrics.open_pipeline(CO, by=["stage", "month"], of="count")
    for row in series.to_dicts():
        day = row["window_start"]
        single = metrics.open_pipeline(CO, on=day, by="stage", of="count")
        assert row["value"] == dict(single.select("stage", "value").rows())[row["stage"]]
    assert series["window_start"].max() == FACTS.as_of


def test_the_pipeline_of_a_past_day_is_what_was_open_as_of_that_day() -> None:
    """Two routes: the visits that cover the day, and the deals open in the company at that day."""
    for day in (date(2026, 1, 10), date(2026, 2, 20)):
        standing = metrics.open_pipeline(CO, on=day, of="count")["value"].item()
        assert standing == measure(CO.at(day), "open.count").frame["value"].item()


def test_without_history_a_past_day_is_asked_of_the_company_at_that_day() -> None:
    co = company(random_facts(62, deals=30, history=False, undated=False))
    day = date(2026, 1, 31)
    asked = metrics.open_pipeline(co, on=day, of="count")["value"].item()
    assert asked == measure(co.at(day), "open.count").frame["value"].item()
    with pytest.raises(MetricError, match="needs the history of stages"):
        metrics.open_pipeline(co, by="month")


def test_activity_ratios_are_a_chain_of_counts() -> None:
    frame = metrics.activity_ratios(CO, by="rep_id")
    for row in frame.to_dicts():
        mine = [a for a in FACTS.activities if a["rep"] == row["rep_id"]]
        assert (row["calls"], row["meetings"]) == (
            of_kind(mine, "call", None),
            of_kind(mine, "meeting", None),
        )
        expected = row["meetings"] / row["calls"] if row["calls"] else None
        assert row["meetings_per_call"] == pytest.approx(expected)
    months = metrics.activity_ratios(CO)
    assert months["calls"].sum() == frame["calls"].sum()
    assert months["won"].sum() == frame["won"].sum()


@pytest.mark.parametrize("name", ["meetings_per_call", "proposals_per_meeting", "won_per_proposal"])
def test_the_chain_divides_as_the_metrics_of_that_name_do(name) -> None:
    for by in ("rep_id", None):
        chain = metrics.activity_ratios(CO, by=by)
        asked = measure(CO, f"activity.{name}", by=by).frame
        keys = [by] if by else []
        told = {tuple(row[k] for k in keys): row["value"] for row in asked.to_dicts()}
        for row in chain.to_dicts():
            assert row[name] == pytest.approx(told.get(tuple(row[k] for k in keys)))


def test_survival_starts_with_all_and_falls() -> None:
    curve = metrics.survival(CO, by="rep_id")
    for (_,), part in curve.group_by("rep_id", maintain_order=True):
        assert part["survival"].is_sorted(descending=True)
        assert part["time"].is_sorted()
        assert part["at_risk"][0] >= part["events"].sum()
    whole = metrics.survival(CO)
    assert whole["at_risk"][0] == measure(CO, "cycle.closed.km_median_days").frame["n"].item()


def test_quartiles_enclose_the_median() -> None:
    frames = [metrics.cycle_time(CO, by="month"), metrics.time_in_stage(CO)]
    frames += [metrics.cycle_time(CO, variant=variant) for variant in ("working", "km")]
    frames += [metrics.time_in_stage(CO, variant=variant) for variant in ("working", "km")]
    for frame in frames:
        known = frame.drop_nulls("value")
        assert known.height
        assert (
            known.filter((pl.col("q1") > pl.col("value")) | (pl.col("q3") < pl.col("value"))).height
            == 0
        )


@pytest.mark.parametrize(
    "window",
    [
        "2026-Q1",
        Window(date(2026, 1, 1), date(2026, 4, 1)),
        (date(2026, 1, 1), date(2026, 4, 1)),
        CO.calendar.period_of(date(2026, 2, 2), "quarter"),
        "2026-01-01/2026-04-01",
    ],
    ids=lambda w: type(w).__name__,
)
def test_windows_may_be_written_in_many_ways(window: object) -> None:
    row = metrics.won(CO, window=window).to_dicts()[0]
    assert (row["window_start"], row["window_end"]) == (date(2026, 1, 1), date(2026, 4, 1))


def test_what_is_no_window_is_refused() -> None:
    with pytest.raises(ParameterError, match="could not be understood"):
        metrics.won(CO, window="last quarter")


def test_an_unknown_metric_names_the_nearest() -> None:
    with pytest.raises(MetricError, match=r"win_rate\.closed\.count"):
        measure(CO, "win_rate.close.count")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("win_rate", "win_rate.closed.count, win_rate.closed.value, win_rate.created"),
        ("Win_Rate.Closed", "win_rate.closed.count, win_rate.closed.value"),
        ("cycle.won", "cycle.won.mean_days, cycle.won.median_days, cycle.won.median_working_days"),
    ],
)
def test_the_beginning_of_an_id_names_all_that_begin_so(asked: str, told: str) -> None:
    """``win_rate`` was answered with the rate of created deals only."""
    with pytest.raises(MetricError) as refused:
        measure(CO, asked)
    assert (refused.value.found or "").startswith(f"nearest: {told}")


def test_two_periods_are_refused() -> None:
    with pytest.raises(MetricError, match="one period"):
        metrics.won(CO, by=["month", "year"])


def test_a_column_of_several_tables_is_asked_for_with_its_table() -> None:
    """``name`` alone gave the names of customers to whoever asked for those of people."""
    made = frames(FACTS)
    made["reps"] = pl.DataFrame({"rep_id": ["r1", "r2", "r3"], "name": ["Ann", "Ben", "Ann"]})
    made["accounts"] = pl.DataFrame({"account_id": ["a1", "a2"], "name": ["Acme", "Ann"]})
    co = company_from_frames(made, SETTINGS, as_of=FACTS.as_of)
    with pytest.raises(MetricError, match=r"Found: accounts, reps.*accounts.name or reps.name"):
        metrics.won(co, by="name")
    for column, key, called in (
        ("reps.name", "rep_id", {"r1": "Ann", "r2": "Ben", "r3": "Ann"}),
        ("accounts.name", "account_id", {"a1": "Acme", "a2": "Ann"}),
    ):
        parts: dict[str | None, int] = {}
        for one, value in metrics.won(co, by=key).select(key, "value").iter_rows():
            name = called.get(one)
            parts[name] = parts.get(name, 0) + value
        assert dict(metrics.won(co, by=column).select(column, "value").iter_rows()) == parts
    target = metrics.attainment(co, by=["reps.name"], window="2026-Q1")
    assert target["target"].sum() == metrics.attainment(co, window="2026-Q1")["target"].item()
    with pytest.raises(MetricError, match=r"accounts\.name.*reps\.name"):
        metrics.won(co, by="nosuch")
    del made["accounts"]
    alone = company_from_frames(made, SETTINGS, as_of=FACTS.as_of)
    assert metrics.won(alone, by="name")["name"].drop_nulls().to_list() == ["Ann", "Ben"]


def test_targets_are_not_broken_down_by_deals() -> None:
    with pytest.raises(MetricError, match="reps and teams"):
        metrics.attainment(CO, by="segment", window="2026-Q1")


def test_targets_of_teams_are_used_where_reps_have_none() -> None:
    made = frames(FACTS)
    quarter = {"period_start": [date(2026, 1, 1)] * 2, "period_end": [date(2026, 4, 1)] * 2}
    made["targets"] = pl.DataFrame({"team": ["North", "South"], **quarter, "value": [1_000, 3_000]})
    co = company_from_frames(made, SETTINGS, as_of=FACTS.as_of)
    teams = metrics.attainment(co, by="team", window="2026-Q1").drop_nulls("target")
    assert dict(teams.select("team", "target").rows()) == {"North": 100_000, "South": 300_000}
    assert metrics.attainment(co, window="2026-Q1")["target"].item() == 400_000


def test_a_managers_target_is_that_of_the_team_then() -> None:
    frame = metrics.attainment(CO, by="manager_id", window=(date(2026, 2, 1), date(2026, 3, 1)))
    mine = {
        manager: sum(
            100 * t["value"]
            for t in FACTS.targets
            if t["metric"] == "won.amount"
            and t["rep"] in reps
            and t["start"] == date(2026, 2, 1)
            and t["end"] == date(2026, 3, 1)
        )
        for manager, reps in {"m2": ("r1", "r2")}.items()
    }
    known = frame.filter(pl.col("manager_id") == "m2")
    assert known["target"].item() == mine["m2"]


def test_money_is_minor_units_and_figures_are_major_text() -> None:
    answer = measure(CO, "won.amount")
    minor = answer.frame["value"].item()
    assert answer.figures()[0].value == f"{minor // 100}.{minor % 100:02d}"
    assert answer.figures()[0].unit == "money:ILS"


def test_a_column_of_reps_or_accounts_can_be_asked_for() -> None:
    made = frames(FACTS)
    made["reps"] = pl.DataFrame({"rep_id": ["r1", "r2", "r3"], "office": ["N", "S", "N"]})
    co = company_from_frames(made, SETTINGS, as_of=FACTS.as_of)
    offices = dict(metrics.won(co, by="office").select("office", "value").rows())
    reps = dict(metrics.won(co, by="rep_id").select("rep_id", "value").rows())
    assert offices["N"] == reps["r1"] + reps["r3"]
    assert offices["S"] == reps["r2"]
