"""Names beside points: each where it covers no point, no other name and no edge of the plot."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

RADIUS = 5.0  # of a point with air around it, in pixels
_HEIGHT = 12.0  # of a line of small words
_REACHES = (9.0, 16.0, 25.0, 36.0, 50.0)  # how far a name may stand from its point
_SIDES = ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1))
_SPOTS = [(reach, *side, 0.7 if all(side) else 1.0) for reach in _REACHES for side in _SIDES]
_ACROSS = np.array([(right * reach * slant, right) for reach, right, _, slant in _SPOTS])
_DOWN = np.array([down * (reach * slant + 3 * (not right)) for reach, right, down, slant in _SPOTS])
_CROSSING = 8.0  # standing on a line is as bad as standing so many pixels farther off

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """Where a name stands: its middle and its size, in pixels from the upper left corner."""

    x: float
    y: float
    width: float
    height: float = _HEIGHT

    def meets(self, other: Box) -> bool:
        """Tell whether two boxes cover each other.

        Examples
        --------
        >>> Box(0, 0, 10).meets(Box(9, 0, 10)), Box(0, 0, 10).meets(Box(9, 12, 10))
        (True, False)
        """
        across = _overlap(self.x, self.width, other.x, other.width)
        return across and _overlap(self.y, self.height, other.y, other.height)


def place(
    points: Sequence[Point],
    widths: Sequence[float],
    *,
    plot: tuple[float, float],
    lines: Sequence[Sequence[Point]] = (),
) -> list[Box | None]:
    """Choose a place for the name of each point, near it and clear of everything else.

    Parameters
    ----------
    points
        All points, in pixels from the upper left corner.
    widths
        Width of each point's name; 0 where it has none.
    plot
        Width and height of the plot.
    lines
        Lines that names should not stand on if there is room elsewhere; each from left to right.

    Returns
    -------
    list[Box | None]
        None where a point has no name, or where there is no room for it.

    Examples
    --------
    >>> place([(50, 50), (62, 50)], [20, 20], plot=(200, 100))
    [Box(x=31.0, y=50.0, width=20, height=12.0), Box(x=81.0, y=50.0, width=20, height=12.0)]
    """
    taken = np.array([(x, y, 2 * RADIUS, 2 * RADIUS) for x, y in points])
    placed: list[Box | None] = []
    for point, width in zip(points, widths, strict=True):
        free = _free(point, width, taken, plot) if width else iter(())
        placed.append(_best(free, lines))
        if (best := placed[-1]) is not None:
            taken = np.vstack([taken, (best.x, best.y, best.width, best.height)])
    return placed


def _best(free: Iterator[tuple[Box, float]], lines: Sequence[Sequence[Point]]) -> Box | None:
    """Return the nearest of the free places, nearest first, those on lines being farther off."""
    best, least = None, math.inf
    for box, reach in free:
        if reach >= least:
            break
        cost = reach + _CROSSING * sum(_stands_on(box, line) for line in lines)
        if cost < least:
            best, least = box, cost
    return best


def _free(
    point: Point, width: float, taken: np.ndarray, plot: tuple[float, float]
) -> Iterator[tuple[Box, float]]:
    """Yield the places that cover nothing, each with how far it is, nearest first.

    ``taken`` holds middle and size of what must not be covered, a row each.
    """
    x, y = point[0] + _ACROSS @ (1, width / 2), point[1] + _DOWN
    left, top, wide, high = taken.T
    across = _overlap(x[:, None], width, left, wide)
    covered = across & _overlap(y[:, None], _HEIGHT, top, high)
    for place in np.flatnonzero(~covered.any(axis=1)):
        box = Box(float(x[place]), float(y[place]), width)
        if _inside(box, plot):
            yield box, _REACHES[place // len(_SIDES)]


def _overlap(first: Any, size: Any, second: Any, other: Any) -> Any:
    """Tell whether spans about two middles overlap; of numbers or arrays of them."""
    return abs(first - second) * 2 < size + other


def _inside(box: Box, plot: tuple[float, float]) -> bool:
    across = box.width / 2 <= box.x <= plot[0] - box.width / 2
    return across and box.height / 2 <= box.y <= plot[1] - box.height / 2


def _stands_on(box: Box, line: Sequence[Point]) -> bool:
    for (x1, y1), (x2, y2) in pairwise(line):
        left, right = max(x1, box.x - box.width / 2), min(x2, box.x + box.width / 2)
        if left > right or x1 == x2:
            continue
        ends = [y1 + (y2 - y1) * (x - x1) / (x2 - x1) for x in (left, right)]
        if min(ends) < box.y + box.height / 2 and max(ends) > box.y - box.height / 2:
            return True
    return False


def nearest(box: Box, point: Point) -> Point | None:
    """Return where a line from the point meets the name; None where the name stands close by.

    Examples
    --------
    >>> nearest(Box(100, 50, 40), (50, 50)), nearest(Box(100, 50, 40), (71, 50))
    ((80.0, 50), None)
    """
    x = min(max(point[0], box.x - box.width / 2), box.x + box.width / 2)
    y = min(max(point[1], box.y - box.height / 2), box.y + box.height / 2)
    far = math.hypot(x - point[0], y - point[1])
    return (x, y) if far > 1.5 * _REACHES[0] else None
