"""The playbook page: what it prints is what was found; a person alone is told why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from spm_lib.process import LeadScore, Playbook, ProcessMap
from spm_lib.reports import PlaybookPage
from spm_lib.reports.blocks import Chart, Section, Table, Text
from spm_lib.reports.cells import Number
from tests.process.test_lead_score import leads_of

pytestmark = pytest.mark.slow
PARTS = ("summary", "key_figures", "playbook", "process", "leads", "scores", "numbers", "tests")


@pytest.fixture(scope="module")
def page(sample_workspace: Path) -> PlaybookPage:
    return PlaybookPage(str(sample_workspace), language="en")


def table_of(section: Section) -> Table:
    return next(b for b in section.blocks if isinstance(b, Table))


def texts(section: Section) -> list[str]:
    return [s.text for b in section.blocks if isinstance(b, Text) for s in b.sentences]


def test_every_stage_has_its_line_and_every_finding_its_evidence(page: PlaybookPage) -> None:
    assert isinstance(page.made, Playbook)
    section = page.playbook()
    rows = table_of(section).rows
    stages = [s.stage for s in page.made.stages]
    assert [getattr(r[0], "text", "") for r in rows] == sorted(
        (getattr(r[0], "text", "") for r in rows), key=stages.index
    )
    found = page.made.found
    told = [r for r in rows if isinstance(r[4], Number)]
    assert len(told) == found.height == 4
    assert len(rows) == found.height + len(set(stages) - set(found["stage"]))
    for row, test in zip(told, found.iter_rows(named=True), strict=True):
        share = row[4]
        assert isinstance(share, Number)
        odds = test["odds"] * test["base"] / (1 - test["base"])
        assert float(share.figure.value or 0) == pytest.approx(odds / (1 + odds), abs=1e-6)
        assert share.figure.n == test["n"]
        assert share.figure.low is not None
        assert share.figure.high is not None
    assert any(f"{page.made.tried} comparisons" in text for text in texts(section))
    assert all("cause" not in t or "not caused" in t for t in texts(section))


def test_the_map_is_drawn_from_the_counts_of_its_table(page: PlaybookPage) -> None:
    assert isinstance(page.map, ProcessMap)
    section = page.process()
    chart = next(b for b in section.blocks if isinstance(b, Chart))
    visits = {(r[0], r[2]): r[4] for r in chart.data}
    for row in page.map.stages.iter_rows(named=True):
        assert f"{row['entered']:,} visits" in chart.svg
        lost = visits[row["stage"], "lost"]
        assert f"Lost: {lost:,} ({lost / row['entered']:.0%})" in chart.svg
        assert lost == row["lost"]
    assert len(table_of(section).rows) == page.map.moves.height


def test_leads_are_told_step_by_step_and_by_group(page: PlaybookPage) -> None:
    steps, groups = (b for b in page.leads().blocks if isinstance(b, Table))
    counts = [int(r[1].figure.value or 0) for r in steps.rows if isinstance(r[1], Number)]
    assert len(counts) == 5
    assert counts == sorted(counts, reverse=True)
    named = {getattr(r[1], "text", "") for r in groups.rows}
    assert {"Website", "Event", "Answered within a day"} <= named


def test_one_person_s_page_says_why_there_is_no_playbook(sample_workspace: Path) -> None:
    page = PlaybookPage(str(sample_workspace), language="en", scope="rep:R01")
    blocks = [getattr(page, name)() for name in PARTS]
    assert any("no playbook" in text for text in texts(blocks[2]))
    assert not {f.metric for b in blocks for f in b.figures_used() if "playbook" in f.metric}
    others = {r for r in page.company.everyone("reps")["rep_id"] if r != "R01"}
    assert not {v for b in blocks for f in b.figures_used() for v in f.by.values()} & others
    assert page.process().blocks, "his own way through the stages is told"


LEADS = """version = 1
[workspace]
id = "leads"
name = "Leads"
currency = "ILS"
[stages]
open = ["Lead"]
won = ["Won"]
lost = ["Lost"]
[tables.opportunities]
path = "deals.csv"
columns = { opportunity_id = "id", rep_id = "rep", stage = "stage", created_at = "day" }
[tables.leads]
path = "leads.csv"
columns = { lead_id = "lead_id", created_at = "created_at", source = "source", rep_id = "rep_id", converted_at = "converted_at" }
keep = ["Size", "Status"]
known_at_creation = ["source", "Size"]
"""  # noqa: E501


def test_leads_are_scored_and_named_where_the_score_holds(tmp_path: Path) -> None:
    leads = leads_of(1, effect=1.0, n=2500)
    leads.drop("truth").write_csv(tmp_path / "leads.csv")
    (tmp_path / "deals.csv").write_text("id,rep,stage,day\nd1,r1,Lead,2025-04-01\n", "utf-8")
    (tmp_path / "spm.toml").write_text(LEADS, "utf-8")
    page = PlaybookPage(str(tmp_path / "spm.toml"), language="en")
    assert isinstance(page.score, LeadScore)
    section = page.scores()
    held, waiting, columns = (b for b in section.blocks if isinstance(b, Table))
    assert len(held.rows) == page.score.groups.height == 5
    named = [getattr(row[0], "text", "") for row in waiting.rows]
    assert named == page.score.waiting["lead_id"].to_list()[: len(named)]
    assert len(named) > 5
    looked_at = {getattr(r[0], "text", ""): getattr(r[1], "text", "") for r in columns.rows}
    assert looked_at["Size"] == "looked at"
    assert looked_at["Status"].startswith("known_at_creation does not name it")
    assert "foretells more than the rate of the lead's source" in texts(section)[0]
    hebrew = PlaybookPage(str(tmp_path / "spm.toml"), language="he").scores()
    assert "ציון" in texts(hebrew)[0]
