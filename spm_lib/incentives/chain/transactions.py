"""The first table of the chain: transactions of the plan's days, in order, in its currency."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl

from spm_lib.core.money import exponent
from spm_lib.incentives.chain.arithmetic import decimal_from, half_up, largest_of, rounded
from spm_lib.incentives.chain.columns import RATE
from spm_lib.incentives.chain.data import LARGEST, PayData
from spm_lib.incentives.chain.periods import interval_of
from spm_lib.incentives.chain.refusing import refused
from spm_lib.incentives.plan.plan import Plan

COUNTED = ("units", "count")
_WIDE = pl.Int128
_WIDEST = 2**127 - 1


def transaction_table(plan: Plan, data: PayData) -> pl.DataFrame:
    """Return the transactions that the plan looks at, one row each.

    Columns out: ``row`` (UInt32, place in the plan's order of deals), those of the transactions,
    ``count`` (1, of a refund -1), ``amount`` less the columns that the base leaves out, and money
    columns in the plan's currency: Int64 minor units. Returns are there or not, as the plan
    decides.

    Raises
    ------
    PayError
        If a column that the plan asks for is not there, or a rate of a currency is missing.
    """
    head = plan.plan
    day = pl.col("date")
    frame = data.transactions.filter((day >= head.valid_from) & (day < head.valid_to))
    _check_columns(plan, frame)
    money = sorted(money_columns(plan) & set(frame.columns))
    frame = _converted(plan, data, frame, money)
    sign = pl.when(pl.col("amount") < 0).then(-1).otherwise(1)
    frame = frame.with_columns(count=sign.cast(pl.Int64))
    if plan.decisions.base.less:
        less = pl.sum_horizontal(pl.col(c).fill_null(0) for c in plan.decisions.base.less)
        frame = frame.with_columns(amount=pl.col("amount") - less)
    if plan.decisions.base.returns == "left_out":
        frame = frame.filter(pl.col("amount") >= 0)
    order = [pl.col(c) for c in plan.decisions.order]
    return frame.sort(order, nulls_last=True, maintain_order=True).with_row_index("row")


def money_columns(plan: Plan) -> set[str]:
    """Return the columns of transactions that hold money."""
    bases = {measure.base for measure in plan.measures if not measure.counted}
    return {"amount", *bases, *plan.decisions.base.less}


def _check_columns(plan: Plan, frame: pl.DataFrame) -> None:
    asked = dict.fromkeys(plan.decisions.order, "[decisions] order")
    asked |= dict.fromkeys(plan.decisions.base.less, "[decisions] base")
    for measure in plan.measures:
        place = f"[[measures]] '{measure.id}'"
        asked |= {measure.base: place} | dict.fromkeys(measure.where, place)
    for rule in plan.credits:
        place = f"[[credits]] '{rule.id}'"
        asked |= dict.fromkeys(rule.where, place)
        asked |= {rule.column: place} if rule.column else {}
    for component in plan.components:
        if component.release and component.release.column:
            asked[component.release.column] = f"[[components]] '{component.id}' release"
    missing = [f"{c} ({place})" for c, place in asked.items() if c not in (*frame.columns, "count")]
    if missing:
        raise refused(
            "The plan asks for columns that the transactions do not have.",
            missing,
            do=f"Add them, or write one of: {', '.join(frame.columns)}",
        )
    wrong = [
        c
        for c in money_columns(plan) | {"units"}
        if c in frame.columns and not frame.schema[c].is_integer()
    ]
    if wrong:
        raise refused("What is added up is whole numbers.", wrong, do="Give money in minor units")


def _converted(plan: Plan, data: PayData, frame: pl.DataFrame, money: list[str]) -> pl.DataFrame:
    own = plan.plan.currency
    frame = frame.with_columns(currency=pl.col("currency").fill_null(own))
    foreign = frame.filter(pl.col("currency") != own)
    if foreign.is_empty():
        return frame.with_columns(rate=pl.lit(None, dtype=RATE))
    if plan.currency is None:
        raise refused(
            f"Deals in another currency than the plan's {own} need a rule.",
            foreign["currency"].unique().sort(),
            do="Add [currency] with the rate to use",
        )
    rated = _rated(plan, data, foreign)
    columns = [_exchanged(rated, c, own) for c in money]
    return pl.concat(
        [
            frame.filter(pl.col("currency") == own).with_columns(rate=pl.lit(None, dtype=RATE)),
            rated.with_columns(columns).select(*frame.columns, "rate"),
        ]
    )


def _exchanged(rated: pl.DataFrame, column: str, own: str) -> pl.Series:
    """Return money of each row's currency in minor units of ours, rounded half up.

    Raises
    ------
    PayError
        If an amount is beyond all money.
    """
    told = rated.select("transaction_id", *_factor(rated, own), sold=column)
    sold, over, under = (largest_of(told[name]) for name in ("sold", "over", "under"))
    if 2 * sold * over + under <= _WIDEST:
        value = half_up(pl.col("sold").cast(_WIDE) * pl.col("over"), pl.col("under"))
        made = told.select(value).to_series()
    else:
        made = pl.Series(
            [_one(*row) for row in told.drop("transaction_id").iter_rows()], dtype=_WIDE
        )
    if int(made.abs().sum() or 0) > LARGEST:
        largest = told.select("transaction_id", made=made.abs()).top_k(1, by="made")
        raise refused(
            f"Deals in another currency add up to more than {LARGEST:,} minor units of {own}.",
            largest["transaction_id"],
            do="Check the amounts and the exchange rates; the largest is named",
        )
    return made.cast(pl.Int64).alias(column)


def _one(over: int, under: int, sold: int | None) -> int | None:
    """Return one amount exactly, at most what is refused anyway."""
    if sold is None:
        return None
    return max(-LARGEST - 1, min(LARGEST + 1, rounded(Fraction(sold * over, under))))


def _factor(rated: pl.DataFrame, own: str) -> tuple[pl.Expr, pl.Expr]:
    """Return how minor units of each row's currency become ours: numerator and denominator."""
    codes = rated["currency"].unique().to_list()
    steps = {code: exponent(own) - exponent(code) for code in codes}
    up = pl.col("currency").replace_strict(
        {c: 10 ** max(s, 0) for c, s in steps.items()}, return_dtype=pl.Int64
    )
    down = pl.col("currency").replace_strict(
        {c: 10 ** max(-s, 0) for c, s in steps.items()}, return_dtype=pl.Int64
    )
    rate = pl.col("rate").to_physical().cast(_WIDE)
    under = down.cast(_WIDE) * pl.lit(10**RATE.scale, dtype=_WIDE)
    return (rate * up.cast(_WIDE)).alias("over"), under.alias("under")


def _rated(plan: Plan, data: PayData, foreign: pl.DataFrame) -> pl.DataFrame:
    assert plan.currency is not None
    if plan.currency.rate == "fixed":
        fixed = {code: Decimal(rate) for code, rate in plan.currency.fixed.items()}
        found = foreign["currency"].unique().to_list()
        if unknown := sorted(set(found) - set(fixed)):
            raise refused("A fixed rate is missing.", unknown, do="Add it to [currency] fixed")
        rates = pl.DataFrame(
            {"currency": list(fixed), "rate": list(fixed.values())},
            schema={"currency": pl.String, "rate": RATE},
        )
        return foreign.join(rates, on="currency", how="left", maintain_order="left")
    if plan.currency.rate == "period_average":
        return _averaged(plan, data, foreign)
    asked = pl.col("date") if plan.currency.rate == "booking" else _last_day(plan, foreign)
    wanted = foreign.with_columns(_day=asked).sort("_day")
    rates = data.rates.select("currency", "date", "rate").rename({"date": "_day"}).sort("_day")
    found = wanted.join_asof(rates, on="_day", by="currency", check_sortedness=False)
    return _without_gaps(found.drop("_day"))


def _last_day(plan: Plan, frame: pl.DataFrame) -> pl.Expr:
    ends = {day: _end(plan, day) for day in frame["date"].unique().to_list()}
    return pl.col("date").replace_strict(ends, return_dtype=pl.Date)


def _end(plan: Plan, day: date) -> date:
    end = interval_of(day, plan.plan.period, plan.plan.fiscal_year_start).end
    return date.fromordinal(end.toordinal() - 1)


def _averaged(plan: Plan, data: PayData, foreign: pl.DataFrame) -> pl.DataFrame:
    """Return each row with the mean of its period's rates, to as many decimals as rates have."""
    days = {d: _end(plan, d) for d in {*data.rates["date"], *foreign["date"]}}
    period = pl.col("date").replace_strict(days, return_dtype=pl.Date)
    total = pl.col("rate").to_physical().cast(_WIDE).sum()
    means = data.rates.group_by("currency", period.alias("_end")).agg(total=total, n=pl.len())
    mean = half_up(pl.col("total"), pl.col("n").cast(_WIDE))
    means = means.with_columns(rate=decimal_from(mean, RATE.scale))
    found = foreign.with_columns(_end=period).join(
        means.select("currency", "_end", "rate"), on=["currency", "_end"], how="left"
    )
    return _without_gaps(found.drop("_end"))


def _without_gaps(rated: pl.DataFrame) -> pl.DataFrame:
    nothing = rated.filter(pl.col("rate") <= 0)
    if not nothing.is_empty():
        raise refused(
            "An exchange rate is not above 0.",
            (f"{c} {rate.normalize():f} ({t}, {d})" for t, c, d, rate in
             nothing.select("transaction_id", "currency", "date", "rate").iter_rows()),
            do="Correct it in fx_rates",
        )  # fmt: skip
    without = rated.filter(pl.col("rate").is_null())
    if not without.is_empty():
        raise refused(
            "There is no exchange rate for these deals.",
            (
                f"{t} ({c}, {d})"
                for t, c, d in without.select("transaction_id", "currency", "date").iter_rows()
            ),
            do="Add rates to fx_rates on or before these days",
        )
    return rated


def checked_base(frame: pl.DataFrame, base: str, place: str) -> None:
    """Refuse rows that would be added up but say nothing.

    Raises
    ------
    PayError
        If ``base`` is null in any of the rows.
    """
    if frame[base].null_count():
        empty = frame.filter(pl.col(base).is_null())["transaction_id"]
        raise refused(
            f"{place} adds up '{base}', which is empty in {len(empty)} transactions.",
            empty,
            do="Fill the column, or leave these transactions out by where",
        )
