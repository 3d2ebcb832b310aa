"""The studio's view: one widget for levers, pictures and people, with one line to the server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets as widgets
import traitlets

from spm_lib.dashboards.bundle import STUDIO, widget_script

_STYLE = Path(__file__).with_name("studio.css").read_text(encoding="utf-8")


class StudioView(anywidget.AnyWidget):
    """Shows the studio; asks the server with one question at a time.

    Parameters
    ----------
    words
        Texts and settings of the page.
    specs
        Its charts by name.
    heard
        Called with every message of the page; what it may say is its visitor's to choose.
    layout
        The layout to share.
    """

    _css = _STYLE
    words = traitlets.Dict().tag(sync=True)
    specs = traitlets.Dict().tag(sync=True)
    levers = traitlets.List().tag(sync=True)
    people = traitlets.List().tag(sync=True)
    saved = traitlets.List().tag(sync=True)

    def __init__(
        self,
        *,
        words: Mapping[str, Any],
        specs: Mapping[str, Any],
        heard: Callable[[dict[str, Any]], None],
        layout: widgets.Layout,
    ) -> None:
        script = widget_script(STUDIO)
        super().__init__(words=dict(words), specs=dict(specs), _esm=script, layout=layout)
        self._heard = heard
        self.on_msg(self._told)

    def tell(self, kind: str, **told: Any) -> None:
        """Tell the page something."""
        self.send({"kind": kind, **told})

    def give(self, name: str, kind: str, content: bytes) -> None:
        """Hand the reader a file."""
        self.send({"kind": "file", "name": name, "type": kind}, buffers=[content])

    def _told(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if isinstance(content, dict):
            self._heard(content)
