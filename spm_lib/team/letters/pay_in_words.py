"""How each component of a pay plan pays, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from spm_lib.core.money import exponent
from spm_lib.incentives import Plan
from spm_lib.incentives.plan.decisions import Cap
from spm_lib.incentives.plan.pays import (
    BandSection,
    BonusPay,
    ContestPay,
    CurvePay,
    GoalPay,
    MatrixPay,
    PoolPay,
    RatePay,
    ScorePay,
    TablePay,
)
from spm_lib.incentives.plan.plan import Component, GateSection, MeasureSection, Where
from spm_lib.team.letters.wording import (
    Known,
    Line,
    Money,
    Name,
    Percent,
    Plain,
    Several,
    Value,
    line,
)

BASES = {"amount": "sales", "units": "units", "count": "deals"}
_HOWS = {
    "marginal": "each band pays for its own part only",
    "whole": "the band that is reached pays for everything",
    "interpolated": "between two bounds the amount grows in a straight line",
    "step": "the band that is reached pays a fixed amount",
}
_EXCESS = {
    "lost": "what lies above it is not paid",
    "carried": "what lies above it is paid when a later period has room",
    "kept": "what lies above it is kept as a balance and not paid",
}
_WAYS = {"all": "all", "any": "any", "weighted": "the weighted mean"}
_FACTORS = {
    "rate": "Above {over} of quota each further sale pays {factor} times the base rate of {rate}.",
    "point": (
        "Above {over} of quota each further point of attainment pays {factor} points of target pay."
    ),
    "slope": "Above {over} of quota pay grows {factor} times as fast as below the target.",
}


class PayInWords:
    """Tells the components of a plan; amounts of the plan file are in major units.

    Parameters
    ----------
    plan
        The pay plan, with the components that are told.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def component(self, component: Component) -> list[Line]:
        """Return how a component pays, and what bends it: gates, multipliers, cap."""
        told = [*_TELLING[component.pays.kind](self, component), *_in_force(component)]
        told += [self._gate(gate) for gate in component.gates]
        for multiplier in component.multipliers:
            bands = [_band(b, self.bound(multiplier.of, multiplier.measure), "times")
                     for b in multiplier.bands]  # fmt: skip
            name = self.base_of(multiplier.measure)
            said = "What is earned is multiplied, by the level of {measure}: {bands}."
            told.append(line(said, measure=name, bands=Several(parts=tuple(bands))))
        return [*told, *([self.cap(component.cap)] if component.cap else [])]

    def cap(self, cap: Cap) -> Line:
        """Return what a cap says: of a component, or of the plan."""
        excess = Known(text=_EXCESS[cap.excess or self.plan.decisions.cap.excess])
        on = cap.on or self.plan.decisions.cap.at
        if cap.amount is not None:
            said = "Cap: {amount} in a pay period; {excess}."
            return line(said, amount=self.money(cap.amount), excess=excess)
        times = cap.times_target or Decimal(0)
        if on == "attainment":
            return line("Cap: attainment counts up to {times}; {excess}.", times=times,
                        excess=excess)  # fmt: skip
        return line("Cap: {times} of target pay; {excess}.", times=times, excess=excess)

    def money(self, major: Decimal) -> Money:
        """Return an amount of the plan file."""
        currency = self.plan.plan.currency
        return Money(minor=int(major * 10 ** exponent(currency)), currency=currency)

    def base_of(self, measure: str | None) -> Value:
        """Return what a measure adds up, in words; the client's own column by its name."""
        if measure is None:
            return Known(text="sales")
        return _base(self.plan.measure(measure))

    def bound(self, of: str, measure: str | None) -> Callable[[Decimal], Value]:
        """Return what writes a bound of attainment, or of what a measure adds up."""
        if of == "attainment":
            return _percent
        if measure and self.plan.measure(measure).counted:
            return lambda value: Plain(value=value)
        return self.money

    def _gate(self, gate: GateSection) -> Line:
        measures = Several(parts=tuple(self.base_of(name) for name in gate.measures))
        return line(
            "Only where {way} of {measures} is reached; otherwise {otherwise} of it is paid.",
            way=Known(text=_WAYS[gate.how]),
            measures=measures,
            otherwise=gate.otherwise,
        )


def _rate(words: PayInWords, component: Component) -> Iterator[Line]:
    pays = component.pays
    assert isinstance(pays, RatePay)
    base = words.base_of(component.measure)
    if component.measure and words.plan.measure(component.measure).counted:
        yield line("Pays {amount} for each of the {base}.", amount=words.money(pays.rate),
                   base=base)  # fmt: skip
    else:
        yield line("Pays {rate} of {base}.", rate=pays.rate, base=base)


def _table(words: PayInWords, component: Component) -> Iterator[Line]:
    pays = component.pays
    assert isinstance(pays, TablePay)
    how = Known(text=_HOWS[pays.how or words.plan.decisions.table])
    bound = words.bound(pays.of, component.measure)
    of = "of target pay" if pays.times == "target" else "of base"
    bands = Several(parts=tuple(_band(b, bound, of, words.money) for b in pays.bands))
    if pays.of == "attainment":
        yield line("Pays by bands of attainment: {bands}; {how}.", bands=bands, how=how)
    else:
        base = words.base_of(component.measure)
        yield line("Pays by bands of {base}: {bands}; {how}.", base=base, bands=bands, how=how)


