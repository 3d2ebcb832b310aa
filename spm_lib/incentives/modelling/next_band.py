"""A rep's own what-if: what one more deal would pay, and what is missing to the next band."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from spm_lib.incentives.chain.arithmetic import rounded
from spm_lib.incentives.chain.calculate import PayRun
from spm_lib.incentives.chain.earning import Line
from spm_lib.incentives.chain.refusing import refused
from spm_lib.incentives.chain.ways import shape_of
from spm_lib.incentives.plan.pays import TablePay


@dataclass(frozen=True)
class Reach:
    """Where a person stands on one rule.

    Attributes
    ----------
    component, period
        The rule and the period.
    more
        What further sales of ``extra`` would be paid, in minor units.
    missing
        Sales in minor units (or units) that are missing to the next bound; null: none is above.
    """

    component: str
    period: str
    extra: int
    more: int
    missing: int | None


@dataclass(frozen=True)
class NextBand:
    """The next band of one rule, in minor units.

    Attributes
    ----------
    component
        The rule.
    missing
        Sales that are missing to it.
    brings
        What selling these pays.
    below, above
        What each further ``step`` of sales pays before it, and from there on.
    """

    component: str
    missing: int
    brings: int
    below: int
    above: int


def missing_to_bands(run: PayRun, rep: str, period: str) -> dict[str, int | None]:
    """Return sales that are missing to the next bound, by component; null: none is above.

    Of rules of money only; empty where nobody pays the person in the period.
    """
    if not run.lines_of(rep, period):
        return {}
    counted = {
        c.id for c in run.plan.components if c.measure and run.plan.measure(c.measure).counted
    }
    reaches = one_more_deal(run, rep, period, 0)
    return {reach.component: reach.missing for reach in reaches if reach.component not in counted}


def next_bands(
    run: PayRun, rep: str, period: str, worth: Callable[[int], int], *, step: int
) -> list[NextBand]:
    """Return the next band of each rule that has one above: what it brings, and rates around it.

    Parameters
    ----------
    worth
        What the whole plan pays with further sales of an amount (minor units; 0: as it is): caps,
        gates and other rules are in it.
    step
        Further sales in minor units of which the pay is told.
    """
    found = []
    for component, missing in missing_to_bands(run, rep, period).items():
        if missing is None:
            continue
        now, at = worth(0), worth(missing + 1)
        below = worth(min(step, missing)) - now
        below = below if missing >= step else below * step // max(missing, 1)
        above = worth(missing + 1 + step) - at
        found.append(NextBand(component, missing, at - now, below, above))
    return found


def one_more_deal(run: PayRun, rep: str, period: str, amount: int) -> list[Reach]:
    """Return what a deal of this amount would pay by each rule, before caps of the plan.

    Rules that are no function of what is sold (scores, pools, contests, lookups by another
    measure) and rules that look at single deals are left out. It answers in well under a
    hundredth of a second: nothing is calculated anew.

    Raises
    ------
    PayError
        If the person has no line in that period.
    """
    lines = run.lines_of(rep, period)
    if not lines:
        raise refused("Nobody of that id has a line in the period.", [rep, period], do="Check both")
    return [_reach(line, amount) for line in lines if _is_function(line)]


def _is_function(line: Line) -> bool:
    pays = line.component.pays
    by_shape = pays.kind in ("rate", "table", "curve", "goal")
    looked_up = isinstance(pays, TablePay) and pays.attained_by is not None
    return by_shape and not looked_up and line.earned.asked.grouping != "transaction"


def _reach(line: Line, amount: int) -> Reach:
    asked = line.earned.asked
    shape, of = shape_of(asked)
    scale = Fraction(1) if of == "base" else asked.quota
    value = Fraction(1) if of == "base" else asked.target
    now = asked.base if of == "base" else asked.attainment * scale
    factor = line.earned.gate * line.earned.multiplier
    more = (shape.at((now + amount) / scale) - shape.at(now / scale)) * value * factor
    above = [bound * scale for bound in shape.bounds if bound * scale > now]
    missing = ceil(min(above) - now) if above else None
    return Reach(line.component.id, line.period.label, amount, rounded(more), missing)
