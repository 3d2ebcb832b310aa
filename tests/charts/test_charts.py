"""Every chart, in both languages: its specification, and what an eye would check in its SVG."""

from __future__ import annotations

import copy
import importlib.util
import itertools
import json
import re
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path

import altair as alt
import pandas as pd
import polars as pl
import pytest

from spm_lib import charts
from spm_lib.charts.labels import NAME
from spm_lib.charts.theme import LOST, OPEN, PERSON, WON
from spm_lib.core.bidi import LRI, PDI, RLI, first_strong
from spm_lib.core.errors import DataError
from spm_lib.core.language import language

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("checked_charts")]

HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location("drawn", HERE / "drawn.py")
assert _spec
assert _spec.loader
drawn = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(drawn)

EVERY = pytest.mark.parametrize("name", sorted(drawn.CHARTS))
BOTH = pytest.mark.parametrize("code", ["en", "he"])


@cache
def picture(name: str, code: str) -> str:
    return charts.svg(drawn.CHARTS[name](language(code)))


def texts(svg: str) -> list[tuple[float, float, str, dict[str, str]]]:
    """Return each text with its place on the picture: all translations above it added up."""
    found = []

    def walk(node: ET.Element, x: float, y: float) -> None:
        moved = re.search(r"translate\(([-\d.e]+)[, ]+([-\d.e]+)\)", node.get("transform", ""))
        if moved:
            x, y = x + float(moved[1]), y + float(moved[2])
        if node.tag.endswith("text"):
            found.append((x, y, "|".join(node.itertext()), dict(node.attrib)))
        for child in node:
            walk(child, x, y)

    walk(ET.fromstring(svg), 0, 0)
    return found


def width(svg: str) -> float:
    return float(ET.fromstring(svg).get("width", "0"))


@EVERY
@BOTH
def test_specification_is_as_looked_at(name, code, golden):
    spec = drawn.CHARTS[name](language(code)).to_dict()
    spec.pop("$schema")
    spec.pop("config")
    text = json.dumps(spec, ensure_ascii=False, indent=1, sort_keys=True)
    golden.check(HERE / "golden" / f"{name}.{code}.json", text + "\n")


@EVERY
def test_a_chart_made_of_another_leaves_that_one_as_it_is(name):
    chart = drawn.CHARTS[name](language("en"))
    before = chart.to_dict()
    other = chart.properties(title="other")
    other.layer[0] = other.layer[0].mark_line(color="red").encode(x=alt.XValue(1))
    assert other.to_dict() != before
    for layer in chart.configure(padding=3).layer + copy.deepcopy(chart).layer:
        if not isinstance(layer.mark, str):
            layer.mark["opacity"] = 0.123  # in place, which reaches what a copy shares
        layer.encoding["x"] = alt.XValue(7)
    assert chart.to_dict() == before


@EVERY
@BOTH
def test_every_word_is_on_the_picture_in_heebo(name, code):
    svg = picture(name, code)
    for x, _, text, attributes in texts(svg):
        assert "Heebo" in attributes["font-family"], text
        assert -1 <= x <= width(svg) + 1, (text, x)


@EVERY
def test_fits_a_page(name):
    svg = picture(name, "en")
    assert width(svg) <= 860


@EVERY
def test_hebrew_labels_are_isolated_and_closed(name):
    svg = picture(name, "he")
    for _, _, text, _ in texts(svg):
        opened = sum(text.count(c) for c in "\u2066\u2067\u2068")
        assert opened == text.count(PDI), text
        if re.search("[א-ת]", text) and re.search("[A-Za-z0-9(]", text):
            assert text.startswith(RLI), text


@EVERY
def test_english_has_no_isolates_in_its_own_words(name):
    for _, _, text, _ in texts(picture(name, "en")):
        if RLI in text:
            assert first_strong(text) == "rtl", text


