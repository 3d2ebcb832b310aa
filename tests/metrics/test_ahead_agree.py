"""What people would write instead of asking the library tells the same rows, on a tiny company."""

from __future__ import annotations

import statistics
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from benchmarks.ahead import run
from benchmarks.ahead.asked import MAP, SNAPSHOTS, Answer, apart, month_ends, told
from benchmarks.ahead.files import EVENTS, build_stints, write_events
from benchmarks.ahead.tables import PM4PY, SPARK
from benchmarks.scale import STAGES, write_company

pytestmark = pytest.mark.slow

BESIDE = (SPARK, PM4PY)  # they need an environment of their own


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("ahead")
    write_company(made, opportunities=1_500)
    write_events(made)
    build_stints(made)
    return made


@pytest.fixture(scope="module")
def answers(folder: Path) -> dict[str, dict[str, Answer]]:
    return {
        name: answers_of(name, folder)
        for name in run.CONTENDERS
        if name not in (*BESIDE, *run.SCANS)
    }


def answers_of(name: str, folder: Path) -> dict[str, Answer]:
    module, attribute = run.CONTENDERS[name]
    opened, asked = getattr(import_module(f"benchmarks.ahead.{module}"), attribute)
    source = opened(folder)
    return {question: told(question, answer(source)) for question, answer in asked.items()}


def histories(folder: Path) -> dict[str, list[tuple[int, int, str, int]]]:
    found: dict[str, list] = {}
    events = pl.read_parquet(folder / EVENTS)
    for deal, *event in events.select("opportunity_id", "day", "seq", "stage", "amount").rows():
        found.setdefault(deal, []).append(tuple(event))
    return {deal: sorted(history) for deal, history in found.items()}


def test_all_tell_the_same_rows(answers: dict[str, dict[str, Answer]]) -> None:
    assert len(answers) == 7
    assert apart(answers) == []


def test_the_map_is_what_a_loop_over_the_deals_counts(
    folder: Path, answers: dict[str, dict[str, Answer]]
) -> None:
    days: dict[str, list[int]] = {}
    for history in histories(folder).values():
        for (day, _, stage, _), (later, _, after, _) in pairwise(history):
            days.setdefault(f"{stage} / {after}", []).append(later - day)
    counted = {move: [len(d), statistics.median(d)] for move, d in days.items()}
    assert answers[run.OURS][MAP] == counted


def test_the_snapshots_are_what_a_loop_over_the_deals_counts(
    folder: Path, answers: dict[str, dict[str, Answer]]
) -> None:
    standing: dict[str, list[float]] = {}
    for month, last in month_ends().items():
        for history in histories(folder).values():
            known = [event for event in history if event[0] <= last]
            if known and known[-1][2] in STAGES:
                cell = standing.setdefault(f"{month} / {known[-1][2]}", [0, 0])
                cell[0] += 1
                cell[1] += known[-1][3]
    assert answers[run.OURS][SNAPSHOTS] == standing


def test_one_who_counts_one_more_is_found(answers: dict[str, dict[str, Answer]]) -> None:
    known = answers[run.OURS]
    move = next(iter(known[MAP]))
    other = known[MAP] | {move: [known[MAP][move][0] + 1, known[MAP][move][1]]}
    assert len(apart({"ours": known, "theirs": {MAP: other}})) == 1
