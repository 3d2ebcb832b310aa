"""From marks to a finished chart, and from a chart to text and pictures."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, cast

import altair as alt
from altair.utils import schemapi

from spm_lib.charts.engine import VEGA_LITE, drawn_here, engine
from spm_lib.charts.labels import lines
from spm_lib.charts.layer import Layer, shared_parts
from spm_lib.charts.legend import Key, legend_layers
from spm_lib.charts.rows import Row
from spm_lib.charts.theme import HEIGHT, INK, Look
from spm_lib.core.digits import settled
from spm_lib.core.side_process import ask

DRAWS = "spm_lib.charts.engine:drawn_here"  # what a side process may do for many reports


def plot(rows: Sequence[Row], *, name: str = "rows") -> alt.Chart:
    """Begin a chart on rows that a live view can later replace by their name."""
    return Layer({"values": _Rows(tuple(rows)), "name": name})


@dataclass(frozen=True)
class _Rows:
    """Rows of plain values, which altair hands on whole.

    In a list it copies and inspects every single value at each step of a chart.
    """

    rows: tuple[Row, ...]
    _schema: ClassVar[dict[str, Any]] = {"type": "array"}

    def to_dict(self, *_: Any, **__: Any) -> list[Row]:
        """Return the rows for the specification."""
        return list(self.rows)


def beside(chart: alt.Chart, look: Look, **options: Any) -> alt.Chart:
    """Write small words next to marks, on the side to which reading goes on."""
    sign = -1 if look.right_to_left else 1
    side = "right" if look.right_to_left else "left"
    return chart.mark_text(align=side, dx=6 * sign, color=INK, fontSize=11, **options)


def finish(
    layers: Sequence[alt.Chart],
    look: Look,
    *,
    title: str,
    keys: Sequence[Key] = (),
    height: float = HEIGHT,
    subtitle: str | None = None,
) -> alt.LayerChart:
    """Lay marks over one another and give them title, legend, size and theme."""
    show_offline()
    words: dict[str, Any] = {"text": lines(title, look), "offset": 10}
    if subtitle:
        words["subtitle"] = lines(subtitle, look, letter=6)
    with shared_parts():  # all at once: altair copies every layer whenever a property is set
        drawn = alt.layer(
            *layers,
            *legend_layers(keys, look),
            title=alt.TitleParams(**words),
            width=look.width,
            height=height,
            config=look.config,
        )
    return cast(alt.LayerChart, drawn)


def svg(chart: alt.TopLevelMixin) -> str:
    """Return a chart as SVG text, in the bundled font, without any network.

    Where it stands in a right-to-left page, the page sets ``svg {direction: ltr}``: the
    chart has already ordered itself.

    Examples
    --------
    >>> import polars as pl
    >>> from spm_lib.core.language import language
    >>> from spm_lib.charts import lost_reasons_chart
    >>> frame = pl.DataFrame({"lost_reason": ["Price"], "value": [12]})
    >>> svg(lost_reasons_chart(frame, language=language("en"), title="Price loses"))[:4]
    '<svg'
    """
    return _drawn(_spec(chart))


def svgs(charts: Iterable[alt.TopLevelMixin]) -> list[str]:
    """Return charts as SVG text (see ``svg``); each is drawn while the next one is made.

    Examples
    --------
    >>> svgs([])
    []
    """
    with ThreadPoolExecutor(1) as beside:
        return [made.result() for made in [beside.submit(_drawn, _spec(c)) for c in charts]]


def _drawn(spec: str) -> str:
    return ask(DRAWS, spec) or drawn_here(spec)


def png(chart: alt.TopLevelMixin, *, scale: float = 2.0) -> bytes:
    """Return a chart as PNG bytes, in the bundled font, without any network.

    Raises
    ------
    PermissionError
        If it names data or pictures of a network or a disk.
    """
    return engine().vegalite_to_png(_spec(chart), vl_version=VEGA_LITE, scale=scale)


def svg_png(svg: str, *, scale: float = 2.0) -> bytes:
    """Return a drawing, such as a chart's SVG or a logo, as PNG bytes in the bundled font.

    Raises
    ------
    PermissionError, ValueError
        If it names pictures of a network or a disk, or is no SVG.

    Examples
    --------
    >>> svg_png('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')[1:4]
    b'PNG'
    """
    return engine().svg_to_png(svg, scale=scale)


def vega_lite(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """Return a chart as a Vega-Lite specification, which a browser compiles for a live view.

    It is not checked against the schema once more: that takes longer than all the rest.
    """
    with shared_parts():
        return settled(chart.to_dict(validate=False))


def leave_unchecked() -> None:
    """Let altair check no chart against its schema, for this process and its children.

    Checking takes longer than drawing, and finds what a test of the chart has found before.
    """
    schemapi.disable_debug_mode()


def _spec(chart: alt.TopLevelMixin) -> str:
    with shared_parts():
        made = chart.to_dict(validate=schemapi.DEBUG_MODE)
    return json.dumps(settled(made), ensure_ascii=False)


@cache
def show_offline() -> None:
    """Let a notebook show charts as pictures, unless the analyst has chosen a renderer.

    Altair's own default asks a server on the network for its scripts.
    """
    if alt.renderers.active == "default":
        alt.renderers.register("spm", _picture)
        alt.renderers.enable("spm")


def _picture(spec: dict[str, Any], **_: Any) -> dict[str, str]:
    return {"image/svg+xml": drawn_here(json.dumps(spec))}
