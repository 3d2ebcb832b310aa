"""Quotas and target pay of a person over any days: prorated, ramped, and never guessed."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction

from spm_lib.core.money import exponent
from spm_lib.core.months import months_after
from spm_lib.incentives.chain.data import PayData
from spm_lib.incentives.chain.people import LAST, Stay
from spm_lib.incentives.chain.periods import months_in
from spm_lib.incentives.plan.decisions import PERIOD_MONTHS
from spm_lib.incentives.plan.plan import Plan, TargetPay

Row = tuple[date, date, int, str | None]


class QuotaBook:
    """The quotas of a plan's people.

    Rows of one person and quota tile the days asked for; rows of another ``kind`` than null or
    "quota" (such as "relief") are added on top, also negative ones.
    """

    def __init__(self, plan: Plan, data: PayData, stays: dict[str, list[Stay]]) -> None:
        self._plan, self._stays = plan, stays
        self._wholes: dict[tuple[date, date], Fraction] = {}
        self._rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
        columns = ("rep_id", "quota", "period_start", "period_end", "value", "kind")
        for rep, quota, start, end, value, kind in data.quotas.select(columns).iter_rows():
            self._rows[rep, quota].append((start, end, value, kind))

    def between(self, rep: str, quota: str, start: date, end: date) -> Fraction | None:
        """Return the quota of ``[start, end)`` in minor units (or units); None: it has a gap."""
        rows = [
            (max(a, start), min(b, end), a, b, value, kind)
            for a, b, value, kind in self._rows.get((rep, quota), ())
            if a < end and start < b
        ]
        own = sorted((a, b) for a, b, *_, kind in rows if kind in (None, "quota"))
        reached = start
        for a, b in own:
            if a != reached:
                return None
            reached = b
        if reached != end:
            return None
        parts = [value * self._part(rep, a, b, whole) for a, b, *whole, value, _ in rows]
        return parts[0] if len(parts) == 1 else sum(parts, Fraction(0))

    def _part(self, rep: str, start: date, end: date, whole: list[date]) -> Fraction:
        quotas = self._plan.quotas
        if quotas is None or (quotas.proration == "days" and not quotas.ramp):
            return Fraction((end - start).days, (whole[1] - whole[0]).days)
        key = (whole[0], whole[1])
        if key not in self._wholes:
            self._wholes[key] = self._weight(rep, *key, ramped=False)
        return self._weight(rep, start, end, ramped=True) / self._wholes[key]

    def _weight(self, rep: str, start: date, end: date, *, ramped: bool) -> Fraction:
        """Return the days or months of a stretch, those of a ramp by their share."""
        quotas = self._plan.quotas
        by_days = quotas is None or quotas.proration == "days"
        ramp = quotas.ramp if quotas and ramped else ()
        if not ramp:
            return Fraction((end - start).days) if by_days else months_in(start, end)
        hired = next((s.hired_on for s in self._stays.get(rep, ()) if s.hired_on), None)
        total, day = Fraction(0), start
        while day < end:
            stop, share = end, Fraction(1)
            if hired is not None:
                stop, share = _ramped(hired, day, end, ramp)
            size = Fraction((stop - day).days) if by_days else months_in(day, stop)
            total, day = total + size * share, stop
        return total


def _ramped(hired: date, day: date, end: date, ramp: tuple) -> tuple[date, Fraction]:
    """Return how far the month since hiring goes that a day lies in, and its share of quota."""
    number = 0
    while number < len(ramp) and months_after(hired, number + 1) <= day:
        number += 1
    if number == len(ramp):
        return end, Fraction(1)
    return min(end, months_after(hired, number + 1)), Fraction(ramp[number])


class TargetPayBook:
    """Target variable pay of a plan's people: of the rep, else of the role, else of everybody."""

    def __init__(self, plan: Plan, stays: dict[str, list[Stay]]) -> None:
        self._plan, self._stays = plan, stays
        self._unit = 10 ** exponent(plan.plan.currency)

    def between(self, rep: str, start: date, end: date) -> Fraction | None:
        """Return the target pay of ``[start, end)`` in minor units; None: it has a gap."""
        total, day = Fraction(0), start
        while day < end:
            found = self._at(rep, day)
            if found is None:
                return None
            rule, stop = found
            stop = min(stop, end)
            monthly = Fraction(rule.amount) * self._unit / PERIOD_MONTHS[rule.per]
            total, day = total + monthly * months_in(day, stop), stop
        return total

    def _at(self, rep: str, day: date) -> tuple[TargetPay, date] | None:
        """Return the rule of a day, and the first day on which another may hold."""
        stay = next((s for s in self._stays.get(rep, ()) if s.start <= day < s.end), None)
        role, until = (stay.role, stay.end) if stay else (None, LAST)
        rules = [
            t for t in self._plan.target_pay if (t.rep or rep) == rep and (t.role or role) == role
        ]
        edges = [d for t in rules for d in (t.valid_from, t.valid_to) if d and d > day]
        until = min([until, *edges])
        ranked = sorted((not t.rep, not t.role, i) for i, t in enumerate(rules) if t.in_force(day))
        return (rules[ranked[0][-1]], until) if ranked else None
