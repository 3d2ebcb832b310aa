"""Dashboards: a workspace and a visitor's sliders come in, a live page goes out.

The only room that knows ipywidgets, anywidget and Voila. ``serve`` starts a dashboard on this
machine; ``WhatIfPage`` is the page its notebook shows. May import every room but ``cli``.
"""

from spm_lib.dashboards.live_chart import LiveChart
from spm_lib.dashboards.serve import serve
from spm_lib.dashboards.what_if_page import WhatIfPage, what_if_page

__all__ = ["LiveChart", "WhatIfPage", "serve", "what_if_page"]
