"""Capacity beside the company's target: the gap is a decision, and what each way would take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.model import Company
from spm_lib.plans.planning.given import Given
from spm_lib.plans.planning.over_the_year import Year
from spm_lib.plans.scenarios.target_scenario import TargetScenario
from spm_lib.targets.capacity import Capacity, Gap, KnownCapacity, close_gap, plan_capacity

_YEAR = 365.2425


@dataclass(frozen=True, eq=False)
class CapacityGap:
    """What people can bring in the plan's period, and the gap to the company's target.

    Attributes
    ----------
    known
        Results per head, attrition and pipeline as they were.
    per_head
        What a ramped full-time person brings in the period, with the scenario's levers; minor
        units.
    attrition
        Share of people who leave within a year, as the scenario has it.
    hire_on
        First day of those who would be hired to close the gap.
    capacity, gap
        See ``Capacity`` and ``Gap``.
    pipeline_to_create
        Pipeline still to be created to reach the target; null without a known win rate.
    """

    known: KnownCapacity
    per_head: int
    attrition: float
    hire_on: date
    capacity: Capacity
    gap: Gap
    pipeline_to_create: int | None


def capacity_gap(
    company: Company, scenario: TargetScenario, given: Given, year: Year, known: KnownCapacity
) -> CapacityGap:
    """Add up what people can bring in a scenario, and say what would close the gap."""
    turned, basis = scenario.odds, scenario.basis
    window = Window(basis.start, basis.end)
    levers = turned.win_rate * turned.deal_size * turned.activity
    people = given.people.filter(~pl.col("post"))  # posts are among the hires
    per_head = round(known.per_head * window.days / _YEAR * levers)
    plan = {
        "window": window,
        "calendar": company.calendar,
        "per_head": per_head,
        "ramp": year.ramp,
        "hires": [hire.starts for hire in scenario.hires for _ in range(hire.count)],
        "season": year.season,
        "absences": given.away.filter(pl.col("rep_id").is_in(people["rep_id"].implode())),
        "grain": basis.grain,
    }
    capacity = plan_capacity(people, attrition=turned.attrition, **plan)
    gap = close_gap(
        people, target=basis.target, hire_on=basis.start, attrition=turned.attrition, **plan
    )
    create = known.to_create(basis.target)
    return CapacityGap(known, per_head, turned.attrition, basis.start, capacity, gap, create)
