"""The funnel report's breakdowns: open deals, reasons, activities and teams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from spm_lib.metrics import measure
from spm_lib.model import Figure, Receipt
from spm_lib.reports.blocks import Block, Chart, Column, Section, Table, Text
from spm_lib.reports.cells import Day, Number, words
from spm_lib.reports.pages import plots
from spm_lib.reports.pages.needing import needs
from spm_lib.reports.pages.open_ages import BANDS, OLDEST
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.team_parts import TeamParts

CHAIN = (
    ("Meetings per call", "activity.meetings_per_call"),
    ("Proposals per meeting", "activity.proposals_per_meeting"),
    ("Won deals per proposal", "activity.won_per_proposal"),
)
MOST_REASONS = 12


class FunnelBreakdowns(TeamParts):
    """The parts of the funnel report that break it down by stage, reason, activity and team."""

    @needs("Open pipeline by stage and age", "opportunities")
    def pipeline(self) -> Section:
        """Return the open pipeline by stage and by the age of its deals."""
        by = self._along
        amounts = {_where(f): f for f in self._open("open.amount", by)}
        counts = {_where(f): f for f in self._open("open.count", by) if int(f.value or 0)}
        aged = {(*_where(f), f.by["age"]): f for f in self._open("open.age.count", by)}
        names = dict.fromkeys(name for name, _ in counts) or {None: None}
        frame = measure(self.company, "open.amount", by=by).frame.filter(
            pl.col("stage").is_not_null() & (pl.col("used") > 0)
        )
        parts = []
        for name in names:
            here = frame if name is None else frame.filter(pl.col("pipeline").fill_null("") == name)
            figures = [f for (n, stage), f in amounts.items() if n == name and stage and f.n]
            rows = [where for where in counts if where[0] == name]
            table = self._ages(rows, counts=counts, amounts=amounts, aged=aged)
            parts.append((name, [self._open_chart(here, figures), table]))
        return self.by_pipelines("Open pipeline by stage and age", parts)

    @property
    def _along(self) -> list[str]:
        """The columns that stages are told along: their pipeline too, where there are several."""
        several = len(self.company.settings.pipelines) > 1
        return ["pipeline", "stage"] if several else ["stage"]

    def _open(self, metric: str, by: Sequence[str]) -> list[Figure]:
        return measure(self.company, metric, by=by).figures()

    def _open_chart(self, frame: pl.DataFrame, figures: Sequence[Figure]) -> Chart | Text:
        from spm_lib.charts import pipeline_chart

        title = self.pipeline_title(figures)
        drawn = pipeline_chart(
            frame, language=self.language, title=title, currency=self.company.currency
        )
        return self.chart(
            drawn, title=title, data=frame, figures=figures, plot=plots.open_by_stage(self)
        )

    def by_pipelines(
        self, title: str, parts: Sequence[tuple[str | None, Sequence[Block | None]]]
    ) -> Section:
        """Return a section with the blocks of each pipeline under its name.

        Where the client has one pipeline only (its name is None) there is no name over them.
        """
        blocks: list[Block | None] = []
        for name, found in parts:
            inner = [block for block in found if block is not None]
            if name is None:
                blocks += inner
            elif inner:
                head = self.pipeline_name(name)
                blocks.append(Section(edition=self.edition, title=head, blocks=tuple(inner)))
        return self.section(title, *blocks)

    def pipeline_name(self, name: str) -> str:
        """Return the name to print for a pipeline."""
        return name or self.text("Without a pipeline")

    def pipeline_title(self, figures: Sequence[Figure]) -> str:
        """Return the finding of the pipeline: where most of its money stands."""
        known = [f for f in figures if f.value is not None]
        if not known:
            return self.text("There are no open deals")
        most = max(known, key=lambda f: float(f.value or 0))
        return self.text(
            "The largest part of the open pipeline, {amount}, stands in {stage}",
            amount=self.write.number(Number(figure=most, compact=True)),
            stage=most.by["stage"],
        )

    def _ages(
        self,
        where: Sequence[Where],
        *,
        counts: Mapping[Where, Figure],
        amounts: Mapping[Where, Figure],
        aged: Mapping[tuple[str | None, str, str], Figure],
    ) -> Table | None:
        bands = [name for _, name in BANDS] + [OLDEST]
        rows = [
            (
                words(place[1] or self.text("Without a stage")),
                number(counts[place]),
                number(amounts.get(place)),
                *(
                    number(aged.get((*place, band), _none_of(counts[place], band)))
                    for band in bands
                ),
            )
            for place in where
        ]
        columns = [
            Column(title="Stage"),
            Column(title="Open deals", kind="count"),
            Column(title="Amount", kind="money", decimals=0),
            Column(title="0-30 days old", kind="count"),
            Column(title="31-90 days", kind="count"),
            Column(title="91-180 days", kind="count"),
            Column(title="Over 180 days", kind="count"),
        ]
        return self.table(columns, rows, note="Age: days since the deal was created.")

    @needs("Lost reasons", "opportunities")
    def lost_reasons(self) -> Section:
        """Return why deals were lost."""
        from spm_lib.charts import lost_reasons_chart

        if not self.company.has("opportunities", "lost_reason"):
            text = self.say("The data does not say why deals were lost.")
            return self.section("Lost reasons", self.paragraph(text, tone="missing"))
        made = self.measured("lost.reason.share")
        frame = made.frame.with_row_index("row").filter(pl.col("used") > 0)
        frame = frame.sort("used", descending=True).head(MOST_REASONS)
        every = made.figures()
        figures = [every[i] for i in frame["row"]]
        title = self.reasons_title(figures)
        drawn = lost_reasons_chart(
            frame.select("lost_reason", value="used"), language=self.language, title=title
        )
        rows = [
            (
                words(figure.by["lost_reason"] or self.text("No reason recorded")),
                number(figure, part="used"),
                number(figure),
                number(figure, part="interval"),
            )
            for figure in figures
        ]
        columns = [
            Column(title="Reason"),
            Column(title="Lost deals", kind="count"),
            Column(title="Share of lost deals", kind="ratio"),
            Column(title="95% interval", kind="ratio"),
        ]
        plot = plots.reasons(self)
        chart = self.chart(drawn, title=title, data=frame.drop("row"), figures=figures, plot=plot)
        return self.section("Lost reasons", chart, self.table(columns, rows))

    def reasons_title(self, figures: Sequence[Figure]) -> str:
        """Return the finding of the lost reasons: the most frequent one that was recorded."""
        named = [f for f in figures if f.by["lost_reason"] and f.value is not None]
        if not any(f.n for f in figures):
            return self.text("No deal was lost in this time")
        if not named:
            return self.text("No reason was recorded for any lost deal")
        return self.text(
            "The reason recorded most often is {reason}: {share} of lost deals",
            reason=named[0].by["lost_reason"],
            share=self.write.value(named[0], decimals=0),
        )

    @needs("Activities", "activities", "opportunities")
    def activity(self) -> Section:
        """Return the chain from calls to won deals, month by month."""
        figures = {
            m: self.measured(m, by="month").figures()
            for _, m in (*CHAIN, ("", "activity.per_won"), ("", "activity.count"))
        }
        months = self.measured("activity.count", by="month").frame["month"]
        rows = [
            (
                Day(day=month, grain="month"),
                number(figures["activity.count"][i]),
                *(number(figures[m][i]) for _, m in CHAIN),
                number(figures["activity.per_won"][i]),
            )
            for i, month in enumerate(months)
        ]
        total: list[Any] = [
            words(self.text("All months"), strong=True),
            number(self.figure("activity.count")),
        ]
        total += [number(self.figure(m)) for _, m in (*CHAIN, ("", "activity.per_won"))]
        columns = [
            Column(title="Month", kind="date"),
            Column(title="Activities", kind="count"),
            *(Column(title=title, kind="number", decimals=2) for title, _ in CHAIN),
            Column(title="Activities per won deal", kind="number", decimals=1),
        ]
        note = (
            "Effort and result of the same month are divided; a meeting need not follow "
            "from a call of that month."
        )
        return self.section("Activities", self.table(columns, [*rows, total], note=note))


Where = tuple[str | None, str]


def _none_of(count: Figure, band: str) -> Figure:
    """Return the count of a band of ages in which no open deal of a stage is."""
    receipt = Receipt(0, scoped=count.receipt.scoped)
    by = {**count.by, "age": band}
    return replace(count, metric="open.age.count", by=by, value="0", n=0, receipt=receipt)


def _where(figure: Figure) -> Where:
    """Return the pipeline (None: there is but one) and the stage of a figure."""
    return figure.by.get("pipeline"), figure.by["stage"]
