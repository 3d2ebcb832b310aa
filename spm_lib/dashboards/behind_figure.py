"""The deals behind a figure: the rows that the metric itself counted, asked for one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from spm_lib.core.errors import MetricError
from spm_lib.core.language import Language
from spm_lib.dashboards.deals_behind import Column, plain, table_of, with_names
from spm_lib.metrics import measure
from spm_lib.metrics.measure import measure_of
from spm_lib.model import Company, Figure

if TYPE_CHECKING:
    from spm_lib.reports import Page

DEAL = "opportunity_id"
_THROUGH = {  # figures that are no sum over deals, and what the reader wants to see behind them
    "attainment": ("won.amount",),
    "coverage": ("open.amount", "won.amount"),
    "pace.missing": ("won.amount",),
    "pace.needed_per_day": ("won.amount",),
}
_FLOWS = {
    "stage_flow": "stage_conversion.cohort",
    "stage_flow.period": "stage_conversion.period",
}
_FLAGS = ("overdue", "due_soon", "ageing", "pushed", "no_step")
_WITH_DEALS = ("opportunities", "stints", "stage_events", "activities")
_PERIODS = ("week", "month", "quarter", "year", "period", "band")


def opens(figure: Figure) -> bool:
    """Say whether single deals stand behind a figure.

    Examples
    --------
    >>> from datetime import date
    >>> from spm_lib.model import Receipt
    >>> def of(metric):
    ...     return Figure(metric, date(2026, 9, 30), "count", "1", Receipt(1))
    >>> [opens(of(m)) for m in ("won.count.change", "coverage", "open.pushed.count", "rows.used")]
    [True, True, True, False]
    """
    root = _root(figure.metric)
    if DEAL in figure.by or _flag_of(root) or _flow_of(root) or root in _THROUGH:
        return True
    try:
        table = measure_of(root).definition.table
    except MetricError:
        return False
    return all(part in _WITH_DEALS for part in table.split("+"))


def ids_behind(figure: Figure, page: Page) -> list[str]:
    """Return the deals that a figure counts, as its own metric counts them, sorted.

    A rate that no deal is in has none. Of attainment and pace these are the deals won; of coverage
    those won and those due.

    Raises
    ------
    MetricError
        If no single deals stand behind the figure.
    """
    if DEAL in figure.by:
        return [figure.by[DEAL]]
    flag = _flag_of(figure.metric)
    if flag:
        return _flagged(figure, page, flag)
    root = _root(figure.metric)
    found = {
        deal
        for metric in _THROUGH.get(root, (root,))
        for deal in _counted(figure, page.company, metric)
    }
    return sorted(found)


def deals_of(ids: list[str], company: Company) -> pl.DataFrame:
    """Return deals by id with the names of owner and customer, the largest first."""
    deals = company.table("opportunities").filter(pl.col(DEAL).is_in(ids))
    deals = deals.with_columns(days=pl.col("closed_day") - pl.col("created_day"))
    named = with_names(deals, company)
    return named.sort("amount", DEAL, descending=[True, False], nulls_last=True)


def deals_listed(deals: pl.DataFrame, company: Company, language: Language) -> str:
    """Return deals as a table of text."""
    return table_of(deals, columns_of(company, language), language)


def columns_of(company: Company, language: Language) -> list[Column]:
    """Return how deals are told: column, heading, writer, and whether it is a number."""
    text = language.text
    currency = company.currency
    return [
        (DEAL, text("Deal"), plain, False),
        ("accounts", text("Customer"), plain, False),
        ("reps", text("Salesperson"), plain, False),
        ("stage", text("Stage"), plain, False),
        ("created_on", text("Created"), language.date, False),
        ("expected_close", text("Expected close"), language.date, False),
        ("closed_on", text("Closed"), language.date, False),
        ("days", text("Days"), language.number, True),
        ("amount", text("Amount"), lambda x: language.money(x, currency), True),
    ]


def _counted(figure: Figure, company: Company, metric: str) -> list[str]:
    own = {name: value for name, value in figure.by.items() if name not in _PERIODS}
    base, column = _flow_of(metric) or (metric, "used")
    made = measure(company, base, by=[DEAL, *own], window=figure.window)
    frame = made.frame.filter(pl.col(column) > 0, pl.col(DEAL).is_not_null())
    for name, value in own.items():
        frame = frame.filter(pl.col(name).fill_null("").cast(pl.String) == (value or ""))
    return frame[DEAL].unique().to_list()


def _flagged(figure: Figure, page: Page, flag: str) -> list[str]:
    rep = figure.by.get("rep_id")
    found = page.open_deals.deals  # type: ignore[attr-defined]
    return sorted(
        deal.opportunity_id
        for deal in found
        if flag in deal.flags and (rep is None or (deal.rep_id or "") == rep)
    )


def _flag_of(metric: str) -> str:
    parts = metric.split(".")
    return parts[1] if parts[0] == "open" and len(parts) == 3 and parts[1] in _FLAGS else ""


def _flow_of(metric: str) -> tuple[str, str] | None:
    """Return the stage conversion whose count an id is, and the count's column."""
    head, _, column = metric.rpartition(".")
    column = "lost_stage_unknown" if column == "lost_unknown" else column
    return (_FLOWS[head], column) if head in _FLOWS else None


def _root(metric: str) -> str:
    return metric.removesuffix(".change")
