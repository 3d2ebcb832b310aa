"""Charts of very many people: the two ends are drawn, a line for each of all says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from spm_lib.reports.blocks import Sentence

if TYPE_CHECKING:
    from spm_lib.reports.pages.page import Page

MOST_DRAWN = 60
MOST_NAMED = 12  # on a plot of points


def crowded(people: int) -> bool:
    """Say whether there are too many people for a line each."""
    return people > MOST_DRAWN


def both_ends(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the first and the last rows of an ordered frame; all of them where they can be drawn.

    Examples
    --------
    >>> both_ends(pl.DataFrame({"n": range(500)}))["n"].to_list()[29:31]
    [29, 470]
    """
    if not crowded(frame.height):
        return frame
    half = MOST_DRAWN // 2
    return pl.concat([frame.head(half), frame.tail(half)])


def farthest(distance: pl.Series, outside: pl.Series) -> pl.Series:
    """Say which of those outside are named: all, or where many are there those farthest off.

    Parameters
    ----------
    distance
        How far each is from the middle, in units of chance.
    outside
        Who is outside the limits.

    Examples
    --------
    >>> outside = pl.Series([True, False, True])
    >>> farthest(pl.Series([2.5, 1.0, 3.0]), outside).to_list()
    [True, False, True]
    """
    if outside.sum() <= MOST_NAMED:
        return outside
    edge = distance.filter(outside).sort(descending=True)[MOST_NAMED - 1]
    return outside & (distance >= edge)


def ends_told(page: Page, people: int) -> list[Sentence]:
    """Say that only the two ends are drawn; nothing where all are."""
    if not crowded(people):
        return []
    half = page.write.count(MOST_DRAWN // 2)
    text = "Of all people the {half} highest and the {half} lowest are drawn."
    return [page.say(text, half=half)]
