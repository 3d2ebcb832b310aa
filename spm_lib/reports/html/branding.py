"""Branding: a client's colour, fonts and logo as parts of an HTML page, everything inside it."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from markupsafe import Markup

from spm_lib.core.errors import WorkspaceError
from spm_lib.reports.drawing import clean_svg
from spm_lib.workspace import Brand

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_FONT_TYPES = {".ttf": "font/ttf", ".otf": "font/otf"}


def brand_style(brand: Brand) -> Markup:
    """Return the style of a brand, to follow the house's own; empty for the house's own look.

    The colour goes to headings, rules and links; charts keep theirs.

    Raises
    ------
    WorkspaceError
        If the colour is not six hexadecimal digits, or a font cannot be read.

    Examples
    --------
    >>> brand_style(Brand())
    Markup('')
    >>> brand_style(Brand(colour="#0B5D3B"))
    Markup('.spm{--brand:#0B5D3B;--heading:#0B5D3B}')
    """
    rules = ""
    if brand.colour != Brand().colour:
        if not _COLOUR.fullmatch(brand.colour):
            raise WorkspaceError(
                "[brand] colour is none.", found=repr(brand.colour), do='Write "#0B5D3B", say'
            )
        rules += f".spm{{--brand:{brand.colour};--heading:{brand.colour}}}"
    if brand.regular and brand.bold:
        faces = ((brand.regular, 400), (brand.bold, 700))
        rules += "".join(_face(path, weight) for path, weight in faces)
        rules += '.spm{font-family:Brand,Heebo,"Segoe UI","Helvetica Neue",Arial,sans-serif}'
    return Markup(rules)


def logo_uri(brand: Brand) -> str:
    """Return the logo as a ``data:`` address; empty without one. Drawings are cleaned.

    Raises
    ------
    WorkspaceError
        If the logo cannot be read, or is no picture of its kind.
    """
    if brand.logo is None:
        return ""
    return _data(brand.logo_type, logo_bytes(brand))


def logo_bytes(brand: Brand) -> bytes:
    """Return the logo's picture; a drawing without anything that could act or call out.

    Raises
    ------
    WorkspaceError
        If the logo cannot be read, or is no picture of its kind.
    """
    if brand.logo is None:
        return b""
    content = _read(brand.logo, "logo")
    if brand.logo_type == "image/svg+xml":
        try:
            return clean_svg(content.decode("utf-8-sig")).encode()
        except ValueError as error:
            raise _refused(brand.logo, str(error)) from None
    begins = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
    if not content.startswith(begins[brand.logo_type]):
        raise _refused(brand.logo, f"its first bytes are not those of {brand.logo_type}")
    return content


def _face(path: Path, weight: int) -> str:
    address = _data(_FONT_TYPES[path.suffix.lower()], _read(path, "font"))
    return f"@font-face{{font-family:Brand;font-weight:{weight};src:url({address})}}"


def _data(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise WorkspaceError(
            f"The {what} of the brand cannot be read.",
            found=f"{path.name}: {error.strerror}",
            do="Mend the path in brand.toml",
        ) from None


def _refused(path: Path, found: str) -> WorkspaceError:
    return WorkspaceError(
        f"The logo {path.name} is no picture of its kind.",
        found=found,
        do="Save it anew as PNG, JPEG or SVG",
    )
