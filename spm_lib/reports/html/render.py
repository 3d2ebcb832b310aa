"""HTML: a block or a document as one page that works offline; every text is escaped."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from spm_lib.core.bidi import tame
from spm_lib.reports.drawing import Drawings
from spm_lib.reports.html.branding import brand_style, logo_uri
from spm_lib.reports.html.headings import Outline
from spm_lib.reports.html.prose import render_markdown
from spm_lib.reports.html.tongues import marked, named
from spm_lib.reports.writing import Writer
from spm_lib.workspace import Brand

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from spm_lib.reports.blocks import BlockBase
    from spm_lib.reports.cells import Number
    from spm_lib.reports.document import Document

TEMPLATES = Path(__file__).parent / "templates"
HOUSE = Brand()


def _closed(_number: Number, text: str) -> str:
    return text


def render_block(block: BlockBase) -> str:
    """Return one block as HTML for JupyterLab, with its style."""
    return (
        _environment()
        .get_template("block.html.j2")
        .render(block=block, **_shared(Writer(block.edition)))
    )


def render_blocks(
    blocks: Sequence[BlockBase], *, opened: Callable[[Number, str], str] = _closed
) -> str:
    """Return blocks of one edition as a part of a page, their style given once.

    Parameters
    ----------
    blocks
        The blocks, in order; empty gives nothing.
    opened
        Gives what stands in the place of a number on a tile or in a table (the number and its
        text come in; only ``Markup`` goes out unescaped): a dashboard lets it open.
    """
    if not blocks:
        return ""
    given = {**_shared(Writer(blocks[0].edition)), "opened": opened}
    return _environment().get_template("part.html.j2").render(blocks=blocks, **given)


def render_document(document: Document, *, brand: Brand = HOUSE) -> str:
    """Return the whole report as one HTML file: fonts, style, logo and charts inside, no script.

    The page is right-to-left where its language is; charts order themselves and stay
    left-to-right, and keep the meanings of their colours whatever the brand.

    Raises
    ------
    WorkspaceError
        If the brand's logo or fonts cannot be read.
    """
    writer = Writer(document.edition)
    return render_page("report.html.j2", writer=writer, brand=brand, document=document)


def render_page(template: str, *, writer: Writer, brand: Brand = HOUSE, **values: Any) -> str:
    """Return a page of another template, with the same style and fonts.

    Raises
    ------
    WorkspaceError
        If the brand's logo or fonts cannot be read.
    """
    look = {
        "fonts": _fonts(),
        "brand": brand,
        "brand_css": brand_style(brand),
        "logo": logo_uri(brand),
    }
    given = {**_shared(writer), **look, **values}
    return _environment().get_template(template).render(given)


def compile_templates() -> None:
    """Compile the templates and read the fonts, as the first page would."""
    for name in _environment().list_templates(extensions=["j2"]):
        _environment().get_template(name)
    _fonts()


def _shared(writer: Writer) -> dict[str, Any]:
    language = writer.language
    drawings, outline = Drawings(), Outline()
    return {
        "logo": "",
        "write": writer,
        "text": language.text,
        "opened": _closed,
        "plural": language.plural,
        "language": language,
        "css": Markup(_css()),
        "svg": lambda text: Markup(drawings.clean(text)),
        "level": outline.level,
        "markdown": lambda text: render_markdown(text, outline=outline),
        "told": lambda text: marked(text, language.code),
        "named": lambda text, **options: named(text, language.code, **options),
    }


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _shown(value: Any) -> Any:
    """Return what a template prints: every text tame, from wherever it comes."""
    return tame(value) if type(value) is str else value


@cache
def _css() -> str:
    return (TEMPLATES / "report.css").read_text(encoding="utf-8")


@cache
def _fonts() -> Markup:
    """Return the font faces as data, so that the page needs no other file."""
    from spm_lib.core.fonts import FONTS

    faces = [
        f"@font-face{{font-family:Heebo;font-weight:{weight};src:url(data:font/ttf;base64,"
        f"{base64.b64encode((FONTS / f'Heebo-{name}.ttf').read_bytes()).decode()})}}"
        for name, weight in (("Regular", 400), ("Bold", 700))
    ]
    return Markup("".join(faces))
