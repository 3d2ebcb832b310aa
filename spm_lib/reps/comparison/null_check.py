"""The null check: on companies whose people do not differ, nobody may be called better or worse."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from spm_lib.model import Company
from spm_lib.reps.comparison.compare import compare_reps


@dataclass(frozen=True)
class NullCheck:
    """How many companies were looked at, in how many people were ranked, and anybody flagged."""

    companies: int
    ranked: int
    flagged: int

    @property
    def share(self) -> float | None:
        """Share of companies in which anybody was called above or below the mean."""
        return self.flagged / self.companies if self.companies else None


def check_null_companies(companies: Iterable[Company], *, window: str | None = None) -> NullCheck:
    """Compare the people of companies without any rep effect, and count false alarms.

    The stated bound is 8 % of companies with any flag (16 of 200 seeds).
    """
    seen = ranked = flagged = 0
    for company in companies:
        result = compare_reps(company, window=window)
        seen += 1
        ranked += result.ranked
        flagged += bool(result.table.filter(pl.col("standing") != "").height)
    return NullCheck(seen, ranked, flagged)
