"""Laws that hold for every declared metric id, of every room: a new id is covered by itself.

As-of: inputs cut at D by this file's own code give what ``as_of=D`` gives. Receipts: used and set
aside are the rows read. Scope: one rep's view is the company that holds only his rows, and the
parts sum to the whole.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import pkgutil
from datetime import date
from typing import Any

import polars as pl
import pytest

import spm_lib
from spm_lib.core.calendar import Window
from spm_lib.core.errors import MetricError, SpmError
from spm_lib.model import Company, Figure, MetricId, company_from_frames, metric_id, metric_ids
from spm_lib.workspace import Scope
from tests.examples import rest_as_proofs
from tests.metrics.companies import REPS, SETTINGS, Facts, company, frames, random_facts

pytestmark = pytest.mark.slow

for _room in pkgutil.iter_modules(spm_lib.__path__):
    if _room.name not in ("cli", "dashboards"):
        importlib.import_module(f"spm_lib.{_room.name}")

QUARTER = Window(date(2026, 1, 1), date(2026, 4, 1))
ROW_COLUMNS = {
    "opportunity_id",
    *("rep_id", "account_id", "product_id", "pipeline", "segment", "kind", "stage", "lost_reason"),
}
DAYS = (date(2026, 1, 20), date(2026, 3, 1))
IDS = [m for m in metric_ids() if m.compute is not None]
OURS = [m for m in IDS if m.room == "metrics"]
every_id = pytest.mark.parametrize("metric", IDS, ids=lambda m: m.id)
our_ids = pytest.mark.parametrize("metric", OURS, ids=lambda m: m.id)


def adds_up(metric: MetricId) -> bool:
    plain_sum = metric.unit in ("count", "money") and not metric.denominator
    return plain_sum and metric.room == "metrics"


TOLD = random_facts(42, deals=45)
UNTOLD = random_facts(43, deals=45, history=False, undated=False)
SETTLED = random_facts(44, deals=45, moves=False)
KINDS = {"with a history": TOLD, "without a history": UNTOLD, "settled": SETTLED}


@functools.cache
def opened(kind: str) -> Company:
    """Return a company with everything known; made once, for it keeps what it derives."""
    return company(KINDS[kind])


@functools.cache
def opened_at(kind: str, day: date) -> Company:
    """Return the company as known at a day."""
    return opened(kind).at(day)


@functools.cache
def cut_at(kind: str, day: date) -> Company:
    """Return the company made of inputs cut at a day by this folder's own code."""
    return company(KINDS[kind], day=day)


@functools.cache
def scoped_to(rep: str) -> Company:
    """Return one rep's view."""
    return company(SETTLED, scope=Scope.rep(rep))


@functools.cache
def alone(rep: str) -> Company:
    """Return the company that holds one rep's rows only."""
    return company(only(SETTLED, rep))


def figures(metric: MetricId, co: Company, by: object, window: object) -> list[Figure]:
    assert metric.compute is not None
    return metric.compute(co, by, window)


def seen(metric: MetricId, co: Company, by: object, window: object) -> list[object]:
    """Return what a reader sees: the figures, or the refusal."""
    try:
        return sorted((plain(f) for f in figures(metric, co, by, window)), key=repr)
    except SpmError as refusal:
        return [type(refusal).__name__]


def breakdowns(metric: MetricId) -> list[list[str] | None]:
    shared = [] if "rep_id" not in metric.dimensions else [["team"], ["rep_id", "month"]]
    return [None, *([d] for d in metric.dimensions), *(shared if metric.room == "metrics" else [])]


def plain(figure: Figure) -> tuple:
    aside = {k: (v.rows, v.amount) for k, v in figure.receipt.set_aside.items()}
    return (
        figure.by,
        figure.window,
        figure.value,
        figure.low,
        figure.high,
        figure.n,
        figure.unit,
        figure.receipt.used,
        aside,
    )


def as_of_cases() -> list[Any]:
    """Return each id with kinds of company and days, of which some are left to proofs.

    What other rooms tell is held where they have something to say: `test_registry_values.py`.
    """
    told, untold = list(KINDS)[:2]
    asked = ((told, DAYS[0]), (untold, DAYS[1]), (told, DAYS[1]), (untold, DAYS[0]))
    cases = []
    for metric in IDS:
        ours = metric.room == "metrics"
        for place, (kind, day) in enumerate(asked if ours else asked[:2]):
            marks = () if place <= ours else pytest.mark.proof
            cases.append(
                pytest.param(metric, kind, day, id=f"{metric.id}-{kind}-{day}", marks=marks)
            )
    return cases


@pytest.mark.parametrize(("metric", "kind", "day"), as_of_cases())
def test_as_of_a_day_is_inputs_cut_at_that_day(metric: MetricId, kind: str, day: date) -> None:
    then, cut = opened_at(kind, day), cut_at(kind, day)
    for by, window in (
        (None, None),
        ("rep_id", QUARTER),
        (["team"], None),
        ("result", None),
        ("segment", None),
    ):
        if by != ["team"] or "rep_id" in metric.dimensions:
            assert seen(metric, then, by, window) == seen(metric, cut, by, window)


def rows_read(metric: MetricId, co: Company, by: dict[str, str]) -> int:
    """Count the rows a figure read, from the tables themselves."""
    total = 0
    for table in metric.table.split("+"):
        frame = _all_rows(co, table)
        for column, value in by.items():
            if column in frame.columns and (column != "stage" or table == "stints"):
                frame = frame.filter(pl.col(column).fill_null("").cast(pl.String) == value)
        total += frame.height
    return total


