"""Statements are put into words by the language that tells them."""

from __future__ import annotations

import importlib
from datetime import date

import pytest

from spm_lib.core import Amount, Phrase, Share, Statement, WorkCalendar, language
from spm_lib.core.catalogue import Catalogue
from spm_lib.core.language import Language

EN, HE = language("en"), language("he")
MARCH = WorkCalendar().period_of(date(2026, 3, 5), "month")


@pytest.fixture
def hebrew(monkeypatch) -> Language:
    """Hebrew with one message of this test's own."""
    own = Catalogue({"{who} sold {what}": "{who} מכר {what}", "run rate": "קצב"}, {})
    module = importlib.import_module("spm_lib.core.language")
    monkeypatch.setattr(module, "catalogue", lambda _: own)
    return HE


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (1234, "1,234"),
        (1234.56, "1,234.6"),
        (Amount(123_456_700, "ILS"), "₪1.2M"),
        (Share(0.4567, decimals=1), "45.7%"),
        (date(2026, 3, 5), "5 Mar 2026"),
        (MARCH, "Mar 2026"),
        (("a", "b", "c"), "a, b and c"),
        (Phrase("run rate"), "run rate"),
        (Statement("{n} deals", {"n": 3}), "3 deals"),
        ("plain", "plain"),
    ],
)
def test_values_are_written_by_their_type(value: object, told: str) -> None:
    assert Statement("It is {x}.", {"x": value}).tell(EN) == f"It is {told}."


def test_a_statement_is_told_in_hebrew_with_names_isolated(hebrew) -> None:
    statement = Statement("{who} sold {what}", {"who": "Acme", "what": -5})
    assert statement.tell(hebrew) == "\u2068Acme\u2069 מכר \u2066-5\u2069"
    assert (
        Statement("{who} sold {what}", {"who": "נועה", "what": Phrase("run rate")}).tell(hebrew)
        == "נועה מכר קצב"
    )
