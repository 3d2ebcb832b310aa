"""A dashboard of report blocks: the same parts as in the report, for a period and a person."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import ipywidgets as widgets
from markupsafe import Markup

from spm_lib.core.calendar import months_before
from spm_lib.core.errors import SpmError
from spm_lib.core.language import language as language_of
from spm_lib.dashboards.as_files import CSV, EXCEL, as_excel, deals_csv, figures_csv
from spm_lib.dashboards.asked import read_day
from spm_lib.dashboards.behind_figure import (
    columns_of,
    deals_listed,
    deals_of,
    ids_behind,
    opens,
)
from spm_lib.dashboards.blocks_view import BlocksView
from spm_lib.dashboards.kit import Kit
from spm_lib.dashboards.reason import reason
from spm_lib.dashboards.told import admitted
from spm_lib.model import Figure, metric_id
from spm_lib.reports import Page
from spm_lib.reports.blocks import Block
from spm_lib.reports.cells import Number
from spm_lib.reports.html.render import render_blocks
from spm_lib.reports.scopes import people

MONTHS = (1, 3, 6, 12, 24)
_ENDS = 24  # months that may be gone back to


class BlocksPage:
    """The page; ``box`` is the widget that shows all of it.

    Parameters
    ----------
    page
        The report page that makes the blocks.
    parts
        Names of its methods, in the order in which they are shown.
    name
        The name of the dashboard, for files.
    language
        "en" or "he"; empty: the workspace's own.
    as_of
        Last day known (YYYY-MM-DD); empty: the workspace's own.
    months
        How many whole months are looked back on.
    person
        The id of one person; empty: everybody whom the viewer may see.
    workspace
        Workspace file, in a notebook of one's own.
    """

    def __init__(
        self,
        page: Callable[..., Page],
        parts: Sequence[str],
        *,
        name: str,
        language: str = "",
        as_of: str = "",
        months: int = 12,
        person: str = "",
        workspace: str | None = None,
    ) -> None:
        self._make, self._parts, self.name = page, parts, name
        day = read_day(as_of)
        self.admitted = admitted(as_of=day, workspace=workspace)
        self.company = self.admitted.company
        self.language = language_of(language or self.company.settings.workspace.language)
        self.kit = Kit()
        self.said = self.kit.html()
        self.view = BlocksView(
            self.language, opened=self._open, saved=self._save_deals, layout=self.kit.layout
        )
        self._opened: list[Figure] = []
        self._listed: list[str] = []
        self._build(months, person)
        self.page, self.blocks = self._made()
        self._draw()

    def _build(self, months: int, person: str) -> None:
        text, choose = self.language.text, self._choice
        self.period = choose(text("Period"), self._periods(months), months)
        self.until = choose(text("Up to"), self._ends(), self.company.as_of.isoformat())
        self.person = choose(text("Person"), self._people(person), person)
        for one in (self.period, self.until, self.person):
            one.observe(lambda _: self._update(), names="value")
        self.excel = self._button(text("Download as Excel"), self._save_excel)
        self.csv = self._button(text("Download figures as CSV"), self._save_figures)
        row = [self.period, self.until, self.person, self.excel, self.csv]
        controls = self.kit.make(widgets.HBox, row).add_class("spm-controls")
        parts = [self.kit.html(self._top()), controls, self.said, self.view]
        self.box = self.kit.make(widgets.VBox, parts).add_class("spm-page").add_class("spm-report")
        if self.language.direction == "rtl":
            self.box.add_class("spm-rtl")

    def _choice(self, name: str, options: list[tuple[str, Any]], value: Any) -> widgets.Dropdown:
        return self.kit.make(widgets.Dropdown, options=options, value=value, description=name)

    def _button(self, name: str, act: Callable[[], None]) -> widgets.Button:
        made = self.kit.make(widgets.Button, description=name)
        made.on_click(lambda _: self._try(act))
        return made

    def _periods(self, months: int) -> list[tuple[str, int]]:
        said = "{n:The last month|The last {n} months}"
        listed = sorted({*MONTHS, months})
        return [(self.language.text(said, n=n), n) for n in listed]

    def _ends(self) -> list[tuple[str, str]]:
        """Return the page's own day, and the ends of the months before it that the data reaches."""
        own = self.company.as_of
        ends = [months_before(own.replace(day=1), n) - timedelta(days=1) for n in range(_ENDS)]
        first = self._first_day()
        listed = [own, *(day for day in ends if day != own and (first is None or day > first))]
        return [(self.language.date(day), day.isoformat()) for day in listed]

    def _first_day(self) -> date | None:
        deals = self.company.table("opportunities")
        found = [deals[column].min() for column in ("created_on", "closed_on")]
        return min((day for day in found if isinstance(day, date)), default=None)

    def _people(self, person: str) -> list[tuple[str, str]]:
        """Whom the viewer may choose: nobody who is not in the viewer's rows."""
        everybody = [(self.language.text("Everybody"), "")]
        if self.company.scope.part is not None:
            return everybody
        page = self._page("", 12, "")
        ids = dict.fromkeys([*people(self.company), *filter(None, [person])])
        return [*everybody, *sorted((page.name_of(rep), rep) for rep in ids)]

    def _top(self) -> str:
        text, viewer = self.language.text, self.admitted.viewer
        link = html.escape(text("All dashboards"))
        here = f'<a href="/?language={self.language.code}">{link}</a>'
        who = html.escape(text("You are signed in as {name}.", name=viewer)) if viewer else ""
        return f'<p class="spm-top">{here} <span>{who}</span></p>'

    def _page(self, until: str, months: int, person: str) -> Page:
        scope = f"rep:{person}" if person else self.admitted.scope
        return self._make(
            str(self.admitted.source),
            as_of=until or self.company.as_of.isoformat(),
            language=self.language.code,
            scope=scope,
            months=months,
        )

    def _made(self) -> tuple[Page, list[Block]]:
        until, months, person = (one.value for one in (self.until, self.period, self.person))
        page = self._page(str(until), int(str(months)), str(person))
        made = [getattr(page, part)() for part in ("cover", *self._parts)]
        return page, [*made, page.definitions(), page.receipts()]

    def _update(self) -> None:
        """Answer a choice; what cannot be shown is said, and the last picture stays."""
        with self._busy():
            self._try(self._redraw)

    def _redraw(self) -> None:
        self.page, self.blocks = self._made()
        self._draw()

    def _draw(self) -> None:
        self._opened = []
        shown = [b for b in self.blocks if getattr(b, "part", "") != "annex"]
        annex = [b for b in self.blocks if getattr(b, "part", "") == "annex"]
        title = html.escape(self.language.text("What the numbers mean, and what they rest on"))
        folded = f"<details><summary>{title}</summary>{render_blocks(annex)}</details>"
        self.view.html = render_blocks(shown, opened=self._number) + folded

    def _number(self, number: Number, told: str) -> str:
        """Return a number that opens, where there are deals behind it."""
        if number.part == "interval" or number.shown is None or not opens(number.figure):
            return told
        self._opened.append(number.figure)
        name = self._name(number.figure)
        help_ = self.language.text("{name}: show the deals behind it", name=name)
        return Markup(
            '<button type="button" class="spm-number" data-open="{}" title="{}">{}</button>'
        ).format(len(self._opened) - 1, help_, told)

    def _name(self, figure: Figure) -> str:
        return self.language.text(metric_id(figure.metric).name)

    def _open(self, asked: str) -> None:
        """Show the deals behind a number of the view."""
        plain = asked.isascii() and asked.isdecimal() and len(asked) < 7
        if plain and int(asked) < len(self._opened):
            figure = self._opened[int(asked)]
            self._try(lambda: self._show_deals(figure))

    def _show_deals(self, figure: Figure) -> None:
        self._listed = ids_behind(figure, self.page)
        deals = deals_of(self._listed, self.page.company)
        groups = [self._group(name, value) for name, value in figure.by.items()]
        title = " · ".join([self._name(figure), *filter(None, groups)])
        self.view.show_deals(title, deals_listed(deals, self.page.company, self.language))

    def _group(self, name: str, value: str) -> str:
        return self.page.name_of(value or None) if name in ("rep_id", "manager_id") else value

    def _save_deals(self) -> None:
        def save() -> None:
            company = self.page.company
            columns = columns_of(company, self.language)
            made = deals_csv(deals_of(self._listed, company), columns, currency=company.currency)
            self.view.give(self._file("deals.csv"), CSV, made)

        self._try(save)

    def _save_figures(self) -> None:
        figures = [figure for block in self.blocks for figure in block.figures_used()]
        self.view.give(self._file("csv"), CSV, figures_csv(figures, self.language))

    def _save_excel(self) -> None:
        title = self.page.text(self.page.title)
        made = as_excel(self.blocks, title=title, workspace=self.admitted.workspace)
        self.view.give(self._file("xlsx"), EXCEL, made)

    def _file(self, ending: str) -> str:
        return f"{self.name}-{self.page.company.as_of}.{ending}"

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except SpmError as error:
            self.said.value = reason(error)
        else:
            self.said.value = ""

    @contextmanager
    def _busy(self) -> Any:
        self.view.busy = True
        try:
            yield
        finally:
            self.view.busy = False
