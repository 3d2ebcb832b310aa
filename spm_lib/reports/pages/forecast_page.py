"""The forecast report: what will probably be won, and how good such forecasts were before."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.errors import DataError
from spm_lib.forecast import ForecastResult, method_named
from spm_lib.metrics import measure
from spm_lib.model import Figure
from spm_lib.reports.blocks import Column, Section, Sentence, Summary, Tile, Tiles
from spm_lib.reports.cells import Number, words
from spm_lib.reports.pages import plots
from spm_lib.reports.pages.forecast_deals import ForecastDeals
from spm_lib.reports.pages.forecast_lab import ForecastLab
from spm_lib.reports.pages.page import months_before, number

QUANTILES = {"p10": 0.1, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9}
PARTS = (
    ("Won already", "forecast.won_already"),
    ("From open deals", "forecast.from_open"),
    ("From deals not yet created", "forecast.from_new"),
    ("Still to come", "forecast.still_to_come"),
)
SCORES = ("bias", "wape", "ncrps", "coverage80")


class ForecastPage(ForecastDeals, ForecastLab):
    """The forecast report of one client; each method is one part of it."""

    title: ClassVar[str] = "Sales forecast"

    @property
    def subtitle(self) -> str:
        """The quarter that is forecast, in words."""
        if isinstance(self.outcome, DataError):
            return self.span
        period = self.language.period(self.outcome.quarter.periods[0])
        return self.text("{period}, with its track record", period=period)

    def summary(self) -> Summary:
        """Return the first page: what is expected, why, and what to do."""
        if self.orders_only:
            return self.orders_summary()
        if isinstance(self.outcome, DataError):
            return Summary(edition=self.edition, happened=(self.impossible(self.outcome),))
        figures = tuple(f for f in self.known_figures.values() if "rep_id" not in f.by)
        parts: dict[str, list[Sentence]] = {"happened": [], "why": [], "todo": [], "note": []}
        for statement in self.outcome.statements:
            text = statement.tell(self.language)
            parts[statement.kind].append(Sentence(text=text, figures=figures))
        for kind, sentence in self.lab_sentences():
            parts[kind].append(sentence)
        why = (*parts["why"], *parts["note"])
        block = Summary(
            edition=self.edition,
            happened=tuple(parts["happened"]),
            why=why,
            todo=tuple(parts["todo"]),
        )
        self.printed.update(dict.fromkeys(_TOLD))
        return block

    def key_figures(self) -> Tiles:
        """Return the quarter in key figures."""
        if self.orders_only:
            return self.order_tiles()
        if isinstance(self.outcome, DataError):
            return Tiles(edition=self.edition, tiles=())
        period = self.outcome.quarter.periods[0]
        name = self.language.period(period)
        median = self.told("forecast.bookings", period=self.quarter)
        tiles = [
            self._tile(
                self.text("Forecast for {period}, mean", period=name), "forecast.bookings.mean"
            ),
            self._tile(self.text("80% range"), "forecast.bookings", part="interval"),
            *(self._tile(self.text(label), metric) for label, metric in PARTS),
            self._tile(self.text("Target of the quarter"), "forecast.target"),
            self._tile(self.text("Chance to reach the target"), "forecast.target_odds"),
        ]
        found = tuple(tile for tile in tiles if tile is not None)
        return self.kept(Tiles(edition=self.edition, tiles=found if median else ()))

    def _tile(self, label: str, metric: str, *, part: str = "value") -> Tile | None:
        figure = self.told(metric, period=self.quarter)
        if figure is None:
            return None
        shown = Number.model_validate({"figure": figure, "part": part, "compact": True})
        return Tile(label=label, number=shown, good="neither")

    def outlook(self) -> Section:
        """Return past months and the coming ones with their ranges."""
        from spm_lib.charts import forecast_chart

        if self.orders_only:
            return self.orders_by_month()
        if isinstance(self.outcome, DataError):
            return self.without("Outlook by month", self.outcome)
        won = measure(self.company, "won.amount", by="month", window=self._past)
        past = self._with_targets(won.frame.select("month", "value"))
        title = self._outlook_title()
        drawn = forecast_chart(
            past, self._ahead(), language=self.language, title=title, currency=self.company.currency
        )
        figures = [
            *won.figures(),
            *(
                f
                for f in self.known_figures.values()
                if f.metric == "forecast.bookings" and "rep_id" not in f.by
            ),
        ]
        chart = self.chart(
            drawn,
            title=title,
            data=pl.concat([past, self._ahead()], how="diagonal_relaxed"),
            figures=figures,
            plot=plots.outlook(self, target=self.known("targets")),
        )
        return self.section("Outlook by month", chart, self._months())

    @property
    def _past(self) -> Window:
        return Window(months_before(self.window.end, max(self.months, 12)), self.window.end)

    def _with_targets(self, frame: pl.DataFrame) -> pl.DataFrame:
        if not self.known("targets"):
            return frame
        targets = measure(self.company, "attainment", by="month", window=self._past).frame
        return frame.join(targets.select("month", "target"), on="month", how="left")

    def _ahead(self) -> pl.DataFrame:
        assert isinstance(self.outcome, ForecastResult)
        rows = []
        for period, scenarios in zip(
            self.outcome.draws.periods, self.outcome.draws.company(), strict=True
        ):
            ends = np.quantile(scenarios, list(QUANTILES.values()))
            target = self.told("forecast.target", period=period.label)
            rows.append(
                {
                    "month": period.start,
                    **{k: round(float(v)) for k, v in zip(QUANTILES, ends, strict=True)},
                    "target": _minor(target, self.write) if target else None,
                }
            )
        return pl.DataFrame(rows, schema_overrides={"target": pl.Int64})

    def _outlook_title(self) -> str:
        assert isinstance(self.outcome, ForecastResult)
        figure = self.told("forecast.bookings", period=self.quarter)
        assert figure is not None
        return self.text(
            "{period}: {range} in 8 of 10 cases",
            period=self.language.period(self.outcome.quarter.periods[0]),
            range=self.write.number(Number(figure=figure, part="interval", compact=True)),
        )

    def _months(self) -> Any:
        assert isinstance(self.outcome, ForecastResult)
        periods = [*self.outcome.draws.periods, *self.outcome.quarter.periods]
        rows = [
            (
                words(self.language.period(period), strong=period.grain == "quarter"),
                *(
                    number(self.told(metric, period=period.label), compact=True)
                    for _, metric in self._told_parts()
                ),
                number(self.told("forecast.bookings.mean", period=period.label), compact=True),
                number(self.told("forecast.bookings", period=period.label), compact=True),
                number(
                    self.told("forecast.bookings", period=period.label),
                    part="interval",
                    compact=True,
                ),
                number(self.told("forecast.target_odds", period=period.label)),
            )
            for period in periods
        ]
        columns = [
            Column(title="Period"),
            *(Column(title=label, kind="money") for label, _ in self._told_parts()),
            Column(title="Mean", kind="money"),
            Column(title="Median", kind="money"),
            Column(title="80% range", kind="money"),
            Column(title="Chance to reach the target", kind="ratio", decimals=0),
        ]
        return self.table(
            columns,
            rows,
            note=(
                "Won already, open deals and deals not yet created add up to the mean. In 8 of "
                "10 cases the result should lie in the range."
            ),
        )

    def _told_parts(self) -> list[tuple[str, str]]:
        return [part for part in PARTS if self.told(part[1], period=self.quarter)]

    def track_record(self) -> Section:
        """Return how good every method would have been on this client's own past."""
        from spm_lib.charts import track_record_chart

        if isinstance(self.outcome, DataError):
            return self.without("Track record", self.outcome)
        record = self.outcome.track_record.filter(
            (pl.col("level") == "company")
            & (pl.col("horizon") == "quarter")
            & pl.col("wape").is_not_null()
        ).sort("ncrps")
        frame = record.with_columns(
            label=pl.Series([self._method(m) for m in record["method"]], dtype=pl.String),
            chosen=pl.col("method") == self.outcome.champion.method,
            n=pl.col("windows"),
        ).filter(pl.col("method") != "champion")
        title = self.outcome.champion.reason.tell(self.language)
        data = frame.select("label", "wape", "bias", "n", "chosen")
        drawn = track_record_chart(data, language=self.language, title=title)
        figures = [f for f in self.known_figures.values() if f.metric.startswith("forecast.track.")]
        chart = self.chart(
            drawn, title=title, data=data, figures=figures, plot=plots.track_record(self)
        )
        tables = [self._scores(grain) for grain in ("quarter", "month")]
        note = self.say(
            "Each past period was forecast with what was known before it began, and "
            "compared with what "
            'came. The row "Champion of its day" is what this report would have printed: the '
            "method that the past had chosen by then."
        )
        return self.section("Track record", chart, self.paragraph(note), *tables, self._came())

    def _method(self, method: str) -> str:
        if method == "champion":
            return self.text("Champion of its day")
        return self.text(method_named(method).name)

    def _quoted(self, method: str) -> str:
        return self.text('"{name}"', name=self._method(method))

    def _scores(self, grain: str) -> Any:
        assert isinstance(self.outcome, ForecastResult)
        record = self.outcome.track_record.filter(
            (pl.col("level") == "company") & (pl.col("horizon") == grain)
        ).sort("ncrps", nulls_last=True)
        rows = []
        for method in record["method"]:
            found = {
                s: self.told(f"forecast.track.{s}", horizon=grain, method=method, level="company")
                for s in SCORES
            }
            rows.append(
                (
                    words(self._method(method), strong=method == self.outcome.champion.method),
                    number(found["wape"], part="n"),
                    number(found["bias"], kind="change"),
                    *(number(found[s]) for s in ("wape", "ncrps", "coverage80")),
                    number(found["coverage80"], part="interval"),
                )
            )
        columns = [
            Column(title="Method"),
            Column(title="Periods", kind="count"),
            Column(title="Bias", kind="change", help="Above zero: the method forecast too much."),
            Column(
                title="WAPE",
                kind="ratio",
                decimals=0,
                help="Sum of absolute errors over what was won",
            ),
            Column(
                title="CRPS",
                kind="ratio",
                decimals=0,
                help="Error of the whole range, over what was won",
            ),
            Column(title="Inside the 80% range", kind="ratio", decimals=0),
            Column(title="95% interval", kind="ratio"),
        ]
        titles = {"quarter": "Quarters", "month": "Months"}
        return self.table(columns, rows, title=titles[grain])

    def methods(self) -> Section:
        """Return which methods the data allows, and what the others lack."""
        if isinstance(self.outcome, DataError):
            return self.without("Methods", self.outcome)
        lacking = [rung for rung in self.outcome.ladder.rungs if rung.reason]
        rows = [
            (words(self.text(rung.name)), words(rung.reason.tell(self.language)))
            for rung in lacking
            if rung.reason
        ]
        told = self.say(
            "The data allows every method. Used is the simplest of those whose error (CRPS) over "
            "past windows is within one standard error of the least; a method with a smaller WAPE "
            "may stand above it by luck."
        )
        columns = [Column(title="Method"), Column(title="What it lacks")]
        return self.section(
            "Methods", None if lacking else self.paragraph(told), self.table(columns, rows)
        )

    def people(self) -> Section:
        """Return the quarter person by person; the ranges are wide, and meant to be read."""
        if self.orders_only:
            return self.orders_by("rep_id", title="By person", head="Person")
        if isinstance(self.outcome, DataError):
            return self.without("By person", self.outcome)
        frame = self.outcome.by_rep.filter(pl.col("mean") > 0).sort("mean", descending=True)
        rows = [
            (
                words(self.name_of(rep or None)),
                *(
                    number(self.told(metric, period=self.quarter, rep_id=rep), compact=True)
                    for metric in (
                        "forecast.won_already",
                        "forecast.from_open",
                        "forecast.bookings.mean",
                    )
                ),
                number(
                    self.told("forecast.bookings", period=self.quarter, rep_id=rep),
                    part="interval",
                    compact=True,
                ),
                number(self.told("forecast.target_odds", period=self.quarter, rep_id=rep)),
            )
            for rep in frame["rep_id"]
        ]
        columns = [
            Column(title="Person"),
            Column(title="Won already", kind="money"),
            Column(title="From open deals", kind="money"),
            Column(title="Mean", kind="money"),
            Column(title="80% range", kind="money"),
            Column(title="Chance to reach the target", kind="ratio", decimals=0),
        ]
        note = self.text(
            "The result of one person in one quarter is mostly the luck of single deals: "
            "read the range."
        )
        if self.outcome.people != self.outcome.champion.method:
            shared = self.text(
                "Their numbers are the company's total by {whole}, shared out as {people} shares "
                "its own.",
                whole=self._quoted(self.outcome.champion.method),
                people=self._quoted(self.outcome.people),
            )
            note = f"{note} {shared}"
        return self.section("By person", self.table(columns, rows, note=note))


_TOLD = (
    "forecast.bookings.mean",
    "forecast.bookings",
    "forecast.track.wape",
    "forecast.track.bias",
)


def _minor(figure: Figure, write: Any) -> int:
    from decimal import Decimal

    from spm_lib.core.money import to_minor

    return to_minor(Decimal(figure.value or "0"), write.edition.currency)
