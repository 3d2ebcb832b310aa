"""A chart that stays on the page and takes new rows: 35 ms instead of drawing anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import anywidget
import traitlets

from spm_lib.dashboards.bundle import widget_script
from spm_lib.dashboards.kit import Kit


class LiveChart(anywidget.AnyWidget):
    """A chart of the room ``charts``, its named rows replaceable while it is shown.

    Parameters
    ----------
    spec
        Its Vega-Lite specification; the data sets are known by the names in it.
    kit
        The page's.
    """

    spec = traitlets.Dict().tag(sync=True)
    rows = traitlets.Dict().tag(sync=True)

    def __init__(self, spec: Mapping[str, Any], *, kit: Kit) -> None:
        super().__init__(spec=dict(spec), _esm=widget_script(), layout=kit.layout)
        self.add_class("spm-chart")

    def push(self, **rows: Sequence[Mapping[str, Any]]) -> None:
        """Replace data sets by name; all of them in one message."""
        self.rows = {name: list(values) for name, values in rows.items()}
