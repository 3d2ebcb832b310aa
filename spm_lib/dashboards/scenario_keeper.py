"""Keeping a setting of the levers under a name, and taking one up again."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from spm_lib.core.errors import SpmError
from spm_lib.plans import Scenario, load_scenario, save_scenario, scenario_names

if TYPE_CHECKING:
    from spm_lib.dashboards.what_if_page import WhatIfPage


class ScenarioKeeper:
    """A row to save the levers as a scenario file and to load a saved one."""

    def __init__(self, page: WhatIfPage) -> None:
        text, kit = page.language.text, page.kit
        self._page = page
        self.name = kit.make(widgets.Text, placeholder=text("Name of the scenario"))
        self.save = kit.make(widgets.Button, description=text("Save"))
        self.saved = kit.make(widgets.Dropdown, options=self._options())
        self.load = kit.make(widgets.Button, description=text("Load"))
        self.reset = kit.make(widgets.Button, description=text("Back to today's rates"))
        self.said = kit.html()
        self.save.on_click(lambda _: self._try(self._save))
        self.load.on_click(lambda _: self._try(self._load))
        self.reset.on_click(lambda _: page.show_levers(page.base.levers))
        row = [self.name, self.save, self.saved, self.load, self.reset, self.said]
        self.box = kit.make(widgets.HBox, row)
        self.box.add_class("spm-keep")

    def _options(self) -> list[tuple[str, str]]:
        empty = self._page.language.text("Saved scenarios")
        return [(empty, ""), *((name, name) for name in scenario_names(self._page.workspace))]

    def _save(self) -> str:
        page = self._page
        levers, as_of = page.levers, page.company.as_of.isoformat()
        scenario = Scenario(self.name.value.strip(), page.base.currency, as_of, levers)
        save_scenario(page.workspace, scenario)
        self.saved.options = self._options()
        return page.language.text("Saved as {name}.", name=scenario.name)

    def _load(self) -> str:
        if not self.saved.value:
            return ""
        self._page.show_levers(load_scenario(self._page.workspace, self.saved.value).levers)
        return ""

    def _try(self, act: Any) -> None:
        try:
            said = act()
        except (SpmError, OSError) as error:
            said = str(error)
        self.said.value = f'<p role="status">{html.escape(said)}</p>'
