"""The part of the playbook report that scores leads, or says why no score is shown."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from spm_lib.core.errors import DataError
from spm_lib.model.names import column_heading
from spm_lib.process import LeadScore, lead_score
from spm_lib.reports.blocks import Block, Column, Section, Sentence
from spm_lib.reports.cells import Cell, Day, Number, words
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.playbook_leads import PlaybookLeads

SCORES = "Which leads become deals"
SHOWN = 20  # leads that are named
ARRIVAL = {
    "weekday": "Weekday",
    "part_of_day": "Part of the day",
    "load": "Leads of the week before",
    "first_response_at": "First answer",
    "converted_at": "Day of becoming a deal",
    "opportunity_id": "The deal it became",
}


class PlaybookScores(PlaybookLeads):
    """How likely leads become deals, by what is known when they come in."""

    @cached_property
    def score(self) -> LeadScore | DataError:
        """The score of the leads, or why there is none."""
        try:
            return lead_score(self.company)
        except DataError as error:
            return error

    def scores(self) -> Section:
        """Return whether leads can be scored, how the score held, and the leads that wait."""
        if not self.known("leads"):
            return self.lacking(SCORES, "leads")
        if isinstance(self.score, DataError):
            return self.untold(SCORES, self.score)
        made = self.score
        metrics = ("lead.score_gain", "lead.score_said", "lead.score_became")
        told = [*self.spoken(made.statements, *metrics), self._gain()]
        blocks = (self._held(made), self._waiting(made), self._looked_at(made))
        return self.section(SCORES, self.paragraph(*told), *blocks)

    def _gain(self) -> Sentence:
        told = self.told("lead.score_gain")
        text = (
            "Gain over that rate in log-loss per lead: {gain} (95% interval {low} to {high}); "
            "above 0 it foretells more."
        )
        gain, low, high = (
            self.write.number(Number(figure=told, part=part), decimals=4) if told else ""
            for part in ("value", "low", "high")
        )
        figures = (told,) if told else ()
        return self.noted(
            Sentence(text=self.text(text, gain=gain, low=low, high=high), figures=figures)
        )

    def _held(self, made: LeadScore) -> Block | None:
        if made.verdict == "no better":
            return None
        columns = [
            Column(title="Leads of the newest third, by their chance"),
            Column(title="Leads", kind="count"),
            Column(title="The score said", kind="ratio", decimals=0),
            Column(title="Became deals", kind="ratio", decimals=0),
            Column(title="95% interval", kind="ratio",
                   help="Of what became deals, for all groups together"),
        ]  # fmt: skip
        rows = [self._group_held(row) for row in made.groups.iter_rows(named=True)]
        return self.table(columns, rows, title="Whether what was said came true")

    def _group_held(self, row: dict[str, Any]) -> tuple[Cell, ...]:
        by = {"group": str(row["group"])}
        became = self.told("lead.score_became", **by)
        return (
            words(self.text("Group {n}", n=self.write.count(row["group"]))),
            number(became, part="n"),
            number(self.told("lead.score_said", **by)),
            number(became),
            number(became, part="interval"),
        )

    def _waiting(self, made: LeadScore) -> Block | None:
        columns = [
            Column(title="Lead"),
            Column(title="Came in", kind="date"),
            Column(title=self._arrival("source")),
            Column(title="Person"),
            Column(title="Chance", kind="ratio", decimals=0),
            Column(title="Such leads became deals", kind="ratio",
                   help="95% interval of earlier leads with such a chance"),
        ]  # fmt: skip
        rows = [self._lead(row) for row in made.waiting.head(SHOWN).iter_rows(named=True)]
        note = (
            "Leads that have not had their time, likeliest first; the chance is as of the day a "
            "lead came in. Associated is not caused: a low chance is no reason to leave a lead "
            "unanswered."
        )
        return self.table(columns, rows, title="Leads that may still become deals", note=note)

    def _lead(self, row: dict[str, Any]) -> tuple[Cell, ...]:
        chance = self.told("lead.score", lead_id=row["lead_id"])
        return (
            words(row["lead_id"]),
            Day(day=row["created_on"]),
            words(row["source"] or "–"),
            words(self.name_of(row["rep_id"])),
            number(chance),
            number(chance, part="interval"),
        )

    def _looked_at(self, made: LeadScore) -> Block | None:
        rows = [
            (
                words(self._arrival(c.column)),
                words(self.text(c.refused.text if c.refused else "looked at")),
            )
            for c in made.columns
        ]
        columns = [Column(title="Column"), Column(title="Whether it was looked at")]
        return self.table(columns, rows, title="What is known of a lead when it comes in")

    def _arrival(self, column: str) -> str:
        if column in ARRIVAL:
            return self.text(ARRIVAL[column])
        return column_heading(column, self.language)
