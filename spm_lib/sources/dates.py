"""Dates and times of any written form, by the declared order of day and month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time

import polars as pl

from spm_lib.sources.texts import MISSING, Parsed, by_distinct, parse_texts, squeezed
from spm_lib.workspace.settings import DateOrder

PIVOT = 69
_TIME = (
    r"(?:(?:T| +|, *)(?P<hour>[0-9]{1,2})[:.](?P<minute>[0-9]{2})(?:[:.](?P<second>[0-9]{2})"
    r"(?:[.,](?P<part>[0-9]{1,9}))?)?(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
    r" ?(?P<zone>Z|z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_YEAR_FIRST = r"(?P<year>[0-9]{4})(?P<sign>[-/.])(?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})"
_COMPACT = r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
_DAY_FIRST = (
    r"(?P<day>[0-9]{1,2})(?P<sign>[-/.])(?P<month>[0-9]{1,2})[-/.](?P<year>[0-9]{4}|[0-9]{2})"
)
_MONTH_FIRST = (
    r"(?P<month>[0-9]{1,2})(?P<sign>[-/.])(?P<day>[0-9]{1,2})[-/.](?P<year>[0-9]{4}|[0-9]{2})"
)
_DAY_NAMED = (
    r"(?P<day>[0-9]{1,2})[ \-./]+ב?(?P<name>\p{L}{3,9})\.?[ \-./,]+(?P<year>[0-9]{4}|[0-9]{2})"
)
_MONTH_NAMED = r"(?P<name>\p{L}{3,9})\.? (?P<day>[0-9]{1,2})(?:st|nd|rd|th)?,? (?P<year>[0-9]{4})"
_ISO = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
_SLASHES = r"^[0-9]{2}/[0-9]{2}/[0-9]{4}$"
_PLAIN = {  # forms that most files have in all cells
    "iso": ((f"{_ISO}$", "%Y-%m-%d"), (f"{_ISO} [0-9]{{2}}:[0-9]{{2}}$", "%Y-%m-%d %H:%M")),
    "day-first": ((_SLASHES, "%d/%m/%Y"),),
    "month-first": ((_SLASHES, "%m/%d/%Y"),),
}
_PARTS = ("year", "month", "day", "hour", "minute", "second", "part", "half", "zone")
_ENGLISH = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_HEBREW = (
    "ינואר", "פברואר", "מרץ", "אפריל", "מאי", "יוני",
    "יולי", "אוגוסט", "ספטמבר", "אוקטובר", "נובמבר", "דצמבר",
)  # fmt: skip


def parse_dates(
    values: pl.Series,
    *,
    order: DateOrder = "iso",
    timezone: str = "UTC",
    missing: Sequence[str] = MISSING,
) -> Parsed:
    """Return days, or instants where times are given.

    Parameters
    ----------
    values
        Texts, or a typed column.
    order
        What ``03/04/2026`` means: "day-first" 3 April, "month-first" 4 March, "iso" nothing (it is
        unreadable). ``2026-04-03`` and named months are read in every order.
    timezone
        Zone of times that carry none.
    missing
        Texts that stand for no value.

    Returns
    -------
    Parsed
        ``values`` Date where no text says a time of day (or all say midnight, without a zone);
        otherwise Datetime in UTC, microseconds, days at their midnight in ``timezone``; a time that
        the clock shows twice is the earlier one, one that it skips is an hour later. Two-digit
        years: 69 to 99 are 19xx. ``unreadable`` is true where a text is no such date.

    Examples
    --------
    >>> parsed = parse_dates(pl.Series(["31/12/25", "1.2.2026", "31/31/2026"]), order="day-first")
    >>> parsed.values.to_list()[:2], parsed.unreadable.to_list()
    ([datetime.date(2025, 12, 31), datetime.date(2026, 2, 1)], [False, False, True])
    >>> parse_dates(pl.Series(["2026-01-01 00:30"]), timezone="Asia/Jerusalem").values.to_list()
    [datetime.datetime(2025, 12, 31, 22, 30, tzinfo=zoneinfo.ZoneInfo(key='UTC'))]
    """
    if values.dtype == pl.Date:
        return Parsed(values, _none(values))
    if isinstance(values.dtype, pl.Datetime):
        return Parsed(_typed(values, timezone), _none(values))
    text = parse_texts(values, missing=missing)
    plain = _plain(text, order)
    if plain is not None:
        return _placed(text, plain, timezone=timezone)
    return by_distinct(text, lambda v: _parse(v, order=order, timezone=timezone))


def _none(values: pl.Series) -> pl.Series:
    return pl.Series("unreadable", [False]).new_from_index(0, values.len())


def _typed(values: pl.Series, timezone: str) -> pl.Series:
    dtype = values.dtype
    assert isinstance(dtype, pl.Datetime)
    if dtype.time_zone:
        return values.dt.convert_time_zone("UTC").dt.cast_time_unit("us")
    if bool((values.dt.time() == time(0)).all()):
        return values.dt.date()
    return in_zone(values.dt.cast_time_unit("us"), timezone)


def in_zone(values: pl.Series, timezone: str) -> pl.Series:
    """Place wall-clock times in a zone, as UTC.

    A time that the clock shows twice is the earlier one, one that it skips is an hour later.
    """
    placed = values.dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null")
    later = values.dt.offset_by("1h")
    moved = later.dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null")
    return placed.zip_with(placed.is_not_null(), moved).dt.convert_time_zone("UTC")


def _patterns(order: DateOrder) -> list[str]:
    numeric = {"day-first": [_DAY_FIRST], "month-first": [_MONTH_FIRST], "iso": [_COMPACT]}[order]
    return [_YEAR_FIRST, *numeric, _DAY_NAMED, _MONTH_NAMED]


def _plain(text: pl.Series, order: DateOrder) -> pl.Series | None:
    """Return wall-clock times where all texts have one plain form, the quick way; else None."""
    for pattern, form in (*_PLAIN["iso"], *_PLAIN[order]):
        if bool(text.str.contains(pattern).all()):
            return text.str.to_datetime(form, strict=False, time_unit="us")
    return None


def _placed(text: pl.Series, wall: pl.Series, *, timezone: str) -> Parsed:
    """Return wall-clock times without a zone as days, or as instants where times are given."""
    unreadable = (text.is_not_null() & wall.is_null()).alias("unreadable")
    if bool((wall.is_null() | (wall.dt.time() == time(0))).all()):
        return Parsed(wall.dt.date().alias(text.name), unreadable)
    return Parsed(in_zone(wall, timezone).alias(text.name), unreadable)


def _parse(text: pl.Series, *, order: DateOrder, timezone: str) -> Parsed:
    name = text.name
    parts = _first_match(text.alias("text"), _patterns(order))
    wall = parts.select(_wall_clock())["wall"]
    unreadable = (text.is_not_null() & wall.is_null()).alias("unreadable")
    zoned = parts["zone"].is_not_null() & wall.is_not_null()
    timed = parts["hour"].is_not_null() & wall.is_not_null()
    midnight = wall.is_null() | (wall.dt.time() == time(0))
    if not bool(zoned.any()) and (not bool(timed.any()) or bool(midnight.all())):
        return Parsed(wall.dt.date().alias(name), unreadable)
    placed = in_zone(wall, timezone)
    offset = parts.select(_offset())["offset"]
    exact = (wall - offset).dt.replace_time_zone("UTC")
    return Parsed(exact.zip_with(zoned, placed).alias(name), unreadable)


def _first_match(text: pl.Series, patterns: list[str]) -> pl.DataFrame:
    """Return year ... zone as texts, of the first pattern that fits."""
    frame = text.to_frame().with_columns(squeezed(pl.col("text")))
    nothing = pl.repeat(None, text.len(), dtype=pl.String, eager=True)
    found = pl.DataFrame([nothing.alias(part) for part in (*_PARTS, "name")])
    left = text.is_not_null()
    for pattern in patterns:
        if not bool(left.any()):
            break
        groups = frame["text"].str.extract_groups(f"^{pattern}{_TIME}$").struct.unnest()
        fits = groups["year"].is_not_null() & left
        found = found.with_columns(
            groups[part].zip_with(fits, found[part])
            for part in found.columns
            if part in groups.columns
        )
        left &= ~fits
    return found.with_columns(month=pl.coalesce("month", _month_number()))


def _month_number() -> pl.Expr:
    numbers: dict[str, str] = {}
    for names in (_ENGLISH, _HEBREW):
        numbers |= {name: str(i) for i, name in enumerate(names, start=1)}
    numbers |= {name[:3]: str(i) for i, name in enumerate(_ENGLISH, start=1)} | {"sept": "9"}
    return pl.col("name").str.to_lowercase().replace_strict(numbers, default=None)


def _wall_clock() -> pl.Expr:
    """Return the wall-clock time, Datetime without zone; null where there is no such moment."""
    two = pl.col("year").str.len_chars() == 2
    century = (
        pl.when(pl.col("year").cast(pl.Int64) >= PIVOT).then(pl.lit("19")).otherwise(pl.lit("20"))
    )
    year = pl.when(two).then(century + pl.col("year")).otherwise("year")
    given = pl.col("hour").cast(pl.Int64)
    after = pl.col("half").str.to_lowercase() == "p"
    twelve = pl.when(after).then(given % 12 + 12).otherwise(given % 12)
    sound = pl.col("half").is_null() | given.is_between(1, 12)
    hour = pl.when(pl.col("half").is_null()).then(given).otherwise(twelve).fill_null(0)
    stamp = pl.format(
        "{}-{}-{} {}:{}:{}.{}",
        year,
        pl.col("month").str.zfill(2),
        pl.col("day").str.zfill(2),
        hour.cast(pl.String).str.zfill(2),
        pl.col("minute").fill_null("00"),
        pl.col("second").fill_null("00"),
        pl.col("part").fill_null("0").str.pad_end(6, "0").str.head(6),
    )
    moment = stamp.str.to_datetime("%Y-%m-%d %H:%M:%S%.6f", strict=False, time_unit="us")
    return pl.when(sound).then(moment).alias("wall")


def _offset() -> pl.Expr:
    digits = pl.col("zone").str.replace_all(":", "").str.extract(r"^[+-]([0-9]{2,4})$")
    digits = digits.str.pad_end(4, "0")
    minutes = digits.str.head(2).cast(pl.Int64) * 60 + digits.str.tail(2).cast(pl.Int64)
    signed = pl.when(pl.col("zone").str.starts_with("-")).then(-minutes).otherwise(minutes)
    return pl.duration(minutes=signed.fill_null(0)).alias("offset")
