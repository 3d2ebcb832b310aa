"""A person's funnel, stage by stage, beside that of the others together."""

from __future__ import annotations

from collections.abc import Mapping

from spm_lib.model import Figure
from spm_lib.reports.blocks import Column, Section, Sentence, Table
from spm_lib.reports.cells import Cell, words
from spm_lib.reports.pages.needing import creation_known
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.people_page import FEW
from spm_lib.reports.pages.rep_pipeline import RepPipeline
from spm_lib.reports.pages.stage_funnel import MOST_UNKNOWN

STAGES = "Stage by stage"
METRIC = "stage_conversion.cohort"


class RepFunnel(RepPipeline):
    """The part of a person's page that goes along the stages."""

    def funnel_of(self, rep: str) -> Section:
        """Return a person's funnel by stage, and that of the others."""
        if not creation_known(self):
            text = self.say(
                "The data does not say when deals were created, and this part goes by it."
            )
            return self.section(STAGES, self.paragraph(text, tone="missing"))
        rows = self.numbers.by_stage(METRIC, rep)
        rows = [(row, figure) for row, figure in rows if figure.n]
        if not rows:
            text = self.say("No deal was created in this time.")
            return self.section(STAGES, self.paragraph(text))
        lost = sum(int(str(row["lost"])) for row, _ in rows)
        unknown = sum(int(str(row["lost_stage_unknown"])) for row, _ in rows)
        told = unknown <= MOST_UNKNOWN * lost
        return self.section(STAGES, self._table_of_stages(rep, rows, told=told))

    def _table_of_stages(
        self, rep: str, rows: list[tuple[Mapping[str, object], Figure]], *, told: bool
    ) -> Table | None:
        columns = [
            Column(title="Stage"),
            Column(title="Deals that reached it", kind="count"),
            *(
                [
                    Column(title="Went on", kind="ratio", decimals=0),
                    Column(title="95% interval", kind="ratio"),
                    Column(title="The others", kind="ratio", decimals=0),
                    Column(title="Their 95% interval", kind="ratio"),
                    Column(title="Their deals", kind="count"),
                ]
                if told
                else []
            ),
        ]
        cells = [self._stage(rep, row, figure, told=told) for row, figure in rows]
        note = " ".join(s.text for s in self.stage_notes(rep, told=told))
        table = self.table(columns, cells)
        return None if table is None else table.model_copy(update={"note": note})

    def stage_notes(self, rep: str, *, told: bool) -> list[Sentence]:
        """Return what must be known of the numbers of the stages."""
        if not told:
            return [self.say("At which stage deals were lost is not known: no conversion is told.")]
        said = [
            self.say(
                "Deals created in this time; those still open count as not gone on. Grey: fewer "
                "than {few} deals, which say little.",
                few=FEW,
            )
        ]
        return [*said, self.who_the_others_are(rep)]

    def who_the_others_are(self, rep: str) -> Sentence:
        """Return whom a person is compared with, or that there are too few to say."""
        peers = self.peers(rep)
        if not peers.level:
            return self.say(
                "Numbers of the others are withheld: fewer than five of them closed deals in this "
                "time."
            )
        text = (
            "The others: {others} people of the same team and role."
            if peers.level == "team"
            else "The others: {others} people of the same role in the company."
        )
        return self.say(text, others=peers.others)

    def _stage(
        self, rep: str, row: Mapping[str, object], figure: Figure, *, told: bool
    ) -> list[Cell]:
        stage, pipeline = str(row["stage"]), row.get("pipeline")
        label = f"{stage} ({pipeline})" if pipeline else stage
        if not told:
            return [words(label), number(figure, part="n")]
        key = "\t".join(str(part) for part in (pipeline, stage) if part)
        others = self.peer_figure(rep, "peers.stage_conversion", key)
        return [
            words(label),
            number(figure, part="n"),
            self.grey(figure),
            self.grey(figure, "interval"),
            number(others),
            number(others, part="interval"),
            number(others, part="n"),
        ]
