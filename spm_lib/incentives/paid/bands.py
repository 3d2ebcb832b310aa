"""The band in which a result lies, and what it pays, as the plan file states it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from spm_lib.incentives.paid.paid_period import Band
from spm_lib.incentives.plan.decisions import Side
from spm_lib.incentives.plan.pays import CurvePay, GoalPay, RatePay, TablePay
from spm_lib.incentives.plan.plan import Component, Plan


def band_of(
    plan: Plan, component: Component, *, base: Decimal | None, attainment: Decimal | None
) -> Band | None:
    """Return the band of a component's result; None where the way it pays has no bands.

    Parameters
    ----------
    plan, component
        The plan and the rule.
    base
        What is paid on, in major units (or units); null: nothing is measured.
    attainment
        Of the quota; null: there is none.

    Examples
    --------
    >>> place_in([Decimal(10), Decimal(20)], Decimal(10), "lower")
    1
    >>> place_in([Decimal(10), Decimal(20)], Decimal(10), "upper")
    0
    """
    pays = component.pays
    if isinstance(pays, RatePay):
        return Band(rate=pays.rate)
    side: Side = getattr(pays, "boundary", None) or plan.decisions.boundary
    if isinstance(pays, TablePay):
        return None if pays.attained_by else _of_table(pays, side, base, attainment)
    if attainment is None:
        return None
    if isinstance(pays, CurvePay):
        return _between([p.attainment for p in pays.points], attainment, side)
    if isinstance(pays, GoalPay):
        return _between(_corners(pays), attainment, side)
    return None


def place_in(bounds: Sequence[Decimal], value: Decimal, side: Side) -> int:
    """Return how many bounds lie below a value; one on a bound goes to the side decided."""
    if side == "lower":
        return sum(bound <= value for bound in bounds)
    return sum(bound < value for bound in bounds)


def _of_table(
    pays: TablePay, side: Side, base: Decimal | None, attainment: Decimal | None
) -> Band | None:
    value = base if pays.of == "base" else attainment
    if value is None:
        return None
    bounds = [band.up_to for band in pays.bands if band.up_to is not None]
    place = min(place_in(bounds, value, side), len(pays.bands) - 1)
    band = pays.bands[place]
    rate = None if pays.times == "target" else band.rate
    low = bounds[place - 1] if place else None
    return Band(of=pays.of, low=low, high=band.up_to, rate=rate, amount=band.pay)


def _corners(pays: GoalPay) -> list[Decimal]:
    found = {pays.threshold, Decimal(1), *(a.over for a in pays.accelerators)}
    return sorted(found | ({pays.excellence} if pays.excellence else set()))


def _between(bounds: Sequence[Decimal], value: Decimal, side: Side) -> Band:
    place = place_in(bounds, value, side)
    low = bounds[place - 1] if place else None
    return Band(of="attainment", low=low, high=bounds[place] if place < len(bounds) else None)
