"""The open deals that decide the quarter: largest by what they are expected to bring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from spm_lib.forecast.history import History
from spm_lib.forecast.horizon import Horizon
from spm_lib.forecast.methods import METHODS
from spm_lib.model import Company

WORTH_TELLING = 0.02
COLUMNS = (
    "opportunity_id",
    "rep_id",
    "account_id",
    "stage",
    "amount",
    "expected_close",
    "created_on",
)


@dataclass(frozen=True)
class TopDeals:
    """The deals that weigh most, together.

    ``expected`` is their expected value (minor units), ``share`` its share of what all open deals
    should bring in the quarter; where ``known`` is False no chances are known, and both speak of
    amounts and of the value of all open deals.
    """

    deals: int
    expected: int
    share: float
    known: bool


def top_deals(deciding: pl.DataFrame, *, coming: int | None, value: int) -> TopDeals | None:
    """Return the deciding deals together; None with fewer than two, or under 2 % of the whole.

    ``coming`` is the mean that open deals should bring in the quarter, ``value`` the value of all
    open deals (minor units).
    """
    known = deciding["chance"].null_count() == 0
    whole, expected = (coming if known else value), int(deciding["expected"].sum())
    if deciding.height < 2 or not whole or expected < whole * WORTH_TELLING:
        return None
    return TopDeals(deciding.height, expected, expected / whole, known)


def deal_chances(history: History, horizon: Horizon, *, method: str) -> np.ndarray | None:
    """Return P(won within the horizon) per open deal, from the method or else from conversion.

    None where no method that the data allows knows single deals.
    """
    for name in (method, "snapshot_conversion"):
        candidate = next((m for m in METHODS if m.id == name), None)
        if candidate is None or candidate.naive or candidate.lacks(history, horizon):
            continue
        chances = candidate.fit(history).chances(horizon)
        if chances is not None:
            return chances
    return None


def deciding_deals(
    company: Company, history: History, *, chances: np.ndarray | None, most: int = 10
) -> pl.DataFrame:
    """Return the open deals with the largest expected value, largest first.

    Columns out: ``opportunity_id, rep_id, account_id, stage, amount`` (Int64 minor units),
    ``expected_close, created_on`` (Date), ``chance`` (Float64: share of like deals won within the
    horizon; null where no method knows), ``expected`` (Int64: amount x chance, the amount where
    chance is null), ``share`` (of the value of all open deals). Deals without an amount are left
    out.
    """
    open_ = history.open
    chance = np.full(len(open_.deal), np.nan) if chances is None else np.clip(chances, 0, 1)
    worth = open_.amount * np.where(np.isnan(chance), 1.0, chance)
    frame = pl.DataFrame(
        {
            "opportunity_id": [history.deal_ids[i] for i in open_.deal],
            "chance": chance,
            "expected": np.rint(worth).astype(np.int64),
            "_priced": open_.priced,
        },
        schema={
            "opportunity_id": pl.String,
            "chance": pl.Float64,
            "expected": pl.Int64,
            "_priced": pl.Boolean,
        },
    ).filter("_priced")
    deals = company.table("opportunities").select(COLUMNS)
    whole = frame.join(deals, on="opportunity_id", how="left")
    return (
        whole.with_columns(
            pl.col("chance").fill_nan(None), share=pl.col("amount") / pl.col("amount").sum()
        )
        .sort("expected", "opportunity_id", descending=[True, False])
        .head(most)
        .select(*COLUMNS, "chance", "expected", "share")
    )
