"""What the pay plans that a scenario names would pay in its year: expected, and how unsure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from spm_lib.core.statement import Statement
from spm_lib.incentives import PayModel

PEOPLE = ("rep_id", "name", "pay", "p10", "p50", "p90")
FUTURES = 200


@dataclass(frozen=True, eq=False)
class ScenarioPay:
    """Pay under a scenario's targets, on its simulated years. Money is Int64 minor units.

    Attributes
    ----------
    plans
        The pay plans, by name.
    futures
        How many simulated years were paid.
    people
        ``rep_id, name, pay`` (mean; they add up to the company's), ``p10, p50, p90``, of all plans
        together; sorted by id.
    company
        ``pay, p10, p50, p90, error, sales, cost_rate, ccos`` (see ``PayModel.company``, ratios as
        text); null: not in this scope.
    notes
        What was taken for granted.
    """

    plans: tuple[str, ...]
    futures: int
    people: pl.DataFrame = field(repr=False)
    company: dict[str, Any] | None
    notes: tuple[Statement, ...] = ()

    @classmethod
    def of(cls, plans: Sequence[str], model: PayModel, notes: Sequence[Statement]) -> ScenarioPay:
        """Return the pay of a model of all plans together."""
        told = model.company.row(0, named=True)
        ratios = {k: None if told[k] is None else str(told[k]) for k in ("cost_rate", "ccos")}
        return cls(
            plans=tuple(plans),
            futures=model.futures,
            people=model.people.select(PEOPLE),
            company=told | ratios,
            notes=(*model.notes, *notes),
        )

    def within(self, rep_ids: frozenset[str]) -> ScenarioPay:
        """Return the part that is of these people; of the company nothing stays."""
        mine = self.people.filter(pl.col("rep_id").is_in(list(rep_ids)))
        return ScenarioPay(self.plans, self.futures, mine, None)
