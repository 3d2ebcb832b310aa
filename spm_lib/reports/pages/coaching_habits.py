"""The part of the coaching report on what goes with winning, and the experiment that would tell."""

from __future__ import annotations

from typing import Any

import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.metrics.associations import odds_to_share
from spm_lib.reports.blocks import Block, Column, Section
from spm_lib.reports.cells import Cell, words
from spm_lib.reports.pages import plots
from spm_lib.reports.pages.coaching_base import CoachingBase
from spm_lib.reports.pages.page import number
from spm_lib.reps import ClosingHabits
from spm_lib.reps.closers.experiment import POINTS

HABITS = "What goes with winning"
EXPERIMENT = "What an experiment would need"
TERMS = {"within": "Same person", "between": "Between people"}
BASIS = ("closers.base", "closers.share", "closers.q", "closers.tried", "closers.log_loss_gain")


class CoachingHabits(CoachingBase):
    """Behaviour of the first days and winning, associations with their luck allowed for."""

    def closers(self) -> Section:
        """Return which behaviour of a deal's first days goes with winning it later."""
        if isinstance(self.habits, DataError):
            return self.untold(HABITS, self.habits)
        made = self.habits
        told = [s for s in made.statements if s.kind != "todo"]
        return self.section(
            HABITS,
            self.paragraph(*self.spoken(told, *BASIS)),
            self._drawn(made),
            self._table(made),
            self._refused(made),
        )

    def _drawn(self, made: ClosingHabits) -> Block | None:
        """Return the share won with each behaviour, other things equal, with its interval."""
        from spm_lib.charts import caterpillar_chart

        within = made.table.filter(term="within").sort("odds", descending=True)
        if not within.height:
            return None
        shares = {
            name: [odds_to_share(made.base, v) for v in within[column]]
            for name, column in (("value", "odds"), ("low", "low"), ("high", "high"))
        }
        label = [self._name(made, name) for name in within["behaviour"]]
        n = [round(share * made.deals) for share in within["done"]]
        data = pl.DataFrame({"label": label, "n": n, **shares}).with_columns(
            raw=pl.lit(None, dtype=pl.Float64), mean=pl.lit(made.base)
        )
        found = within.filter("found").height
        title = self.text(
            "{found} of {n:1 behaviour|{n} behaviours} {found:is|are} clearly associated with "
            "winning or losing",
            found=self.write.count(found),
            n=self.write.count(within.height),
        )
        axis = self.text("Share of deals won, other things equal")
        drawn = caterpillar_chart(
            data, language=self.language, title=title, mean=made.base, axis=axis
        )
        note = (
            "The line is the share of all these deals won; the point is what it would be with the "
            "behaviour, from the same person's deals with and without it."
        )
        return self.chart(
            drawn,
            title=title,
            data=data.drop("raw"),
            figures=self.of("closers.share", "closers.base", "closers.done"),
            note=note,
            plot=plots.habits(self),
        )

    def _name(self, made: ClosingHabits, behaviour: str) -> str:
        return made.behaviour(behaviour).statement.tell(self.language)

    def _table(self, made: ClosingHabits) -> Block | None:
        columns = [
            Column(title="Behaviour"),
            Column(title="Compared"),
            Column(title="Deals with it", kind="ratio", decimals=0),
            Column(title="Won with it", kind="ratio", decimals=0,
                   help="Other things equal; between people: one standard deviation more of it"),
            Column(title="95% interval", kind="ratio"),
            Column(title="Odds of winning", kind="number", decimals=2,
                   help="1: no difference; between people: for one standard deviation"),
            Column(title="Chance of luck", kind="ratio", decimals=1,
                   help="After allowing for all comparisons made (false discovery rate)"),
            Column(title="Newest third", kind="number", decimals=2,
                   help="The odds on the newest third of the deals alone"),
            Column(title="Finding"),
        ]  # fmt: skip
        rows = [self._row(made, row) for row in made.table.iter_rows(named=True)]
        note = (
            "Found: at most 8% likely to be luck once all comparisons are allowed for, and on the "
            "same side in the newest third. Associated is not caused."
        )
        return self.table(columns, rows, note=note)

    def _row(self, made: ClosingHabits, row: dict[str, Any]) -> tuple[Cell, ...]:
        by = {"behaviour": row["behaviour"], "term": row["term"]}
        share = self.told("closers.share", **by)
        finding = self.text("not clear of luck")
        if row["found"]:
            finding = (
                self.text("associated with winning")
                if row["odds"] > 1
                else self.text("associated with losing")
            )
        return (
            words(self._name(made, row["behaviour"]), strong=row["found"]),
            words(self.text(TERMS[row["term"]])),
            number(self.told("closers.done", behaviour=row["behaviour"])),
            number(share),
            number(share, part="interval"),
            number(self.told("closers.odds", **by), kind="number"),
            number(self.told("closers.q", **by)),
            number(self.told("closers.held_out", **by), kind="number"),
            words(finding),
        )

    def _refused(self, made: ClosingHabits) -> Block | None:
        rows = [
            (words(b.statement.tell(self.language)), words(b.refused.tell(self.language)))
            for b in made.first.behaviours
            if b.refused
        ]
        columns = [Column(title="Behaviour"), Column(title="Why it was not looked at")]
        return self.table(columns, rows, title="Not looked at")

    def experiment(self) -> Section:
        """Return how many deals an experiment would need before it could show anything."""
        if isinstance(self.habits, DataError):
            return self.untold(EXPERIMENT, self.habits)
        rows = [
            (
                words(self.text("{points} points more", points=str(points))),
                number(self.told("closers.experiment", points=str(points))),
            )
            for points in POINTS
        ]
        columns = [
            Column(title="Rise to show"),
            Column(title="Deals in each arm", kind="count"),
        ]
        note = (
            "Two arms of equal size, deals given to them by chance; shown with a chance of 80%, "
            "two-sided at 5%."
        )
        told = self.say(
            "From {base} of deals won. Agree beforehand what is tried, on which deals, and when it "
            "ends.",
            base=self.told("closers.base"),
        )
        return self.section(EXPERIMENT, self.paragraph(told), self.table(columns, rows, note=note))
