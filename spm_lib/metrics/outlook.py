"""Questions about what is to come: the open pipeline, coverage and attainment of targets."""

from __future__ import annotations

from datetime import date
from typing import Literal

import polars as pl

from spm_lib.metrics.asking import Frame, asked_for, chosen, shown
from spm_lib.metrics.measure import By
from spm_lib.metrics.measured import FIXED
from spm_lib.metrics.pipelines import answer_pipeline, pipeline_on
from spm_lib.metrics.windows import GRAINS, WindowLike
from spm_lib.model import Company


def open_pipeline(
    company: Company,
    *,
    on: date | None = None,
    by: By = None,
    window: WindowLike = None,
    of: Literal["amount", "count"] = "amount",
) -> Frame:
    """Return the open pipeline: now (as_of), on a day, or at the end of each period.

    Without ``on`` and without a period in ``by``: deals open at as_of (those due in ``window``, if
    given). With ``on``, or ``by="month"``: what stood in open stages at the end of that day or of
    each month, from the history of stages.

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> open_pipeline(example_company(), by="month")["value"].to_list()
    [470000, 500000, 370000]
    """
    names = {"amount": "open.amount", "count": "open.count"}
    asked = [by] if isinstance(by, str) else list(by or [])
    now = chosen(names, of)
    past = now.replace("open", "pipeline")
    if on is not None and not company.has("stints"):
        return asked_for(company.at(on), now, by=by, window=window)
    if on is not None:
        return shown(company, pipeline_on(company, past, days=[on], by=by).frame)
    if any(name in GRAINS for name in asked):
        return shown(company, answer_pipeline(company, past, by=by, window=window).frame)
    return asked_for(company, now, by=by, window=window)


def pipeline_by_stage(
    company: Company, *, on: date | None = None, by: By = None, window: WindowLike = None
) -> Frame:
    """Return count and amount (minor units) of the open pipeline by stage, in stage order.

    Columns out: by..., stage, (date or period,) as_of, count, amount.

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> pipeline_by_stage(example_company()).select("stage", "count", "amount").rows()
    [('Lead', 2, 170000), ('Proposal', 1, 200000)]
    """
    asked = [by] if isinstance(by, str) else list(by or [])
    frames = {}
    for of in ("count", "amount"):
        frame = open_pipeline(company, on=on, by=[*asked, "stage"], window=window, of=of)
        frames[of] = frame if isinstance(frame, pl.DataFrame) else pl.from_pandas(frame)
    amount = frames["amount"]
    keys = [c for c in amount.columns if c not in FIXED]
    counted = frames["count"].select(*keys, "as_of", pl.col("value").alias("count"))
    valued = amount.select(*keys, pl.col("value").alias("amount"))
    joined = counted.join(valued, on=keys, how="left", nulls_equal=True, maintain_order="left")
    return shown(company, joined.filter(pl.col("count") > 0))


def coverage(company: Company, *, by: By = None, window: WindowLike = None) -> Frame:
    """Return how often the open pipeline due in the window covers what is missing to the target.

    Columns out: those of every metric and open_due, won, target, remaining (minor units).

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> coverage(example_company()).select("open_due", "remaining").row(0)
    (200000, 450000)
    """
    return asked_for(company, "coverage", by=by, window=window)


def attainment(company: Company, *, by: By = None, window: WindowLike = None) -> Frame:
    """Return what was reached as a share of the target: of won deals, or of orders.

    Orders are taken where targets are set on ``orders.amount`` only. Columns out: those of every
    metric and actual, target (minor units).

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> attainment(example_company(), by="rep_id").select("rep_id", "value").rows()
    [('ann', 0.5), ('ben', 0.375)]
    """
    set_on = company.table("targets")["metric"].fill_null("won.amount").unique().to_list()
    by_orders = "orders.amount" in set_on and "won.amount" not in set_on
    name = "attainment.orders" if by_orders else "attainment"
    return asked_for(company, name, by=by, window=window)
