"""The parts of the report of tactical mistakes that tell of rules: gaps, prices, fixes, limits."""

from __future__ import annotations

from typing import Any

import polars as pl

from spm_lib.metrics.stages import stage_name
from spm_lib.process import Verdict
from spm_lib.process.mistakes.figures import limit_by
from spm_lib.reports.blocks import Block, Column, Section
from spm_lib.reports.cells import Cell, words
from spm_lib.reports.pages import plots
from spm_lib.reports.pages.mistakes_base import MistakesBase
from spm_lib.reports.pages.needing import needs
from spm_lib.reports.pages.page import number

GAPS = "What goes with each mistake"
FIXES = "What to do, and whose it is"
LIMITS = "What is usual here"
LACKING = "What cannot be judged, or priced"
LEVELS = {
    "stage": "won deals of the stage",
    "all": "all won deals",
    "stated": "stated, not learned",
}


class MistakesRules(MistakesBase):
    """Rules as a table and a chart, with what mends them, and those that cannot be told."""

    @needs(GAPS, "opportunities")
    def gaps(self) -> Section:
        """Return each rule with its cases, its gap in win rate, and the money that goes with it."""
        why = [s for s in self.made.statements if s.kind == "why"]
        told = self.spoken(why, "mistake.tried") or (
            self.say("No rule can be priced: too few deals tell what went with it before."),
        )
        return self.section(
            GAPS, self.paragraph(*told), self._drawn(), self._table(), self._money()
        )

    @property
    def _priced(self) -> list[Verdict]:
        found = [v for v in self.made.verdicts if v.gap is not None]
        return sorted(found, key=lambda v: (v.gap.gap if v.gap else 0.0, v.rule.id))

    def _drawn(self) -> Block | None:
        from spm_lib.charts import call_bias_chart

        rows = [self._point(v) for v in self._priced]
        if not rows:
            return None
        data = pl.DataFrame(rows)
        found = sum(row["verdict"] != "untold" for row in rows)
        title = self.text(
            "{found} of {n:1 rule|{n} rules} {found:goes|go} clearly with winning or losing",
            found=self.write.count(found),
            n=self.write.count(len(rows)),
        )
        axis = self.text("Win rate against like deals that kept the rule")
        names = {
            "low": self.text("associated with losing"),
            "high": self.text("associated with winning"),
            "untold": self.text("not clear of luck"),
        }
        drawn = call_bias_chart(data, language=self.language, title=title, axis=axis, names=names)
        figures = self.of("mistake.win_rate_gap", "mistake.cases")
        plot = plots.gaps(self)
        return self.chart(drawn, title=title, data=data, figures=figures, plot=plot)

    def _point(self, verdict: Verdict) -> dict[str, Any]:
        gap = verdict.gap
        assert gap is not None
        return {
            "label": self.named(verdict),
            "value": gap.gap,
            "low": gap.low,
            "high": gap.high,
            "n": gap.broken_deals,
            "verdict": ("low" if gap.gap < 0 else "high") if verdict.clear else "untold",
        }

    def _table(self) -> Block | None:
        columns = [
            Column(title="Rule"),
            Column(title="Cases before", kind="count",
                   help="Deals that broke it on a past day, by what was known then"),
            Column(title="Against like deals", kind="points"),
            Column(title="95% interval", kind="points"),
            Column(title="Chance of luck", kind="ratio", decimals=1,
                   help="After allowing for all rules compared (false discovery rate)"),
            Column(title="Finding"),
        ]  # fmt: skip
        return self.table(columns, [self._row(v) for v in self._priced])

    def _money(self) -> Block | None:
        columns = [
            Column(title="Rule"),
            Column(title="Exposed", kind="money"),
            Column(title="Goes with", kind="money",
                   help="Gap times exposed amount; below 0: such deals are won more often"),
            Column(title="95% interval", kind="money"),
        ]  # fmt: skip
        note = (
            "Associated is not caused. Rules overlap: a deal may break several, so the money is "
            "not to be added up."
        )
        if self._priced and all(v.exposed is None for v in self._priced):
            return self.paragraph(self.say("No amount of these deals is known: no money is told."))
        return self.table(columns, [self._cost(v) for v in self._priced], note=note)

    def _cost(self, verdict: Verdict) -> tuple[Cell, ...]:
        by = {"rule": verdict.rule.id}
        cost = self.told("mistake.cost", **by)
        return (
            words(self.named(verdict), strong=verdict.found),
            number(self.told("mistake.exposed_amount", **by), compact=True),
            number(cost, compact=True),
            number(cost, part="interval", compact=True),
        )

    def _row(self, verdict: Verdict) -> tuple[Cell, ...]:
        by = {"rule": verdict.rule.id}
        gap = self.told("mistake.win_rate_gap", **by)
        side = self._point(verdict)["verdict"]
        finding = {
            "low": self.text("associated with losing"),
            "high": self.text("associated with winning"),
            "untold": self.text("not clear of luck"),
        }[side]
        return (
            words(self.named(verdict), strong=verdict.found),
            number(self.told("mistake.cases", **by)),
            number(gap, kind="points"),
            number(gap, kind="points", part="interval"),
            number(self.told("mistake.q", **by)),
            words(finding),
        )

    @needs(FIXES, "opportunities")
    def fixes(self) -> Section:
        """Return every rule that deals break today, whose it is, and what mends it."""
        broken = [v for v in self.made.judged if v.open]
        order = {v.rule.id: at for at, v in enumerate(self.made.found)}
        broken.sort(key=lambda v: (order.get(v.rule.id, len(order)), -v.open, v.rule.id))
        columns = [
            Column(title="Rule"),
            Column(title="Whose"),
            Column(title="Deals", kind="count"),
            Column(title="At rest", kind="count", help="Deals that rest for a reason until a day"),
            Column(title="What to do"),
        ]
        rows = [self._fix(v) for v in broken]
        nothing = self.say("No deal breaks any rule that the data can judge.")
        text = None if rows else self.paragraph(nothing)
        return self.section(FIXES, text, self.table(columns, rows))

    def _fix(self, verdict: Verdict) -> tuple[Cell, ...]:
        by = {"rule": verdict.rule.id}
        rest = self.told("mistake.snoozed", **by) if verdict.snoozed else None
        return (
            words(self.named(verdict), strong=verdict.found),
            words(self.whose(verdict)),
            number(self.told("mistake.count", **by)),
            number(rest),
            words(self.text(verdict.rule.fix.text)),
        )

    @needs(LIMITS, "opportunities")
    def limits(self) -> Section:
        """Return from where on a deal is unlike the won ones, per rule and stage."""
        columns = [
            Column(title="Rule"),
            Column(title="Stage"),
            Column(title="Limit", kind="number", decimals=0),
            Column(title="Counted in"),
            Column(title="Won deals", kind="count"),
            Column(title="Learned from"),
        ]
        rows = [self._limit(row) for row in self.made.limits.iter_rows(named=True)]
        nothing = self.say("No rule that the data can judge learns a limit.")
        text = None if rows else self.paragraph(nothing)
        return self.section(LIMITS, text, self.table(columns, rows))

    def _limit(self, row: dict[str, Any]) -> tuple[Cell, ...]:
        figure = self.told("mistake.limit", rule=row["rule"], **limit_by(row))
        stage = row["stage"] if row["stage"] is not None else self.text("All")
        rule = self.made.verdict(row["rule"]).rule
        assert rule.limit is not None
        return (
            words(self.named(self.made.verdict(row["rule"]))),
            words(stage_name(self.company, row["pipeline"], stage)),
            number(figure, kind="number"),
            words(self.text(rule.limit.unit.text)),
            number(figure, part="n"),
            words(self.text(LEVELS[row["source"]])),
        )

    @needs(LACKING, "opportunities")
    def lacking_data(self) -> Section:
        """Return which rules this data cannot judge or price, and what it would need."""
        rows = [
            (words(self.named(v)), words(self.text("not judged")), words(self._lacks(v)))
            for v in self.made.verdicts
            if v.lacking
        ]
        rows += [
            (words(self.named(v)), words(self.text("not priced")), words(self.reason(v.unpriced)))
            for v in self.made.judged
            if v.unpriced is not None
        ]
        columns = [Column(title="Rule"), Column(title="State"), Column(title="Why")]
        everything = self.say("Every rule is judged and priced.")
        text = None if rows else self.paragraph(everything)
        return self.section(LACKING, text, self.table(columns, rows))

    def _lacks(self, verdict: Verdict) -> str:
        data = self.language.list([self.text(p.text) for p in verdict.lacking])
        return self.text("the data does not tell {data}", data=data)

    def definitions(self) -> Section:
        """Return what the numbers mean, and by which version of each rule deals were judged."""
        if not self.known("opportunities"):
            return super().definitions()
        columns = [
            Column(title="Rule"),
            Column(title="Id"),
            Column(title="Version", kind="count"),
            Column(title="Whose"),
        ]
        rows = [
            (
                words(self.named(v)),
                words(v.rule.id),
                number(self.told("mistake.version", rule=v.rule.id)),
                words(self.whose(v)),
            )
            for v in self.made.judged
        ]
        table = self.table(columns, rows, title="The rules by which deals were judged")
        self.printed |= {"mistake.version": None} if table else {}
        told = super().definitions()
        return told.model_copy(update={"blocks": (*told.blocks, *([table] if table else []))})
