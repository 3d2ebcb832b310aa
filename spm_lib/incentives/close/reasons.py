"""Why a period pays something else than before: which deals, quotas or rules changed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import polars as pl

from spm_lib.incentives.chain.calculate import PayRun
from spm_lib.incentives.close.ledger_files import Kept, period_table

_SHOWN = 3
Reasons = dict[tuple[str, str | None], str]


@dataclass(frozen=True, eq=False)
class Picture:
    """One period as one run, or one kept version, tells it.

    ``elsewhere`` holds the credits of all other periods that are known: where a deal went.
    """

    payments: pl.DataFrame
    earnings: pl.DataFrame
    credits: pl.DataFrame
    elsewhere: pl.DataFrame | None = None

    @classmethod
    def of_run(cls, run: PayRun, period: str) -> Picture:
        """Return a period of a run."""
        tables = [period_table(run, name, period) for name in ("payments", "earnings", "credits")]
        return cls(*tables, elsewhere=run.credits)

    @classmethod
    def of_kept(cls, kept: Kept) -> Picture:
        """Return a kept version of a period."""
        return cls(kept.table("payments"), kept.table("earnings"), kept.table("credits"))


def reasons(then: Picture, now: Picture) -> Reasons:
    """Return why each person's pay by each rule changed, where it can be told."""
    found: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    by = ["rep_id", "component", "from"]
    joined = now.earnings.join(then.earnings, on=by, how="full", coalesce=True, suffix="_then")
    deals = _deals(then, now)
    for row in joined.sort(by).iter_rows(named=True):
        told = [words for column, words in _CHANGES if row[column] != row[f"{column}_then"]]
        if row["base"] != row["base_then"] or row["exact"] != row["exact_then"]:
            told += deals.get(row["rep_id"], [])
        found[row["rep_id"], row["component"]] += told
    return {key: "; ".join(dict.fromkeys(told)) for key, told in found.items() if told}


_CHANGES = (
    ("rule_version", "rule changed"),
    ("quota", "quota changed"),
    ("gate", "gate"),
    ("multiplier", "multiplier"),
    ("earned_before", "earlier periods changed"),
)


def _deals(then: Picture, now: Picture) -> dict[str, list[str]]:
    """Return what became of each person's deals: amount, share, date, owner; new or gone."""
    keys = ["transaction_id", "event", "rep_id", "_by"]
    joined = _by_rule(then.credits).join(
        _by_rule(now.credits), on=keys, how="full", coalesce=True, nulls_equal=True, suffix="_now"
    )
    told: dict[tuple[str, str], list[str]] = defaultdict(list)
    elsewhere = _owners(now.elsewhere) if now.elsewhere is not None else {}
    before = set(then.credits["transaction_id"])
    pays = [c for c in then.credits.columns if c.startswith("pay.")]
    for row in joined.sort(keys, nulls_last=True).iter_rows(named=True):
        words = _change(row, pays, elsewhere, before)
        if words:
            told[row["rep_id"], words].append(row["transaction_id"])
    found: dict[str, list[str]] = defaultdict(list)
    for (rep, words), deals in told.items():
        more = f" and {len(deals) - _SHOWN} more" if len(deals) > _SHOWN else ""
        found[rep].append(f"{words}: {', '.join(deals[:_SHOWN])}{more}")
    return found


def _by_rule(credits_: pl.DataFrame) -> pl.DataFrame:
    """Return credits with the rule that gave them; direct ones are one, whichever rule it was."""
    direct = pl.col("kind").cast(pl.String) == "direct"
    rule = pl.when(direct).then(pl.lit("")).otherwise(pl.col("rule").cast(pl.String))
    return credits_.with_columns(_by=rule)


def _owners(credits_: pl.DataFrame) -> dict[str, set[str]]:
    grouped = credits_.group_by("transaction_id").agg(pl.col("rep_id").unique())
    return {deal: set(reps) for deal, reps in grouped.iter_rows()}


def _change(
    row: dict[str, Any], pays: list[str], elsewhere: dict[str, set[str]], before: set[str]
) -> str | None:
    if row["date"] is None:
        return "owner changed" if row["transaction_id"] in before else "late deal"
    if row["date_now"] is None:
        owners = elsewhere.get(row["transaction_id"])
        if not owners:
            return "deal removed"
        return "date changed" if row["rep_id"] in owners else "owner changed"
    if row["share"] != row["share_now"]:
        return "split changed"
    if any(row[c] != row.get(f"{c}_now") for c in pays):
        return "amount changed"
    return None
