"""What each deal brought of a line: parts that add up to it to the last minor unit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl

from spm_lib.core.money import parts_of
from spm_lib.incentives.chain.earning import Earned, Line, earned_of
from spm_lib.incentives.chain.ways import Asked, shape_of
from spm_lib.incentives.plan.pays import BonusPay, TablePay

_ZERO = Fraction(0)


@dataclass(frozen=True)
class Deal:
    """One credit of a line: the deal, its day, what is paid on, what counts for attainment."""

    transaction_id: str
    day: date
    pay: int
    quota: int


@dataclass(frozen=True)
class DealPart:
    """What a deal brought: exact and in whole minor units; no deal: what is of no single one."""

    deal: Deal | None
    exact: Fraction
    amount: int


def deals_of(line: Line) -> list[Deal]:
    """Return the deals of a line's own days, in the plan's order."""
    return _deals_in(line.earned.asked, line.own, line.earned.asked.end)


def _deals_in(asked: Asked, start: date, end: date) -> list[Deal]:
    if asked.component.measure is None:
        return []
    rows = asked.ledger.measuring.of_person(asked.ledger.plan.measure(asked.measure), asked.rep)
    return [Deal(deal, day, pay, quota) for deal, day, pay, quota in rows if start <= day < end]


def deal_parts(line: Line) -> list[DealPart]:
    """Return what each deal of a line brought, and last what is of no single deal, if any.

    Where rates are marginal a deal fills the slice it lies in, in the plan's order; where they
    are of the whole amount each deal has the rate reached. What a true-up of earlier deals, a cap
    or a score brings is of no single deal.
    """
    deals = deals_of(line)
    return _parts(line, deals, _brought(line, deals))


DEAL_COLUMNS: dict[str, Any] = {
    "rep_id": pl.String,
    "period": pl.String,
    "component": pl.String,
    "rule_version": pl.String,
    "transaction_id": pl.String,
    "date": pl.Date,
    "credited": pl.Int64,
    "amount": pl.Int64,
}


def deal_table(lines: Iterable[Line]) -> pl.DataFrame:
    """Return what each deal brought of lines, and what is of no single deal.

    Columns out: rep_id, period, component, rule_version, transaction_id, date and credited (null:
    of no single deal), amount (Int64 minor units); the rows of a line add up to it. Deals that
    brought nothing are left out.
    """
    rows = [
        (
            line.rep,
            line.period.label,
            line.component.id,
            line.component.version,
            *((part.deal.transaction_id, part.deal.day, part.deal.pay) if part.deal else _NO_DEAL),
            part.amount,
        )
        for line in lines
        for part in deal_parts(line)
        if part.amount
    ]
    return pl.DataFrame(rows, schema=DEAL_COLUMNS, orient="row")


_NO_DEAL = (None, None, None)


def paid_parts(line: Line) -> list[DealPart]:
    """Return what each deal of a line is paid: what it brought, less its part of a cap.

    So that what is released or taken back of a deal is never more than it was paid. What room
    under a cap gives back later is of no single deal.
    """
    deals = deals_of(line)
    exact = _brought(line, deals)
    total = sum(exact, _ZERO)
    lost = min(line.earned.above, total - line.exact)
    if lost > 0 and total > 0:
        exact = [part * (total - lost) / total for part in exact]
    return _parts(line, deals, exact)


def true_up_parts(line: Line) -> list[DealPart]:
    """Return what a true-up to date brought of each earlier deal: what it is worth now, less then.

    They add up to what of the line is of no single deal, or to less where a cap took some of it.
    """
    asked, rule = line.earned.asked, line.component
    if rule.true_up != "deduct" or not asked.start < line.own:
        return []
    whole = asked.whole if rule.against == "interval" else line.own
    then = earned_of(replace(asked, end=line.own, own=asked.start, whole=whole), 1)
    earlier = _deals_in(asked, asked.start, line.own)
    deals = [*earlier, *deals_of(line)]
    now = _worth(line.earned, deals)[: len(earlier)]
    exact = [a - b for a, b in zip(now, _worth(then, earlier), strict=True)]
    left = [part for part in paid_parts(line) if part.deal is None]
    rest, whole_rest = (left[0].exact, left[0].amount) if left else (_ZERO, 0)
    total = sum(exact, _ZERO)
    if total != rest:
        share = rest / total if total else _ZERO
        exact = [part * max(_ZERO, min(Fraction(1), share)) for part in exact]
    amounts = parts_of(whole_rest, [*exact, rest - sum(exact, _ZERO)])
    return [DealPart(d, e, n) for d, e, n in zip(earlier, exact, amounts, strict=False)]


def _worth(earned: Earned, deals: list[Deal]) -> list[Fraction]:
    """Return what each deal since the reset is worth to date."""
    factor = earned.gate * earned.multiplier
    return [part * factor for part in _exact_parts(earned.asked, earned.asked.start, deals)]


def _brought(line: Line, deals: list[Deal]) -> list[Fraction]:
    factor = line.earned.gate * line.earned.multiplier
    return [part * factor for part in _exact_parts(line.earned.asked, line.own, deals)]


def _parts(line: Line, deals: list[Deal], exact: list[Fraction]) -> list[DealPart]:
    rest = line.exact - sum(exact, _ZERO)
    whole = parts_of(line.amount, exact + ([rest] if rest else []))
    parts = [DealPart(d, e, w) for d, e, w in zip(deals, exact, whole, strict=False)]
    return [*parts, DealPart(None, rest, whole[-1])] if rest else parts


def _exact_parts(asked: Asked, own: date, deals: list[Deal]) -> Iterator[Fraction]:
    pays = asked.component.pays
    by_shape = pays.kind in ("rate", "table", "curve", "goal")
    if not by_shape or (isinstance(pays, TablePay) and pays.attained_by):
        yield from _by_size(asked, own, deals)
        return
    shape, of = shape_of(asked)
    if asked.grouping == "transaction":
        yield from (shape.at(Fraction(abs(deal.pay))) * _sign(deal) for deal in deals)
    elif of == "base":
        piece = shape.pieces[shape.place(asked.base)]
        if piece.intercept == 0:
            yield from (piece.slope * deal.pay for deal in deals)
        else:
            yield from _slices(deals, _before(asked, own, quota=False), shape.at, quota=False)
    else:
        quota, target = asked.quota, asked.target

        def at(counted: Fraction) -> Fraction:
            return shape.at(counted / quota) * target

        yield from _slices(deals, _before(asked, own, quota=True), at, quota=True)


def _before(asked: Asked, own: date, *, quota: bool) -> int:
    take = asked.ledger.counted if quota else asked.ledger.base
    return take(asked.rep, asked.measure, asked.start, own)


def _slices(
    deals: list[Deal], before: int, at: Callable[[Fraction], Fraction], *, quota: bool
) -> Iterator[Fraction]:
    reached = at(Fraction(before))
    for deal in deals:
        before += deal.quota if quota else deal.pay
        now = at(Fraction(before))
        yield now - reached
        reached = now


def _sign(deal: Deal) -> int:
    """Return -1 for a refund: it takes back what a sale of its size brings."""
    return -1 if deal.pay < 0 else 1


def _by_size(asked: Asked, own: date, deals: list[Deal]) -> Iterator[Fraction]:
    """Return parts in proportion to what each deal counts; of a bonus per deal, equal ones."""
    from spm_lib.incentives.chain.ways import paid_by

    raw, pays = paid_by(asked), asked.component.pays
    each = isinstance(pays, BonusPay) and pays.per == "transaction" and pays.at_least is None
    sizes = [_sign(deal) if each else deal.pay for deal in deals]
    total = sum(sizes) if own == asked.own else 0
    yield from (raw * size / total if total else _ZERO for size in sizes)
