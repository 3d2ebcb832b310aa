"""What each way to pay pays: one function per kind of ``pays``, exact, before gates and caps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from spm_lib.core.money import parts_of
from spm_lib.incentives.chain.arithmetic import rounded
from spm_lib.incentives.chain.ledger import Ledger
from spm_lib.incentives.chain.missing import Missing
from spm_lib.incentives.chain.people import spans
from spm_lib.incentives.plan.pays import (
    AxisSection,
    BonusPay,
    ContestPay,
    CurvePay,
    GoalPay,
    MatrixPay,
    ObjectiveSection,
    PoolPay,
    RatePay,
    ScorePay,
    TablePay,
)
from spm_lib.incentives.plan.plan import Component
from spm_lib.incentives.shapes.build import curve, factors, goal, table
from spm_lib.incentives.shapes.piecewise import Piece, Piecewise

_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Asked:
    """A component, a person, and the days ``[start, end)`` that it looks at.

    ``own`` is the first of the days whose own transactions are paid: ``start``, or a later day
    where the rate is found to date and pays the period's own deals only. ``whole`` is the day up
    to which quota and target pay count: ``end``, or that of the whole interval.
    """

    ledger: Ledger
    component: Component
    rep: str
    start: date
    end: date
    own: date
    whole: date

    @property
    def quota(self) -> Fraction:
        """The quota that attainment is held against."""
        return self.ledger.quota(self.rep, self.measure, self.start, self.whole)

    @property
    def measure(self) -> str:
        """The component's measure."""
        return str(self.component.measure)

    @property
    def grouping(self) -> str:
        """What a table looks at."""
        return self.component.grouping or self.ledger.plan.decisions.grouping

    @property
    def base(self) -> Fraction:
        """What is paid on, over all the days."""
        return Fraction(self.ledger.base(self.rep, self.measure, self.start, self.end))

    @property
    def own_base(self) -> Fraction:
        """What is paid on, of the own days."""
        return Fraction(self.ledger.base(self.rep, self.measure, self.own, self.end))

    @property
    def attainment(self) -> Fraction:
        """Attainment over all the days, at most what a cap on attainment allows."""
        counted = self.ledger.counted(self.rep, self.measure, self.start, self.end)
        reached = counted / self.quota
        limit = attainment_limit(self.ledger, self.component)
        return reached if limit is None else min(reached, limit)

    @property
    def target(self) -> Fraction:
        """The component's target pay: of the own days, or of all that the quota is of."""
        end = self.whole if self.own == self.start else self.end
        return self.ledger.target(self.rep, self.component, self.own, end)

    @property
    def unit(self) -> Fraction:
        """Units of the base per unit of the plan file."""
        return self.ledger.measuring.unit(self.ledger.plan.measure(self.measure))

    @property
    def money(self) -> Fraction:
        """Minor units per unit of money in the plan file."""
        return self.ledger.money

    @property
    def worth(self) -> Fraction:
        """Minor units of pay per unit of base at a rate of 1: 1 for money."""
        return self.money / self.unit


def attainment_limit(ledger: Ledger, component: Component) -> Fraction | None:
    """Return the cap on a component's attainment; None: there is none."""
    cap = component.cap
    if cap is None or (cap.on or ledger.plan.decisions.cap.at) != "attainment":
        return None
    return Fraction(cap.times_target or 0)


def shape_of(asked: Asked) -> tuple[Piecewise, str]:
    """Return a component's pay as a function, and of what: base or attainment.

    Of the base it gives minor units of pay; of attainment, multiples of target pay. A table over
    attainment whose rates are of the base becomes one over the base, its bounds times quota.

    Raises
    ------
    TypeError
        If the component's way to pay is no function of one number.
    """
    pays = asked.component.pays
    by_rate = isinstance(pays, RatePay) or (isinstance(pays, TablePay) and pays.times == "base")
    scaled = isinstance(pays, TablePay) and pays.of == "attainment" and by_rate
    quota = asked.quota if scaled else None
    points = _points(asked, pays) if isinstance(pays, GoalPay) else None
    key = (asked.component.version, quota, points)
    if key not in asked.ledger.shapes:
        asked.ledger.shapes[key] = made_shape(asked, quota=quota, points=points)
    return asked.ledger.shapes[key], "base" if by_rate else "attainment"


def _points(asked: Asked, pays: GoalPay) -> Fraction:
    """Return the payout points per attainment point that the base rate stands for."""
    if pays.base_rate is None:
        return _ZERO
    target = asked.ledger.target(asked.rep, asked.component, asked.start, asked.whole)
    rate = Fraction(pays.base_rate) * asked.worth
    return rate * asked.quota / target if target else _ZERO


