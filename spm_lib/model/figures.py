"""A figure: one printed number with its metric id, window, n, interval and receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from spm_lib.model.receipts import Receipt, SetAside


@dataclass(frozen=True)
class Figure:
    """One record of ``figures.json``.

    ``value``, ``low`` and ``high`` are decimal text (money in major units), null (None) where the
    figure is undefined, such as a ratio without a denominator. ``by`` maps a column to the id the
    figure is for. ``window`` is ``[start, end)``; None for a figure at a single date. ``mature``
    says of a cohort whether it is old enough to be judged; None for figures that are of no cohort.
    ``counts`` are the counts behind a stage's conversion; empty for other figures.
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
    mature: bool | None = None
    counts: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Figure:
        """Return the figure of a record; of its receipt the rows, not the money.

        Examples
        --------
        >>> made = Figure("won.count", date(2026, 9, 30), "count", "12", Receipt(12), n=12)
        >>> Figure.from_dict(made.to_dict(2)) == made
        True
        """
        receipt, window = record["receipt"], record["window"]
        aside = {reason: SetAside(part["rows"]) for reason, part in receipt["set_aside"].items()}
        plain = ("metric", "unit", "value", "n", "low", "high", "level")
        return cls(
            as_of=date.fromisoformat(record["as_of"]),
            by=dict(record["by"]),
            window=(date.fromisoformat(window[0]), date.fromisoformat(window[1]))
            if window
            else None,
            receipt=Receipt(receipt["used"], aside, receipt["scoped"]),
            **{name: record[name] for name in plain},
        )

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
            **({} if self.mature is None else {"mature": self.mature}),
            **({"counts": dict(self.counts)} if self.counts else {}),
            "receipt": self.receipt.to_dict(exponent),
        }
