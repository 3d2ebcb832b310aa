"""Names on charts: they cover nothing, and every January is among the labels of time."""

from __future__ import annotations

import importlib.util
import json
import random
import re
import xml.etree.ElementTree as ET
from datetime import date
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest

from spm_lib import charts
from spm_lib.charts.axes import time_x
from spm_lib.charts.placing import RADIUS, Box, place
from spm_lib.charts.theme import Look
from spm_lib.core.language import language

BOTH = pytest.mark.parametrize("code", ["en", "he"])
_spec = importlib.util.spec_from_file_location(
    "drawn_charts", Path(__file__).with_name("test_charts.py")
)
assert _spec
assert _spec.loader
_drawn = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_drawn)


@pytest.mark.parametrize("seed", range(8))
def test_a_name_covers_no_point_and_no_other_name(seed: int) -> None:
    rng = random.Random(seed)
    points = [(rng.uniform(5, 555), rng.uniform(5, 275)) for _ in range(10 + 8 * seed)]
    widths = [rng.choice([0, 40, 90]) for _ in points]
    places = place(points, widths, plot=(560, 280))
    boxes = [box for box in places if box]
    assert len(boxes) >= 0.6 * sum(width > 0 for width in widths)
    for box in boxes:
        left, right = box.x - box.width / 2, box.x + box.width / 2
        up, down = box.y - box.height / 2, box.y + box.height / 2
        assert left >= 0
        assert right <= 560
        assert up >= 0
        assert down <= 280
        for x, y in points:
            assert not (left < x < right and up < y < down)
    for one, other in combinations(boxes, 2):
        apart_x = abs(one.x - other.x) >= (one.width + other.width) / 2
        assert apart_x or abs(one.y - other.y) >= (one.height + other.height) / 2


def test_a_name_leaves_a_line_free_if_there_is_room() -> None:
    line = [(0.0, 50.0), (200.0, 50.0)]
    (box,) = place([(100, 50)], [30], plot=(200, 100), lines=[line])
    assert box
    assert abs(box.y - 50) >= box.height / 2
    (squeezed,) = place([(100, 50)], [30], plot=(200, 56), lines=[line])
    assert squeezed == Box(100 + 9 + 15, 50, 30) or squeezed.y < 50
    assert place([(100, 50)], [300], plot=(200, 100)) == [None]
    assert RADIUS > 4


def crowded(code: str) -> str:
    """Twelve people who are all outside the limits, close together."""
    rng = random.Random(3)
    names = [f"Person {i} Longname" if i % 2 else f"עובדת {i}" for i in range(12)]
    people = pl.DataFrame(
        {"label": names, "n": [rng.randrange(300, 420) for _ in names],
         "value": [rng.uniform(0.7, 0.85) for _ in names], "outside": [True] * 12}
    )  # fmt: skip
    limits = pl.DataFrame(
        {"n": [10, 500], "low95": [0.1, 0.4], "high95": [0.9, 0.6], "low998": [0.0, 0.3],
         "high998": [1.0, 0.7]}
    )  # fmt: skip
    drawn = charts.funnel_plot(people, limits, language=language(code), title="x", mean=0.5)
    return charts.svg(drawn)


@BOTH
def test_names_of_a_crowd_stand_clear_of_the_points_on_the_picture(code: str) -> None:
    svg = crowded(code)
    told = {
        (x, y, text)
        for x, y, text, _ in _drawn.texts(svg)
        if re.search(r"Person \d|עובדת \d", text)
    }
    assert len({text for _, _, text in told}) >= 10
    points = _symbols(svg)
    assert len(points) >= 12
    for x, y, text in told:  # text is anchored in its middle, on its base line
        half = 4.4 * len(text.strip("\u2066\u2067\u2069")) / 2
        for px, py in points:
            assert not (abs(px - x) < half and y - 9 < py < y + 3), (text, px - x, py - y)


