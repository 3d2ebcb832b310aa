"""Plots: the shape of a chart in words, from which Excel and PowerPoint draw an own one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from spm_lib.core.money import from_minor
from spm_lib.reports.cells import Piece

Meaning = Literal[
    "won", "lost", "unknown", "open", "peers", "muted", "target", "narrow", "wide", "tint", "stages"
]
Mark = Literal["bar", "line", "point", "ring", "tick", "span"]
Datum = str | int | float | bool | None


class PlotSeries(Piece):
    """One series: a column of the chart's data, its name, its colour by meaning, and its mark.

    ``low`` and ``high`` are columns with the ends of an interval around each value; a ``span``
    draws the interval broad, a ``point`` thin. With ``where`` only rows are drawn in which that
    column is ``holds``.
    """

    column: str
    label: str
    meaning: Meaning = "won"
    mark: Mark = "bar"
    low: str = ""
    high: str = ""
    where: str = ""
    holds: bool = True

    def columns(self) -> Iterator[str]:
        """Yield the columns of the data that the series draws from."""
        yield from (c for c in (self.column, self.low, self.high, self.where) if c)


class Plot(Piece):
    """How a chart is drawn where it stays editable.

    ``bars`` lie and are named down the page, one a name; ``stacked`` ones share a bar; ``grouped``
    bars stand side by side; ``points`` stand over their names; ``scatter`` is points over the
    numbers of ``category``. ``time`` says how long the times are that begin on the categories, if
    these are days of a calendar: they never run right to left. ``unit`` is that of figures; money
    stands in the data in minor units. ``missing`` names rows without a name; ``names`` is the
    column that names the points of a scatter.
    """

    kind: Literal["bars", "stacked", "grouped", "points", "scatter"]
    category: str
    series: tuple[PlotSeries, ...]
    unit: str = "count"
    axis: str = ""
    across: str = ""
    time: Literal["month", "week"] | None = None
    names: str = ""
    missing: str = "–"

    @property
    def lying(self) -> bool:
        """Whether bars lie, with their names down the page."""
        return self.kind in ("bars", "stacked")

    def columns(self) -> Iterator[str]:
        """Yield the columns of the data that the plot draws from."""
        yield from (c for c in (self.category, self.names) if c)
        for series in self.series:
            yield from series.columns()


@dataclass(frozen=True)
class DrawnSeries:
    """A series with its numbers, in major units; None is not drawn."""

    told: PlotSeries
    values: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]

    @property
    def points(self) -> list[int]:
        """The places that have an interval."""
        rows = zip(self.values, self.low, self.high, strict=True)
        return [place for place, row in enumerate(rows) if None not in row]

    def arms(self) -> tuple[list[float | None], list[float | None]]:
        """Return how far each interval reaches down and up; None where there is none.

        An end on the wrong side of its value reaches nowhere.
        """
        down: list[float | None] = [None] * len(self.values)
        up: list[float | None] = [None] * len(self.values)
        for place in self.points:
            value = self.values[place] or 0.0
            down[place] = round(max(value - (self.low[place] or 0.0), 0.0), 12)
            up[place] = round(max((self.high[place] or 0.0) - value, 0.0), 12)
        return down, up


@dataclass(frozen=True)
class Drawing:
    """A plot with its data: categories (names, months or numbers) and series."""

    plot: Plot
    categories: tuple[str | date | float, ...]
    names: tuple[str, ...]
    series: tuple[DrawnSeries, ...]

    @property
    def largest(self) -> float:
        """The largest size drawn on the value axis."""
        shown = (v for s in self.series for v in (*s.values, *s.high) if v is not None)
        return max((abs(v) for v in shown), default=0.0)


def drawing_of(plot: Plot, columns: Sequence[str], data: Sequence[Sequence[Datum]]) -> Drawing:
    """Return a plot with the numbers of its chart's data, money in major units.

    Examples
    --------
    >>> won = PlotSeries(column="won", label="Won")
    >>> plot = Plot(kind="bars", category="rep", unit="money:ILS", series=(won,))
    >>> drawn = drawing_of(plot, ("rep", "won"), [("Noa", 12345), (None, None)])
    >>> drawn.categories, drawn.series[0].values
    (('Noa', '–'), (123.45, None))
    """
    rows = [dict(zip(columns, row, strict=True)) for row in data]
    return Drawing(
        plot,
        tuple(_category(row[plot.category], plot) for row in rows),
        tuple(str(row[plot.names]) if row[plot.names] is not None else "" for row in rows)
        if plot.names
        else (),
        tuple(_drawn(series, rows, plot.unit) for series in plot.series),
    )


def _category(value: Datum, plot: Plot) -> str | date | float:
    if plot.kind == "scatter":
        return float(value or 0)
    if plot.time:
        return date.fromisoformat(str(value))
    return plot.missing if value is None else str(value)


def _drawn(series: PlotSeries, rows: Sequence[Mapping[str, Datum]], unit: str) -> DrawnSeries:
    def read(column: str) -> tuple[float | None, ...]:
        if not column:
            return (None,) * len(rows)
        return tuple(
            _major(row[column], unit)
            if not series.where or bool(row[series.where]) is series.holds
            else None
            for row in rows
        )

    return DrawnSeries(series, read(series.column), read(series.low), read(series.high))


def _major(value: Datum, unit: str) -> float | None:
    if value is None or isinstance(value, str):
        return None
    if unit.startswith("money:"):
        return float(from_minor(int(Decimal(str(value))), unit.removeprefix("money:").split()[0]))
    return float(value)
