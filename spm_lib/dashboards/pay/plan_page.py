"""A page for plan designers: a pay plan's numbers move, and cost, curve and people follow."""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from spm_lib.core.errors import ScopeError
from spm_lib.core.language import Language
from spm_lib.core.language import language as language_of
from spm_lib.dashboards.asked import read_day
from spm_lib.dashboards.kit import Kit
from spm_lib.dashboards.pay.plan_desk import PlanDesk
from spm_lib.dashboards.pay.plan_keeper import PlanKeeper
from spm_lib.dashboards.pay.plan_told import (
    PayLines,
    Tiles,
    charts_of,
    curve_rows,
    paid_people,
    plan_sentences,
)
from spm_lib.dashboards.pay.plan_words import plan_words
from spm_lib.dashboards.reason import page_or_reason
from spm_lib.dashboards.studio.answering import Answering, Edits
from spm_lib.dashboards.studio.view import StudioView
from spm_lib.dashboards.told import admitted
from spm_lib.store import ClientFolder


def pay_plan_page(**asked: Any) -> widgets.Widget:
    """Return the designer's page, or the reason why there is none, to be shown by the notebook.

    Takes the parameters of ``PlanPage``.
    """
    return page_or_reason(lambda: PlanPage(**asked).box)


class PlanPage(Answering):
    """The page; ``box`` is the widget that shows all of it.

    It shows everybody's pay, so that it opens for those alone who see the whole company.

    Parameters
    ----------
    language
        "en" or "he"; empty: the workspace's own.
    as_of
        Day whose data the plan is replayed on (YYYY-MM-DD); empty: the workspace's own.
    plan
        Name of a plan file in the client's folder; empty: one that pays already, else the first.
    workspace
        Workspace file; None: the one the server was started with, else the sample company.
    """

    def __init__(
        self,
        *,
        language: str = "",
        as_of: str = "",
        plan: str = "",
        workspace: str | Path | None = None,
    ) -> None:
        self.admitted = admitted(as_of=read_day(as_of), workspace=workspace)
        company = self.admitted.company
        if company.scoped:
            raise ScopeError(
                "Pay plans are designed by those who see the whole company.",
                found=f"a page of {self.admitted.scope}",
                do="Ask for the scope 'company' under [access]",
            )
        self.language: Language = language_of(language or company.settings.workspace.language)
        folder = ClientFolder.of(self.admitted.workspace)
        self.desk = PlanDesk(company, folder, plan, self.language)
        self.lines, self.tiles = PayLines(self.language), Tiles(self.language)
        self.kit = Kit()
        self.view = self._view()
        self.keeper = PlanKeeper(self)
        self.view.saved = self.desk.names()
        self.head = self.kit.html(self._head())
        self.box = self.kit.make(widgets.VBox, [self.head, self.view]).add_class("spm-page")
        if self.language.direction == "rtl":
            self.box.add_class("spm-rtl")

    def _view(self) -> StudioView:
        specs = charts_of(self.desk, self.language)
        words, layout = plan_words(self.language), self.kit.layout
        view = StudioView(words=words, specs=specs, heard=self.heard, layout=layout)
        self._show(view)
        return view

    def _show(self, view: StudioView) -> None:
        view.levers = [lever.to_dict() for lever in self.desk.levers.all()]
        view.people = paid_people(self.desk)

    def begin(self, name: str) -> None:
        """Take up another plan; the one before stays where it does not run."""
        self.desk.begin(name)
        self.lines.forget()
        self._show(self.view)
        self.head.value = self._head()
        self.view.tell("begin")

    def turn(self, values: Mapping[str, float], edits: Edits, *, settled: bool) -> None:  # noqa: ARG002
        """Work out the plan with its numbers as the sliders stand."""
        self.desk.turn(values)

    def settle(self) -> None:
        """Show the plan as it stands, beside what it is now compared with."""
        self.lines.forget()
        self.view.people = paid_people(self.desk)
        self.head.value = self._head()
        self.view.tell("picture", **self.picture(settled=True))

    def picture(self, *, settled: bool) -> dict[str, Any]:
        """Return what the page shows of the plan; sentences once levers rest."""
        told: dict[str, Any] = {
            "tiles": self.tiles.of(self.desk, settled=settled),
            "rows": {"curve": curve_rows(self.desk)},
            "levers": self.desk.levers.told(self.desk.changed),
            "people": self.lines.changed(self.desk),
        }
        if settled:
            told["told"] = plan_sentences(self.desk, self.language)
        return told

    def _head(self) -> str:
        text, write, company, desk = (
            self.language.text,
            self.language,
            self.admitted.company,
            self.desk,
        )
        title = text("Pay plan: {name}", name=desk.begun.plan.plan.name)
        fresh = text(
            "Data of {company} as of {as_of}; the newest thing in it happened on {newest}. "
            "Beside it: {plan}.",
            company=company.settings.workspace.name,
            as_of=write.date(company.as_of),
            newest=write.date(company.exported_on),
            plan=desk.beside.plan.plan.name,
        )
        return f"<h1>{html.escape(title)}</h1><p>{html.escape(fresh)}</p>"
