"""A page: a company, a window and a language, and the parts that every report shares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any, ClassVar, TypeVar, overload

import polars as pl

from spm_lib.core.calendar import Window, months_before, window_before
from spm_lib.core.language import Language, language
from spm_lib.metrics import Measured, measure
from spm_lib.model import Company, Figure, open_company
from spm_lib.model.names import TABLE_NAMES, column_heading
from spm_lib.reports.blocks import (
    Block,
    BlockBase,
    Chart,
    Column,
    Cover,
    Section,
    Sentence,
    Table,
    Text,
)
from spm_lib.reports.cells import Cell, Edition, Kind, Number, words
from spm_lib.reports.drawing_aside import start_drawing
from spm_lib.reports.pages.pictures import Picture, charts_of
from spm_lib.reports.pages.reach import amounts_told, first_result, reaches
from spm_lib.reports.plot import Plot
from spm_lib.reports.scopes import COMPANY, audience_of
from spm_lib.reports.writing import Writer, kind_of

B = TypeVar("B", bound=BlockBase)


class Page:
    """What all report pages share; a notebook opens one and calls its parts.

    Parameters
    ----------
    workspace
        The client's workspace file.
    as_of
        The last day known, as text; empty: the workspace's own, else the newest day in the data.
    language
        "en" or "he"; empty: the workspace's own.
    scope
        Whose rows it is about: ``rep:ID``, ``team:NAME``, ``manager:ID``, ``COLUMN=value``; empty:
        the company, or what the view holds.
    months
        How many whole months the report looks back on.
    """

    title: ClassVar[str] = ""

    def __init__(
        self,
        workspace: str,
        *,
        as_of: str = "",
        language: str = "",
        scope: str = "",
        months: int = 12,
    ) -> None:
        start_drawing()
        self.company = open_company(workspace, as_of=as_of or None, scope=scope or None)
        self.scope = scope or COMPANY
        self.edition = Edition.model_validate(
            {
                "language": language or self.company.settings.workspace.language,
                "currency": self.company.currency,
            }
        )
        self.months = months
        self.printed: dict[str, None] = {}

    @property
    def language(self) -> Language:
        """The language of the report."""
        return language(self.edition.language)

    @property
    def write(self) -> Writer:
        """Writes numbers in the report's language."""
        return Writer(self.edition)

    @cached_property
    def window(self) -> Window:
        """The whole months looked back on, the last one ending at or before as_of."""
        return whole_months(self.company, self.months)

    @cached_property
    def window_before(self) -> Window:
        """The window of the same length before this one."""
        return window_before(self.window)

    @cached_property
    def names(self) -> dict[str, str]:
        """Names of people by id; two people of one name carry their id too."""
        reps = self.company.table("reps")
        if not reps.height:
            return {}
        found = dict(reps.select("rep_id", "name").iter_rows())
        twice = {n for n in found.values() if list(found.values()).count(n) > 1}
        return {k: f"{n} ({k})" if n in twice else (n or k) for k, n in found.items()}

    def name_of(self, rep_id: str | None) -> str:
        """Return the name to print for a person; the id where there is no name."""
        if rep_id is None:
            return self.text("Without an owner")
        return self.names.get(rep_id, rep_id)

    def text(self, msgid: str, **values: object) -> str:
        """Return a message in the report's language."""
        return self.language.text(msgid, **values)

    def say(self, msgid: str, **values: object) -> Sentence:
        """Return a sentence; figures among the values are written and kept with it."""
        figures = tuple(f for v in values.values() for f in _figures_in(v))
        return self.noted(Sentence(text=self.text(msgid, **self._written(values)), figures=figures))

    def _written(self, values: Mapping[str, object]) -> dict[str, object]:
        return {name: self._one(value) for name, value in values.items()}

    def _one(self, value: object) -> object:
        if isinstance(value, Figure):
            value = Number(figure=value, compact=True)
        if isinstance(value, Number):
            decimals = 0 if value.figure.unit == "ratio" and value.kind is None else None
            return self.write.number(value, decimals=decimals)
        return self.language.date(value) if isinstance(value, date) else value

    def noted(self, sentence: Sentence) -> Sentence:
        """Remember the metrics that a sentence printed, for the definitions."""
        self.printed.update(dict.fromkeys(f.metric for f in sentence.figures))
        return sentence

    def measured(self, metric: str, *, by: Any = None, window: Any = None) -> Measured:
        """Return a metric of the page's company; without a window, that of the page."""
        return measure(self.company, metric, by=by, window=window or self.window)

    def figure(self, metric: str, *, window: Any = None) -> Figure:
        """Return a metric of the whole company as one figure."""
        return self.measured(metric, window=window).figures()[0]

    def figure_before(self, metric: str) -> Figure | None:
        """Return a metric of the window before; none where the data does not hold it whole."""
        if not reaches(self.company, self.window_before):
            return None
        found = self.figure(metric, window=self.window_before)
        return None if found.value is None else found

    def reach_told(self) -> Sentence | None:
        """Say why nothing is compared with the time before, where the data begins within it."""
        first = first_result(self.company)
        if first is None or reaches(self.company, self.window_before):
            return None
        return self.say(
            "The first result in the data is of {day}: there is no whole time before to compare "
            "with.",
            day=first,
        )

    @property
    def no_amounts(self) -> bool:
        """Whether the client's deals tell no amount at all: what is unknown is not 0."""
        return not amounts_told(self.company)

    def known(self, *tables: str) -> bool:
        """Say whether the client's data has these tables."""
        return all(self.company.has(table) for table in tables)

    def cover(self) -> Cover:
        """Return who the report is for, what it covers, and how fresh its data is."""
        settings = self.company.settings.workspace
        return Cover(
            edition=self.edition,
            title=self.text(self.title),
            subtitle=self.subtitle,
            client=settings.name,
            client_id=settings.id,
            scope=self.scope,
            audience=audience_of(self.company, self.scope).who,
            as_of=self.company.as_of,
            exported_on=self.company.exported_on,
            window=(self.window.start, self.window.end),
        )

    @property
    def subtitle(self) -> str:
        """What the report covers, in words."""
        return self.span

    @property
    def span(self) -> str:
        """The months looked back on, in words."""
        return self.months_of(self.window)

    def months_of(self, window: Window) -> str:
        """Return a window of whole months in words."""
        return self.text(
            "{first} to {last}",
            first=self.language.month(window.start),
            last=self.language.month(window.end - timedelta(days=1)),
        )

    def definitions(self) -> Section:
        """Return what the numbers printed so far mean."""
        from spm_lib.reports.pages.annex import definitions_of

        return definitions_of(self)

    def receipts(self) -> Section:
        """Return how many rows were read, used and set aside, per table."""
        from spm_lib.reports.pages.annex import receipts_of

        return receipts_of(self)

    def notices(self) -> Section:
        """Return what was found odd in the data."""
        from spm_lib.reports.pages.annex import notices_of

        return notices_of(self)

    def section(self, title: str, *blocks: Block | None, **values: object) -> Section:
        """Return a titled part of the report; empty blocks are left out."""
        inner = tuple(block for block in blocks if block is not None)
        made = Section(edition=self.edition, title=self.text(title, **values), blocks=inner)
        return self.kept(made)

    def kept(self, block: B) -> B:
        """Remember the metrics that a block prints, for the definitions."""
        self.printed.update(dict.fromkeys(f.metric for f in block.figures_used()))
        return block

    def paragraph(self, *sentences: Sentence, tone: str = "plain") -> Text | None:
        """Return sentences as a paragraph each; nothing where there are none."""
        if not sentences:
            return None
        return Text.model_validate({"edition": self.edition, "sentences": sentences, "tone": tone})

    def lacking(self, title: str, *tables: str) -> Section:
        """Return a section that says which data it needs in order to say something."""
        missing = [self.text(TABLE_NAMES[t]) for t in tables if not self.company.has(t)]
        sentence = self.say(
            "This part needs data that was not handed over: {data}.",
            data=self.language.list(missing),
        )
        return self.section(title, self.paragraph(sentence, tone="missing"))

    def table(
        self,
        columns: Sequence[Column],
        rows: Iterable[Sequence[Cell]],
        *,
        title: str = "",
        note: str = "",
    ) -> Table | None:
        """Return a table with translated titles; nothing where there are no rows.

        A column in which no row has anything is left out.
        """
        body = [tuple(row) for row in rows]
        if not body:
            return None
        kept = [i for i in range(len(columns)) if not i or any(row[i] is not None for row in body)]
        body = [tuple(row[i] for i in kept) for row in body]
        columns = [columns[i] for i in kept]
        heads = tuple(
            c.model_copy(
                update={
                    "title": self.text(c.title) if c.title else "",
                    "help": self.text(c.help) if c.help else "",
                }
            )
            for c in columns
        )
        return Table(
            edition=self.edition,
            title=self.text(title) if title else "",
            columns=heads,
            rows=tuple(body),
            note=self.text(note) if note else "",
        )

    def show(self, metric: str, *, by: Any = None, window: Any = None, title: str = "") -> Table:
        """Return any metric as a table: for cells of an analyst's own.

        ``by`` are columns to break it down by; ``window`` is that of the page by default. The title
        is the metric's name in the report's language unless another is given.
        """
        made = self.measured(metric, by=by, window=window)
        rows = [
            (
                *(words(self._named(name, figure.by[name])) for name in made.by),
                *((words(self.text("All")),) if not made.by else ()),
                Number(figure=figure),
                Number(figure=figure, part="interval"),
                Number(figure=figure, part="n"),
            )
            for figure in made.figures()
        ]
        columns = (
            *(Column(title=column_heading(name, self.language)) for name in made.by or ("",)),
            Column(title=self.text(made.metric.name), kind=kind_of(made.unit)),
            Column(title=self.text("95% interval"), kind=kind_of(made.unit)),
            Column(title="n", kind="count"),
        )
        name = title or self.text(made.metric.name)
        return self.kept(Table(edition=self.edition, title=name, columns=columns, rows=tuple(rows)))

    def _named(self, column: str, value: str) -> str:
        return self.name_of(value or None) if column in ("rep_id", "manager_id") else value

    def chart(
        self,
        drawn: Any,
        *,
        title: str,
        data: pl.DataFrame,
        figures: Sequence[Figure] = (),
        note: str = "",
        plot: Plot | None = None,
    ) -> Chart | Text:
        """Return a drawn chart; its title says what it shows to who cannot see it.

        With a ``plot`` Excel and PowerPoint draw ``data`` as a chart that stays editable. Where
        ``data`` holds nothing but zeros the finding is said in words: there is nothing to draw.
        """
        picture = Picture(drawn, title, data, tuple(figures), note, plot)
        return charts_of(self, [picture])[0]


@overload
def number(figure: Figure, *, kind: Kind | None = None, **options: Any) -> Number: ...
@overload
def number(figure: None, *, kind: Kind | None = None, **options: Any) -> None: ...
@overload
def number(figure: Figure | None, *, kind: Kind | None = None, **options: Any) -> Number | None: ...
def number(figure: Figure | None, *, kind: Kind | None = None, **options: Any) -> Number | None:
    """Return a cell that prints a figure; none where there is none."""
    return None if figure is None else Number(figure=figure, kind=kind, **options)


def whole_months(company: Company, months: int) -> Window:
    """Return so many whole months, the last one ending at or before the company's day."""
    end = company.default_window().end
    return Window(months_before(end, months), end)


def _figures_in(value: object) -> tuple[Figure, ...]:
    if isinstance(value, Figure):
        return (value,)
    return (value.figure,) if isinstance(value, Number) else ()
