"""Every number of the process map as a record of figures.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from spm_lib.metrics.landmarks import left_out
from spm_lib.metrics.stages import stage_by
from spm_lib.model import Figure, Receipt
from spm_lib.process.process_map.walks import KEY, visits_in
from spm_lib.stats import wilson

if TYPE_CHECKING:
    from spm_lib.process.process_map.walks import ProcessMap

NOT_SEEN = "no visit to an open stage began in the window"


def map_figures(made: ProcessMap) -> list[Figure]:
    """Return all figures: visits per stage, and per way out its visits, share and days.

    A kind of way out that leads to several stages is told of all of them together too.
    """
    window = (made.window.start, made.window.end)
    common: dict[str, Any] = {
        "as_of": made.company.as_of,
        "window": window,
        "receipt": map_receipt(made),
    }
    found = [
        Figure(
            "process.entered",
            unit="count",
            value=str(row["entered"]),
            by=stage_by(row["pipeline"], row["stage"]),
            n=row["entered"],
            **common,
        )
        for row in made.stages.iter_rows(named=True)
    ]
    for row in made.moves.iter_rows(named=True):
        found += _way_out(row, common)
    several = made.moves.filter(pl.col("visits") < pl.col("kind_visits"))
    for row in several.unique([*KEY, "kind"], keep="first", maintain_order=True).to_dicts():
        of_kind = {"to": None, "visits": row["kind_visits"], "median_days": row["kind_days"]}
        found += _way_out(row | of_kind, common)
    return found


def _way_out(row: dict[str, Any], common: dict[str, Any]) -> list[Figure]:
    by = {**stage_by(row["pipeline"], row["stage"]), "kind": row["kind"]}
    by |= {"to": row["to"]} if row["to"] is not None else {}
    visits, entered = row["visits"], row["entered"]
    low, high = wilson(visits, entered)
    days = f"{row['median_days']:.1f}"
    ends = {"low": f"{low:.6f}", "high": f"{high:.6f}"}
    share = f"{visits / entered:.6f}"
    return [
        Figure("process.moved", unit="count", value=str(visits), by=by, n=entered, **common),
        Figure("process.share", unit="ratio", value=share, by=by, n=entered, **ends, **common),
        Figure("process.median_days", unit="days", value=days, by=by, n=visits, **common),
    ]


def map_receipt(made: ProcessMap) -> Receipt:
    """Return the receipt of the deals: those without a visit in the window are left out."""
    seen = visits_in(made.company, made.window)["opportunity_id"].unique()
    deals = made.company.table("opportunities").select("opportunity_id")
    aside = deals.filter(~pl.col("opportunity_id").is_in(seen.implode()))
    return left_out(made.company, aside.with_columns(reason=pl.lit(NOT_SEEN)))
