"""A brand on a page: inside the page, harmless, and nothing of it where there is none."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest

from spm_lib.core.errors import WorkspaceError
from spm_lib.core.fonts import FONTS
from spm_lib.reports.blocks import Prose, Sentence, Text
from spm_lib.reports.document import build_document
from spm_lib.reports.html.branding import brand_style, logo_uri
from spm_lib.reports.html.render import render_block, render_document
from spm_lib.workspace import Brand

from .page_reader import read

PAGE = build_document([Text(sentences=(Sentence(text="Hello"),))], title="A page")
SVG = (
    "<svg xmlns='http://www.w3.org/2000/svg'><script>x</script><rect onclick='x' width='9'/></svg>"
)


def png(path: Path) -> Path:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (4, 4), "#0B5D3B").save(out, "PNG")
    path.write_bytes(out.getvalue())
    return path


def test_without_a_brand_nothing_of_one_is_on_the_page() -> None:
    assert render_document(PAGE) == render_document(PAGE, brand=Brand())
    reader = read(render_document(PAGE))
    assert not reader.all("img", "footer")
    assert "Brand" not in reader.all("style")[0].text


def test_a_logo_is_inside_the_page_as_it_is_or_cleaned(tmp_path: Path) -> None:
    picture = png(tmp_path / "logo.png")
    kind, _, data = logo_uri(Brand(logo=picture)).partition(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(data) == picture.read_bytes()
    (tmp_path / "logo.svg").write_text(SVG, encoding="utf-8")
    kind, _, data = logo_uri(Brand(logo=tmp_path / "logo.svg")).partition(",")
    assert kind == "data:image/svg+xml;base64"
    drawn = base64.b64decode(data).decode()
    assert "<rect" in drawn
    assert "script" not in drawn
    assert "onclick" not in drawn
    (logo,) = read(render_document(PAGE, brand=Brand(logo=picture))).all("img")
    assert logo.attributes["alt"] == "Logo"


def test_a_font_is_inside_the_page_and_its_name_is_not_written() -> None:
    font = {"regular": FONTS / "Heebo-Regular.ttf", "bold": FONTS / "Heebo-Bold.ttf"}
    style = brand_style(Brand(font="x}</style>", **font))
    assert style.count("@font-face{font-family:Brand;") == 2
    assert "x}" not in style
    assert "font-family:Brand,Heebo" in style, "letters the font lacks come from the house's own"


@pytest.mark.parametrize(
    ("name", "content"),
    [("logo.png", b"<svg/>"), ("logo.jpg", b"\x89PNG"), ("logo.svg", b"<html/>"), ("no.png", None)],
)
def test_a_logo_that_is_none_is_refused_by_name(tmp_path: Path, name, content) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(WorkspaceError, match=name):
        logo_uri(Brand(logo=tmp_path / name))


def test_a_colour_is_a_colour_and_nothing_else() -> None:
    with pytest.raises(WorkspaceError, match="colour"):
        brand_style(Brand(colour="#000000}</style><script>"))


def test_headings_of_prose_leave_no_gaps_and_links_lead_to_pages_only() -> None:
    first = "#### deep\n\n[a](https://a.test) [b](javascript:alert) [c](\x01javascript:x) ![d](//d)"
    page = build_document([Prose(markdown=first), Prose(markdown="### next\n\n# top")], title="t")
    reader = read(render_document(page))
    assert [e.tag for e in reader.all("h1", "h2", "h3", "h4", "h5")] == ["h1", "h2", "h3", "h2"]
    assert [e.attributes["href"] for e in reader.all("a")] == ["https://a.test"]
    assert not reader.all("img")


def test_names_carry_their_language_where_it_is_another() -> None:
    text = "\u2068נועה\u2069 won more than \u2068Ann\u2069 \u202e"
    block = render_block(Text(sentences=(Sentence(text=text),)))
    assert '<bdi lang="he">נועה</bdi> won more than <bdi>Ann</bdi> </p>' in block
