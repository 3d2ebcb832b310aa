"""Money in advance: what a draw tops up, and what later pay repays."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from spm_lib.incentives.chain.arithmetic import rounded
from spm_lib.incentives.chain.periods import PayPeriod
from spm_lib.incentives.plan.plan import Draw


@dataclass(frozen=True)
class Drawn:
    """What a draw does to one period: topped up, repaid, and owed after it (minor units)."""

    topped_up: int
    repaid: int
    owed: int


def drawn(draw: Draw, period: PayPeriod, *, earned: int, owed: int, unit: Fraction) -> Drawn:
    """Return what a draw pays or takes in a period that earned so much.

    A guarantee tops up to its amount, also from below 0, as far as the debt may grow; a period
    that earned more repays, and is never taken below the guarantee. Extra pay comes on top and is
    repaid from what is earned, never below 0.

    Examples
    --------
    >>> from datetime import date
    >>> from decimal import Decimal
    >>> draw = Draw(amount=Decimal(250), recoverable=True, form="guarantee")
    >>> july = PayPeriod(date(2026, 7, 1), date(2026, 8, 1), "2026-07")
    >>> drawn(draw, july, earned=1200, owed=150, unit=Fraction(1))
    Drawn(topped_up=0, repaid=150, owed=0)
    """
    pays = (draw.pays_from is None or draw.pays_from <= period.start) and (
        draw.pays_to is None or period.start < draw.pays_to
    )
    amount = rounded(Fraction(draw.amount) * unit) if pays else 0
    guarantee = draw.form == "guarantee"
    due = max(0, amount - earned) if guarantee and pays else (0 if guarantee else amount)
    if draw.recoverable and draw.maximum is not None:
        due = min(due, max(0, rounded(Fraction(draw.maximum) * unit) - owed))
    recovers = draw.recovery_from is None or draw.recovery_from <= period.start
    over = max(0, earned - (amount if guarantee else 0))
    repaid = 0
    if draw.recoverable and recovers:
        repaid = min(owed, rounded(over * Fraction(draw.recovery_share)))
    return Drawn(due, repaid, owed - repaid + (due if draw.recoverable else 0))
