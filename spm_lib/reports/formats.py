"""The formats of a report: each drawn from the same report model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from spm_lib.core.errors import ParameterError

if TYPE_CHECKING:
    from spm_lib.reports.document import Document
    from spm_lib.workspace import Brand

Draw = Callable[..., "bytes | str"]


def _html(document: Document, *, brand: Brand) -> str:
    from spm_lib.reports.html.render import render_document

    return render_document(document, brand=brand)


def _pdf(document: Document, *, brand: Brand) -> bytes:
    from spm_lib.reports.pdf.render import render_pdf

    return render_pdf(document, brand=brand)


def _xlsx(document: Document, *, brand: Brand) -> bytes:
    from spm_lib.reports.office.xlsx import render_xlsx

    return render_xlsx(document, brand=brand)


def _pptx(document: Document, *, brand: Brand) -> bytes:
    from spm_lib.reports.office.pptx import render_pptx

    return render_pptx(document, brand=brand)


FORMATS: dict[str, Draw] = {"html": _html, "pdf": _pdf, "xlsx": _xlsx, "pptx": _pptx}


def check_formats(names: Sequence[str]) -> tuple[str, ...]:
    """Return the formats to write, the page always among them, in the order of ``FORMATS``.

    Raises
    ------
    ParameterError
        If there is no such format.

    Examples
    --------
    >>> check_formats(["xlsx"])
    ('html', 'xlsx')
    """
    unknown = [name for name in names if name not in FORMATS]
    if unknown:
        raise ParameterError(
            "A report cannot be written in this format.",
            found=", ".join(repr(name) for name in unknown),
            do=f"Use one of: {', '.join(FORMATS)}",
        )
    return tuple(name for name in FORMATS if name == "html" or name in names)
