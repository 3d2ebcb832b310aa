"""What an approved target plan asks of a scope: the targets that hold, before those in the data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from spm_lib.core.statement import Statement
from spm_lib.targets.year_target import TargetBasis
from spm_lib.workspace import Scope

_PERIODS = {
    "period_start": pl.Date,
    "period_end": pl.Date,
    "metric": pl.String,
    "value": pl.Int64,
}


@dataclass(frozen=True, eq=False)
class ApprovedTargets:
    """Targets of approved plans, added up over the people of one scope: of nobody alone.

    Attributes
    ----------
    names
        Of the plans.
    on
        The day of the newest approval; null: there is none.
    periods
        ``period_start, period_end, metric, value``: people's targets added up; of the whole company
        its own target, before the over-assignment.
    changed
        Names of approved plans whose files are no longer as they were approved: they ask nothing.
    silent
        Whether the register did not answer.
    """

    names: tuple[str, ...]
    on: date | None
    periods: pl.DataFrame
    changed: tuple[str, ...] = ()
    silent: bool = False

    @classmethod
    def none(cls, *, changed: tuple[str, ...] = (), silent: bool = False) -> ApprovedTargets:
        """Return that nothing is approved, or nothing that could be read.

        Examples
        --------
        >>> ApprovedTargets.none().periods.is_empty()
        True
        """
        return cls((), None, pl.DataFrame(schema=_PERIODS), changed, silent)

    def to_json(self) -> str:
        """Return it as text; ``read`` takes it back."""
        rows = [(f"{a}", f"{b}", *more) for a, b, *more in self.periods.iter_rows()]
        on = self.on and self.on.isoformat()
        told = {"names": self.names, "on": on, "periods": rows}
        return json.dumps({**told, "changed": self.changed, "silent": self.silent})

    def told(self, basis: TargetBasis) -> Iterator[Statement]:
        """Return where a target comes from (``asked_target``), and what it does not rest on."""
        yield self._from(basis)
        if self.changed:
            yield Statement(
                "A plan is approved, but its file is no longer as it was approved, so it is left "
                "out: {plans}.",
                {"plans": ", ".join(self.changed)},
            )
        if self.silent:
            yield Statement("The register of approved plans did not answer.")

    def _from(self, basis: TargetBasis) -> Statement:
        if basis == "approved":
            return Statement(
                "The target comes from the approved plan {plans}, approved on {day}.",
                {"plans": ", ".join(self.names), "day": self.on},
            )
        if basis == "given":
            return Statement("The target comes from the targets in the data.")
        if basis == "last year":
            return Statement(
                "The target comes from last year's: the data has none for all of these months."
            )
        return Statement("The target is 110% of last year's bookings: the data has no targets.")

    @classmethod
    def read(cls, text: str) -> ApprovedTargets:
        """Return what ``to_json`` wrote.

        Examples
        --------
        >>> one = ApprovedTargets.none(changed=("Next",))
        >>> ApprovedTargets.read(one.to_json()).changed
        ('Next',)
        """
        told = json.loads(text)
        day = date.fromisoformat
        rows = [(day(first), day(last), *more) for first, last, *more in told["periods"]]
        return cls(
            tuple(told["names"]),
            told["on"] and day(told["on"]),
            pl.DataFrame(rows, schema=_PERIODS, orient="row"),
            tuple(told["changed"]),
            told["silent"],
        )


def asked_by(
    targets: pl.DataFrame, periods: pl.DataFrame, *, metric: str, scope: Scope
) -> pl.DataFrame:
    """Return what a share-out among the whole company asks of a scope.

    Parameters
    ----------
    targets, periods
        As ``TargetPlan`` has them.
    metric
        What the targets are of.
    scope
        Whose: of people, their targets added up by period; a scope of deals has none.

    Returns
    -------
    polars.DataFrame
        As ``ApprovedTargets.periods``.
    """
    if scope.part is not None:
        return pl.DataFrame(schema=_PERIODS)
    if scope.rep_ids is None:
        asked = periods.select("period_start", "period_end", value="target")
    else:
        own = targets.filter(pl.col("rep_id").is_in(sorted(scope.rep_ids)))
        asked = own.group_by("period_start", "period_end").agg(pl.col("value").sum())
    told = asked.with_columns(metric=pl.lit(metric)).sort("period_start")
    return told.select(pl.col(name).cast(kind) for name, kind in _PERIODS.items())
