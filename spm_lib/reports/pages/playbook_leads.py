"""The part of the playbook report on leads: how far they come, and how soon they are answered."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.model.names import column_heading
from spm_lib.process import LeadFlow, lead_flow
from spm_lib.reports.blocks import Block, Column, Section
from spm_lib.reports.cells import Cell, words
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.playbook_process import PlaybookProcess

LEADS = "From lead to deal"
STEPS = {
    "came": "Came in",
    "answered": "Answered",
    "converted": "Became a deal",
    "with_deal": "The deal is known",
    "won": "Won by now",
}
ANSWERS = {"soon": "Answered within a day", "later": "Answered later, or not"}


class PlaybookLeads(PlaybookProcess):
    """How leads become deals in the months looked back on."""

    @cached_property
    def flow(self) -> LeadFlow | DataError:
        """The way of the leads, or why it cannot be told."""
        try:
            return lead_flow(self.company, window=self.window)
        except DataError as error:
            return error

    def leads(self) -> Section:
        """Return how far leads come, how soon they are answered, by source and person."""
        if not self.known("leads"):
            return self.lacking(LEADS, "leads")
        if isinstance(self.flow, DataError):
            return self.untold(LEADS, self.flow)
        flow = self.flow
        told = self.paragraph(*self.spoken(flow.statements, "lead.conversion", "lead.step"))
        return self.section(LEADS, told, self._steps(), self._groups(flow))

    def _steps(self) -> Block | None:
        rows = [
            (words(self.text(title)), number(self.told("lead.step", step=step)))
            for step, title in STEPS.items()
            if self.told("lead.step", step=step) is not None
        ]
        columns = [Column(title="Step"), Column(title="Leads", kind="count")]
        note = (
            "Leads that came in the window and have had the time in which nine of ten become "
            "deals. Each step counts only after all before it."
        )
        return self.table(columns, rows, title="How far leads come", note=note)

    def _groups(self, flow: LeadFlow) -> Block | None:
        columns = [
            Column(title="By"),
            Column(title="Leads of"),
            Column(title="Leads", kind="count"),
            Column(title="Days to the first answer", kind="days", decimals=0,
                   help="Median; leads without an answer are allowed for"),
            Column(title="Answered", kind="ratio", decimals=0),
            Column(title="Became deals", kind="ratio", decimals=0),
            Column(title="95% interval", kind="ratio"),
            Column(title="Group"),
        ]  # fmt: skip
        kept = flow.groups.filter(pl.col("column") != "all")
        rows = [self._group(row) for row in kept.iter_rows(named=True)]
        note = (
            "Answered within a day or later: of leads not yet converted by then, and conversion "
            "after it. Associated is not caused: whoever is keen may be answered first. Two "
            "sources, or two people, that share a letter cannot be told apart; without letters, "
            "none can."
        )
        title = "Leads by source, person and answer"
        return self.table(columns, rows, title=title, note=note)

    def _group(self, row: dict[str, Any]) -> tuple[Cell, ...]:
        by = {row["column"]: row["value"] or ""}
        share = self.told("lead.conversion", **by)
        answer = row["column"] == "answer"
        parted = self.text("How soon answered") if answer else self._heading(row["column"])
        return (
            words(parted),
            words(self._named(row["column"], row["value"])),
            number(share, part="n"),
            number(self.told("lead.response_days", **by)),
            number(self.told("lead.answered", **by)),
            number(share),
            number(share, part="interval"),
            words(row["group"]) if row["group"] else None,
        )

    def _heading(self, column: str) -> str:
        return column_heading(column, self.language)

    def _named(self, column: str, value: str | None) -> str:
        if column == "answer":
            return self.text(ANSWERS[value or "later"])
        return super()._named(column, value or "") or "–"
