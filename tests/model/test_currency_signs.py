"""A sign beside an amount: it tells the currency where none is named, and denies a wrong one."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from spm_lib.model import Company, company_from_frames

DAY = date(2026, 3, 1)
WORTH = {"USD": "3.5", "EUR": "4", "CAD": "2", "ILS": "0.3", "VND": "0.00015", "JPY": "0.02"}
SURE = {"amount": "1", "currency": None}


def rates(own: str) -> pl.DataFrame:
    others = {code: rate for code, rate in WORTH.items() if code != own}
    return pl.DataFrame({"currency": list(others), "date": DAY, "rate": list(others.values())})


def won(*rows: dict) -> pl.DataFrame:
    made = [
        {"opportunity_id": str(n), "stage": "Won", "created_at": DAY, "closed_at": DAY, **row}
        for n, row in enumerate(rows)
    ]
    return pl.DataFrame(made, infer_schema_length=None)


def opened(settings_of, own: str, **tables: pl.DataFrame) -> Company:
    frames = {**tables, "fx_rates": rates(own)}
    return company_from_frames(frames, settings_of(currency=own))


CASES = [
    ("ILS", "$1,000", None, 350000),
    ("ILS", "1,000 USD", None, 350000),
    ("ILS", "$1,000 USD", "usd", 350000),
    ("ILS", "CA$1,000", None, 200000),
    ("ILS", "$1,000", "CAD", 200000),
    ("ILS", "€1,000", None, 400000),
    ("ILS", "(€1,000)", "EUR", -400000),
    ("ILS", "₪1,000", None, 100000),
    ("ILS", 'ש"ח 1,000', None, 100000),
    ("ILS", "1,000 NIS", "ILS", 100000),
    ("ILS", "1,000", "USD", 350000),
    ("ILS", "1,000", None, 100000),
    ("ILS", "€1,000", "USD", None),
    ("ILS", "US$1,000", "CAD", None),
    ("ILS", "₪1,000", "USD", None),
    ("ILS", "$1,000", "ILS", None),
    ("ILS", "$1,000 EUR", "USD", None),
    ("CAD", "$1,000", None, 100000),
    ("CAD", "US$1,000", None, 350000),
    ("CAD", "$1,000", "USD", 350000),
    ("JPY", "¥1,000", None, 1000),
]


@pytest.mark.parametrize(("own", "amount", "currency", "minor"), CASES)
def test_a_sign_is_heard(settings_of, own, amount, currency, minor) -> None:
    rows = won(SURE, {"amount": amount, "currency": currency}, {"amount": "2", "currency": "EUR"})
    company = opened(settings_of, own, opportunities=rows)
    got = dict(company.table("opportunities").select("opportunity_id", "amount").iter_rows())
    assert got.get("1") == minor
    aside = company.receipt("opportunities").set_aside
    assert [*aside] == ([] if minor is not None else ["unreadable amount"])
    assert all(part.amount is None for part in aside.values())


def test_without_a_currency_column_a_foreign_sign_is_unreadable(settings_of) -> None:
    rows = won({"amount": "$5"}, {"amount": "₪5"})
    receipt = opened(settings_of, "ILS", opportunities=rows).receipt("opportunities")
    assert (receipt.used, [*receipt.set_aside]) == (1, ["unreadable amount"])


def test_two_amounts_of_a_row_are_in_one_currency(settings_of) -> None:
    line = {"order_id": "o", "rep_id": "ann", "date": DAY, "currency": None}
    lines = [
        {**line, "line": "1", "amount": "$10", "cost": "3"},
        {**line, "line": "2", "amount": "10", "cost": "$3"},
        {**line, "line": "3", "amount": "$10", "cost": "₪3"},
    ]
    company = opened(settings_of, "ILS", orders=pl.DataFrame(lines))
    assert company.table("orders").select("line", "amount", "cost").rows() == [
        ("1", 3500, 1050),
        ("2", 3500, 1050),
    ]
    assert [*company.receipt("orders").set_aside] == ["unreadable cost"]


@pytest.mark.parametrize(
    ("amount", "minor"), [("$5", 1000), ("5", 1000), ("€5", 2000), ("₪5", 500), ("5 USD", 1750)]
)
def test_a_change_is_in_its_deals_currency_unless_a_sign_tells_another(
    settings_of, amount, minor
) -> None:
    deals = won({"amount": "5", "currency": "CAD"})
    event = {"opportunity_id": "0", "entered_at": DAY, "stage": "Lead", "amount": amount}
    company = opened(settings_of, "ILS", opportunities=deals, stage_events=pl.DataFrame([event]))
    assert company.stints["amount"].to_list() == [minor]


@pytest.mark.parametrize(
    ("amount", "rate", "minor"),
    [
        ("400000000000000", "0.00015", 6_000_000_000_000),
        ("900000000000000", "0.00015", None),  # beyond 2**62 at four decimals
        ("400000000000000", "2000", None),  # beyond 2**62 in the reporting currency
        ("-400000000000000", "2000", None),
    ],
)
def test_foreign_amounts_too_large_are_unreadable_not_missing(
    settings_of, amount, rate, minor
) -> None:
    rows = won(SURE, {"amount": amount, "currency": "VND"})
    fx = pl.DataFrame({"currency": ["VND"], "date": [DAY], "rate": [rate]})
    settings = settings_of(currency="ILS")
    company = company_from_frames({"opportunities": rows, "fx_rates": fx}, settings)
    got = dict(company.table("opportunities").select("opportunity_id", "amount").iter_rows())
    assert got.get("1") == minor
    aside = company.receipt("opportunities").set_aside
    assert [*aside] == ([] if minor else ["unreadable amount"])