def _all_rows(co: Company, table: str) -> pl.DataFrame:
    if table != "stints":
        return co.rows(table).collect(backend="polars").to_native()
    aside = co.rows("stage_events").collect(backend="polars").to_native()
    aside = aside.filter(pl.col("set_aside").is_not_null())
    columns = ["opportunity_id", "rep_id", "pipeline", "stage", "outcome"]
    both = pl.concat([co.stints.select(columns), aside.select(columns)])
    accounts = co.table("opportunities").select("opportunity_id", "account_id")
    both = both.join(accounts, on="opportunity_id", how="left")
    return both.filter(pl.col("outcome") == "open")


@every_id
@pytest.mark.parametrize("turn", rest_as_proofs([0, 1]))
def test_used_and_set_aside_are_the_rows_read(metric: MetricId, soiled: Company, turn: int) -> None:
    """Either each figure read all rows of its group, or the figures share them out (teams).

    Breakdowns are asked of all time and of a quarter by turns, other ones of each next id.
    """
    for number, by in enumerate(breakdowns(metric), turn + IDS.index(metric)):
        parts: dict[tuple, list[int]] = {}
        for figure in figures(metric, soiled, by, (None, QUARTER)[number % 2]):
            known = sorted((k, v) for k, v in figure.by.items() if k in ROW_COLUMNS)
            parts.setdefault(tuple(known), []).append(figure.receipt.read)
        for known, reads in parts.items():
            total = rows_read(metric, soiled, dict(known))
            assert set(reads) == {total} or sum(reads) == total, (by, known, reads)


@pytest.fixture(scope="module")
def soiled() -> Company:
    """A company some of whose rows the intake sets aside."""
    facts = random_facts(45, deals=40)
    made = frames(facts)
    deals = made["opportunities"]
    made["opportunities"] = pl.concat([deals, deals.head(3)])
    made["activities"] = pl.concat([made["activities"], made["activities"].head(2)])
    made["orders"] = pl.concat([made["orders"], made["orders"].head(2)])
    co = company_from_frames(made, SETTINGS, as_of=facts.as_of)
    assert co.receipt("opportunities").set_aside
    return co


def only(facts: Facts, rep: str) -> Facts:
    """Return the company that holds one rep's rows only."""
    return Facts(
        deals=[d for d in facts.deals if d["events"][0]["rep"] == rep],
        activities=[a for a in facts.activities if a["rep"] == rep],
        orders=[o for o in facts.orders if o["rep"] == rep],
        targets=[t for t in facts.targets if t["rep"] == rep],
        memberships=[m for m in facts.memberships if m["rep"] == rep],
        costs=[c for c in facts.costs if c["rep"] == rep],
    )


@every_id
@pytest.mark.parametrize("rep", rest_as_proofs(REPS[:2]))
def test_a_scope_is_the_company_of_ones_own_rows(metric: MetricId, rep: str) -> None:
    for by, window in ((None, None), ("rep_id", QUARTER), (["month"], QUARTER)):
        assert seen(metric, scoped_to(rep), by, window) == seen(metric, alone(rep), by, window)


@pytest.mark.parametrize("metric", [m for m in OURS if adds_up(m)], ids=lambda m: m.id)
def test_parts_sum_to_the_whole(metric: MetricId) -> None:
    co = opened("with a history")
    for window in (None, QUARTER):
        whole = sum(_number(f) for f in figures(metric, co, None, window))
        for by in ("rep_id", "team", ["rep_id", "team"]):
            assert sum(_number(f) for f in figures(metric, co, by, window)) == whole


def _number(figure: Figure) -> int:
    return round(float(figure.value or 0) * 100)


@our_ids
def test_a_ratio_without_a_denominator_is_null_and_never_zero(metric: MetricId) -> None:
    co = opened("with a history")
    future = Window(date(2030, 1, 1), date(2030, 4, 1))
    for figure in figures(metric, co, None, future):
        assert figure.low is None
        assert figure.high is None
        assert figure.value == (None if not adds_up(metric) else figure.value)
        if adds_up(metric) and not metric.id.startswith("pipeline"):
            assert float(figure.value or 0) == 0


@our_ids
def test_n_is_always_told_and_intervals_hold_the_value(metric: MetricId) -> None:
    for figure in figures(metric, opened("with a history"), "rep_id", None):
        assert figure.n is not None
        if figure.low is not None and figure.high is not None and figure.value is not None:
            assert float(figure.low) <= float(figure.value) <= float(figure.high)


@our_ids
def test_an_unknown_column_is_refused_by_name(metric: MetricId) -> None:
    for name in ("segmnt", "set_aside"):
        with pytest.raises(SpmError, match=f"no column '{name}'"):
            figures(metric, opened("with a history"), name, None)


WAYS = (  # one metric of each way of counting
    *("won.amount", "attainment", "stage_conversion.cohort", "cycle.won.median_days"),
    *("pipeline.amount", "activity.per_won"),
    *("win_rate.closed.value", "account.won_amount_mean", "velocity", "time_in_stage.median_days"),
    "order.mean_amount",
)


@pytest.mark.parametrize("name", rest_as_proofs(WAYS, each_run=6))
def test_every_column_that_is_offered_can_be_broken_down_by(name: str) -> None:
    """``set_aside`` was offered, and ended in an error that nobody had foreseen."""
    co, metric = opened("with a history"), metric_id(name)
    with pytest.raises(SpmError) as refused:
        figures(metric, co, "segmnt", None)
    told = refused.value.found or ""
    offered = told.removeprefix("columns: ").split(", ")
    assert len(offered) > 5, told
    assert "set_aside" not in offered
    for column in offered:
        with contextlib.suppress(MetricError):  # a plain refusal, as of targets by a product
            assert figures(metric, co, column, QUARTER)
