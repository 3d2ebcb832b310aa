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
from spm_lib.incentives.chain.sharing_out import NEARLY, shared_out, whole_share
from spm_lib.incentives.plan.plan import CreditSection, Plan
from spm_lib.store import sha256_json

WHOLE_SHARE = 10**SHARE.scale
_GIVEN = ("row", "rep_id", "share", "quota_share", "level")
_OF_RULE = ("row", "rep_id", "share", "rule", "rule_version", "kind")
_OF_DEAL = ("transaction_id", "event", "date")
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
    parts += _rollups(plan, data, transactions, direct)
    bases = sorted({measure.base for measure in plan.measures})
    told = [
        _told(rule, shared_out(rule, part, transactions, bases, by_quota=_apart(plan, data)))
        for rule, part in parts
    ]
    ordered = _in_order(told, [rule.id for rule, _ in parts])
    of_deal = (transactions[c].gather(ordered["row"]) for c in _OF_DEAL)
    ordered = ordered.with_columns(of_deal)
    check_sellers(data.people, ordered)
    own = [c for c in ordered.columns if c.startswith(("pay.", "quota."))]
    return with_reversals(plan, data.cancellations, ordered.select(*_OF_RULE, *_OF_DEAL, *own))


def _in_order(told: list[pl.DataFrame], rules: list[str]) -> pl.DataFrame:
    """Return the credits of all rules by deal, and by the rule's id; each rule's are in order."""
    number = {rule: pl.lit(i, dtype=pl.UInt64) for i, rule in enumerate(sorted(rules))}
    place = pl.col("row").cast(pl.UInt64) * len(rules)
    parts = [
        part.with_columns(_place=place + number[rule])
        for part, rule in zip(told, rules, strict=True)
    ]
    return pl.concat(parts).sort("_place", maintain_order=True).drop("_place")


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


def _credited(rule: CreditSection, data: PayData, taken: pl.DataFrame) -> pl.DataFrame:
    """Return whom a rule credits: row, rep_id, share and quota_share of what it credits, level."""
    first = pl.lit(0, dtype=pl.UInt8)
    if rule.to == "splits":
        splits = data.splits.with_columns(
            share=pl.col("share").to_physical().cast(pl.Int64),
            quota_share=pl.coalesce("quota_share", "share").to_physical().cast(pl.Int64),
        )
        rows = taken.select("row", "transaction_id").join(
            splits, on="transaction_id", how="inner", maintain_order="left_right"
        )
        return rows.with_columns(level=first).select(_GIVEN)
    if rule.to == "house":
        taken = taken.head(0)
    column = {"owner": pl.col("rep_id"), "rep": pl.lit(rule.rep), "house": pl.col("rep_id")}
    to = column[rule.to] if rule.to in column else pl.col(str(rule.column))
    one = pl.lit(WHOLE_SHARE, dtype=pl.Int64)
    return taken.select("row", to.alias("rep_id"), share=one, quota_share=one, level=first)


def _rollups(
    plan: Plan,
    data: PayData,
    transactions: pl.DataFrame,
    direct: list[tuple[CreditSection, pl.DataFrame]],
) -> list[tuple[CreditSection, pl.DataFrame]]:
    """Return the managers' credit: of each deal once, however many of their people share it.

    Every level of managers is credited what its people sold; managers of one level share it.
    """
    rules = [rule for rule in plan.credits if rule.kind == "rollup"]
    if not rules:
        return []
    sellers = pl.concat([_of_sellers(rule, part) for rule, part in direct])
    return [(rule, _rolled_up(rule, data, transactions, sellers)) for rule in rules]


def _of_sellers(rule: CreditSection, part: pl.DataFrame) -> pl.DataFrame:
    whole = pl.lit(whole_share(rule), dtype=_WIDE)
    share = (pl.col("share").cast(_WIDE) * whole // WHOLE_SHARE).cast(pl.Int64)
    return part.select("row", "rep_id", share=share, seller="rep_id")


def _rolled_up(
    rule: CreditSection, data: PayData, transactions: pl.DataFrame, sellers: pl.DataFrame
) -> pl.DataFrame:
    taken = transactions.filter(matches(rule.where) & in_force(rule)).select("row", "date")
    level = sellers.join(taken, on="row", how="inner", maintain_order="left")
    above = []
    for number in range(rule.levels):
        level = _managers(data.hierarchy, level)
        of_level = pl.lit(number, dtype=pl.UInt8)
        above.append(level.select("row", "rep_id", "share", "seller", level=of_level))
    rows = pl.concat(above)
    if rule.levels > 2:  # of fewer levels only the seller can come again
        _check_round(rows, pl.struct("row", "rep_id", "seller").is_duplicated(), "rep_id")
    rows = rows.drop("seller")
    if rule.levels > 1 or rows["row"].n_unique() < rows.height:
        sold, one = pl.col("share").sum(), pl.lit(WHOLE_SHARE, dtype=pl.Int64)
        total = pl.when(sold < one - NEARLY).then(sold).otherwise(one)  # thirds are all of it
        first = pl.col("level").min()
        rows = rows.group_by("row", "rep_id", maintain_order=True).agg(share=total, level=first)
    return rows.with_columns(quota_share=pl.col("share")).select(_GIVEN).sort("row", "rep_id")


def _managers(hierarchy: pl.DataFrame, level: pl.DataFrame) -> pl.DataFrame:
    """Return the manager of each person on the day of the sale; nobody above: no row."""
    day = pl.col("date")
    since = pl.col("valid_from").is_null() | (pl.col("valid_from") <= day)
    until = pl.col("valid_to").is_null() | (day < pl.col("valid_to"))
    days = level.select("rep_id", "date").unique().join(hierarchy, on="rep_id", how="inner")
    days = days.filter(since & until).select("rep_id", "date", "manager_id")
    if days.n_unique(["rep_id", "date"]) < days.height:
        twice = days.filter(pl.struct("rep_id", "date").is_duplicated())
        people = twice["rep_id"].unique().sort()
        raise refused("Two managers on one day.", people, do="Close the earlier row's valid_to")
    rows = level.join(days, on=["rep_id", "date"], how="inner", maintain_order="left")
    _check_round(rows, pl.col("manager_id") == pl.col("seller"), "seller")
    return rows.select("row", "date", rep_id="manager_id", share="share", seller="seller")


def _check_round(rows: pl.DataFrame, again: pl.Expr, person: str) -> None:
    """Refuse people who come again above themselves."""
    round_ = rows.filter(again)
    if not round_.is_empty():
        people = round_[person].unique().sort()
        raise refused("People stand above themselves.", people, do="Correct their managers")


def _check_splits(data: PayData) -> None:
    outside = data.splits.filter((pl.col("share") < 0) | (pl.col("share") > 1))
    if not outside.is_empty():
        rows = outside.select("transaction_id", "rep_id", "share").iter_rows()
        found = (f"{t}, {rep} ({share.normalize()})" for t, rep, share in rows)
        do = "Write each share from 0 to 1"
        raise refused("Shares of split deals lie outside the deal.", found, do=do)
    total = pl.col("share").to_physical().cast(_WIDE).sum()
    sums = data.splits.group_by("transaction_id", maintain_order=True).agg(total=total)
    wrong = sums.filter((pl.col("total") - WHOLE_SHARE).abs() > NEARLY)
    if not wrong.is_empty():
        found = (
            f"{t} ({Decimal(n).scaleb(-SHARE.scale).normalize()})" for t, n in wrong.iter_rows()
        )
        do = "Make the shares of each deal add up to 1; give extra credit by an overlay rule"
        raise refused("Shares of split deals do not add up to 1.", found, do=do)
