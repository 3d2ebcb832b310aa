"""Money and dates against a second route: Decimal and datetime, value by value."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spm_lib.sources import (
    parse_booleans,
    parse_dates,
    parse_integers,
    parse_money,
    parse_numbers,
    parse_texts,
)
from tests.examples import examples

quick = settings(max_examples=examples(40, tenfold=1000))
amounts = st.decimals(-(10**12), 10**12, places=4, allow_nan=False)
STYLES = {
    "plain": "{sign}{whole}.{part}",
    "dollars": "{sign}${grouped}.{part}",
    "brackets": "({grouped}.{part})",
    "trailing": "{grouped}.{part}-",
    "shekels": "\u200f{sign}{grouped}.{part}\u00a0₪",
    "words": '{sign}{grouped}.{part} ש"ח',
    "apostrophes": "{sign}{apostrophes}.{part}",
}


def half_up(amount: Decimal, places: int = 2) -> int:
    return int(amount.scaleb(places).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def styled(amount: Decimal, style: str) -> tuple[str, Decimal]:
    negative = style in ("brackets", "trailing")
    if negative:
        amount = -abs(amount)
    whole, part = f"{abs(amount):.4f}".split(".")
    grouped = f"{int(whole):,}"
    sign = "-" if amount < 0 and not negative else ""
    text = STYLES[style].format(
        sign=sign, whole=whole, part=part, grouped=grouped, apostrophes=grouped.replace(",", "'")
    )
    return text, amount


@quick
@given(st.lists(st.tuples(amounts, st.sampled_from(sorted(STYLES))), min_size=1, max_size=20))
def test_money_is_exact_in_every_style(cases: list[tuple[Decimal, str]]) -> None:
    written = [styled(amount, style) for amount, style in cases]
    parsed = parse_money(pl.Series([text for text, _ in written]))
    assert parsed.values.to_list() == [half_up(amount) for _, amount in written]
    assert parsed.unreadable_count == 0


@quick
@given(st.lists(amounts, min_size=1, max_size=20), st.sampled_from([1, 1000]))
def test_european_money_and_scale(values: list[Decimal], scale: int) -> None:
    swap = str.maketrans(",.", ".,")
    texts = [f"{value:,.4f}".translate(swap) + " €" for value in values]
    parsed = parse_money(pl.Series(texts), decimal=",", scale=scale, currency="EUR")
    assert parsed.values.to_list() == [half_up(value * scale) for value in values]


@pytest.mark.parametrize(
    "text", ["1,23", "1.2.3", "12-3", "--5", "(-5)", "$", "1.5M", "abc", "1 2345", "٣", "1e99"]
)
def test_what_is_no_amount_is_never_guessed(text: str) -> None:
    parsed = parse_money(pl.Series([text]))
    assert parsed.values.to_list() == [None]
    assert parsed.unreadable.to_list() == [True]


def test_amounts_beyond_the_edge_are_unreadable_not_wrapped() -> None:
    edge = 2**62
    texts = [f"{edge // 100}.{edge % 100:02}", f"{edge // 100 + 1}", "9" * 40]
    parsed = parse_money(pl.Series(texts))
    assert parsed.values.to_list() == [edge, None, None]
    assert parsed.unreadable.to_list() == [False, True, True]


def test_a_sign_of_another_currency_is_unreadable_where_the_currency_is_known() -> None:
    texts = pl.Series(["₪5", "5 ILS", "5 NIS", "$5", "5", "€5", "5 usd"])
    assert parse_money(texts, currency="ILS").unreadable.to_list() == [
        False, False, False, True, False, True, True,
    ]  # fmt: skip
    assert parse_money(texts, currency="USD").unreadable.to_list() == [
        True, True, True, False, False, True, False,
    ]  # fmt: skip


def test_typed_amounts_are_exact() -> None:
    decimals = pl.Series([Decimal("1.005"), Decimal("-2.675"), None])
    assert parse_money(decimals).values.to_list() == [101, -268, None]
    assert parse_money(pl.Series([1.005, 2.675])).values.to_list() == [101, 268]
    assert parse_money(pl.Series([7, -7])).values.to_list() == [700, -700]
    assert parse_money(pl.Series([7]), digits=0).values.to_list() == [7]


ORDERS = {"day-first": "%d/%m/%Y", "month-first": "%m/%d/%Y", "iso": "%Y-%m-%d"}
days = st.dates(date(1900, 1, 1), date(2199, 12, 31))


@quick
@given(st.lists(days, min_size=1, max_size=20), st.sampled_from(sorted(ORDERS)))
def test_days_against_strftime(values: list[date], order: str) -> None:
    texts = [value.strftime(ORDERS[order]) for value in values]
    parsed = parse_dates(pl.Series(texts), order=order)  # type: ignore[arg-type]
    assert parsed.values.to_list() == values
    short = [value.strftime(ORDERS[order]).lstrip("0").replace("/0", "/") for value in values]
    assert parse_dates(pl.Series(short), order=order).values.to_list() == values  # type: ignore[arg-type]


@quick
@given(days.filter(lambda day: 1969 <= day.year <= 2068))
def test_two_digit_years(day: date) -> None:
    parsed = parse_dates(pl.Series([day.strftime("%d.%m.%y")]), order="day-first")
    assert parsed.values.to_list() == [day]


clocks = st.datetimes(datetime(1995, 1, 1), datetime(2035, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0, fold=0)  # a text cannot say which of two it means
)
ZONES = ("Asia/Jerusalem", "America/New_York", "UTC", "Australia/Lord_Howe")


@quick
@given(st.lists(clocks, min_size=1, max_size=10), st.sampled_from(ZONES))
def test_wall_clock_times_against_zoneinfo(moments: list[datetime], zone: str) -> None:
    there = ZoneInfo(zone)
    real = [m for m in moments if exists(m, there) and (m.hour, m.minute, m.second) != (0, 0, 0)]
    texts = [moment.strftime("%d/%m/%Y %H:%M:%S") for moment in real]
    parsed = parse_dates(pl.Series(texts, dtype=pl.String), order="day-first", timezone=zone)
    expected = [moment.replace(tzinfo=there).astimezone(UTC) for moment in real]
    assert parsed.values.to_list() == expected


def exists(moment: datetime, zone: ZoneInfo) -> bool:
    there = moment.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    return there.replace(tzinfo=None) == moment


def test_skipped_and_repeated_hours_of_jerusalem() -> None:
    texts = pl.Series(["2026-03-27 02:30", "2026-10-25 01:30"])
    assert parse_dates(texts, timezone="Asia/Jerusalem").values.to_list() == [
        datetime(2026, 3, 27, 0, 30, tzinfo=UTC),  # 02:30 never was: 03:30 summer time
        datetime(2026, 10, 24, 22, 30, tzinfo=UTC),  # the first of two
    ]


@quick
@given(clocks, st.integers(-12 * 60, 14 * 60))
def test_times_with_an_offset(moment: datetime, minutes: int) -> None:
    sign, size = ("-" if minutes < 0 else "+"), abs(minutes)
    text = f"{moment:%Y-%m-%dT%H:%M:%S}{sign}{size // 60:02}:{size % 60:02}"
    expected = (moment - timedelta(minutes=minutes)).replace(tzinfo=UTC)
    assert parse_dates(pl.Series([text])).values.to_list() == [expected]


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("3 Apr 2026", "iso", date(2026, 4, 3)),
        ("April 3, 2026", "day-first", date(2026, 4, 3)),
        ("3-Apr-26", "month-first", date(2026, 4, 3)),
        ("3 באפריל 2026", "iso", date(2026, 4, 3)),
        ("2026/4/3", "day-first", date(2026, 4, 3)),
        ("20260403", "iso", date(2026, 4, 3)),
        ("2010-12-29 00:00:00.000", "day-first", date(2010, 12, 29)),
        ("03/04/2026", "iso", None),
        ("29/02/2025", "day-first", None),
        ("12/31/2025", "day-first", None),
        ("2026-13-01", "iso", None),
        ("20260403", "day-first", None),
    ],
)
def test_forms_of_dates(text: str, order: str, day: date | None) -> None:
    parsed = parse_dates(pl.Series([text]), order=order)  # type: ignore[arg-type]
    assert parsed.values.to_list() == [day]
    assert parsed.unreadable.to_list() == [day is None]


digits = st.text("0123456789", min_size=2, max_size=2)
years = st.sampled_from(["0000", "1999", "2024", "2026", "9999"])
forms = st.sampled_from(["{y}-{m}-{d}", "{y}-{m}-{d} {h}:{h}", "{d}/{m}/{y}"])


@quick
@given(
    st.lists(st.tuples(years, digits, digits, digits), min_size=1, max_size=9),
    forms,
    st.sampled_from(ZONES),
)
def test_a_column_of_one_plain_form_is_read_as_among_other_forms(parts, form, zone) -> None:
    """Days, months and hours that there are not among them."""
    plain = pl.Series([form.format(y=y, m=m, d=d, h=h) for y, m, d, h in parts])
    instant = pl.Series(["2026-01-02T03:04:05Z"])  # beside it all are told as instants
    for order in ("iso", "day-first", "month-first"):
        here = parse_dates(plain, order=order, timezone=zone)
        there = parse_dates(pl.concat([plain, instant]), order=order, timezone=zone)
        assert here.unreadable.to_list() == there.unreadable.to_list()[:-1]
        told = there.values.head(len(parts))
        if here.values.dtype == pl.Date:
            told = told.dt.convert_time_zone(zone).dt.date()
        assert here.values.equals(told, check_dtypes=True)


@quick
@given(st.lists(st.from_regex(r"\A-?[0-9]{1,15}(\.[0-9]{1,12})?\Z"), min_size=1, max_size=9))
def test_plain_amounts_are_read_as_among_others(texts: list[str]) -> None:
    for parse in (parse_money, parse_numbers, parse_integers):
        here = parse(pl.Series(texts))
        there = parse(pl.Series([*texts, "(1,000.00)"]))
        assert here.values.to_list() == there.values.to_list()[:-1]
        assert here.unreadable.to_list() == there.unreadable.to_list()[:-1]


def test_clock_with_halves_of_the_day() -> None:
    texts = pl.Series(["1/2/2026 12:05 AM", "1/2/2026 12:05 PM", "1/2/2026 3:04:05 pm"])
    hours = parse_dates(texts, order="month-first").values.dt.hour().to_list()
    assert hours == [0, 12, 15]


def test_numbers_integers_booleans_texts() -> None:
    assert parse_numbers(pl.Series(["1.5", "15%", "1,000"])).values.to_list() == [1.5, 0.15, 1000.0]
    assert parse_integers(pl.Series(["1,000", "2.5", "-"])).values.to_list() == [1000, None, None]
    assert parse_booleans(pl.Series(["TRUE", "לא", "0"])).values.to_list() == [True, False, False]
    assert parse_texts(pl.Series([" x\u00a0", "\u200f", "-"])).to_list() == ["x", None, None]


def test_a_lone_percent_sign_is_no_number() -> None:
    parsed = parse_numbers(pl.Series(["%", " % ", "%%", "5 %", "5%"]))
    assert parsed.values.to_list() == [None, None, None, 0.05, 0.05]
    assert parsed.unreadable.to_list() == [True, True, True, False, False]


@quick
@given(st.lists(st.text(max_size=12), min_size=1, max_size=20))
def test_any_text_is_either_read_or_unreadable_or_missing(texts: list[str]) -> None:
    values = pl.Series(texts, dtype=pl.String)
    said = parse_texts(values).is_not_null()
    for parsed in (parse_money(values), parse_dates(values), parse_numbers(values)):
        read = parsed.values.is_not_null()
        assert (read | parsed.unreadable).to_list() == said.to_list()
        assert not bool((read & parsed.unreadable).any())
