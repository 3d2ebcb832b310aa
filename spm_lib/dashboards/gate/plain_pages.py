"""The plain pages around dashboards: sign in, refused, the list. No script, nothing foreign."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from spm_lib.core.language import Language
from spm_lib.dashboards.page_style import font_faces

_PLACE = Path(__file__).parent / "templates"
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Type": "text/html; charset=UTF-8",
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def plain_page(template: str, language: Language, **values: Any) -> str:
    """Return a page of its own template, in a language and its direction."""
    style = f"{font_faces()}\n{(_PLACE / 'plain.css').read_text(encoding='utf-8')}"
    return (
        _environment()
        .get_template(template)
        .render(text=language.text, language=language, style=style, **values)
    )


@cache
def _environment() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(_PLACE)
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