@pytest.mark.parametrize(
    ("code", "name", "mark"),
    [
        ("he", "1-Qualify", LRI),
        ("he", "2025-12", LRI),
        ("he", "1-הצעה", RLI),
        ("en", "1-הצעה", RLI),
        ("en", "1-Qualify", ""),
    ],
)
def test_a_name_is_read_in_its_own_direction_in_both_languages(code, name, mark):
    """A Hebrew chart printed `1-Qualify` as `Qualify-1`."""
    frame = pl.DataFrame({"stage": [name], "value": [3]})
    drawn = charts.pipeline_chart(frame, language=language(code), title="x")
    label = f"{mark}{name}{PDI if mark else ''}"
    assert label in [text for _, _, text, _ in texts(charts.svg(drawn))]


@EVERY
def test_title_stands_where_reading_starts(name):
    for code, near in (("en", 0), ("he", 1)):
        svg = picture(name, code)
        title = next(t for t in texts(svg) if "שיעור הזכייה ירד" in t[2])
        assert abs(title[0] - near * width(svg)) < 60


@pytest.mark.parametrize("name", ["monthly", "pipeline_over_time", "forecast", "path", "win_rate"])
def test_time_runs_left_to_right_in_both_languages(name):
    for code, first, last in (("en", "Nov", "Jan"), ("he", "נוב׳", "ינו׳")):
        places = {
            text.split("|")[0].strip(RLI + PDI): x for x, _, text, _ in texts(picture(name, code))
        }
        assert places[first] < places[last], code


@pytest.mark.parametrize("name", ["funnel", "lost_reasons", "pipeline", "mix", "track_record"])
def test_bars_grow_away_from_their_labels(name):
    for code, sign in (("en", 1), ("he", -1)):
        svg = picture(name, code)
        ticks = [(x, t) for x, _, t, _ in texts(svg) if re.fullmatch(r"[\d.,]+%?", t)]
        zero = next(x for x, t in ticks if t in ("0", "0%"))
        others = [x for x, t in ticks if t not in ("0", "0%")]
        assert all((x - zero) * sign > 0 for x in others if x != zero), code


@pytest.mark.parametrize("name", ["survival", "attainment"])
def test_number_lines_run_left_to_right_in_both_languages(name):
    for code in ("en", "he"):
        svg = picture(name, code)
        lowest = max(y for _, y, t, _ in texts(svg) if re.fullmatch(r"\d+%?", t))
        ticks = [(x, float(t.strip("%"))) for x, y, t, _ in texts(svg)
                 if re.fullmatch(r"\d+%?", t) and abs(y - lowest) < 3]  # fmt: skip
        assert ticks == sorted(ticks)
        assert len(ticks) > 2


@EVERY
@BOTH
def test_labels_down_the_page_do_not_overlap(name, code):
    svg = picture(name, code)
    by_column: dict[tuple[float, str], list[float]] = {}
    for x, y, text, attributes in texts(svg):
        if text and "rotate" not in attributes.get("transform", ""):
            key = (round(x), attributes.get("text-anchor", ""))
            by_column.setdefault(key, []).append(y)
    for rows in by_column.values():
        ordered = sorted(set(rows))
        assert all(b - a >= 9 for a, b in itertools.pairwise(ordered))


@BOTH
def test_theme_is_as_looked_at(code, golden):
    spec = drawn.lost_reasons(language(code)).to_dict()
    text = json.dumps(spec["config"], ensure_ascii=False, indent=1, sort_keys=True)
    golden.check(HERE / "golden" / f"theme.{code}.json", text + "\n")


def test_equal_names_stay_apart():
    labels = [t for _, _, t, _ in texts(picture("caterpillar", "en")) if "(n=" in t]
    assert len(labels) == len(set(labels)) == 4


