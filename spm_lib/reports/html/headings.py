"""Headings: the levels of a page's headings, in order and without gaps."""

from __future__ import annotations

_DEEPEST = 6


class Outline:
    """Follows the headings of one page; the page's own title is level 1.

    Examples
    --------
    >>> outline = Outline()
    >>> [outline.level(wanted) for wanted in (4, 3, 3, 5, 2, 9)]
    [2, 3, 3, 4, 2, 3]
    """

    def __init__(self) -> None:
        self._last = 1

    def level(self, wanted: int) -> int:
        """Return the level of the next heading: as wanted, but never more than one step down."""
        self._last = max(2, min(wanted, self._last + 1, _DEEPEST))
        return self._last
