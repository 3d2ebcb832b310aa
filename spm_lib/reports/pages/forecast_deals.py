"""The open deals of the forecast report: those that decide the quarter, or the largest due."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.reports.blocks import Block, Column, Section
from spm_lib.reports.cells import Cell, Day, words
from spm_lib.reports.pages import plots
from spm_lib.reports.pages.forecast_outcome import ForecastOutcome
from spm_lib.reports.pages.page import number

TITLE = "Deals that decide the quarter"


class ForecastDeals(ForecastOutcome):
    """The part of the forecast report that names single deals."""

    def deciding_deals(self) -> Section:
        """Return the open deals that decide the quarter; without chances the largest due in it."""
        if isinstance(self.outcome, DataError):
            return self.without(TITLE, self.outcome)
        deals = self.outcome.deciding
        known = deals["chance"].null_count() == 0
        columns = [
            Column(title="Deal"),
            Column(title="Person"),
            Column(title="Stage"),
            Column(title="Expected close", kind="date"),
            Column(title="Amount", kind="money"),
        ]
        if known:
            columns += [
                Column(title="Chance", kind="ratio", decimals=0),
                Column(title="Expected", kind="money"),
            ]
        if known and self.outcome.reasons:
            columns.append(Column(title="What goes with it"))
        rows = [self._deal(deal, known=known) for deal in deals.iter_rows(named=True)]
        note = (
            "Chance: how often past deals that looked alike were won in time. What goes with it is "
            "an association with past deals, no cause and no judgement of the single deal."
        )
        table = self.table(columns, rows, note=note if known else "")
        return self.section(self._deals_title(known=known), self._caution(known=known), table)

    def _deal(self, deal: Mapping[str, Any], *, known: bool) -> list[Cell]:
        assert not isinstance(self.outcome, DataError)
        by = {"opportunity_id": deal["opportunity_id"]}
        due = deal["expected_close"]
        told: list[Cell] = [
            words(deal["opportunity_id"]),
            words(self.name_of(deal["rep_id"])),
            words(deal["stage"]),
            Day(day=due) if due else None,
            number(self.told("forecast.deal.amount", **by), compact=True),
        ]
        if known:
            told.append(number(self.told("forecast.deal.chance", **by)))
            told.append(number(self.told("forecast.deal.expected", **by), compact=True))
        if known and self.outcome.reasons:
            reasons = self.outcome.reasons.get(deal["opportunity_id"], ())
            told.append(words("; ".join(reason.tell(self.language) for reason in reasons)))
        return told

    def _came(self) -> Block | None:
        """Return what came of the chances given to past open deals; none where none are given."""
        from spm_lib.charts import reliability_chart

        if isinstance(self.outcome, DataError) or not self.outcome.reliability.height:
            return None
        classes = self.outcome.reliability
        between = [
            f"{self.language.percent(low, 0)}–{self.language.percent(high, 0)}"
            for low, high in classes.select("low", "high").iter_rows()
        ]
        data = classes.select(
            pl.Series("label", between, dtype=pl.String),
            "said",
            "came",
            pl.col("came_low").alias("low"),
            pl.col("came_high").alias("high"),
            pl.col("deals").alias("n"),
        )
        names = ("forecast.deal.said", "forecast.deal.came")
        figures = [f for f in self.known_figures.values() if f.metric in names]
        title = self._came_title(data)
        note = (
            "Every open deal at the start of each past quarter, with the chance that was given "
            "then to its being won in that quarter. The chance is honest where it lies in the "
            "interval."
        )
        return self.chart(
            reliability_chart(data, language=self.language, title=title),
            title=title,
            data=data,
            figures=figures,
            plot=plots.reliability(self),
            note=note,
        )

    def _came_title(self, classes: pl.DataFrame) -> str:
        """Return in how many classes the chance fits, and where it is farthest off."""
        off = classes.filter(~pl.col("said").is_between("low", "high"))
        number = self.write.count
        if not off.height:
            return self.text(
                "Chances held what they said: in {classes:the one class|each of {classes} classes} "
                "as many deals were won as the chance given makes likely",
                classes=number(classes.height),
            )
        farthest = off.sort((pl.col("said") - pl.col("came")).abs(), descending=True)
        said, came = farthest.row(0, named=True)["said"], farthest.row(0, named=True)["came"]
        return self.text(
            "Chances fit what came in {good} of {classes} classes; of deals given {said}, {came} "
            "were won",
            good=number(classes.height - off.height),
            classes=number(classes.height),
            said=self.language.percent(said, 0),
            came=self.language.percent(came, 0),
        )

    def _deals_title(self, *, known: bool) -> str:
        assert not isinstance(self.outcome, DataError)
        if known:
            return TITLE
        return "Largest open deals" if self.outcome.due is None else "Largest open deals due"

    def _caution(self, *, known: bool) -> Any:
        """Return what the list does not tell, where no chance of a deal is known."""
        assert not isinstance(self.outcome, DataError)
        period = self.language.period(self.outcome.quarter.periods[0])
        if not self.outcome.deciding.height:
            text = self.say(
                "No open deal with an amount is due by the end of {period}.", period=period
            )
        elif known:
            return None
        elif self.outcome.due is None:
            text = self.say(
                "The data tells neither when open deals are due nor how likely each of them is: "
                "these are only the largest, and need not be won in {period}.",
                period=period,
            )
        else:
            text = self.say(
                "These are the largest open deals due by the end of {period} by their own date; "
                "how likely each of them is the data does not tell. A dated history of stages "
                "would.",
                period=period,
            )
        return self.paragraph(text, tone="caution")
