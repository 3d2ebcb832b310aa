"""The page of measurements keeps what was measured with the extras, and says how to get them."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import forecast_rivals
from benchmarks.forecast_rivals import HOW, TITLE, section
from benchmarks.sections import put_section, with_section


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(forecast_rivals, "missing", lambda: ["statsforecast"])
    file = tmp_path / "performance.md"
    file.write_text("# Performance\n\n## One report\n12 s\n", encoding="utf-8")
    return file


def test_without_the_extras_the_page_says_how_to_get_them(page: Path) -> None:
    put_section(page, TITLE, section(page))
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Performance\n\n## One report\n12 s\n\n## ")
    assert HOW in text
    assert "pip install 'spm-lib[statsforecast,lightgbm]'" in text


def test_what_was_measured_stays_where_the_extras_are_not(page: Path) -> None:
    put_section(page, TITLE, f"## {TITLE}\n| auto_ets | 0.2 |\n")
    before = page.read_text(encoding="utf-8")
    put_section(page, TITLE, section(page))
    assert page.read_text(encoding="utf-8") == before
    assert "| auto_ets | 0.2 |" in section(page)


def test_a_section_is_replaced_where_it_stands() -> None:
    text = "# P\n\n## A\none\n### A.1\ntwo\n\n## B\nthree\n"
    assert with_section(text, "A", "## A\nnew") == "# P\n\n## A\nnew\n\n## B\nthree\n"
    assert with_section(text, "B", "## B\nnew\n") == text.replace("three", "new")
