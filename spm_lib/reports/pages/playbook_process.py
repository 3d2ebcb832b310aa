"""The part of the playbook report on the process: the map of the stages and its numbers."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.metrics.stages import stage_by, stage_name
from spm_lib.process import ProcessMap, process_map
from spm_lib.process.process_map.walks import kind_words
from spm_lib.reports.blocks import Block, Column, Section
from spm_lib.reports.cells import Cell, words
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.told_parts import ToldParts

PROCESS = "The process, stage by stage"
MAP = ("process.entered", "process.moved", "process.share", "process.median_days")


class PlaybookProcess(ToldParts):
    """How deals walk through the stages in the months looked back on."""

    @cached_property
    def map(self) -> ProcessMap | DataError:
        """The map of the stages, or why there is none."""
        try:
            return process_map(self.company, window=self.window)
        except DataError as error:
            return error

    def process(self) -> Section:
        """Return the map of the stages with volume, loss and time, and its numbers as a table."""
        if isinstance(self.map, DataError):
            return self.untold(PROCESS, self.map)
        made = self.map
        pipelines = made.stages["pipeline"].unique(maintain_order=True).to_list()
        drawn = [self._drawn(made, name, several=len(pipelines) > 1) for name in pipelines]
        told = self.paragraph(*self.spoken(made.statements, *MAP))
        return self.section(PROCESS, told, *drawn, self._ways_out(made))

    def _drawn(self, made: ProcessMap, pipeline: str, *, several: bool) -> Block | None:
        from spm_lib.charts import process_map_chart

        moves = made.moves.filter(pl.col("pipeline") == pipeline)
        of_kind = moves.with_columns(median_days="kind_days")  # an arrow is of all it leads to
        row = made.most_lost(pipeline=pipeline)
        if row is not None:
            share = self.write.language.percent(row["kind_visits"] / row["entered"], decimals=0)
            title = self.text(
                "Most deals are lost at {stage}: {share} of its visits",
                stage=row["stage"],
                share=share,
            )
        else:
            title = self.text("No deal was lost on the way")
        if several:
            title = f"{pipeline}: {title}"
        return self.chart(
            process_map_chart(of_kind, language=self.language, title=title),
            title=title,
            data=moves.select("stage", "entered", "kind", "to", "visits", "median_days"),
            figures=[f for f in self.of(*MAP) if f.by.get("pipeline", "default") == pipeline],
            note="Visits that began in the window and where they had gone by the day of the "
            "report; blue goes on, orange is lost. A deal that comes back to a stage is a visit "
            "more. The days are the median of those who took that way.",
        )

    def _ways_out(self, made: ProcessMap) -> Block | None:
        columns = [
            Column(title="Stage"),
            Column(title="Visits", kind="count"),
            Column(title="Way out"),
            Column(title="Where to"),
            Column(title="Took it", kind="count"),
            Column(title="Share", kind="ratio", decimals=0),
            Column(title="95% interval", kind="ratio"),
            Column(title="Median days", kind="days"),
        ]
        rows = [self._way_out(row) for row in made.moves.iter_rows(named=True)]
        note = (
            "Entered = on to the next stage + past a stage + back + won + lost + still there, "
            "stage by stage."
        )
        return self.table(columns, rows, title="Every way out of a stage", note=note)

    def _way_out(self, row: dict[str, Any]) -> tuple[Cell, ...]:
        stage = stage_by(row["pipeline"], row["stage"])
        by = {**stage, "kind": row["kind"]}
        by |= {"to": row["to"]} if row["to"] is not None else {}
        share = self.told("process.share", **by)
        name = stage_name(self.company, row["pipeline"], row["stage"])
        return (
            words(name),
            number(self.told("process.entered", **stage)),
            words(self.text(kind_words(row["kind"]).text)),
            words(row["to"] or "–"),
            number(self.told("process.moved", **by)),
            number(share),
            number(share, part="interval"),
            number(self.told("process.median_days", **by)),
        )
