"""What an approved target plan asks of a scope: the targets that hold, before those in the data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from spm_lib.core.statement import Statement
from spm_lib.targets.year_target import YearTarget
from spm_lib.workspace import Scope

_PERIODS = {
    "period_start": pl.Date,
    "period_end": pl.Date,
    "metric": pl.String,
    "value": pl.Int64,
    "plan": pl.String,
    "approved_on": pl.Date,
}


@dataclass(frozen=True, eq=False)
class ApprovedTargets:
    """Targets of approved plans, added up over the people of one scope: of nobody alone.

    Attributes
    ----------
    periods
        ``period_start, period_end, metric, value, plan, approved_on``: people's targets added up;
        of the whole company its own target, before the over-assignment.
    changed
        Names of approved plans whose files are no longer as they were approved: they ask nothing.
    unfit
        Names of approved plans that cannot be met by the data as it is now: they ask nothing.
    silent
        Whether the register did not answer.
    """

    periods: pl.DataFrame
    changed: tuple[str, ...] = ()
    unfit: tuple[str, ...] = ()
    silent: bool = False

    @classmethod
    def none(cls, *, silent: bool = False) -> ApprovedTargets:
        """Return that nothing is approved, or nothing that could be read.

        Examples
        --------
        >>> ApprovedTargets.none().periods.is_empty()
        True
        """
        return cls(pl.DataFrame(schema=_PERIODS), silent=silent)

    def known_on(self, day: date) -> ApprovedTargets:
        """Return it without what was approved after a day."""
        return replace(self, periods=self.periods.filter(pl.col("approved_on") <= day))

    def to_json(self) -> str:
        """Return it as text; ``read`` takes it back."""
        rows = self.periods.with_columns(pl.col(pl.Date).cast(pl.String)).rows()
        told = {"periods": rows, "changed": self.changed, "unfit": self.unfit}
        return json.dumps({**told, "silent": self.silent})

    def told(self, asked: YearTarget) -> Iterator[Statement]:
        """Return where a target comes from (``asked_target``), and what it does not rest on."""
        yield self._from(asked)
        if self.changed:
            yield Statement(
                "A plan is approved, but its file is no longer as it was approved, so it is left "
                "out: {plans}.",
                {"plans": ", ".join(self.changed)},
            )
        if self.unfit:
            yield Statement(
                "A plan is approved, but no longer fits the data, so it is left out: {plans}.",
                {"plans": ", ".join(self.unfit)},
            )
        if self.silent:
            yield Statement("The register of approved plans did not answer.")

    def _from(self, asked: YearTarget) -> Statement:
        if asked.basis == "approved":
            coming = asked.coming
            inside = (pl.col("period_start") < coming.end) & (pl.col("period_end") > coming.start)
            held = self.periods.filter(inside)
            names = held["plan"].unique(maintain_order=True)
            return Statement(
                "The target comes from the approved plan {plans}, approved on {day}.",
                {"plans": ", ".join(names), "day": held["approved_on"].max()},
            )
        if asked.basis == "given":
            return Statement("The target comes from the targets in the data.")
        if asked.basis == "last year":
            return Statement(
                "The target comes from last year's: the data has none for all of these months."
            )
        return Statement("The target is 110% of last year's bookings: the data has no targets.")

    @classmethod
    def read(cls, text: str) -> ApprovedTargets:
        """Return what ``to_json`` wrote.

        Examples
        --------
        >>> one = ApprovedTargets.none(silent=True)
        >>> ApprovedTargets.read(one.to_json()).silent
        True
        """
        told = json.loads(text)
        days = {name: pl.String for name, kind in _PERIODS.items() if kind == pl.Date}
        frame = pl.DataFrame(told["periods"], schema={**_PERIODS, **days}, orient="row")
        return cls(
            frame.with_columns(pl.col(*days).str.to_date()),
            tuple(told["changed"]),
            tuple(told["unfit"]),
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
        Whose: of people, their targets added up by period, 0 in one in which none of them is there;
        a scope of deals, and people who have none at all, have no rows.

    Returns
    -------
    polars.DataFrame
        As the first columns of ``ApprovedTargets.periods``.
    """
    kinds = dict(list(_PERIODS.items())[:4])
    if scope.part is not None:
        return pl.DataFrame(schema=kinds)
    if scope.rep_ids is None:
        asked = periods.select("period_start", "period_end", value="target")
    else:
        own = targets.filter(pl.col("rep_id").is_in(sorted(scope.rep_ids)))
        days = ["period_start", "period_end"]
        sums = own.group_by(days).agg(pl.col("value").sum())
        every = periods.select(days) if sums.height else sums.select(days)
        asked = every.join(sums, on=days, how="left").fill_null(0)
    told = asked.with_columns(metric=pl.lit(metric)).sort("period_start")
    return told.select(pl.col(name).cast(kind) for name, kind in kinds.items())
