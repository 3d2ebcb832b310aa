"""A plan made ready for deals to come: moved into their year, and what cannot be known told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from spm_lib.core.errors import PlanError
from spm_lib.core.months import months_after
from spm_lib.core.statement import Statement
from spm_lib.incentives.chain.refusing import refused
from spm_lib.incentives.plan.moved import moved_by_years
from spm_lib.incentives.plan.pays import BonusPay, ScorePay
from spm_lib.incentives.plan.plan import Component, Plan

_ORDER = ("date", "transaction_id")


def standing_in(plan: Plan, start: date, end: date) -> tuple[Plan, tuple[Statement, ...]]:
    """Return the plan as it pays deals to come of ``[start, end)``, and what is taken for granted.

    A plan of another year is moved by whole years; releases and clawback are left out, so that
    what is earned is paid at once; scores by hand count as reached.

    Raises
    ------
    PayError
        If the plan asks what sums by person and month cannot tell (single deals, their number,
        kinds of events, sellers named in a column): each rule by its id.
    PlanError
        If no whole years move the plan over those days.
    """
    faults = sorted(set(_unknowable(plan)))
    if faults:
        raise refused(
            f"The plan '{plan.plan.id}' asks of deals to come what sums by person and month "
            "cannot tell.",
            faults,
            do="Replay it on past deals instead, or model it without these rules",
        )
    moved, notes = _moved(plan, start, end)
    made, further = _at_once(moved)
    return made, (*notes, *further)


def _unknowable(plan: Plan) -> Iterator[str]:
    for component in plan.components:
        for what in _of_single_deals(plan, component):
            yield f"[[components]] '{component.id}' looks at {what}"
    for measure in plan.measures:
        place = f"[[measures]] '{measure.id}'"
        if measure.at_least is not None:
            yield f"{place} looks at single deals"
        if measure.base == "count":
            yield f"{place} looks at the number of deals"
        if measure.event is not None:
            yield f"{place} looks at kinds of events"
    for rule in plan.credits:
        if rule.to == "column":
            yield f"[[credits]] '{rule.id}' looks at sellers named in a column"


def _of_single_deals(plan: Plan, component: Component) -> Iterator[str]:
    pays = component.pays
    grouping = component.grouping or plan.decisions.grouping
    if grouping == "transaction" and pays.kind == "table":
        yield "single deals"
    if isinstance(pays, BonusPay) and pays.per == "transaction":
        yield "the number of deals"


def _moved(plan: Plan, start: date, end: date) -> tuple[Plan, list[Statement]]:
    """Return the plan moved by whole years, from the first day on; and whether it was moved."""
    head, notes = plan.plan, []
    years = next(
        (k for k in _nearest(start, head.valid_from) if _covers(plan, k, start, end)), None
    )
    if years is None:
        raise PlanError(
            f"The plan '{head.id}' is not in force on all the days to come that it is modelled on.",
            found=f"{head.valid_from} to {head.valid_to}, and {start} to {end}",
            do="Choose a period that begins with the plan's, or one as long as the plan or shorter",
        )
    if years:
        notes.append(Statement("The plan's days are moved by {n:1 year|{n} years}.", {"n": years}))
    content = moved_by_years(plan, years).model_dump()
    content["plan"] |= {"valid_from": max(content["plan"]["valid_from"], start)}
    return Plan.model_validate({**content, "source": plan.source}), notes


def _nearest(start: date, begins: date) -> list[int]:
    """Return numbers of years to move by, the smallest move first."""
    away = start.year - begins.year
    return sorted({0, *range(away - 2, away + 3)}, key=lambda years: (abs(years), -years))


def _covers(plan: Plan, years: int, start: date, end: date) -> bool:
    head = plan.plan
    begins, ends = (months_after(day, 12 * years) for day in (head.valid_from, head.valid_to))
    return begins <= start and end <= ends


def _at_once(plan: Plan) -> tuple[Plan, list[Statement]]:
    """Return the plan without what hangs on the life of a deal, or on somebody's judgement."""
    changes: dict[str, Any] = {"components": tuple(_earned_only(c) for c in plan.components)}
    changes["decisions"] = plan.decisions.model_copy(update={"order": _ORDER})
    changes["clawback"] = None
    notes = []
    if any(component.release for component in plan.components):
        notes.append(Statement("What is earned counts as paid at once, not when it is released."))
    if plan.clawback:
        notes.append(Statement("No deal is taken to be cancelled."))
    if any(isinstance(component.pays, ScorePay) for component in plan.components):
        notes.append(Statement("Objectives that people score count as reached to 100%."))
    if any(rule.to == "splits" for rule in plan.credits):
        notes.append(Statement("Deals are credited to one seller each, without splits."))
    return plan.model_copy(update=changes), notes


def _earned_only(component: Component) -> Component:
    changes: dict[str, Any] = {"release": None}
    pays = component.pays
    if isinstance(pays, ScorePay):
        reached = tuple(o.model_copy(update={"ladder": ()}) for o in pays.objectives)
        changes["pays"] = pays.model_copy(update={"objectives": reached})
    return component.model_copy(update=changes)
