"""The second table of the chain: who gets credit for which transaction, by which rule."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from spm_lib.incentives.chain.cancelling import with_reversals
from spm_lib.incentives.chain.columns import SHARE
from spm_lib.incentives.chain.data import PayData
from spm_lib.incentives.chain.matching import in_force, matches
from spm_lib.incentives.chain.people import check_sellers
from spm_lib.incentives.chain.refusing import refused
from spm_lib.incentives.chain.sharing_out import shared_out
from spm_lib.incentives.plan.plan import CreditSection, Plan
from spm_lib.store import sha256_json

WHOLE_SHARE = 10**SHARE.scale
_NEARLY = WHOLE_SHARE // 10**9
_GIVEN = ("row", "rep_id", "share", "quota_share", "whole", "quota_whole")
_WIDE = pl.Int128


def credit_table(plan: Plan, data: PayData, transactions: pl.DataFrame) -> pl.DataFrame:
    """Return one row per transaction, person and rule.

    Columns out: ``row``, ``transaction_id``, ``event``, ``date``, ``rep_id``, ``rule``,
    ``rule_version``, ``kind`` (direct, overlay, rollup, reversal), ``share`` (Decimal), and per
    base that a measure adds up ``pay.<base>`` and ``quota.<base>`` (Int64): what is paid on, and
    what counts for attainment. Parts of one transaction by one rule add up to it exactly (largest
    remainder); units and counts are credited whole to each.

    Raises
    ------
    PayError
        If a transaction matches no rule, its seller is not known on its day, or shares of a split
        lie outside 0 to 1 or do not add up to 1.
    """
    _check_splits(data)
    direct = _direct(plan, data, transactions)
    parts = [*direct, *_overlays(plan, data, transactions)]
    parts += _rollups(plan, data, transactions, pl.concat([p for _, p in direct]))
    bases = sorted({measure.base for measure in plan.measures})
    rules = [rule.id for rule, _ in parts]
    told = [_told(rule, part) for rule, part in parts if not part.is_empty() or len(rules) == 1]
    columns = ["row", "transaction_id", "event", "date", *bases]
    given = pl.concat(told or [_told(*parts[0])]).join(
        transactions.select(columns), on="row", how="left", maintain_order="left"
    )
    check_sellers(data.people, given)
    parted = shared_out(given, bases, by_quota=_apart(plan, data))
    ordered = parted.sort("row", "_rule", "_place").drop("_rule", "_place")
    return with_reversals(plan, data.cancellations, ordered)


def _apart(plan: Plan, data: PayData) -> bool:
    """Return whether quota credit and pay credit may differ."""
    by_rule = any(rule.quota_share is not None for rule in plan.credits)
    taken_back = plan.clawback is not None and plan.clawback.attainment
    return by_rule or taken_back or bool(data.splits["quota_share"].count())


def _told(rule: CreditSection, part: pl.DataFrame) -> pl.DataFrame:
    version = sha256_json(rule.model_dump(mode="json"))[:8]
    return part.with_columns(
        rule=pl.lit(rule.id, dtype=pl.Categorical),
        rule_version=pl.lit(version, dtype=pl.Categorical),
        kind=pl.lit(rule.kind, dtype=pl.Categorical),
        _rule=pl.lit(rule.id),
        _place=pl.int_range(pl.len(), dtype=pl.UInt32),
    )


def _direct(
    plan: Plan, data: PayData, transactions: pl.DataFrame
) -> list[tuple[CreditSection, pl.DataFrame]]:
    """Return the credit of the first direct rule that matches each transaction."""
    open_, parts = transactions, []
    for rule in plan.credits:
        if rule.kind != "direct":
            continue
        taken = open_.filter(matches(rule.where) & in_force(rule) & _reached(rule, data))
        parts.append((rule, _credited(rule, data, taken)))
        open_ = open_.join(taken.select("row"), on="row", how="anti", maintain_order="left")
    if not open_.is_empty():
        raise refused(
            f"{open_.height} transactions match no rule of credit, or name no seller.",
            open_["transaction_id"],
            do='Name their sellers, or add a rule for them: [[credits]] to = "house" pays nobody',
        )
    return parts


def _reached(rule: CreditSection, data: PayData) -> pl.Expr:
    """Return whether the one whom a rule credits is known for a transaction."""
    if rule.to == "owner":
        return pl.col("rep_id").is_not_null()
    if rule.to == "column":
        return pl.col(str(rule.column)).is_not_null()
    if rule.to == "splits":
        return pl.col("transaction_id").is_in(data.splits["transaction_id"].unique().implode())
    return pl.lit(value=True)


def _overlays(
    plan: Plan, data: PayData, transactions: pl.DataFrame
) -> list[tuple[CreditSection, pl.DataFrame]]:
    rules = [rule for rule in plan.credits if rule.kind == "overlay"]
    return [
        (
            rule,
            _credited(
                rule,
                data,
                transactions.filter(matches(rule.where) & in_force(rule) & _reached(rule, data)),
            ),
        )
        for rule in rules
    ]


def _minor(share: Decimal) -> int:
    return int(share * WHOLE_SHARE)


def _credited(rule: CreditSection, data: PayData, taken: pl.DataFrame) -> pl.DataFrame:
    whole = _minor(rule.share)
    quota_whole = whole if rule.quota_share is None else _minor(rule.quota_share)
    one = pl.lit(WHOLE_SHARE, dtype=_WIDE)
    if rule.to == "splits":
        splits = data.splits.with_columns(
            share=pl.col("share").to_physical().cast(_WIDE),
            quota_share=pl.coalesce("quota_share", "share").to_physical().cast(_WIDE),
        )
        rows = taken.select("row", "transaction_id").join(
            splits, on="transaction_id", how="inner", maintain_order="left_right"
        )
    elif rule.to == "house":
        rows = taken.head(0).select("row", "rep_id").with_columns(share=one, quota_share=one)
    else:
        column = {"owner": pl.col("rep_id"), "rep": pl.lit(rule.rep)}.get(rule.to)
        to = pl.col(str(rule.column)) if column is None else column
        rows = taken.select("row", to.alias("rep_id")).with_columns(share=one, quota_share=one)
    return rows.with_columns(
        whole=pl.lit(whole, dtype=_WIDE), quota_whole=pl.lit(quota_whole, dtype=_WIDE)
    ).select(_GIVEN)


def _rollups(
    plan: Plan, data: PayData, transactions: pl.DataFrame, direct: pl.DataFrame
) -> list[tuple[CreditSection, pl.DataFrame]]:
    """Return the managers' credit: of each deal once, however many of their people share it."""
    found = []
    for rule in plan.credits:
        if rule.kind != "rollup":
            continue
        taken = transactions.filter(matches(rule.where) & in_force(rule)).select("row", "date")
        level = direct.join(taken, on="row", how="inner", maintain_order="left").select(
            "row",
            "date",
            "rep_id",
            share=pl.col("share") * pl.col("whole") // WHOLE_SHARE,
            seller="rep_id",
        )
        above = []
        for _ in range(rule.levels):
            level = _managers(data.hierarchy, level)
            above.append(level)
        once = (
            pl.concat(above)
            .group_by("row", "rep_id", maintain_order=True)
            .agg(pl.col("share").sum().clip(upper_bound=WHOLE_SHARE).cast(_WIDE))
        )
        whole = _minor(rule.share)
        quota = whole if rule.quota_share is None else _minor(rule.quota_share)
        rows = once.with_columns(
            quota_share=pl.col("share"),
            whole=pl.lit(whole, dtype=_WIDE),
            quota_whole=pl.lit(quota, dtype=_WIDE),
        )
        found.append((rule, rows.select(_GIVEN).sort("row", "rep_id")))
    return found


