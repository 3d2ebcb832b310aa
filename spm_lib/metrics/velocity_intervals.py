"""How sure a sales velocity is: its interval, from what each deal adds to it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from spm_lib.metrics.counting import count_cells
from spm_lib.metrics.definition import Context
from spm_lib.metrics.dimensions import read_dimensions
from spm_lib.metrics.velocities import VELOCITY
from spm_lib.metrics.windows import WindowLike, read_window
from spm_lib.model import Company

Z = 1.959964
DEAL = "opportunity_id"
_RATIOS = (("_won", "_closed"), ("_won_amount", "_won_priced"), ("_cycled", "_cycle"))


def velocity_intervals(
    company: Company, by: str | Sequence[str], *, window: WindowLike = None
) -> pl.DataFrame:
    """Return the 95 % intervals of the sales velocity of groups of deals.

    Of its logarithm, by the delta method: the number of deals, how many are won, their amounts and
    their cycles vary from deal to deal, together. Source: Cramer (1946), Mathematical Methods of
    Statistics, 28.4.

    Columns out
    -----------
    by... : as ``measure`` takes them
    velocity_low, velocity_high : Int64, minor units per day; null where the velocity is, or is not
        above 0, or may be larger than any number told
    """
    names = [by] if isinstance(by, str) else list(by)
    known = read_window(window, company.calendar)
    columns = VELOCITY.columns(company)
    dimensions = read_dimensions([*names, DEAL], company=company, columns=columns, always=())
    cells = count_cells(VELOCITY, Context(company, known), dimensions).frame
    deals = cells.filter(pl.col("_reason").is_null())
    over = {name: pl.col(name).sum().over(names) for name in ("_rows", *VELOCITY.statistic.sums)}
    parts = [pl.col("_rows") / over["_rows"]]
    parts += [pl.col(up) / over[up] - pl.col(down) / over[down] for up, down in _RATIOS]
    added = deals.with_columns(_added=pl.sum_horizontal(parts))
    summed = added.group_by(names, maintain_order=True).agg(
        pl.col("_rows", *VELOCITY.statistic.sums).sum(), spread=(pl.col("_added") ** 2).sum().sqrt()
    )
    value = pl.col("_rows").cast(pl.Float64)
    for up, down in _RATIOS:
        value *= pl.col(up) / pl.col(down)
    least = pl.min_horizontal("_rows", "_closed", "_won_amount", "_won_priced", "_cycle")
    told = pl.when(least > 0).then(value)
    ends = [(told * (z * pl.col("spread")).exp()).round() for z in (-Z, Z)]
    low, high = (end.cast(pl.Int64, strict=False) for end in ends)
    return summed.select(
        *names, velocity_low=pl.when(high.is_not_null()).then(low), velocity_high=high
    )
