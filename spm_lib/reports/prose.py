"""Prose: the markdown cells of a notebook as HTML, without raw HTML and without the network."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    import mistune


def render_markdown(text: str) -> Markup:
    """Return markdown as HTML; raw HTML is shown as text, pictures become their description.

    Examples
    --------
    >>> render_markdown("**Hello** <b>").strip()
    Markup('<p><strong>Hello</strong> &lt;b&gt;</p>')
    """
    return Markup(_markdown()(text))


@cache
def _markdown() -> mistune.Markdown:
    import mistune

    class Renderer(mistune.HTMLRenderer):
        """Headings one level down (the page has its own), no pictures from elsewhere."""

        def heading(self, text: str, level: int, **_attrs: Any) -> str:
            level = min(level + 1, 6)
            return f"<h{level}>{text}</h{level}>\n"

        def image(self, text: str, url: str, title: str | None = None) -> str:  # noqa: ARG002
            return mistune.escape(text)

    return mistune.create_markdown(renderer=Renderer(escape=True), plugins=["table"])