def _managers(hierarchy: pl.DataFrame, level: pl.DataFrame) -> pl.DataFrame:
    """Return the manager of each person on the day of the sale; nobody above: no row."""
    day = pl.col("date")
    since = pl.col("valid_from").is_null() | (pl.col("valid_from") <= day)
    until = pl.col("valid_to").is_null() | (day < pl.col("valid_to"))
    rows = level.join(hierarchy, on="rep_id", how="inner", maintain_order="left_right")
    rows = rows.filter(since & until)
    twice = rows.filter(pl.struct("row", "rep_id").is_duplicated())
    if not twice.is_empty():
        people = twice["rep_id"].unique().sort()
        raise refused("Two managers on one day.", people, do="Close the earlier row's valid_to")
    round_ = rows.filter(pl.col("manager_id") == pl.col("seller"))
    if not round_.is_empty():
        people = round_["seller"].unique().sort()
        raise refused("People stand above themselves.", people, do="Correct their managers")
    return rows.select("row", "date", rep_id="manager_id", share="share", seller="seller")


def _check_splits(data: PayData) -> None:
    outside = data.splits.filter((pl.col("share") < 0) | (pl.col("share") > 1))
    if not outside.is_empty():
        rows = outside.select("transaction_id", "rep_id", "share").iter_rows()
        found = (f"{t}, {rep} ({share.normalize()})" for t, rep, share in rows)
        do = "Write each share from 0 to 1"
        raise refused("Shares of split deals lie outside the deal.", found, do=do)
    total = pl.col("share").to_physical().cast(_WIDE).sum()
    sums = data.splits.group_by("transaction_id", maintain_order=True).agg(total=total)
    wrong = sums.filter((pl.col("total") - WHOLE_SHARE).abs() > _NEARLY)
    if not wrong.is_empty():
        found = (
            f"{t} ({Decimal(n).scaleb(-SHARE.scale).normalize()})" for t, n in wrong.iter_rows()
        )
        do = "Make the shares of each deal add up to 1; give extra credit by an overlay rule"
        raise refused("Shares of split deals do not add up to 1.", found, do=do)
