"""What a person was given and did not choose: the mix of deals, and how long on board."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.metrics.mix import MixColumn, mix_columns
from spm_lib.model import Company
from spm_lib.reps.comparison.closed_deals import EPOCH, closed_deals

Ints = np.ndarray
RAMP_EDGES = (60, 120, 180)  # days on board
FEWEST_OF_ROLE = 6


@dataclass(frozen=True, eq=False)
class Given:
    """The people compared, the window, and what is allowed for.

    ``reps``: sorted ids; ``left_out``: people of another role (``rep_id, role``); ``role``: the
    role compared, null where roles are not told.
    """

    company: Company
    window: Window
    reps: tuple[str, ...]
    role: str | None
    left_out: pl.DataFrame
    columns: tuple[MixColumn, ...]

    @property
    def start(self) -> int:
        """First epoch day of the window."""
        return (self.window.start - EPOCH).days

    @property
    def end(self) -> int:
        """Epoch day after the last one that is known in the window."""
        return min((self.window.end - EPOCH).days, (self.company.as_of - EPOCH).days + 1)

    @cached_property
    def people(self) -> pl.DataFrame:
        """One row per person in order: ``rep_id, hired_day, left_day`` (null: not told)."""
        table = self.company.table("reps").unique("rep_id", maintain_order=True)
        return pl.DataFrame({"rep_id": self.reps}, schema={"rep_id": pl.String}).join(
            table.select("rep_id", "hired_day", "left_day"),
            on="rep_id",
            how="left",
            maintain_order="left",
        )

    def unit(self, reps: pl.Series) -> Ints:
        """Return each row's person as a number; -1 for people who are not compared."""
        known = pl.DataFrame(
            {"rep_id": self.reps, "unit": np.arange(len(self.reps))},
            schema={"rep_id": pl.String, "unit": pl.Int64},
        )
        rows = reps.to_frame("rep_id").join(known, on="rep_id", how="left", maintain_order="left")
        return rows["unit"].fill_null(-1).to_numpy()

    @property
    def ramps(self) -> bool:
        """Whether anybody's hire date is told."""
        return self.people["hired_day"].null_count() < len(self.reps)

    def ramp(self, unit: Ints, day: Ints) -> Ints:
        """Return how new each person was on a day (see ``newness``)."""
        far = self.people["hired_day"].fill_null(-(10**6)).to_numpy()
        return newness(day - far[np.maximum(unit, 0)])

    def codes(self, deals: pl.DataFrame) -> list[Ints]:
        """Return the mix columns of rows as numbers, one array per column allowed for."""
        return [_numbered(deals[name]) for name in self.mix if name in deals.columns]

    @cached_property
    def deals(self) -> pl.DataFrame:
        """All deals: ``opportunity_id, created_day`` and the mix columns, coded once for all."""
        deals = self.company.table("opportunities").select(
            "opportunity_id", "created_day", *self.mix
        )
        return deals.with_columns(_coded(deals[name]) for name in self.mix)

    @property
    def mix(self) -> list[str]:
        """The columns of the deals that are allowed for."""
        return [column.column for column in self.columns if column.use == "mix"]


def _coded(values: pl.Series) -> pl.Series:
    """Return values as texts of a closed list in order; a missing one is an empty text."""
    texts = values.cast(pl.String).fill_null("")
    return texts.cast(pl.Enum(sorted({"", *texts.unique()})))


def _numbered(values: pl.Series) -> Ints:
    """Return each value's place in the order of those that occur."""
    told = isinstance(values.dtype, pl.Enum) and "" in values.dtype.categories
    coded = values.fill_null("") if told else _coded(values)
    number = coded.to_physical().cast(pl.Int64).to_numpy()
    there = np.bincount(number) > 0
    return (np.cumsum(there) - 1)[number]


def newness(on_board: Ints) -> Ints:
    """Return 0 from 180 days on board on, 1 from 120, 2 from 60, 3 before.

    Examples
    --------
    >>> newness(np.array([400, 180, 130, 20])).tolist()
    [0, 0, 1, 3]
    """
    return len(RAMP_EDGES) - np.searchsorted(RAMP_EDGES, on_board, side="right")


def given_of(
    company: Company, window: Window, *, mix: Sequence[str] | None = None, role: str | None = None
) -> Given:
    """Return who is compared with whom, and what is allowed for.

    People of one role are compared: the role given, else the one that most of them have who
    closed deals in the window. Where no role has six people all are compared.
    """
    deals = closed_deals(company, window)
    active = deals["rep_id"].unique().sort()
    roles = company.table("reps").unique("rep_id", maintain_order=True).select("rep_id", "role")
    people = pl.DataFrame({"rep_id": active}).join(
        roles, on="rep_id", how="left", maintain_order="left"
    )
    chosen = role if role is not None else _usual(people)
    kept = people if chosen is None else people.filter(pl.col("role") == chosen)
    gone = people.join(kept, on="rep_id", how="anti", maintain_order="left")
    columns = mix_columns(company, deals, wanted=mix)
    return Given(company, window, tuple(kept["rep_id"].to_list()), chosen, gone, columns)


def _usual(people: pl.DataFrame) -> str | None:
    """Return the role that most people have, null where roles are not told or too few share one."""
    counts = people.drop_nulls("role").group_by("role").len().sort("len", "role")
    told = int(counts["len"].sum())
    if counts.height < 2 or told < people.height:
        return None
    most = counts.row(-1)
    return most[0] if most[1] >= FEWEST_OF_ROLE else None
