"""When what a deal earned is paid: parts, invoices, collections, holdbacks; and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from itertools import accumulate

from spm_lib.core.months import months_after
from spm_lib.incentives.chain.arithmetic import rounded
from spm_lib.incentives.chain.cancelling import cancellations_of
from spm_lib.incentives.chain.data import PayData
from spm_lib.incentives.chain.earning import Line
from spm_lib.incentives.chain.parts import Deal, DealPart, paid_parts, true_up_parts
from spm_lib.incentives.chain.periods import PayPeriod
from spm_lib.incentives.chain.transactions import transaction_table
from spm_lib.incentives.plan.decisions import PERIOD_MONTHS
from spm_lib.incentives.plan.plan import Component, Plan, ReleaseSection

_ONE, _ZERO = Fraction(1), Fraction(0)
Due = tuple[date, Fraction]


@dataclass(frozen=True)
class Item:
    """One line of a payment before it is written: kind, amount, and where it comes from.

    ``paid`` is told of what is taken back: in which periods (by number) how much was paid of it.
    """

    kind: str
    amount: int
    component: str | None = None
    rule_version: str | None = None
    transaction_id: str | None = None
    reason: str = ""
    paid: tuple[tuple[int, int], ...] = ()


class Releaser:
    """Turns lines into items of the periods in which they are paid."""

    def __init__(self, plan: Plan, data: PayData, periods: list[PayPeriod]) -> None:
        self.plan, self.periods = plan, periods
        self._events = _events(plan, data)
        self._data = data
        self._received: dict[str, list[tuple[date, int]]] = {}
        for deal, day, amount in (
            data.receipts.sort("date").select("transaction_id", "date", "amount").iter_rows()
        ):
            self._received.setdefault(deal, []).append((day, amount))
        self._cancelled = cancellations_of(data.cancellations)

    @cached_property
    def _amounts(self) -> dict[tuple[str, str | None], int]:
        return _amounts(self._data)

    def items(self, line: Line) -> Iterator[tuple[int, Item]]:
        """Return the items of a line, each with the number of its period.

        A number past the last period: it waits.
        """
        component = line.component
        at = self.periods.index(line.period)
        plain = component.release is None and not self.takes_back(component.id)
        if plain:
            if line.amount:
                yield at, _item("earning", line, line.amount)
            return
        for part in paid_parts(line):
            if part.deal is None:
                if part.amount:
                    yield at, _item("earning", line, part.amount)
            else:
                yield from self._of_deal(line, at, part, part.deal)
        if self.takes_back(component.id):
            yield from self._of_true_up(line, at)

    def _of_true_up(self, line: Line, at: int) -> Iterator[tuple[int, Item]]:
        """Return what is taken back of what a true-up brought of deals that were cancelled."""
        for part in true_up_parts(line):
            assert part.deal is not None
            paid = [(at, part.amount)] if part.amount else []
            stop, taken = self._taken_back(line, part, part.deal, paid)
            if stop is not None and taken:
                yield stop, _taken(line, taken, part.deal, paid)

    def takes_back(self, component: str) -> bool:
        """Say whether anything may be taken back of what a component paid."""
        return bool(self._cancelled) and self.claws(component)

    def claws(self, component: str) -> bool:
        """Say whether what a component paid is taken back of cancelled deals."""
        clawback = self.plan.clawback
        return clawback is not None and (
            not clawback.components or component in clawback.components
        )

    def _of_deal(
        self, line: Line, at: int, part: DealPart, deal: Deal
    ) -> Iterator[tuple[int, Item]]:
        paid: list[tuple[int, int]] = []
        shares = self._due(line.component, deal)
        sums = [rounded(part.amount * share) for share in accumulate(s for _, s in shares)]
        for (day, _), now, before in zip(shares, sums, [0, *sums], strict=False):
            if now != before:
                paid.append((max(at, self._number(day)), now - before))
        rest = part.amount - (sums[-1] if sums else 0)
        if rest:
            paid.append((len(self.periods), rest))
        kind = "release" if line.component.release else "earning"
        stop, taken = self._taken_back(line, part, deal, paid)
        for number, amount in paid:
            if stop is None or number <= stop or not self._stops:
                yield number, _item(kind, line, amount, deal)
        if stop is not None and taken:
            yield stop, _taken(line, taken, deal, paid)

    @property
    def _stops(self) -> bool:
        """Whether what a cancelled deal has not paid yet is not paid any more."""
        return self.plan.clawback is not None and self.plan.clawback.paid_only

    def _taken_back(
        self, line: Line, part: DealPart, deal: Deal, paid: list[tuple[int, int]]
    ) -> tuple[int | None, int]:
        """Return the period of a cancellation (None: none that counts), and what is taken back.

        Of what was paid, that above the served share of the deal's part; where not only what was
        paid is taken, the unserved share of the part, and releases go on.
        """
        clawback, cancelled = self.plan.clawback, self._cancelled.get(deal.transaction_id)
        if clawback is None or cancelled is None or not self.claws(line.component.id):
            return None, 0
        if not cancelled.counts(self.plan, deal.day):
            return None, 0
        stop = max(self._number(cancelled.day), self.periods.index(line.period))
        kept = rounded(part.amount * cancelled.kept(self.plan, deal.day))
        if not clawback.paid_only:
            return stop, part.amount - kept
        before = sum(amount for number, amount in paid if number <= stop)
        return stop, before - kept if abs(before) > abs(kept) else 0

    def _due(self, component: Component, deal: Deal) -> list[Due]:
        """Return on which days which shares of a deal's part fall due, by day."""
        release = component.release
        if release is None:
            return [(deal.day, _ONE)]
        held = Fraction(release.holdback or 0)
        shares = [
            (day, share * (1 - held)) for day, share in self._shares(component, release, deal)
        ]
        if held and shares:
            shares.append((deal.day + timedelta(days=release.holdback_days or 0), held))
        return sorted(shares)

    def _shares(self, component: Component, release: ReleaseSection, deal: Deal) -> list[Due]:
        safety = timedelta(days=release.safety_days)
        if release.on == "collection":
            event = self.plan.measure(str(component.measure)).event
            return self._collected(deal, safety, event)
        first = deal.day
        if release.column is not None:
            event = self._events.get(deal.transaction_id, {}).get(release.column)
            if event is None:
                return []
            first = event
        parts = release.parts or (1,)
        step = PERIOD_MONTHS[release.every]
        return [
            (months_after(first, step * k) + safety, Fraction(share))
            for k, share in enumerate(parts)
        ]

    def _collected(self, deal: Deal, safety: timedelta, event: str | None) -> list[Due]:
        whole = self._amounts[deal.transaction_id, event]
        reached, shares = _ZERO, []
        for day, amount in self._received.get(deal.transaction_id, ()):
            share = Fraction(amount, whole) if whole else _ONE
            share = max(min(share, _ONE - reached), -reached)
            shares.append((day + safety, share))
            reached += share
        return shares

    def _number(self, day: date) -> int:
        """Return the number of the period that a day lies in; past the last one, their number."""
        for number, period in enumerate(self.periods):
            if day < period.end:
                return number
        return len(self.periods)


def _amounts(data: PayData) -> dict[tuple[str, str | None], int]:
    """Return what each transaction is about by event; whatever its event (null): the largest."""
    found: dict[tuple[str, str | None], int] = {}
    columns = ("transaction_id", "event", "amount")
    for deal, event, amount in data.transactions.select(columns).iter_rows():
        found[deal, event] = amount
        found[deal, None] = max(amount, found.get((deal, None), amount), key=abs)
    return found


def _events(plan: Plan, data: PayData) -> dict[str, dict[str, date | None]]:
    """Return the days of invoices and the like by transaction, where a rule asks for them."""
    columns = sorted({c.release.column for c in plan.components if c.release and c.release.column})
    if not columns:
        return {}
    rows = transaction_table(plan, data).select("transaction_id", *columns).iter_rows()
    return {deal: dict(zip(columns, days, strict=True)) for deal, *days in rows}


def _taken(line: Line, amount: int, deal: Deal, paid: list[tuple[int, int]]) -> Item:
    return replace(_item("clawback", line, -amount, deal), paid=tuple(paid))


def _item(kind: str, line: Line, amount: int, deal: Deal | None = None) -> Item:
    component = line.component
    told = deal.transaction_id if deal else None
    return Item(kind, amount, component.id, component.version, told)
