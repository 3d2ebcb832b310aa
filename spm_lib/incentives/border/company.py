"""A Company's deals or orders, people, quotas and managers as the tables of pay."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Literal

import polars as pl

from spm_lib.core.errors import PayError
from spm_lib.incentives.chain.arithmetic import rounded
from spm_lib.incentives.chain.columns import SHARE
from spm_lib.incentives.chain.data import PayData, pay_data
from spm_lib.incentives.chain.refusing import refused
from spm_lib.model import Company

Source = Literal["opportunities", "orders"]


def pay_data_of(
    company: Company, source: Source = "opportunities", **decided: pl.DataFrame
) -> PayData:
    """Return the tables of pay of a company: what was won, or what was ordered.

    Won deals count on the day they were closed; deals without amount, seller or day are left to
    the receipts of the model, which have set them aside. Of an order each line is a transaction;
    ``margin`` is its amount less its cost. Amounts are in the reporting currency already.
    Quotas are the people's targets, named by their metric (``quota = "won.amount"`` in a
    measure). People are paid from the day they were hired to the day they left. Of several
    managers at once the one begun last counts.

    Parameters
    ----------
    source
        "opportunities" or "orders".
    decided
        Further tables, such as ``scores`` and ``adjustments`` (see ``read_decided``). ``splits``
        go before the company's of the same transactions, and ``quotas`` before its targets of the
        same person and quota; quotas of another ``kind`` are added on top.

    Raises
    ------
    PayError
        If the company has none of these rows, or units that are no whole numbers.
    """
    rows = _won(company) if source == "opportunities" else _ordered(company)
    if rows.is_empty():
        raise PayError(f"There are no {source} to pay for.", do="Map the table in spm.toml")
    splits, quotas, people = _splits(company, source), _quotas(company), _people(company)
    if "payees" in decided:  # of who is hired later nothing is paid out yet
        later = known_people(company).keys() - set(people["rep_id"])
        decided["payees"] = decided["payees"].filter(~pl.col("rep_id").is_in(sorted(later)))
    return pay_data(
        transactions=rows,
        people=people,
        quotas=_before(decided.pop("quotas", None), quotas, ["rep_id", "quota"]),
        hierarchy=_hierarchy(company),
        splits=_before(decided.pop("splits", None), splits, ["transaction_id"]),
        receipts=_receipts(company, source),
        rates=company.table("fx_rates").select("currency", "date", "rate"),
        **decided,
    )


def known_people(company: Company) -> dict[str, str | None]:
    """Return everybody of the table ``reps``, each with the role; null: not told.

    Whoever is hired after the company's day is among them: leave, quotas and scores may be written
    before somebody begins, and a statement of a past day reads the files of today.
    """
    tables = company.book.tables
    if "reps" not in tables:
        return {}
    good = tables["reps"].filter(pl.col("set_aside").is_null() & pl.col("rep_id").is_not_null())
    return dict(good.select("rep_id", "role").iter_rows())


def _before(decided: pl.DataFrame | None, rows: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Return decided rows, and those of the company that they do not stand in for."""
    if decided is None:
        return rows
    stated = decided
    if "kind" in decided.columns:
        stated = decided.filter(pl.col("kind").is_null() | (pl.col("kind") == "quota"))
    left = rows.join(stated.select(keys).unique(), on=keys, how="anti", maintain_order="left")
    return pl.concat([left, decided], how="diagonal_relaxed")


