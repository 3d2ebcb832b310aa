"""Which transactions a rule is about: its days, and the values of columns that it names."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from spm_lib.incentives.plan.section import Dated


def matches(where: Mapping[str, str | tuple[str, ...]]) -> pl.Expr:
    """Return whether a transaction has the values asked for; all of them.

    A null value matches nothing.
    """
    tests = [pl.col("transaction_id").is_not_null()]
    tests += [
        pl.col(column).cast(pl.String).is_in([wanted] if isinstance(wanted, str) else list(wanted))
        for column, wanted in where.items()
    ]
    return pl.all_horizontal(tests).fill_null(value=False)


def in_force(dated: Dated) -> pl.Expr:
    """Return whether a transaction's day lies in a rule's days."""
    test = pl.lit(value=True)
    if dated.valid_from is not None:
        test = test & (pl.col("date") >= dated.valid_from)
    if dated.valid_to is not None:
        test = test & (pl.col("date") < dated.valid_to)
    return test
