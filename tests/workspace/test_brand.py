"""The brand file: read, checked, and refused with all its faults at once."""

from __future__ import annotations

import pytest

from spm_lib.core.errors import WorkspaceError
from spm_lib.workspace import Brand, contrast, load_brand


def written(folder, text):
    (folder / "brand.toml").write_text(text, "utf-8")
    return folder / "brand.toml"


def test_a_whole_brand_is_read(tmp_path) -> None:
    for name in ("logo.svg", "a.ttf", "b.otf", "deck.pptx"):
        (tmp_path / name).write_bytes(b"x")
    brand = load_brand(
        written(
            tmp_path,
            '[brand]\ncolour = "#0B5D3B"\nlogo = "logo.svg"\nfont = "Assistant"\n'
            'regular = "a.ttf"\nbold = "b.otf"\nfooter = "גליל בע״מ"\nconfidentiality = "Private"\n'
            'template = "deck.pptx"\n',
        )
    )
    assert brand.logo == tmp_path / "logo.svg"
    assert brand.logo_type == "image/svg+xml"
    assert (brand.footer, brand.colour) == ("גליל בע״מ", "#0B5D3B")


def test_without_a_file_the_look_is_the_house_s(tmp_path) -> None:
    assert load_brand(tmp_path / "brand.toml") == Brand()


def test_every_fault_is_told_at_once(tmp_path) -> None:
    path = written(
        tmp_path,
        'title = "x"\n[brand]\ncolour = "#FFCC00"\nlogo = "logo.gif"\nregular = "a.ttf"\n'
        'fotter = "x"\ntemplate = "no.pptx"\n',
    )
    with pytest.raises(WorkspaceError) as caught:
        load_brand(path)
    told = str(caught.value)
    assert told.count("\n  - ") == 7
    assert "title: there is no such section" in told
    assert "[brand] fotter: there is no such key. Did you mean 'footer'?" in told
    assert "contrast of 1.5 to 1" in told
    assert "[brand] logo: found 'logo.gif'" in told
    assert "there is no file" in told
    assert "Add font and bold" in told


@pytest.mark.parametrize("line", ["colour = 7", 'colour = "blue"', "logo = 3"])
def test_a_value_of_the_wrong_kind_is_refused(tmp_path, line) -> None:
    with pytest.raises(WorkspaceError, match=r"\[brand\]"):
        load_brand(written(tmp_path, f"[brand]\n{line}\n"))


def test_contrast_is_the_published_one() -> None:
    """WCAG's own examples: #767676 is the lightest grey that passes on white, #777777 fails."""
    assert contrast("#767676") >= 4.5 > contrast("#777777")
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast("#0000FF") == pytest.approx(8.59, abs=0.005)
