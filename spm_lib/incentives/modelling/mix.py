"""What deals to come are made of: parts by the columns that a plan asks for, as past deals were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

import polars as pl

from spm_lib.core.months import months_after
from spm_lib.core.statement import Statement
from spm_lib.incentives.chain.refusing import refused
from spm_lib.incentives.chain.transactions import money_columns
from spm_lib.incentives.plan.plan import Plan

WHOLE = 1_000_000  # parts of a person's bookings are told in millionths


@dataclass(frozen=True)
class Part:
    """One part of a person's bookings: values of the columns, and how much of the bookings it is.

    ``low`` and ``high`` bound it on the way from 0 to ``WHOLE``; ``sums`` are its past sums of
    further columns (such as margin), ``amount`` what they were sums beside.
    """

    values: tuple[str | None, ...]
    low: int
    high: int
    sums: tuple[int, ...]
    amount: int


@dataclass(frozen=True)
class Mix:
    """How bookings are parted: text columns asked for, further numbers, parts by person.

    ``everybody`` holds the parts of those who sold nothing in the past.
    """

    columns: tuple[str, ...]
    numbers: tuple[str, ...]
    own: dict[str, tuple[Part, ...]]
    everybody: tuple[Part, ...]

    def of(self, rep: str) -> tuple[Part, ...]:
        """Return the parts of a person's bookings."""
        return self.own.get(rep, self.everybody)

    @property
    def notes(self) -> list[Statement]:
        """What is taken for granted, where anything is."""
        asked = (*self.columns, *self.numbers)
        if not asked:
            return []
        return [
            Statement(
                "Deals to come are made up by {columns} as each person's of the last 12 months.",
                {"columns": asked},
            )
        ]


def mix_of(plan: Plan, past: pl.DataFrame, day: date) -> Mix:
    """Return what deals were made of in the twelve months before a day.

    Parameters
    ----------
    past
        Transactions: rep_id, date, amount and the columns that the plan asks for; null values of
        a column are a part of their own. Returns are left out.

    Raises
    ------
    PayError
        If the plan asks for columns that past deals lack, or there are no past deals to learn from.
    """
    columns, numbers = _columns(plan), _numbers(plan)
    if not columns and not numbers:
        return Mix((), (), {}, (Part((), 0, WHOLE, (), 1),))
    missing = [name for name in (*columns, *numbers) if name not in past.columns]
    if missing:
        raise refused("The plan asks for columns that past deals lack.", missing, do="Map them")
    rows = past.filter(
        (pl.col("date") >= months_after(day, -12)) & (pl.col("date") < day)
        & (pl.col("amount") > 0) & pl.col("rep_id").is_not_null()
    ).with_columns(pl.col(columns).cast(pl.String))  # fmt: skip
    if rows.is_empty():
        raise refused(
            "No deal of the last 12 months tells what deals to come are made of.",
            (*columns, *numbers),
            do="Model a plan that does not ask for these columns",
        )
    own = {
        str(rep): _parts(mine, columns, numbers)
        for (rep,), mine in rows.partition_by("rep_id", as_dict=True).items()
    }
    return Mix(columns, numbers, own, _parts(rows, columns, numbers))


def _columns(plan: Plan) -> tuple[str, ...]:
    asked = {c for section in (*plan.measures, *plan.credits) for c in section.where}
    for component in plan.components:
        axes = (getattr(component.pays, name, None) for name in ("rows", "columns"))
        asked |= {axis.column for axis in axes if axis is not None and axis.column}
    return tuple(sorted(asked))


def _numbers(plan: Plan) -> tuple[str, ...]:
    bases = {measure.base for measure in plan.measures}
    return tuple(sorted((money_columns(plan) | bases) - {"amount", "count"}))


def _parts(rows: pl.DataFrame, columns: Sequence[str], numbers: Sequence[str]) -> tuple[Part, ...]:
    sums = [pl.col(name).fill_null(0).sum() for name in ("amount", *numbers)]
    told = rows.group_by(columns).agg(sums) if columns else rows.select(sums)
    told = told.sort(columns, nulls_last=True) if columns else told
    found = told.select(*columns, "amount", *numbers).rows()
    amounts = [int(row[len(columns)]) for row in found]
    total = sum(amounts)
    edges = [reached * WHOLE // total for reached in accumulate(amounts, initial=0)]
    return tuple(
        Part(row[: len(columns)], low, high, row[len(columns) + 1 :], amount)
        for row, amount, low, high in zip(found, amounts, edges, edges[1:], strict=False)
    )
