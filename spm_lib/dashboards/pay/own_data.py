"""One person's tables of pay, from that person's rows alone.

Whom a rule names beside the person (the other half of a split, a manager above) stands there as
nobody: known to the chain, and paid nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import polars as pl

from spm_lib.core.errors import PayError
from spm_lib.incentives import PayData, Plan, pay_data_of
from spm_lib.incentives.plan.pays import ContestPay, PoolPay
from spm_lib.model import Company

_NOBODY, _OWN, _REST = "nobody here", "the person", "everybody else"
_CUT = ("scores", "adjustments", "quotas", "payees")


@dataclass(frozen=True, eq=False)
class OwnTables:
    """A plan and tables that one person's pay is worked out from.

    Attributes
    ----------
    plan
        The plan without the rules that look at others.
    data
        The person's rows.
    left_out
        Names of the rules that look at others: pools and contests.
    """

    plan: Plan
    data: PayData = field(repr=False)
    left_out: tuple[str, ...]


def own_tables(plan: Plan, own: Company, rep: str, decided: dict[str, pl.DataFrame]) -> OwnTables:
    """Return what a person's pay is worked out from.

    Parameters
    ----------
    plan
        The plan as its file says.
    own
        The person's rows alone.
    decided
        What lies beside the plan, of everybody (see ``read_decided``); cut to the person here.

    Raises
    ------
    PayError
        If the person has won nothing yet, or the plan has no rule that a person's own rows tell.
    """
    rules = tuple(c for c in plan.components if not isinstance(c.pays, PoolPay | ContestPay))
    if not rules:
        raise PayError("Every rule of the plan looks at other people's results.")
    mine = pl.col("rep_id") == rep
    cut = {n: t.filter(mine) if n in _CUT else t for n, t in decided.items()}
    data = pay_data_of(own, "opportunities", **cut)
    ids = data.transactions["transaction_id"].unique().implode()
    of_own_deals = pl.col("transaction_id").is_in(ids)
    data = replace(
        data,
        cancellations=data.cancellations.filter(of_own_deals),
        splits=_splits(data.splits.filter(of_own_deals), rep),
    )
    role = next(iter(data.people["role"].drop_nulls().to_list()), _OWN)
    people = data.people.filter(mine).with_columns(role=pl.lit(role))
    roles = plan.plan.roles or (role,)
    made = plan.model_copy(
        update={"components": rules, "plan": plan.plan.model_copy(update={"roles": roles})}
    )
    others = sorted(set(_named(plan, data)) - {rep})
    data = replace(data, people=pl.concat([people, _nobodies(others, people)]))
    return OwnTables(made, data, tuple(c.name for c in plan.components if c not in rules))


def _splits(rows: pl.DataFrame, rep: str) -> pl.DataFrame:
    """Return the person's shares of own deals; what is missing to the whole goes to nobody."""
    mine = pl.col("rep_id") == rep
    shared = rows.group_by("transaction_id", maintain_order=True)
    rest = shared.agg(share=1 - pl.col("share").filter(mine).sum())
    rest = rest.filter(pl.col("share") > 0).with_columns(rep_id=pl.lit(_REST))
    return pl.concat([rows.filter(mine), _like(rest, rows)])


def _named(plan: Plan, data: PayData) -> Iterator[str]:
    """Yield the ids of all whom rules may credit: partners, managers, owners in a column."""
    yield from data.splits["rep_id"]
    yield from data.hierarchy["manager_id"]
    yield from data.transactions["rep_id"].drop_nulls()
    for rule in plan.credits:
        if rule.rep is not None:
            yield rule.rep
        if rule.column is not None and rule.column in data.transactions.columns:
            yield from data.transactions[rule.column].drop_nulls()


def _nobodies(ids: list[str], people: pl.DataFrame) -> pl.DataFrame:
    rows = pl.DataFrame({"rep_id": ids, "name": [""] * len(ids)}, schema={"rep_id": pl.String,
                        "name": pl.String})  # fmt: skip
    return _like(rows.with_columns(role=pl.lit(_NOBODY)), people)


def _like(rows: pl.DataFrame, pattern: pl.DataFrame) -> pl.DataFrame:
    """Return rows with the columns and types of another frame; what they lack is null."""
    return rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in pattern.schema.items()
    )
