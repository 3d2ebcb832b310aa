"""The target studio: levers and edits come in, odds and targets go out while they move."""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from spm_lib.core.errors import ParameterError
from spm_lib.core.language import Language
from spm_lib.core.language import language as language_of
from spm_lib.dashboards.approved_there import approved_for
from spm_lib.dashboards.asked import read_day
from spm_lib.dashboards.kept_view import kept_for, studio_name
from spm_lib.dashboards.kit import Kit
from spm_lib.dashboards.reason import page_or_reason
from spm_lib.dashboards.studio.answering import Answering, Edits
from spm_lib.dashboards.studio.desk import Desk
from spm_lib.dashboards.studio.keeper import StudioKeeper
from spm_lib.dashboards.studio.sentences import sentences
from spm_lib.dashboards.studio.told import (
    Lines,
    chart_rows,
    charts_of,
    lines_of,
    stretched_of,
    tiles_of,
)
from spm_lib.dashboards.studio.view import StudioView
from spm_lib.dashboards.studio.words import words_of
from spm_lib.dashboards.told import admitted
from spm_lib.model import on_its_own
from spm_lib.plans import TargetScenario, asked_target, load_target_scenario, propose
from spm_lib.targets.odds.odds import DRAWS, SETTLED


def studio_page(**asked: Any) -> widgets.Widget:
    """Return the studio, or the reason why there is none, to be shown by the notebook.

    Takes the parameters of ``StudioPage``.
    """
    return page_or_reason(lambda: StudioPage(**asked).box)


class StudioPage(Answering):
    """The page; ``box`` is the widget that shows all of it.

    Parameters
    ----------
    language
        "en" or "he"; empty: the workspace's own.
    as_of
        Day the plan is made on (YYYY-MM-DD); empty: the workspace's own.
    plan
        Saved target scenario to begin with; empty: a proposed one.
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
        day = read_day(as_of)
        self.admitted = admitted(as_of=day, workspace=workspace)
        company = self.admitted.company
        self.whole = not company.scoped
        self.language: Language = language_of(language or company.settings.workspace.language)
        self.approved = None if plan else approved_for(self.admitted, day)
        first = self._first(plan, company)
        kept = self.kept = kept_for(day) if self.admitted.from_view else None
        self.desk = Desk(
            on_its_own(company), first, self.language, whole=self.whole, kept=kept and kept.learned
        )
        self.lines = Lines(self.language)
        self.kit = Kit()
        self.view = self._view()
        self.keeper = StudioKeeper(self)
        self.view.saved = self.keeper.names() if self.whole else []
        self.head = self.kit.html(self._head())
        self.box = self.kit.make(widgets.VBox, [self.head, self.view]).add_class("spm-page")
        if self.language.direction == "rtl":
            self.box.add_class("spm-rtl")

    def _first(self, plan: str, company: Any) -> TargetScenario:
        """Return the scenario to begin with; saved ones hold amounts of the whole company."""
        if plan and not self.whole:
            raise ParameterError(
                "Saved scenarios hold amounts of the whole company.",
                found=f"a page of {self.admitted.scope}",
                do="Leave the parameter 'plan' out",
            )
        if plan:
            return load_target_scenario(self.admitted.workspace, plan)
        name = self.language.text("Proposal")
        return propose(on_its_own(company), name=name, approved=self.approved)

    def _view(self) -> StudioView:
        words = words_of(self.language, keeps=self.whole)
        view = StudioView(
            words=words, specs=self._specs(), heard=self.heard, layout=self.kit.layout
        )
        self._show_levers(view)
        return view

    def _specs(self) -> dict[str, dict[str, Any]]:
        """Return the charts, whose rows every answer tells anew."""

        def make() -> dict[str, dict[str, Any]]:
            return charts_of(self.desk.plan, self.language)

        if self.kept is None or self.desk.plan.odds is None:
            return make()
        return self.kept.charts(studio_name(self.desk.begun, self.language), make)

    def _show_levers(self, view: StudioView) -> None:
        view.levers = [lever.to_dict() for lever in self.desk.levers.all()]
        view.people = lines_of(self.desk.plan, self.language, posts=False)

    def begin(self, scenario: TargetScenario) -> None:
        """Take up another scenario; the one before stays where it cannot be built."""
        self.desk.begin(scenario)
        self.lines.forget()
        self.head.value = self._head()
        self.view.specs = self._specs()
        self._show_levers(self.view)
        self.view.tell("begin")

    def turn(self, values: Mapping[str, float], edits: Edits, *, settled: bool) -> None:
        """Work out the plan of a setting."""
        self.desk.turn(values, edits, draws=SETTLED if settled else DRAWS)

    def faulty(self, edits: Edits) -> list[dict[str, Any]]:
        """Return the edited cells of people who are here."""
        here = self.desk.cells()
        return [{"rep": e["rep"], "field": e["field"]} for e in edits if e["rep"] in here]

    def settle(self) -> None:
        """Work out the setting as reports print it, and show it."""
        self.desk.settle()
        self.view.tell("picture", **self.picture(settled=True))

    def picture(self, *, settled: bool) -> dict[str, Any]:
        """Return what the page shows of the plan; text and inputs once levers rest.

        While they move only the lines of people in sight are told.
        """
        plan, language = self.desk.plan, self.language
        named = stretched_of(plan)
        told: dict[str, Any] = {
            "tiles": tiles_of(plan, language, whole=self.whole),
            "rows": chart_rows(plan, named),
            "levers": self.desk.told(),
            "posts": lines_of(plan, language, posts=True),
            "people": self.lines.changed(
                plan,
                named,
                self.desk.cells() if settled else None,
                seen=None if settled else self.seen,
            ),
        }
        if settled:
            told["told"] = sentences(plan, self.desk.against, language)
        return told

    def _head(self) -> str:
        text, write, company = self.language.text, self.language, self.admitted.company
        basis = self.desk.begun.basis
        title = text("Target studio: {company}", company=company.settings.workspace.name)
        fresh = text(
            "Targets of {first} to {last}. Data as of {as_of}; the newest thing in it happened on "
            "{newest}. Rows seen: {scope}.",
            first=write.month(basis.start),
            last=write.month(basis.end.fromordinal(basis.end.toordinal() - 1)),
            as_of=write.date(company.as_of),
            newest=write.date(company.exported_on),
            scope=text("the whole company") if self.whole else company.scope.label,
        )
        lines = [f"<h1>{html.escape(title)}</h1>", f"<p>{html.escape(fresh)}</p>"]
        if not self.whole:
            fixed = text(
                "What the company asks of these people is given; what is shared out here is shared "
                "out among them, and the rates are theirs."
            )
            lines.append(f"<p>{html.escape(fixed)}</p>")
        if self.approved is not None:
            asked = asked_target(on_its_own(company), self.approved)
            told = " ".join(one.tell(write) for one in self.approved.told(asked))
            lines.append(f"<p>{html.escape(told)}</p>")
        return "".join(lines)
