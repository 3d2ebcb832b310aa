"""The engine that draws: a Vega-Lite specification comes in, an SVG text goes out.

It stands on nothing else of this room, so that a process which only draws is soon there.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from spm_lib.core.fonts import FONTS

VEGA_LITE = "6.4"
_COUNTED = re.compile(r"""(id=['"]|url\(['"]?#)(clip|gradient_)(\d+)""")


def drawn_here(spec: str) -> str:
    """Return a Vega-Lite specification (JSON) as SVG text, drawn in this process.

    It does not tell what was drawn here before, whose ids the engine counts on from.
    """
    return _counted_anew(str(engine().vegalite_to_svg(spec, vl_version=VEGA_LITE)))


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
def engine() -> Any:
    """Return the engine, which knows the bundled fonts and asks nothing of a network or a disk.

    It is imported where something is drawn, not before: its import begins threads, and a process
    that has some is not forked.
    """
    import vl_convert

    loaded: Any = vl_convert  # it tells no types
    loaded.configure(base_url=False, allowed_base_urls=[])
    loaded.register_font_directory(str(FONTS))
    return loaded
