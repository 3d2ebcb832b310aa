"""Axes that every chart shares: amounts with their unit, shares, categories, time."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import altair as alt
from babel.dates import format_date
from babel.numbers import get_currency_symbol

from spm_lib.charts.labels import isolate, text_width
from spm_lib.charts.theme import LABEL_LIMIT, Look
from spm_lib.core.money import exponent

EDGE = 14  # pixels: half a label of an axis
_BETWEEN = 8  # pixels that stay free between labels of time
_WHOLE = 400  # pixels of a name with its n, before it is cut
_WIDEST = 13  # pixels of a usual letter, at most
_USUAL = re.compile("[ -~\u0590-\u05ff\u200e\u200f\u2066-\u2069]*")
_STEPS = {"month": (1, 2, 3, 6, 12), "quarter": (1, 2, 4)}  # so that each January is among them


@dataclass(frozen=True)
class Unit:
    """What an amount axis counts in: its title, and what a drawn value is divided by."""

    title: str
    divisor: float = 1.0

    @property
    def label(self) -> str:
        """The Vega expression of a tick's label."""
        return f"format(datum.value / {self.divisor:g}, ',.2~f')"


def amount_unit(
    look: Look, *, currency: str | None, largest: float | None, counted: str = "Deals"
) -> Unit:
    """Choose the unit of an axis: deals, or money in units, thousands or millions.

    Money is drawn from minor units as it comes; only the tick labels are divided.

    Examples
    --------
    >>> from spm_lib.core.language import language
    >>> amount_unit(Look(language("en")), currency="ILS", largest=420_000_000)
    Unit(title='₪ million', divisor=100000000.0)
    """
    text = look.language.text
    if currency is None:
        return Unit(isolate(text(counted), look))
    symbol = get_currency_symbol(currency, locale=look.language.code)
    minor = 10.0 ** exponent(currency)
    major = abs(largest or 0) / minor
    if major >= 2_000_000:
        return Unit(isolate(text("{unit} million", unit=symbol), look), minor * 1e6)
    if major >= 2_000:
        return Unit(isolate(text("{unit} thousand", unit=symbol), look), minor * 1e3)
    return Unit(isolate(symbol, look), minor)


def largest(rows: Iterable[dict[str, Any]], *columns: str) -> float | None:
    """Return the largest size among some columns, null if there is none.

    Examples
    --------
    >>> largest([{"a": 1, "b": -5}, {"a": None}], "a", "b")
    5
    """
    sizes = [abs(row[c]) for row in rows for c in columns if row.get(c) is not None]
    return max(sizes, default=None)


def amount_y(field: str, unit: Unit, look: Look, **options: Any) -> alt.Y:
    """Return an upright amount axis, at the side where reading starts."""
    axis = alt.Axis(
        orient=look.value_side,
        title=unit.title,
        labelExpr=unit.label,
        tickCount=5,
        titleAngle=90 if look.right_to_left else -90,
    )
    return alt.Y(f"{field}:Q", axis=axis, **options)


def share_y(field: str, title: str, look: Look, **options: Any) -> alt.Y:
    """Return an upright axis of shares, in per cent."""
    axis = alt.Axis(
        orient=look.value_side,
        title=isolate(title, look),
        format=".0%",
        tickCount=5,
        titleAngle=90 if look.right_to_left else -90,
    )
    return alt.Y(f"{field}:Q", axis=axis, **options)


def amount_x(field: str, unit: Unit, look: Look, *, mirrored: bool = True, **options: Any) -> alt.X:
    """Return a lying amount axis; bars grow away from their labels, so it may be mirrored."""
    axis = alt.Axis(title=unit.title, labelExpr=unit.label, tickCount=6)
    scale = alt.Scale(reverse=mirrored and look.right_to_left, nice=True)
    return alt.X(f"{field}:Q", axis=axis, scale=scale, **options)


def share_x(field: str, title: str, look: Look, *, moves: bool = False, **scale: Any) -> alt.X:
    """Return a lying axis of shares: a number line, left to right in every language.

    Where a live view ``moves`` its scale, labels near its ends are kept inside.
    """
    inside = EDGE if moves else alt.Undefined
    axis = alt.Axis(title=isolate(title, look), format=".0%", tickCount=6, labelFlush=inside)
    return alt.X(f"{field}:Q", axis=axis, scale=alt.Scale(**scale))


def category_y(field: str, order: Sequence[str], look: Look, *, counted: bool = False) -> alt.Y:
    """Return an axis of names down the page, in the order given; those with their n are whole."""
    limit = _limit(order, cut=_WHOLE if counted else LABEL_LIMIT)
    axis = alt.Axis(orient=look.value_side, title=None, ticks=False, domain=False, labelLimit=limit)
    if counted:
        axis["labelPadding"] = 6
    return alt.Y(f"{field}:N", axis=axis, sort=None, scale=alt.Scale(domain=list(order)))


def _limit(names: Sequence[str], *, cut: int) -> int:
    """Return where names are cut; 0, which takes half the time to draw, where none can be so long.

    Examples
    --------
    >>> _limit(["Noa (n=20)"], cut=400), _limit(["Noa " * 12], cut=400)
    (0, 400)
    >>> _limit(["😀"], cut=400)
    400
    """
    long = max(map(len, names), default=0) * _WIDEST > cut
    return cut if long or not all(map(_USUAL.fullmatch, names)) else 0


def time_x(grain: str, starts: Sequence[str], look: Look) -> alt.X:
    """Return an axis of periods, always left to right, with as many labels as fit."""
    axis = alt.Axis(
        title=None,
        labelExpr=_time_labels(grain, starts, look),
        labelAngle=0,
        labelOverlap=False,
        labelLimit=0,
        ticks=False,
        labelAlign="center",
    )
    return alt.X(f"{grain}:O", axis=axis, sort=None, scale=alt.Scale(domain=list(starts)))


def _time_labels(grain: str, starts: Sequence[str], look: Look) -> str:
    told = {start: _period_text(grain, date.fromisoformat(start), look) for start in starts}
    if grain == "year":
        told = {start: start[:4] for start in starts}
    step = _step(grain, list(told.values()), look)
    first = next((i for i, start in enumerate(starts) if start[5:] == "01-01"), 0) % step
    shown, year = {}, "" if grain != "year" else None
    for start in starts[first::step]:
        newer = year is not None and start[:4] != year
        shown[start] = [told[start], start[:4]] if newer else [told[start]]
        year = start[:4] if newer else year
    return f"({json.dumps(shown, ensure_ascii=False)})[datum.value] || ''"


def _step(grain: str, labels: list[str], look: Look) -> int:
    """Return that each label, each second, each third, ... is written: as many as fit."""
    widest = max(map(text_width, labels), default=0) + _BETWEEN
    needed = max(math.ceil(widest * len(labels) / look.width), 1)
    return next((step for step in _STEPS.get(grain, ()) if step >= needed), needed)


def _period_text(grain: str, day: date, look: Look) -> str:
    if grain == "quarter":
        return isolate(look.language.text("Q{number}", number=(day.month + 2) // 3), look)
    pattern = {"month": "LLL", "week": "d MMM"}.get(grain, "d.M")
    return isolate(format_date(day, pattern, locale=look.language.code), look)
