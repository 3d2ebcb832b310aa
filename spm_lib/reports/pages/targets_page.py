"""The targets report: what the company asks, how it is shared, the odds, who is stretched."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from spm_lib.core.calendar import Window, months_before
from spm_lib.plans import TargetPlan
from spm_lib.reports.blocks import Block, Column, Section, Sentence, Summary, Tile, Tiles
from spm_lib.reports.cells import Number, words
from spm_lib.reports.pages.targets_pay import TargetsPay

NOTES = "The scenario"
_FEW = 3
_CHANCE = 0.5
_SURE = 0.95
_NOTHING = 0.0005  # over-assignment that is rounding


class TargetsPage(TargetsPay):
    """The targets report of one scenario; each method is one part of it."""

    title: ClassVar[str] = "Targets"

    def summary(self) -> Summary:
        """Return the first page: what is asked, how likely it is, who is stretched, what to do."""
        if not isinstance(self.outcome, TargetPlan):
            return Summary(edition=self.edition, happened=(self.impossible(self.outcome),))
        happened = self._company_told() if self.whole else self._people_told()
        made = Summary(
            edition=self.edition,
            happened=tuple(happened),
            why=tuple(self._why()),
            todo=tuple(self._todo()),
        )
        return self.kept(made)

    def _company_told(self) -> list[Sentence]:
        said = [
            self.say(
                "{period}: the company asks {target}; the past twelve months brought {past}.",
                period=self.months_of(self.plan.window),
                target=self.told("target.value"),
                past=self.told(self.plan.metric) or "–",
            ),
            self._shared_told(),
        ]
        odds, expected = self.told("target.odds"), self.told("target.expected")
        if odds is None or expected is None:
            reason = self.text(self.plan.no_odds)
            return [*said, self.say("There are no odds: {reason}", reason=reason)]
        shown = Number.model_validate({"figure": expected, "part": "interval", "compact": True})
        told = self.say(
            "The odds of reaching the company's target are {odds}; {range} in 8 of 10 cases.",
            odds=odds,
            range=shown,
        )
        return [*said, told]

    def _shared_told(self) -> Sentence:
        over = self.told("target.over_assignment.all")
        values = {
            "n": Number.model_validate({"figure": over, "part": "n"}),
            "sum": self.told("target.value", level="rep_id"),
        }
        if over is None or abs(float(over.value or 0)) < _NOTHING:
            return self.say(
                "Shared out among {n:1 person|{n} people}, with nothing on top: {sum}.", **values
            )
        return self.say(
            "Shared out among {n:1 person|{n} people}: their targets add up to {sum}, {over} more; "
            "the company's is reached when they reach {needed} of theirs on average.",
            **values,
            over=over,
            needed=self.told("target.attainment_needed"),
        )

    def _people_told(self) -> list[Sentence]:
        """Tell of each person of a narrower scope, or of as many as a summary holds."""
        said = []
        for row in self.people[: 2 * _FEW]:
            rep = row["rep_id"]
            odds = self.told("target.odds", rep_id=rep)
            values = {"person": self.name_of(rep), "target": self.told("target.value", rep_id=rep)}
            if odds is None:
                said.append(self.say("{person}: target {target}.", **values))
            else:
                said.append(
                    self.say("{person}: target {target}, odds {odds}.", **values, odds=odds)
                )
        return said or [self.say("Nobody in this scope has a target in this plan.")]

    def _why(self) -> list[Sentence]:
        said = []
        rows = sorted(
            (row for row in self.people if row["odds"] is not None),
            key=lambda row: (row["odds"], row["rep_id"]),
        )
        if self.whole and len(rows) > 2 * _FEW:
            said.append(self._named_odds("Most stretched: {people}.", rows[:_FEW]))
            said.append(self._named_odds("Most slack: {people}.", rows[::-1][:_FEW]))
        gap = self.told("capacity.gap") if self.whole else None
        if gap is not None:
            short = float(gap.value or 0) > 0
            text = (
                "Counted from below, people can bring {capacity}: {gap} less than is asked."
                if short
                else "Counted from below, people can bring {capacity}, which is enough."
            )
            values = {"capacity": self.told("capacity.bookings")} | ({"gap": gap} if short else {})
            said.append(self.say(text, **values))
        said += self._nearly_sure()
        notes = [self.say("{note}", note=note.tell(self.language)) for note in self.plan.notes]
        return [*said, *(notes if self.whole else [])]

    def _nearly_sure(self) -> list[Sentence]:
        """Tell why odds are near 100 % for everybody: the target lies below today's pace."""
        odds, recent = self.told("target.odds"), months_before(self.plan.past.end, 3)
        if not self.whole or self.plan.resampled or odds is None:
            return []
        if float(odds.value or 0) < _SURE:
            return []
        return [
            self.say(
                "The target lies below today's pace: the last three whole months alone brought "
                "{recent}, and with the deals open today and new ones at this pace {expected} are "
                "expected. Such a target is near 100% for almost everybody.",
                recent=self.figure(self.plan.metric, window=Window(recent, self.plan.past.end)),
                expected=self.told("target.expected"),
            )
        ]

    def _named_odds(self, msgid: str, rows: list[dict]) -> Sentence:
        figures = [self.told("target.odds", rep_id=row["rep_id"]) for row in rows]
        parts = [
            self.language.isolate(f"{self.name_of(row['rep_id'])} ({self._one(figure)})")
            for row, figure in zip(rows, figures, strict=True)
        ]
        said = self.say(msgid, people=self._listed(parts))
        told = tuple(figure for figure in figures if figure is not None)
        return self.noted(said.model_copy(update={"figures": told}))

    def _listed(self, parts: list[str]) -> str:
        """Return isolated parts as one enumeration that runs in the page's direction."""
        if len(parts) < 3:
            return self.language.list(parts)
        return self.language.list([self.language.label(", ".join(parts[:-1])), parts[-1]])

    def _todo(self) -> list[Sentence]:
        said = []
        odds = self.plan.company_odds
        gap = self.told("capacity.gap")
        if odds and odds["odds"] < _CHANCE:
            said.append(
                self.say("The company's target is more likely missed than reached: decide.")
            )
        if self.whole and gap is not None and float(gap.value or 0) > 0:
            said.append(self._ways_told())
        rows = [row for row in self.people if row["odds"] is not None]
        for verdict, msgid in (
            ("stretched", "Talk about the targets of {people}: odds under one in three."),
            ("slack", "There is room in the targets of {people}: odds over two in three."),
        ):
            names = [self.name_of(row["rep_id"]) for row in rows if self.verdict(row) == verdict]
            if names and len(rows) > 1:
                shown = [self.language.isolate(name) for name in names[: 2 * _FEW]]
                more = len(names) - len(shown)
                people = self._listed(shown)
                if more:
                    together = self.language.label(", ".join(shown))
                    people = self.text("{people} and {n} more", people=together, n=more)
                said.append(self.say(msgid, people=people))
        return said

    def _ways_told(self) -> Sentence:
        hires = self.told("capacity.gap.hires")
        more = self.told("capacity.gap.productivity")
        if hires is None or more is None:
            return self.say("No hiring alone closes the gap to capacity: lower the target.")
        return self.say(
            "To close the gap to capacity hire {hires:1 person|{hires} people} on the first day, "
            "raise what each brings by {more}, or ask {gap} less.",
            hires=Number(figure=hires),
            more=more,
            gap=self.told("capacity.gap"),
        )

    def key_figures(self) -> Tiles:
        """Return the plan in key figures."""
        if not isinstance(self.outcome, TargetPlan):
            return Tiles(edition=self.edition, tiles=())
        one = {"rep_id": self.people[0]["rep_id"]} if len(self.people) == 1 else {}
        told: list[tuple[str, str, dict[str, str], str]] = [
            ("Target", "target.value", one, "value"),
            ("Odds of the target", "target.odds", one, "value"),
            ("Expected", "target.expected", one, "value"),
            ("80% range", "target.expected", one, "interval"),
        ]
        if self.whole:
            told.append(("Capacity", "capacity.bookings", {}, "value"))
            if abs(self.plan.over_assignment or 0) >= _NOTHING:
                told += [
                    ("Over-assignment in all", "target.over_assignment.all", {}, "value"),
                    ("Average attainment needed", "target.attainment_needed", {}, "value"),
                ]
        elif not one:
            told = []
        tiles = [self._tile(label, metric, by, part) for label, metric, by, part in told]
        return self.kept(Tiles(edition=self.edition, tiles=tuple(t for t in tiles if t)))

    def _tile(self, label: str, metric: str, by: dict[str, str], part: str) -> Tile | None:
        figure = self.told(metric, **by)
        if figure is None:
            return None
        shown = Number.model_validate({"figure": figure, "part": part, "compact": True})
        return Tile(label=self.text(label), number=shown, good="neither")

    def notes(self) -> Section:
        """Return what the scenario asks for, and the rows that overwrite or transform."""
        if not isinstance(self.outcome, TargetPlan):
            return self.without(NOTES)
        said = [self.say("{note}", note=self.scenario.note)] if self.scenario.note else []
        if self.proposed:
            said.append(
                self.say(
                    "No scenario was named: this is a proposal to begin with, as the command "
                    "spm plan init writes it."
                )
            )
        return self.section(NOTES, self.paragraph(*said), self._settings(), self._rows())

    def _settings(self) -> Block | None:
        share, year, turned = self.scenario.share, self.scenario.over_time, self.scenario.odds
        weights = [f"{self.text(_BASES[name])} {w:g}" for name, w in share.weights.items()]
        rows = [
            ("Scenario", self.text("Proposal") if self.proposed else self.scenario.name),
            ("Metric", self.scenario.basis.metric),
            ("Shared out by", ", ".join(weights)),
            ("Season", self._learned(year.season)),
            ("Ramp", self._learned(year.ramp)),
            *((label, f"{getattr(turned, key):g}") for key, label in _TURNED.items()),
        ]
        columns = [Column(title="Setting"), Column(title="As set")]
        cells = [(words(self.text(label)), words(value)) for label, value in rows]
        return self.table(columns, cells)

    def _learned(self, setting: Any) -> str:
        if isinstance(setting, tuple):
            return ", ".join(f"{share:g}" for share in setting)
        return self.text("learned from the data" if setting == "learned" else "none")

    def _rows(self) -> Block | None:
        """Return the rows of the scenario with their notes."""
        rows = []
        for row in self.scenario.rows:
            who = self.name_of(row.rep_id) if row.rep_id else row.team or self.text("Everybody")
            told = {k: getattr(row, k) for k in type(row).model_fields if k not in _NOT_TOLD}
            changed = [
                self.text(_ROW[key], value=self._row_value(key, value))
                for key, value in told.items()
                if value != type(row).model_fields[key].default
            ]
            rows.append((words(who), words(", ".join(changed)), words(row.note or None)))
        columns = [Column(title="Whom"), Column(title="What changes"), Column(title="Why")]
        return self.table(columns, rows, title="Rows of the scenario")

    def _row_value(self, key: str, value: Any) -> str:
        if key in ("set", "floor", "ceiling", "own"):
            if self.plan.metric.endswith("count"):
                return self.language.number(value)
            return self.language.money(value, self.scenario.currency)
        if key in ("move", "part_time", "away", "growth"):
            return self.language.percent(value, 0)
        return self.language.date(value) if isinstance(value, date) else f"{value:g}"


_NOT_TOLD = ("rep_id", "team", "everybody", "note")
_ROW = {
    "set": "target {value}",
    "move": "target moved by {value}",
    "lock": "the others' targets do not make up for it",
    "floor": "at least {value}",
    "ceiling": "at most {value}",
    "own": "own figure {value}",
    "starts": "starts on {value}",
    "leaves": "gone from {value}",
    "part_time": "works {value} of today's time",
    "away_from": "away from {value}",
    "away_until": "back on {value}",
    "away": "away for {value} of the time",
    "without_target": "without a target",
    "win_rate": "win rate {value} times today's",
    "deal_size": "deal size {value} times today's",
    "cycle": "sales cycle {value} times today's",
    "activity": "activity {value} times today's",
    "growth": "growth of new deals {value} a year",
}
_BASES = {
    "even": "evenly",
    "history": "past results",
    "pipeline": "open deals",
    "potential": "potential",
}
_TURNED = {
    "win_rate": "Win rate, times today's",
    "deal_size": "Deal size, times today's",
    "cycle": "Sales cycle, times today's",
    "activity": "Activity, times today's",
    "growth": "Growth of new deals a year",
    "attrition": "Attrition a year",
}