def made_shape(
    asked: Asked, *, quota: Fraction | None = None, points: Fraction | None = None
) -> Piecewise:
    """Return a component's function, its bounds times a quota where one is given.

    Parameters
    ----------
    points
        Payout points per attainment point that a base rate stands for; null: none.

    Raises
    ------
    TypeError
        If the component's way to pay is no function of one number.
    """
    decisions, pays = asked.ledger.plan.decisions, asked.component.pays
    if isinstance(pays, RatePay):
        return Piecewise((Piece(None, _ZERO, Fraction(pays.rate) * asked.worth),), "upper")
    if isinstance(pays, TablePay):
        how, side = pays.how or decisions.table, pays.boundary or decisions.boundary
        if pays.times == "target":
            return table(pays.bands, how=how, side=side)
        bound = asked.unit if quota is None else quota
        made = table(pays.bands, how=how, side=side, bound=bound, pay=asked.unit)
        return made.scaled(x=Fraction(1), y=asked.worth)
    if isinstance(pays, CurvePay):
        return curve(pays, side=decisions.boundary)
    if isinstance(pays, GoalPay):
        return goal(pays, decisions, rate_points=points or _ZERO)
    raise TypeError(pays.kind)


def _by_shape(asked: Asked) -> Fraction:
    pays = asked.component.pays
    if isinstance(pays, TablePay) and pays.attained_by:
        return _looked_up(asked, pays, pays.attained_by)
    shape, of = shape_of(asked)
    if asked.grouping == "transaction" and not isinstance(pays, RatePay):
        return asked.ledger.each(asked.component, shape, asked.rep, asked.own, asked.end)
    if of == "attainment":
        return shape.at(asked.attainment) * asked.target
    limit = attainment_limit(asked.ledger, asked.component)
    base = asked.base
    if limit is not None:
        base = min(base, limit * asked.quota)
    if asked.own == asked.start:
        return shape.at(base)
    return _own_part(asked, shape, base)


def _own_part(asked: Asked, shape: Piecewise, base: Fraction) -> Fraction:
    """Return what the own days' deals earn at the place reached to date.

    A whole-amount band pays its rate on them; a marginal one pays the slice that they fill.
    """
    piece = shape.pieces[shape.place(base)]
    if piece.intercept == 0:
        return piece.slope * asked.own_base
    return shape.at(base) - shape.at(asked.base - asked.own_base)


def _looked_up(asked: Asked, pays: TablePay, measure: str) -> Fraction:
    decisions = asked.ledger.plan.decisions
    lookup = factors(pays.bands, side=pays.boundary or decisions.boundary)
    rate = lookup.at(asked.ledger.attainment(asked.rep, measure, asked.start, asked.end))
    return rate * (asked.target if pays.times == "target" else asked.own_base * asked.worth)


def _matrix(asked: Asked) -> Fraction:
    pays = asked.component.pays
    assert isinstance(pays, MatrixPay)
    rows, columns = _places(asked, pays, pays.rows), _places(asked, pays, pays.columns)
    total = _ZERO
    for row, row_value in rows:
        for column, column_value in columns:
            base = _part(asked, pays, row_value, column_value)
            total += Fraction(pays.cells[row][column]) * base * asked.worth
    return total


def _places(asked: Asked, pays: MatrixPay, axis: AxisSection) -> list[tuple[int, str | None]]:
    """Return the rows (or columns) that count: the one reached, or each value of a column."""
    if axis.column:
        _check_values(asked, axis)
        return list(enumerate(axis.values))
    ledger, measure = asked.ledger, str(axis.measure)
    at: Fraction
    if axis.of == "attainment":
        at = ledger.attainment(asked.rep, measure, asked.start, asked.end)
    elif axis.of == "ratio":
        base = asked.base
        at = ledger.base(asked.rep, measure, asked.start, asked.end) / base if base else _ZERO
    else:
        unit = ledger.measuring.unit(ledger.plan.measure(measure))
        at = ledger.base(asked.rep, measure, asked.start, asked.end) / unit
    bounds = [Piece(Fraction(b), _ZERO, _ZERO) for b in axis.bounds]
    side = pays.boundary or ledger.plan.decisions.boundary
    return [(Piecewise((*bounds, Piece(None, _ZERO, _ZERO)), side).place(at), None)]


def _check_values(asked: Asked, axis: AxisSection) -> None:
    """Write down as a fault that there are transactions of values without a cell."""
    span, column = (asked.own, asked.end), str(axis.column)
    listed = sum(
        asked.ledger.apart(asked.rep, asked.measure, column, v, *span) for v in axis.values
    )
    if listed != asked.own_base:
        asked.ledger.note(Missing("cells", asked.rep, *span, asked.component.id, column))


def _part(asked: Asked, pays: MatrixPay, row: str | None, column: str | None) -> Fraction:
    """Return the base of one cell: of the transactions with its values, or all."""
    told = [(a.column, v) for a, v in ((pays.rows, row), (pays.columns, column)) if a.column]
    if not told:
        return asked.own_base
    name, value = told[0]
    ledger, span = asked.ledger, (asked.own, asked.end)
    return Fraction(ledger.apart(asked.rep, asked.measure, str(name), str(value), *span))


