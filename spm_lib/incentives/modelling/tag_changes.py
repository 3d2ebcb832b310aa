"""Components that a plan moves from commission to premium, or back: what the law may call them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from spm_lib.core.statement import Phrase, Statement
from spm_lib.incentives.plan.pays import BonusPay, ContestPay, CurvePay, GoalPay, TablePay
from spm_lib.incentives.plan.plan import Component, Plan

TAGS = {
    "commission": Phrase("personal commission"),
    "premium": Phrase("conditional premium"),
    "team_bonus": Phrase("team bonus"),
}
_NOT_ADVICE = Statement("Not legal advice.")


def conditional(component: Component) -> bool:
    """Say whether nothing is paid until a condition is met: a gate, a threshold, a limit.

    Of tables and multipliers, only one whose first band is 0 is conditional; of curves, one that
    pays nothing up to an attainment above 0.
    """
    pays = component.pays
    if any(gate.otherwise == 0 for gate in component.gates):
        return True
    if any(multiplier.bands[0].rate == 0 for multiplier in component.multipliers):
        return True
    if isinstance(pays, GoalPay):
        return pays.threshold > 0
    if isinstance(pays, CurvePay):
        return _pays_from(pays) > 0
    if isinstance(pays, TablePay):
        return not (pays.bands[0].rate or pays.bands[0].pay)
    return isinstance(pays, ContestPay) or (
        isinstance(pays, BonusPay) and pays.at_least is not None and pays.at_least > 0
    )


def _pays_from(curve: CurvePay) -> Decimal:
    """Return the attainment up to which a curve pays nothing."""
    paying = (n for n, point in enumerate(curve.points) if point.payout > 0)
    first = next(paying, len(curve.points))
    return curve.points[max(first - 1, 0)].attainment


def tag_changes(plan: Plan, beside: Plan | None = None) -> Iterator[Statement]:
    """Yield what a plan does to the nature of its components, as Israeli courts look at it.

    Parameters
    ----------
    plan
        The plan that is tried.
    beside
        The one that it would replace; null: none, and conditions of the plan itself are told.

    Notes
    -----
    A component whose tag is another one than beside, and one that is tagged as personal commission
    and pays nothing until a condition is met, where it was not so beside. Of a component's dated
    versions each is held against the one beside that is in force on its first day (where none is,
    against the last). The last statement says that it is no legal advice; nothing is yielded where
    there is nothing to tell.
    """
    found: list[Statement] = []
    for component in plan.components:
        old = None if beside is None else _beside(component, plan, beside)
        found += [one for one in _told(component, old) if one not in found]
    if found:
        yield from (*found, _NOT_ADVICE)


def _beside(component: Component, plan: Plan, beside: Plan) -> Component | None:
    """Return the version beside that a component takes the place of; null: there is none."""
    named = [old for old in beside.components if old.id == component.id]
    first = component.valid_from or plan.plan.valid_from
    held = [old for old in named if old.in_force(first)] or named
    return held[-1] if held else None


def _told(component: Component, old: Component | None) -> Iterator[Statement]:
    """Yield what becomes of one component."""
    name = {"component": component.name}
    if old is not None and old.tag != component.tag:
        tags = {"old": TAGS[old.tag], "new": TAGS[component.tag]}
        yield Statement("{component}: {old} becomes {new}.", {**name, **tags})
    became = old is None or not conditional(old) or old.tag != component.tag
    if component.tag == "commission" and conditional(component) and became:
        yield Statement(
            "{component} is tagged as personal commission, and pays nothing until a condition "
            "is met: it may count as a conditional premium.",
            name,
        )
