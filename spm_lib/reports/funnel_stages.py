"""The funnel report's stages: what became of the deals in each, and how long they stay there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from spm_lib.reports import plots
from spm_lib.reports.blocks import Block, Column, Section, Sentence, Table
from spm_lib.reports.cells import Number, words
from spm_lib.reports.funnel_breakdowns import FunnelBreakdowns
from spm_lib.reports.orders_parts import needs
from spm_lib.reports.page import number
from spm_lib.reports.stage_funnel import StageFunnel, stage_funnels

if TYPE_CHECKING:
    from spm_lib.reports.cells import Cell

COUNTS = (
    ("Advanced", "stage_flow.advanced"),
    ("Lost", "stage_flow.lost"),
    ("Still open", "stage_flow.still_open"),
)
CONSERVED = (
    "Entered = advanced + lost + still open, in every row; what advanced from one stage entered "
    "the next."
)


class FunnelStages(FunnelBreakdowns):
    """The parts of the funnel report that go along the stages."""

    def funnels(self) -> list[StageFunnel]:
        """Return the funnel of each pipeline: the deals created in the window."""
        return stage_funnels(self.measured("stage_conversion.cohort"))

    @needs("Funnel by stage", "opportunities")
    def funnel(self) -> Section:
        """Return the funnel of the deals created in the window, stage by stage."""
        blocks = [block for funnel in self.funnels() for block in self._one_funnel(funnel)]
        return self.section("Funnel by stage", *blocks)

    def _one_funnel(self, funnel: StageFunnel) -> list[Block | None]:
        from spm_lib.charts import funnel_chart

        title = self.funnel_title(funnel)
        unknown = pl.col("lost_stage_unknown").alias("lost_unknown")
        frame = funnel.frame.rename({"still_open": "open"}).with_columns(unknown)
        frame = frame.with_columns(lost_here=pl.col("lost") - pl.col("lost_unknown"))
        drawn = funnel_chart(
            frame if funnel.told else frame.drop("value"), language=self.language, title=title
        )
        flows = [figure for counts in funnel.flows.values() for figure in counts]
        chart = self.chart(
            drawn,
            title=title,
            data=frame,
            figures=[*funnel.figures, *flows],
            plot=plots.stage_flow(self, unknown=funnel.unknown is not None),
        )
        caution = None if funnel.told else self.paragraph(self.not_told(funnel), tone="caution")
        return [caution, chart, self._funnel_table(funnel)]

    def funnel_title(self, funnel: StageFunnel) -> str:
        """Return the finding of a funnel."""
        if not funnel.told:
            return self.text("At which stage deals are lost is not known")
        worst = funnel.narrowest
        if worst is None:
            return self.text("Too few deals to tell where most are lost")
        return self.text(
            "The narrowest point is {stage}: {rate} of the deals that reached it have gone "
            "on so far",
            stage=worst.by["stage"],
            rate=self.write.value(worst, decimals=0),
        )

    def not_told(self, funnel: StageFunnel) -> Sentence:
        """Return why nothing is said of where deals are lost."""
        unknown = funnel.unknown
        assert unknown is not None
        return self.say(
            "{unknown} of the {n} deals created in this time were lost, and nobody recorded at "
            "which stage; they are counted at {stage}. So no narrowest point can be told, and no "
            "conversion of a stage.",
            unknown=unknown,
            n=Number(figure=unknown, part="n"),
            stage=unknown.by["stage"],
        )

    def _funnel_table(self, funnel: StageFunnel) -> Table | None:
        rates = [
            Column(title="Conversion", kind="ratio"),
            Column(title="95% interval", kind="ratio"),
        ]
        columns = [
            Column(title="Stage"),
            Column(title="Entered", kind="count"),
            *(Column(title=title, kind="count") for title, _ in self._counts(funnel)),
            *(rates if funnel.told else []),
            Column(title="Skipped", kind="count", help="Passed the stage without a visit"),
        ]
        note = self.text(CONSERVED)
        if funnel.told:
            note += " " + self.text(
                "Deals still open may yet advance, so the conversion of the last months is a lower "
                "bound."
            )
        rows = [self._funnel_row(funnel, place) for place in range(len(funnel.stages))]
        return self.table(columns, rows, note=note)

    def _counts(self, funnel: StageFunnel) -> list[tuple[str, str]]:
        unknown = (
            [("Of them, stage not known", "stage_flow.lost_unknown")] if funnel.unknown else []
        )
        return [*COUNTS[:2], *unknown, *COUNTS[2:]]

    def _funnel_row(self, funnel: StageFunnel, place: int) -> list[Cell]:
        figure = funnel.figures[place]
        rates = [number(figure), number(figure, part="interval")]
        return [
            words(funnel.stages[place]),
            number(figure, part="n"),
            *(number(funnel.flows[metric][place]) for _, metric in self._counts(funnel)),
            *(rates if funnel.told else []),
            number(funnel.flows["stage_flow.skipped"][place]),
        ]
