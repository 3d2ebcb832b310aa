"""Money: exact minor units in the reporting currency, by the rate known by then."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from spm_lib.metrics.measure import measure
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


def foreign_history(**changes: object) -> dict[str, pl.DataFrame]:
    """Return two dollar deals with a history in dollars, and one in the reporting currency."""
    deals_ = pl.DataFrame(
        {
            "opportunity_id": ["a", "b", "c"],
            "rep_id": "ann",
            "currency": ["USD", "usd", None],
            "amount": [1000, 1000, 7],
            "stage": ["Proposal", "Won", "Proposal"],
            "created_at": date(2026, 1, 1),
            "closed_at": [None, date(2026, 3, 1), None],
        }
    )
    rows = [
        {"opportunity_id": key, "entered_at": day, "stage": stage, "amount": amount}
        for key, amount, close in (("a", 900, "Proposal"), ("b", 800, "Won"), ("c", 7, "Proposal"))
        for day, stage in ((date(2026, 1, 1), "Lead"), (date(2026, 3, 1), close))
    ]
    rates = {"currency": ["USD"] * 2, "date": [date(2025, 12, 1), date(2026, 3, 1)]}
    events = pl.DataFrame(rows).with_columns(**changes)
    frames = {"stage_events": events, "opportunities": deals_}
    return frames | {"fx_rates": pl.DataFrame({**rates, "rate": ["3.5", "4"]})}


def test_a_history_without_currency_is_in_that_of_its_deal(settings) -> None:
    company = company_from_frames(foreign_history(), settings)
    answer = measure(company, "pipeline.amount", window=(date(2026, 1, 1), date(2026, 4, 1)))
    assert answer.frame["value"].to_list()[-1] == 900 * 400 + 700
    past = measure(company.at(date(2026, 2, 15)), "open.amount").frame["value"].item()
    assert past == (900 + 800) * 350 + 700
    (told,) = [n for n in company.notices if n.kind == "deal_currency"]
    assert (told.rows, told.values) == (4, ("USD",))


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 2, 15), date(2026, 3, 31)])
def test_it_is_as_if_every_change_named_the_currency(settings, day) -> None:
    currencies = {"a": "USD", "b": "USD", "c": "ILS"}
    named = pl.col("opportunity_id").replace_strict(currencies)
    untold, told = (
        company_from_frames(foreign_history(**more), settings).at(day)
        for more in ({}, {"currency": named})
    )
    for name in ("opportunities", "stage_events"):
        left, right = (c.table(name).drop("currency") for c in (untold, told))
        assert_frame_equal(left, right)
    assert_frame_equal(untold.stints, told.stints)


def test_a_change_that_names_its_currency_keeps_it(settings) -> None:
    euros = foreign_history(currency=pl.lit("ILS"))
    company = company_from_frames(euros, settings)
    assert company.stints["amount"].to_list() == [90000, 90000, 80000, 80000, 700, 700]
