"""``figures.json``: every number that a report prints, as records."""

from __future__ import annotations

from collections.abc import Sequence

from spm_lib.core.money import exponent
from spm_lib.model.figures import Figure


def figure_records(figures: Sequence[Figure], *, currency: str) -> list[dict[str, object]]:
    """Return the records of figures, in reading order.

    Examples
    --------
    >>> from datetime import date
    >>> from spm_lib.model import Receipt
    >>> figure = Figure("won.count", date(2026, 9, 30), "count", "12", Receipt(12))
    >>> figure_records([figure], currency="ILS")[0]["value"]
    '12'
    """
    return [figure.to_dict(exponent(currency)) for figure in figures]
