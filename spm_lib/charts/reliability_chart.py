"""Chances given against what came: whether a chance of 30 % meant three in ten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import altair as alt

from spm_lib.charts.axes import share_x, share_y
from spm_lib.charts.drawing import finish, plot
from spm_lib.charts.labels import isolate
from spm_lib.charts.legend import Key
from spm_lib.charts.rows import Row, rows_of
from spm_lib.charts.theme import INK, PEERS, SEQUENCE, WON, Look
from spm_lib.core.language import Language

_HEIGHT = 300
_ROOM = 18  # pixels that a count below its interval needs
_TICKS = (0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)


def reliability_chart(frame: Any, *, language: Language, title: str) -> alt.LayerChart:
    """Draw the share won over the chance given, class by class, around the line of honest chances.

    Both axes are stretched towards zero (square root), where most deals are; the line stays
    straight. A class whose interval does not hold the chance given stands out.

    Parameters
    ----------
    frame
        One row per class of chances: said (mean chance given), came (share won), low, high (its
        95 % interval; ratios), n (open deals, written at the point).
    language
        Language of the labels.
    title
        The finding.

    Returns
    -------
    alt.LayerChart

    Examples
    --------
    >>> import polars as pl
    >>> from spm_lib.core.language import language
    >>> frame = pl.DataFrame(
    ...     {"said": [0.1, 0.4], "came": [0.12, 0.3], "low": [0.08, 0.2], "high": [0.16, 0.38],
    ...      "n": [300, 90]}
    ... )
    >>> reliability_chart(frame, language=language("en"), title="Mostly honest").height
    300
    """
    look, text = Look(language), language.text
    rows = rows_of(frame, "said", "came", "low", "high", "n", chart="reliability_chart")
    drawn = [_marked(row, look) for row in rows if row["came"] is not None]
    axes = _axes(drawn, look)
    base = plot(drawn).encode(x=axes.x("said"), color=_colour())
    honest = plot([{"at": 0.0}, {"at": axes.top}], name="honest")
    layers = [
        honest.mark_line(color=PEERS, strokeWidth=1.5).encode(x=axes.x("at"), y=axes.y("at")),
        base.mark_rule(strokeWidth=2, opacity=0.5).encode(y=axes.y("low"), y2=alt.Y2("high:Q")),
        base.mark_point(filled=True, size=60, opacity=1).encode(y=axes.y("came")),
        *_counts(drawn, axes),
    ]
    keys: list[Key] = [(text("Share won and 95% interval"), WON, "circle")]
    if any(row["off"] for row in drawn):
        keys.append((text("The interval does not hold the chance given"), SEQUENCE[1], "circle"))
    keys.append((text("Line of honest chances: as many won as said"), PEERS, "stroke"))
    told = text("At each point: open deals that were given such a chance")
    return finish(layers, look, title=title, keys=keys, subtitle=told, height=_HEIGHT)


def _marked(row: Row, look: Look) -> Row:
    off = not row["low"] <= row["said"] <= row["high"]
    return {**row, "off": off, "told": isolate(look.language.number(row["n"]), look)}


@dataclass(frozen=True)
class _Axes:
    """Two axes of the same shares, both stretched towards zero."""

    look: Look
    ticks: list[float]
    top: float

    def x(self, field: str) -> alt.X:
        title = self.look.language.text("Chance given to open deals, mean of the class")
        return self._ticked(share_x(field, title, self.look, **self._scale()))

    def y(self, field: str) -> alt.Y:
        title = self.look.language.text("Share of them won in time")
        return self._ticked(share_y(field, title, self.look, scale=alt.Scale(**self._scale())))

    def _scale(self) -> dict[str, Any]:
        return {"type": "sqrt", "domain": [0, self.top], "nice": False}

    def _ticked(self, channel: Any) -> Any:
        wanted = {"values": self.ticks, "tickCount": alt.Undefined, "labelOverlap": False}
        for name, value in wanted.items():
            channel["axis"][name] = value
        return channel


def _axes(rows: list[Row], look: Look) -> _Axes:
    """Return axes that end at the first tick above everything."""
    most = max((max(row["said"], row["high"]) for row in rows), default=1.0)
    top = next((tick for tick in _TICKS[1:] if tick >= min(most, 1.0)), 1.0)
    return _Axes(look, [tick for tick in _TICKS if tick <= top], top)


def _counts(rows: list[Row], axes: _Axes) -> list[alt.Chart]:
    """Write the number of deals at that end of each interval which is farther from the line."""
    layers = []
    for end, sign in (("high", -1), ("low", 1)):
        mine = [row for row in rows if _above(row, axes.top) is (end == "high")]
        words = plot(mine, name=f"counts_{end}").encode(
            x=axes.x("said"), y=axes.y(end), text=alt.Text("told:N")
        )
        at: dict[str, Any] = {"align": "center", "baseline": "middle", "dy": 9 * sign}
        layers += [
            words.mark_text(**at, fontSize=10, stroke="white", strokeWidth=3, opacity=0.8),
            words.mark_text(**at, fontSize=10, color=INK),
        ]
    return layers


def _above(row: Row, top: float) -> bool:
    """Say whether the count stands over the interval; always where there is no room below."""
    return row["came"] > row["said"] or (row["low"] / top) ** 0.5 * _HEIGHT < _ROOM


def _colour() -> alt.Color:
    scale = alt.Scale(domain=[False, True], range=[WON, SEQUENCE[1]])
    return alt.Color("off:N", scale=scale, legend=None)
