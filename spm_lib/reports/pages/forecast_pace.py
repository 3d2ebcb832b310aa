"""What is needed from here to the target: by week, by source, and from the pipeline."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from spm_lib.core.errors import DataError
from spm_lib.forecast import ForecastResult, Pace, target_pace
from spm_lib.forecast.pace.words import NAMES, pace_findings
from spm_lib.model import Figure
from spm_lib.reports.blocks import Block, Column, Section
from spm_lib.reports.cells import Number, words
from spm_lib.reports.pages import plots
from spm_lib.reports.pages.forecast_outcome import ForecastOutcome
from spm_lib.reports.pages.page import number

PACE = "From here to the target"
OF_SOURCE = {
    "open": "forecast.from_open",
    "new": "forecast.from_new",
    "later": "forecast.still_to_come",
}


class ForecastPace(ForecastOutcome):
    """The part of the forecast report that tells what is needed from here."""

    def pace(self) -> Section:
        """Return what is missing to the target, by week, by source, and from the pipeline."""
        if not self.known("opportunities", "targets"):
            return self.lacking(PACE, "opportunities", "targets")
        made = self._pace
        if isinstance(made, DataError):
            parts = [self.text(part) for part in (made.what, made.do) if part]
            told = self.say("This cannot be told: {reason}", reason=" ".join(parts))
            return self.section(PACE, self.paragraph(told, tone="missing"))
        figures = tuple(self._pace_figures.values())
        said = [
            self.say("{note}", note=s.tell(self.language)).model_copy(update={"figures": figures})
            for s in pace_findings(made)
        ]
        parts = (self._weeks(made), self._by_source(made), self._pipeline(made))
        return self.section(PACE, self.paragraph(*said), *parts)

    @cached_property
    def _pace(self) -> Pace | DataError:
        result = self.outcome if isinstance(self.outcome, ForecastResult) else None
        try:
            return target_pace(self.company, result=result)
        except DataError as error:
            return error

    @cached_property
    def _pace_figures(self) -> dict[tuple[str, str], Figure]:
        assert isinstance(self._pace, Pace)
        return {
            (f.metric, f.by.get("week", f.by.get("source", ""))): f for f in self._pace.figures()
        }

    def _of_pace(self, name: str, key: str = "") -> Figure | None:
        return self._pace_figures.get((f"pace.{name}", key))

    def _weeks(self, made: Pace) -> Block | None:
        """Return what is needed in each week left, drawn."""
        from spm_lib.charts import pace_chart

        if not made.missing:
            return None
        data = made.weeks.select("week", "needed", "working_days", "free_days")
        largest = self._of_pace("week.needed", made.weeks.sort("needed")["week"][-1].isoformat())
        assert largest is not None
        title = self.text(
            "{weeks:1 week is|{weeks} weeks are} left; the one that must bring most, {amount}, "
            "begins on {day}",
            weeks=self.write.count(data.height),
            amount=self.write.number(Number(figure=largest, compact=True)),
            day=self.language.date(made.weeks.sort("needed")["week"][-1]),
        )
        drawn = pace_chart(
            data, language=self.language, title=title, currency=self.company.currency
        )
        figures = [f for (m, _), f in self._pace_figures.items() if m.startswith("pace.week.")]
        note = (
            "What is missing, shared out as past periods brought it in by the share of their "
            "working days."
            if made.by_rhythm
            else "What is missing, shared out evenly over working days."
        )
        plot = plots.pace(self)
        return self.chart(drawn, title=title, data=data, figures=figures, note=note, plot=plot)

    def _by_source(self, made: Pace) -> Block | None:
        """Return by source what is expected and what is needed."""
        if not made.sources:
            return None
        columns = [
            Column(title="Part"),
            Column(title="Expected", kind="money"),
            Column(title="Needed", kind="money"),
        ]
        won = self.told("forecast.won_already", period=made.period.label)
        rows: list[Any] = [
            (words(self.text(NAMES["won"])), number(won, compact=True), number(won, compact=True))
        ]
        for name in made.sources:
            expected = self.told(OF_SOURCE[name], period=made.period.label)
            needed = self._of_pace("source.needed", name)
            label = words(self.text(NAMES[name]))
            rows.append((label, number(expected, compact=True), number(needed, compact=True)))
        whole = self.told("forecast.bookings.mean", period=made.period.label)
        target = self.told("forecast.target", period=made.period.label)
        total = words(self.text("Together"), strong=True)
        rows.append((total, number(whole, compact=True), number(target, compact=True)))
        note = "Needed: what is missing, in the parts in which the forecast expects the rest."
        return self.table(columns, rows, title="Where it must come from", note=note)

    def _pipeline(self, made: Pace) -> Block | None:
        """Return the coverage needed, from the company's own conversion, and the one there is."""
        if made.conversion is None:
            return None
        columns = [
            Column(title="Pipeline"),
            Column(title="Value", kind="number"),
            Column(title="95% interval", kind="number"),
            Column(title="Periods", kind="count"),
        ]
        rate = self._of_pace("conversion")
        rows: list[Any] = [
            (
                words(self.text("Open value won by the end of the period")),
                number(rate, kind="ratio"),
                number(rate, part="interval", kind="ratio"),
                number(rate, part="n"),
            )
        ]
        for title, name, kind in (
            ("Coverage needed", "coverage.needed", "times"),
            ("Coverage now", "coverage.now", "times"),
            ("Pipeline needed", "pipeline.needed", "money"),
            ("Value of open deals", "open", "money"),
            ("Usual new business", "new", "money"),
        ):
            figure = self._of_pace(name)
            shown = None if figure is None else Number.model_validate(
                {"figure": figure, "kind": kind, "compact": kind == "money"}
            )  # fmt: skip
            rows.append((words(self.text(title)), shown, None, None))
        return self.table(columns, rows, title="How much pipeline it takes")
