"""The widgets of one page, which share their looks: half as many parts to send and to fetch."""

from __future__ import annotations

from typing import Any, TypeVar

import ipywidgets as widgets

T = TypeVar("T", bound=widgets.DOMWidget)


class Kit:
    """Makes a page's widgets with one layout for all, and one style for all of a kind.

    Ipywidgets gives each widget a layout and a style of its own, which the page must fetch as
    well; ours are laid out by the style sheet.
    """

    def __init__(self) -> None:
        self.layout = widgets.Layout()
        self._styles: dict[type, widgets.Widget] = {}

    def make(self, kind: type[T], *given: Any, **options: Any) -> T:
        """Make a widget of a kind."""
        if kind in self._styles:
            options["style"] = self._styles[kind]
        made = kind(*given, layout=self.layout, **options)
        if made.has_trait("style"):
            self._styles.setdefault(kind, made.style)  # type: ignore[attr-defined]
        return made

    def html(self, value: str = "") -> widgets.HTML:
        """Make a piece of text."""
        return self.make(widgets.HTML, value)
