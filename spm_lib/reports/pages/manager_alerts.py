"""Whose ratios have really changed: the weekly watch, in words on the manager's page."""

from __future__ import annotations

from spm_lib.reports.blocks import Sentence
from spm_lib.reports.pages.rep_why import RepWhy
from spm_lib.reps import changed_rates

TOLD = ("alert.before", "alert.after", "alert.people", "alert.watches")


class ManagerAlerts(RepWhy):
    """The part of a manager's page that watches ratios week by week."""

    def alarms_told(self) -> list[Sentence]:
        """Say whose ratios have really changed, and how seldom that is said by luck."""
        alerts = changed_rates(self.company)
        raised = {("", ""), *alerts.raised.select("rep_id", "ratio").iter_rows()}
        figures = tuple(
            f
            for f in alerts.figures()
            if f.metric in TOLD and (f.by.get("rep_id", ""), f.by.get("ratio", "")) in raised
        )
        said = [
            self.noted(Sentence(text=one.tell(self.language), figures=figures))
            for one in alerts.statements
        ]
        return said if alerts.watched.height else said[:1]
