"""What goes with winning: behaviour of the first days, within and between people, leaks shut."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.core.statement import Statement
from spm_lib.metrics.associations import (
    FALSE_SHARE,
    Behaviour,
    apart_from_state,
    associations,
    held_out_gain,
)
from spm_lib.metrics.mix import mix_columns
from spm_lib.model import Company, Figure
from spm_lib.reps.closers.behaviours import DAYS, FirstDays, first_days

FEWEST_DEALS = 200
FEWEST_PEOPLE = 3
MOST_DEALS = 100_000  # the newest: more would only take longer
OLD = "older than the deals looked at"


@dataclass(frozen=True, eq=False)
class ClosingHabits:
    """What is associated with winning among deals still open after their first days.

    Attributes
    ----------
    table
        One row per test, in order of ``p``: ``behaviour``, ``term`` ("within": the same person,
        deals with it against deals without; "between": people who do it more against people who do
        it less), ``odds, low, high`` (odds ratio, 95 %; between: per standard deviation of people),
        ``p, q`` (after Benjamini and Hochberg, over all tests), ``done`` (share of deals),
        ``held_out`` (odds ratio in the last third by creation), ``kept`` (same side there),
        ``found``.
    tried
        How many tests were made.
    base
        Share won after the landmark.
    gain
        Log-loss per deal on the last third: model without behaviours minus model with them, both
        learned on the first two thirds; null where it could not be tried.
    """

    company: Company = field(repr=False)
    first: FirstDays = field(repr=False)
    table: pl.DataFrame
    deals: int
    people: int
    base: float
    gain: float | None
    controls: tuple[str, ...]

    @property
    def tried(self) -> int:
        """How many tests were made."""
        return self.table.height

    @property
    def false_share(self) -> float:
        """Which share of what is called found may be luck, at most."""
        return FALSE_SHARE

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What goes with winning, in words."""
        from spm_lib.reps.closers.words import closers_words

        return closers_words(self)

    def behaviour(self, name: str) -> Behaviour:
        """Return a behaviour by its name."""
        return next(b for b in self.first.behaviours if b.name == name)

    def figures(self) -> list[Figure]:
        """Return every number as a record of figures.json."""
        from spm_lib.reps.closers.figures import closers_figures

        return closers_figures(self)


def closing_habits(company: Company, *, days: int = DAYS) -> ClosingHabits:
    """Ask which behaviour of a deal's first days goes with winning it later.

    Raises
    ------
    DataError
        If fewer than 200 deals or three people can be looked at, or nothing they do is known.
    """
    first = _newest(first_days(company, days=days))
    frame = first.frame
    people = frame["rep_id"].n_unique()
    if not first.told:
        raise DataError(
            "Nothing that was done in a deal's first days is known, or it is done too seldom.",
            found=f"{len(first.behaviours)} behaviours, none of them often enough",
            do="Map activities with their opportunity_id",
        )
    if frame.height < FEWEST_DEALS or people < FEWEST_PEOPLE:
        raise DataError(
            "There are too few deals to say what goes with winning.",
            found=f"{frame.height} deals open after {days} days, {people} people",
            do=f"Take at least {FEWEST_DEALS} deals that have had their time",
        )
    deals = company.table("opportunities")
    given = [c.column for c in mix_columns(company, deals, wanted=None) if c.use == "mix"]
    frame = frame.join(
        deals.select("opportunity_id", *given), on="opportunity_id", maintain_order="left"
    )
    controls = ["stage_then", *given]
    judged = apart_from_state(frame, first.behaviours, controls=controls)
    first = replace(first, behaviours=judged)
    return ClosingHabits(
        company=company,
        first=first,
        table=associations(frame, first.told, controls=controls),
        deals=frame.height,
        people=people,
        base=float(frame["won"].mean() or 0.0),  # pyright: ignore[reportArgumentType]
        gain=held_out_gain(frame, first.told, controls=controls),
        controls=tuple(given),
    )


def _newest(first: FirstDays) -> FirstDays:
    """Leave out the oldest deals where there are more than tell anything new."""
    old = first.frame.height - MOST_DEALS
    if old <= 0:
        return first
    gone = first.frame.head(old).select("opportunity_id", reason=pl.lit(OLD))
    return replace(first, frame=first.frame.tail(MOST_DEALS), aside=pl.concat([first.aside, gone]))
