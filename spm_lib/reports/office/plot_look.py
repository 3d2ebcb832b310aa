"""The look of native charts: the colours of meanings, and which titles their axes bear."""

from __future__ import annotations

import math

from spm_lib.reports.office.number_formats import axis_format
from spm_lib.reports.plot import Drawing, DrawnSeries, Meaning
from spm_lib.reports.writing import Writer


def colour_of(meaning: Meaning) -> str:
    """Return the colour of a meaning, the same as in the pictures.

    Examples
    --------
    >>> colour_of("won"), colour_of("lost")
    ('#0072B2', '#D55E00')
    """
    from spm_lib.charts import theme
    from spm_lib.charts.fan import NARROW, WIDE

    colours: dict[Meaning, str] = {
        "won": theme.WON,
        "lost": theme.LOST,
        "unknown": theme.UNKNOWN,
        "open": theme.OPEN,
        "peers": theme.PEERS,
        "muted": theme.MUTED,
        "target": theme.TARGET,
        "narrow": NARROW,
        "wide": WIDE,
        "tint": "#A6CDE4",
        "stages": theme.WON,
    }
    return colours[meaning]


def colours_of(drawing: Drawing, series: DrawnSeries) -> list[str]:
    """Return a colour per category for a series of stages; nothing for any other."""
    from spm_lib.charts.theme import shades

    if series.told.meaning != "stages":
        return []
    return [shade.upper() for shade in shades(len(drawing.categories))]


def value_axis(drawing: Drawing, write: Writer) -> tuple[str, str]:
    """Return the title and the number format of the value axis."""
    shown, unit = axis_format(drawing.plot.unit, drawing.largest, write)
    return drawing.plot.axis or unit, shown


def value_ends(drawing: Drawing) -> tuple[float | None, float | None]:
    """Return where the value axis begins and ends; None leaves it to Office.

    Office does not look at intervals when it chooses where an axis ends.
    """
    shown = [v for s in drawing.series for v in (*s.values, *s.low) if v is not None]
    least = 0.0 if all(value >= 0 for value in shown) else None
    share = drawing.plot.unit == "ratio" and not drawing.plot.lying
    if not share and not any(series.points for series in drawing.series):
        return least, None
    most = _round_up(drawing.largest)
    return least, min(most, 1.0) if share and drawing.largest <= 1 else most


def _round_up(value: float) -> float:
    """Return the next round number.

    Examples
    --------
    >>> _round_up(28), _round_up(0.507), _round_up(3119376)
    (30.0, 0.6, 4000000.0)
    """
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    steps = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
    return round(next(s for s in steps if s * power >= value * 0.9999) * power, 9)


def needs_legend(drawing: Drawing) -> bool:
    """Say whether more than one thing is drawn."""
    return len({series.told.label for series in drawing.series}) > 1


def twice_named(drawing: Drawing) -> list[int]:
    """Return the places of series whose name the legend has already."""
    labels = [series.told.label for series in drawing.series]
    return [place for place, label in enumerate(labels) if label in labels[:place]]


def labels_of(drawing: Drawing, write: Writer) -> str:
    """Return the format of numbers at the bars; empty where several share one, or none is drawn."""
    return value_axis(drawing, write)[1] if drawing.plot.kind == "bars" else ""
