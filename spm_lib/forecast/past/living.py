"""From the company's rows to lives: one code per deal, one row per stretch without change."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from spm_lib.forecast.past.lives import NEVER, Lives, Stretches

MOST_LEVELS = 15
RARE = 30
_STRETCH = ("deal", "since", "until", "rank", "entered")


def lives_of(deals: pl.DataFrame, states: pl.DataFrame, *, traits: Sequence[str]) -> Lives:
    """Return the lives of deals.

    Parameters
    ----------
    deals
        Good deals with ``deal, created, closed_day, outcome, rep, amount`` (see ``history``).
    states
        Stretches in open stages (``deal, since, until, rank, entered, amount, expected, pushes``);
        empty without a dated history.
    traits
        The columns of deals that are safe to learn from.
    """
    closed = deals["closed_day"].fill_null(NEVER).to_numpy()
    is_open = (deals["outcome"] == "open").to_numpy()
    won = (deals["outcome"] == "won").to_numpy()
    amount = deals["amount"].fill_null(0).to_numpy()
    return Lives(
        created=deals["created"].to_numpy().astype(np.int64, copy=False),
        closed=np.where(is_open, NEVER, closed).astype(np.int64, copy=False),
        won=won,
        rep=deals["rep"].to_numpy().astype(np.int64, copy=False),
        won_amount=np.where(won, amount, 0).astype(float),
        traits={name: _codes(deals[name]) for name in traits},
        stretches=_stretches(states) if states.height else _whole_lives(deals),
        staged=bool(states.height),
    )


def _codes(column: pl.Series) -> np.ndarray:
    """Return small codes in order of the names; -1 where nothing is told, the rare ones together.

    Names of fewer than 30 deals share the last code.
    """
    text = column.cast(pl.String)
    counts = text.drop_nulls().value_counts().rows()
    common = sorted((name for name, n in counts if n >= RARE), key=str)[:MOST_LEVELS]
    code = {name: i for i, name in enumerate(common)}
    codes = text.replace_strict(code, default=len(common), return_dtype=pl.Int64)
    return np.where(text.is_null().to_numpy(), -1, codes.to_numpy()).astype(np.int64, copy=False)


def _stretches(states: pl.DataFrame) -> Stretches:
    arrays = {name: states[name].to_numpy().astype(np.int64, copy=False) for name in _STRETCH}
    return Stretches(
        deal=arrays["deal"],
        since=arrays["since"],
        until=arrays["until"],
        stage=arrays["rank"],
        entered=arrays["entered"],
        amount=states["amount"].cast(pl.Float64).fill_null(np.nan).to_numpy(),
        expected=states["expected"].fill_null(NEVER).to_numpy().astype(np.int64, copy=False),
        pushes=states["pushes"].fill_null(0).to_numpy().astype(np.int64, copy=False),
    )


def _whole_lives(deals: pl.DataFrame) -> Stretches:
    """Return one stretch per deal of known creation: what else was known on past days is not."""
    known = deals.filter(pl.col("created") > -NEVER)
    count = known.height
    created = known["created"].to_numpy().astype(np.int64, copy=False)
    return Stretches(
        deal=known["deal"].to_numpy().astype(np.int64, copy=False),
        since=created,
        until=np.full(count, NEVER, dtype=np.int64),
        stage=np.zeros(count, dtype=np.int64),
        entered=created,
        amount=np.full(count, np.nan),
        expected=np.full(count, NEVER, dtype=np.int64),
        pushes=np.zeros(count, dtype=np.int64),
    )
