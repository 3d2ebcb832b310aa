"""Prose: the markdown cells of a notebook as HTML, without raw HTML and without the network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from spm_lib.core.bidi import tame
from spm_lib.reports.html.headings import Outline

if TYPE_CHECKING:
    import mistune

_LINKS = re.compile(r"(?i)(https?://|mailto:|#)")


def render_markdown(text: str, *, outline: Outline | None = None) -> Markup:
    """Return markdown as HTML; raw HTML is shown as text, pictures become their description.

    Links lead to web pages, to mail addresses and within the page; other addresses are left out.
    Headings fit into the ``outline`` of the page.

    Examples
    --------
    >>> render_markdown("**Hello** <b>").strip()
    Markup('<p><strong>Hello</strong> &lt;b&gt;</p>')
    >>> render_markdown("[x](javascript:alert)").strip()
    Markup('<p>x</p>')
    """
    return Markup(_markdown(outline or Outline())(tame(text)))


def _markdown(outline: Outline) -> mistune.Markdown:
    import mistune

    class Renderer(mistune.HTMLRenderer):
        """Headings one level down (the page has its own), no pictures from elsewhere."""

        def heading(self, text: str, level: int, **_attrs: Any) -> str:
            level = outline.level(level + 1)
            return f"<h{level}>{text}</h{level}>\n"

        def link(self, text: str, url: str, title: str | None = None) -> str:
            return super().link(text, url, title) if _LINKS.match(url) else text

        def image(self, text: str, url: str, title: str | None = None) -> str:  # noqa: ARG002
            return mistune.escape(text)

        def table_cell(
            self,
            text: str,
            align: str | None = None,  # noqa: ARG002
            head: bool = False,  # noqa: FBT001 - mistune's own signature
        ) -> str:
            return f'  <th scope="col">{text}</th>\n' if head else f"  <td>{text}</td>\n"

    return mistune.create_markdown(renderer=Renderer(escape=True), plugins=["table"])