@BOTH
def test_letters_stand_clear_of_a_raw_rate_at_the_end_of_its_line(code):
    told = language(code)
    row = {"label": "Noa", "value": 0.4, "low": 0.3, "high": 0.5, "n": 20, "group": "A"}
    raws = (0.52, 0.9, 0.4, 0.28, 0.05, None)
    frame = pl.DataFrame([{**row, "raw": raw} for raw in raws])
    spec = charts.caterpillar_chart(frame, language=told, title="Noa").to_dict()
    layers = [part for part in spec["layer"] if "text" in part.get("encoding", {})]
    (words,) = (part for part in layers if part["encoding"]["text"].get("field") == "group")
    assert words["encoding"]["x"]["field"] == "end"
    ends = [r["end"] for r in words["data"]["values"]]
    english = [0.52, 0.5, 0.5, 0.5, 0.5, 0.5]
    assert ends == (english if code == "en" else [0.3, 0.3, 0.3, 0.28, 0.3, 0.3])


@BOTH
def test_a_name_as_long_as_a_rule_stands_whole_with_its_n_beside_a_plot(code):
    told, name = language(code), "ש" * 20 + " " + "a" * (NAME - 21)
    row = {"label": name, "value": 0.4, "low": 0.3, "high": 0.5, "n": 3517, "verdict": "low"}
    made = charts.call_bias_chart(pl.DataFrame([row]), language=told, title="x")
    (label,) = [t for _, _, t, _ in texts(charts.svg(made)) if "(n=" in t]
    assert name in label
    assert "(n=3,517)" in label
    assert (
        charts.caterpillar_chart(pl.DataFrame([row | {"raw": 0.4}]), language=told, title="x").width
        < 560
    ), "letters are not drawn smaller for it"


def test_a_colour_means_the_same_everywhere():
    assert len({WON, LOST, OPEN, PERSON}) == 4
    for name in ("funnel", "monthly", "lost_reasons"):
        assert LOST in picture(name, "en")


def test_a_picture_does_not_tell_what_was_drawn_before_it():
    """Vega counts the ids of what it cuts off, on and on; the same report is the same bytes."""
    cut = [name for name in sorted(drawn.CHARTS) if "url(#" in picture(name, "en")]
    assert "funnel_plot" in cut
    for name in cut:
        assert charts.svg(drawn.CHARTS[name](language("en"))) == picture(name, "en")
        counted = set(re.findall(r"url\(#(.*?)\)", picture(name, "en")))
        assert counted == {f"clip{number + 1}" for number in range(len(counted))}


def test_pandas_and_polars_draw_the_same():
    rows = {"lost_reason": ["Price", None], "value": [12, 3]}
    one, other = (
        charts.lost_reasons_chart(frame, language=language("en"), title="x").to_dict()
        for frame in (pl.DataFrame(rows), pd.DataFrame(rows))
    )
    assert one == other


def test_missing_columns_are_named():
    with pytest.raises(DataError, match=r"missing: won.*Found: month, lost"):
        charts.monthly_chart(
            pl.DataFrame({"month": [1], "lost": [1]}), language=language("en"), title="x"
        )


def test_input_is_left_as_it_was():
    frame = pl.DataFrame({"lost_reason": ["Price"], "value": [12]})
    before = frame.clone()
    charts.lost_reasons_chart(frame, language=language("he"), title="x")
    assert frame.equals(before)


def test_nobody_is_asked_for_anything():
    svg = picture("funnel", "he")
    outside = set(re.findall(r"https?://[^\"' )]+", svg))
    assert outside <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_no_rows_still_make_a_chart():
    frame = pl.DataFrame({"lost_reason": [], "value": []})
    svg = charts.svg(
        charts.lost_reasons_chart(frame, language=language("en"), title="Nothing lost")
    )
    assert "Nothing lost" in svg


def test_every_colour_pair_can_be_told_apart_without_colour_vision():
    """Simulate deuteranopia (Vienot, Brettel and Mollon 1999): meanings differ."""
    import numpy as np

    turn = np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]])
    seen = {}
    for name, colour in {"won": WON, "lost": LOST, "open": OPEN}.items():
        rgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]) ** 2.2
        seen[name] = np.clip(turn @ rgb, 0, 1) ** (1 / 2.2)
    for (a, x), (b, y) in itertools.combinations(seen.items(), 2):
        assert np.abs(x - y).max() > 0.25, (a, b)
