"""The dashboards' style sheet with the fonts inside, so that a page asks nobody for anything."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path

from spm_lib.core.fonts import FONTS


@cache
def page_css() -> str:
    """Return the style sheet, fonts as data."""
    sheet = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    return f"{font_faces()}\n{sheet}"


@cache
def font_faces() -> str:
    """Return the rules that bring the fonts along."""
    return "\n".join([_face("Regular", 400), _face("Bold", 700)])


def _face(style: str, weight: int) -> str:
    data = base64.b64encode((FONTS / f"Heebo-{style}.ttf").read_bytes()).decode()
    source = f"url(data:font/ttf;base64,{data}) format('truetype')"
    return f"@font-face{{font-family:Heebo;font-weight:{weight};src:{source}}}"
