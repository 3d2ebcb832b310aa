"""Who buys again, and what customers lack that others like them buy."""

from __future__ import annotations

from typing import Any

import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.reports.blocks import Column, Section
from spm_lib.reports.cells import Cell, words
from spm_lib.reports.pages import plots
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.segments_base import SegmentsBase
from spm_lib.segments import RepeatCustomers

AGAIN, LACKING = "Who buys again", "What customers lack"
RECENCY = {3: "within 3 months", 2: "within a year", 1: "longer ago"}
FREQUENCY = {3: "4 times or more", 2: "2–3 times", 1: "once"}
MOST = 12


class SegmentsCustomers(SegmentsBase):
    """The parts on customers."""

    def customers(self) -> Section:
        """Return the groups of customers by how lately and how often they bought."""
        if isinstance(self.repeat, DataError):
            return self.untold(AGAIN, self.repeat)
        found = self.repeat
        rows = [self._group(row) for row in found.groups.iter_rows(named=True)]
        columns = [
            Column(title="Last bought, and how often"),
            Column(title="Customers", kind="count"),
            Column(title="Bought so far", kind="money", decimals=0, help="Median of a customer"),
            Column(title="Such a year ago", kind="count"),
            Column(title="Came back", kind="ratio", decimals=0),
            Column(title="95% interval", kind="ratio"),
        ]
        text = self.paragraph(*self.spoken(found.statements, "customer.came_back"))
        return self.section(AGAIN, text, self._chart_of(found), self.table(columns, rows))

    def _name(self, row: dict[str, Any]) -> str:
        return self.text(
            "{recency}, {frequency}",
            recency=self.text(RECENCY[row["recency"]]),
            frequency=self.text(FREQUENCY[row["frequency"]]),
        )

    def _group(self, row: dict[str, Any]) -> tuple[Cell, ...]:
        by = {"group": row["group"]}
        back = self.told("customer.came_back", **by)
        seen = back if row["then"] else None  # of nobody a year ago nothing was seen
        return (
            words(self._name(row)),
            number(self.told("customer.count", **by)),
            number(self.told("customer.amount", **by), compact=True),
            number(back, part="n"),
            number(seen),
            number(seen, part="interval"),
        )

    def _chart_of(self, found: RepeatCustomers) -> Any:
        from spm_lib.charts import caterpillar_chart

        there = found.groups.filter(pl.col("then") > 0)
        rows = there.rows(named=True)
        raw = pl.col("came_back") / pl.col("then")
        frame = there.select(
            label=pl.Series([self._name(row) for row in rows], dtype=pl.String),
            n="then",
            raw=raw,
            value="share",
            low="low",
            high="high",
        )
        mean, axis = found.came_back / found.then, self.text("Share that bought again in a year")
        title = self.text(
            "Of {n:1 customer|{n} customers} a year ago {share} bought again within the year",
            n=found.then,
            share=self.language.percent(mean),
        )
        drawn = caterpillar_chart(frame, language=self.language, title=title, mean=mean, axis=axis)
        return self.chart(
            drawn,
            title=title,
            data=frame.with_columns(mean=pl.lit(mean)),
            figures=self.of("customer.came_back"),
            plot=plots.person_rates(self, axis=axis),
        )

    def whitespace(self) -> Section:
        """Return the products that customers lack and alike customers buy."""
        if isinstance(self.white, DataError):
            return self.untold(LACKING, self.white)
        found = self.white.table.filter(pl.col("without") > 0).head(MOST)
        rows = []
        for row in found.iter_rows(named=True):
            by = {"group": row["segment"], "product": row["product"]}
            share = self.told("whitespace.share", **by)
            rows.append(
                (
                    words(row["segment"] or self.text("All customers")),
                    words(row["product"]),
                    number(share, part="n"),
                    number(share),
                    number(share, part="interval"),
                    number(self.told("whitespace.without", **by)),
                    number(self.told("whitespace.amount", **by), compact=True),
                )
            )
        columns = [
            Column(title="Segment"),
            Column(title="Product"),
            Column(title="Customers", kind="count"),
            Column(title="Buy it", kind="ratio", decimals=0),
            Column(title="95% interval", kind="ratio"),
            Column(title="Without it", kind="count"),
            Column(title="Might bring", kind="money", decimals=0,
                   help="Customers without it x lower bound of the share x median a buyer spent"),
        ]  # fmt: skip
        metrics = ("whitespace.share", "whitespace.without", "whitespace.amount")
        text = self.paragraph(*self.spoken(self.white.statements, *metrics))
        note = "No forecast: nobody knows whether these customers buy it elsewhere, or need it."
        return self.section(LACKING, text, self.table(columns, rows, note=note))
