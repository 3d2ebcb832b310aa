"""Money: exact minor units in the reporting currency, by the rate known by then."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import polars as pl
import pytest

from spm_lib.model import company_from_frames


def deals(**columns: list) -> pl.DataFrame:
    height = len(columns["amount"])
    base = {
        "opportunity_id": [str(n) for n in range(height)],
        "stage": ["Won"] * height,
        "closed_at": [date(2026, 3, 10)] * height,
        "created_at": [date(2026, 1, 1)] * height,
    }
    return pl.DataFrame({**base, **columns})


@pytest.mark.parametrize(
    ("currency", "minor"),
    [("ILS", [101, -101, 123456]), ("JPY", [1, -1, 1235]), ("KWD", [1005, -1005, 1234560])],
)
def test_amounts_are_minor_units_half_up(settings_of, currency, minor) -> None:
    for amounts in (
        [1.005, -1.005, 1234.56],
        ["1.005", "-1.005", "1234.56"],
        [Decimal("1.005"), Decimal("-1.005"), Decimal("1234.56")],
    ):
        settings = settings_of(currency=currency)
        company = company_from_frames({"opportunities": deals(amount=amounts)}, settings)
        assert company.table("opportunities")["amount"].to_list() == minor


def test_an_amount_beyond_the_type_is_set_aside_not_wrapped(settings) -> None:
    frame = deals(amount=["92233720368547758", "5"])
    receipt = company_from_frames({"opportunities": frame}, settings).receipt("opportunities")
    assert (receipt.used, receipt.set_aside["unreadable amount"].rows) == (1, 1)


RATES = pl.DataFrame(
    {
        "currency": ["USD", "USD", "usd", "EUR"],
        "date": [date(2026, 1, 1), date(2026, 3, 1), date(2026, 3, 20), date(2026, 3, 11)],
        "rate": ["3.5", "3.7123456789", "4", "4.2"],
    }
)


def rate_then(currency: str, day: date, as_of: date) -> Decimal | None:
    """Look the rate up row by row."""
    known = [
        (d, Decimal(r))
        for c, d, r in RATES.iter_rows()
        if c.upper() == currency and d <= day and d <= as_of
    ]
    return max(known)[1] if known else None


@pytest.mark.parametrize("as_of", [date(2026, 3, 10), date(2026, 3, 15), date(2026, 3, 31)])
def test_the_rate_is_the_latest_on_or_before_the_event_and_as_of(settings, as_of) -> None:
    frame = deals(
        amount=["100", "33.33", "70", "-0.01", "10"],
        currency=["USD", "usd", "EUR", "USD", None],
    ).with_columns(
        stage=pl.Series(["Won", "Lead", "Lead", "Won", "Won"]),
        closed_at=pl.Series([date(2026, 3, 10), None, None, date(2026, 1, 2), date(2026, 1, 2)]),
    )
    company = company_from_frames(
        {"opportunities": frame, "fx_rates": RATES}, settings, as_of=as_of
    )
    got = dict(company.table("opportunities").select("opportunity_id", "amount").iter_rows())
    for key, amount, currency, closed in frame.select(
        "opportunity_id", "amount", "currency", "closed_at"
    ).iter_rows():
        if currency is None:
            assert got[key] == 1000
            continue
        rate = rate_then(currency.upper(), closed or as_of, as_of)
        if rate is None:
            assert key not in got
            assert company.receipt("opportunities").set_aside["no exchange rate"].rows == 1
        else:
            exact = Decimal(amount) * rate * 100
            assert got[key] == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def test_a_past_view_does_not_know_the_later_rate_nor_the_later_amount(settings) -> None:
    frame = deals(amount=["100"], currency=["USD"])
    company = company_from_frames({"opportunities": frame, "fx_rates": RATES}, settings)
    then = company.at(date(2026, 3, 9))
    assert then.table("opportunities").select("outcome", "amount").row(0) == ("open", None)
    assert then.table("fx_rates").height == 2


def test_without_rates_foreign_money_is_set_aside_and_counted(settings) -> None:
    company = company_from_frames(
        {"opportunities": deals(amount=["100", "5"], currency=["USD", "ILS"])}, settings
    )
    receipt = company.receipt("opportunities")
    assert (receipt.used, receipt.set_aside["no exchange rate"].rows) == (1, 1)
