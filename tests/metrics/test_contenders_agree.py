"""The contenders of the benchmark, written by hand in three ways, tell what the library tells."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from benchmarks import contender_ours
from benchmarks.questions import CHECKED, add_up, disagreements
from benchmarks.scale import write_company

pytestmark = pytest.mark.slow

BY_HAND = ("contenders_polars", "contenders_sql", "contenders_pandas")
GROUPS = ("rep_id", "month", "stage", "segment", "lost_reason")
Table = dict[tuple[str, ...], tuple[float, ...]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("scale")
    write_company(made, opportunities=6_000)
    return made


@pytest.fixture(scope="module")
def ours(folder: Path) -> dict[str, dict]:
    company = contender_ours.open_scale(folder, engine="polars")
    return {name: columns_of(contender_ours, name, company) for name in CHECKED}


def columns_of(contender, question: str, source) -> dict:
    return contender.columns(contender.ANSWERS[question](source))


def rows(question: str, columns: dict) -> Table:
    """The checked values by group, without groups of which nothing is told."""
    keys = [list(columns[name]) for name in GROUPS if name in columns]
    values = zip(*(map(number, columns[name]) for name in CHECKED[question]), strict=True)
    labels = zip(*(map(label, key) for key in keys), strict=True)
    return {key: row for key, row in zip(labels, values, strict=True) if any(row)}


def label(key: object) -> str:
    """Months of every kind of date by year and month, missing labels of every kind alike."""
    return "" if key is None or key != key else str(key)[:7] if hasattr(key, "year") else str(key)


def number(value: float | None) -> float:
    """0 where nothing is told: which groups are told of none is not compared."""
    return 0.0 if value is None or value != value else float(value)


@pytest.mark.parametrize("name", BY_HAND)
def test_row_by_row(name: str, folder: Path, ours: dict[str, dict]) -> None:
    contender = import_module(f"benchmarks.{name}")
    files = contender.open_files(folder)
    for question in CHECKED:
        theirs = rows(question, columns_of(contender, question, files))
        known = rows(question, ours[question])
        assert theirs.keys() == known.keys(), question
        assert len(known) > 1
        for group, row in known.items():
            assert theirs[group] == pytest.approx(row, rel=1e-9, abs=0.5 * in_money(question)), (
                question,
                group,
            )


def in_money(question: str) -> bool:
    """Ours rounds money to minor units."""
    return question.startswith(("velocity", "average"))


def test_a_contender_that_counts_one_more_is_found(ours: dict[str, dict]) -> None:
    totals = {name: add_up(name, ours[name]) for name in CHECKED}
    other = {name: dict(sums) for name, sums in totals.items()}
    assert disagreements({"ours": totals, "theirs": other}) == []
    other["lost reasons"]["deals"] += 1
    assert len(disagreements({"ours": totals, "theirs": other})) == 1
