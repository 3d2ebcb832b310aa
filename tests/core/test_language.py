"""Language against Babel's own formats, and the order in which right-to-left text is shown."""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from hypothesis import given
from hypothesis import strategies as st

from spm_lib.core import ParameterError, WorkCalendar, language
from spm_lib.core.bidi import LRI, PDI, RLI

EN, HE = language("en"), language("he")


def bare(text: str) -> str:
    """Drop the invisible direction marks."""
    return "".join(c for c in text if unicodedata.category(c) != "Cf")


@given(x=st.decimals(min_value=-(10**12), max_value=10**12, places=3), decimals=st.integers(0, 3))
def test_numbers_are_grouped_as_babel_does(x: Decimal, decimals: int) -> None:
    rounded = Decimal(EN.number(x, decimals).replace(",", ""))
    assert abs(rounded - x) <= Decimal(5).scaleb(-decimals - 1)
    pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
    for reader in (EN, HE):
        expected = format_decimal(rounded, pattern, locale=reader.code)
        assert bare(reader.number(x, decimals)) == bare(expected).replace("\u2212", "-")


def test_half_is_rounded_up_and_zero_has_no_sign() -> None:
    assert [EN.number(x) for x in (0.5, 1.5, 2.5, -0.4, np.float64(-0.0))] == [
        "1",
        "2",
        "3",
        "0",
        "0",
    ]
    assert EN.number(2.675, 2) == "2.68"


def test_percent_is_babels() -> None:
    assert EN.percent(0.4567, 0) == format_percent(0.4567, locale="en")
    assert EN.percent(1.5) == "150.0%"
    assert bare(HE.percent(-0.1234)) == "-12.3%"


@pytest.mark.parametrize("reader", [EN, HE])
def test_what_is_missing_is_a_dash(reader) -> None:
    assert [
        reader.number(None),
        reader.number(float("nan")),
        reader.percent(None),
        reader.money(None, "ILS"),
        reader.date(None),
        reader.month(None),
    ] == ["–"] * 6


@pytest.mark.parametrize(
    ("minor", "currency", "english", "hebrew"),
    [
        (123456789, "ILS", "₪1,234,568", "1,234,568 ₪"),
        (-123456789, "EUR", "-€1,234,568", "-1,234,568 €"),
        (99950, "USD", "$999.50", "999.50 $"),
        (50000, "USD", "$500", "500 $"),
        (1500, "JPY", "¥1,500", "1,500 ¥"),
        (0, "ILS", "₪0", "0 ₪"),
    ],
)
def test_money(minor: int, currency: str, english: str, hebrew: str) -> None:
    assert EN.money(minor, currency) == english
    assert bare(HE.money(minor, currency)).replace("\u00a0", " ") == hebrew


@pytest.mark.parametrize(
    ("minor", "english", "hebrew"),
    [
        (123_456_700, "₪1.2M", "1.2 מ׳ ₪"),
        (100_000_000, "₪1M", "1 מ׳ ₪"),
        (99_996_000, "₪1M", "1 מ׳ ₪"),
        (35_000_000, "₪350K", "350 אלף ₪"),
        (250_000_000_000, "₪2.5B", "2.5 מיליארד ₪"),
        (-123_456_700, "-₪1.2M", "-1.2 מ׳ ₪"),
        (45_600, "₪456", "456 ₪"),
    ],
)
def test_short_money(minor: int, english: str, hebrew: str) -> None:
    assert EN.money(minor, "ILS", compact=True) == english
    assert bare(HE.money(minor, "ILS", compact=True)).replace("\u00a0", " ") == hebrew


def test_dates_and_periods() -> None:
    day = date(2026, 9, 30)
    assert (EN.date(day), EN.month(day)) == ("30 Sep 2026", "Sep 2026")
    assert HE.date(day) == format_date(day, "medium", locale="he")
    assert HE.month(day) == format_date(day, "MMM y", locale="he")
    calendar, fiscal = WorkCalendar(), WorkCalendar(fiscal_year_start=4)
    names = [EN.period(calendar.period_of(day, g)) for g in ("week", "month", "quarter", "year")]
    assert names == ["week of 27 Sep 2026", "Sep 2026", "Q3 2026", "2026"]
    assert EN.period(fiscal.period_of(day, "quarter")) == "Q2 FY2027"
    assert EN.period(fiscal.period_of(day, "year")) == "FY2027"
    assert HE.period(calendar.period_of(day, "quarter")) == "רבעון 3, 2026"
    assert HE.period(fiscal.period_of(day, "year")) == "שנת הכספים 2027"


def test_signed_numbers_are_kept_whole_in_hebrew() -> None:
    assert HE.number(-5) == f"{LRI}-5{PDI}"
    assert HE.number(5) == "5"
    assert HE.money(-500, "ILS").startswith(f"{LRI}-5{PDI}")
    assert HE.interval("1%", "2%") == f"{LRI}1%–2%{PDI}"
    assert EN.interval("1%", "2%") == "1%–2%"
    million = HE.interval("1.9 מ׳ ₪", "2.8 מ׳ ₪")  # each amount in its own direction
    assert million == f"{RLI}1.9 מ׳ ₪{PDI}–{RLI}2.8 מ׳ ₪{PDI}"
    assert EN.interval("-1%", "2%") == "-1% to 2%"


@pytest.mark.parametrize(
    ("period", "told"), [("ספט׳ 2026", "הערכות לספט׳ 2026"), ("2026", "הערכות ל-2026")]
)
def test_a_hebrew_prefix_hangs_on_other_signs_by_a_hyphen(period: str, told: str) -> None:
    assert bare(HE.text("Calls for {period}", period=period)) == told


def test_foreign_words_in_a_sentence_are_isolated() -> None:
    week = HE.text("week of {date}", date="Acme 3")
    assert week == "שבוע \u2068Acme 3\u2069"
    assert HE.text("week of {date}", date="היום") == "שבוע היום"
    assert EN.text("week of {date}", date="היום") == "week of \u2068היום\u2069"
    assert HE.text("week of {date}", date=HE.isolate("Acme")).count("\u2068") == 1
    assert HE.label("שלום") == f"{RLI}שלום{PDI}"
    assert EN.label("hello") == "hello"


def test_lists() -> None:
    assert EN.list([]) == ""
    assert EN.list(["a"]) == "a"
    assert EN.list(["a", "b", "c"]) == "a, b and c"
    assert HE.list(["דן", "נועה"]) == "דן ונועה"
    assert bare(HE.list(["דן", "Noa"])) == "דן ו-Noa"


def test_plurals_and_messages_without_translation() -> None:
    assert EN.plural("{n} thing", "{n} things", 1) == "1 thing"
    assert HE.plural("{n} thing", "{n} things", 1000) == "1,000 things"
    assert HE.text("No such message {x}", x=3) == "No such message 3"
    assert EN.text("100% {not a field}") == "100% {not a field}"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ParameterError, match="en, he"):
        language("fr")


def test_directions() -> None:
    assert (EN.direction, HE.direction) == ("ltr", "rtl")


@pytest.mark.parametrize(("n", "text"), [(1, "1 person sells"), (1200, "1,200 people sell")])
def test_a_number_chooses_the_words_beside_it(n: int, text: str) -> None:
    message = "{n:1 person sells|{n:,} people sell} and are in no team: {names}."
    assert EN.text(message, n=n, names="x").startswith(text)
    written = "{n:1 person sells|{n} people sell}"
    assert EN.text(written, n=EN.number(n)) == text
    assert HE.text("{n:אחד|{n}}", n=HE.number(n)) == ("אחד" if n == 1 else "1,200")
