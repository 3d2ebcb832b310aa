"""A season: how strong each month of the year is, per month or per day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

from spm_lib.core.errors import ParameterError
from spm_lib.targets.ratio import Ratio, exact_ratio

Per = Literal["working day", "calendar day", "month"]
PERS: tuple[str, ...] = get_args(Per)


@dataclass(frozen=True)
class Season:
    """Twelve indices, January first; only their proportions matter.

    Attributes
    ----------
    indices
        Strength of each month.
    per
        What an index is of: a ``working day`` or a ``calendar day`` of the month, so that longer
        months carry more, or the whole ``month``, however many days it has.
    """

    indices: tuple[Fraction, ...] = (Fraction(1),) * 12
    per: Per = "working day"

    def __post_init__(self) -> None:
        if len(self.indices) != 12 or min(self.indices) < 0 or not sum(self.indices):
            raise ParameterError(
                "A season is twelve numbers that are not negative and not all 0.",
                found=", ".join(str(float(index)) for index in self.indices)[:120],
                do="Give one number a month, January first",
            )
        if self.per not in PERS:
            raise ParameterError(
                "A season is of days or of months.",
                found=repr(self.per),
                do=f"Use one of: {', '.join(PERS)}",
            )

    @classmethod
    def of(cls, indices: Sequence[Ratio], *, per: Per = "month") -> Season:
        """Return the season of twelve numbers, January first.

        Raises
        ------
        ParameterError
            If they are not twelve numbers from 0 up.
        """
        return cls(tuple(exact_ratio(index) for index in indices), per)

    @classmethod
    def of_quarters(cls, shares: Sequence[Ratio], *, fiscal_year_start: int = 1) -> Season:
        """Return the season of four quarters, the fiscal year's first one first.

        The months of a quarter weigh the same.

        Raises
        ------
        ParameterError
            If they are not four numbers from 0 up.

        Examples
        --------
        >>> Season.of_quarters(["0.20", "0.20", "0.20", "0.40"]).indices[11]
        Fraction(2, 15)
        """
        exact = [exact_ratio(share) / 3 for share in shares]
        if len(exact) != 4:
            raise ParameterError(
                "A year has four quarters.",
                found=f"{len(exact)} numbers",
                do="Give one number a quarter, the first one of the fiscal year first",
            )
        after = [(month - (fiscal_year_start - 1)) % 12 // 3 for month in range(12)]
        return cls(tuple(exact[quarter] for quarter in after), "month")
