"""A company of any size as canonical Parquet files, the same input for every contender."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.span import DAYS, FIRST_DAY, LAST_DAY, STAGES

SEGMENTS = ("SMB", "Mid", "Enterprise")
REASONS = ("price", "timing", "competitor", "no budget", "no decision", None)
REPS = 500
DEALS_PER_ACCOUNT = 4
PART = 2_000_000


def write_company(folder: Path, *, opportunities: int, seed: int = 7) -> None:
    """Write opportunities, stints and activities of one company as Parquet.

    One row per opportunity, 1-4 stage visits each, three activities per opportunity on average,
    four opportunities per account, which has one owner and one segment. Amounts are integer minor
    units; days are epoch days, none later than ``LAST_DAY``; open deals have a null close; a sixth
    of the lost ones has no reason. A company of more than ``PART`` deals is made part by part, so
    that memory holds one: each table is then a folder of files, under the same name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    firsts = range(0, opportunities, PART)
    for first in firsts:
        tables = _tables(seed + first // PART, min(PART, opportunities - first), first=first)
        for name, frame in tables.items():
            place = folder / f"{name}.parquet"
            if len(firsts) > 1:
                place.mkdir(exist_ok=True)
                place /= f"{first // PART:03}.parquet"
            frame.write_parquet(place)


def _tables(seed: int, n: int, *, first: int) -> dict[str, pl.DataFrame]:
    rng = np.random.default_rng(seed)
    deals = _opportunities(rng, n, first=first)
    return {
        "opportunities": deals,
        "stints": _stints(rng, deals),
        "activities": _activities(rng, deals),
    }


def _opportunities(rng: np.random.Generator, n: int, *, first: int) -> pl.DataFrame:
    created = FIRST_DAY + rng.integers(0, DAYS, n)
    length = np.maximum(1, rng.gamma(2.0, 35.0, n)).astype(np.int64)
    closed = created + length
    is_open = closed > LAST_DAY
    won = rng.random(n) < 0.28
    reached = rng.integers(0, len(STAGES), n)
    reached = np.where(won & ~is_open, len(STAGES) - 1, reached)
    account = (
        pl.Series(rng.integers(0, max(1, n // DEALS_PER_ACCOUNT), n)) + first // DEALS_PER_ACCOUNT
    )
    reason = pl.Series(rng.integers(0, len(REASONS), n))
    deals = pl.DataFrame(
        {
            "opportunity_id": np.arange(first, first + n),
            "outcome": np.where(is_open, "open", np.where(won, "won", "lost")),
            "amount": (rng.lognormal(9.5, 0.9, n) * 100).astype(np.int64),
            "created_day": created,
            "closed_day": pl.Series(closed).set(pl.Series(is_open), None),
            "reached": reached,
        }
    )
    lost = pl.col("outcome") == "lost"
    return deals.with_columns(
        opportunity_id=pl.format("O{}", "opportunity_id"),
        account_id=pl.select(pl.format("A{}", account)).to_series(),
        rep_id=pl.select(pl.format("R{}", account % REPS)).to_series(),
        segment=pl.Series(SEGMENTS).gather(account % len(SEGMENTS)),
        lost_reason=pl.when(lost).then(pl.Series(REASONS).gather(reason)),
    )


def _stints(rng: np.random.Generator, deals: pl.DataFrame) -> pl.DataFrame:
    n = deals.height
    created = deals["created_day"].to_numpy()
    end = deals["closed_day"].fill_null(LAST_DAY + 1).to_numpy()
    reached = deals["reached"].to_numpy()
    cuts = np.sort(rng.random((n, len(STAGES) - 1)), axis=1)
    parts = []
    for rank, stage in enumerate(STAGES):
        here = reached >= rank
        low = cuts[:, rank - 1] if rank else np.zeros(n)
        high = np.where(reached == rank, 1.0, cuts[:, rank] if rank < len(STAGES) - 1 else 1.0)
        span = (end - created).astype(float)
        entered, left = (
            created + (low * span).astype(np.int64),
            created + (high * span).astype(np.int64),
        )
        still = (reached == rank) & (deals["outcome"].to_numpy() == "open")
        parts.append(
            deals.select("opportunity_id", "rep_id", "amount", "outcome")
            .with_columns(
                pl.lit(stage).alias("stage"),
                pl.lit(rank, pl.Int64).alias("stage_rank"),
                pl.Series("entered_day", entered),
                pl.Series("left_day", left).set(pl.Series(still), None),
                pl.Series("is_last", reached == rank),
            )
            .filter(pl.Series(here))
        )
    return pl.concat(parts)


def _activities(rng: np.random.Generator, deals: pl.DataFrame) -> pl.DataFrame:
    n = 3 * deals.height
    pick = rng.integers(0, deals.height, n)
    happened = deals["created_day"].to_numpy()[pick] + rng.integers(0, 60, n)
    return pl.DataFrame(
        {
            "rep_id": deals["rep_id"].gather(pick),
            "opportunity_id": deals["opportunity_id"].gather(pick),
            "kind": np.array(["call", "meeting", "proposal"])[rng.choice(3, n, p=[0.7, 0.2, 0.1])],
            "happened_day": np.minimum(happened, LAST_DAY),
        }
    )
