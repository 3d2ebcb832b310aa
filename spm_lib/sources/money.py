"""Amounts as people write them, turned into exact minor units."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Literal

import polars as pl

from spm_lib.core.money import exponent
from spm_lib.sources.currency_signs import UNIT, signs_of
from spm_lib.sources.texts import MISSING, Parsed, by_distinct, parse_texts

SCALE = 12
LARGEST = 2**62
LONGEST = 31
_PLAIN = rf"^-?[0-9]{{1,18}}(?:\.[0-9]{{1,{SCALE}}})?$"  # as most files have it in all cells
_GROUPS = {".": ", '’\u00a0\u202f", ",": ". '’\u00a0\u202f"}


def parse_money(
    values: pl.Series,
    *,
    decimal: Literal[".", ","] = ".",
    thousands: str | None = None,
    scale: int = 1,
    missing: Sequence[str] = MISSING,
    digits: int | None = None,
    currency: str | None = None,
) -> Parsed:
    """Return amounts in minor units, exactly, half up.

    Parameters
    ----------
    values
        Texts such as ``$1,234.50``, ``1.234,50 ₪``, ``(500)``, ``500-``; or a typed column.
    decimal, thousands
        The decimal sign, and the sign between groups of digits (default: the other one of
        ``.`` and ``,``, blanks and apostrophes, where they stand in right places).
    scale
        What 1 in the source is worth, say 1000 where amounts are given in thousands.
    missing
        Texts that stand for no value.
    digits
        Decimals of the currency; default: those of ``currency``, else 2.
    currency
        The currency the amounts must be in: a sign or code of another one is unreadable.

    Returns
    -------
    Parsed
        ``values`` Int64 minor units; ``unreadable`` true where a text is no amount, or one beyond
        2**62 minor units.

    Examples
    --------
    >>> parse_money(pl.Series(["$1,234.50", "(500)", "12.5-", "-", "1,23"])).values.to_list()
    [123450, -50000, -1250, None, None]
    >>> parse_money(pl.Series(["1.234,50 ₪"]), decimal=",", currency="ILS").values.to_list()
    [123450]
    >>> parse_money(pl.Series(["$5"]), currency="ILS").unreadable.to_list()
    [True]
    """
    places = digits if digits is not None else exponent(currency) if currency else 2
    units = _units(values, decimal, thousands, missing, currency)
    minor = units.values.to_frame("u").select(_rescaled(pl.col("u") * scale, places).alias("u"))[
        "u"
    ]
    given = units.values.is_not_null()
    unreadable = (units.unreadable | (given & minor.is_null())).alias("unreadable")
    return Parsed(minor.alias(values.name), unreadable)


def written_signs(
    values: pl.Series,
    *,
    decimal: Literal[".", ","] = ".",
    thousands: str | None = None,
    missing: Sequence[str] = MISSING,
) -> pl.DataFrame:
    """Return the currency sign or code before (``before``) and after (``after``) each amount.

    In capitals; null where there is none, or where the text is no amount.

    Examples
    --------
    >>> written_signs(pl.Series(["$5", "5 usd", "5", "US$ 5 USD"])).rows()
    [('$', None), (None, 'USD'), (None, None), ('US$', 'USD')]
    """
    nothing = pl.DataFrame(schema={"before": pl.String, "after": pl.String})
    if values.dtype != pl.String or not bool(values.str.contains(r"[\p{L}\p{Sc}]").any()):
        return nothing.clear(values.len())
    text = parse_texts(values, missing=missing).alias("t").to_frame()
    found = text.select(
        _minus_signs(pl.col("t")).str.extract_groups(_pattern(decimal, thousands)).alias("g")
    )
    return found.unnest("g").select(
        before=pl.col("unit").str.to_uppercase(), after=pl.col("unit_end").str.to_uppercase()
    )


def parse_numbers(
    values: pl.Series,
    *,
    decimal: Literal[".", ","] = ".",
    thousands: str | None = None,
    scale: int = 1,
    missing: Sequence[str] = MISSING,
) -> Parsed:
    """Return numbers as Float64; ``12.5%`` is 0.125.

    Examples
    --------
    >>> parse_numbers(pl.Series(["1,200.5", "12.5%", "n/a"])).values.to_list()
    [1200.5, 0.125, None]
    """
    if values.dtype.is_numeric() and not isinstance(values.dtype, pl.Decimal):
        floats = values.cast(pl.Float64)
        sound = floats.to_frame("v").select(pl.when(pl.col("v").is_finite()).then("v"))["v"]
        return Parsed((sound * scale).alias(values.name), _unread(floats, sound))
    if isinstance(values.dtype, pl.Decimal):
        return Parsed(values.cast(pl.Float64) * scale, _unread(values, values))
    text = parse_texts(values, missing=missing)
    percent = text.str.contains(r"[^%\s].*%$").fill_null(value=False)
    bare = text.str.strip_chars_end("% ").zip_with(percent, text)
    units = _units(bare, decimal, thousands, missing, None)
    numbers = units.values.cast(pl.Float64) / 10**SCALE * scale
    numbers = (numbers / 100).zip_with(percent, numbers)
    return Parsed(numbers.alias(values.name), units.unreadable)


def parse_integers(
    values: pl.Series,
    *,
    decimal: Literal[".", ","] = ".",
    thousands: str | None = None,
    missing: Sequence[str] = MISSING,
) -> Parsed:
    """Return whole numbers as Int64; a number with a fraction is unreadable.

    Examples
    --------
    >>> parsed = parse_integers(pl.Series(["1,200", "3.0", "3.5"]))
    >>> parsed.values.to_list(), parsed.unreadable.to_list()
    ([1200, 3, None], [False, False, True])
    """
    if values.dtype.is_integer():
        return Parsed(values.cast(pl.Int64), _unread(values, values))
    units = _units(values, decimal, thousands, missing, None)
    one = pl.lit(10**SCALE).cast(pl.Int128)
    column = pl.col("u")
    whole = units.values.to_frame("u").select(
        pl.when(column % one == 0).then(column // one).cast(pl.Int64, strict=False).alias("u")
    )["u"]
    unreadable = units.unreadable | (units.values.is_not_null() & whole.is_null())
    return Parsed(whole.alias(values.name), unreadable.alias("unreadable"))


def _unread(given: pl.Series, read: pl.Series) -> pl.Series:
    return (given.is_not_null() & read.is_null()).alias("unreadable")


def _units(
    values: pl.Series,
    decimal: str,
    thousands: str | None,
    missing: Sequence[str],
    currency: str | None,
) -> Parsed:
    """Return Int128 at ``10**-SCALE``."""
    dtype = values.dtype
    one = pl.lit(10**SCALE).cast(pl.Int128)
    column = pl.col("v")
    if dtype.is_integer():
        units = values.to_frame("v").select(column.cast(pl.Int128) * one).to_series()
        return Parsed(units, _unread(values, units))
    if isinstance(dtype, pl.Decimal):
        step = pl.lit(10 ** (SCALE - min(dtype.scale, SCALE))).cast(pl.Int128)
        units = values.to_physical().to_frame("v").select(column.cast(pl.Int128) * step).to_series()
        return Parsed(units, _unread(values, units))
    if dtype.is_float():
        values = _float_text(values)
        decimal, thousands = ".", None
    text = parse_texts(values, missing=missing)
    if decimal == "." and thousands != "." and bool(text.str.contains(_PLAIN).all()):
        units = text.cast(pl.Decimal(38, SCALE)).to_physical()
        return Parsed(units, _unread(text, units))
    return by_distinct(text, lambda v: _parse(v, decimal, thousands, currency))


def _float_text(values: pl.Series) -> pl.Series:
    return values.cast(pl.String).replace({"NaN": None})


def _parse(text: pl.Series, decimal: str, thousands: str | None, currency: str | None) -> Parsed:
    frame = text.to_frame("t").select(_minus_signs(pl.col("t")).alias("t"))
    groups = frame["t"].str.extract_groups(_pattern(decimal, thousands)).struct.unnest()
    whole = pl.col("whole").str.replace_all("[^0-9]", "")
    part = pl.col("part").fill_null("").str.pad_end(SCALE, "0").str.head(SCALE)
    said = (
        pl.col("whole").is_not_null()
        & ((whole != "") | (pl.col("part").fill_null("") != ""))
        & _balanced()
        & _own_currency(currency)
    )
    size = pl.concat_str(whole, part).str.strip_chars_start("0")
    fits = size.str.len_chars() <= LONGEST
    negative = pl.any_horizontal(
        pl.col(c).fill_null("") != "" for c in ("minus", "minus_in", "minus_end", "bracket")
    )
    signed = pl.concat_str(
        pl.when(negative).then(pl.lit("-")).otherwise(pl.lit("")), size, pl.lit("0")
    )
    units = signed.cast(pl.Int128, strict=False) // pl.lit(10).cast(pl.Int128)
    read = groups.select(pl.when(said & fits).then(units).alias("v"))["v"]
    read = _scientific(frame["t"], read)
    return Parsed(read.alias(text.name), _unread(text, read))


def _minus_signs(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all("[\u2212\u2013\u2010\u2011\ufe63\uff0d]", "-")


def _pattern(decimal: str, thousands: str | None) -> str:
    signs = re.escape(thousands) if thousands else re.escape(_GROUPS[decimal])
    group = f"[{signs}]" if not thousands else f"(?:{signs})"
    whole = rf"(?P<whole>[0-9]{{1,3}}(?:{group}[0-9]{{2,3}})*{group}[0-9]{{3}}|[0-9]*)"
    unit_end = UNIT.replace("unit", "unit_end")
    return (
        rf"^(?P<bracket>\(?) ?(?P<minus>-?)\+? ?{UNIT}? ?(?P<minus_in>-?) ?"
        rf"{whole}(?:{re.escape(decimal)}(?P<part>[0-9]*))? ?(?P<minus_end>-?) ?"
        rf"{unit_end}? ?(?P<close>\)?)$"
    )


def _balanced() -> pl.Expr:
    both = (pl.col("bracket") == "(") == (pl.col("close") == ")")
    marks = pl.sum_horizontal(
        pl.col(c).str.len_chars() for c in ("minus", "minus_in", "minus_end", "bracket")
    )
    return both & (marks <= 1)


def _own_currency(currency: str | None) -> pl.Expr:
    """Say whether the sign or code, if any, is of this currency (of any known one, if none)."""
    fits: list[pl.Expr] = []
    for name in ("unit", "unit_end"):
        unit = pl.col(name).str.to_uppercase()
        known = unit.is_in(signs_of(currency)) if currency else pl.lit(value=True)
        fits.append(pl.col(name).is_null() | known)
    return pl.all_horizontal(fits)


def _scientific(text: pl.Series, read: pl.Series) -> pl.Series:
    """Fill in the few amounts that a program wrote as ``1.2E+06``."""
    where = (read.is_null() & text.str.contains(r"^-?\d+(?:\.\d+)?[eE][+-]?\d{1,2}$")).arg_true()
    if not len(where):
        return read
    found = [_exact(t) for t in text.gather(where).to_list()]
    filled = read.to_list()
    for place, value in zip(where.to_list(), found, strict=True):
        filled[place] = value
    return pl.Series(read.name, filled, dtype=pl.Int128)


def _exact(text: str) -> int | None:
    try:
        units = int(Decimal(text).scaleb(SCALE))
    except (InvalidOperation, ValueError):
        return None
    return units if abs(units) < 10**LONGEST else None


def _rescaled(units: pl.Expr, places: int) -> pl.Expr:
    """Return Int64 at ``10**-places`` of integers at ``10**-SCALE``, half up, null on overflow."""
    step = pl.lit(10 ** (SCALE - places)).cast(pl.Int128)
    half = pl.lit(10 ** (SCALE - places) // 2).cast(pl.Int128)
    size = (units.abs() + half) // step
    nothing = pl.lit(0).cast(pl.Int128)
    signed = pl.when(units < 0).then(nothing - size).otherwise(size)
    return pl.when(size <= pl.lit(LARGEST).cast(pl.Int128)).then(signed).cast(pl.Int64)
