"""What changed in the open pipeline, bar by bar, and the deals behind each bar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from spm_lib.core.calendar import Period
from spm_lib.core.errors import DataError
from spm_lib.forecast import Waterfall, change_waterfall
from spm_lib.forecast.waterfall.figures import shown_bars
from spm_lib.forecast.waterfall.words import NAMES
from spm_lib.model import Figure
from spm_lib.reports.blocks import Block, Column, Section
from spm_lib.reports.cells import Cell, Day, words
from spm_lib.reports.pages import plots
from spm_lib.reports.pages.forecast_outcome import ForecastOutcome
from spm_lib.reports.pages.page import number

CHANGES = "What changed in the pipeline"
Key = tuple[str, str, str]  # metric, bar, deal


class ForecastChanges(ForecastOutcome):
    """The part of the forecast report that tells how the open pipeline changed."""

    def pipeline_changes(self, since: str = "") -> Section:
        """Return the change of the open pipeline since a day; empty: one month before as_of.

        It is told of all open deals, and of those planned to close in the coming quarter.
        """
        if not self.known("opportunities"):
            return self.lacking(CHANGES, "opportunities")
        try:
            change_waterfall(self.company)
        except DataError as error:
            return self.section(CHANGES, self.paragraph(self._why_not(error), tone="missing"))
        made = self.waterfalls(since)
        told = [_Told(one, self) for one in made]
        charts = [part for one in told for part in (one.chart(), one.deals())]
        return self.section(CHANGES, self._lead(made[0]), *charts, *self._notes(made))

    def waterfalls(self, since: str = "") -> list[Waterfall]:
        """Return the changes of all open deals, and of those due in the coming quarter.

        Where the data does not tell them there is one, or none.
        """
        day = date.fromisoformat(since) if since else None
        made: list[Waterfall] = []
        for due in (None, self._coming_quarter):
            try:
                made.append(change_waterfall(self.company, since=day, due=due))
            except DataError:
                break
        return made

    @property
    def _coming_quarter(self) -> Period:
        """The quarter of the day after as_of: the one that is forecast."""
        after = self.company.as_of.fromordinal(self.company.as_of.toordinal() + 1)
        return self.company.calendar.period_of(after, "quarter")

    def _why_not(self, error: DataError) -> Any:
        parts = [self.text(part) for part in (error.what, error.do) if part]
        return self.say("This cannot be told: {reason}", reason=" ".join(parts))

    def _lead(self, made: Waterfall) -> Block | None:
        told = self.say(
            "From the end of {since} to the end of {until}. Every change in between counts: a deal "
            "that was pushed out and came back is in both bars.",
            since=made.since,
            until=made.until,
        )
        return self.paragraph(told)

    def _notes(self, made: list[Waterfall]) -> list[Block]:
        """Return what cannot be told, once."""
        notes = {s.tell(self.language) for one in made for s in one.statements if s.kind == "note"}
        block = self.paragraph(*(self.say("{note}", note=n) for n in sorted(notes)), tone="caution")
        return [block] if block else []


class _Told:
    """One waterfall as blocks of a page."""

    def __init__(self, made: Waterfall, page: ForecastChanges) -> None:
        self.made, self.page = made, page
        found = made.figures()
        self.figures: dict[Key, Figure] = {
            (f.metric, f.by.get("bar", ""), f.by.get("opportunity_id", "")): f for f in found
        }

    def figure(self, name: str, bar: str = "", deal: str = "") -> Figure | None:
        return self.figures.get((f"waterfall.{name}", bar, deal))

    @cached_property
    def bars(self) -> list[str]:
        return shown_bars(self.made)

    def chart(self) -> Block | None:
        """Return the bars drawn, with the finding as its title; in words where money is unknown."""
        from spm_lib.charts import waterfall_chart

        page, title = self.page, self.made.statements[0].tell(self.page.language)
        if self.made.start.amount is None:
            return page.paragraph(page.say("{note}", note=title))
        named = ["start", *self.bars, "end"]
        data = pl.DataFrame(
            [(page.text(NAMES[name]), self._minor(name), _kind(name, self._minor(name)))
             for name in named],
            schema={"label": pl.String, "value": pl.Int64, "kind": pl.String},
            orient="row",
        )  # fmt: skip
        drawn = waterfall_chart(
            data, language=page.language, title=title, currency=page.company.currency
        )
        figures = [f for name in named if (f := self.figure(name)) is not None]
        return page.chart(
            drawn, title=title, data=data, figures=figures, plot=plots.waterfall(page)
        )

    def _minor(self, name: str) -> int | None:
        if name == "start":
            return self.made.start.amount
        return self.made.end.amount if name == "end" else self.made.amount(name)

    def deals(self) -> Block | None:
        """Return the bars as a table, each with its largest deals and the others together."""
        columns = (
            Column(title="Change"),
            Column(title="Deal"),
            Column(title="Person"),
            Column(title="On", kind="date"),
            Column(title="Deals", kind="count"),
            Column(title="Amount", kind="money"),
        )
        rows = [row for bar in ("start", *self.bars, "end") for row in self._rows(bar)]
        note = "The largest deals of each change; amounts are what a deal added or took off."
        return self.page.table(columns, rows, note=note)

    def _rows(self, bar: str) -> Iterator[tuple[Cell, ...]]:
        figure, text = self.figure(bar), self.page.text
        head = words(text(NAMES[bar]), strong=True)
        yield head, None, None, None, number(figure, part="n"), number(figure, compact=True)
        if bar in ("start", "end"):
            return
        from spm_lib.forecast.waterfall.figures import LARGEST

        moves = self.made.deals(bar)
        named = [d for _, b, d in self.figures if b == bar and d][:LARGEST]
        for deal in named:
            last = moves.filter(pl.col("opportunity_id") == deal).row(0, named=True)
            yield (
                words(text(NAMES[bar])),
                words(deal),
                words(self.page.name_of(last["rep_id"])),
                Day(day=last["on"]),
                None,
                number(self.figure("deal", bar, deal), compact=True),
            )
        rest = self.figure("others", bar)
        if rest is not None:
            others = words(text("the others"))
            yield (
                words(text(NAMES[bar])), others, None, None, number(rest, part="n"),
                number(rest, compact=True),
            )  # fmt: skip


def _kind(name: str, amount: int | None) -> str:
    if name in ("start", "end"):
        return "total"
    if name in ("won", "lost"):
        return name
    return "more" if (amount or 0) > 0 else "less"
