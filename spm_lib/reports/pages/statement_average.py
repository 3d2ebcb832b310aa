"""A statement's mean month of the last twelve worked ones, by tag, split where the plan changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from spm_lib.incentives import PersonPaid
from spm_lib.incentives.paid.paid_period import Average
from spm_lib.model import Figure
from spm_lib.reports.blocks import Block, Column, Section
from spm_lib.reports.cells import Cell, words
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.statement_base import TAGS, StatementBase


class StatementAverage(StatementBase):
    """The part of a statement that the law on severance and leave asks for."""

    def average(self) -> Section | None:
        """Return the mean monthly pay of the last twelve worked months, by tag and stretch."""
        title = "Mean of the last 12 worked months, by tag"
        person = self.person
        if person is None:
            return None
        rows = [self._mean_row(person, row, {}) for row in person.averages]
        told = self.say(
            "A month counts if the person was in the plan on each of its days, was not on leave, "
            "and its pay is kept. Not legal advice."
            if self.paid.leave_known
            else "A month counts if the person was in the plan on each of its days and its pay is "
            "kept; leave is not in the data. Not legal advice."
        )
        whole = self.table([Column(title="Tag"), *self._sums_of_months()], rows)
        note = self.paragraph(told, tone="caution")
        return self.section(title, whole, *self._stretches(person), note)

    def _stretches(self, person: PersonPaid) -> Iterator[Block | None]:
        """Yield the means between the changes of the plan; nothing where it did not change."""
        if not person.stretches:
            return
        days = self.language.list([self.language.date(day) for day in person.plan_changes])
        yield self.paragraph(
            self.say(
                "The plan changed within these months: {days}. Below, each stretch has a mean of "
                "its own, over up to 12 worked months of it; a month with a change in it counts "
                "with those after. Where only a target changed, no stretch begins.",
                days=days,
            )
        )
        rows = []
        for stretch in person.stretches:
            name = words(self.days_told(stretch.start, stretch.end))
            by = {"from": stretch.start.isoformat(), "to": stretch.end.isoformat()}
            rows += [(name, *self._mean_row(person, row, by)) for row in stretch.averages]
        yield self.table(
            [Column(title="Stretch"), Column(title="Tag"), *self._sums_of_months()],
            rows,
            title="Between the changes of the plan",
        )

    def _sums_of_months(self) -> list[Column]:
        paid, mean = self.amounts("Paid in them"), self.amounts("Mean of a month")
        return [Column(title="Months", kind="count"), paid, mean]

    def _mean_row(self, person: PersonPaid, row: Average, by: dict[str, str]) -> tuple[Cell, ...]:
        def mean(minor: int, **part: str) -> Figure:
            keys = {"rep_id": person.rep_id, "tag": row.tag or "", **by, **part}
            return replace(self.money("average", minor, row.months, **keys), n=row.months)

        return (
            words(self.text(TAGS[row.tag] if row.tag else "of no component")),
            number(mean(row.mean), part="n"),
            number(mean(row.total, part="total")),
            number(mean(row.mean)),
        )
