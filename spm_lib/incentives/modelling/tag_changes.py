"""Components that a plan moves from commission to premium, or back: what the law may call them."""

from __future__ import annotations

from collections.abc import Iterator

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

    Of tables, only one whose first band pays nothing is conditional.
    """
    pays = component.pays
    if any(gate.otherwise == 0 for gate in component.gates):
        return True
    if isinstance(pays, GoalPay):
        return pays.threshold > 0
    if isinstance(pays, CurvePay):
        return pays.points[0].attainment > 0
    if isinstance(pays, TablePay):
        return not (pays.bands[0].rate or pays.bands[0].pay)
    return isinstance(pays, ContestPay) or (
        isinstance(pays, BonusPay) and pays.at_least is not None and pays.at_least > 0
    )


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
    and pays nothing until a condition is met, where it was not so beside. The last statement says
    that it is no legal advice; nothing is yielded where there is nothing to tell.
    """
    before = {} if beside is None else {component.id: component for component in beside.components}
    found = False
    for component in plan.components:
        old = before.get(component.id)
        name = {"component": component.name}
        if old is not None and old.tag != component.tag:
            found = True
            tags = {"old": TAGS[old.tag], "new": TAGS[component.tag]}
            yield Statement("{component}: {old} becomes {new}.", {**name, **tags})
        became = old is None or not conditional(old) or old.tag != component.tag
        if component.tag == "commission" and conditional(component) and became:
            found = True
            yield Statement(
                "{component} is tagged as personal commission, and pays nothing until a condition "
                "is met: it may count as a conditional premium.",
                name,
            )
    if found:
        yield _NOT_ADVICE
