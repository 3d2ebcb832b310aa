"""Money in advance: what a draw tops up, and what later pay repays."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from spm_lib.incentives.chain.arithmetic import rounded
from spm_lib.incentives.chain.periods import PayPeriod, interval_of
from spm_lib.incentives.plan.plan import Draw, Plan


@dataclass(frozen=True)
class Drawn:
    """What a draw does to one period: topped up, repaid, and owed after it (minor units).

    ``gathered`` is what was earned above the guarantee since the last period that repaid.
    """

    topped_up: int
    repaid: int
    owed: int
    gathered: int = 0


@dataclass(frozen=True)
class Debt:
    """What a person owes of a draw, and what was earned above it since the last repayment."""

    owed: int = 0
    gathered: int = 0


def repays_in(draw: Draw, period: PayPeriod, plan: Plan) -> bool:
    """Say whether a period is one in which debt is repaid: each, or the last of the interval."""
    if draw.recovery_from is not None and period.start < draw.recovery_from:
        return False
    if draw.recovery_every == "period":
        return True
    interval = interval_of(period.start, draw.recovery_every, plan.plan.fiscal_year_start)
    return period.end >= min(interval.end, plan.plan.valid_to)


def drawn(
    draw: Draw, period: PayPeriod, *, earned: int, debt: Debt, unit: Fraction, repays: bool = True
) -> Drawn:
    """Return what a draw pays or takes in a period that earned so much.

    A guarantee tops up to its amount, also from below 0, as far as the debt may grow; a period
    that earned more repays, and is never taken below the guarantee. Extra pay comes on top and is
    repaid from what is earned, never below 0. Where a period does not repay, what it earned above
    is gathered for the one that does.

    Examples
    --------
    >>> from datetime import date
    >>> from decimal import Decimal
    >>> draw = Draw(amount=Decimal(250), recoverable=True, form="guarantee")
    >>> july = PayPeriod(date(2026, 7, 1), date(2026, 8, 1), "2026-07")
    >>> drawn(draw, july, earned=1200, debt=Debt(150), unit=Fraction(1))
    Drawn(topped_up=0, repaid=150, owed=0, gathered=0)
    """
    pays = (draw.pays_from is None or draw.pays_from <= period.start) and (
        draw.pays_to is None or period.start < draw.pays_to
    )
    amount = rounded(Fraction(draw.amount) * unit) if pays else 0
    guarantee, owed = draw.form == "guarantee", debt.owed
    due = max(0, amount - earned) if guarantee and pays else (0 if guarantee else amount)
    if draw.recoverable and draw.maximum is not None:
        due = min(due, max(0, rounded(Fraction(draw.maximum) * unit) - owed))
    over = max(0, earned - (amount if guarantee else 0))
    gathered, repaid = debt.gathered + over, 0
    if draw.recoverable and repays:
        repaid = min(owed, over, rounded(gathered * Fraction(draw.recovery_share)))
    after = owed - repaid + (due if draw.recoverable else 0)
    begun = draw.recovery_from is None or draw.recovery_from <= period.start
    return Drawn(due, repaid, after, gathered if begun and not repays else 0)
