"""A chart that stays on the page and takes new rows: 35 ms instead of drawing anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import anywidget
import traitlets

from spm_lib.charts import vega_lite
from spm_lib.dashboards.bundle import live_chart_bundle


class LiveChart(anywidget.AnyWidget):
    """A chart of the room ``charts``, its named rows replaceable while it is shown.

    Parameters
    ----------
    chart
        The chart; its data sets are known by the names they were drawn with.
    """

    spec = traitlets.Dict().tag(sync=True)
    rows = traitlets.Dict().tag(sync=True)

    def __init__(self, chart: alt.TopLevelMixin) -> None:
        super().__init__(spec=vega_lite(chart), _esm=live_chart_bundle())
        self.add_class("spm-chart")

    def push(self, **rows: Sequence[Mapping[str, Any]]) -> None:
        """Replace data sets by name; all of them in one message."""
        self.rows = {name: list(values) for name, values in rows.items()}
