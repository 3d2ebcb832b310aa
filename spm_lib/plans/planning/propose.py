"""A first scenario for a company: its next year, shared out by what people sold."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from spm_lib.core.calendar import Window, months_before
from spm_lib.core.errors import DataError
from spm_lib.metrics import measure
from spm_lib.model import Company
from spm_lib.plans.planning.approved import ApprovedTargets
from spm_lib.plans.scenario import Scenario
from spm_lib.plans.scenarios.sections import Basis, Joining, Share, Turned
from spm_lib.plans.scenarios.target_scenario import TargetScenario
from spm_lib.targets.baseline import baseline
from spm_lib.targets.capacity import known_capacity
from spm_lib.targets.year_target import YearTarget, target_of

_FURTHEST = 457  # days ahead that odds can be played
_WEIGHTS = {"history": 0.6, "pipeline": 0.2, "even": 0.2}
_WITHOUT_PIPELINE = {"history": 0.8, "even": 0.2}
_SHARE = 10_000  # of the target, that a step is at most


def propose(
    company: Company,
    *,
    name: str,
    what_if: Scenario | None = None,
    approved: ApprovedTargets | None = None,
) -> TargetScenario:
    """Return a scenario to begin with.

    The next fiscal year (where it lies too far ahead, the next twelve months), the target that
    approved plans ask for it, else the one in the data, else last year's, else 10 % more than was
    won (``asked_target``); shared out by history, what is open and evenly; attrition as it was.
    Where the data has no deals the targets are of orders.

    Parameters
    ----------
    what_if
        A scenario of the what-if dashboard whose levers are taken over: its target, its rates as
        multiples of what they were then, and more heads as hires on the first day.
    approved
        What approved plans ask of the company's scope; null: none.

    Raises
    ------
    MetricError
        If the data tell neither won amounts nor orders.
    """
    if what_if is not None:
        company = company.at(date.fromisoformat(what_if.as_of))
    window, metric = _window(company), _metric(company)
    asked = asked_target(company, approved)
    target, step = asked.value, _step(asked.value)
    if asked.basis == "approved":  # to the last unit
        while target % step:
            step //= 10
    scenario = TargetScenario(
        name=name,
        currency=company.currency,
        basis=Basis(
            as_of=company.as_of,
            start=window.start,
            end=window.end,
            target=-(-target // step) * step,
            metric=metric,
            step=step,
        ),
        share=Share(weights=_weights(company)),
        odds=Turned(attrition=_attrition(company, metric)),
    )
    return scenario if what_if is None else _taken_over(scenario, what_if, company)


def asked_target(company: Company, approved: ApprovedTargets | None = None) -> YearTarget:
    """Return the target that ``propose`` begins with, and what it rests on.

    Raises
    ------
    MetricError
        If the data tell neither won amounts nor orders.
    """
    past, metric = company.default_window(), _metric(company)
    booked = int(measure(company, metric, window=past).frame["value"][0] or 0)
    rows = None if approved is None else approved.periods.filter(pl.col("metric") == metric)
    return target_of(company, coming=_window(company), past=past, booked=booked, approved=rows)


def _metric(company: Company) -> str:
    return "won.amount" if company.has("opportunities") else "orders.amount"


def _weights(company: Company) -> dict[str, float]:
    """Return what the target is shared out by; what is open only where it has amounts."""
    if not company.has("opportunities"):
        return _WITHOUT_PIPELINE
    return _WEIGHTS if measure(company, "open.amount").frame["value"][0] else _WITHOUT_PIPELINE


def _window(company: Company) -> Window:
    """Return the next fiscal year, or the next twelve months where that cannot be played yet."""
    tomorrow = company.as_of + timedelta(days=1)
    year = company.calendar.period_of(company.as_of, "year")
    following = company.calendar.period_of(year.end, "year").window
    if (following.end - tomorrow).days <= _FURTHEST:
        return following
    start = tomorrow if tomorrow.day == 1 else months_before(tomorrow, -1)
    return Window(start, months_before(start, -12))


def _step(target: int) -> int:
    """Return the largest of 1, 10, 100, ... that is at most a ten thousandth of the target.

    Examples
    --------
    >>> _step(1_800_000_000)
    100000
    """
    step = 1
    while step * 10 * _SHARE <= target:
        step *= 10
    return step


def _attrition(company: Company, metric: str) -> float:
    try:
        found = known_capacity(company, metric=metric).attrition
    except DataError:
        return 0.0
    return 0.0 if found is None else min(round(found, 2), 0.95)


def _taken_over(scenario: TargetScenario, old: Scenario, company: Company) -> TargetScenario:
    """Return the scenario with the levers of a what-if, as multiples of the rates of its day."""
    today = baseline(company).levers
    more = old.levers.heads - today.heads
    start = scenario.basis.start
    return scenario.changed(
        note=old.note,
        basis={"target": old.levers.target},
        odds={
            "win_rate": _times(old.levers.win_rate, today.win_rate),
            "deal_size": _times(old.levers.deal_amount, today.deal_amount),
            "cycle": _times(old.levers.cycle_days, today.cycle_days),
            "attrition": 0.0,
        },
        hires=(Joining(starts=start, count=more, note=old.name),) if more > 0 else (),
    )


def _times(value: float, today: float) -> float:
    return round(value / today, 4) if today else 1.0
