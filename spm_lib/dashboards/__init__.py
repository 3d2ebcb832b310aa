"""Dashboards: a workspace and a visitor's sliders come in, a live page goes out.

The only room that knows ipywidgets, anywidget and Voila. ``serve`` serves the dashboards, behind a
login where there is one; ``admitted`` gives a page the rows its viewer may see; ``studio_page``,
``what_if_page``, ``pay_plan_page``, ``funnel_page``, ``team_page`` and ``response_page`` are what
notebooks show. May import every room but ``cli``.
"""

from spm_lib.dashboards.live_chart import LiveChart
from spm_lib.dashboards.manager_pages import funnel_page, team_page
from spm_lib.dashboards.pay.own_page import OwnPage, my_pay_page
from spm_lib.dashboards.pay.plan_page import PlanPage, pay_plan_page
from spm_lib.dashboards.serve import serve
from spm_lib.dashboards.studio.page import StudioPage, studio_page
from spm_lib.dashboards.team.response_page import ResponsePage, response_page
from spm_lib.dashboards.told import Admitted, admitted
from spm_lib.dashboards.what_if_page import WhatIfPage, what_if_page

__all__ = [
    "Admitted",
    "LiveChart",
    "OwnPage",
    "PlanPage",
    "ResponsePage",
    "StudioPage",
    "WhatIfPage",
    "admitted",
    "funnel_page",
    "my_pay_page",
    "pay_plan_page",
    "response_page",
    "serve",
    "studio_page",
    "team_page",
    "what_if_page",
]
