"""Writing: typed cells and figures as text, in the language and currency of an edition."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from spm_lib.core.bidi import LRI, PDI, RLI
from spm_lib.core.language import NOTHING, Language, language
from spm_lib.core.money import to_minor
from spm_lib.model.export_day import STALE, is_stale
from spm_lib.model.figures import Figure
from spm_lib.reports.cells import Cell, Day, Edition, Kind, Number

if TYPE_CHECKING:
    from datetime import date

    from spm_lib.reports.blocks import Cover

_FEW_DAYS = 10


def kind_of(unit: str) -> Kind:
    """Return how a unit is written.

    Examples
    --------
    >>> kind_of("money:ILS per day"), kind_of("ratio"), kind_of("per won")
    ('money', 'ratio', 'number')
    """
    if unit.startswith("money:"):
        return "money"
    known: dict[str, Kind] = {
        "count": "count",
        "ratio": "ratio",
        "days": "days",
        "change": "change",
        "points": "points",
    }
    return known.get(unit, "number")


@dataclass(frozen=True)
class Writer:
    """Writes cells and figures in one edition.

    Examples
    --------
    >>> from datetime import date
    >>> from spm_lib.model import Figure, Receipt
    >>> rate = Figure(
    ...     "win_rate.closed.count", date(2026, 9, 30), "ratio", "0.4", Receipt(9),
    ...     n=9, low="0.19", high="0.64",
    ... )
    >>> write = Writer(Edition(language="en", currency="ILS"))
    >>> write.value(rate), write.interval(rate)
    ('40.0%', '19%–64%')
    """

    edition: Edition

    @property
    def language(self) -> Language:
        """The language that is written."""
        return language(self.edition.language)

    def cell(self, cell: Cell, *, decimals: int | None = None) -> str:
        """Return what a cell prints; an empty cell prints nothing."""
        if cell is None:
            return ""
        if isinstance(cell, Day):
            return self.day(cell)
        if isinstance(cell, Number):
            return self.number(cell, decimals=decimals)
        return cell.text

    def day(self, cell: Day) -> str:
        """Return a date as a day or as its month."""
        if cell.grain == "month":
            return self.language.month(cell.day)
        return self.language.date(cell.day)

    def number(self, number: Number, *, decimals: int | None = None) -> str:
        """Return a part of a figure as text."""
        if number.part == "interval":
            return self.interval(number.figure, kind=number.kind, compact=number.compact)
        if number.part in ("n", "used"):
            return self.amount(number.shown, kind="count", currency="")
        kind = number.kind or kind_of(number.figure.unit)
        currency = self._currency(number.figure)
        if number.compact and kind == "money" and number.shown is not None:
            return self._short(number.shown, currency)
        if kind == "ratio" and number.shown is not None:
            return self._ratio(Decimal(number.shown), 1 if decimals is None else decimals)
        return self.amount(number.shown, kind=kind, currency=currency, decimals=decimals)

    def value(
        self, figure: Figure, *, kind: Kind | None = None, decimals: int | None = None
    ) -> str:
        """Return a figure's value as text."""
        return self.number(Number(figure=figure, kind=kind), decimals=decimals)

    def interval(self, figure: Figure, *, kind: Kind | None = None, compact: bool = False) -> str:
        """Return a figure's interval, coarser than its value; a dash without one."""
        if figure.low is None or figure.high is None:
            return NOTHING
        kind = kind or kind_of(figure.unit)
        currency = self._currency(figure)
        decimals = 0 if kind in ("ratio", "money", "count") else None
        ends = [
            self._short(end, currency)
            if compact and kind == "money"
            else self.amount(end, kind=kind, currency=currency, decimals=decimals)
            for end in (figure.low, figure.high)
        ]
        if kind in ("points", "gap"):  # the unit once
            low, high = (self._points(Decimal(end), kind) for end in (figure.low, figure.high))
            return self.language.text("{points} points", points=self.language.interval(low, high))
        signed = any(Decimal(end) < 0 for end in (figure.low, figure.high))
        if kind == "money" and self.language.direction == "rtl" and not signed:
            return "–".join(f"{RLI}{end}{PDI}" for end in ends)  # amounts are words here
        return self.language.interval(*ends)

    def amount(
        self, text: str | None, *, kind: Kind, currency: str, decimals: int | None = None
    ) -> str:
        """Return decimal text as a number of its kind; None prints a dash."""
        if text is None:
            return NOTHING
        value, write = Decimal(text), self.language
        if kind == "ratio":
            return write.percent(value, 1 if decimals is None else decimals)
        if kind in ("change", "points"):
            return self._change(value, kind)
        if kind == "gap":
            return write.text("{points} points", points=self._points(value, kind))
        if kind == "money":
            return write.money(to_minor(value, currency), currency, decimals=decimals)
        if kind == "times":
            return write.text("{number}×", number=write.number(value, decimals or 1))
        if kind == "count":
            return write.number(value, decimals or 0)
        if decimals is None:
            decimals = 0 if kind == "days" and abs(value) >= _FEW_DAYS else 1
        return write.number(value, decimals)

    def count(self, n: int) -> str:
        """Return a number of rows."""
        return self.language.number(n)

    def minor(self, amount: int) -> str:
        """Return minor units of the reporting currency as money."""
        return self.language.money(amount, self.edition.currency)

    def mood(self, change: Number, good: str) -> str:
        """Return whether a change is welcome: "good", "bad" or "neither"."""
        if change.shown is None or good == "neither":
            return "neither"
        moved = _as_printed(Decimal(change.shown), change.kind or kind_of(change.figure.unit))
        if not moved:
            return "neither"
        return "good" if (moved > 0) == (good == "up") else "bad"

    def freshness(self, cover: Cover) -> str:
        """Return how fresh the data is, in one line."""
        return self.fresh(cover.as_of, cover.exported_on)

    def fresh(self, as_of: date, exported_on: date) -> str:
        """Return how fresh the data is, in one line."""
        fresh = self.language.text(
            "As of {as_of}. The newest entry in the data is of {exported_on}.",
            as_of=self.language.date(as_of),
            exported_on=self.language.date(exported_on),
        )
        if not is_stale(as_of, exported_on=exported_on):
            return fresh
        days = (as_of - exported_on).days
        return f"{fresh} {self.language.text(STALE, days=days)}"

    def _short(self, text: str, currency: str) -> str:
        return self.language.money(to_minor(Decimal(text), currency), currency, compact=True)

    def _ratio(self, value: Decimal, decimals: int) -> str:
        """Return a percentage; what is not 0 is not shown as 0."""
        least = Decimal(1).scaleb(-decimals - 2)
        if 0 < value < least / 2:
            return _left_to_right(f"<{self.language.percent(least, decimals)}", self.language)
        return self.language.percent(value, decimals)

    def _change(self, value: Decimal, kind: Kind) -> str:
        sign = "+" if _as_printed(value, kind) > 0 else ""
        if kind == "change":
            return _plus(self.language.percent(value, 0), sign, self.language)
        return self.language.text("{points} points", points=self._points(value, kind))

    def _points(self, value: Decimal, kind: Kind) -> str:
        """Return percentage points without their name; a gap has no sign in front."""
        sign = "+" if kind == "points" and _as_printed(value, kind) > 0 else ""
        return _plus(self.language.number(value * 100, 1), sign, self.language)

    def _currency(self, figure: Figure) -> str:
        if figure.unit.startswith("money:"):
            return figure.unit.removeprefix("money:").split()[0]
        return self.edition.currency


def _as_printed(value: Decimal, kind: Kind) -> Decimal:
    """Return a change rounded as it is printed, so that what prints as 0 is none.

    Examples
    --------
    >>> _as_printed(Decimal("0.004"), "change"), _as_printed(Decimal("0.004"), "points")
    (Decimal('0.00'), Decimal('0.004'))
    """
    step = Decimal("0.001") if kind == "points" else Decimal("0.01")
    return value.quantize(step, rounding=ROUND_HALF_UP)


def _plus(text: str, sign: str, write: Language) -> str:
    """Put a plus sign before a number so that it stays on the left in right-to-left text."""
    return _left_to_right(f"{sign}{text}", write) if sign else text


def _left_to_right(text: str, write: Language) -> str:
    return f"{LRI}{text}{PDI}" if write.direction == "rtl" else text
