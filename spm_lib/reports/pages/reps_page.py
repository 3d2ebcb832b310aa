"""The comparison of people: what differs between them, how surely, and what cannot be told."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.model import Figure
from spm_lib.reports.blocks import Column, Section, Sentence, Summary, Tile, Tiles
from spm_lib.reports.cells import Number, words
from spm_lib.reports.pages import plots
from spm_lib.reports.pages.many_people import both_ends, crowded, ends_told
from spm_lib.reports.pages.orders_parts import OrdersParts
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.pictures import charts_of
from spm_lib.reports.pages.reps_chance import chance_picture
from spm_lib.reps import RepComparison, compare_reps

ASPECTS = {
    "win_rate": "Win rate",
    "volume": "Number of deals won",
    "deal_size": "Deal size",
    "cycle": "Time to win",
}
ALONE = DataError(
    "Only one person closed deals in this window: there is nobody to compare.",
    found="",
    do="Only one person closed deals in this window.",
)
Key = tuple[str, frozenset[tuple[str, str]]]

_RANK = "Range of the rank in 95% of cases"
_POOLED = (
    "The filled point is the best guess of the true rate: people with few deals are drawn "
    "towards the common rate (partial pooling)."
)
_APART = (
    "The filled point is the best guess of the true rate: people with few deals are drawn "
    "towards the common rate (partial pooling). Two people who share a letter cannot be told "
    "apart; two who share none can, even where their lines overlap a little."
)


class RepsPage(OrdersParts):
    """The comparison of a client's people; each method is one part of it."""

    title: ClassVar[str] = "Comparison of people"

    @cached_property
    def outcome(self) -> RepComparison | DataError:
        """The comparison, or why there is nobody to compare."""
        if not self.known("opportunities"):
            return DataError("There are no deals.", found="", do="Map [tables.opportunities]")
        try:
            found = compare_reps(self.company, window=self.window)
        except DataError as error:
            return error
        return found if found.table.height > 1 else ALONE

    @cached_property
    def _figures(self) -> Mapping[Key, Figure]:
        found = self.outcome.figures() if isinstance(self.outcome, RepComparison) else []
        return {(f.metric, frozenset(f.by.items())): f for f in found}

    def told(self, metric: str, **by: str) -> Figure | None:
        """Return one figure of the comparison, none where it is not told."""
        return self._figures.get((metric, frozenset(by.items())))

    def summary(self) -> Summary:
        """Return the first page: what can be said of these people, why, and what to do."""
        if self.orders_only:
            return self.orders_summary()
        if isinstance(self.outcome, DataError):
            return Summary(edition=self.edition, happened=(self._nobody(self.outcome),))
        figures = tuple(f for f in self._figures.values() if f.metric in _TOLD)
        parts: dict[str, list[Sentence]] = {"happened": [], "why": [], "todo": [], "note": []}
        for statement in self.outcome.statements:
            text = statement.tell(self.language)
            parts[statement.kind].append(Sentence(text=text, figures=figures))
        why = (*parts["why"], *parts["note"])
        self.printed.update(dict.fromkeys(_TOLD))
        return Summary(
            edition=self.edition,
            happened=tuple(parts["happened"]),
            why=why,
            todo=tuple(parts["todo"]),
        )

    def _nobody(self, error: DataError) -> Sentence:
        return self.say(
            "There is nobody to compare: {reason}", reason=self.text(error.do or error.what)
        )

    def key_figures(self) -> Tiles:
        """Return the comparison in key figures."""
        if self.orders_only:
            return self.order_tiles()
        if isinstance(self.outcome, DataError):
            return Tiles(edition=self.edition, tiles=())
        rate = self.figure("win_rate.closed.count")
        interval = self.text("95% interval {interval}", interval=self.write.interval(rate))
        tiles = [
            Tile(
                label=self.text("Win rate of all together"),
                number=Number(figure=rate),
                note=interval,
                note_figures=(rate,),
            ),
            self._tile("Decided deals", Number(figure=rate, part="n")),
            self._tile(
                "Chance that luck alone spreads win rates so far",
                number(self.told("rep.win_rate.heterogeneity.p")),
            ),
            self._tile(
                "Spread of the true win rates",
                number(self.told("rep.win_rate.true_sd"), kind="gap"),
            ),
        ]
        return self.kept(Tiles(edition=self.edition, tiles=tuple(t for t in tiles if t)))

    def _tile(self, label: str, shown: Number | None) -> Tile | None:
        if shown is None or shown.shown is None:
            return None
        return Tile(label=self.text(label), number=shown, good="neither")

    @property
    def people(self) -> pl.DataFrame:
        """The people, by name order where nothing is ranked, else by the pooled rate."""
        assert isinstance(self.outcome, RepComparison)
        named = self.outcome.table.with_columns(
            label=pl.Series(
                [self.name_of(r) for r in self.outcome.table["rep_id"]], dtype=pl.String
            )
        )
        return named.sort("shrunk", descending=True) if self.outcome.ranked else named.sort("label")

    @property
    def _lettered(self) -> bool:
        """Whether groups are told by letters: of very many people there are too many of them."""
        assert isinstance(self.outcome, RepComparison)
        return self.outcome.ranked and not crowded(self.outcome.table.height)

    def rates(self) -> Section:
        """Return every person's win rate with its interval, drawn towards the common rate."""
        from spm_lib.charts import caterpillar_chart

        if isinstance(self.outcome, DataError):
            return self._without("Win rates with their uncertainty", self.outcome)
        if crowded(self.people.height) and not self.outcome.ranked:
            text = self.say("Too many people for a line each; the next part shows all of them.")
            return self.section("Win rates with their uncertainty", self.paragraph(text))
        mean = self.figure("win_rate.closed.count")
        lettered = self._lettered
        frame = both_ends(self.people).select(
            "label",
            "n",
            raw="rate",
            value="shrunk",
            low="shrunk_low",
            high="shrunk_high",
            **({"group": pl.col("group")} if lettered else {}),
        )
        title = self._rates_title()
        drawn = caterpillar_chart(
            frame, language=self.language, title=title, mean=float(mean.value or 0)
        )
        figures = [
            f
            for f in self._figures.values()
            if f.metric in ("rep.win_rate.shrunk", "win_rate.closed.count")
        ]
        chart = self.chart(
            drawn,
            title=title,
            data=frame.with_columns(mean=pl.lit(float(mean.value or 0))),
            figures=figures,
            plot=plots.person_rates(self),
            note=_APART if lettered else _POOLED,
        )
        ends = self.paragraph(*ends_told(self, self.people.height))
        return self.section("Win rates with their uncertainty", chart, ends)

    def _rates_title(self) -> str:
        assert isinstance(self.outcome, RepComparison)
        if not self.outcome.ranked:
            return self.text("These win rates cannot be told apart: luck alone explains the spread")
        apart = self.outcome.table.filter(pl.col("standing") != "").height
        return self.language.plural(
            "{n} person stands apart from the common win rate, the others cannot be told from it",
            "{n} people stand apart from the common win rate, the others cannot be told from it",
            apart,
        )

    def chance(self) -> Section:
        """Return win rates over the number of deals, inside the limits of chance."""
        if isinstance(self.outcome, DataError):
            return self._without("What chance alone would do", self.outcome)
        mean = float(self.figure("win_rate.closed.count").value or 0)
        frame = self.people.filter(pl.col("n") > 0).select("label", "n", value="rate")
        figures = self._of("win_rate.closed.count")
        (chart,) = charts_of(self, [chance_picture(self, frame, mean=mean, figures=figures)])
        text = self.say(
            "One in twenty people lies outside the 95% limits even if all are equally good."
        )
        return self.section("What chance alone would do", chart, self.paragraph(text))

    def _of(self, metric: str) -> list[Figure]:
        return [f for f in self._figures.values() if f.metric == metric]

    def table_of_people(self) -> Section:
        """Return the people side by side; without deals by their orders."""
        if self.orders_only:
            return self.orders_by("rep_id", title="Person by person", head="Person")
        if isinstance(self.outcome, DataError):
            return self._without("Person by person", self.outcome)
        rows = [self._person(row) for row in self.people.iter_rows(named=True)]
        ranked, lettered = self.outcome.ranked, self._lettered
        columns = [
            Column(title="Person"),
            Column(title="Decided", kind="count", help="Deals won or lost in the window"),
            Column(title="Won", kind="count"),
            Column(title="Win rate", kind="ratio", decimals=0),
            Column(title="95% interval", kind="ratio"),
            Column(title="Best guess", kind="ratio", decimals=0, help="Partially pooled win rate"),
            *([Column(title="Rank", kind="count", help=_RANK)] if ranked else []),
            *([Column(title="Group")] if lettered else []),
            Column(
                title="Against expectation",
                kind="number",
                decimals=2,
                help="Wins over the wins expected of the same mix of deals; 1 is as expected",
            ),
            Column(title="Average deal", kind="money", decimals=0),
            Column(title="Won cycle, days", kind="days", decimals=0),
        ]
        note = "People are in the order of their names: the data gives no reason to rank them."
        if ranked:
            note = "Two people who share a letter cannot be told apart." if lettered else ""
        few = self.outcome.table["few"].any()
        caution = (
            self.say(
                "People with fewer than 20 decided deals are marked with *: their rates say little."
            )
            if few
            else None
        )
        return self.section(
            "Person by person",
            self.table(columns, rows, note=note),
            self.paragraph(*([caution] if caution else [])),
        )

    def _person(self, row: Mapping[str, Any]) -> list[Any]:
        assert isinstance(self.outcome, RepComparison)
        by = {"rep_id": row["rep_id"]}
        rate = self.told("win_rate.closed.count", **by)
        places: list[Any] = []
        if self.outcome.ranked:
            places.append(number(self.told("rep.win_rate.rank", **by), part="interval"))
        if self._lettered:
            places.append(words(row["group"]))
        return [
            words(row["label"] + ("*" if row["few"] else "")),
            number(rate, part="n"),
            number(self.told("won.count", **by)),
            number(rate),
            number(rate, part="interval"),
            number(self.told("rep.win_rate.shrunk", **by)),
            *places,
            number(self.told("rep.win_rate.o_e", **by), kind="number"),
            number(self.told("deal.mean_amount", **by)),
            number(self.told("cycle.won.median_days", **by)),
        ]

    def aspects(self) -> Section:
        """Return in what people differ at all."""
        if isinstance(self.outcome, DataError):
            return self._without("In what people differ", self.outcome)
        rows = [
            (
                words(self.text(ASPECTS[d.aspect])),
                words(
                    self.text("differ by more than luck")
                    if d.differs
                    else self.text("no difference that luck does not explain")
                ),
                number(self.told("rep.difference.p", aspect=d.aspect)),
            )
            for d in self.outcome.differences
        ]
        columns = [
            Column(title="Aspect"),
            Column(title="Finding"),
            Column(title="Chance that luck alone does this", kind="ratio", decimals=1),
        ]
        return self.section("In what people differ", self.table(columns, rows))

    def skills(self) -> Section:
        """Return on which skills people differ, and who stands where."""
        from spm_lib.reports.pages.reps_skills import skills_of

        if isinstance(self.outcome, DataError):
            return self._without("On which skills people differ", self.outcome)
        return skills_of(self)

    def lasting(self) -> Section:
        """Return what makes the differences in money, and whether people's figures return."""
        from spm_lib.reports.pages.reps_skills import lasting_of

        if isinstance(self.outcome, DataError):
            return self._without("What makes the differences, and what lasts", self.outcome)
        return lasting_of(self)

    def mix(self) -> Section:
        """Return what each person's deals consist of, against the company's."""
        from spm_lib.reports.pages.reps_mix import mix_of

        if isinstance(self.outcome, DataError):
            return self._without("Mix of deals", self.outcome)
        return mix_of(self)

    def _without(self, title: str, error: DataError) -> Section:
        if not self.known("opportunities"):
            return self.lacking(title, "opportunities")
        return self.section(title, self.paragraph(self._nobody(error), tone="missing"))


_TOLD = (
    "win_rate.closed.count",
    "rep.win_rate.shrunk",
    "rep.win_rate.heterogeneity.p",
    "rep.win_rate.true_sd",
    "rep.win_rate.adjusted_p",
    "rep.difference.p",
)