def _symbols(svg: str) -> list[tuple[float, float]]:
    """Return the middles of the points that people are drawn as."""
    found = []

    def walk(node: ET.Element, x: float, y: float, inside: bool) -> None:
        moved = re.search(r"translate\(([-\d.e]+)[, ]+([-\d.e]+)\)", node.get("transform", ""))
        if moved:
            x, y = x + float(moved[1]), y + float(moved[2])
        inside = inside or "mark-symbol" in node.get("class", "")
        if inside and node.tag.endswith("path"):
            found.append((x, y))
        for child in node:
            walk(child, x, y, inside)

    walk(ET.fromstring(svg), 0, 0, False)
    return found


def _labels(starts: list[str], code: str, grain: str = "month") -> dict[str, list[str]]:
    axis = time_x(grain, starts, Look(language(code))).to_dict()["axis"]
    found = re.fullmatch(r"\((.*)\)\[datum.value\] \|\| ''", axis["labelExpr"])
    assert found
    return json.loads(found[1])


def _months(first: int, count: int) -> list[str]:
    months = [first + i for i in range(count)]
    return [date(2025 + m // 12, m % 12 + 1, 1).isoformat() for m in months]


@BOTH
def test_a_year_and_a_quarter_of_months_are_all_labelled(code: str) -> None:
    """Every second month was, and 2026 stood under February."""
    starts = _months(9, 15)
    labels = _labels(starts, code)
    assert list(labels) == starts
    years = {start: words[1] for start, words in labels.items() if len(words) > 1}
    assert years == {"2025-10-01": "2025", "2026-01-01": "2026"}


@BOTH
@pytest.mark.parametrize("count", [24, 31, 60])
def test_each_january_bears_its_year_however_few_labels_fit(code: str, count: int) -> None:
    starts = _months(4, count)
    labels = _labels(starts, code)
    assert len(labels) < count
    for start in starts:
        if start.endswith("-01-01"):
            assert labels[start][1] == start[:4]


@BOTH
def test_a_method_says_on_how_many_periods_it_was_tried(code: str) -> None:
    frame = pl.DataFrame(
        {"label": ["CRM stage weight and close date", "b"], "wape": [0.06, 0.27],
         "bias": [0.02, None], "n": [2, 11]}
    )  # fmt: skip
    drawn = charts.track_record_chart(frame, language=language(code), title="x")
    words = [re.sub("[\u2066-\u2069]", "", t) for _, _, t, _ in _drawn.texts(charts.svg(drawn))]
    bias = {"en": "bias +2%", "he": "הטיה +2%"}[code]
    assert f"6% ({bias}, n = 2)" in words
    assert "27% (n = 11)" in words
    assert "CRM stage weight and close date" in words


def test_near_quantiles_are_told_on_lines_of_their_own() -> None:
    bars = pl.DataFrame({"low": [0.6, 0.8], "high": [0.8, 1.0], "value": [0.9, 0.1]})
    marks = pl.DataFrame({"label": ["P10", "P50", "P90"], "value": [0.68, 0.7, 0.72]})
    drawn = charts.attainment_distribution_chart(bars, marks, language=language("en"), title="x")
    lines = {t: float(a["transform"].split(",")[1].strip(")")) for _, _, t, a in
             _drawn.texts(charts.svg(drawn)) if t in ("P10", "P50", "P90")}  # fmt: skip
    assert lines["P50"] - lines["P10"] >= 10
    assert lines["P90"] - lines["P50"] >= 10


@BOTH
def test_letters_of_groups_stand_at_the_lines_and_are_explained(code: str) -> None:
    frame = pl.DataFrame(
        {"label": ["a", "b"], "raw": [0.5, 0.4], "value": [0.5, 0.4], "low": [0.3, 0.2],
         "high": [0.6, 0.5], "n": [9, 9], "group": ["A", "AB"]}
    )  # fmt: skip
    drawn = charts.caterpillar_chart(frame, language=language(code), title="x")
    words = [t for _, _, t, _ in _drawn.texts(charts.svg(drawn))]
    told = language(code).text("Letters: two people who share one cannot be told apart")
    assert {"A", "AB"} <= set(words)
    assert any(told in word for word in words)
    alone = charts.caterpillar_chart(frame.drop("group"), language=language(code), title="x")
    assert told not in charts.svg(alone)
