"""Laws of the registry where they are not empty: on a company of which every id has a value.

The companies of the other laws have three people and four months, of which rooms that compare
people or forecast say nothing: such laws hold of nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import date

import pytest

from spm_lib.core.errors import SpmError
from spm_lib.model import Company, Figure, MetricId
from tests.metrics.companies import company
from tests.metrics.eight_people import (
    kept_states,
    long_facts,
    undated_facts,
    with_customers,
    with_hires,
    with_leads,
    with_linked,
    with_returns,
    with_steps,
    young_facts,
)
from tests.metrics.test_registry_properties import IDS, QUARTER, figures, plain

pytestmark = pytest.mark.slow

DAY = date(2026, 3, 10)
STEPS = ("open.no_step", "open.due_soon")  # what has no history: known on an export's day only
OTHERS = [m for m in IDS if m.room != "metrics"]
FORECAST = ("forecast.", "pace.source.needed")  # what a forecast is made for, which takes long
UNDATED = ("forecast.still_to_come",)  # what is forecast where no date of creation is known
MIDWAY = ("pace.won_per_day",)  # what a period has only once it has begun
STATES = ("waterfall.deleted",)  # what only kept states tell
HIRES = (
    "ramp.share",
    "won.per_head_month",
)  # what only people tell who were hired on the way, or are listed
LINKED = ("segment.activity_share", "segment.per_activity")  # what only activities of deals tell
LEADS = "lead."  # what only leads tell
RETURNS = ("programme.", "playbook.", "cac.")  # trainings, amounts that fall, new customers' orders
BUYING = ("customer.", "whitespace.")  # what only many customers and several products tell
OWN = {
    "linked": with_linked,
    "buying": with_customers,
    "states": kept_states,
    "steps": with_steps,
    "hires": with_hires,
    "leads": with_leads,
    "returns": with_returns,
}
MAKERS = {"long": long_facts, "young": young_facts, "undated": undated_facts}


@functools.cache
def opened(kind: str, day: date | None = None) -> Company:
    """Return the company with everything known, or as known at a day."""
    if day:
        return opened(kind).at(day)
    made = OWN.get(kind)
    return made() if made else company(MAKERS[kind]())


@functools.cache
def cut(kind: str, day: date) -> Company:
    """Return the company made of inputs cut at a day by this folder's own code."""
    made = OWN.get(kind)
    return made(day=day) if made else company(MAKERS[kind](), day=day)


def told(metric: MetricId, co: Company) -> list[Figure]:
    """Return the figures of an id: of all together, of each person, of a quarter."""
    found: list[Figure] = []
    for by, window in ((None, None), ("rep_id", None), (None, QUARTER)):
        try:
            found += figures(metric, co, by, window)
        except SpmError:
            assert by, "all together is never refused"
    return found


@functools.cache
def told_of(metric: MetricId, kind: str, day: date | None = None) -> list[Figure]:
    """Return what a company tells, asked once: two tests look at it."""
    return told(metric, opened(kind, day))


def has_value(found: Sequence[Figure]) -> bool:
    return any(f.value is not None or (f.low is not None and f.high is not None) for f in found)


def kind_of(metric: MetricId) -> str:
    if metric.id.startswith(STEPS):
        return "steps"
    if metric.id.startswith(BUYING):
        return "buying"
    if metric.id in LINKED:
        return "linked"
    if metric.id.startswith(LEADS):
        return "leads"
    if metric.id.startswith(RETURNS):
        return "returns"
    if metric.id in HIRES:
        return "hires"
    if metric.id in UNDATED:
        return "undated"
    if metric.id in STATES:
        return "states"
    return "young" if metric.id.startswith(FORECAST) else "long"


@pytest.mark.parametrize("metric", IDS, ids=lambda m: m.id)
def test_every_id_has_a_value_somewhere(metric: MetricId) -> None:
    found = told_of(metric, kind_of(metric), DAY if metric.id in MIDWAY else None)
    assert has_value(found)
    assert {f.metric for f in found} == {metric.id}


@pytest.mark.parametrize("metric", OTHERS, ids=lambda m: m.id)
def test_as_of_a_day_is_inputs_cut_at_that_day_where_there_are_values(metric: MetricId) -> None:
    as_of_a_day(metric, kind_of(metric))


@pytest.mark.proof
@pytest.mark.parametrize("metric", [m for m in OTHERS if kind_of(m) == "young"], ids=lambda m: m.id)
def test_as_of_a_day_is_inputs_cut_at_that_day_after_years(metric: MetricId) -> None:
    as_of_a_day(metric, "long")


def as_of_a_day(metric: MetricId, kind: str) -> None:
    then, again = told_of(metric, kind, DAY), told(metric, cut(kind, DAY))
    if kind == "steps":
        assert (then, again) == ([], []), "nobody knew of a step on that day"
        return
    parts = slice(7) if kind == "undated" else slice(None)  # undated rows are set aside in a view
    assert has_value(then)
    assert sorted(repr(plain(f)[parts]) for f in then) == sorted(
        repr(plain(f)[parts]) for f in again
    )
    now = told_of(metric, kind)
    unchanging = metric.id in ("forecast.target", "rep.mix.company_share")
    assert unchanging or list(map(plain, then)) != list(map(plain, now))
