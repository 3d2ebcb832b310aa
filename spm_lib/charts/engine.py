"""The engine that draws: a Vega-Lite specification comes in, an SVG text goes out.

It stands on nothing else of this room, so that a process which only draws is soon there.
"""

from __future__ import annotations

from functools import cache

import vl_convert

from spm_lib.core.fonts import FONTS

VEGA_LITE = "6.4"


def drawn_here(spec: str) -> str:
    """Return a Vega-Lite specification (JSON) as SVG text, drawn in this process."""
    register_fonts()
    return vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE)


@cache
def register_fonts() -> None:
    """Make the bundled fonts known to the engine."""
    vl_convert.register_font_directory(str(FONTS))
