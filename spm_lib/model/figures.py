"""A figure: one printed number with its metric id, window, n, interval and receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from spm_lib.model.receipts import Receipt


@dataclass(frozen=True)
class Figure:
    """One record of ``figures.json``.

    ``value``, ``low`` and ``high`` are decimal text (money in major units), null (None) where the
    figure is undefined, such as a ratio without a denominator. ``by`` maps a column to the id the
    figure is for. ``window`` is ``[start, end)``; None for a figure at a single date.
    """

    metric: str
    as_of: date
    unit: str
    value: str | None
    receipt: Receipt
    by: Mapping[str, str] = field(default_factory=dict)
    window: tuple[date, date] | None = None
    n: int | None = None
    low: str | None = None
    high: str | None = None
    level: float = 0.95

    def to_dict(self, exponent: int) -> dict[str, object]:
        """Return the JSON-ready record; ``exponent`` is that of the reporting currency."""
        return {
            "metric": self.metric,
            "by": dict(self.by),
            "window": [d.isoformat() for d in self.window] if self.window else None,
            "as_of": self.as_of.isoformat(),
            "value": self.value,
            "unit": self.unit,
            "n": self.n,
            "low": self.low,
            "high": self.high,
            "level": self.level,
            "receipt": self.receipt.to_dict(exponent),
        }
