"""Gaps drawn: each part with its interval, of one person, and of the people of a manager."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from spm_lib.model import Figure
from spm_lib.reports.blocks import Chart, Section, Text
from spm_lib.reports.pages import plots
from spm_lib.reports.pages.rep_gap import AGAINST, DRAWN, TERMS, RepGap
from spm_lib.reps.peers import GapPart

if TYPE_CHECKING:
    from spm_lib.reports.pages.manager_page import ManagerPage

TEAM = "Where people's gaps come from"
MOST_ROWS = 20
TOLD = 2  # parts that a title names
_SCHEMA = {
    "label": pl.String,
    "against": pl.String,
    "value": pl.Int64,
    "low": pl.Int64,
    "high": pl.Int64,
    "clear": pl.Boolean,
}


@dataclass(frozen=True)
class Drawn:
    """One part of one person's gap under the name it is drawn by."""

    rep: str
    label: str
    part: GapPart


class GapDrawn(RepGap):
    """The part of a person's page that draws where a gap comes from."""

    def parts_of(self, rep: str) -> Iterator[Drawn]:
        """Yield the parts of a person's gaps to the time before and to the others, by term."""
        gaps = self.gaps_of(rep)
        for term in TERMS:
            label = self.text(self._term_name(gaps, term))
            for against in DRAWN:
                part = gaps.get(against, {}).get(term)
                if part is not None:
                    yield Drawn(rep, label, part)

    def gap_drawn(self, rep: str) -> Chart | Text | None:
        """Return the parts of a person's gaps with their intervals; nothing where none is told."""
        parts = list(self.parts_of(rep))
        if not parts:
            return None
        clear = sorted(
            (one for one in parts if one.part.clear), key=lambda one: -abs(one.part.amount)
        )
        title = self.text("No part of the gap is clear of luck")
        if clear:
            told = [f"{one.label} ({self._side(one)})" for one in clear[:TOLD]]
            title = self.text("Largest, and clear of luck: {parts}", parts=self.language.list(told))
        return self.drawn_parts(parts, title)

    def drawn_parts(self, parts: Sequence[Drawn], title: str) -> Chart | Text:
        """Return parts as a chart, and as rows that Excel and PowerPoint draw from."""
        from spm_lib.charts import gap_chart

        rows = [
            (one.label, self._side(one), p.amount, p.low, p.high, p.clear)
            for one in parts
            for p in (one.part,)
        ]
        frame = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
        sides = {side: self._side_name(side) for side in DRAWN}
        drawn = gap_chart(
            frame,
            language=self.language,
            title=title,
            currency=self.company.currency,
            sides=tuple(sides.values()),
        )
        return self.chart(
            drawn,
            title=title,
            data=_wide(frame, sides),
            figures=self._figures(parts),
            plot=plots.gap_parts(self, sides),
        )

    def _side(self, one: Drawn) -> str:
        return self._side_name(one.part.against)

    def _side_name(self, against: str) -> str:
        return self.text(AGAINST[against])

    def _figures(self, parts: Iterable[Drawn]) -> list[Figure]:
        return [self.gap_figure(one.rep, one.part, one.part.term, one.part.amount) for one in parts]


def _wide(frame: pl.DataFrame, sides: dict[str, str]) -> pl.DataFrame:
    """Return a row per label, with value, low and high of each side."""
    found = frame.select("label").unique(maintain_order=True)
    for side, name in sides.items():
        mine = frame.filter(pl.col("against") == name).select(
            "label", **{side: "value", f"{side}_low": "low", f"{side}_high": "high"}
        )
        found = found.join(mine, on="label", how="left", maintain_order="left")
    return found


def team_gaps(page: ManagerPage) -> Section | None:
    """Return the parts of people's gaps that are clear of luck: the largest, up or down.

    Nothing where no gap is told.
    """
    parts = [
        Drawn(rep, f"{page.name_of(rep)} · {one.label}", one.part)
        for rep in page.people
        for one in page.parts_of(rep)
        if one.part.low is not None
    ]
    if not parts:
        return None
    clear = [one for one in parts if one.part.clear]
    if not clear:
        text = page.say("No part of anybody's gap is clear of luck: there is nothing to explain.")
        return page.section(TEAM, page.paragraph(text))
    largest = sorted(clear, key=lambda one: -abs(one.part.amount))[:MOST_ROWS]
    shown = [one for one in clear if one in largest]
    title = page.language.plural(
        "{n} part of people's gaps is clear of luck",
        "{n} parts of people's gaps are clear of luck",
        len(clear),
    )
    note = []
    if len(shown) < len(clear):
        text = "The {n} largest are drawn, in the order of names."
        note.append(page.say(text, n=page.write.count(len(shown))))
    if any(one.part.against == "team" for one in shown):
        note.append(page.say("The others: their pace in the own days."))
    return page.section(TEAM, page.drawn_parts(shown, title), page.paragraph(*note))
