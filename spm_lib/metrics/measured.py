"""The answer to a question about a metric: a tidy frame, receipts, and records for figures.json."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

import polars as pl

from spm_lib.core.money import exponent
from spm_lib.model.figures import Figure
from spm_lib.model.receipts import Receipt, SetAside, minor_text
from spm_lib.model.registry import MetricId

FIXED = (
    "metric",
    "window_start",
    "window_end",
    "as_of",
    "value",
    "n",
    "low",
    "high",
    "used",
    "set_aside",
)


@dataclass(frozen=True)
class Measured:
    """A metric's answer.

    Attributes
    ----------
    frame
        by columns..., metric, window_start, window_end (null: all that is known), as_of, value
        (Int64 for counts and money in minor units, Float64 for ratios and days; null where the
        denominator is 0), n, low, high (95 %, null where there is no interval), used and set_aside
        (rows), then columns of the metric's own. Sorted by the by columns.
    metric
        The definition.
    unit
        "count", "ratio", "days", "money:ILS", ...
    currency
        Reporting currency.
    """

    frame: pl.DataFrame
    metric: MetricId
    unit: str
    currency: str
    by: tuple[str, ...] = ()
    scoped: bool = False
    reasons: pl.DataFrame = field(default_factory=pl.DataFrame, repr=False)

    @cached_property
    def receipts(self) -> tuple[Receipt, ...]:
        """One receipt per row of ``frame``, in its order."""
        parts: list[dict[str, SetAside]] = [{} for _ in range(self.frame.height)]
        for index, reason, rows, amount in self.reasons.iter_rows():
            parts[index][reason] = SetAside(rows, amount)
        used = self.frame["used"].to_list()
        return tuple(
            Receipt(n, part, scoped=self.scoped) for n, part in zip(used, parts, strict=True)
        )

    @property
    def receipt(self) -> Receipt:
        """The receipt of a result that is a single row."""
        if len(self.receipts) != 1:
            return Receipt(0, scoped=self.scoped)
        return self.receipts[0]

    def figures(self) -> list[Figure]:
        """Return the records of ``figures.json``, one per row."""
        rows = zip(self.frame.iter_rows(named=True), self.receipts, strict=True)
        return [self._figure(row, receipt) for row, receipt in rows]

    def _figure(self, row: dict[str, Any], receipt: Receipt) -> Figure:
        window = (row["window_start"], row["window_end"]) if row["window_start"] else None
        return Figure(
            metric=self.metric.id,
            as_of=row["as_of"],
            unit=self.unit,
            receipt=receipt,
            by={name: "" if row[name] is None else str(row[name]) for name in self.by},
            window=window,
            n=row["n"],
            value=self._text(row["value"]),
            low=self._text(row["low"]),
            high=self._text(row["high"]),
            mature=row.get("mature"),
            counts={name: row[name] for name in self.metric.counts},
        )

    def _text(self, value: float | int | None) -> str | None:
        if value is None:
            return None
        if self.unit.startswith("money"):
            return minor_text(round(value), exponent(self.currency))
        return plain_text(value)


def plain_text(value: float) -> str:
    """Return a number as decimal text without an exponent or trailing zeros.

    Examples
    --------
    >>> plain_text(0.25), plain_text(12.0), plain_text(1e-7)
    ('0.25', '12', '0.0000001')
    """
    if isinstance(value, int):
        return str(value)
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def ordered(frame: pl.DataFrame, by: Sequence[str], *, extras: Sequence[str]) -> pl.DataFrame:
    """Return the columns in the order of the contract."""
    return frame[[*by, *FIXED, *extras]]
