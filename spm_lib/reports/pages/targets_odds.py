"""Whom the targets stretch, whether they are fair, and what capacity there is for them."""

from __future__ import annotations

from typing import Any

import polars as pl

from spm_lib.model import Figure
from spm_lib.plans import TargetPlan
from spm_lib.reports.blocks import Block, Column, Section, Sentence
from spm_lib.reports.cells import Cell, words
from spm_lib.reports.pages import plots
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.targets_outcome import SLACK, STRETCHED
from spm_lib.reports.pages.targets_shares import TargetsShares

ODDS, CAPACITY, FAIR = "Stretched and slack", "Capacity, and the gap as a decision", "Fairness"
_RANGES = {
    "to_last_year": "Target to past year",
    "to_last_target": "Target to last target",
    "to_potential": "Target to potential",
}
_PAIRS = {
    "odds and size": "Odds and size of the territory",
    "odds and growth": "Odds and growth asked for",
    "attainment and size": "Past attainment and size of the territory",
    "attainment and growth": "Past attainment and growth asked for",
}


class TargetsOdds(TargetsShares):
    """The parts of the targets report about odds, capacity and fairness."""

    def verdict(self, row: dict) -> str:
        """Return what a person's odds say of the target."""
        if row["odds"] < STRETCHED:
            return "stretched"
        return "slack" if row["odds"] > SLACK else "even"

    def stretch(self) -> Section:
        """Return each person's likely results beside the target, the most stretched first."""
        if not isinstance(self.outcome, TargetPlan):
            return self.without(ODDS)
        rows = [row for row in self.people if row["odds"] is not None and row["target"]]
        if not rows and not self.known("opportunities"):
            return self.lacking(ODDS, "opportunities")
        if not rows:
            reason = self.text(self.plan.no_odds) or self.text("Nobody here sells today.")
            said = self.say("There are no odds: {reason}", reason=reason)
            return self.section(ODDS, self.paragraph(said, tone="missing"))
        return self.section(ODDS, self._stretch_chart(sorted(rows, key=lambda row: row["odds"])))

    def _stretch_chart(self, rows: list[dict]) -> Block:
        from spm_lib.charts import stretch_chart

        verdicts = [self.verdict(row) for row in rows]
        data = pl.DataFrame(
            {
                "label": [self.name_of(row["rep_id"]) for row in rows],
                "odds": [row["odds"] for row in rows],
                **{p: [row[p] / row["target"] for row in rows] for p in ("p50", "p10", "p90")},
                "verdict": verdicts,
            }
        )
        title = self._stretch_title(rows, verdicts)
        drawn = stretch_chart(data, language=self.language, title=title)
        figures = [
            found
            for row in rows
            for metric in ("target.odds", "target.expected")
            if (found := self.told(metric, rep_id=row["rep_id"]))
        ]
        note = (
            "The dot is the median of the futures played, the line holds 8 of 10 of them; the "
            "share that reaches the target stands at the name. Stretched: odds under one in "
            "three; slack: over two in three."
        )
        plot = plots.stretch(self)
        return self.chart(drawn, title=title, data=data, figures=figures, note=note, plot=plot)

    def _stretch_title(self, rows: list[dict], verdicts: list[str]) -> str:
        if len(rows) == 1:
            odds = self._one(self.told("target.odds", rep_id=rows[0]["rep_id"]))
            return self.text("The odds of reaching the target are {odds}", odds=odds)
        return self.text(
            "{stretched:1 target is|{stretched} targets are} stretched, {slack:1 is|{slack} are} "
            "slack",
            stretched=self.write.count(verdicts.count("stretched")),
            slack=self.write.count(verdicts.count("slack")),
        )

    def capacity(self) -> Section | None:
        """Return what people can bring beside the target, and what would close the gap."""
        if not isinstance(self.outcome, TargetPlan):
            return self.without(CAPACITY)
        if not self.whole:
            return None
        if self.plan.capacity is None:
            text = self.say("Nobody has been there long enough to tell what a person brings.")
            return self.section(CAPACITY, self.paragraph(text, tone="missing"))
        return self.section(CAPACITY, self.paragraph(*self._capacity_told()), self._ways())

    def _capacity_told(self) -> list[Sentence]:
        gap = self.told("capacity.gap")
        said = [
            self.say(
                "A person who is ramped brings {each} in the period; with those who are there and "
                "to come, ramp and attrition, that is {capacity}.",
                each=self.told("capacity.per_head"),
                capacity=self.told("capacity.bookings"),
            )
        ]
        create = self.told("capacity.pipeline_to_create")
        if create is not None:
            said.append(
                self.say(
                    "It takes {pipeline} of pipeline beyond what is open, at the win rate of the "
                    "past year.",
                    pipeline=create,
                )
            )
        if gap is not None and float(gap.value or 0) <= 0:
            said.append(self.say("Capacity is enough for the target."))
        return said

    def _ways(self) -> Block | None:
        """Return what each way to close the gap takes; nothing where there is none."""
        gap = self.told("capacity.gap")
        if gap is None or float(gap.value or 0) <= 0:
            return None
        ways: list[tuple[str, Figure | None, Any]] = [
            ("Hire so many people on the first day", self.told("capacity.gap.hires"), None),
            ("Raise what each brings by", self.told("capacity.gap.productivity"), "ratio"),
            ("Bring attrition down to", self.told("capacity.gap.attrition"), "ratio"),
            ("Lower the target by", gap, "money"),
        ]
        never = words(self.text("not enough alone"))
        rows: list[tuple[Cell, ...]] = [
            (
                words(self.text(label)),
                number(found, kind=kind, compact=kind == "money"),
                never if found is None else None,
            )
            for label, found, kind in ways
        ]
        columns = [
            Column(title="One of these"),
            Column(title="What it takes", kind="number"),
            Column(title="Remark"),
        ]
        note = "Each way closes the gap by itself; a mix takes less of each."
        return self.table(columns, rows, title="What would close the gap", note=note)

    def fairness(self) -> Section | None:
        """Return whom the targets stretch most, how unequal they are, and what odds go with."""
        if not isinstance(self.outcome, TargetPlan):
            return self.without(FAIR)
        if not self.whole and len(self.people) < 2:
            return None
        found = self.plan.fairness
        tables = (self._stretched(), self._unequal() if self.whole else None)
        few = None
        if found.few and self.whole:
            few = self.say(
                "With so few people names and numbers tell more than any measure of all together: "
                "correlations would not be reliable."
            )
        return self.section(FAIR, self.paragraph(few) if few else None, *tables)

    def _stretched(self) -> Block | None:
        rows = [
            (
                words(self.name_of(rep)),
                number(self.told("target.value", rep_id=rep), compact=True),
                number(self.told("target.odds", rep_id=rep)),
                *(number(self.told(f"fairness.{name}", rep_id=rep)) for name in _RANGES),
            )
            for rep in self.plan.fairness.stretched["rep_id"]
        ]
        columns = [
            Column(title="Person"),
            Column(title="Target", kind="money"),
            Column(title="Odds", kind="ratio", decimals=0),
            *(Column(title=title, kind="ratio", decimals=0) for title in _RANGES.values()),
        ]
        return self.table(columns, rows, title="The most stretched")

    def _unequal(self) -> Block | None:
        rows: list[tuple[Cell, ...]] = []
        for name, title in _RANGES.items():
            told = self.told("fairness.variation", basis=name)
            if told is not None:
                label = self.text("{ratio}: how unequal", ratio=self.text(title))
                shown = number(told, kind="number")
                rows.append((words(label), shown, None, None, number(told, part="n")))
        for name, title in _PAIRS.items():
            told = self.told("fairness.correlation", of=name)
            if told is not None:
                parts = ("value", "low", "high")
                shown = (number(told, part=part, kind="number") for part in parts)
                rows.append((words(self.text(title)), *shown, number(told, part="n")))
        columns = [
            Column(title="Measure"),
            Column(title="Value", kind="number", decimals=2),
            Column(title="95% at least", kind="number", decimals=2),
            Column(title="95% at most", kind="number", decimals=2),
            Column(title="People", kind="count"),
        ]
        note = (
            "How unequal: standard deviation over the mean. Correlations are of ranks, from -1 to "
            "1; fair targets are as likely in small territories as in large ones: 0."
        )
        return self.table(columns, rows, title="All together", note=note)
