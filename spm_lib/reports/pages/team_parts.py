"""Teams side by side; where nobody named them, the people of each manager."""

from __future__ import annotations

from spm_lib.model import Figure
from spm_lib.reports.blocks import Column, Section, Table
from spm_lib.reports.cells import Cell, words
from spm_lib.reports.pages.needing import needs
from spm_lib.reports.pages.orders_parts import OrdersParts
from spm_lib.reports.pages.page import number

METRICS = (
    "won.amount",
    "won.count",
    "win_rate.closed.count",
    "deal.mean_amount",
    "cycle.won.median_days",
)
RATE = "win_rate.closed.count"


class TeamParts(OrdersParts):
    """The part of a report that compares teams."""

    def teams(self) -> Section:
        """Return the teams side by side, as dated by their memberships."""
        if self.orders_only and self.known("memberships"):
            column = self._grouped_by()
            head = "Team" if column == "team" else "Manager"
            return self.orders_by(column, title="Teams", head=head)
        return self._teams_by_deals()

    def _grouped_by(self) -> str:
        """Return "team", or "manager_id" where memberships name managers and no team."""
        members = self.company.table("memberships")
        named = {name: members[name].null_count() < members.height for name in GROUPS}
        return "manager_id" if named["manager_id"] and not named["team"] else "team"

    @needs("Teams", "memberships", "opportunities")
    def _teams_by_deals(self) -> Section:
        column = self._grouped_by()
        text = self.say("No team has a name in this data: people are grouped by their manager.")
        told = self.paragraph(text, tone="missing") if column == "manager_id" else None
        return self.section("Teams", told, self._side_by_side(column))

    def _side_by_side(self, column: str) -> Table | None:
        found = {metric: self._by(column, metric) for metric in METRICS}
        reached = self._by(column, "attainment") if self.known("targets") else {}
        met = {group: f for group, f in reached.items() if f.value is not None}
        label = {group: self.group_name(column, group) for group in found["won.count"]}
        groups = [group for group in label if group in found[RATE] and found[RATE][group].n]
        rows = [
            self._row(label[group], {m: part.get(group) for m, part in found.items()}, met, group)
            for group in sorted(groups, key=lambda group: (not group, label[group]))
        ]
        columns = [
            Column(title="Team" if column == "team" else "Manager"),
            Column(title="Won amount", kind="money", decimals=0),
            Column(title="Won deals", kind="count"),
            Column(title="Win rate", kind="ratio"),
            Column(title="95% interval", kind="ratio"),
            Column(title="Average deal", kind="money", decimals=0),
            Column(title="Median won cycle, days", kind="days", decimals=0),
            Column(title="Attainment", kind="ratio", decimals=0),
        ]
        note = (
            "A deal belongs to the team its owner was in on the day it closed. Intervals "
            "that overlap widely mean that the teams cannot be told apart by their win "
            "rate."
        )
        return self.table(columns, rows, note=note)

    def _row(
        self,
        label: str,
        found: dict[str, Figure | None],
        met: dict[str, Figure],
        group: str,
    ) -> list[Cell]:
        return [
            words(label),
            number(found["won.amount"]),
            number(found["won.count"]),
            number(found[RATE]),
            number(found[RATE], part="interval"),
            number(found["deal.mean_amount"]),
            number(found["cycle.won.median_days"]),
            number(met.get(group)),
        ]

    def _by(self, column: str, metric: str) -> dict[str, Figure]:
        return {f.by[column]: f for f in self.measured(metric, by=column).figures()}


GROUPS = ("team", "manager_id")
