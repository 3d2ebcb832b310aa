"""Every number of segments, customers and whitespace as a record of figures.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl

from spm_lib.core.money import exponent
from spm_lib.metrics import measure
from spm_lib.metrics.measure import unit_of
from spm_lib.model import Company, Figure, Receipt, SetAside
from spm_lib.model.receipts import minor_text
from spm_lib.segments.compare import compare_segments
from spm_lib.segments.purchases import source_of

if TYPE_CHECKING:
    from spm_lib.segments.compare import SegmentComparison
    from spm_lib.segments.discover import Discovery
    from spm_lib.segments.profile import IdealCustomer
    from spm_lib.segments.repeat_customers import RepeatCustomers
    from spm_lib.segments.whitespace import Whitespace

NO_DATE = "no date of close"
NO_ACCOUNT = "no account"


def discovery_figures(found: Discovery) -> list[Figure]:
    """Return the tests, what was tried and found, and the differences on later deals."""
    told = _Told(found.company, decided_receipt(found.company))
    figures = [
        told.figure("segment.tried", found.tests.height, unit="count", n=found.deals),
        told.figure("segment.found", len(found.found), unit="count", n=found.deals),
    ]
    for row in found.tests.iter_rows(named=True):
        by = {"column": row["column"]}
        figures += [
            told.figure("segment.q", row["q"], by=by, n=found.deals),
            told.figure("segment.held_out_p", row["held_out_p"], by=by, n=found.held_out),
        ]
    for row in found.values.iter_rows(named=True):
        by = {"column": row["column"], "value": row["value"]}
        figures.append(told.ends("segment.difference", row, "difference", by=by, unit="points"))
    return figures


def profile_figures(found: IdealCustomer) -> list[Figure]:
    """Return what a deal and an activity bring, of each segment that differs and of all."""
    told = _Told(found.company, decided_receipt(found.company))
    figures, deals = [], found.discovery.deals + found.discovery.held_out
    for name in ("per_deal", "per_activity"):
        metric = f"segment.{name}"
        figures.append(told.figure(metric, getattr(found, name), unit="money", n=deals))
        for row in found.table.iter_rows(named=True):
            by = {"column": row["column"], "value": row["value"]}
            figures.append(told.ends(metric, row, name, by=by, unit="money"))
    return figures


def comparison_figures(company: Company, found: SegmentComparison) -> list[Figure]:
    """Return the pooled win rates and shares of activities of a comparison, and its metrics."""
    measured = [f for part in found.measured.values() for f in part.figures()]
    measured = [_with_ends(f, found, company) if f.metric == "velocity" else f for f in measured]
    whole = measure(company, "win_rate.closed.count", window=_window_of(found)).figures()[0]
    told = _Told(company, whole.receipt, window=whole.window)
    figures = []
    for row in found.table.iter_rows(named=True):
        by = {name: row[name] or "" for name in found.by}
        share = {"low": row["activity_low"], "high": row["activity_high"], "n": row["activities"]}
        figures.append(told.ends("segment.win_rate.shrunk", row, "shrunk", by=by))
        figures.append(told.ends("segment.activity_share", row | share, "activity_share", by=by))
    chance = {"column": " x ".join(found.by)}
    return [*measured, *figures, told.figure("segment.p", found.p, by=chance, n=whole.n)]


def _with_ends(figure: Figure, found: SegmentComparison, company: Company) -> Figure:
    """Return the velocity of a segment with its interval."""
    ends = found.table.select("velocity_low", "velocity_high").rows()
    names = (
        ["" if v is None else str(v) for v in row] for row in found.table.select(found.by).rows()
    )
    known = dict(zip(map(tuple, names), ends, strict=True))
    low, high = known.get(tuple(str(figure.by[name]) for name in found.by), (None, None))
    if low is None or high is None:
        return figure
    digits = exponent(company.currency)
    return replace(figure, low=minor_text(low, digits), high=minor_text(high, digits))


def _window_of(found: SegmentComparison) -> Any:
    frame = found.measured["win_rate"].frame
    return (frame["window_start"][0], frame["window_end"][0])


def repeat_figures(found: RepeatCustomers) -> list[Figure]:
    """Return how many customers are in each group, and how many of such came back."""
    told = _Told(found.company, purchases_receipt(found.company))
    whole = found.came_back / found.then
    figures = [told.figure("customer.came_back", whole, n=found.then)]
    for row in found.groups.iter_rows(named=True):
        by = {"group": row["group"]}
        figures += [
            told.figure("customer.count", row["customers"], by=by, unit="count",
                        n=row["customers"]),
            told.ends("customer.came_back", row | {"n": row["then"]}, "share", by=by),
            told.figure("customer.amount", row["amount"], by=by, unit="money", n=row["customers"]),
        ]  # fmt: skip
    return figures


def whitespace_figures(found: Whitespace) -> list[Figure]:
    """Return the share of alike customers that buy, those without, and what they would bring."""
    told, figures = _Told(found.company, purchases_receipt(found.company)), []
    for row in found.table.iter_rows(named=True):
        by = {"group": row["segment"], "product": row["product"]}
        counted = row | {"n": row["customers"]}
        figures += [
            told.ends("whitespace.share", counted, "share", by=by),
            told.figure("whitespace.without", row["without"], by=by, unit="count",
                        n=row["customers"]),
            told.figure("whitespace.amount", row["expected"], by=by, unit="money",
                        n=row["customers"]),
        ]  # fmt: skip
    return figures


class _Told:
    """Makes figures that share a company and a receipt."""

    def __init__(self, company: Company, receipt: Receipt, *, window: Any = None) -> None:
        self.company, self.receipt, self.window = company, receipt, window

    def figure(
        self, metric: str, value: float | int | None, *, unit: str = "ratio", **more: Any
    ) -> Figure:
        return Figure(
            metric=metric,
            as_of=self.company.as_of,
            unit=unit_of(unit, self.company.currency),
            receipt=self.receipt,
            window=self.window,
            value=self.text(value, unit),
            **more,
        )

    def ends(
        self, metric: str, row: Mapping[str, Any], name: str, *, unit: str = "ratio", **more: Any
    ) -> Figure:
        """Return a figure with the interval beside it: ``NAME_low``, else ``low``."""
        ends = {
            end: self.text(row.get(f"{name}_{end}", row.get(end)), unit) for end in ("low", "high")
        }
        return self.figure(metric, row[name], unit=unit, n=row.get("n"), **ends, **more)

    def text(self, value: float | int | None, unit: str) -> str | None:
        if value is None:
            return None
        if unit == "money":
            return minor_text(round(value), exponent(self.company.currency))
        return str(value) if isinstance(value, int) else f"{value:.6f}"


def decided_receipt(company: Company) -> Receipt:
    """Return the receipt of decided deals: open ones and those without a day are set aside."""
    receipt = measure(company, "win_rate.closed.count").receipt
    deals = company.table("opportunities")
    undated = deals.filter(pl.col("outcome") != "open", pl.col("closed_day").is_null())
    return _less(receipt, {NO_DATE: undated})


def purchases_receipt(company: Company) -> Receipt:
    """Return the receipt of what customers bought, of orders or of won deals."""
    source = source_of(company)
    rows = company.table(source)
    aside = {}
    if source == "opportunities":
        aside = {name: rows.filter(pl.col("outcome") == name) for name in ("open", "lost")}
        rows = rows.filter(pl.col("outcome") == "won").rename({"closed_day": "day"})
    aside[NO_ACCOUNT] = rows.filter(pl.col("account_id").is_null())
    rest = rows.filter(pl.col("account_id").is_not_null())
    aside[NO_DATE] = rest.filter(pl.col("day").is_null())
    return _less(company.receipt(source), aside)


def _less(receipt: Receipt, aside: Mapping[str, pl.DataFrame]) -> Receipt:
    parts, used = dict(receipt.set_aside), receipt.used
    for reason, rows in aside.items():
        if rows.height:
            priced = rows["amount"].drop_nulls()
            parts[reason] = SetAside(rows.height, int(priced.sum()) if priced.len() else None)
            used -= rows.height
    return Receipt(used, parts, scoped=receipt.scoped)


def figures_of(company: Company, columns: list[str]) -> list[Figure]:
    """Return the figures of comparisons by single columns, told as column and value."""
    return [
        _told_by_value(figure, name)
        for name in columns
        for figure in comparison_figures(company, compare_segments(company, name))
        if figure.metric.startswith("segment.")
    ]


def _told_by_value(figure: Figure, name: str) -> Figure:
    if name not in figure.by:
        return figure
    return replace(figure, by={"column": name, "value": figure.by[name]})
