"""The metric ids that reports print beyond those of other rooms: changes, flow, ages, rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from spm_lib.core.calendar import Window, window_before
from spm_lib.metrics import measure
from spm_lib.model import Company, Figure, MetricId, metric_id, register
from spm_lib.reports.pages.closed_examples import declare_closed_examples
from spm_lib.reports.pages.gap_ids import declare_gap_ids
from spm_lib.reports.pages.letter_ids import declare_letter_ids
from spm_lib.reports.pages.manager_ids import declare_manager_ids
from spm_lib.reports.pages.open_ages import declare_open_ages
from spm_lib.reports.pages.open_deals import declare_open_deals
from spm_lib.reports.pages.open_flags import declare_open_flags
from spm_lib.reports.pages.reach import reaches
from spm_lib.reports.pages.stage_flow import declare_stage_flow

RELATIVE = (
    "won.amount",
    "won.count",
    "velocity",
    "deal.mean_amount",
    "cycle.won.median_days",
    "created.count",
    "orders.amount",
    "orders.count",
    "order.mean_amount",
)
IN_POINTS = ("win_rate.closed.count",)


def change(company: Company, metric: str, *, window: Window, by: Any = None) -> list[Figure]:
    """Return how a metric changed against the window before, per group of ``by``.

    Amounts, counts and days change in relation to the earlier value, ratios by their difference;
    null where the earlier value is missing or 0, or the data begins within the earlier window. The
    receipt is that of both windows together.
    """
    now = {_key(f): f for f in measure(company, metric, by=by, window=window).figures()}
    earlier = window_before(window)
    known = reaches(company, earlier)
    told = measure(company, metric, by=by, window=earlier).figures() if known else []
    past = {_key(f): f for f in told}
    both = measure(company, metric, by=by, window=Window(earlier.start, window.end)).figures()
    return [_changed(metric, now.get(_key(f)), past.get(_key(f)), f, window) for f in both]


def _key(figure: Figure) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(figure.by.items()))


def _changed(
    metric: str, now: Figure | None, past: Figure | None, both: Figure, window: Window
) -> Figure:
    points = metric in IN_POINTS
    values = [Decimal(f.value) if f and f.value is not None else None for f in (now, past)]
    return replace(
        both,
        metric=f"{metric}.change",
        unit="points" if points else "change",
        value=_difference(*values, points=points),
        window=(window.start, window.end),
        low=None,
        high=None,
    )


def _difference(now: Decimal | None, past: Decimal | None, *, points: bool) -> str | None:
    if now is None or past is None:
        return None
    if points:
        return f"{now - past:.6f}"
    return f"{now / past - 1:.6f}" if past else None


def _compute_change(metric: str) -> Callable[..., list[Figure]]:
    def compute(company: Company, by: Any = None, window: Any = None) -> list[Figure]:
        known = window if isinstance(window, Window) else company.default_window()
        return change(company, metric, window=known, by=by)

    return compute


def _declare_change(metric: str) -> None:
    base = metric_id(metric)
    points = metric in IN_POINTS
    register(
        replace(
            base,
            id=f"{metric}.change",
            name=f"Change: {base.name}",
            formula="Value of the window - value of the window before"
            if points
            else "Value of the window / value of the window before - 1",
            numerator="Value of the window",
            denominator="Value of the window of the same length before it",
            unit="points" if points else "change",
            null_rule="Null where either window has no value, the earlier one is 0, or the data "
            "begins within the earlier window.",
            room="reports",
            source="",
            variants=(metric,),
            reading="Says nothing about whether the change is more than chance.",
            compute=_compute_change(metric),
        )
    )


def _declare_rows(name: str, text: str, formula: str) -> None:
    register(
        MetricId(
            id=name,
            name=text,
            formula=formula,
            numerator=formula,
            denominator="",
            unit="count",
            date_field="",
            null_rule="Never null.",
            table="",
            room="reports",
            dimensions=(),
        )
    )


def declare_report_ids() -> None:
    """Put the ids that reports print into the registry."""
    for metric in (*RELATIVE, *IN_POINTS):
        _declare_change(metric)
    declare_stage_flow()
    declare_open_ages()
    declare_open_deals()
    declare_open_flags()
    declare_closed_examples()
    declare_manager_ids()
    declare_gap_ids()
    declare_letter_ids()
    _declare_rows("rows.used", "Rows used", "Rows of a table that are good, in scope and known")
    _declare_rows("rows.noticed", "Rows noticed", "Rows that a note about the data is about")
