"""Keeping the studio's scenarios: save, load, compare, start again, and files to take along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spm_lib.core.errors import ParameterError, ScopeError
from spm_lib.dashboards.as_files import EXCEL, as_excel
from spm_lib.dashboards.studio.acting import Keeper
from spm_lib.dashboards.studio.tables import tables_of
from spm_lib.plans import (
    TargetScenario,
    load_target_scenario,
    save_target_scenario,
    scenario_names,
    scenario_text,
    target_scenario_names,
)

if TYPE_CHECKING:
    from spm_lib.dashboards.studio.page import StudioPage

TOML = "application/toml"


class StudioKeeper(Keeper):
    """Does what the buttons of the studio ask for.

    A page of less than the company keeps nothing in the client's folder, and takes nothing up from
    there: scenarios hold names and amounts of everybody.
    """

    def __init__(self, page: StudioPage) -> None:
        self._page = page
        acts = {
            "save": self._save,
            "load": self._load,
            "compare": self._compare,
            "reset": self._reset,
            "excel": self._excel,
            "file": self._file,
        }
        super().__init__(page.view, acts)

    def names(self) -> list[str]:
        """Return the names of the client's target scenarios."""
        return target_scenario_names(self._page.admitted.workspace)

    def _kept(self) -> None:
        if not self._page.whole:
            raise ScopeError(
                "Scenarios are kept by those who see the whole company.",
                found=f"a page of {self._page.admitted.scope}",
                do="Download the scenario file instead",
            )

    def _save(self, name: str) -> str:
        self._kept()
        page = self._page
        workspace = page.admitted.workspace
        if set(scenario_names(workspace)) - set(self.names()) >= {name}:
            raise ParameterError(
                "A scenario of the what-if page has that name.", found=name, do="Choose another"
            )
        scenario = page.desk.scenario.changed(name=name)
        save_target_scenario(workspace, scenario)
        page.view.saved = self.names()
        return page.language.text("Saved as {name}.", name=scenario.name)

    def _load(self, name: str) -> str:
        page = self._page
        page.begin(self._named(name))
        return page.language.text("{name} is loaded.", name=name)

    def _compare(self, name: str) -> str:
        page = self._page
        page.desk.set_beside(self._named(name))
        page.settle()
        return page.language.text("Compared with {name}.", name=name)

    def _named(self, name: str) -> TargetScenario:
        self._kept()
        if name not in self.names():
            raise ParameterError(
                "There is no saved target scenario of that name.",
                found=repr(name[:80]),
                do="Choose one of the list",
            )
        return load_target_scenario(self._page.admitted.workspace, name)

    def _reset(self, _name: str) -> str:
        page = self._page
        page.begin(page.desk.start)
        return page.language.text("Everything stands where it began.")

    def _excel(self, _name: str) -> str:
        page = self._page
        page.settle()
        title = page.language.text("Targets")
        made = as_excel(
            tables_of(page.desk.plan, page.language),
            title=title,
            workspace=page.admitted.workspace,
        )
        page.view.give(f"targets-{page.desk.plan.as_of}.xlsx", EXCEL, made)
        return ""

    def _file(self, _name: str) -> str:
        page = self._page
        made = scenario_text(page.desk.scenario).encode()
        page.view.give("scenario.toml", TOML, made)
        return ""
