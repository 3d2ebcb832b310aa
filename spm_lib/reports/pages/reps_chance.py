"""Shares of people over the number of cases behind them, between the limits that chance keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from spm_lib.model import Figure
from spm_lib.reports.pages import plots
from spm_lib.reports.pages.many_people import farthest
from spm_lib.reports.pages.pictures import Picture
from spm_lib.stats import funnel_limits

if TYPE_CHECKING:
    from spm_lib.reports.pages.reps_page import RepsPage


def chance_picture(
    page: RepsPage, frame: pl.DataFrame, *, mean: float, figures: Sequence[Figure], skill: str = ""
) -> Picture:
    """Return the funnel plot of one share.

    Parameters
    ----------
    page
        The page it stands on.
    frame
        One row per person: ``label, n`` (cases, above 0), ``value`` (share).
    mean
        The share of all together.
    figures
        The figures that are drawn.
    skill
        Its name, where it is not the share of closed deals won.
    """
    from spm_lib.charts import funnel_plot

    bounds = funnel_limits(mean, frame["n"].to_numpy(), levels=(0.95,))
    outside = (frame["value"] < bounds["low"]) | (frame["value"] > bounds["high"])
    title = page.text(
        "{outside} of {n:1 person|{n} people} {outside:lies|lie} outside the limits that "
        "chance keeps 95% of the time",
        outside=page.write.count(int(outside.sum())),
        n=page.write.count(frame.height),
    )
    title = f"{skill}: {title}" if skill else title
    counted = "Ended visits" if skill else "Deals closed"
    drawn = funnel_plot(
        frame.with_columns(outside=farthest(_distance(frame, bounds, mean), outside)),
        _limits(mean, most=int(frame["n"].to_numpy().max(initial=1))),
        language=page.language,
        title=title,
        mean=mean,
        axis=skill or None,
        counted=counted,
    )
    data = frame.with_columns(low95=bounds["low"], high95=bounds["high"], mean=pl.lit(mean))
    return Picture(
        drawn,
        title,
        data=data.sort("n", "label"),
        figures=tuple(figures),
        plot=plots.chance(page, axis=skill, across=page.text(counted)),
    )


def _distance(frame: pl.DataFrame, bounds: pl.DataFrame, mean: float) -> pl.Series:
    """Return how far each share lies from the mean, over how far chance goes on that side."""
    above = frame["value"] > mean
    reach = (bounds["high"] - mean).zip_with(above, mean - bounds["low"])
    return (frame["value"] - mean).abs() / reach


def _limits(mean: float, *, most: int) -> pl.DataFrame:
    """Return the limits of chance around the mean, as the funnel plot takes them."""
    sizes = np.unique(np.linspace(1, most, num=min(most, 120)).astype(int))
    limits = funnel_limits(mean, sizes)
    tight, wide = (limits.filter(pl.col("level") == level) for level in (0.95, 0.998))
    return pl.DataFrame(
        {
            "n": tight["n"],
            "low95": tight["low"],
            "high95": tight["high"],
            "low998": wide["low"],
            "high998": wide["high"],
        }
    )
