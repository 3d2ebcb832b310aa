"""Pay in the currency in which a person is paid out, and the rate it is exchanged at."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from spm_lib.core.money import exponent
from spm_lib.incentives.chain.arithmetic import half_up
from spm_lib.incentives.chain.columns import RATE
from spm_lib.incentives.chain.data import PayData
from spm_lib.incentives.chain.periods import PayPeriod
from spm_lib.incentives.chain.refusing import refused
from spm_lib.incentives.plan.plan import Plan

_RATES: dict[str, Any] = {"rep_id": pl.String(), "currency": pl.String(), "rate": RATE}
_WIDE = pl.Int128


def paid_out(plan: Plan, data: PayData, period: PayPeriod, totals: pl.DataFrame) -> pl.DataFrame:
    """Return a period's payments in the currencies of their payees.

    Parameters
    ----------
    data
        ``payees`` tells in which currency a person is paid out, ``rates`` the exchange rates: the
        latest on or before the last day of the period counts, or the one that the plan fixes.
    totals
        rep_id and amount of the period, minor units of the plan's currency.

    Returns
    -------
    rep_id, period, currency, rate (units of the plan's currency for 1 of it), amount (Int64 minor
    units of ``currency``, rounded half up away from 0); people who are paid in the plan's currency
    are not in it.

    Raises
    ------
    PayError
        If somebody of ``payees`` is not known, or a rate is missing.
    """
    if unknown := sorted(set(data.payees["rep_id"]) - set(data.people["rep_id"])):
        raise refused("Currencies of people whom nobody knows.", unknown, do="Mend payees")
    paid = pl.col("rep_id").is_in(totals["rep_id"].implode())
    foreign = data.payees.filter(paid & (pl.col("currency") != plan.plan.currency))
    last = period.end - timedelta(days=1)
    rows = [(rep, code, _rate(plan, data, code, last)) for rep, code in foreign.iter_rows()]
    if gaps := sorted(f"{rep} ({code}, {last})" for rep, code, rate in rows if rate is None):
        raise refused(
            "There is no exchange rate for the currency that these people are paid in.",
            gaps,
            do="Add rates to fx_rates on or before the last day of the period",
        )
    rates = pl.DataFrame(rows, schema=_RATES, orient="row")
    joined = totals.join(rates, on="rep_id", how="inner").sort("rep_id")
    return joined.select(
        "rep_id",
        pl.lit(period.label).alias("period"),
        "currency",
        "rate",
        amount=_exchanged(rates["currency"].unique().to_list(), plan.plan.currency),
    )


def _exchanged(codes: list[str], own: str) -> pl.Expr:
    """Return amounts of ours over the rate, in minor units of each row's currency."""
    steps = {code: exponent(code) - exponent(own) for code in codes}

    def power(sign: int) -> pl.Expr:
        sizes = {code: 10 ** max(sign * step, 0) for code, step in steps.items()}
        return pl.col("currency").replace_strict(sizes, return_dtype=pl.Int64).cast(_WIDE)

    over = pl.col("amount").cast(_WIDE) * power(1) * pl.lit(10**RATE.scale, dtype=_WIDE)
    under = pl.col("rate").to_physical().cast(_WIDE) * power(-1)
    return half_up(over, under).cast(pl.Int64)


def _rate(plan: Plan, data: PayData, currency: str, day: date) -> Decimal | None:
    if plan.currency is not None and plan.currency.rate == "fixed":
        return plan.currency.fixed.get(currency)
    found = data.rates.filter((pl.col("currency") == currency) & (pl.col("date") <= day))
    latest = found.sort("date")["rate"]
    return latest[-1] if len(latest) and latest[-1] > 0 else None