def _curve(_words: PayInWords, component: Component) -> Iterator[Line]:
    pays = component.pays
    assert isinstance(pays, CurvePay)
    points = tuple(
        line("{payout} of target pay at {attainment} of quota", payout=p.payout,
               attainment=p.attainment)
        for p in pays.points
    )  # fmt: skip
    yield line("Pays {points}, in straight lines between them.", points=Several(parts=points))
    flat = pays.beyond == "flat"
    yield line("Beyond the last of them pay grows no more." if flat else
               "Beyond the last of them pay grows on at the last pace.")  # fmt: skip


def _goal(words: PayInWords, component: Component) -> Iterator[Line]:
    pays, decisions = component.pays, words.plan.decisions
    assert isinstance(pays, GoalPay)
    if pays.threshold and pays.payout_at_threshold is not None:
        yield line(
            "Pays from {threshold} of quota on: {payout} of target pay there, growing in a "
            "straight line to all of it at 100% of quota.",
            threshold=pays.threshold,
            payout=pays.payout_at_threshold,
        )
    else:
        yield line(
            "Pays from {threshold} of quota on: nothing yet there, growing in a straight line "
            "to all of target pay at 100% of quota.",
            threshold=pays.threshold,
        )
    for more in pays.accelerators:
        values: dict[str, Any] = {"over": more.over, "factor": Plain(value=more.factor)}
        if decisions.accelerator == "rate":
            values["rate"] = pays.base_rate or Decimal(0)
        yield line(_FACTORS[decisions.accelerator], **values)
    if pays.excellence:
        yield line("From {excellence} of quota on pay grows no more.",
                   excellence=pays.excellence)  # fmt: skip


def _matrix(words: PayInWords, component: Component) -> Iterator[Line]:
    assert isinstance(component.pays, MatrixPay)
    cells = [cell for row in component.pays.cells for cell in row]
    yield line(
        "Pays a rate of {base} found in a table of two sides, from {low} to {high}.",
        base=words.base_of(component.measure),
        low=min(cells),
        high=max(cells),
    )


def _score(_words: PayInWords, component: Component) -> Iterator[Line]:
    assert isinstance(component.pays, ScorePay)
    parts = tuple(
        line("{objective} ({weight})", objective=o.name or o.id, weight=o.weight)
        for o in component.pays.objectives
    )
    yield line("Pays target pay times what is achieved of: {objectives}.",
               objectives=Several(parts=parts))  # fmt: skip


def _bonus(words: PayInWords, component: Component) -> Iterator[Line]:
    pays = component.pays
    assert isinstance(pays, BonusPay)
    said = {
        "unit": "Pays {amount} for each unit.",
        "transaction": "Pays {amount} for each deal.",
        "period": "Pays {amount} once in a period that reaches {least}.",
    }[pays.per]
    least = words.bound("base", component.measure)(pays.at_least or Decimal(0))
    values = {"least": least} if pays.per == "period" else {}
    yield line(said, amount=words.money(pays.amount), **values)


def _pool(words: PayInWords, component: Component) -> Iterator[Line]:
    pays = component.pays
    assert isinstance(pays, PoolPay)
    yield line(
        "A pool of {amount} is shared out equally among the people of the plan."
        if pays.share == "equal"
        else "A pool of {amount} is shared out by what each has sold.",
        amount=words.money(pays.pool),
    )
    if pays.scaled == "attainment":
        yield line("The pool grows and shrinks with what all together reach of their quota.")


def _contest(words: PayInWords, component: Component) -> Iterator[Line]:
    pays = component.pays
    assert isinstance(pays, ContestPay)
    prizes = Several(parts=tuple(words.money(prize) for prize in pays.prizes))
    yield line("Prizes by rank: {prizes}.", prizes=prizes)


def _in_force(component: Component) -> Iterator[Line]:
    """Tell from when until when a component pays, where it is not as long as the plan."""
    if component.valid_from:
        yield line("It pays from {day} on.", day=component.valid_from)
    if component.valid_to:
        yield line("It pays until {day}.", day=component.valid_to - timedelta(days=1))


def _base(measure: MeasureSection) -> Value:
    known = BASES.get(measure.base)
    told: Value = Known(text=known) if known else Name(text=measure.base)
    if measure.where:
        told = line("{base} ({conditions})", base=told, conditions=conditions(measure.where))
    return told


def conditions(where: Where) -> Value:
    """Return which deals a rule is of: column and values, in the client's own words."""
    parts = tuple(
        Name(text=f"{column}: {' / '.join([told] if isinstance(told, str) else told)}")
        for column, told in where.items()
    )
    return Several(parts=parts)


def _percent(value: Decimal) -> Value:
    return Percent(value=value)


def _band(
    band: BandSection,
    bound: Callable[[Decimal], Value],
    of: str,
    money: Callable[[Decimal], Value] | None = None,
) -> Line:
    """Return one band: its upper bound, and what it pays or multiplies by."""
    if band.pay is not None and money is not None:
        paid: Value = money(band.pay)
    elif of == "times":
        paid = Plain(value=band.rate or Decimal(0))
    else:
        paid = _percent(band.rate or Decimal(0))
    if band.up_to is None:
        return line("{paid} above", paid=paid)
    return line("{paid} up to {bound}", paid=paid, bound=bound(band.up_to))


_TELLING: dict[str, Callable[[PayInWords, Component], Iterator[Line]]] = {
    "rate": _rate,
    "table": _table,
    "curve": _curve,
    "goal": _goal,
    "matrix": _matrix,
    "score": _score,
    "bonus": _bonus,
    "pool": _pool,
    "contest": _contest,
}