def base_pay_of(company: Company, start: date, end: date) -> int | None:
    """Return base pay to be expected in ``[start, end)``: that of the last 12 months, by months.

    It is the sum of what the ledger of costs calls people, as in ``ccos``, in the company's last
    twelve whole months; null where the company has none. Which roles they are of is the data's:
    cost of sales is as wide as they are.
    """
    from spm_lib.metrics.costs import names_of  # pay alone needs no metrics

    if not company.has("costs"):
        return None
    last, kind = company.default_window(), pl.col("kind").str.strip_chars().str.to_lowercase()
    costs = company.table("costs").filter(
        kind.is_in(names_of("people"))
        & (pl.col("period_start") >= last.start)
        & (pl.col("period_start") < last.end)
    )
    if costs["amount"].count() == 0:
        return None
    months = (end.year - start.year) * 12 + end.month - start.month
    return rounded(Fraction(int(costs["amount"].sum()) * months, 12))


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame without columns of fractions, which nothing is paid on."""
    return frame.select(c for c, kind in frame.schema.items() if not kind.is_float())


def _won(company: Company) -> pl.DataFrame:
    deals = _plain(company.table("opportunities"))
    won = deals.filter((pl.col("outcome") == "won") & pl.col("closed_on").is_not_null())
    won = won.filter(pl.col("amount").is_not_null()).drop("currency")
    return won.rename({"opportunity_id": "transaction_id", "closed_on": "date"})


def _ordered(company: Company) -> pl.DataFrame:
    orders = company.table("orders")
    units = pl.col("units")
    broken = orders.filter(units.is_not_null() & (units != units.round()))
    if not broken.is_empty():
        raise refused(
            "Units are no whole numbers.", broken["order_id"], do="Count in smaller units"
        )
    named = pl.concat_str("order_id", pl.lit("/"), "line")
    whole = orders.with_columns(
        units.cast(pl.Int64),
        transaction_id=named,
        margin=pl.col("amount") - pl.col("cost"),
    )
    return _plain(whole).drop("currency")


def _people(company: Company) -> pl.DataFrame:
    reps = company.table("reps")
    name = pl.coalesce("name", "rep_id")
    ends = pl.col("left_on").dt.offset_by("1d")
    began = pl.col("hired_on")
    return reps.select(
        "rep_id", name.alias("name"), "role", "hired_on", valid_from=began, valid_to=ends
    )


def _quotas(company: Company) -> pl.DataFrame:
    targets = company.table("targets").filter(
        pl.col("rep_id").is_not_null() & pl.col("value").is_not_null()
    )
    return targets.select("rep_id", "period_start", "period_end", "value", quota="metric")


def _hierarchy(company: Company) -> pl.DataFrame:
    """Return who is under whom, each row ending where the next one of the person begins."""
    rows = company.table("memberships").filter(pl.col("manager_id").is_not_null())
    order = ["rep_id", "valid_from", "manager_id"]
    rows = rows.select(*order, "valid_to").unique(order, keep="last").sort(order, nulls_last=False)
    following = pl.col("valid_from").shift(-1).over("rep_id")
    rows = rows.with_columns(valid_to=pl.min_horizontal("valid_to", following))
    same = (pl.col("valid_from") >= pl.col("valid_to")).fill_null(value=False)
    return rows.filter(~same)


def _splits(company: Company, source: Source) -> pl.DataFrame:
    key = "opportunity_id" if source == "opportunities" else "order_id"
    rows = company.table("splits").filter(pl.col(key).is_not_null() & pl.col("share").is_not_null())
    if source == "orders":  # the split of an order is that of each of its lines
        lines = company.table("orders").select(
            "order_id", transaction_id=pl.concat_str("order_id", pl.lit("/"), "line")
        )
        rows = rows.join(lines, on="order_id", how="inner")
    else:
        rows = rows.with_columns(transaction_id=pl.col(key))
    share = pl.col("share").round(SHARE.scale - 3).cast(SHARE)
    return rows.filter(pl.col("kind").fill_null("") != "overlay").select(
        "transaction_id", "rep_id", share=share
    )


def _receipts(company: Company, source: Source) -> pl.DataFrame:
    rows = company.table("payments")
    key = pl.col("opportunity_id") if source == "opportunities" else pl.col("order_id")
    found = rows.filter(key.is_not_null() & pl.col("amount").is_not_null())
    return found.select("date", "amount", "payment_id", transaction_id=key)
