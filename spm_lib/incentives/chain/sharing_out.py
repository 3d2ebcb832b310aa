"""Credit in whole minor units: the parts of a transaction add up to it exactly."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from spm_lib.incentives.chain.arithmetic import decimal_from, half_up
from spm_lib.incentives.chain.columns import SHARE
from spm_lib.incentives.chain.transactions import COUNTED

_ONE = 10**SHARE.scale
_WIDE = pl.Int128
_GROUP = ["row", "_rule"]


def shared_out(given: pl.DataFrame, bases: Sequence[str], *, by_quota: bool) -> pl.DataFrame:
    """Return credits with ``pay.<base>`` and, where they may differ, ``quota.<base>`` columns.

    A transaction's credit by one rule is its base x the rule's share, rounded half up; the people
    who share it get parts by largest remainder. Of a reversal each gets the same part, negative.
    """
    alone = given.filter(~pl.struct(_GROUP).is_duplicated())
    several = given.filter(pl.struct(_GROUP).is_duplicated())
    made = [
        _with_parts(frame, bases, many=many, by_quota=by_quota)
        for frame, many in ((alone, False), (several, True))
    ]
    whole = pl.concat(made) if several.height else made[0]
    share = decimal_from(pl.col("share") * pl.col("whole") // _ONE)
    return whole.with_columns(share=share).drop("quota_share", "whole", "quota_whole", *bases)


def _with_parts(
    frame: pl.DataFrame,
    bases: Sequence[str],
    *,
    many: bool,
    by_quota: bool,
) -> pl.DataFrame:
    for base in bases:
        for kind, share, whole in (
            ("pay", "share", "whole"),
            ("quota", "quota_share", "quota_whole"),
        ):
            if kind == "pay" or by_quota:
                frame = _part(frame, base, f"{kind}.{base}", share, whole, many=many)
    return frame


def _part(
    frame: pl.DataFrame, base: str, name: str, share: str, whole: str, *, many: bool
) -> pl.DataFrame:
    if base in COUNTED:
        return frame.with_columns(pl.col(base).alias(name))
    size = pl.col(base).abs().cast(_WIDE)
    if not many:
        exact = size * (pl.col(share) * pl.col(whole) // _ONE)
        part = half_up(exact, pl.lit(_ONE, dtype=_WIDE))
        return frame.with_columns((part * pl.col(base).sign()).cast(pl.Int64).alias(name))
    total = half_up(size * pl.col(whole), pl.lit(_ONE, dtype=_WIDE))
    of_all = pl.col(share).sum().over(_GROUP)
    frame = frame.with_columns(_total=total, _exact=total * pl.col(share), _all=of_all)
    frame = frame.with_columns(
        _floor=pl.col("_exact") // pl.col("_all"), _rest=pl.col("_exact") % pl.col("_all")
    )
    left = pl.col("_total") - pl.col("_floor").sum().over(_GROUP)
    rank = pl.col("_rest").rank("ordinal", descending=True).over(_GROUP)
    part = pl.col("_floor") + (rank <= left).cast(_WIDE)
    frame = frame.with_columns((part * pl.col(base).sign()).cast(pl.Int64).alias(name))
    return frame.drop("_total", "_exact", "_all", "_floor", "_rest")
