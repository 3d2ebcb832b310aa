"""The dashboards of managers: the funnel and the team, from the blocks of their reports."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from spm_lib.dashboards.reason import page_or_reason

FUNNEL_PARTS = (
    "key_figures",
    "summary",
    "funnel",
    "months_won_and_lost",
    "time_in_stage",
    "pipeline",
    "lost_reasons",
    "activity",
)
TEAM_PARTS = ("key_figures", "summary", "needs_this_week", "table_of_people", "bands", "deals")


def funnel_page(**asked: Any) -> widgets.Widget:
    """Return the funnel of the viewer's people, or the reason why there is none.

    Takes ``language``, ``as_of``, ``months``, ``person`` and ``workspace`` of ``BlocksPage``.
    """

    def make() -> widgets.Widget:
        from spm_lib.dashboards.blocks_page import BlocksPage
        from spm_lib.reports import FunnelPage

        return BlocksPage(FunnelPage, FUNNEL_PARTS, name="funnel", **asked).box

    return page_or_reason(make)


def team_page(**asked: Any) -> widgets.Widget:
    """Return the viewer's team person by person, or the reason why there is none.

    Takes ``language``, ``as_of``, ``months``, ``person`` and ``workspace`` of ``BlocksPage``.
    """

    def make() -> widgets.Widget:
        import spm_lib.forecast  # noqa: F401  (declares what the pace to a target is)
        from spm_lib.dashboards.blocks_page import BlocksPage
        from spm_lib.reports import ManagerPage

        return BlocksPage(ManagerPage, TEAM_PARTS, name="team", **asked).box

    return page_or_reason(make)
