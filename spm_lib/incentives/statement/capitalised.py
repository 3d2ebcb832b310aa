"""Contract cost (ASC 340-40, IFRS 15): commission as an asset, written off over its benefit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import polars as pl

from spm_lib.incentives.chain.arithmetic import parts_of
from spm_lib.incentives.chain.calculate import PayRun
from spm_lib.incentives.chain.parts import deal_parts
from spm_lib.incentives.chain.periods import interval_of
from spm_lib.incentives.chain.quotas import months_after
from spm_lib.incentives.chain.refusing import refused

AT_ONCE_UP_TO = 12  # months of benefit that may be expensed at once
SCHEDULE_COLUMNS = {
    "transaction_id": pl.String,
    "component": pl.String,
    "class": pl.String,
    "month": pl.Date,
    "opening": pl.Int64,
    "added": pl.Int64,
    "written_off": pl.Int64,
    "closing": pl.Int64,
}


def contract_cost_schedule(
    run: PayRun, benefit_months: dict[str, int], *, components: Sequence[str]
) -> pl.DataFrame:
    """Return the roll-forward of commission per contract, month by month, straight-line.

    Only commission that would not exist without the contract belongs here: name those
    ``components``; whether others do needs judgement. A benefit of 12 months or less is expensed
    at once. Parts of a month's write-off add up to the commission to the last minor unit.

    Parameters
    ----------
    benefit_months
        Months of benefit by transaction: the contract's term, or the customer's life where
        renewals earn less.

    Returns
    -------
    transaction_id, component, class ("at once" or "benefit period"), month (Date), opening,
    added, written_off, closing (Int64 minor units). closing = opening + added - written_off.

    Raises
    ------
    PayError
        If a contract with commission has no months of benefit.
    """
    earned = _commission(run, components)
    unknown = sorted({deal for deal, *_ in earned if deal not in benefit_months})
    if unknown:
        raise refused("Contracts without months of benefit.", unknown, do="Give each its months")
    rows = [row for entry in earned for row in _rows(*entry, benefit_months[entry[0]])]
    return pl.DataFrame(rows, schema=SCHEDULE_COLUMNS, orient="row")


def _commission(run: PayRun, components: Sequence[str]) -> list[tuple[str, str, date, int]]:
    found: dict[tuple[str, str, date], int] = {}
    for line in run.lines:
        if line.component.id not in components:
            continue
        for part in deal_parts(line):
            if part.deal is not None and part.amount:
                month = interval_of(part.deal.day, "month").start
                key = (part.deal.transaction_id, line.component.id, month)
                found[key] = found.get(key, 0) + part.amount
    return [(*key, amount) for key, amount in sorted(found.items())]


def _rows(
    deal: str, component: str, month: date, amount: int, months: int
) -> list[tuple[object, ...]]:
    if months <= AT_ONCE_UP_TO:
        return [(deal, component, "at once", month, 0, amount, amount, 0)]
    parts = parts_of(amount, [Fraction(amount, months)] * months)
    rows, opening = [], 0
    for number, part in enumerate(parts):
        added = amount if number == 0 else 0
        closing = opening + added - part
        day = months_after(month, number)
        rows.append((deal, component, "benefit period", day, opening, added, part, closing))
        opening = closing
    return rows
