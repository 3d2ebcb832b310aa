"""What the parts of the segments report share: what was found, or why not, and its figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TypeVar

from spm_lib.core.errors import DataError
from spm_lib.model import Figure
from spm_lib.model.names import column_heading
from spm_lib.reports.pages.told_parts import ToldParts
from spm_lib.segments import (
    Discovery,
    IdealCustomer,
    RepeatCustomers,
    SegmentComparison,
    Whitespace,
    compare_segments,
    discover_segments,
    ideal_customer,
    programmes,
    repeat_customers,
    segment_columns,
    whitespace,
)
from spm_lib.segments.figures import comparison_figures
from spm_lib.segments.words import value_words

T = TypeVar("T")
MOST_COLUMNS = 3


def found_or(made: Callable[[], T]) -> T | DataError:
    """Return what is made, or the error that says why it cannot be told."""
    try:
        return made()
    except DataError as error:
        return error


class SegmentsBase(ToldParts):
    """What all parts of the segments report are made from.

    ``by``: the columns asked for; none: those that differ, else the first ones looked at.
    """

    by: tuple[str, ...] = ()

    @cached_property
    def discovery(self) -> Discovery | DataError:
        """Which columns tell deals apart, or why that cannot be said."""
        return found_or(lambda: discover_segments(self.company))

    @cached_property
    def ideal(self) -> IdealCustomer | DataError:
        """With whom the company wins, or why that cannot be said."""
        return found_or(lambda: ideal_customer(self.company))

    @cached_property
    def repeat(self) -> RepeatCustomers | DataError:
        """Who buys again, or why that cannot be said."""
        return found_or(lambda: repeat_customers(self.company))

    @cached_property
    def white(self) -> Whitespace | DataError:
        """What customers lack, or why that cannot be said."""
        return found_or(lambda: whitespace(self.company))

    @cached_property
    def compared(self) -> list[SegmentComparison]:
        """The columns side by side; those without a decided deal in the window are left out."""
        names = self.by or tuple(self._columns())
        made = [
            found_or(lambda n=n: compare_segments(self.company, n.split("+"), window=self.window))
            for n in names
        ]
        return [part for part in made if not isinstance(part, DataError)]

    def _columns(self) -> Sequence[str]:
        if not self.known("opportunities"):
            return ()
        found = [] if isinstance(self.discovery, DataError) else self.discovery.found
        used = [c.column for c in segment_columns(self.company) if c.use == "segment"]
        return (found or used)[:MOST_COLUMNS]

    @property
    def tells(self) -> bool:
        """Always: customers and whitespace are told of orders as well as of deals."""
        return True

    def every_figure(self) -> list[Figure]:
        """Return the figures of segments, customers and whitespace, and of columns compared."""
        parts = (self.discovery, self.ideal, self.repeat, self.white)
        told = [f for part in parts if not isinstance(part, DataError) for f in part.figures()]
        told += programmes(self.company).figures()
        for part in self.compared:
            told += comparison_figures(self.company, part)
        return told

    def value(self, text: str | None, column: str) -> str:
        """Return the value of a column as it is printed."""
        return value_words(text or "", column=column, company=self.company).tell(self.language)

    def heading(self, column: str) -> str:
        """Return the name of a column as it is printed."""
        return column_heading(column, self.language)
