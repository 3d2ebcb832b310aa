"""Texts as they are meant: without invisible marks and outer blanks, null where nothing is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

MISSING = ("", "-")
INVISIBLE = (
    "\ufeff\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_MARKS = f"[{INVISIBLE}]"
_BLANKS = "[\u00a0\u2000-\u200a\u202f\u205f\u3000\t\r\n ]+"


@dataclass(frozen=True, eq=False)
class Parsed:
    """Values of a column, null where there are none, and where a text was there but unreadable."""

    values: pl.Series
    unreadable: pl.Series

    @property
    def unreadable_count(self) -> int:
        """Number of texts that could not be read."""
        return int(self.unreadable.sum() or 0)


def parse_texts(values: pl.Series, *, missing: Sequence[str] = MISSING) -> pl.Series:
    r"""Return texts without invisible marks and outer blanks; null for those in ``missing``.

    Numbers come out as text, whole floats without a decimal point. An empty text is always null.

    Examples
    --------
    >>> parse_texts(pl.Series(["\u200f שלום\u00a0", " - ", "", "a  b"])).to_list()
    ['שלום', None, None, 'a  b']
    >>> parse_texts(pl.Series([17.0, None])).to_list()
    ['17', None]
    """
    if values.dtype == pl.String:
        return _stripped(values, missing)
    if values.dtype.is_float():
        whole = values.is_null() | (values.is_finite() & (values == values.round(0)))
        values = values.cast(pl.Int64, strict=False) if bool(whole.all()) else values
    return _stripped(values.cast(pl.String), missing)


def _stripped(values: pl.Series, missing: Sequence[str]) -> pl.Series:
    name = values.name
    text = pl.col(name)
    if bool(values.str.contains(r"[^\x21-\x7e\u0590-\u05f4 ]").any()):
        text = text.str.replace_all(_MARKS, "").str.replace_all("[\u00a0\u202f]", " ")
    text = text.str.strip_chars()
    said = text.is_in(["", *missing]).not_()
    return values.to_frame().select(pl.when(said).then(text).alias(name))[name]


def by_distinct(values: pl.Series, parse: Callable[[pl.Series], Parsed]) -> Parsed:
    """Parse every distinct value once; long columns of dates repeat themselves."""
    distinct = values.unique()
    if distinct.len() * 2 > values.len():
        return parse(values)
    parsed = parse(distinct)
    keys = pl.DataFrame({"k": distinct, "v": parsed.values, "u": parsed.unreadable})
    found = (
        values.alias("k")
        .to_frame()
        .join(keys, on="k", how="left", nulls_equal=True, maintain_order="left")
    )
    return Parsed(found["v"].alias(values.name), found["u"].alias("unreadable"))


def squeezed(text: pl.Expr) -> pl.Expr:
    """Return the text with every run of blanks of any kind as one blank."""
    return text.str.replace_all(_BLANKS, " ")
