"""The KPIs of a target plan: who is to reach how much of each, and which few are worth keeping."""

from __future__ import annotations

from collections.abc import Iterator

from spm_lib.model import metric_id
from spm_lib.plans import TargetPlan
from spm_lib.reports.blocks import Block, Column, Section, Sentence
from spm_lib.reports.cells import Cell, words
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.targets_odds import TargetsOdds

KPIS = "KPIs beside the target"
_BESIDE = 3  # KPIs in one table, so that it fits a printed page


class TargetsKpis(TargetsOdds):
    """The part of the targets report about counts and ratios."""

    def kpis(self) -> Section | None:
        """Return each KPI's targets beside the past year, and which metrics go with won amount."""
        if not isinstance(self.outcome, TargetPlan):
            return self.without(KPIS)
        found = self.plan.kpis
        if found is None or (found.people.is_empty() and not self.whole):
            return None
        kinds = dict(found.people.select("kpi", "kind").unique(maintain_order=True).iter_rows())
        names = list(kinds)
        parts = [names[i : i + _BESIDE] for i in range(0, len(names), _BESIDE)]
        tables = [self._kpi_table({name: kinds[name] for name in part}) for part in parts]
        return self.section(KPIS, self.paragraph(*self._kpis_told(kinds)), *tables, self._choice())

    def kpi_name(self, metric: str, part: str | None) -> str:
        """Return what a KPI is called, with the kind of activity or the stage."""
        name = self.text(metric_id(metric).name)
        if not part:
            return name
        return self.text("{metric}: {part}", metric=name, part=self.language.isolate(part))

    def _called(self, kpi: str) -> str:
        metric, _, part = kpi.partition(":")
        return self.kpi_name(metric, part)

    def _kpis_told(self, kinds: dict[str, str]) -> list[Sentence]:
        if not kinds:
            return [
                self.say(
                    "This scenario names no KPIs. The table says which would be worth it here; "
                    "name at most five under [[kpis]] in the scenario file."
                )
            ]
        said = []
        for kpi, kind in kinds.items():
            total = self.told("kpi.target.count", kpi=kpi)
            if kind == "count" and total is not None:
                said.append(
                    self.say("{kpi}: {total} are shared out.", kpi=self._called(kpi), total=total)
                )
        if "ratio" in kinds.values():
            said.append(
                self.say(
                    "A ratio is each person's own: it is neither shared out nor added up, and it "
                    "rests on the own rate drawn to that of all."
                )
            )
        return said

    def _kpi_table(self, kinds: dict[str, str]) -> Block | None:
        rows: list[tuple[Cell, ...]] = [
            (words(self.name_of(row["rep_id"])), *self._kpi_cells(kinds, row["rep_id"]))
            for row in self.people
        ]
        if self.whole and "count" in kinds.values():
            rows.append((words(self.text("All together"), strong=True), *self._sums(kinds)))
        columns = [Column(title="Person")]
        for kpi, kind in kinds.items():
            form = "count" if kind == "count" else "ratio"
            columns += [
                Column(title=self.text("{kpi}: target", kpi=self._called(kpi)), kind=form),
                Column(title="Past year", kind=form),
            ]
        return self.table(columns, rows, title=" · ".join(map(self._called, kinds)), note=_NOTE)

    def _kpi_cells(self, kinds: dict[str, str], rep: str) -> Iterator[Cell]:
        for kpi, kind in kinds.items():
            yield number(self.told(f"kpi.target.{kind}", kpi=kpi, rep_id=rep))
            yield number(self.told("kpi.past", kpi=kpi, rep_id=rep))

    def _sums(self, kinds: dict[str, str]) -> Iterator[Cell]:
        for kpi, kind in kinds.items():
            yield number(self.told("kpi.target.count", kpi=kpi)) if kind == "count" else None
            yield None

    def _choice(self) -> Block | None:
        """Return which metrics go with won amount in the months after, the surest first."""
        found = self.plan.kpis
        if found is None or found.choice.is_empty():
            return None
        rows = []
        for row in found.choice.to_dicts():
            told = self.told("kpi.association", kpi=row["metric"], part=row["part"] or "")
            shown = (number(told, part=part, compact=True) for part in ("value", "low", "high"))
            verdict = "worth keeping" if row["suggested"] else _verdict(row)
            label = words(self.kpi_name(row["metric"], row["part"]))
            rows.append((label, *shown, number(told, part="n"), words(self.text(verdict))))
        columns = [
            Column(title="Metric"),
            Column(title="Won amount that goes with a usual step", kind="money"),
            Column(title="95% at least", kind="money"),
            Column(title="95% at most", kind="money"),
            Column(title="Months of people", kind="count"),
            Column(title="Verdict"),
        ]
        return self.table(columns, rows, title="Which KPIs go with won amount", note=_CHOICE_NOTE)


def _verdict(row: dict) -> str:
    """Return what is said of a metric that is not suggested."""
    if not row["associated"]:
        return "not told apart from chance"
    if row["with_step"] is not None and row["with_step"] < 0:
        return "goes with less"
    return "tells the same as another" if row["same_as"] else "goes with more"


_NOTE = (
    "Counts are shared out by what each did, drawn to what all did, for as long as the person is "
    "there in the plan; they add up to the total exactly."
)
_CHOICE_NOTE = (
    "Months of a person against the person's other months and against everybody's: won amount of "
    "the three months after that goes with one standard deviation more. Associated with, no more; "
    "false finds are held at one in ten over all metrics looked at."
)
