"""The funnel report's stages: what became of the deals in each, and how long they stay there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from spm_lib.model import Figure
from spm_lib.reports.blocks import Block, Column, Section, Sentence, Table
from spm_lib.reports.cells import Number, words
from spm_lib.reports.pages import plots
from spm_lib.reports.pages.funnel_breakdowns import FunnelBreakdowns
from spm_lib.reports.pages.needing import creation_known, needs, needs_creation
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.stage_funnel import StageFunnel, by_pipeline, stage_funnels

if TYPE_CHECKING:
    from spm_lib.reports.cells import Cell

WALKED = ["skipped", "re_entered"]
STAYS = ("median_days", "q1_days", "q3_days", "median_working_days", "km_median_days")
CONSERVED = (
    "Entered = advanced + lost + still open, in every row; what advanced from one stage entered "
    "the next."
)


class FunnelStages(FunnelBreakdowns):
    """The parts of the funnel report that go along the stages."""

    def funnels(self) -> list[StageFunnel]:
        """Return the funnel of each pipeline: the deals created in the window; none of no deal."""
        if not creation_known(self):
            return []
        return stage_funnels(self.measured("stage_conversion.cohort"))

    @needs("Funnel by stage", "opportunities")
    @needs_creation("Funnel by stage")
    def funnel(self) -> Section:
        """Return the funnel of the deals created in the window, stage by stage."""
        arrived: dict[str | None, StageFunnel] = {}
        if self.known("stage_events"):
            by_arrival = stage_funnels(self.measured("stage_conversion.period"))
            arrived = {funnel.pipeline: funnel for funnel in by_arrival}
        parts = []
        for funnel in self.funnels():
            blocks = self._one_funnel(funnel)
            if funnel.pipeline in arrived:
                blocks.append(self._arrived_table(arrived[funnel.pipeline]))
            parts.append((funnel.pipeline, blocks))
        return self.by_pipelines("Funnel by stage", parts)

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
        if not funnel.entered:
            return [chart]
        caution = None if funnel.told else self.paragraph(self.not_told(funnel), tone="caution")
        return [caution, chart, self._funnel_table(funnel)]

    def funnel_title(self, funnel: StageFunnel) -> str:
        """Return the finding of a funnel."""
        if not funnel.entered:
            return self.text("No deal was created in this time")
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
            "{unknown} of the {n:1 deal|{n} deals} created in this time {unknown:was|were} "
            "lost, and nobody recorded at which stage; they are counted at {stage}. So no "
            "narrowest point can be told, and no conversion of a stage.",
            unknown=unknown,
            n=Number(figure=unknown, part="n"),
            stage=self.stage_of(funnel, unknown),
        )

    def stage_of(self, funnel: StageFunnel, figure: Figure) -> str:
        """Return the name of a figure's stage, with its pipeline where there are several."""
        stage = figure.by["stage"]
        if funnel.pipeline is None:
            return stage
        return f"{stage} ({self.pipeline_name(funnel.pipeline)})"

    def _arrived_table(self, funnel: StageFunnel) -> Table | None:
        """Return what became of the deals that arrived at each stage in the window."""
        title = "Deals that reached the stage in this time, whenever they were created"
        note = "A deal may arrive at several stages in this time; it is counted at each of them."
        return self._funnel_table(funnel, title=title, note=note)

    def _funnel_table(
        self, funnel: StageFunnel, *, title: str = "", note: str = CONSERVED
    ) -> Table | None:
        counts = self._counts(funnel)
        rates = [
            Column(title="Conversion", kind="ratio"),
            Column(title="95% interval", kind="ratio"),
        ]
        columns = [
            Column(title="Stage"),
            Column(title="Entered", kind="count"),
            *(counts[name] for name in counts if name not in WALKED),
            *(rates if funnel.told else []),
            *(counts[name] for name in counts if name in WALKED),
        ]
        told = self.text(note)
        if funnel.told:
            told += " " + self.text(
                "Deals still open may yet advance, so the conversion of the last months is a lower "
                "bound."
            )
        rows = [self._funnel_row(funnel, place) for place in range(len(funnel.stages))]
        return self.table(columns, rows, title=title, note=told)

    def _counts(self, funnel: StageFunnel) -> dict[str, Column]:
        """Return the counts to print, and the head of each; walks need a history of stages."""
        shown = {
            "advanced": Column(title="Advanced", kind="count"),
            "lost": Column(title="Lost", kind="count"),
            "lost_stage_unknown": Column(title="Of them, stage not known", kind="count"),
            "still_open": Column(title="Still open", kind="count"),
            "skipped": Column(
                title="Skipped", kind="count", help="Passed the stage without a visit"
            ),
            "re_entered": Column(
                title="Re-entered", kind="count", help="Further visits of deals that came back"
            ),
        }
        left_out = [] if funnel.unknown else ["lost_stage_unknown"]
        left_out += [] if self.known("stage_events") else WALKED
        return {name: column for name, column in shown.items() if name not in left_out}

    def _funnel_row(self, funnel: StageFunnel, place: int) -> list[Cell]:
        figure = funnel.figures[place]
        counts = {name: number(funnel.flows[name][place]) for name in self._counts(funnel)}
        rates = [number(figure), number(figure, part="interval")]
        return [
            words(funnel.stages[place]),
            number(figure, part="n"),
            *(cell for name, cell in counts.items() if name not in WALKED),
            *(rates if funnel.told else []),
            *(cell for name, cell in counts.items() if name in WALKED),
        ]

    def time_in_stage(self) -> Section:
        """Return how long deals stay in each stage."""
        if not self.known("stage_events"):
            return self.lacking("Time in stage", "stage_events")
        made = {n: self.measured(f"time_in_stage.{n}") for n in STAYS}
        told = {
            n: {(f.by.get("pipeline"), f.by["stage"]): f for f in part.figures()}
            for n, part in made.items()
        }
        median = made["median_days"]
        frame = median.frame.with_columns(
            q1=made["q1_days"].frame["value"], q3=made["q3_days"].frame["value"]
        )
        parts = []
        for name, places in by_pipeline(median):
            here = frame[places]
            parts.append((name, self._stays(here, [_picked(told, k) for k in _keys(name, here)])))
        return self.by_pipelines("Time in stage", parts)

    def _stays(
        self, frame: pl.DataFrame, found: Sequence[Mapping[str, Figure | None]]
    ) -> list[Block | None]:
        from spm_lib.charts import time_in_stage_chart

        rows = [
            (
                words(stage),
                number(figures["median_days"], part="n"),
                *(number(figures[name]) for name in ("q1_days", "median_days", "q3_days")),
                *(number(figures[name]) for name in ("median_working_days", "km_median_days")),
            )
            for stage, figures in zip(frame["stage"], found, strict=True)
        ]
        columns = [
            Column(title="Stage"),
            Column(title="Visits that ended", kind="count"),
            Column(title="Lower quartile, days", kind="days", decimals=0),
            Column(title="Median, days", kind="days", decimals=0),
            Column(title="Upper quartile, days", kind="days", decimals=0),
            Column(title="Median, working days", kind="days", decimals=0),
            Column(title="Median with open visits, days", kind="days", decimals=0),
        ]
        title = self.stay_title([f["median_days"] for f in found])
        drawn = time_in_stage_chart(frame, language=self.language, title=title)
        told = [f for name in STAYS for part in found if (f := part[name]) is not None]
        chart = self.chart(drawn, title=title, data=frame, figures=told, plot=plots.stays(self))
        note = (
            "The last column also counts visits that still go on (Kaplan-Meier): where it "
            "is far above the median, deals are stuck."
        )
        return [chart, self.table(columns, rows, note=note)]

    def stay_title(self, medians: Sequence[Figure | None]) -> str:
        """Return the finding of the time in stage: the longest stay."""
        known = [f for f in medians if f is not None and f.value is not None]
        if not known:
            return self.text("No visit to a stage has ended in this time")
        longest = max(known, key=lambda f: float(f.value or 0))
        return self.text(
            "Deals stay longest in {stage}: half of them more than {days} days",
            stage=longest.by["stage"],
            days=self.write.value(longest),
        )


Key = tuple[str | None, str]


def _keys(name: str | None, frame: pl.DataFrame) -> list[Key]:
    return [(name, stage) for stage in frame["stage"]]


def _picked(told: Mapping[str, Mapping[Key, Figure]], key: Key) -> dict[str, Figure | None]:
    return {name: figures.get(key) for name, figures in told.items()}
