"""How the company's target is shared out: level by level, person by person, month by month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from spm_lib.plans import TargetPlan
from spm_lib.reports.blocks import Block, Column, Section
from spm_lib.reports.cells import Cell, words
from spm_lib.reports.pages import plots
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.targets_outcome import TargetsOutcome

SHARES, PEOPLE, MONTHS = "How the target is shared out", "Person by person", "Over time"


class TargetsShares(TargetsOutcome):
    """The parts of the targets report that tell who has which target, and when."""

    def shares(self) -> Section:
        """Return the levels of the company, and what people are asked for beside the past year."""
        if not isinstance(self.outcome, TargetPlan):
            return self.without(SHARES)
        said = self.say(
            "Below each level the targets add up to its own and its over-assignment exactly; the "
            "levels' over-assignments multiply."
        )
        levels = self._levels()
        return self.section(SHARES, self.paragraph(said) if levels else None, levels, self._asked())

    def _levels(self) -> Block | None:
        """Return what is handed down: from the company to teams, from teams to people."""
        rows = [(self._owner(row), *self._level(row)) for row in self.plan.levels.to_dicts()]
        columns = [
            Column(title="Whose target"),
            Column(title="Target", kind="money"),
            Column(title="Over-assignment below", kind="ratio"),
            Column(title="Odds", kind="ratio", decimals=0),
        ]
        return self.table(columns, rows)

    def _owner(self, row: dict) -> Cell:
        if row["id"] is None:
            top = row["level"] == self.plan.levels["level"][0] and self.whole
            return words(self.text("Company" if top else "Without a team"), strong=top)
        manager = self.scenario.share.levels[-1:] == ("manager_id",)
        return words(self.name_of(row["id"]) if manager else row["id"])

    def _level(self, row: dict) -> Iterator[Cell]:
        by = {} if row["id"] is None else {"team": row["id"]}
        key = {"level": row["level"]} | ({} if row["id"] is None else {"id": row["id"]})
        yield number(self.told("target.value", **by), compact=True)
        yield number(self.told("target.over_assignment", **key))
        yield number(self.told("target.odds", **by))

    def _asked(self) -> Block | None:
        """Return targets beside what people sold, drawn."""
        from spm_lib.charts import targets_chart

        rows = [row for row in self.people if row["target"] is not None]
        if not rows:
            return None
        data = pl.DataFrame(
            {
                "label": [self.name_of(row["rep_id"]) for row in rows],
                "target": [row["target"] for row in rows],
                "last_year": [row["last_year"] for row in rows],
            },
            schema={"label": pl.String, "target": pl.Int64, "last_year": pl.Int64},
        )
        title = self._asked_title(rows)
        money = self.company.currency if self._money else None
        drawn = targets_chart(data, language=self.language, title=title, currency=money)
        figures = [
            found
            for row in rows
            for metric in ("target.value", self.plan.metric)
            if (found := self.told(metric, rep_id=row["rep_id"]))
        ]
        return self.chart(drawn, title=title, data=data, figures=figures, plot=plots.targets(self))

    def _asked_title(self, rows: list[dict]) -> str:
        """Return how many are asked for more than they sold; of one person how much more."""
        if len(rows) == 1:
            ratio = self.told("fairness.to_last_year", rep_id=rows[0]["rep_id"])
            return self.text("The target is {ratio} of a past year", ratio=self._one(ratio) or "–")
        more = sum(row["target"] > (row["last_year"] or 0) for row in rows)
        return self.text(
            "{more} of {n:1 person|{n} people} {more:is|are} asked for more than the past year's "
            "result",
            more=self.write.count(more),
            n=self.write.count(len(rows)),
        )

    @property
    def _money(self) -> bool:
        return self.plan.metric.endswith("amount")

    def table_of_people(self) -> Section:
        """Return each person's target beside the past, the potential and the odds."""
        if not isinstance(self.outcome, TargetPlan):
            return self.without(PEOPLE)
        teams = self.plan.people["team"].n_unique() > 1
        rows = [
            (
                words(self.name_of(row["rep_id"])),
                words(row["team"]) if teams else None,
                *self._numbers(row["rep_id"]),
            )
            for row in self.people
        ]
        columns = [
            Column(title="Person"),
            Column(title="Team"),
            Column(title="Target", kind="money"),
            Column(title="Past year", kind="money"),
            Column(title="Target to past year", kind="ratio", decimals=0),
            Column(title="Target to last target", kind="ratio", decimals=0),
            Column(title="Target to potential", kind="ratio", decimals=0),
            Column(title="80% range", kind="money"),
            Column(title="Odds", kind="ratio", decimals=0),
            Column(title="Exact to", kind="ratio", decimals=0, help=_EXACT),
        ]
        posts = self.say(_POSTS_NOTE) if self.plan.people["post"].any() else None
        return self.section(
            PEOPLE,
            self.table(columns, rows, note=_OWN_NOTE if self.plan.resampled else _PEOPLE_NOTE),
            self.paragraph(posts) if posts else None,
            self._left_out(),
        )

    def _numbers(self, rep: str) -> Iterator[Cell]:
        of = {"rep_id": rep}
        yield number(self.told("target.value", **of), compact=True)
        yield number(self.told(self.plan.metric, **of), compact=True)
        for name in ("to_last_year", "to_last_target", "to_potential"):
            yield number(self.told(f"fairness.{name}", **of))
        expected, odds = self.told("target.expected", **of), self.told("target.odds", **of)
        yield number(expected, part="interval", compact=True)
        yield number(odds)
        yield number(odds, part="interval")

    def _left_out(self) -> Block | None:
        rows = [
            (words(self.name_of(rep)), words(self.text(reason)))
            for rep, _, reason in self.plan.left_out.iter_rows()
        ]
        columns = [Column(title="Person"), Column(title="Why")]
        return self.table(columns, rows, title="Without a target")

    def over_time(self) -> Section:
        """Return when the targets are due, and the company's likely way."""
        if not isinstance(self.outcome, TargetPlan):
            return self.without(MONTHS)
        return self.section(MONTHS, self._way(), *self._by_period())

    def _way(self) -> Block | None:
        """Return the company's likely way beside the target, added up by month."""
        from spm_lib.charts import path_chart

        months = self.plan.months
        if months.is_empty() or self.scenario.basis.grain != "month":
            return None
        due = self.plan.periods.select(month="period_start", target=pl.col("target").cum_sum())
        way = months.drop("target").join(due, on="month", how="inner")
        expected = self.told("target.expected")
        title = self.text(
            "The company's year ends at {range} in 8 of 10 cases; the target is {target}",
            range=self._written_range(expected),
            target=self._one(self.told("target.value")),
        )
        drawn = path_chart(way, language=self.language, title=title, currency=self.company.currency)
        told = [expected, self.told("target.value"), self.told("target.odds")]
        figures = [figure for figure in told if figure is not None]
        return self.chart(drawn, title=title, data=way, figures=figures, plot=plots.way(self))

    def _written_range(self, figure: object) -> str:
        from spm_lib.reports.cells import Number

        shown = Number.model_validate({"figure": figure, "part": "interval", "compact": True})
        return self.write.number(shown) or "–"

    def _by_period(self) -> list[Block | None]:
        """Return the targets per period: the company's, or each person's where it is of people.

        A few people stand side by side; more of them one below the other, at most twelve periods
        beside a name, so that a printed page holds them.
        """
        starts = sorted(set(self.plan.targets["period_start"]))
        if self.whole or len(self.people) <= _SIDE_BY_SIDE:
            return [self._periods_down(starts)]
        parts = [starts[i : i + _ACROSS] for i in range(0, len(starts), _ACROSS)]
        return [self._periods_across(part) for part in parts]

    def _period_name(self, start: date) -> str:
        grain = self.scenario.basis.grain
        return self.language.period(self.company.calendar.period_of(start, grain))

    def _due(self, start: date, by: dict[str, str]) -> Cell:
        return number(self.told("target.value", **by, period=start.isoformat()), compact=True)

    def _periods_down(self, starts: list[date]) -> Block | None:
        """Return a row per period, and a column for the company or for each person."""
        whose = [{}] if self.whole else [{"rep_id": row["rep_id"]} for row in self.people]
        heads = [self.name_of(by["rep_id"]) if by else self.text("Company") for by in whose]
        rows = [
            (
                words(self._period_name(start)),
                *(self._due(start, by) for by in whose),
                number(self.told("season.index", month=str(start.month)), kind="number"),
            )
            for start in starts
        ]
        columns = [Column(title="Period"), *(Column(title=h, kind="money") for h in heads)]
        columns.append(Column(title="Season", kind="number", decimals=2))
        if self.scenario.basis.grain != "month" or not self.whole:
            rows, columns = [row[:-1] for row in rows], columns[:-1]
        return self.table(columns, rows, note=_MONTHS_NOTE)

    def _periods_across(self, starts: list[date]) -> Block | None:
        """Return a row per person, and a column per period."""
        rows = [
            (
                words(self.name_of(row["rep_id"])),
                *(self._due(start, {"rep_id": row["rep_id"]}) for start in starts),
            )
            for row in self.people
        ]
        heads = [self._period_name(start) for start in starts]
        columns = [Column(title="Person"), *(Column(title=h, kind="money") for h in heads)]
        return self.table(columns, rows, note=_MONTHS_NOTE)


_SIDE_BY_SIDE, _ACROSS = 4, 12
_EXACT = "95% interval of the simulation: how exact the odds are worked out, not how sure they are"
_POSTS_NOTE = (
    "A new hire is an open post: it is given what an average person gets for as long as it is "
    "there, ramp counted, and has neither a past nor odds of its own."
)
_PEOPLE_NOTE = (
    "Target to past year: the past year is counted as if the person had been there as long as in "
    "the plan. Odds: the share of 10,000 futures, played with the person's own pooled rates, that "
    "reach the target. In 8 of 10 of them the result lies in the range."
)
_OWN_NOTE = (
    "Target to past year: the past year is counted as if the person had been there as long as in "
    "the plan. Odds: the data has orders and no deals, so the person's own past months are drawn "
    "again, 10,000 times; the share that reaches the target. They know no open deals, no season "
    "and no growth to come. In 8 of 10 draws the result lies in the range."
)
_MONTHS_NOTE = (
    "Months weigh as their working days do, times the season; parts add up to the target exactly."
)
