"""Cells that a spreadsheet could compute stay text, and come back byte for byte."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spm_lib.core.formulas import guard, unguard

TEXTS = st.text(st.sampled_from("=+-@'\";,\t\r\n|1a ＝.%x"), max_size=12) | st.text(max_size=20)
SIGNS = ("=", "+", "-", "@", "＝")
NUMBER = re.compile(r"[-+]?[0-9][0-9.,]*%?|-+")


@given(TEXTS, st.booleans())
def test_every_text_comes_back_as_it_was(text: str, numbers: bool) -> None:
    assert unguard(guard(text, numbers=numbers), numbers=numbers) == text


@given(TEXTS)
def test_no_spreadsheet_of_any_country_finds_a_formula(text: str) -> None:
    """Read as a file of one cell, split at the comma, the semicolon or the tab."""
    line = io.StringIO()
    csv.writer(line).writerow([guard(text)])
    for delimiter in ",;\t":
        for row in csv.reader(io.StringIO(line.getvalue()), delimiter=delimiter):
            for cell in row:
                assert not cell.startswith(SIGNS) or NUMBER.fullmatch(cell), row


@pytest.mark.parametrize("text", ["-5", "+972501234567", "-1,234.50", "12%", "--", "-", "a=b", ""])
def test_plain_numbers_and_dashes_stay_in_a_quarantine(text: str) -> None:
    assert guard(text, numbers=True) == text


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1", "=cmd|' /C x'!A0"])
def test_names_never_begin_a_formula(text: str) -> None:
    assert guard(text) == "'" + guard(text)[1:]
