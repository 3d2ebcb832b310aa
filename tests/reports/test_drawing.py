"""Drawings: only what draws is kept."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from spm_lib.reports.drawing import clean_svg

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
    one, two = clean_svg(source), clean_svg(source)
    ids = [
        {e.attrib["id"] for e in ElementTree.fromstring(text).iter() if "id" in e.attrib}
        for text in (one, two)
    ]
    assert not ids[0] & ids[1]
    (own,) = ids[0]
    assert f"url(#{own})" in one
    assert "a &lt; b" in one
    assert 'viewBox="0 0 9 9"' in one
