"""Two plans on the same futures: who gains, who loses, and how surely."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import polars as pl

from spm_lib.core.errors import PayError
from spm_lib.incentives.chain.arithmetic import decimal_of
from spm_lib.incentives.modelling.pay_model import PayModel, means, quantiles, standard_error

_CLEAR = 2  # standard errors from which on a difference is one
_WHOLE = pl.Int64
PEOPLE = {
    "rep_id": pl.String,
    "name": pl.String,
    **dict.fromkeys(("old", "new", "change", "change_p10", "change_p90", "error"), _WHOLE),
    "better": pl.Decimal(38, 10),
    "side": pl.String,
}


@dataclass(frozen=True, eq=False)
class ModelComparison:
    """What two plans pay on the same futures, person by person.

    Attributes
    ----------
    old, new
        The two models.
    people
        rep_id, name; ``old``, ``new`` (mean pay) and ``change``, of which columns add up to the
        company's; ``change_p10``, ``change_p90``, ``error`` (standard error of the mean change),
        ``better`` (share of futures in which the new plan pays more), ``side`` (winner, loser;
        null where the mean change is under two standard errors). The largest loss first. A person
        whom one plan does not pay has 0 there.
    """

    old: PayModel = field(repr=False)
    new: PayModel = field(repr=False)
    people: pl.DataFrame = field(repr=False)

    @property
    def winners(self) -> pl.DataFrame:
        """Those who clearly gain, the most first."""
        winners = self.people.filter(pl.col("side") == "winner")
        return winners.sort("change", "rep_id", descending=[True, False])

    @property
    def losers(self) -> pl.DataFrame:
        """Those who clearly lose, the most first."""
        return self.people.filter(pl.col("side") == "loser")

    @property
    def company(self) -> pl.DataFrame:
        """Two rows: ``plan`` (its id) and the columns of ``PayModel.company``."""
        rows = [
            model.company.select(pl.lit(model.plan).alias("plan"), pl.all())
            for model in (self.old, self.new)
        ]
        return pl.concat(rows)


def compare_models(old: PayModel, new: PayModel) -> ModelComparison:
    """Set two models of the same futures beside each other, future by future.

    Raises
    ------
    PayError
        If they are of other futures, days or currencies.
    """
    first, other = ((m.futures, m.start, m.end, m.currency) for m in (old, new))
    if first != other:
        raise PayError(
            "Only models of the same futures can be compared.",
            found=f"{first} and {other}",
            do="Model both plans on the same draws and days",
        )
    reps = sorted({*old.reps, *new.reps})
    names = dict(zip(old.reps + new.reps, old.names + new.names, strict=True))
    before, after = (np.stack([m.pay_of(rep) for rep in reps]) for m in (old, new))
    changes, whole = after - before, list(zip(means(before), means(after), strict=True))
    rows = []
    for rep, change, (pays, paid) in zip(reps, changes, whole, strict=True):
        low, _, high = quantiles(change)
        error, more = standard_error(change), Fraction(int((change > 0).sum()), old.futures)
        moved = paid - pays
        side = None if abs(moved) <= _CLEAR * error else ("winner" if moved > 0 else "loser")
        row = (rep, names[rep], pays, paid, moved, low, high, error, decimal_of(more), side)
        rows.append(row)
    people = pl.DataFrame(rows, schema=PEOPLE, orient="row")
    return ModelComparison(old, new, people.sort("change", "rep_id"))
