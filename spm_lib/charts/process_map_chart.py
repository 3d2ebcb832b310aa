"""The process map: stages from first to last, with volume, loss and time on the arrows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import altair as alt

from spm_lib.charts.drawing import finish, plot
from spm_lib.charts.labels import isolate, labels_for
from spm_lib.charts.rows import Row, distinct, rows_of
from spm_lib.charts.theme import GRID, INK, LOST, MUTED, WON, Look, shades
from spm_lib.core.contrast import ink_on
from spm_lib.core.language import Language

ROW = 84  # pixels from one stage to the next
BOX = (35.0, 65.0)  # of a width of 100
HALF = 0.24  # of a row
LOSS = (BOX[1], 76.0)
WIDEST = 16.0  # pixels of the broadest arrow
SIDE = ("still_open", "skipped", "back", "won")  # what is told beside a stage, in this order
_WORDS = {
    "still_open": "Still there: {visits} ({share})",
    "skipped": "Past a stage: {visits} ({share})",
    "back": "Back: {visits} ({share})",
    "won": "Won from here: {visits} ({share})",
}


def process_map_chart(frame: Any, *, language: Language, title: str) -> alt.LayerChart:
    """Draw the stages of one pipeline under one another, with what leaves each of them.

    Parameters
    ----------
    frame
        One row per way out of a stage, stages in order: stage, entered (visits to it), kind
        ("advanced", "skipped", "back", "won", "lost", "still_open"), visits, median_days.
    language
        Language of the labels.
    title
        The finding.

    Returns
    -------
    alt.LayerChart

    Examples
    --------
    >>> import polars as pl
    >>> from spm_lib.core.language import language
    >>> frame = pl.DataFrame({"stage": ["Lead", "Lead"], "entered": [9, 9],
    ...     "kind": ["won", "lost"], "visits": [3, 6], "median_days": [8.0, 2.5]})
    >>> process_map_chart(frame, language=language("en"), title="A third is won").height
    134
    """
    look = Look(language)
    rows = rows_of(frame, "stage", "entered", "kind", "visits", "median_days",
                   chart="process_map_chart")  # fmt: skip
    stages = distinct(row["stage"] for row in rows)
    out = {(row["stage"], row["kind"]): row for row in _added(rows)}
    entered = {row["stage"]: row["entered"] for row in rows}
    largest = max(entered.values(), default=1) or 1
    boxes = _boxes(stages, entered, out, look)
    onward = [_onward(stages, at, out, largest, look) for at in range(len(stages))]
    losses = [_loss(at, out.get((stage, "lost")), largest, look) for at, stage in enumerate(stages)]
    sides = [line for at, stage in enumerate(stages)
             for line in _sides(at, stage, out, last=at == len(stages) - 1, look=look)]  # fmt: skip
    plane = _Plane(look, len(boxes))
    layers = [
        *_arrows([row for row in onward if row], plane, name="onward", colour=WON),
        *_arrows([row for row in losses if row], plane, name="losses", colour=LOST),
        *_box_marks(boxes, plane),
        _words(sides, plane, name="sides", side="before", colour=MUTED),
    ]
    return finish(layers, look, title=title, height=round(ROW * (len(boxes) - 0.4)))


def _added(rows: list[Row]) -> list[Row]:
    """Return one row per stage and kind: ways out of one kind to several stages added up."""
    found: dict[tuple[Any, str], Row] = {}
    for row in rows:
        key = (row["stage"], row["kind"])
        more = found.get(key)
        found[key] = {**row, "visits": row["visits"] + (more["visits"] if more else 0)}
    return list(found.values())


def _told(row: Row, look: Look) -> dict[str, str]:
    write = look.language
    return {
        "visits": write.number(row["visits"]),
        "share": write.percent(row["visits"] / row["entered"], decimals=0),
    }


def _days(row: Row, look: Look) -> str:
    text = "half within {days:1 day|{days} days}"
    return look.language.text(text, days=int(row["median_days"] + 0.5))


def _boxes(stages: list[Any], entered: dict, out: dict, look: Look) -> list[Row]:
    """Return the boxes of the stages and of what was won in the end."""
    text = look.language.text
    number = look.language.number
    colours = shades(len(stages) + 1)
    names = labels_for(stages, look, letters=24)
    rows = [
        {"y": at, "name": name, "colour": colours[at], "ink": ink_on(colours[at], dark=INK),
         "count": isolate(text("{n:1 visit|{n} visits}", n=number(entered[stage])), look)}
        for at, (stage, name) in enumerate(zip(stages, names, strict=True))
    ]  # fmt: skip
    won = sum(row["visits"] for (_, kind), row in out.items() if kind == "won")
    end = {"y": len(stages), "name": isolate(text("Won"), look), "colour": WON,
           "ink": ink_on(WON, dark=INK),
           "count": isolate(text("{n:1 deal|{n} deals}", n=number(won)), look)}  # fmt: skip
    return [*rows, end]


def _onward(stages: list[Any], at: int, out: dict, largest: int, look: Look) -> Row | None:
    """Return the arrow from a stage to the next one; from the last stage, to what was won."""
    kind = "won" if at == len(stages) - 1 else "advanced"
    row = out.get((stages[at], kind))
    if row is None:
        return None
    text = isolate(look.language.text("{visits} ({share})", **_told(row, look)), look)
    beside = 50 + 100 * (WIDEST / 2 + 6) / look.width
    return {"x": 50, "x2": 50, "y": at + HALF, "y2": at + 1 - HALF - 0.06,
            "width": _width(row, largest), "tx": beside, "text": text, "ty": at + 0.43,
            "below": isolate(_days(row, look), look), "by": at + 0.59,
            "angle": 180}  # fmt: skip


def _loss(at: int, row: Row | None, largest: int, look: Look) -> Row | None:
    """Return the arrow from a stage to the side, to what was lost there."""
    if row is None:
        return None
    text = isolate(look.language.text("Lost: {visits} ({share})", **_told(row, look)), look)
    return {"x": LOSS[0], "x2": LOSS[1], "y": at, "y2": at, "width": _width(row, largest),
            "tx": LOSS[1] + 2.2, "text": text, "ty": at - 0.08,
            "below": isolate(_days(row, look), look), "by": at + 0.08,
            "angle": 270 if look.right_to_left else 90}  # fmt: skip


def _width(row: Row, largest: int) -> float:
    return round(max(WIDEST * row["visits"] / largest, 1.0), 2)


def _sides(at: int, stage: Any, out: dict, *, last: bool, look: Look) -> list[Row]:
    """Return what else became of the visits to a stage, a line each."""
    kinds = [k for k in SIDE if (stage, k) in out and not (last and k == "won")]
    start = at - 0.16 * (len(kinds) - 1) / 2
    return [
        {"tx": BOX[0] - 2, "ty": start + 0.16 * line,
         "text": isolate(look.language.text(_WORDS[kind], **_told(out[stage, kind], look)), look)}
        for line, kind in enumerate(kinds)
    ]  # fmt: skip


@dataclass(frozen=True)
class _Plane:
    """The plane that all marks share: 100 wide in the direction of reading, a row per stage."""

    look: Look
    rows: int

    def x(self, name: str) -> alt.X:
        scale = alt.Scale(domain=[0, 100], reverse=self.look.right_to_left, nice=False)
        return alt.X(f"{name}:Q", scale=scale, axis=None)

    def y(self, name: str) -> alt.Y:
        scale = alt.Scale(domain=[-0.3, self.rows - 0.7], reverse=True, nice=False, zero=False)
        return alt.Y(f"{name}:Q", scale=scale, axis=None)


def _arrows(rows: list[Row], plane: _Plane, *, name: str, colour: str) -> list[alt.Chart]:
    """Return shafts, heads and words of arrows; nothing where there are none."""
    if not rows:
        return []
    base = plot(rows, name=name)
    shaft = base.mark_rule(color=colour, opacity=0.75).encode(
        x=plane.x("x"), x2=alt.X2("x2:Q"), y=plane.y("y"), y2=alt.Y2("y2:Q"),
        strokeWidth=alt.StrokeWidth("width:Q", scale=None),
    )  # fmt: skip
    heads = [
        base.transform_filter(f"datum.angle == {angle}")
        .mark_point(shape="triangle", size=130, filled=True, opacity=1, color=colour, angle=angle)
        .encode(x=plane.x("x2"), y=plane.y("y2"))
        for angle in sorted({row["angle"] for row in rows})
    ]
    words = _words(rows, plane, name=name, side="after", colour=INK)
    below = [{"tx": r["tx"], "ty": r["by"], "text": r["below"]} for r in rows]
    return [shaft, *heads, words, _words(below, plane, name=f"{name}_days", colour=MUTED)]


def _words(
    rows: list[Row], plane: _Plane, *, name: str, side: str = "after", colour: str
) -> alt.Chart:
    """Return words that begin (after) or end (before) at a place, in the direction of reading."""
    left = (side == "after") != plane.look.right_to_left
    return (
        plot(rows, name=f"{name}_words")
        .mark_text(align="left" if left else "right", baseline="middle", fontSize=11, color=colour)
        .encode(x=plane.x("tx"), y=plane.y("ty"), text=alt.Text("text:N"))
    )


def _box_marks(rows: list[Row], plane: _Plane) -> list[alt.Chart]:
    for row in rows:
        row |= {"x": BOX[0], "x2": BOX[1], "mid": 50, "top": row["y"] - HALF,
                "end": row["y"] + HALF, "ny": row["y"] - 0.09, "cy": row["y"] + 0.11}  # fmt: skip
    base = plot(rows, name="stages")
    colour = alt.Color("colour:N", scale=None, legend=None)
    ink = alt.Color("ink:N", scale=None, legend=None)
    rect = base.mark_rect(cornerRadius=5, stroke=GRID).encode(
        x=plane.x("x"), x2=alt.X2("x2:Q"), y=plane.y("top"), y2=alt.Y2("end:Q"), color=colour
    )
    name = base.mark_text(fontSize=12, fontWeight="bold", baseline="middle")
    count = base.mark_text(fontSize=11, baseline="middle")
    return [
        rect,
        name.encode(x=plane.x("mid"), y=plane.y("ny"), text=alt.Text("name:N"), color=ink),
        count.encode(x=plane.x("mid"), y=plane.y("cy"), text=alt.Text("count:N"), color=ink),
    ]
