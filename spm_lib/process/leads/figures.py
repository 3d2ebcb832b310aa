"""Every number of the way from lead to deal as a record of figures.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from spm_lib.model import Figure, Receipt, SetAside
from spm_lib.stats import wilson

if TYPE_CHECKING:
    from spm_lib.process.leads.lead_flow import LeadFlow

NOT_LOOKED_AT = "came outside the window, or has not had its time"
OTHERS = "of another group"


def lead_figures(flow: LeadFlow) -> list[Figure]:
    """Return all figures: the steps; answer and conversion of all, by source, person, answer."""
    window = (flow.window.start, flow.window.end)
    common: dict[str, Any] = {"as_of": flow.company.as_of, "window": window}
    whole = _receipt(flow, flow.used.height)
    found = [
        Figure("lead.step", unit="count", value=str(n), by={"step": step}, receipt=whole,
               n=flow.used.height, **common)
        for step, n in flow.steps.iter_rows()
    ]  # fmt: skip
    for row in flow.groups.iter_rows(named=True):
        rep = row["value"] if row["column"] == "rep_id" else None
        by = {} if row["column"] == "all" else {row["column"]: row["value"] or ""}
        receipt = _receipt(flow, row["leads"], rep=rep, one=row["column"] == "rep_id")
        found += _group(row, {**common, "by": by, "receipt": receipt})
    return found


def _group(row: dict[str, Any], common: dict[str, Any]) -> list[Figure]:
    def share(metric: str, part: int) -> Figure:
        low, high = wilson(part, row["leads"])
        value = f"{part / row['leads']:.6f}"
        ends = {"low": f"{low:.6f}", "high": f"{high:.6f}"}
        return Figure(metric, unit="ratio", value=value, n=row["leads"], **ends, **common)

    conversion = share("lead.conversion", row["converted"])
    if row["column"] == "answer" or row["answered"] is None:
        return [conversion]
    days, low, high = (
        None if row[name] is None else f"{row[name]:.1f}" for name in ("days", "low", "high")
    )
    ends = {"low": low, "high": high}
    waited = Figure("lead.response_days", unit="days", value=days, n=row["leads"], **ends, **common)
    return [share("lead.answered", row["answered"]), conversion, waited]


def _receipt(flow: LeadFlow, used: int, *, rep: str | None = None, one: bool = False) -> Receipt:
    """Return the receipt of the leads of all, or of one person (null: of nobody)."""
    rows = flow.company.full("leads").select("lead_id", "rep_id", "set_aside")
    if one:
        rows = rows.filter(pl.col("rep_id").eq_missing(rep))
    aside = dict(rows.drop_nulls("set_aside").group_by("set_aside").len().sort("set_aside").rows())
    good = rows.filter(pl.col("set_aside").is_null())
    looked = good.filter(pl.col("lead_id").is_in(flow.used["lead_id"].implode())).height
    parts = {reason: SetAside(n) for reason, n in aside.items()}
    for reason, n in ((NOT_LOOKED_AT, good.height - looked), (OTHERS, looked - used)):
        if n:
            parts[reason] = SetAside(n)
    return Receipt(used, parts, scoped=flow.company.receipt("leads").scoped)
