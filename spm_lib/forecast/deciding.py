"""The open deals that decide the quarter: largest by what they are expected to bring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from spm_lib.forecast.horizon import Horizon
from spm_lib.forecast.methods.offered import METHODS
from spm_lib.forecast.past.history import NEVER, History
from spm_lib.model import Company

WORTH_TELLING = 0.02
PLANNED = 0.5  # share of open deals with a planned close, from which on plans are looked at
CHANCES = ("hybrid", "snapshot_conversion")  # methods asked for chances, the better one first
COLUMNS = ("opportunity_id", "rep_id", "account_id", "stage", "expected_close", "created_on")


@dataclass(frozen=True)
class TopDeals:
    """The deals that weigh most, together.

    ``expected`` is their expected value (minor units), ``share`` its share of what all open deals
    should bring in the quarter; where ``known`` is False no chances are known, and both speak of
    amounts and of the value of all open deals due by the end of the quarter.
    """

    deals: int
    expected: int
    share: float
    known: bool


def top_deals(deciding: pl.DataFrame, *, coming: int | None, due: int | None) -> TopDeals | None:
    """Return the deciding deals together; None with fewer than two, or under 2 % of the whole.

    ``coming`` is the mean that open deals should bring in the quarter (null: not told apart),
    ``due`` the value of all open deals due by its end (minor units; null: nobody knows when deals
    are due). Deals of unknown chance are told only if they are due, and if anything at all is
    expected of open deals.
    """
    known = deciding["chance"].null_count() == 0
    whole = coming if known else due if coming is None or coming > 0 else None
    value = int(deciding["expected" if known else "amount"].sum())
    if deciding.height < 2 or not whole or value < whole * WORTH_TELLING:
        return None
    return TopDeals(deciding.height, value, value / whole, known)


def plans_known(history: History) -> bool:
    """Say whether at least half of the open deals have a planned close."""
    planned = history.open.expected != NEVER
    return bool(planned.size) and float(planned.mean()) >= PLANNED


def value_due(history: History, *, until: int) -> int | None:
    """Return the value of the open deals whose planned close is before the epoch day ``until``.

    None where most open deals have no planned close.
    """
    open_ = history.open
    if not plans_known(history):
        return None
    due = open_.priced & (open_.expected < until)
    return round(float(open_.amount[due].sum()))


def deal_chances(history: History, horizon: Horizon, *, method: str) -> np.ndarray | None:
    """Return P(won within the horizon) per open deal: from the method, or a hazard, or conversion.

    None where no method that the data allows knows single deals, and without a dated history of
    stages: the age of a deal alone tells too little of it.
    """
    if not history.stages:
        return None
    for name in (method, *CHANCES):
        candidate = next((m for m in METHODS if m.id == name), None)
        if candidate is None or candidate.naive or candidate.lacks(history, horizon):
            continue
        chances = candidate.fit(history).chances(horizon)
        if chances is not None:
            return chances
    return None


def deciding_deals(
    company: Company,
    history: History,
    *,
    chances: np.ndarray | None,
    until: int,
    most: int = 10,
) -> pl.DataFrame:
    """Return the open deals that weigh most in the quarter, largest first.

    Where the chances of single deals are known these are the deals with the largest expected
    value. Else they are the largest of those whose planned close is before the epoch day ``until``;
    where most deals have no planned close, the largest of all.

    Columns out: ``opportunity_id, rep_id, account_id, stage``, ``expected_close, created_on``
    (Date), ``amount`` (Int64 minor units, the last one known), ``chance`` (Float64: share of like
    deals won within the horizon; null where no method knows), ``expected`` (Int64: amount x chance;
    null where chance is), ``share`` (of the value of all open deals). Deals of which no amount is
    known are left out.
    """
    open_ = history.open
    amount = np.rint(open_.amount).astype(np.int64)
    known = chances is not None
    chance = np.clip(chances, 0, 1) if chances is not None else np.full(len(amount), np.nan)
    frame = pl.DataFrame(
        {
            "opportunity_id": pl.Series([history.deal_ids[i] for i in open_.deal], dtype=pl.String),
            "amount": amount,
            "chance": chance,
            "expected": np.rint(open_.amount * np.nan_to_num(chance)).astype(np.int64),
            "_due": open_.expected < until,
            "_priced": open_.priced,
        }
    ).filter("_priced")
    shares = frame.with_columns(
        pl.col("chance").fill_nan(None),
        expected=pl.when(pl.lit(known)).then("expected"),
        share=pl.col("amount") / pl.col("amount").sum(),
    )
    if not known and plans_known(history):
        shares = shares.filter("_due")
    order = ["expected" if known else "amount", "opportunity_id"]
    largest = shares.sort(order, descending=[True, False]).head(most)
    deals = company.table("opportunities").select(COLUMNS)
    return largest.join(deals, on="opportunity_id", how="left", maintain_order="left").select(
        *COLUMNS, "amount", "chance", "expected", "share"
    )
