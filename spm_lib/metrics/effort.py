"""Questions about effort: activities, and the chain calls, meetings, proposals, won."""

from __future__ import annotations

from datetime import date

import polars as pl

from spm_lib.metrics.asking import Frame, asked_for, shown
from spm_lib.metrics.measure import By, measure
from spm_lib.metrics.row_order import in_order
from spm_lib.metrics.windows import GRAINS, WindowLike, read_window
from spm_lib.model import Company


def activity_count(company: Company, *, by: By = None, window: WindowLike = None) -> Frame:
    """Return the number of activities; ``by="kind"`` tells calls, meetings and so on apart.

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> activity_count(example_company(), by="kind").select("kind", "value").rows()
    [('call', 7), ('email', 1), ('meeting', 3), ('proposal', 3)]
    """
    return asked_for(company, "activity.count", by=by, window=window)


_CHAIN = {
    "meetings_per_call": ("meetings", "calls"),
    "proposals_per_meeting": ("proposals", "meetings"),
    "won_per_proposal": ("won", "proposals"),
}
_KINDS = {"calls": "call", "meetings": "meeting", "proposals": "proposal"}


def activity_ratios(
    company: Company, *, by: By = ("rep_id", "month"), window: WindowLike = None
) -> Frame:
    """Return the chain calls -> meetings -> proposals -> won, counts and ratios side by side.

    Columns out: by..., window_start, window_end, calls, meetings, proposals, won (counts),
    meetings_per_call, proposals_per_meeting, won_per_proposal (null where the denominator is 0).

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> ratios = activity_ratios(example_company(), by="rep_id")
    >>> ratios.select("rep_id", "calls", "meetings", "proposals", "won").rows()
    [('ann', 3, 2, 2, 3), ('ben', 4, 1, 1, 1)]
    """
    known = read_window(window, company.calendar) or _activity_window(company, by)
    names = [by] if isinstance(by, str) else list(by or [])
    keys = [*names, "window_start", "window_end"]
    whole = [*_KINDS, "won"]
    counts = _kind_counts(company, names=names, keys=keys, window=known)
    result = in_order(counts.with_columns(pl.col(whole).fill_null(0)), names, company)
    ratios = {name: _ratio(*parts) for name, parts in _CHAIN.items()}
    return shown(company, result.with_columns(**ratios).select(*keys, *whole, *_CHAIN))


def _ratio(above: str, below: str) -> pl.Expr:
    """Return what the metric of the two counts tells; null where there is nothing to divide by."""
    return pl.when(pl.col(below) != 0).then(pl.col(above) / pl.col(below))


def _activity_window(company: Company, by: By) -> WindowLike:
    """Return one window for all parts of the chain where periods are asked for."""
    names = [by] if isinstance(by, str) else list(by or [])
    if not any(name in GRAINS for name in names):
        return None
    won = pl.col("closed_on").filter(pl.col("outcome") == "won")
    first = company.one("activities", pl.col("happened_on").min())
    days = [day for day in (first, company.one("opportunities", won.min())) if day]
    last = company.as_of.toordinal() + 1
    return (min(days, default=company.as_of), date.fromordinal(last))


def _kind_counts(
    company: Company, *, names: list[str], keys: list[str], window: WindowLike
) -> pl.DataFrame:
    acts = measure(company, "activity.count", by=[*names, "kind"], window=window).frame
    kind = pl.col("kind").str.to_lowercase()
    counted = acts.group_by(keys).agg(
        pl.col("value").filter(kind == of).sum().alias(name) for name, of in _KINDS.items()
    )
    deals = measure(company, "won.count", by=names, window=window).frame
    won_deals = deals.select(*keys, pl.col("value").alias("won"))
    return counted.join(won_deals, on=keys, how="full", coalesce=True, nulls_equal=True)
