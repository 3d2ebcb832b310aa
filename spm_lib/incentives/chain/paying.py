"""The fifth table of the chain: payments, line by line, from what was earned to what is paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cached_property

import polars as pl

from spm_lib.incentives.chain.arithmetic import rounded
from spm_lib.incentives.chain.data import PayData
from spm_lib.incentives.chain.drawing import Debt, drawn, repays_in
from spm_lib.incentives.chain.earning import Line
from spm_lib.incentives.chain.ledger import Ledger
from spm_lib.incentives.chain.lines import AllEarned
from spm_lib.incentives.chain.people import spans
from spm_lib.incentives.chain.periods import PayPeriod
from spm_lib.incentives.chain.refusing import refused
from spm_lib.incentives.chain.releasing import Item, Releaser
from spm_lib.incentives.plan.decisions import Cap
from spm_lib.incentives.plan.plan import Draw

PAYMENT_COLUMNS = {
    "rep_id": pl.String,
    "period": pl.String,
    "period_start": pl.Date,
    "line": pl.Int64,
    "kind": pl.String,
    "component": pl.String,
    "rule_version": pl.String,
    "transaction_id": pl.String,
    "reason": pl.String,
    "amount": pl.Int64,
}
BALANCE_COLUMNS = {
    "rep_id": pl.String,
    "period": pl.String,
    "period_start": pl.Date,
    "kind": pl.String,
    "amount": pl.Int64,
}
WAITING_COLUMNS = {
    "rep_id": pl.String,
    "component": pl.String,
    "transaction_id": pl.String,
    "amount": pl.Int64,
}


class Payer:
    """Pays lines out, person by person and period by period, with what is carried between them."""

    def __init__(self, ledger: Ledger, data: PayData, periods: list[PayPeriod]) -> None:
        self.ledger, self.plan, self.data, self.periods = ledger, ledger.plan, data, periods
        self._balances: list[tuple[object, ...]] = []
        self._waiting: list[tuple[object, ...]] = []
        self._taken: dict[tuple[str, int], list[tuple[int, Item]]] = defaultdict(list)

    def pay(
        self, earned: AllEarned, releaser: Releaser
    ) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """Return payments, balances after each period, and what is earned and waits.

        Raises
        ------
        PayError
            If an adjustment is of somebody whom nobody knows.
        """
        whole = earned.plain.filter(pl.col("amount") != 0).with_columns(kind=pl.lit("earning"))
        lines = pl.concat([whole, self._items(earned.others, releaser)], how="diagonal")
        earnings = _earnings(lines)
        after = [row for rep in sorted(self.ledger.stays) for row in self._after(rep, earnings)]
        return (
            self._numbered(pl.concat([lines, pl.DataFrame(after, schema=_ROW, orient="row")],
                                     how="diagonal")),
            pl.DataFrame(self._balances, schema=BALANCE_COLUMNS, orient="row"),
            pl.DataFrame(self._waiting, schema=WAITING_COLUMNS, orient="row"),
        )  # fmt: skip

    def _items(self, lines: list[Line], releaser: Releaser) -> pl.DataFrame:
        """Return what is paid of lines, with the numbers of period and component."""
        places = {id(component): i for i, component in enumerate(self.plan.components)}
        rows = []
        for line in lines:
            place = places[id(line.component)]
            for number, item in releaser.items(line):
                if number < len(self.periods) and item.paid and self._cut_for_good:
                    self._taken[line.rep, number].append((place, item))
                elif number < len(self.periods):
                    rows.append(_row(line.rep, number, place, item))
                else:
                    row = (line.rep, item.component, item.transaction_id, item.amount)
                    self._waiting.append(row)
        return pl.DataFrame(rows, schema=_ROW, orient="row")

    @property
    def _cut_for_good(self) -> bool:
        """Whether what lies above the plan's cap is never paid."""
        cap = self.plan.cap
        return cap is not None and (cap.excess or self.plan.decisions.cap.excess) != "carried"

    def _after(self, rep: str, earned: _Earnings) -> Iterator[tuple[object, ...]]:
        """Return what follows a person's earnings: caps, what is carried, draws, adjustments.

        What is taken back of a deal is no more than a cap of the plan left of it.
        """
        debts = [Debt()] * len(self.plan.draws)
        carried = above = 0
        left: list[Fraction] = []
        for number, period in enumerate(self.periods):
            total, gains = earned.get((rep, number), (0, 0))
            taken = [
                (place, replace(item, amount=_left_of(item, left)))
                for place, item in self._taken.get((rep, number), ())
            ]
            yield from (_row(rep, number, place, item) for place, item in taken if item.amount)
            total += _sum(item for _, item in taken)
            paid, above = self._limited(rep, period, total, above, "plan")
            settled, carried = self._settled(total + _sum(paid), carried)
            paid += settled
            paid += self._drawn(rep, period, total + _sum(paid), debts)
            paid += self._adjusted(rep, period)
            limited, above = self._limited(rep, period, total + _sum(paid), above, "payment")
            paid += limited
            left.append(_share_left(gains, paid))
            yield from (_row(rep, number, len(self.plan.components), item) for item in paid)
            for kind, amount in (
                ("carried", carried),
                ("above the cap", above),
                ("owed", sum(debt.owed for debt in debts)),
            ):
                if amount:
                    self._balances.append((rep, period.label, period.start, kind, amount))

    def _numbered(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Return payments: each person's lines of a period numbered from 1."""
        labels = pl.Series([period.label for period in self.periods], dtype=pl.String)
        starts = pl.Series([period.start for period in self.periods], dtype=pl.Date)
        ordered = lines.sort("rep_id", "number", "place", maintain_order=True)
        return ordered.with_columns(
            period=labels.gather(ordered["number"]),
            period_start=starts.gather(ordered["number"]),
            line=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("rep_id", "number"),
            reason=pl.col("reason").fill_null(""),
        ).select(*PAYMENT_COLUMNS)

    def _settled(self, total: int, carried: int) -> tuple[list[Item], int]:
        """Return what becomes of a negative period, and of one carried forward before."""
        decision = self.plan.decisions.negative
        if decision == "floored":
            return ([Item("floor", -total, reason="negative period")] if total < 0 else []), 0
        if decision == "paid" or (total >= 0 and carried == 0):
            return [], 0
        after = min(0, total + carried)
        change = carried - after
        reason = "negative period" if change > 0 else "carried from before"
        return ([Item("carried", change, reason=reason)] if change else []), after

    def _limited(
        self, rep: str, period: PayPeriod, total: int, above: int, on: str
    ) -> tuple[list[Item], int]:
        """Return what the plan's cap takes, or gives back when there is room."""
        cap = self.plan.cap
        if cap is None or (cap.on or self.plan.decisions.cap.at) != on:
            return [], above
        limit = self._limit(rep, period, cap)
        if limit is None:
            return [], above
        excess = cap.excess or self.plan.decisions.cap.excess
        if total > limit:
            kept = above + (total - limit if excess != "lost" else 0)
            return [Item("cap", limit - total, reason=f"cap on the {on}")], kept
        back = min(above, limit - total) if excess == "carried" else 0
        return ([Item("cap", back, reason="from above the cap")] if back else []), above - back

    def _limit(self, rep: str, period: PayPeriod, cap: Cap) -> int | None:
        """Return the cap of a period; None: it is in times of target pay, and the person has none.

        Target pay is that of the days on which the person is in the plan.
        """
        if cap.times_target is None:
            return rounded(Fraction(cap.amount or 0) * self.ledger.money)
        everything = {"weight": None, "roles": (), "valid_from": None, "valid_to": None}
        whole = self.plan.components[0].model_copy(update=everything)
        days = spans(self.ledger.stays[rep], whole, self.plan, (period.start, period.end))
        if not days:
            return None
        target = sum((self.ledger.target(rep, whole, *span) for span in days), Fraction(0))
        self.ledger.settle()
        return rounded(Fraction(cap.times_target) * target)

    def _drawn(self, rep: str, period: PayPeriod, earned: int, debts: list[Debt]) -> list[Item]:
        """Return what draws top up and take, one after the other.

        Each looks at what the ones before it left, so that no guarantee is paid twice or undercut.
        """
        found: list[Item] = []
        for number, draw in enumerate(self.plan.draws):
            if not self._has(rep, draw, period):
                continue
            unit = self.ledger.money
            repays = repays_in(draw, period, self.plan)
            result = drawn(
                draw, period, earned=earned, debt=debts[number], unit=unit, repays=repays
            )
            debts[number] = Debt(result.owed, result.gathered)
            earned += (result.topped_up if draw.form == "guarantee" else 0) - result.repaid
            if result.topped_up:
                kind = "draw" if draw.recoverable else "guarantee"
                found.append(Item(kind, result.topped_up, reason=draw.form))
            if result.repaid:
                found.append(Item("recovery", -result.repaid, reason="draw repaid"))
        return found

    def _has(self, rep: str, draw: Draw, period: PayPeriod) -> bool:
        stays = [s for s in self.ledger.stays[rep] if s.start < period.end and period.start < s.end]
        roles = draw.roles or self.plan.plan.roles
        of_role = not roles or any(stay.role in roles for stay in stays)
        return bool(stays) and of_role and (not draw.reps or rep in draw.reps)

    def _adjusted(self, rep: str, period: PayPeriod) -> Iterator[Item]:
        for day, amount, kind, reason, approver, deal in self._adjustments.get(rep, ()):
            if period.start <= day < period.end:
                told = f"{kind}: {reason} ({approver})"
                yield Item("adjustment", amount, transaction_id=deal, reason=told)

    @cached_property
    def _adjustments(self) -> dict[str, list[tuple]]:
        columns = ("date", "amount", "kind", "reason", "approver", "transaction_id")
        rows = self.data.adjustments.sort("date", "adjustment_id")
        kept: dict[str, list[tuple]] = defaultdict(list)
        for rep, *row in rows.select("rep_id", *columns).iter_rows():
            kept[rep].append(tuple(row))
        if unknown := sorted(set(kept) - set(self.ledger.stays)):
            raise refused("Adjustments of people whom nobody knows.", unknown, do="Mend them")
        return kept


_ROW = {
    "rep_id": pl.String,
    "number": pl.UInt32,
    "place": pl.UInt32,
    **{c: PAYMENT_COLUMNS[c] for c in ("kind", "component", "rule_version", "transaction_id")},
    "reason": pl.String,
    "amount": pl.Int64,
}


def _row(rep: str, number: int, place: int, item: Item) -> tuple[object, ...]:
    of_rule = (item.component, item.rule_version, item.transaction_id)
    return (rep, number, place, item.kind, *of_rule, item.reason, item.amount)


_Earnings = dict[tuple[str, int], tuple[int, int]]  # by person and period: in all, and gains only


def _earnings(lines: pl.DataFrame) -> _Earnings:
    gains = pl.col("amount").clip(lower_bound=0).sum().alias("gains")
    sums = lines.group_by("rep_id", "number").agg(pl.col("amount").sum(), gains)
    return {(rep, number): (amount, gain) for rep, number, amount, gain in sums.iter_rows()}


def _share_left(gains: int, paid: list[Item]) -> Fraction:
    """Return which share of a period's gains its caps left."""
    gains += sum(max(0, item.amount) for item in paid if item.kind != "cap")
    cut = sum(max(0, -item.amount) for item in paid if item.kind == "cap")
    return max(Fraction(0), Fraction(gains - cut, gains)) if cut and gains else Fraction(1)


def _left_of(item: Item, left: list[Fraction]) -> int:
    """Return what is taken back: its share of what caps left of what was paid before."""
    whole = sum(amount for _, amount in item.paid)
    if not whole:
        return item.amount
    paid = sum(amount * (left[number] if number < len(left) else 1) for number, amount in item.paid)
    return rounded(item.amount * Fraction(paid) / whole)


def _sum(items: Iterable[Item]) -> int:
    return sum(item.amount for item in items)
