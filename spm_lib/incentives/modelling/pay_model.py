"""What a plan would pay on many simulated years: cost, its spread, each person, out of turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import polars as pl

from spm_lib.core.money import parts_of
from spm_lib.core.statement import Statement
from spm_lib.incentives.chain.arithmetic import decimal_of, ratio_of, rounded
from spm_lib.incentives.modelling.attaining import cost_table

Ints = np.ndarray
MILLION = 1_000_000
_RATE = pl.Decimal(38, 10)
_PAY = dict.fromkeys(("pay", "p10", "p50", "p90"), pl.Int64)
PEOPLE = {
    "rep_id": pl.String,
    "name": pl.String,
    "role": pl.String,
    "quota": pl.Int64,
    "sales": pl.Int64,
    "attainment": _RATE,
    **_PAY,
}
COMPANY = {**_PAY, "error": pl.Int64, "sales": pl.Int64, "cost_rate": _RATE, "ccos": _RATE}
INVERSIONS = {
    "of": pl.String,
    "higher": pl.String,
    "lower": pl.String,
    "share": _RATE,
    "higher_reached": _RATE,
    "lower_reached": _RATE,
    "gap": pl.Int64,
}
LEAST_SHARE = Decimal("0.05")  # of futures, from which on a pair is told


@dataclass(frozen=True, eq=False)
class PayModel:
    """What a plan pays on the futures of the draws. Money is Int64 minor units.

    Attributes
    ----------
    plan, currency, start, end
        The plan's id and currency, and the days that are paid ``[start, end)``.
    reps, names, roles
        The people that the plan pays.
    quotas
        Each one's quota of the measure over all days; null: none.
    pay, sales, counted
        (people, futures): what is paid, booked, and counts for attainment.
    steps
        attainment, sales, pay, cost_rate: the mean cost where all together reach these shares of
        their quotas, each future scaled to them; empty where nobody has a quota.
    salaries
        Base pay of the same days; null: not known, and so is ``ccos``.
    notes
        What was taken for granted, and who was left out.
    """

    plan: str
    currency: str
    start: date
    end: date
    reps: tuple[str, ...]
    names: tuple[str, ...]
    roles: tuple[str | None, ...]
    quotas: tuple[Fraction | None, ...] = field(repr=False)
    pay: Ints = field(repr=False)
    sales: Ints = field(repr=False)
    counted: Ints = field(repr=False)
    steps: pl.DataFrame = field(repr=False)
    salaries: int | None = None
    notes: tuple[Statement, ...] = ()

    @property
    def futures(self) -> int:
        """How many futures were paid."""
        return self.pay.shape[1]

    @property
    def people(self) -> pl.DataFrame:
        """One row per person, by id: ``PEOPLE``.

        Means add up to the company's to the last minor unit; p10, p50 and p90 do not.
        ``attainment`` is the mean one; null without a quota.
        """
        pays, sold = means(self.pay), means(self.sales)
        rows = [
            (
                rep, self.names[i], self.roles[i],
                None if (quota := self.quotas[i]) is None else rounded(quota),
                sold[i], self._mean_attainment(i), pays[i], *quantiles(self.pay[i]),
            )
            for i, rep in enumerate(self.reps)
        ]  # fmt: skip
        return pl.DataFrame(rows, schema=PEOPLE, orient="row")

    @property
    def company(self) -> pl.DataFrame:
        """One row: ``COMPANY``.

        ``error`` is the standard error of the mean pay. ``cost_rate`` is incentive pay / bookings
        of the people paid (null where nothing is sold), ``ccos`` (base pay + incentive pay) /
        bookings (null where base pay is not known).
        """
        total, sold = self.pay.sum(axis=0), sum(means(self.sales))
        pay = sum(means(self.pay))
        whole = None if self.salaries is None else pay + self.salaries
        ccos = None if whole is None else ratio_of(whole, sold)
        rate = ratio_of(pay, sold)
        row = (pay, *quantiles(total), standard_error(total), sold, rate, ccos)
        return pl.DataFrame([row], schema=COMPANY, orient="row")

    def pay_of(self, rep: str) -> Ints:
        """Return what a person is paid in each future; 0 to whom the plan does not pay."""
        if rep not in self.reps:
            return np.zeros(self.futures, np.int64)
        return self.pay[self.reps.index(rep)]

    def _mean_attainment(self, i: int) -> Decimal | None:
        quota, counted = self.quotas[i], int(self.counted[i].sum())
        return None if quota is None else ratio_of(Fraction(counted, self.futures), quota)

    @property
    def inversions(self) -> pl.DataFrame:
        """Pairs of one role of whom the one who reached more is paid less: ``INVERSIONS``.

        ``of`` is "attainment" (people with a quota) or "sales"; ``share`` is the share of futures
        in which it is so, from 5 % on; ``higher_reached`` and ``lower_reached`` (shares of quota,
        or minor units) and ``gap`` (what the other is paid more) are means of these futures. The
        largest share first.
        """
        rows = [row for of in ("attainment", "sales") for row in self._turned(of)]
        frame = pl.DataFrame(rows, schema=INVERSIONS, orient="row")
        order = [False, True, True, False, False]
        return frame.sort("of", "share", "gap", "higher", "lower", descending=order)

    def _turned(self, of: str) -> Iterator[tuple[object, ...]]:
        reached = self._reached(of)
        unit = MILLION if of == "attainment" else 1
        least = LEAST_SHARE * self.futures
        for i, higher in reached.items():
            for j, lower in reached.items():
                if i == j or self.roles[i] != self.roles[j]:
                    continue
                gaps = self.pay[j] - self.pay[i]
                so = (higher > lower) & (gaps > 0)
                count = int(so.sum())
                if count and count >= least:
                    both = (decimal_of(Fraction(int(r[so].sum()), count * unit))
                            for r in (higher, lower))  # fmt: skip
                    gap = rounded(Fraction(int(gaps[so].sum()), count))
                    share = decimal_of(Fraction(count, self.futures))
                    yield (of, self.reps[i], self.reps[j], share, *both, gap)

    def _reached(self, of: str) -> dict[int, Ints]:
        """Return what people reached in each future: minor units, or millionths of quota."""
        if of == "sales":
            return dict(enumerate(self.sales))
        return {
            i: np.array([int(n) * MILLION // rounded(quota) for n in self.counted[i]], np.int64)
            for i, quota in enumerate(self.quotas)
            if quota
        }


def means(values: Ints) -> list[int]:
    """Return the rounded mean of each row, so that they add up to the rounded mean of all."""
    futures = values.shape[1]
    exact = [Fraction(int(row.sum()), futures) for row in values]
    return parts_of(rounded(sum(exact, Fraction(0))), exact)


def quantiles(values: Ints) -> tuple[int, int, int]:
    """Return P10, P50 and P90 as values that were drawn (nearest rank).

    Examples
    --------
    >>> quantiles(np.arange(101))
    (10, 50, 90)
    """
    ranked, last = np.sort(values), len(values) - 1
    low, middle, high = (int(ranked[(last * tenths + 5) // 10]) for tenths in (1, 5, 9))
    return low, middle, high


def standard_error(values: Ints) -> int:
    """Return the standard error of the mean, rounded; of one value 0."""
    count = len(values)
    if count < 2:
        return 0
    whole = [int(value) for value in values]
    spread = count * sum(v * v for v in whole) - sum(whole) ** 2
    variance = Fraction(spread, count * count * (count - 1))
    return int(decimal_of(variance, 0).sqrt().to_integral_value())


def joined_models(models: Sequence[PayModel]) -> PayModel:
    """Return what several plans pay together on the same futures, such as one plan per role.

    A person of several plans has the pay of all; quota and sales are those of the first of them.
    """
    if len(models) == 1:
        return models[0]
    first: dict[str, tuple[PayModel, int]] = {}
    for model in models:
        for i, rep in enumerate(model.reps):
            first.setdefault(rep, (model, i))
    reps = tuple(sorted(first))
    owners = [first[rep] for rep in reps]
    return PayModel(
        plan=" + ".join(model.plan for model in models),
        currency=models[0].currency,
        start=models[0].start,
        end=models[0].end,
        reps=reps,
        names=tuple(model.names[i] for model, i in owners),
        roles=tuple(model.roles[i] for model, i in owners),
        quotas=tuple(model.quotas[i] for model, i in owners),
        pay=np.array([sum(m.pay_of(rep) for m in models) for rep in reps], np.int64),
        sales=np.array([model.sales[i] for model, i in owners], np.int64),
        counted=np.array([model.counted[i] for model, i in owners], np.int64),
        steps=_steps_together(models),
        salaries=models[0].salaries,
        notes=_notes_together(models),
    )


def _notes_together(models: Sequence[PayModel]) -> tuple[Statement, ...]:
    found: list[Statement] = []
    for model in models:
        found += [note for note in model.notes if note not in found]
    return tuple(found)


def _steps_together(models: Sequence[PayModel]) -> pl.DataFrame:
    """Return the sums of all steps; none where one of the plans has none."""
    tables = [model.steps for model in models]
    if any(table.is_empty() for table in tables):
        return cost_table([])
    sums = pl.concat(tables).group_by("attainment").agg(pl.col("sales", "pay").sum())
    return cost_table(sums.sort("attainment").rows())
