"""What a column of an unknown file looks like: how many values, which kind, how it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from spm_lib.sources.booleans import FALSE, TRUE
from spm_lib.sources.dates import parse_dates
from spm_lib.sources.money import parse_money
from spm_lib.sources.texts import parse_texts

Kind = Literal["empty", "date", "number", "boolean", "text"]
SAMPLE = 20_000
_NUMERIC_DATE = r"^([0-9]{1,2})[-/.]([0-9]{1,2})[-/.](?:[0-9]{4}|[0-9]{2})(?:\D|$)"
_YEAR_FIRST = r"^[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}"
_COMMA = r"[0-9],[0-9]{1,2}(?:\D*)$|^\D*[0-9]{1,3}(?:\.[0-9]{3}){2,}|[0-9]\.[0-9]{3},[0-9]"
_POINT = r"[0-9]\.[0-9]{1,2}(?:\D*)$|^\D*[0-9]{1,3}(?:,[0-9]{3}){2,}|[0-9],[0-9]{3}\.[0-9]"


@dataclass(frozen=True)
class DateOrderEvidence:
    """What proves the order of day and month: texts whose first or second number exceeds 12."""

    day_first: str | None = None
    month_first: str | None = None
    year_first: str | None = None
    example: str | None = None

    @property
    def numeric(self) -> bool:
        """Whether dates are written with day and month in front of the year."""
        return self.example is not None


@dataclass(frozen=True)
class ColumnProfile:
    """A column of an unknown file.

    ``values`` are up to 60 distinct values, the most frequent first; ``kind`` is what nine tenths
    of the distinct values read as.
    """

    name: str
    kind: Kind
    rows: int
    filled: int
    distinct: int
    values: tuple[str, ...]
    dates: DateOrderEvidence = DateOrderEvidence()
    decimal_comma: str | None = None
    decimal_point: str | None = None
    signs: tuple[str, ...] = ()
    timed: bool = False

    @property
    def unique(self) -> bool:
        """Whether every row has a value of its own."""
        return self.rows > 0 and self.distinct == self.rows

    @property
    def few(self) -> bool:
        """Whether the values are few enough to be categories."""
        return 1 < self.distinct <= 60 and self.distinct * 3 <= max(self.filled, 6)


def profile_column(values: pl.Series) -> ColumnProfile:
    """Return the profile of a column, from up to 20,000 of its distinct values.

    Examples
    --------
    >>> profile = profile_column(pl.Series("when", ["25/12/2025", "01/02/2026", None]))
    >>> profile.kind, profile.dates.day_first
    ('date', '25/12/2025')
    """
    if values.null_count() == len(values):
        return ColumnProfile(values.name, "empty", len(values), 0, 0, ())
    text = parse_texts(values)
    distinct = by_frequency(text).to_series(0)
    sample = distinct.head(SAMPLE)
    kind = _kind(values.dtype, sample)
    return ColumnProfile(
        name=values.name,
        kind=kind,
        rows=len(values),
        filled=len(values) - text.null_count(),
        distinct=len(distinct),
        values=tuple(distinct.head(60)),
        dates=_orders(sample) if kind == "date" else DateOrderEvidence(),
        decimal_comma=_first(sample, _COMMA) if kind == "number" else None,
        decimal_point=_first(sample, _POINT) if kind == "number" else None,
        signs=_signs(sample) if kind == "number" else (),
        timed=kind == "date" and _timed(sample),
    )


def by_frequency(texts: pl.Series) -> pl.DataFrame:
    """Return distinct texts and their rows ``n``, the most frequent first, then by alphabet."""
    counts = texts.drop_nulls().value_counts(name="n")
    return counts.sort(["n", texts.name], descending=[True, False])


def _kind(dtype: pl.DataType, sample: pl.Series) -> Kind:
    if not len(sample):
        return "empty"
    if dtype.is_temporal():
        return "date"
    if set(sample.str.to_lowercase().head(5)) <= {*TRUE, *FALSE} - {"0", "1"}:
        return "boolean"
    if dtype.is_numeric() or _share_of_numbers(sample) >= 0.9:
        return "number"
    return "date" if _share_of_dates(sample) >= 0.9 else "text"


def _share_of_numbers(sample: pl.Series) -> float:
    point = parse_money(sample).values.is_not_null()
    comma = parse_money(sample, decimal=",").values.is_not_null()
    long = sample.str.len_chars() <= 24
    return float(((point | comma) & long).sum()) / len(sample)


def _share_of_dates(sample: pl.Series) -> float:
    dated = sample.str.contains(r"[0-9].*[-/. ].*[0-9]|^[0-9]{8}$")
    if float(dated.sum()) < 0.9 * len(sample):
        return 0.0
    read = [
        parse_dates(sample, order=order).values.is_not_null()
        for order in ("iso", "day-first", "month-first")
    ]
    return float((read[0] | read[1] | read[2]).sum()) / len(sample)


def _orders(sample: pl.Series) -> DateOrderEvidence:
    parts = sample.str.extract_groups(_NUMERIC_DATE).struct.unnest()
    first, second = (parts.to_series(i).cast(pl.Int64, strict=False) for i in (0, 1))
    return DateOrderEvidence(
        day_first=_where(sample, (first > 12) & (second <= 12)),
        month_first=_where(sample, (second > 12) & (first <= 12)),
        year_first=_first(sample, _YEAR_FIRST),
        example=_where(sample, first.is_not_null()),
    )


def _where(sample: pl.Series, mask: pl.Series) -> str | None:
    hits = sample.filter(mask.fill_null(value=False))
    return str(hits[0]) if len(hits) else None


def _first(sample: pl.Series, pattern: str) -> str | None:
    return _where(sample, sample.str.contains(pattern))


def _signs(sample: pl.Series) -> tuple[str, ...]:
    found = sample.str.extract(r"([$€£₪¥₽₹]|ש[\"״]ח|NIS)").drop_nulls().unique().sort()
    return tuple(found)


def _timed(sample: pl.Series) -> bool:
    clock = sample.str.extract(r"([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)").drop_nulls()
    return bool((~clock.is_in(["00:00", "00:00:00", "0:00"])).any())
