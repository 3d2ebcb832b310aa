"""Whose win rate has really changed: the weekly watch, in words on the manager's page."""

from __future__ import annotations

from spm_lib.reports.blocks import Sentence
from spm_lib.reports.pages.rep_why import RepWhy
from spm_lib.reps import changed_rates

TOLD = ("alert.before", "alert.after", "alert.people")


class ManagerAlerts(RepWhy):
    """The part of a manager's page that watches win rates week by week."""

    def alarms_told(self) -> list[Sentence]:
        """Say whose win rate has really changed, and how seldom that is said by luck."""
        alerts = changed_rates(self.company)
        raised = {"", *alerts.raised["rep_id"]}
        figures = tuple(
            f for f in alerts.figures() if f.metric in TOLD and f.by.get("rep_id", "") in raised
        )
        said = [
            self.noted(Sentence(text=one.tell(self.language), figures=figures))
            for one in alerts.statements
        ]
        return said if alerts.watched.height else said[:1]
