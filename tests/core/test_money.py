"""Money against exact fractions, ISO 4217 as Babel knows it, and a published apportionment."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from babel.numbers import get_currency_precision
from hypothesis import given
from hypothesis import strategies as st

from spm_lib.core import DataError, WorkspaceError, exponent, from_minor, split_exactly, to_minor

AMOUNTS = st.decimals(min_value=-(10**12), max_value=10**12, places=6)


@pytest.mark.parametrize("code", ["ILS", "EUR", "USD", "GBP", "JPY", "KRW", "CLP", "KWD", "TND"])
def test_exponents_are_those_of_babel(code: str) -> None:
    assert exponent(code) == get_currency_precision(code)


@pytest.mark.parametrize("code", ["ils", "₪", "US", "EURO", ""])
def test_a_currency_is_a_code(code: str) -> None:
    with pytest.raises(WorkspaceError, match="ISO 4217"):
        exponent(code)


@given(amount=AMOUNTS, currency=st.sampled_from(["JPY", "ILS", "KWD"]))
def test_minor_units_are_rounded_half_away_from_zero(amount: Decimal, currency: str) -> None:
    exact = Fraction(amount) * 10 ** exponent(currency)
    nearest = int(abs(exact) + Fraction(1, 2)) * (1 if exact >= 0 else -1)
    assert to_minor(amount, currency) == nearest
    assert to_minor(str(amount), currency) == nearest


@given(minor=st.integers(-(2**63) + 1, 2**63 - 1), currency=st.sampled_from(["JPY", "ILS", "KWD"]))
def test_there_and_back_is_exact(minor: int, currency: str) -> None:
    assert to_minor(from_minor(minor, currency), currency) == minor


@pytest.mark.parametrize("amount", ["92233720368547758.08", 10**17, "1e30", "9e999999"])
def test_what_does_not_fit_is_refused(amount: str | int) -> None:
    with pytest.raises(DataError, match="too large"):
        to_minor(amount, "ILS")


@pytest.mark.parametrize("amount", ["abc", "", "NaN", "inf", "1,200"])
def test_what_is_no_number_is_refused(amount: str) -> None:
    with pytest.raises(DataError, match="not a number"):
        to_minor(amount, "ILS")


def test_a_float_is_refused() -> None:
    with pytest.raises(DataError, match="never a float"):
        to_minor(1.5, "ILS")  # pyright: ignore[reportArgumentType] - this is the fault


def test_a_published_apportionment() -> None:
    # en.wikipedia.org/wiki/Largest_remainder_method, Hare quota, 10 seats
    assert split_exactly(10, [47000, 16000, 15800, 12000, 6100, 3100]) == [5, 2, 1, 1, 1, 0]


@given(
    total=st.integers(-(10**15), 10**15),
    weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any),
)
def test_parts_sum_to_the_whole_and_are_nearest(total: int, weights: list[int]) -> None:
    parts = split_exactly(total, weights)
    assert sum(parts) == total
    quotas = [Fraction(total * weight, sum(weights)) for weight in weights]
    assert all(abs(part - quota) < 1 for part, quota in zip(parts, quotas, strict=True))


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [float("nan")], [float("inf")]])
def test_weights_that_share_nothing_out_are_refused(weights: list[float]) -> None:
    with pytest.raises(DataError, match="weights"):
        split_exactly(5, weights)
