"""Real sets: without activities a playbook knows amounts alone; without history there is none."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path

import pytest

from spm_lib.core.calendar import Window
from spm_lib.core.errors import DataError
from spm_lib.metrics.definition import EPOCH
from spm_lib.process import Playbook, ProcessMap, process_map
from spm_lib.reports import PlaybookPage

pytestmark = pytest.mark.slow

WORKSPACES = Path(__file__).resolve().parents[1] / "data" / "workspaces"


@pytest.fixture
def opened(real_data: Path):
    assert real_data.is_dir()
    return lambda name: PlaybookPage(str(WORKSPACES / name / "spm.toml"), language="en")


def test_quicksight_has_a_map_that_is_conserved_and_a_playbook_of_amounts_alone(opened) -> None:
    page = opened("quicksight_pipeline")
    assert isinstance(page.made, Playbook)
    assert set(page.made.table["behaviour"]) == {"amount.earlier"}, "it holds no activities"
    assert not page.made.found.height
    assert isinstance(page.map, ProcessMap)
    whole = Window(EPOCH, page.company.as_of.replace(year=page.company.as_of.year + 1))
    stages = process_map(page.company, window=whole).stages
    assert not stages["back"].sum(), "moves go forward or skip only"
    ends: Counter[str] = Counter()
    walked: dict[str, list[str]] = {}
    for deal, stage in (
        page.company.stints.sort("opportunity_id", "seq").select("opportunity_id", "stage").rows()
    ):
        walked.setdefault(deal, []).append(stage)
    for steps in walked.values():
        ends.update(f"{a}>{b}" for a, b in itertools.pairwise(steps))
    for row in stages.iter_rows(named=True):
        assert row["lost"] == ends[f"{row['stage']}>Closed Lost"]
        assert row["entered"] == sum(stage == row["stage"] for s in walked.values() for stage in s)
    told = [s.text for s in page.summary().happened]
    assert any("There is no playbook to follow" in text for text in told)


def test_maven_has_no_history_and_the_page_says_so_itself(opened) -> None:
    page = opened("maven_crm")
    assert isinstance(page.made, DataError)
    assert isinstance(page.map, DataError)
    told = [s.text for s in page.summary().happened]
    assert any("no move from stage to stage is known" in text for text in told)
    for part in (page.playbook(), page.process(), page.numbers(), page.tests()):
        assert part.blocks, "no heading stands over nothing"