def _score(asked: Asked) -> Fraction:
    pays = asked.component.pays
    assert isinstance(pays, ScorePay)
    total = sum(
        (Fraction(o.weight) * achievement(o, _scored(asked, o)) for o in pays.objectives), _ZERO
    )
    return total * asked.target


def _scored(asked: Asked, objective: ObjectiveSection) -> Fraction:
    return asked.ledger.score(asked.rep, objective.id, asked.start, asked.end)


def achievement(objective: ObjectiveSection, score: Fraction) -> Fraction:
    """Return what a score is worth: the rung reached of a ladder, or itself, at most the cap.

    A score under the lowest rung is worth nothing.
    """
    if objective.ladder:
        reached = [Fraction(r.achievement) for r in objective.ladder if score >= r.score]
        score = reached[-1] if reached else _ZERO
    return score if objective.cap is None else min(score, Fraction(objective.cap))


def _bonus(asked: Asked) -> Fraction:
    pays = asked.component.pays
    assert isinstance(pays, BonusPay)
    amount = Fraction(pays.amount) * asked.money
    least = None if pays.at_least is None else Fraction(pays.at_least) * asked.unit
    reached = asked.own_base >= least if least is not None else asked.own_base > 0
    if pays.per == "period":
        return amount if reached else _ZERO
    if pays.per == "unit":
        return amount * asked.own_base if least is None or reached else _ZERO
    if least is None:
        return amount * asked.ledger.number(asked.rep, asked.measure, asked.own, asked.end)
    shape = Piecewise((Piece(least, _ZERO, _ZERO), Piece(None, amount, _ZERO)), "lower")
    return asked.ledger.each(asked.component, shape, asked.rep, asked.own, asked.end)


def eligible(asked: Asked) -> list[str]:
    """Return the people whom a component pays on any of the days, by id."""
    plan, window = asked.ledger.plan, (asked.start, asked.end)
    everybody = asked.ledger.stays.items()
    return sorted(r for r, stays in everybody if spans(stays, asked.component, plan, window))


def _pool(asked: Asked) -> Fraction:
    pays = asked.component.pays
    assert isinstance(pays, PoolPay)
    team, ledger, span = eligible(asked), asked.ledger, (asked.start, asked.end)
    pool = Fraction(pays.pool) * asked.money
    if pays.scaled == "attainment":
        quota = sum((ledger.quota(r, asked.measure, *span) for r in team), _ZERO)
        reached = sum(ledger.counted(r, asked.measure, *span) for r in team) / quota
        pool *= reached if pays.at_most is None else min(reached, Fraction(pays.at_most))
    bases = [max(0, ledger.base(r, asked.measure, *span)) for r in team]
    total = sum(bases)
    if pays.share == "equal" or total == 0:
        bases, total = [1] * len(team), len(team)
    parts = _shared(asked, pool, [pool * base / total for base in bases])
    return parts[team.index(asked.rep)]


def _shared(asked: Asked, pool: Fraction, exact: list[Fraction]) -> list[Fraction]:
    """Return whole minor units that add up to what is shared, by largest remainder."""
    whole = rounded(pool, asked.ledger.plan.decisions.rounding.mode)
    return [Fraction(part) for part in parts_of(whole, exact)]


def _contest(asked: Asked) -> Fraction:
    """Return the prize of a person's rank; the tied share their places' prizes, or get the best."""
    pays = asked.component.pays
    assert isinstance(pays, ContestPay)
    ledger, span = asked.ledger, (asked.start, asked.end)
    least = None if pays.at_least is None else Fraction(pays.at_least) * asked.unit
    bases = {r: ledger.base(r, asked.measure, *span) for r in eligible(asked)}
    placed = {r: b for r, b in bases.items() if b > 0 and (least is None or b >= least)}
    if asked.rep not in placed:
        return _ZERO
    own = placed[asked.rep]
    first = sum(1 for base in placed.values() if base > own)
    tied = [rep for rep, base in placed.items() if base == own]
    prizes = [Fraction(p) * asked.money for p in pays.prizes] + [_ZERO] * len(placed)
    if pays.ties == "each":
        return prizes[first]
    prize = sum(prizes[first : first + len(tied)], _ZERO)
    parts = _shared(asked, prize, [prize / len(tied)] * len(tied))
    return parts[tied.index(asked.rep)]


_WAYS: dict[str, Callable[[Asked], Fraction]] = {
    "rate": _by_shape,
    "table": _by_shape,
    "curve": _by_shape,
    "goal": _by_shape,
    "matrix": _matrix,
    "score": _score,
    "bonus": _bonus,
    "pool": _pool,
    "contest": _contest,
}


def paid_by(asked: Asked) -> Fraction:
    """Return what a component pays over its days in minor units, before gates and caps."""
    pays: Any = asked.component.pays
    return _WAYS[pays.kind](asked)
