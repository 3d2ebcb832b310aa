"""Writing: typed numbers in both languages, signs and ranges never torn."""

from __future__ import annotations

from datetime import date

import pytest

from spm_lib.model import Figure, Receipt
from spm_lib.reports.cells import Edition, Number
from spm_lib.reports.writing import Writer

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
        ("points", "0.0301", "+3.0 points"),
        ("count", None, "–"),
    ],
)
def test_a_value_is_written_by_its_unit(unit: str, value: str | None, text: str) -> None:
    assert ENGLISH.value(figure(unit, value)) == text


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


def test_a_change_is_welcome_or_not() -> None:
    rise, fall = (Number(figure=figure("change", v)) for v in ("0.1", "-0.1"))
    assert (ENGLISH.mood(rise, "up"), ENGLISH.mood(rise, "down")) == ("good", "bad")
    assert (ENGLISH.mood(fall, "up"), ENGLISH.mood(fall, "down")) == ("bad", "good")
    assert ENGLISH.mood(rise, "neither") == "neither"
    assert ENGLISH.mood(Number(figure=figure("change", None)), "up") == "neither"
