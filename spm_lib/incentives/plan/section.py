"""What every section of a plan file shares: frozen, unknown keys refused, exact numbers only."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictStr

from spm_lib.core.calendar import FIRST_YEAR, LAST_YEAR


def _exact(value: object) -> object:
    """Let whole numbers and decimals through; a float or a text is none of the file's numbers."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("a number")
    number = Decimal(value)
    if not number.is_finite() or not _writable(number):
        raise ValueError("a number")
    return number


def _writable(number: Decimal) -> bool:
    """Say whether somebody can mean a number: up to 12 digits before the point, 30 after it."""
    exponent = number.normalize().as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -30 and number.adjusted() < 12


def _thinkable(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError("a day that somebody can mean")
    return day


Exact = Annotated[Decimal, BeforeValidator(_exact)]
NotNegative = Annotated[Exact, Field(ge=0)]
Positive = Annotated[Exact, Field(gt=0)]
Name = Annotated[StrictStr, Field(min_length=1)]
Id = Annotated[StrictStr, Field(pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$", max_length=64)]
Day = Annotated[date, AfterValidator(_thinkable)]


class Section(BaseModel):
    """A section of the file: frozen, and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Dated(Section):
    """A section in force on the days ``[valid_from, valid_to)``; null: as long as the plan."""

    valid_from: Day | None = None
    valid_to: Day | None = None

    def in_force(self, day: date) -> bool:
        """Say whether the section is in force on a day."""
        began = self.valid_from is None or self.valid_from <= day
        return began and (self.valid_to is None or day < self.valid_to)
