"""Two plans on the same deals: who gains, who loses, what each costs, and inversions by name."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from spm_lib.incentives.chain.arithmetic import ratio_of
from spm_lib.incentives.chain.calculate import PayRun
from spm_lib.incentives.chain.data import PayData
from spm_lib.incentives.lint.checked import calculate
from spm_lib.incentives.plan.plan import Plan


@dataclass(frozen=True, eq=False)
class PlanComparison:
    """What two plans pay for the same deals.

    Attributes
    ----------
    people
        rep_id, name, old, new, change (Int64 minor units), change_rate (Decimal, null where old
        is 0); the largest loss first.
    old_cost, new_cost
        All that is paid, in minor units.
    winners, losers
        How many people gain, and how many lose.
    """

    people: pl.DataFrame = field(repr=False)
    old_cost: int
    new_cost: int
    winners: int
    losers: int


def compare_plans(old: Plan, new: Plan, data: PayData, *, through: str) -> PlanComparison:
    """Replay two plans on the same deals.

    Raises
    ------
    PlanError, PayError
        If one of them does not run.
    """
    before = calculate(old, data, through=through)
    after = calculate(new, data, through=through)
    return compare_runs(before, after)


def compare_runs(before: PayRun, after: PayRun) -> PlanComparison:
    """Compare what two runs over the same people and deals pay."""
    names = after.people.select("rep_id", "name").unique("rep_id", maintain_order=True)
    people = names.join(_paid(before, "old"), on="rep_id", how="left")
    people = people.join(_paid(after, "new"), on="rep_id", how="left")
    people = people.with_columns(pl.col("old", "new").fill_null(0))
    people = people.with_columns(change=pl.col("new") - pl.col("old"))
    rates = [ratio_of(change, old_) for old_, change in people.select("old", "change").iter_rows()]
    people = people.with_columns(pl.Series("change_rate", rates, dtype=pl.Decimal(38, 10)))
    return PlanComparison(
        people=people.sort("change", "rep_id"),
        old_cost=int(people["old"].sum()),
        new_cost=int(people["new"].sum()),
        winners=int((people["change"] > 0).sum()),
        losers=int((people["change"] < 0).sum()),
    )


def _paid(run: PayRun, name: str) -> pl.DataFrame:
    return run.payments.group_by("rep_id").agg(pl.col("amount").sum().alias(name))


def inversions(run: PayRun, component: str) -> pl.DataFrame:
    """Return pairs of people of whom the one who reached more of quota was paid less.

    Columns out: period, higher and lower (rep_id), higher_attainment, lower_attainment (Decimal),
    higher_pay, lower_pay (Int64 minor units, of the whole payment). People without a quota are
    not looked at.
    """
    reached = run.earnings.filter(
        (pl.col("component") == component) & pl.col("attainment").is_not_null()
    ).select("rep_id", "period", "attainment")
    told = reached.join(run.totals.select("rep_id", "period", "amount"), on=["rep_id", "period"],
                        how="left").with_columns(pl.col("amount").fill_null(0))  # fmt: skip
    pairs = told.join(told, on="period", suffix="_lower").filter(
        (pl.col("attainment") > pl.col("attainment_lower"))
        & (pl.col("amount") < pl.col("amount_lower"))
    )
    return pairs.select(
        "period",
        higher="rep_id",
        lower="rep_id_lower",
        higher_attainment="attainment",
        lower_attainment="attainment_lower",
        higher_pay="amount",
        lower_pay="amount_lower",
    ).sort("period", "higher", "lower")
