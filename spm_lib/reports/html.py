"""HTML: a block or a document as one page that works offline; every text is escaped."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from spm_lib.reports.drawing import clean_svg
from spm_lib.reports.prose import render_markdown
from spm_lib.reports.writing import Writer

if TYPE_CHECKING:
    from spm_lib.reports.blocks import BlockBase
    from spm_lib.reports.document import Document

TEMPLATES = Path(__file__).parent / "templates"


def render_block(block: BlockBase) -> str:
    """Return one block as HTML for JupyterLab, with its style."""
    return (
        _environment()
        .get_template("block.html.j2")
        .render(block=block, **_shared(Writer(block.edition)))
    )


def render_document(document: Document) -> str:
    """Return the whole report as one HTML file: fonts, style and charts inside, no script.

    The page is right-to-left where its language is; charts order themselves and stay
    left-to-right.
    """
    return (
        _environment()
        .get_template("report.html.j2")
        .render(document=document, fonts=_fonts(), **_shared(Writer(document.edition)))
    )


def render_page(template: str, *, writer: Writer, **values: Any) -> str:
    """Return a page of another template, with the same style and fonts."""
    return _environment().get_template(template).render(fonts=_fonts(), **_shared(writer), **values)


def _shared(writer: Writer) -> dict[str, Any]:
    language = writer.language
    return {
        "write": writer,
        "text": language.text,
        "plural": language.plural,
        "language": language,
        "css": Markup(_css()),
        "svg": _svg,
        "markdown": render_markdown,
    }


def _svg(text: str) -> Markup:
    return Markup(clean_svg(text))


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _css() -> str:
    return (TEMPLATES / "report.css").read_text(encoding="utf-8")


@cache
def _fonts() -> Markup:
    """Return the font faces as data, so that the page needs no other file."""
    from spm_lib.charts.theme import FONTS

    faces = [
        f"@font-face{{font-family:Heebo;font-weight:{weight};src:url(data:font/ttf;base64,"
        f"{base64.b64encode((FONTS / f'Heebo-{name}.ttf').read_bytes()).decode()})}}"
        for name, weight in (("Regular", 400), ("Bold", 700))
    ]
    return Markup("".join(faces))
