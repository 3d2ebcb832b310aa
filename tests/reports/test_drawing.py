"""Drawings: only what draws is kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from spm_lib.core.errors import ReportError
from spm_lib.reports.drawing import Drawings, clean_svg

NS = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<g onload="alert(1)"/>',
        '<g ONCLICK="alert(1)"/>',
        '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"/></foreignObject>',
        '<image href="https://x.test/a.png"/>',
        '<use xlink:href="https://x.test/a.svg#b"/>',
        '<use href="data:image/svg+xml,x"/>',
        '<a href="javascript:alert(1)"><text>x</text></a>',
        '<rect style="fill:url(https://x.test/a)"/>',
        '<rect fill="url(//x.test/a)"/>',
        "<style>@import url(//x.test)</style>",
        '<animate attributeName="href" to="javascript:alert(1)"/>',
        "<!-- <script>alert(1)</script> -->",
        "<?xml-stylesheet href='//x.test'?>",
    ],
)
def test_nothing_that_acts_or_calls_out_is_kept(inside: str) -> None:
    text = clean_svg(f"<svg {NS}>{inside}<path d='M0 0'/></svg>").lower()
    for word in ("script", "onload", "onclick", "x.test", "foreignobject", "import", "data:"):
        assert word not in text
    assert "<path" in text


def test_entities_are_cut_off() -> None:
    bomb = '<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + f"<svg {NS}><text>ok</text></svg>"
    assert "ENTITY" not in clean_svg(bomb)


def test_what_draws_is_kept_and_ids_are_made_unique() -> None:
    source = (
        f'<svg {NS} viewBox="0 0 9 9"><defs><clipPath id="c"><rect width="1"/></clipPath></defs>'
        '<g clip-path="url(#c)"><text font-weight="bold">a &lt; b</text></g></svg>'
    )
    page = Drawings()
    one, two = page.clean(source), page.clean(source)
    ids = [
        {e.attrib["id"] for e in ElementTree.fromstring(text).iter() if "id" in e.attrib}
        for text in (one, two)
    ]
    assert not ids[0] & ids[1]
    (own,) = ids[0]
    assert f"url(#{own})" in one
    assert "a &lt; b" in one
    assert 'viewBox="0 0 9 9"' in one


@pytest.mark.slow
def test_the_same_page_gets_the_same_ids_in_any_process() -> None:
    source = f'<svg {NS}><defs><clipPath id="c"/></defs><g clip-path="url(#c)"/></svg>'
    code = f"from spm_lib.reports.drawing import clean_svg; print(clean_svg({source!r}))"
    command = [sys.executable, "-c", code]
    root = Path(__file__).resolve().parents[2]
    elsewhere = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    assert elsewhere.stdout.strip() == Drawings().clean(source) == clean_svg(source)


def test_places_are_rounded_so_that_sums_in_another_order_draw_the_same() -> None:
    def drawn(x: float) -> str:
        path = f"M{x!r},-0.00000001L1e-17,{3 * x!r}"
        return f'<svg {NS}><path d="{path}" transform="translate({x!r},2.5)"/></svg>'

    one, two = 0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1
    assert one != two
    shown = [clean_svg(drawn(x), mark="d") for x in (one, two)]
    assert shown[0] == shown[1]
    assert 'd="M0.6,0L0,1.8"' in shown[0]
    assert "translate(0.6,2.5)" in shown[0]


def test_what_speaks_element_by_element_is_left_out() -> None:
    spoken = '<g role="graphics-object" aria-label="x: 3"><path aria-roledescription="bar"/></g>'
    assert "aria" not in clean_svg(f"<svg {NS}>{spoken}</svg>")
    assert "role" not in clean_svg(f"<svg {NS}>{spoken}</svg>")


def test_names_in_a_drawing_can_neither_break_nor_reorder_it() -> None:
    name = "\x00\x1b\u202eevil \u2067open"
    source = f'<svg {NS}><g aria-label="{name}"><text>{name}</text><text>next</text></g></svg>'
    texts = [e.text for e in ElementTree.fromstring(clean_svg(source)).iter() if e.text]
    assert texts == ["evil \u2067open\u2069", "next"]


@pytest.mark.parametrize(
    "text", ["no drawing", "<svg", "<html/>", "<!DOC<!DOCTYPE a>TYPE b><svg/>"]
)
def test_what_is_no_drawing_is_refused_in_words(text: str) -> None:
    with pytest.raises(ReportError, match="drawing"):
        clean_svg(text)
