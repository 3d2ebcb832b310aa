"""The stage funnel of one pipeline: its counts as figures, and what may be concluded from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from spm_lib.model import Figure
from spm_lib.reports.pages.stage_flow import COUNTS, flow_of

if TYPE_CHECKING:
    from spm_lib.metrics import Measured

FEW = 30
MOST_UNKNOWN = 0.1  # of the lost deals: with more, nothing is said of where deals are lost


@dataclass(frozen=True)
class StageFunnel:
    """What became of the deals of one pipeline, stage by stage.

    Attributes
    ----------
    pipeline
        Its name; None where the client has one pipeline only.
    frame
        One row per stage, in order (the columns of ``stage_conversion``).
    figures
        The conversion of each stage.
    flows
        The counts of ``COUNTS`` by name, each in the order of the stages.
    """

    pipeline: str | None
    frame: pl.DataFrame
    figures: tuple[Figure, ...]
    flows: Mapping[str, tuple[Figure, ...]]

    @property
    def stages(self) -> list[str]:
        """The names of the stages, in order."""
        return self.frame["stage"].to_list()

    @property
    def entered(self) -> int:
        """The number of deals that entered the first stage."""
        return int(self.frame["entered"].max() or 0)  # pyright: ignore[reportArgumentType]

    @property
    def lost(self) -> int:
        """The number of lost deals."""
        return int(self.frame["lost"].sum())

    @property
    def unknown(self) -> Figure | None:
        """The lost deals of which nobody knows the stage they were lost at; None without any.

        They are all counted at the first stage.
        """
        found = self.flows["lost_stage_unknown"]
        return found[0] if found and int(found[0].value or 0) else None

    @property
    def told(self) -> bool:
        """Whether it is known of nearly all lost deals at which stage they were lost."""
        unknown = int(self.unknown.value or 0) if self.unknown else 0
        return unknown <= MOST_UNKNOWN * self.lost

    @property
    def narrowest(self) -> Figure | None:
        """The stage with the lowest conversion among those that many deals reached.

        None where it is not known at which stage deals were lost, or where the few of which it is
        not known decide which stage it is.
        """
        if not self.told:
            return None
        plain, without = (self._lowest(leave_out=out) for out in (False, True))
        return self.figures[plain] if plain is not None and plain == without else None

    def _lowest(self, *, leave_out: bool) -> int | None:
        unknown = self.frame["lost_stage_unknown"] if leave_out else 0
        reached = self.frame.with_columns(n=pl.col("n") - unknown).with_row_index("place")
        rows = reached.filter(pl.col("n") >= FEW).with_columns(
            rate=pl.col("advanced") / pl.col("n")
        )
        return rows.sort("rate", "place")["place"].first() if rows.height else None  # pyright: ignore


def stage_funnels(made: Measured) -> list[StageFunnel]:
    """Return a funnel for each pipeline of a stage conversion, those with deals only.

    Where no pipeline has a deal, the first one is returned with its zeros.
    """
    figures = made.figures()
    flows = {name: flow_of(made, name) for name in COUNTS}
    found = [
        StageFunnel(
            name,
            made.frame[places],
            tuple(figures[i] for i in places),
            {count: tuple(figs[i] for i in places) for count, figs in flows.items()},
        )
        for name, places in by_pipeline(made)
    ]
    return [f for f in found if f.entered] or found[:1]


def by_pipeline(made: Measured) -> list[tuple[str | None, list[int]]]:
    """Return each pipeline's name and the places of its stages in a measured frame, in order.

    The name is None where the client has one pipeline only. Rows without a stage are left out.
    """
    several = "pipeline" in made.by
    found: dict[str | None, list[int]] = {}
    for place, row in enumerate(made.frame.iter_rows(named=True)):
        if row["stage"] is not None:
            name = (row["pipeline"] or "") if several else None
            found.setdefault(name, []).append(place)
    return list(found.items())
