"""What people said they would close, against what came and against the model."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.forecast import CallRecord, ForecastResult, call_record, method_named
from spm_lib.model import Figure
from spm_lib.reports.blocks import Block, Column, Section
from spm_lib.reports.cells import Cell, words
from spm_lib.reports.pages import plots
from spm_lib.reports.pages.forecast_outcome import ForecastOutcome
from spm_lib.reports.pages.page import number

CALLS = "Calls against results and the model"
LEANS = {"low": "too little", "high": "too much", "untold": "cannot be told"}
WAYS = (
    ("call", "Calls alone"),
    ("model", "The model alone"),
    ("half", "One half each"),
    ("mix", "Mixed by the past"),
)
Key = tuple[str, frozenset[tuple[str, str]]]


class ForecastCalls(ForecastOutcome):
    """The part of the forecast report that holds calls against results and the model."""

    def calls(self) -> Section:
        """Return whose calls lean which way, what a mix with the model is worth, and who calls."""
        if not self.known("opportunities", "forecast_calls"):
            return self.lacking(CALLS, "opportunities", "forecast_calls")
        made = self._record
        if isinstance(made, DataError):
            parts = [self.text(part) for part in (made.what, made.do) if part]
            told = self.say("This cannot be told: {reason}", reason=" ".join(parts))
            return self.section(CALLS, self.paragraph(told, tone="missing"))
        return self.section(
            CALLS,
            self.paragraph(*self._findings(made)),
            self._leaning(made),
            self._by_weeks(made),
            self._people(made),
            self._mixed(made),
            self._now(made),
        )

    @cached_property
    def _record(self) -> CallRecord | DataError:
        outcome = self.outcome
        try:
            return call_record(
                self.company, tested=outcome.tested if isinstance(outcome, ForecastResult) else None
            )
        except DataError as error:
            return error

    @cached_property
    def _call_figures(self) -> Mapping[Key, Figure]:
        assert isinstance(self._record, CallRecord)
        return {(f.metric, frozenset(f.by.items())): f for f in self._record.figures()}

    def _call(self, metric: str, **by: str) -> Figure | None:
        return self._call_figures.get((f"calls.{metric}", frozenset(by.items())))

    def _findings(self, made: CallRecord) -> list[Any]:
        from spm_lib.forecast.calls.words import call_findings

        figures = tuple(self._call_figures.values())
        told = [s.tell(self.language) for s in call_findings(made, name_of=self.name_of)]
        return [self.say("{note}", note=t).model_copy(update={"figures": figures}) for t in told]

    def _at(self, made: CallRecord) -> int:
        """Return the weeks before the close at which people are shown: the earliest told."""
        return int(made.bias["weeks"].max() or 0)  # type: ignore[arg-type]

    def _leaning(self, made: CallRecord) -> Block | None:
        """Return each person's bias drawn, with its interval."""
        from spm_lib.charts import call_bias_chart

        weeks = self._at(made)
        rows = made.bias.filter(
            (pl.col("level") == "rep") & (pl.col("weeks") == weeks) & pl.col("bias").is_not_null()
        ).sort("bias")
        if not rows.height:
            return None
        data = rows.select(
            pl.Series("label", [self.name_of(rep) for rep in rows["id"]], dtype=pl.String),
            pl.col("bias").alias("value"), "low", "high", pl.col("periods").alias("n"), "verdict",
        )  # fmt: skip
        title = self._title(made, weeks)
        drawn = call_bias_chart(data, language=self.language, title=title)
        figures = [
            f for rep in rows["id"] if (f := self._call("bias", rep_id=rep, weeks=str(weeks)))
        ]
        return self.chart(
            drawn, title=title, data=data, figures=figures, plot=plots.call_bias(self)
        )

    def _title(self, made: CallRecord, weeks: int) -> str:
        at = made.bias.filter((pl.col("level") == "rep") & (pl.col("weeks") == weeks))
        low, high = (at.filter(pl.col("verdict") == v).height for v in ("low", "high"))
        if not low + high:
            return self.text(
                "{weeks:A week|{weeks} weeks} before the close nobody leans either way",
                weeks=self.write.count(weeks),
            )
        return self.text(
            "{weeks:A week|{weeks} weeks} before the close, of {people:1 person|{people} people} "
            "{low} call too little and {high} too much",
            weeks=self.write.count(weeks),
            people=self.write.count(at.height),
            low=self.write.count(low),
            high=self.write.count(high),
        )

    def _by_weeks(self, made: CallRecord) -> Block | None:
        """Return the bias of all calls together by weeks before the close."""
        weeks = sorted(made.bias["weeks"].unique().to_list(), reverse=True)
        columns = [
            Column(title="Weeks before the close"),
            Column(title="People's calls", kind="change"),
            Column(title="95% interval", kind="change"),
            Column(title="Managers' calls", kind="change"),
            Column(title="95% interval", kind="change"),
            Column(title="Periods", kind="count"),
        ]
        rows = []
        for week in weeks:
            found = [
                self._call("bias", level=level, weeks=str(week)) for level in ("people", "managers")
            ]
            cells = [c for f in found for c in (number(f, kind="change"), _interval(f))]
            rows.append((words(self.write.count(week)), *cells, number(found[0], part="n")))
        return self.table(columns, rows, title="Bias of all calls together")

    def _people(self, made: CallRecord) -> Block | None:
        """Return each person's bias early and late, and which way he leans."""
        weeks = sorted(made.bias["weeks"].unique().to_list(), reverse=True)
        shown = weeks if len(weeks) < 3 else [weeks[0], weeks[len(weeks) // 2], weeks[-1]]
        columns = [
            Column(title="Person"),
            *(
                Column(
                    title=self.text("{weeks:1 week|{weeks} weeks} before", weeks=w), kind="change"
                )
                for w in shown
            ),
            Column(title="95% interval", kind="change", help="Of the first of these."),
            Column(title="Periods", kind="count"),
            Column(title="Calls"),
        ]
        low, high = set(made.people("low")), set(made.people("high"))
        order = made.bias.filter(
            pl.col("id").is_not_null() & (pl.col("weeks") == weeks[0])
            if weeks
            else pl.lit(value=False)
        ).sort("level", "bias", descending=[True, False], nulls_last=True)
        rows = []
        for who in order["id"]:
            found = [self._call("bias", rep_id=who, weeks=str(w)) for w in shown]
            lean = "low" if who in low else "high" if who in high else "untold"
            cells = [number(f, kind="change") for f in found]
            name = words(self.name_of(who))
            rows.append(
                (name, *cells, _interval(found[0]), number(found[0], part="n"),
                 words(self.text(LEANS[lean])))
            )  # fmt: skip
        note = (
            "Calls that stood so long before the close, against what the same people won; a "
            "manager's call against his people's. At most one in ten of those told apart is "
            "there by luck."
        )
        return self.table(columns, rows, title="Person by person", note=note)

    def _mixed(self, made: CallRecord) -> Block | None:
        """Return how far off calls, model and mixes were."""
        if made.mix is None:
            return None
        weeks = str(made.mix.weeks)
        levels = (("company", "All together"), ("rep", "Person by person"))
        columns = [
            Column(title="Forecast"),
            *(Column(title=title, kind="ratio") for _, title in levels),
            Column(title="Periods", kind="count"),
        ]
        rows: list[tuple[Cell, ...]] = []
        for way, title in WAYS:
            found = [self._call("error", level=k, weeks=weeks, way=way) for k, _ in levels]
            cells = [number(f) for f in found]
            first = number(found[0], part="n")
            rows.append((words(self.text(title), strong=way == "mix"), *cells, first))
        weights = [self._call("weight", level=k, weeks=weeks) for k, _ in levels]
        best = [self._call("best_weight", level=k, weeks=weeks) for k, _ in levels]
        rows.append((words(self.text("Weight of the call now")),
                     *(number(f) for f in weights), None))  # fmt: skip
        rows.append((words(self.text("Best weight with hindsight")),
                     *(number(f) for f in best), None))  # fmt: skip
        note = self.text(
            "Error: sum of what was missed over what was won, {weeks:a week|{weeks} weeks} before "
            "the close. Model: what the past had chosen by each of those days ({methods}), fitted "
            "on what was known then. The weight of each period comes from periods closed before it "
            "only.",
            weeks=made.mix.weeks,
            methods="; ".join(
                f"{self.text(method_named(name).name)}: {self.write.count(periods)}"
                for name, periods in made.mix.methods.items()
            ),
        )
        return self.table(columns, rows, title="What a mix with the model is worth", note=note)

    def _now(self, made: CallRecord) -> Block | None:
        """Return the calls that stand for the period ahead, rolled up by today's hierarchy."""
        period = {"period": made.ahead.label}
        columns = [
            Column(title="Manager"),
            Column(title="Calls of the people", kind="money"),
            Column(title="Manager's own call", kind="money"),
            Column(title="People who called", kind="count"),
            Column(title="Share of people who called", kind="ratio", decimals=0),
        ]
        rows = []
        for level, who in made.standing.select("level", "id").iter_rows():
            if level == "rep":
                continue
            by = {**period, **({"manager_id": who} if who else {})}
            summed = self._call("rolled_up", **by)
            own = self._call("call", **period, rep_id=who) if who else None
            rows.append((
                words(self.name_of(who) if who else self.text("All together"), strong=not who),
                number(summed, compact=True),
                number(own, compact=True),
                number(summed, part="n"),
                number(self._call("called", **by)),
            ))  # fmt: skip
        title = self.text("Calls for {period}", period=self.language.period(made.ahead))
        if not made.standing["called"].sum():
            return None
        note = "A manager's own call is for all his people; it is never added to theirs."
        return self.table(columns, rows, title=title, note=note)


def _interval(figure: Figure | None) -> Any:
    return number(figure, part="interval", kind="change")
