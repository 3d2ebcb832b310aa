"""The part of the coaching report that tells each manager whose ratios have really changed."""

from __future__ import annotations

from typing import Any

from spm_lib.core.statement import Statement
from spm_lib.metrics.touches import MANY
from spm_lib.reports.blocks import Block, Column, Section
from spm_lib.reports.cells import Cell, Day, words
from spm_lib.reports.pages.coaching_habits import CoachingHabits
from spm_lib.reports.pages.needing import needs
from spm_lib.reports.pages.page import number

ALERTS = "Who has really changed"
RATES = (
    *("alert.before", "alert.after", "alert.evidence"),
    *("alert.people", "alert.watches", "alert.raised"),
)


class CoachingAlerts(CoachingHabits):
    """Alarms at a stated rate of false alarms, by manager."""

    @needs(ALERTS, "opportunities")
    def alerts(self) -> Section:
        """Return whose ratios have really changed, by manager, with the evidence."""
        told = self.spoken(self.watched.statements, *RATES)
        return self.section(ALERTS, self.paragraph(*told), self._raised())

    def _raised(self) -> Block | None:
        rows = self.watched.raised.sort(
            "manager_id", "raised_on", "rep_id", "ratio", nulls_last=True
        )
        columns = [
            Column(title="Manager"),
            Column(title="Person"),
            Column(title="Ratio"),
            Column(title="Change"),
            Column(title="Since", kind="date"),
            Column(title="Before", kind="ratio", decimals=0),
            Column(title="After", kind="ratio", decimals=0),
            Column(title="The others before", kind="ratio", decimals=0),
            Column(title="The others after", kind="ratio", decimals=0),
            Column(title="Times likelier", kind="number", decimals=0,
                   help="How many times likelier the cases are if the ratio changed"),
            Column(title="Raised on", kind="date"),
        ]  # fmt: skip
        note = (
            "The change is dated to the week in which it most likely began; it was seen only on "
            "the day the alarm was raised."
        )
        made = [self._alert(row) for row in rows.iter_rows(named=True)]
        return self.table(columns, made, title="This week's list, by manager", note=note)

    def _alert(self, row: dict[str, Any]) -> tuple[Cell, ...]:
        by = {"rep_id": row["rep_id"], "ratio": row["ratio"]}
        before, after = (self.told(f"alert.{side}", **by) for side in ("before", "after"))
        manager = row["manager_id"]
        moved = self.text("has risen") if row["direction"] == "up" else self.text("has fallen")
        return (
            words(self.name_of(manager) if manager else self.text("No manager")),
            words(self.name_of(row["rep_id"]), strong=row["new"]),
            words(self._ratio(row["ratio"])),
            words(moved),
            Day(day=row["since"]),
            number(before),
            number(after),
            number(self.told("alert.others_before", **by)),
            number(self.told("alert.others_after", **by)),
            number(self.told("alert.evidence", **by), kind="number"),
            Day(day=row["raised_on"]),
        )

    def _ratio(self, name: str) -> str:
        """Return the name of a ratio in the language of the page."""
        kind, _, what = name.partition(":")
        if kind == "stage":
            return self.text("Forward from {stage}", stage=what)
        if kind == "early":
            text = "New deals with activity in seven days: {kind}"
            return Statement(text, {"kind": MANY.get(what, what)}).tell(self.language)
        return self.text("Win rate")
