"""Credit in whole minor units: the parts of a transaction add up to it exactly."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from spm_lib.incentives.chain.arithmetic import decimal_from, half_up
from spm_lib.incentives.chain.columns import SHARE
from spm_lib.incentives.chain.transactions import COUNTED
from spm_lib.incentives.plan.plan import CreditSection

_ONE = 10**SHARE.scale
NEARLY = _ONE // 10**9  # shares of a split add up to 1 but for so much
_WIDE = pl.Int128
_GROUP = ["row", "level"]


def whole_share(rule: CreditSection) -> int:
    """Return what a rule credits of a deal for pay, in units of the twelfth decimal."""
    return _minor(rule.share)


def _minor(share: Decimal) -> int:
    return int(share * _ONE)


def shared_out(
    rule: CreditSection,
    part: pl.DataFrame,
    transactions: pl.DataFrame,
    bases: Sequence[str],
    *,
    by_quota: bool,
) -> pl.DataFrame:
    """Return a rule's credits with ``pay.<base>`` and, where they may differ, ``quota.<base>``.

    A transaction's credit by one rule is its base x the rule's share, rounded half up; the people
    who share it get parts by largest remainder. Where managers of a level stand above a part of
    the deal only, they share that part. Of a reversal each gets the same part, negative.

    Parameters
    ----------
    part
        row, rep_id, share and quota_share of what the rule credits, and the level of managers.
    transactions
        Those of the plan, in the order of ``row``.
    """
    kinds = {"pay": ("share", whole_share(rule))}
    if by_quota:
        quota = rule.share if rule.quota_share is None else rule.quota_share
        kinds["quota"] = ("quota_share", _minor(quota))
    plainly = rule.to not in ("splits", "manager")
    several = pl.Series([False]) if plainly else part.select(_GROUP).is_duplicated()
    many = part.filter(several) if several.any() else part.head(0)
    alone = part.filter(~several) if several.any() else part
    columns = [
        (base, f"{kind}.{base}", share, whole)
        for base in bases
        for kind, (share, whole) in kinds.items()
    ]
    made = pl.concat([_alone(alone, transactions, columns), _shared(many, transactions, columns)])
    whole = pl.lit(kinds["pay"][1], dtype=_WIDE)
    share = decimal_from(pl.col("share").cast(_WIDE) * whole // _ONE)
    told = made.sort("row", maintain_order=True) if many.height else made
    return told.with_columns(share=share).drop("quota_share", "level")


Column = tuple[str, str, str, int]  # base, name of the credit, column of shares, the rule's share


def _alone(frame: pl.DataFrame, transactions: pl.DataFrame, columns: list[Column]) -> pl.DataFrame:
    """Return credits of deals that a rule credits to one person."""
    made = []
    for base, name, share, whole in columns:
        sold = transactions[base].gather(frame["row"])
        if base not in COUNTED and (whole != _ONE or (frame[share] != _ONE).any()):
            part = pl.col(share).cast(_WIDE) * pl.lit(whole, dtype=_WIDE) // _ONE
            exact = frame.select(part.alias("part"), sold=sold)
            one = pl.lit(_ONE, dtype=_WIDE)
            size = half_up(pl.col("sold").cast(_WIDE) * pl.col("part"), one)
            sold = exact.select(size.cast(pl.Int64)).to_series()
        made.append(sold.alias(name))
    return frame.with_columns(made)


def _shared(frame: pl.DataFrame, transactions: pl.DataFrame, columns: list[Column]) -> pl.DataFrame:
    """Return credits of deals that several people share by one rule."""
    for base, name, share, whole in columns:
        sold = transactions[base].gather(frame["row"]).alias("_base")
        if base in COUNTED:
            frame = frame.with_columns(sold.alias(name))
            continue
        part, one = pl.col(share).cast(_WIDE), pl.lit(_ONE, dtype=_WIDE)
        frame = frame.with_columns(sold, _all=part.sum().over(_GROUP))
        given = pl.when((pl.col("_all") - one).abs() <= NEARLY).then(one).otherwise("_all")
        of_deal = given * pl.lit(whole, dtype=_WIDE) // one
        total = half_up(pl.col("_base").abs().cast(_WIDE) * of_deal, one)
        frame = frame.with_columns(_total=total, _exact=total * part)
        frame = frame.with_columns(
            _floor=pl.col("_exact") // pl.col("_all"), _rest=pl.col("_exact") % pl.col("_all")
        )
        left = pl.col("_total") - pl.col("_floor").sum().over(_GROUP)
        rank = pl.col("_rest").rank("ordinal", descending=True).over(_GROUP)
        own = pl.col("_floor") + (rank <= left).cast(_WIDE)
        frame = frame.with_columns((own * pl.col("_base").sign()).cast(pl.Int64).alias(name))
    return frame.drop(c for c in frame.columns if c.startswith("_"))
