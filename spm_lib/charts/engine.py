"""The engine that draws: a Vega-Lite specification comes in, an SVG text goes out.

It stands on nothing else of this room, so that a process which only draws is soon there.
"""

from __future__ import annotations

import re
from functools import cache

import vl_convert

from spm_lib.core.fonts import FONTS

VEGA_LITE = "6.4"
_COUNTED = re.compile(r"""(id=['"]|url\(['"]?#)(clip|gradient_)(\d+)""")


def drawn_here(spec: str) -> str:
    """Return a Vega-Lite specification (JSON) as SVG text, drawn in this process.

    It does not tell what was drawn here before, whose ids the engine counts on from.
    """
    register_fonts()
    return _counted_anew(vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE))


def _counted_anew(svg: str) -> str:
    """Return a drawing whose counted ids begin at one.

    Examples
    --------
    >>> _counted_anew('<clipPath id="clip7"/><g clip-path="url(#clip7)"/><clipPath id="clip9"/>')
    '<clipPath id="clip1"/><g clip-path="url(#clip1)"/><clipPath id="clip2"/>'
    >>> _counted_anew('<a id="clip3"/><b id="gradient_3"/>')
    '<a id="clip1"/><b id="gradient_2"/>'
    """
    numbers: dict[tuple[str, str], int] = {}

    def anew(found: re.Match[str]) -> str:
        number = numbers.setdefault((found[2], found[3]), len(numbers) + 1)
        return f"{found[1]}{found[2]}{number}"

    return _COUNTED.sub(anew, svg)


@cache
def register_fonts() -> None:
    """Make the bundled fonts known to the engine."""
    vl_convert.register_font_directory(str(FONTS))
