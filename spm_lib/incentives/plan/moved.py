"""A plan moved by whole years, to be paid on the deals of other years."""

from __future__ import annotations

from datetime import date
from typing import Any

from spm_lib.core.months import months_after
from spm_lib.incentives.plan.plan import Plan


def moved_by_years(plan: Plan, years: int) -> Plan:
    """Return the plan with all its days so many years later (negative: earlier).

    29 February becomes the 28th where its new year has none. All days of a plan bound rules, so
    all of them move.
    """
    if not years:
        return plan
    content = _by_years(plan.model_dump(), years)
    return Plan.model_validate({**content, "source": plan.source})


def _by_years(value: Any, years: int) -> Any:
    if isinstance(value, date):
        return months_after(value, 12 * years)
    if isinstance(value, dict):
        return {key: _by_years(part, years) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return tuple(_by_years(part, years) for part in value)
    return value
