"""The check of what goes with winning: planted behaviours found, planted zeros not accused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from spm_lib.model import Company
from spm_lib.reps.closers.habits import closing_habits


@dataclass(frozen=True)
class ClosersCheck:
    """Planted effects looked for and found on the right side, zeros looked at and accused."""

    companies: int
    planted: int
    found: int
    wrong_side: int
    zeros: int
    accused: int

    @property
    def false_share(self) -> float:
        """Share of everything called found that is a planted zero."""
        called = self.found + self.wrong_side + self.accused
        return self.accused / called if called else 0.0


def check_closers(companies: Iterable[Company], truth: Mapping[str, float]) -> ClosersCheck:
    """Ask companies whose behaviours have known effects (log odds; 0: none) what goes with winning.

    Only the same person's deals against each other are looked at: the truth says nothing of the
    people. Behaviours that are not in ``truth`` are left aside.
    """
    seen = planted = found = wrong = zeros = accused = 0
    for company in companies:
        table = closing_habits(company).table
        seen += 1
        for row in table.filter(table["term"] == "within").iter_rows(named=True):
            effect = truth.get(row["behaviour"])
            if effect is None:
                continue
            planted += effect != 0
            zeros += effect == 0
            right = row["found"] and (row["odds"] > 1) == (effect > 0)
            found += effect != 0 and right
            wrong += effect != 0 and row["found"] and not right
            accused += effect == 0 and row["found"]
    return ClosersCheck(seen, planted, found, wrong, zeros, accused)
