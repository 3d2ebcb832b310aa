"""The playbook report: what goes with winning at each stage, what the best do, and the process."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.metrics.stages import stage_by, stage_name
from spm_lib.model import Figure
from spm_lib.process import Playbook, ProcessMap, make_playbook
from spm_lib.reports.blocks import Block, Column, Section, Sentence, Summary, Tile, Tiles
from spm_lib.reports.cells import Cell, Number, words
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.playbook_process import MAP
from spm_lib.reports.pages.playbook_scores import PlaybookScores
from spm_lib.reports.pages.unanswered import PLAYBOOK as PLAYBOOK_NEEDS
from spm_lib.reports.pages.unanswered import unanswered

PLAYBOOK = "What to do at each stage"
NUMBERS = "What the best closers do, in numbers"
TESTS = "Every comparison made"
NEEDED = (
    "A playbook needs stage history (when each deal entered each stage) and activities with their "
    "deals; the process map needs the stage history alone."
)
TRIED = ("playbook.tried", "playbook.cuts")
FOUND = ("playbook.base", "playbook.share", "playbook.q")
HABITS = ("playbook.habit", "playbook.q")
PLAIN = (
    ("playbook.contacts", "Touches in the first days (median)"),
    ("playbook.first_touch", "Days to the first touch (mean, within the first days)"),
    ("playbook.stay", "Days in the stage (median)"),
    ("playbook.discounted", "Visits in which the amount was lowered"),
    ("playbook.discount_day", "Days to the first lower amount (median)"),
)
GROUPS = {"best": "Best closers", "others": "The others", "all": "All together"}


class PlaybookPage(PlaybookScores):
    """The playbook of a client's sales process; each method is one part of it.

    Parameters
    ----------
    days
        Length of a stage's first days, in which behaviour is looked at.
    """

    title: ClassVar[str] = "Playbook"

    def __init__(self, workspace: str, *, days: int = 7, **options: Any) -> None:
        super().__init__(workspace, **options)
        self.days = days

    @cached_property
    def made(self) -> Playbook | DataError:
        """The playbook, or why there is none."""
        try:
            return make_playbook(self.company, days=self.days)
        except DataError as error:
            return error

    def every_figure(self) -> list[Figure]:
        """Return the figures of the playbook, of the process map and of the leads."""
        parts = (self.made, self.map, self.flow, self.score)
        return [f for part in parts if not isinstance(part, DataError) for f in part.figures()]

    def summary(self) -> Summary:
        """Return the first page: what goes with winning, where most is lost, what to do."""
        if self.orders_only:
            return self.orders_summary()
        if not self.known("opportunities"):
            return Summary(edition=self.edition, happened=(self.say("There are no deals."),))
        happened: list[Sentence] = []
        why: list[Sentence] = []
        todo: list[Sentence] = []
        if isinstance(self.made, DataError):
            happened.append(self._cannot(self.made))
            todo.append(self.say(NEEDED))
        else:
            told = self.made.statements
            happened += self.spoken([s for s in told if s.kind == "happened"][:3], *FOUND, *TRIED)
            why += self.spoken([s for s in told if s.kind == "why"], *TRIED)
            todo += self._todo(self.made)
        if isinstance(self.map, ProcessMap):
            happened += self.spoken(self.map.statements[:1], *MAP)
        elif not isinstance(self.made, DataError) or self.map.what != self.made.what:
            happened.append(self._cannot(self.map))
        return self.kept(
            Summary(
                edition=self.edition, happened=tuple(happened), why=tuple(why), todo=tuple(todo)
            )
        )

    def _cannot(self, error: DataError) -> Sentence:
        return self.say("This cannot be told: {reason}", reason=self.text(error.what))

    def _todo(self, made: Playbook) -> list[Sentence]:
        if not made.found.filter(pl.col("odds") > 1).height:
            return []
        text = (
            "Agree on the habits below as a checklist, and try the first one on deals chosen by "
            "chance: associated is not caused."
        )
        return [self.say(text)]

    def key_figures(self) -> Tiles:
        """Return the playbook in key figures."""
        if self.orders_only:
            return self.order_tiles()
        shown = (
            ("Win rate", self.figure("win_rate.closed.count")),
            ("Comparisons made", self.told("playbook.tried")),
        )
        tiles = [
            Tile(label=self.text(label), number=Number(figure=figure), good="neither")
            for label, figure in shown
            if figure is not None
        ]
        entered = [] if isinstance(self.map, DataError) else list(self.of("process.entered"))
        tiles += [
            Tile(
                label=self.text("Visits to {stage}", stage=self._place(figure)),
                number=Number(figure=figure),
                good="neither",
            )
            for figure in entered[:4]
        ]
        return self.kept(Tiles(edition=self.edition, tiles=tuple(tiles)))

    def _place(self, figure: Figure) -> str:
        pipeline = figure.by.get("pipeline", "default")
        return stage_name(self.company, pipeline, figure.by["stage"])

    def playbook(self) -> Section:
        """Return the one page: per stage, what goes with winning, with evidence and numbers."""
        if isinstance(self.made, DataError):
            return self.untold(PLAYBOOK, self.made)
        made = self.made
        columns = [
            Column(title="Stage"),
            Column(title="What goes with winning there"),
            Column(title="Deals", kind="count"),
            Column(title="Won, all", kind="ratio", decimals=0),
            Column(title="Won with it", kind="ratio", decimals=0,
                   help="The same person's deals with it, other things equal"),
            Column(title="95% interval", kind="ratio"),
            Column(title="Best closers do it", kind="ratio", decimals=0,
                   help="Mean of the shares of their deals"),
            Column(title="The others do it", kind="ratio", decimals=0),
        ]  # fmt: skip
        rows = [row for stage in made.stages for row in self._stage(made, stage)]
        note = (
            "Behaviour of the first {days} days in a stage, of deals still open at their end, and "
            "how those ended afterwards. Found: at most 8% likely to be luck once all comparisons "
            "are allowed for, and on the same side in the newest third. Associated is not caused."
        )
        told = self.spoken([s for s in made.statements if s.kind == "why"], *TRIED)
        table = self.table(columns, rows)
        below = self.paragraph(self.say(note, days=made.days))
        return self.section(PLAYBOOK, table, below, self.paragraph(*told))

    def _stage(self, made: Playbook, stage: Any) -> list[tuple[Cell, ...]]:
        by = stage_by(stage.pipeline, stage.stage)
        found = made.found.filter(pipeline=stage.pipeline, stage=stage.stage)
        base = self.told("playbook.base", **by)
        if not found.height:
            nothing = words(self.text("nothing clear of luck"))
            empty: tuple[Cell, ...] = (None, None, None, None)
            name = stage_name(made.company, stage.pipeline, stage.stage)
            return [(words(name), nothing, number(base, part="n"), number(base), *empty)]
        return [self._habit(made, row, by, base) for row in found.iter_rows(named=True)]

    def _habit(
        self, made: Playbook, row: dict[str, Any], by: dict[str, str], base: Figure | None
    ) -> tuple[Cell, ...]:
        name = made.behaviour(row["behaviour"]).statement.tell(self.language)
        if row["odds"] < 1:
            name = self.text("Against it: {behaviour}", behaviour=name)
        of = {**by, "behaviour": row["behaviour"]}
        share = self.told("playbook.share", **of, term="within")
        best, others = (
            number(self.told("playbook.habit", **of, group=group)) for group in ("best", "others")
        )
        return (
            words(stage_name(made.company, row["pipeline"], row["stage"])),
            words(name, strong=True),
            number(share, part="n"),
            number(base),
            number(share),
            number(share, part="interval"),
            best,
            others,
        )

    def _untold(self, made: Playbook) -> Block | None:
        rows = [
            (words(stage_name(made.company, pipeline, stage)), words(why.tell(self.language)))
            for pipeline, stage, why in made.untold
        ] + [
            (words(f"{stage_name(made.company, s.pipeline, s.stage)}: "
                   f"{b.statement.tell(self.language)}"),
             words(b.refused.tell(self.language)))
            for s in made.stages for b in s.behaviours if b.refused
        ]  # fmt: skip
        columns = [Column(title="Behaviour"), Column(title="Why it was not looked at")]
        return self.table(columns, rows, title="Not looked at")

    def numbers(self) -> Section:
        """Return how the best closers and the others work at each stage, side by side."""
        if isinstance(self.made, DataError):
            return self.untold(NUMBERS, self.made)
        made = self.made
        groups = ("best", "others") if made.people.best else ("all",)
        columns = [Column(title="Stage"), Column(title="Number")]
        for group in groups:
            columns += [
                Column(title=GROUPS[group], kind="number"),
                Column(title="95% interval", kind="number"),
                Column(title="Deals", kind="count"),
            ]
        if made.people.best:
            columns.append(Column(title="Chance of luck", kind="ratio", decimals=0))
        rows = [row for stage in made.stages for row in self._numbers(made, stage, groups)]
        note = (
            "The best closers are the third of the people with the highest conversion, mix of "
            "deals and luck allowed for, on deals that had closed before the newest third began; "
            "what they do is read in stages entered after that. Groups of fewer than five are not "
            "shown."
        )
        return self.section(NUMBERS, self.table(columns, rows, note=note))

    def _numbers(self, made: Playbook, stage: Any, groups: tuple[str, ...]) -> list[Any]:
        by = stage_by(stage.pipeline, stage.stage)
        lines = [(metric, self.text(title), {}) for metric, title in PLAIN]
        lines += [
            ("playbook.habit", b.statement.tell(self.language), {"behaviour": b.name})
            for b in stage.told
            if b.name != "touch.many"
        ]
        rows = []
        place = stage_name(made.company, stage.pipeline, stage.stage)
        for metric, title, more in lines:
            figures = [self.told(metric, **by, **more, group=group) for group in groups]
            cells: list[Cell] = []
            for figure in figures:
                cells += [number(figure), number(figure, part="interval"), number(figure, part="n")]
            if made.people.best:
                cells.append(number(self.told("playbook.q", **by, **more, term="best")))
            if any(figure is not None and figure.value is not None for figure in figures):
                rows.append((words(place), words(title), *cells))
        return rows

    def lacking_data(self) -> Section:
        """Return which questions of this page the data does not answer, and what it lacks."""
        return unanswered(self, PLAYBOOK_NEEDS)

    def tests(self) -> Section:
        """Return every comparison of a behaviour with winning, found or not."""
        if isinstance(self.made, DataError):
            return self.untold(TESTS, self.made)
        made = self.made
        columns = [
            Column(title="Stage"),
            Column(title="Behaviour"),
            Column(title="Deals with it", kind="ratio", decimals=0),
            Column(title="Odds of winning", kind="number", decimals=2, help="1: no difference"),
            Column(title="95% interval", kind="number", decimals=2),
            Column(title="Newest third", kind="number", decimals=2,
                   help="The odds on the newest third of the deals alone"),
            Column(title="Chance of luck", kind="ratio", decimals=0,
                   help="After allowing for all comparisons made (false discovery rate)"),
            Column(title="Finding"),
        ]  # fmt: skip
        rows = [self._test(made, row) for row in made.table.iter_rows(named=True)]
        return self.section(TESTS, self.table(columns, rows), self._untold(made))

    def _test(self, made: Playbook, row: dict[str, Any]) -> tuple[Cell, ...]:
        by = stage_by(row["pipeline"], row["stage"])
        by |= {"behaviour": row["behaviour"], "term": row["term"]}
        odds = self.told("playbook.odds", **by)
        finding = self.text("not clear of luck")
        if row["found"]:
            more = row["odds"] > 1
            finding = (
                self.text("associated with winning")
                if more
                else self.text("associated with losing")
            )
        return (
            words(stage_name(made.company, row["pipeline"], row["stage"])),
            words(made.behaviour(row["behaviour"]).statement.tell(self.language)),
            number(self.told("playbook.done", **by)),
            number(odds, kind="number"),
            number(odds, kind="number", part="interval"),
            number(self.told("playbook.held_out", **by), kind="number"),
            number(self.told("playbook.q", **by)),
            words(finding, strong=row["found"]),
        )
