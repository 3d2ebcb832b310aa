"""Keeping a designer's plans: save as new, take up, set beside, start again, take along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spm_lib.dashboards.as_files import EXCEL, as_excel
from spm_lib.dashboards.pay.plan_desk import plan_id
from spm_lib.dashboards.pay.plan_tables import tables_of
from spm_lib.dashboards.studio.acting import Keeper
from spm_lib.dashboards.studio.keeper import TOML

if TYPE_CHECKING:
    from spm_lib.dashboards.pay.plan_page import PlanPage


class PlanKeeper(Keeper):
    """Does what the buttons of the designer's page ask for; a plan is never written over."""

    def __init__(self, page: PlanPage) -> None:
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

    def _save(self, name: str) -> str:
        page = self._page
        made = page.desk.save(name)
        page.view.saved = page.desk.names()
        return page.language.text("Saved as {name}.", name=f"plans/{made}.toml")

    def _load(self, name: str) -> str:
        self._page.begin(name)
        return self._page.language.text("{name} is loaded.", name=name)

    def _compare(self, name: str) -> str:
        page = self._page
        page.desk.set_beside(name)
        page.settle()
        return page.language.text("Compared with {name}.", name=name)

    def _reset(self, _name: str) -> str:
        page = self._page
        page.begin(page.desk.name)
        return page.language.text("Everything stands where it began.")

    def _excel(self, _name: str) -> str:
        page, desk = self._page, self._page.desk
        title = page.language.text("Pay plan {name}", name=desk.begun.plan.plan.name)
        blocks = tables_of(desk, page.language)
        made = as_excel(blocks, title=title, workspace=page.admitted.workspace)
        page.view.give(f"{desk.name}.xlsx", EXCEL, made)
        return ""

    def _file(self, name: str) -> str:
        page = self._page
        told = name or f"{page.desk.name}-new"
        page.view.give(f"{plan_id(told)}.toml", TOML, page.desk.text(told).encode())
        return ""
