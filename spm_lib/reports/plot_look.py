"""The look of native charts: the colours of meanings, and which titles their axes bear."""

from __future__ import annotations

from spm_lib.reports.number_formats import axis_format
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


def needs_legend(drawing: Drawing) -> bool:
    """Say whether more than one thing is drawn."""
    return len({series.told.label for series in drawing.series}) > 1


def twice_named(drawing: Drawing) -> list[int]:
    """Return the places of series whose name the legend has already."""
    labels = [series.told.label for series in drawing.series]
    return [place for place, label in enumerate(labels) if label in labels[:place]]
