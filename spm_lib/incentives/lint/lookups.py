"""Ways to pay that look something up: matrices, scores, bonuses, contests and pools."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from spm_lib.core.statement import Statement
from spm_lib.incentives.lint.findings import Finding
from spm_lib.incentives.lint.trial import Trial
from spm_lib.incentives.plan.pays import (
    AxisSection,
    BonusPay,
    ContestPay,
    MatrixPay,
    ObjectiveSection,
    PoolPay,
    ScorePay,
)
from spm_lib.incentives.plan.plan import Component, Plan

_ZERO, _ONE = Fraction(0), Fraction(1)
Step = tuple[Fraction, str]  # what pay rises by, in minor units, and where


def matrices(plan: Plan, trial: Trial) -> Iterator[Finding]:
    """Jumps between neighbouring cells at the trial's sales, rates that fall, rates under 0."""
    for component in plan.components:
        pays = component.pays
        if not isinstance(pays, MatrixPay):
            continue
        steps = [
            *_across(component, trial, pays.columns, pays.cells),
            *_across(component, trial, pays.rows, tuple(zip(*pays.cells, strict=True))),
        ]
        under = min((Fraction(rate) for row in pays.cells for rate in row), default=_ZERO)
        if under < 0:
            steps.append((under * trial.quota * trial.unit, "0"))
        yield from _told(component, trial, steps)


def _across(
    component: Component, trial: Trial, axis: AxisSection, lines: Sequence[Sequence[object]]
) -> Iterator[Step]:
    """Yield the steps over the bounds of an axis; a column's values stand in no order."""
    for line in lines if axis.bounds else ():
        for bound, (low, high) in zip(axis.bounds, pairwise(line), strict=True):
            base = _base_at(component, trial, axis, Fraction(bound))
            rise = Fraction(high) - Fraction(low)  # type: ignore[arg-type]
            yield rise * base * trial.unit, f"{axis.measure} {bound}"


def _base_at(component: Component, trial: Trial, axis: AxisSection, bound: Fraction) -> Fraction:
    """Return what is sold at a bound, in major units: there, or the trial's quota."""
    if axis.measure != component.measure or axis.of == "ratio":
        return trial.quota
    return bound if axis.of == "base" else bound * trial.quota


def ladders(plan: Plan, trial: Trial) -> Iterator[Finding]:
    """Jumps between rungs, rungs out of order, and objectives that can never pay all."""
    for component in plan.components:
        pays = component.pays
        if not isinstance(pays, ScorePay):
            continue
        target = trial.target(component)
        steps: list[Step] = []
        for objective in pays.objectives:
            steps += _rungs(objective, target)
            best = _best(objective)
            if best is not None and best < 1:
                lost = (1 - best) * Fraction(objective.weight) * target
                yield _bites(component, trial, lost)
        yield from _told(component, trial, steps)


def _rungs(objective: ObjectiveSection, target: Fraction) -> Iterator[Step]:
    """Yield the steps up a ladder; a score under its lowest rung is worth nothing."""
    worth = Fraction(objective.weight) * target
    scores = [rung.score for rung in objective.ladder]
    if scores != sorted(set(scores)):
        yield -worth, objective.id  # of rungs out of order the last one reached counts
    reached = _ZERO
    for rung in objective.ladder:
        yield (Fraction(rung.achievement) - reached) * worth, f"{objective.id} {rung.score}"
        reached = Fraction(rung.achievement)


def _best(objective: ObjectiveSection) -> Fraction | None:
    """Return what an objective can be worth at most; null: as much as its score."""
    limits = [] if objective.cap is None else [Fraction(objective.cap)]
    if objective.ladder:
        limits.append(max(Fraction(rung.achievement) for rung in objective.ladder))
    return min(limits, default=None)


def bonuses(plan: Plan, trial: Trial) -> Iterator[Finding]:
    """Find what is paid at once where a bonus begins."""
    for component in plan.components:
        pays = component.pays
        if isinstance(pays, BonusPay) and pays.at_least is not None:
            times = Fraction(pays.at_least) if pays.per == "unit" else _ONE
            jump = Fraction(pays.amount) * times * trial.unit
            yield from _told(component, trial, [(jump, f"{pays.at_least}")])


def contests(plan: Plan, trial: Trial) -> Iterator[Finding]:
    """Find the jump from one place to the next, and a lower place that gets more."""
    for component in plan.components:
        pays = component.pays
        if isinstance(pays, ContestPay):
            prizes = [*(Fraction(prize) * trial.unit for prize in pays.prizes), _ZERO]
            steps = [
                (better - worse, f"{n}") for n, (better, worse) in enumerate(pairwise(prizes), 1)
            ]
            yield from _told(component, trial, steps)


def pools(plan: Plan, trial: Trial) -> Iterator[Finding]:
    """Pools that hang on nobody's sales, and limits under target."""
    for component in plan.components:
        pays = component.pays
        if not isinstance(pays, PoolPay):
            continue
        pool = Fraction(pays.pool) * trial.unit
        if pays.scaled == "fixed" and pays.share == "equal":
            yield Finding(
                "warning",
                "flat",
                component.id,
                trial.amount(pool),
                Statement(
                    "The pool of {pool} is paid whatever is sold.", {"pool": trial.amount(pool)}
                ),
                Statement('Use scaled = "attainment" or share = "base".'),
            )
        if pays.scaled == "attainment" and pays.at_most is not None and pays.at_most < 1:
            yield _bites(component, trial, (1 - Fraction(pays.at_most)) * pool)


def _told(component: Component, trial: Trial, steps: Sequence[Step]) -> Iterator[Finding]:
    """Yield the largest jump up, and the largest fall."""
    up = max((step for step in steps if step[0] > 0), default=None)
    down = min((step for step in steps if step[0] < 0), default=None)
    if up is not None:
        jump = trial.amount(up[0])
        yield Finding(
            "warning",
            "cliff",
            component.id,
            jump,
            Statement("At {at} pay jumps by {jump} at once.", {"at": up[1], "jump": jump}),
            Statement("Use more and smaller steps."),
        )
    if down is not None:
        loss = trial.amount(-down[0])
        yield Finding(
            "warning",
            "falling",
            component.id,
            loss,
            Statement("Reaching more pays less: {loss} at {at}.", {"loss": loss, "at": down[1]}),
            Statement("List cells, rungs and prizes so that more never pays less, none under 0."),
        )


def _bites(component: Component, trial: Trial, lost: Fraction) -> Finding:
    amount = trial.amount(lost)
    return Finding(
        "warning",
        "cap",
        component.id,
        amount,
        Statement("It can never pay all at 100% attainment: {lost} is lost.", {"lost": amount}),
        Statement("Let the best score or limit be worth 1 at least."),
    )
