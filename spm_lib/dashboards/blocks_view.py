"""Blocks of a report on a page: numbers that open, and files that come over the page's own line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets as widgets
import traitlets

from spm_lib.core.language import Language

_SCRIPT = Path(__file__).with_name("blocks_view.js").read_text(encoding="utf-8")


class BlocksView(anywidget.AnyWidget):
    """Shows HTML that we rendered, and tells which of its numbers was asked to open.

    Parameters
    ----------
    language
        Language of its buttons.
    opened
        Called with the name of a number (``data-open``) that the reader opens.
    saved
        Called when the reader wants the opened deals as a file.
    layout
        The layout to share.
    """

    _esm = _SCRIPT
    html = traitlets.Unicode().tag(sync=True)
    busy = traitlets.Bool(default_value=False).tag(sync=True)
    words = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        language: Language,
        *,
        opened: Callable[[str], None],
        saved: Callable[[], None],
        layout: widgets.Layout,
    ) -> None:
        text = language.text
        words = {
            "close": text("Close"),
            "save": text("Download these deals (CSV)"),
            "direction": language.direction,
        }
        super().__init__(words=words, layout=layout)
        self._opened, self._saved = opened, saved
        self.on_msg(self._told)

    def show_deals(self, title: str, html: str) -> None:
        """Open the table of deals over the page."""
        self.send({"kind": "deals", "title": title, "html": html})

    def give(self, name: str, kind: str, content: bytes) -> None:
        """Hand the reader a file."""
        self.send({"kind": "file", "name": name, "type": kind}, buffers=[content])

    def _told(self, _widget: Any, content: Any, _buffers: Any) -> None:
        """Hear what the page says; what it may say is its visitor's to choose."""
        if not isinstance(content, dict):
            return
        if isinstance(content.get("open"), str):
            self._opened(content["open"])
        elif content.get("save") == "deals":
            self._saved()
