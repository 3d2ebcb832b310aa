"""Writing: typed numbers in both languages, signs and ranges never torn."""

from __future__ import annotations

from datetime import date

import pytest

from spm_lib.core.statement import Statement
from spm_lib.model import Figure, Receipt
from spm_lib.reports.cells import Edition, Number
from spm_lib.reports.office.number_formats import shown
from spm_lib.reports.writing import Writer
from spm_lib.reps.comparison.figures import chance_text
from spm_lib.reps.comparison.findings import _chance

ENGLISH, HEBREW = Writer(Edition(language="en")), Writer(Edition(language="he"))
LRI, RLI, PDI = "⁦", "⁧", "⁩"


def figure(unit: str, value: str | None, low: str | None = None, high: str | None = None) -> Figure:
    return Figure("x", date(2026, 9, 30), unit, value, Receipt(3), n=1234, low=low, high=high)


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        ("count", "1234", "1,234"),
        ("ratio", "0.28931", "28.9%"),
        ("ratio", "0.0000020", "<0.1%"),
        ("ratio", "0", "0.0%"),
        ("days", "56", "56"),
        ("days", "7.5", "7.5"),
        ("money:ILS", "24711750.00", "₪24,711,750"),
        ("money:ILS per day", "-950.40", "-₪950.40"),
        ("per won", "23.0444", "23.0"),
        ("change", "0.1234", "+12%"),
        ("change", "-0.034", "-3%"),
        ("change", "0.004", "0%"),
        ("change", "-0.004", "0%"),
        ("change", "0.005", "+1%"),
        ("points", "0.0301", "+3.0 points"),
        ("points", "0.0004", "0.0 points"),
        ("count", None, "–"),
    ],
)
def test_a_value_is_written_by_its_unit(unit: str, value: str | None, text: str) -> None:
    assert ENGLISH.value(figure(unit, value)) == text


def test_a_distance_in_points_has_no_sign() -> None:
    spread = Number(figure=figure("ratio", "0.2161"), kind="gap")
    assert ENGLISH.number(spread) == "21.6 points"
    assert HEBREW.number(spread) == "21.6 נק׳ אחוז"
    excel = shown(spread, ENGLISH)
    assert (float(excel.value or 0), excel.format) == (pytest.approx(21.61), '0.0" points"')


@pytest.mark.parametrize("p", [1e-300, 3e-8, 0.0004, 0.00049, 0.0006, 0.0012, 0.0451, 0.3])
def test_a_chance_is_the_same_in_words_and_in_figures(p: float) -> None:
    """The text said "less than 0.1%" where tile and table said 0.0%."""
    words = Statement("{p}", {"p": _chance(p)}).tell(ENGLISH.language)
    printed = ENGLISH.value(figure("ratio", chance_text(p)))
    assert printed != "0.0%"
    assert ("less than" in words) == ("<" in printed)
    if "<" not in printed:
        assert float(words.rstrip("%")) == pytest.approx(float(printed.rstrip("%")), abs=0.5)


def test_parts_of_a_figure() -> None:
    rate = figure("ratio", "0.3", "0.27", "0.311")
    told = {
        p: ENGLISH.number(Number(figure=rate, part=p)) for p in ("n", "used", "low", "interval")
    }
    assert told == {"n": "1,234", "used": "3", "low": "27.0%", "interval": "27%–31%"}
    assert ENGLISH.interval(figure("ratio", "0.3")) == "–"


def test_signs_and_ranges_keep_their_side_in_hebrew() -> None:
    assert HEBREW.value(figure("change", "0.12")) == f"{LRI}+12%{PDI}"
    assert HEBREW.interval(figure("ratio", "0.3", "0.2", "0.4")) == f"{LRI}20%–40%{PDI}"
    money = HEBREW.interval(figure("money:ILS", "3", "4000000", "7400000"), compact=True)
    assert money == f"{RLI}4 מ׳\N{NO-BREAK SPACE}₪{PDI}–{RLI}7.4 מ׳\N{NO-BREAK SPACE}₪{PDI}"
    assert HEBREW.value(figure("ratio", "0.000001")) == f"{LRI}<0.1%{PDI}"


def test_ranges_of_signed_numbers_are_joined_by_a_word_and_name_points_once() -> None:
    gap = figure("points", "-0.087", "-0.164", "-0.01")
    assert ENGLISH.interval(gap) == "-16.4 to -1.0 points"
    assert ENGLISH.interval(figure("points", "0.08", "0.001", "0.159")) == "+0.1 to +15.9 points"
    hebrew = HEBREW.interval(gap).translate({ord(mark): "" for mark in f"{LRI}{RLI}{PDI}\u2068"})
    assert hebrew == "-16.4 עד -1.0 נק׳ אחוז"
    assert ENGLISH.interval(figure("ratio", "-0.05", "-0.13", "0.03")) == "-13% to 3%"
    money = figure("money:ILS", "3", "-1900000", "8970000")
    assert ENGLISH.interval(money, compact=True) == "-₪1.9M to ₪9M"


def test_a_change_is_welcome_or_not() -> None:
    rise, fall = (Number(figure=figure("change", v)) for v in ("0.1", "-0.1"))
    assert (ENGLISH.mood(rise, "up"), ENGLISH.mood(rise, "down")) == ("good", "bad")
    assert (ENGLISH.mood(fall, "up"), ENGLISH.mood(fall, "down")) == ("bad", "good")
    assert ENGLISH.mood(rise, "neither") == "neither"
    for nothing in ("0.0049", "-0.0049", "0"):
        assert ENGLISH.mood(Number(figure=figure("change", nothing)), "up") == "neither"
    assert ENGLISH.mood(Number(figure=figure("points", "0.0049")), "up") == "good"
    assert ENGLISH.mood(Number(figure=figure("change", None)), "up") == "neither"
