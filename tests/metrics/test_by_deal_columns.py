"""Visits and activities by the columns of their deals, and by those of the deals' customers."""

from __future__ import annotations

import random
import statistics
from collections import defaultdict
from datetime import date, timedelta

import polars as pl
import pytest

from spm_lib.core.errors import MetricError
from spm_lib.metrics import measure, survival
from spm_lib.metrics.dimensions import internal_columns
from spm_lib.model import Company, company_from_frames
from tests.metrics.companies import FIRST, SETTINGS, Facts, deal_states, frames, random_facts
from tests.metrics.oracles import ORACLES, open_visits

pytestmark = pytest.mark.slow

FACTS = random_facts(31, deals=50)
COUNTRY = {"a1": "IL", "a2": "US", "a3": None}
QUARTER = (date(2026, 1, 1), date(2026, 4, 1))
RNG = random.Random(5)
ACTS = [
    {
        "id": f"t{i}",
        "rep": RNG.choice(["r1", "r2", None]),
        "kind": RNG.choice(["call", "meeting", "proposal", "email"]),
        "day": FIRST + timedelta(RNG.randrange(130)),
        "deal": RNG.choice([None, *(f"d{n}" for n in range(12))]),
    }
    for i in range(150)
]
engines = pytest.mark.parametrize("engine", ["polars", "duckdb"])


def opened(engine: str) -> Company:
    made = frames(FACTS)
    made["accounts"] = pl.DataFrame(
        {"account_id": list(COUNTRY), "name": list(COUNTRY), "Country": list(COUNTRY.values())}
    )
    made["activities"] = pl.DataFrame(
        {
            "activity_id": [a["id"] for a in ACTS],
            "rep_id": [a["rep"] for a in ACTS],
            "kind": [a["kind"] for a in ACTS],
            "happened_at": [a["day"] for a in ACTS],
            "opportunity_id": [a["deal"] for a in ACTS],
        }
    )
    del made["memberships"]
    return company_from_frames(made, SETTINGS, as_of=FACTS.as_of, engine=engine)


DEALS = {d["id"]: d for d in deal_states(FACTS)}


def of_deal(deal: str | None, column: str) -> str | None:
    """Return what the deal says, looked up by hand."""
    found = DEALS[deal] if deal else {}
    if column == "Country":
        return COUNTRY.get(found.get("account"))  # pyright: ignore
    return found.get({"account_id": "account"}.get(column, column))


@engines
@pytest.mark.parametrize("column", ["segment", "account_id", "Country", "lost_reason"])
@pytest.mark.parametrize(
    "metric", ["time_in_stage.median_days", "time_in_stage.km_median_days", "pipeline.amount"]
)
def test_visits_by_what_their_deal_says(engine: str, column: str, metric: str) -> None:
    groups = defaultdict(list)
    staged = not metric.startswith("pipeline")
    for visit in open_visits(FACTS):
        place = (of_deal(visit["deal"], column), *([visit["stage"]] if staged else []))
        groups[place].append(visit)
    found = measure(opened(engine), metric, by=column, window=QUARTER)
    told = {tuple(row[n] for n in found.by): row for row in found.frame.iter_rows(named=True)}
    assert set(told) == set(groups)
    assert len({place[0] for place in groups}) >= 2
    for place, rows in groups.items():
        value, n = ORACLES[metric](FACTS, rows, QUARTER)
        assert told[place]["n"] == n
        assert told[place]["value"] == pytest.approx(value)


@engines
@pytest.mark.parametrize("column", ["segment", "account_id", "Country"])
def test_activities_by_what_their_deal_says(engine: str, column: str) -> None:
    acts = defaultdict(list)
    for act in ACTS:
        acts[of_deal(act["deal"], column)].append(act)
    won: dict[str | None, int] = defaultdict(int)
    for name, deal in DEALS.items():
        won[of_deal(name, column)] += deal["outcome"] == "won"
    co = opened(engine)
    found = {
        r[column]: r["value"] for r in measure(co, "activity.count", by=column).frame.to_dicts()
    }
    assert found == {group: len(rows) for group, rows in acts.items()}
    ratio = measure(co, "activity.per_won", by=column).frame.to_dicts()
    for row in ratio:
        wins = won[row[column]]
        expected = len(acts[row[column]]) / wins if wins else None
        assert row["value"] == pytest.approx(expected)
    chain = measure(co, "activity.meetings_per_call", by=column).frame.to_dicts()
    for row in chain:
        kinds = [act["kind"] for act in acts[row[column]]]
        calls = kinds.count("call")
        assert row["value"] == pytest.approx(kinds.count("meeting") / calls if calls else None)


@engines
def test_receipts_add_up_by_a_deals_column(engine: str) -> None:
    co = opened(engine)
    for metric in ("activity.count", "time_in_stage.q3_days"):
        whole = measure(co, metric)
        parts = measure(co, metric, by="segment")
        read = [r.read for r in parts.receipts]
        staged = len(whole.frame) if metric.startswith("time") else 1
        assert sum(read) == sum(r.read for r in whole.receipts)
        assert staged == len(whole.receipts)


def test_survival_by_a_deals_column_is_the_survival_of_those_deals() -> None:
    curves = survival(opened("polars"), of="stage", by="segment")
    small = [d for d in FACTS.deals if d["segment"] == "small"]
    alone = frames(Facts(deals=small, as_of=FACTS.as_of))
    wanted = {k: v for k, v in alone.items() if k in ("opportunities", "stage_events")}
    truth = survival(company_from_frames(wanted, SETTINGS, as_of=FACTS.as_of), of="stage")
    found = curves.filter(pl.col("segment") == "small").drop("segment")
    assert found.equals(truth)


def refusal(metric: str, by: str) -> MetricError:
    with pytest.raises(MetricError) as caught:
        measure(opened("polars"), metric, by=by)
    return caught.value


@pytest.mark.parametrize("metric", ["won.amount", "activity.count", "time_in_stage.median_days"])
@pytest.mark.parametrize(("asked", "meant"), [("Segment", "segment"), ("COUNTRY", "Country")])
def test_the_nearest_name_is_found_in_whatever_letters(metric, asked, meant) -> None:
    assert refusal(metric, asked).do == f"Write '{meant}'"


@pytest.mark.parametrize("metric", ["won.amount", "activity.count", "time_in_stage.median_days"])
def test_columns_that_mean_nothing_to_a_reader_are_neither_shown_nor_taken(metric) -> None:
    shown = str(refusal(metric, "nonsense").found).removeprefix("columns: ").split(", ")
    assert not set(shown) & internal_columns()
    assert not {"amount", "created_at", "closed_at", "happened_at"} & set(shown)
    assert {"segment", "rep_id", "account_id", "Country", "month", "team"} <= set(shown)
    assert len(shown) == len(set(shown))
    for name in ("set_aside", "closed_day", "stage_rank", "created_on"):
        refusal(metric, name)


def test_the_groups_differ() -> None:
    """A breakdown that told every group the same would not pass for right."""
    days = defaultdict(list)
    for visit in open_visits(FACTS):
        if visit["left"]:
            days[of_deal(visit["deal"], "segment")].append((visit["left"] - visit["entered"]).days)
    assert len({statistics.median(d) for d in days.values()}) > 1
