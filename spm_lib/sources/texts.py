"""Texts as they are meant: without invisible marks and outer blanks, null where nothing is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

MISSING = ("", "-")
INVISIBLE = (
    "\ufeff\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_MARKS = f"[{INVISIBLE}]"
_UNUSUAL = r"[^\x21-\x7e\u0590-\u05f4 ]|^ | $"  # what most columns have none of
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
    >>> parse_texts(pl.Series([17.0, 1.5, None])).to_list()
    ['17', '1.5', None]
    """
    return _stripped(as_texts(values), missing)


def as_texts(values: pl.Series, *, decimal: str = ".") -> pl.Series:
    """Return values as texts: numbers with the decimal sign given, and without one where whole.

    Examples
    --------
    >>> as_texts(pl.Series([7.0, 123.456, 1e21, None]), decimal=",").to_list()
    ['7', '123,456', '1000000000000000000000', None]
    """
    texts = values.cast(pl.String)
    if not (values.dtype.is_float() or isinstance(values.dtype, pl.Decimal)):
        return texts
    if values.dtype.is_float():
        texts = texts.str.replace(r"\.0$", "")
        powers = texts.str.contains("e").fill_null(value=False)
        if bool(powers.any()):
            plain = [format(Decimal(t), "f") for t in texts.filter(powers).to_list()]
            texts = texts.scatter(powers.arg_true(), plain)
    return texts if decimal == "." else texts.str.replace(".", decimal, literal=True)


def alike(frames: Sequence[pl.DataFrame], *, decimal: str = ".") -> list[pl.DataFrame]:
    """Return frames that can be put together: a column that is text in one is text in all.

    Examples
    --------
    >>> [f["a"].to_list() for f in alike([pl.DataFrame({"a": [1.5]}), pl.DataFrame({"a": ["-"]})])]
    [['1.5'], ['-']]
    """
    texts = {c for frame in frames for c, dtype in frame.schema.items() if dtype == pl.String}
    return [
        frame.with_columns(
            as_texts(frame[c], decimal=decimal)
            for c, dtype in frame.schema.items()
            if c in texts and dtype != pl.String
        )
        for frame in frames
    ]


def _stripped(values: pl.Series, missing: Sequence[str]) -> pl.Series:
    text = values
    if bool(text.str.contains(_UNUSUAL).any()):
        text = text.str.replace_all(_MARKS, "").str.replace_all("[\u00a0\u202f]", " ")
        text = text.str.strip_chars()
    nothing = ["", *missing]
    if any(bool((text == said).any()) for said in nothing):
        text = text.set(text.is_in(nothing), None)
    return text


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
