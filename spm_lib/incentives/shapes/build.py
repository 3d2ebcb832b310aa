"""Pieces from the plan's sections: rate tables, pay curves, percent to goal."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from spm_lib.incentives.plan.decisions import Decisions, How, Side
from spm_lib.incentives.plan.pays import BandSection, CurvePay, GoalPay
from spm_lib.incentives.shapes.piecewise import Piece, Piecewise

_ZERO = Fraction(0)


def table(
    bands: Sequence[BandSection],
    *,
    how: How,
    side: Side,
    bound: Fraction = Fraction(1),
    pay: Fraction = Fraction(1),
) -> Piecewise:
    """Return the pay of a table of bands, each of which may have a ``how`` of its own.

    A marginal band goes on from where the band below it ends; a whole one pays its rate for
    everything; an interpolated one runs straight from there to its amount; a step pays its amount.
    ``bound`` and ``pay`` turn bounds and amounts into the units wanted (minor units, say).

    Examples
    --------
    >>> from decimal import Decimal
    >>> bands = [BandSection(up_to=Decimal(10_000), rate=Decimal("0.05")),
    ...          BandSection(rate=Decimal("0.07"))]
    >>> table(bands, how="marginal", side="upper").at(Fraction(30_000))
    Fraction(1900, 1)
    >>> table(bands, how="whole", side="upper").at(Fraction(30_000))
    Fraction(2100, 1)
    """
    pieces: list[Piece] = []
    start, reached = _ZERO, _ZERO
    for band in bands:
        end = None if band.up_to is None else Fraction(band.up_to) * bound
        piece = _piece(band, band.how or how, start, end, reached, pay)
        pieces.append(piece)
        if end is not None:
            start, reached = end, piece.at(end)
    if pieces[-1].up_to is not None:  # an interpolated table ends with its last amount
        pieces.append(Piece(None, reached, _ZERO))
    return Piecewise(tuple(pieces), side)


def _piece(
    band: BandSection,
    how: str,
    start: Fraction,
    end: Fraction | None,
    reached: Fraction,
    pay: Fraction,
) -> Piece:
    rate = Fraction(band.rate or 0)
    amount = Fraction(band.pay or 0) * pay
    if how == "whole":
        return Piece(end, _ZERO, rate)
    if how == "step" or (end is None and how == "interpolated"):
        return Piece(end, amount, _ZERO)
    if how == "interpolated" and end is not None:
        rate = (amount - reached) / (end - start)
    return Piece(end, reached - rate * start, rate)


def factors(
    bands: Sequence[BandSection], *, side: Side, bound: Fraction = Fraction(1)
) -> Piecewise:
    """Return a table of factors: the rate of the band reached, the same all over the band."""
    pieces = [
        Piece(None if b.up_to is None else Fraction(b.up_to) * bound, Fraction(b.rate or 0), _ZERO)
        for b in bands
    ]
    return Piecewise(tuple(pieces), side)


def curve(pays: CurvePay, *, side: Side) -> Piecewise:
    """Return payout by attainment: 0 under the first point, straight lines between points.

    ``side`` says whether the first point itself is reached ("lower") or must be passed.
    """
    points = [(Fraction(p.attainment), Fraction(p.payout)) for p in pays.points]
    pieces = [Piece(points[0][0], _ZERO, _ZERO)]
    for (x0, y0), (x1, y1) in pairwise(points):
        slope = (y1 - y0) / (x1 - x0)
        pieces.append(Piece(x1, y0 - slope * x0, slope))
    last_x, last_y = points[-1]
    slope = pieces[-1].slope if pays.beyond == "slope" else _ZERO
    pieces.append(Piece(None, last_y - slope * last_x, slope))
    return Piecewise(tuple(pieces), pays.boundary or side)


def goal(pays: GoalPay, decisions: Decisions, *, rate_points: Fraction) -> Piecewise:
    """Return payout by attainment of a percent-to-goal rule.

    From the threshold (0, or the stated share where pay jumps) a straight line leads to 1 at
    target. Above it pay grows at the slope below target until an accelerator begins, then at its
    factor times what the decision says; ``rate_points`` are the payout points per attainment
    point that the base rate stands for. At the excellence point pay stops growing.
    """
    threshold = Fraction(pays.threshold)
    begins = Fraction(pays.payout_at_threshold or 0)
    slope = (1 - begins) / (1 - threshold)
    pieces = [Piece(threshold, _ZERO, _ZERO)] if threshold else []
    unit = {"point": Fraction(1), "slope": slope, "rate": rate_points}[decisions.accelerator]
    start, reached, current = threshold, begins, slope
    steps = [(Fraction(a.over), Fraction(a.factor) * unit) for a in pays.accelerators]
    if pays.excellence is not None:
        steps = [s for s in steps if s[0] < pays.excellence]
        steps.append((Fraction(pays.excellence), _ZERO))
    for over, following in steps:
        pieces.append(Piece(over, reached - current * start, current))
        start, reached, current = over, reached + current * (over - start), following
    pieces.append(Piece(None, reached - current * start, current))
    return Piecewise(tuple(pieces), pays.boundary or decisions.boundary)
