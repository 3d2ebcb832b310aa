"""PDF: a document drawn on A4 pages by Typst; nothing of the document is ever source text."""

from __future__ import annotations

import json
import shutil
import tempfile
from datetime import UTC, date, datetime, time
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spm_lib.core.errors import MissingExtraError, ReportError
from spm_lib.core.fonts import FONT, FONTS
from spm_lib.reports.pdf.blocks import Printer
from spm_lib.reports.pdf.text import fenced, plain, printable
from spm_lib.reports.writing import Writer

if TYPE_CHECKING:
    from spm_lib.core.language import Language
    from spm_lib.reports.document import Document
    from spm_lib.workspace.brand import Brand

TEMPLATE = Path(__file__).parent / "report.typ"
_FAMILIES = (FONT, "DejaVu Sans Mono")
_EPOCH = date(2000, 1, 1)
_COVER = 22  # letters of the title that stay together on the cover
_HEAD = 70  # letters of a name in the running head
_ELSEWHERE = (
    "What each number means and which rows it was made from stands on the same page as a web page "
    "(report.html), at its end."
)
_FEW = 3  # headings; a report with fewer needs no contents


def render_pdf(document: Document, *, brand: Brand) -> bytes:
    """Return the whole report as a PDF: A4, tagged, with contents, running head and page numbers.

    A brief report (see ``Cover``) has no contents and no annex: the web page has it.

    The same document and brand give the same bytes. Where the fonts hold every letter the file
    is made to the accessibility standard PDF/UA-1; a letter that no font has keeps it only from
    saying so.

    Parameters
    ----------
    document
        The report.
    brand
        The client's logo, colour, fonts, footer and confidentiality line.

    Raises
    ------
    MissingExtraError
        If Typst is not installed.
    ReportError
        If a picture or the logo cannot be drawn.
    """
    try:
        import typst
    except ImportError:
        raise MissingExtraError.of("print", "Writing a PDF") from None
    with tempfile.TemporaryDirectory() as folder:
        root, own = Path(folder, "root"), Path(folder, "fonts")
        root.mkdir()
        own.mkdir()
        fonts, families = _fonts(own, brand)
        for name, content in _files(document, brand, families).items():
            (root / name).write_bytes(content)
        try:
            return _compiled(root, fonts, _moment(document))
        except typst.TypstError as error:
            raise ReportError(
                "The report cannot be drawn as a PDF.",
                found=error.message,
                do="Look for a broken picture in the notebook, or a broken logo in brand.toml",
            ) from None


def _compiled(root: Path, fonts: Any, moment: datetime) -> bytes:
    """Return the PDF of the files in a folder; nothing outside that folder can be read."""
    import typst

    draw = partial(
        typst.compile,
        root / "main.typ",
        root=root,
        font_paths=fonts,
        ignore_system_fonts=True,
        timestamp=moment,
    )
    try:
        return draw(pdf_standards=["ua-1"])
    except typst.TypstError:  # a letter that no font has, as a rule
        return draw()


def _files(document: Document, brand: Brand, families: list[str]) -> dict[str, bytes]:
    """Return the template, the report as data, and its pictures."""
    write = Writer(document.edition)
    printer = Printer(write)
    printer.put([*document.lead, *document.evidence])
    brief = document.cover is not None and document.cover.brief
    if document.annex and not brief:
        printer.nodes.append({"kind": "break"})
        printer.put(document.annex)
    listed = printer.headings >= _FEW and not brief
    report = {
        **_told(document, write),
        **_look(brand),
        "fonts": families,
        "nodes": printer.nodes,
        "brief": brief,
        "contents": write.language.text("Contents") if listed else "",
        "elsewhere": write.language.text(_ELSEWHERE) if brief and document.annex else "",
    }
    files = {"main.typ": TEMPLATE.read_bytes(), **printer.files}
    if brand.logo:
        report["logo"] = f"logo{brand.logo.suffix.lower()}"
        files[report["logo"]] = brand.logo.read_bytes()
    text = json.dumps(report, ensure_ascii=False)
    return {**files, "report.json": text.encode("utf-8", "replace")}


def _told(document: Document, write: Writer) -> dict[str, Any]:
    """Return what cover, running head and metadata say."""
    language, cover = write.language, document.cover
    told: dict[str, Any] = {
        "lang": language.code,
        "dir": language.direction,
        "title": plain(document.title),
        "heading": printable(document.title, longest=_COVER),
        "author": "",
        "date": None,
        "client": "",
        "audience": "",
        "subtitle": "",
        "fresh": "",
        "head": _short(document.title),
        "as_of": "",
        "mark": "",
    }
    if cover is None:
        return told
    told |= {
        "author": plain(cover.client),
        "date": [cover.as_of.year, cover.as_of.month, cover.as_of.day],
        "client": fenced(cover.client),
        "audience": printable(cover.audience),
        "subtitle": printable(cover.subtitle),
        "fresh": write.freshness(cover),
        "head": f"{_short(cover.client)} · {_short(cover.title)}",
        "as_of": _as_of(language, cover.as_of),
        "mark": printable(cover.mark),
    }
    return told


def _short(text: str) -> str:
    """Return a name that fits a running head."""
    return fenced(text if len(text) <= _HEAD else f"{text[: _HEAD - 1].rstrip()}…")


def _as_of(language: Language, day: date) -> str:
    return language.text("As of {as_of}", as_of=language.date(day))


def _look(brand: Brand) -> dict[str, Any]:
    return {
        "colour": brand.colour,
        "footer": fenced(brand.footer),
        "confidentiality": fenced(brand.confidentiality),
        "logo": "",
    }


def _fonts(place: Path, brand: Brand) -> tuple[Any, list[str]]:
    """Return the fonts to draw with, and their families in the order of choice.

    The brand's come first, then Heebo; Typst's own serve scripts that neither has. Typst wants
    folders, so the brand's files are copied into one.
    """
    import typst

    own = [path for path in (brand.regular, brand.bold) if path]
    if not own:
        return _house_fonts(), list(_FAMILIES)
    for number, path in enumerate(own):
        shutil.copy(path, place / f"{number}{path.suffix.lower()}")
    brought = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[place]
    )
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[place, FONTS])
    return fonts, [*brought.families(), *_FAMILIES]


@cache
def _house_fonts() -> Any:
    import typst

    return typst.Fonts(include_system_fonts=False, font_paths=[FONTS])


def _moment(document: Document) -> datetime:
    day = document.cover.as_of if document.cover else _EPOCH
    return datetime.combine(day, time(), tzinfo=UTC)
