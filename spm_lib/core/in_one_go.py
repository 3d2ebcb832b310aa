"""Small plans, each collected in one go."""

from __future__ import annotations

import polars as pl


def in_one_go(plan: pl.LazyFrame, *, optimized: bool = False) -> pl.DataFrame:
    """Collect a plan over few rows in memory, all of it on one visit to polars' threads.

    Collected by itself, each of its sorts, joins and groups goes to these threads and comes back,
    which takes longer than the work. So does it to look for a better plan, unless the plan reads
    wide frames of which it needs few columns.

    Examples
    --------
    >>> in_one_go(pl.LazyFrame({"a": [2, 1]}).sort("a").filter(pl.col("a") > 1)).rows()
    [(2,)]
    """
    flags = pl.QueryOptFlags() if optimized else pl.QueryOptFlags.none()
    return pl.collect_all([plan], engine="in-memory", optimizations=flags)[0]
