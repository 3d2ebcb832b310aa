"""Real sets: the pages on mistakes, segments and the playbook say what each set cannot answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from spm_lib.reports import MistakesPage, PlaybookPage, SegmentsPage
from spm_lib.reports.blocks import Section, Table
from spm_lib.reports.cells import Words

pytestmark = pytest.mark.slow
WORKSPACES = Path(__file__).resolve().parents[1] / "data" / "workspaces"

LEADS = {"How leads become deals, and which ones will", "How soon leads are answered"}
MAP = "How deals walk through the stages, and where they are lost"
TOUCHES = {"Which touches at a stage go with winning",
           "Whether calls, meetings or demos go with winning"}  # fmt: skip
PLANS = "Whether a planned close pushed back goes with losing"
CUTS = "At which stage discounts come"
GIVEN = "Whether a discount given from the start goes with winning"
COSTS = {"What selling costs and returns", "What selling returns in gross profit",
         "What a training or a SPIF went with",
         "Whether a segment is worth the effort"}  # fmt: skip
UNANSWERED = {
    "powerbi_regional_sales": ({*LEADS, MAP, *TOUCHES, PLANS, CUTS, GIVEN}, COSTS),
    "quicksight_pipeline": (
        {*LEADS, *TOUCHES, GIVEN},
        {*COSTS, "Which customers come back", "Which products customers lack"},
    ),
    "maven_crm": ({*LEADS, MAP, *TOUCHES, PLANS, CUTS, GIVEN}, COSTS),
}
RULES = {  # some that each set cannot judge
    "powerbi_regional_sales": {"Untouched too long for its stage", "A stage was skipped"},
    "quicksight_pipeline": {"Untouched too long for its stage", "No source"},
    "maven_crm": {"A stage was skipped", "Planned close in the past", "No amount"},
}


def told(section: Section) -> dict[str, str]:
    """Return the first and the last column of a section's table, as text."""
    (table,) = (b for b in section.blocks if isinstance(b, Table))
    cells = [[cell.text for cell in row if isinstance(cell, Words)] for row in table.rows]
    return {row[0]: row[-1] for row in cells}


@pytest.mark.parametrize(  # maven lacks what powerbi lacks
    "name",
    [
        pytest.param(name, marks=pytest.mark.proof if name == "maven_crm" else ())
        for name in UNANSWERED
    ],
)
def test_each_page_says_what_the_set_cannot_answer(name: str, real_data: Path) -> None:
    assert real_data.is_dir()
    path = str(WORKSPACES / name / "spm.toml")
    of_playbook, of_segments = UNANSWERED[name]
    found = told(PlaybookPage(path, language="en").lacking_data())
    assert set(found) == of_playbook
    assert all("the data does not tell" in why for why in found.values())
    assert set(told(SegmentsPage(path, language="en").lacking_data())) == of_segments
    hebrew = told(PlaybookPage(path, language="he").lacking_data())
    assert len(hebrew) == len(of_playbook)
    assert not set(hebrew) & of_playbook, "told in Hebrew"
    assert RULES[name] <= set(told(MistakesPage(path, language="en").lacking_data()))


def test_every_rule_is_printed_with_its_version(real_data: Path) -> None:
    path = str(WORKSPACES / "maven_crm" / "spm.toml")
    assert real_data.is_dir()
    page = MistakesPage(path, language="en")
    (table,) = (b for b in page.definitions().blocks if isinstance(b, Table))
    ids = [cell.text for row in table.rows for cell in row[1:2] if isinstance(cell, Words)]
    assert ids == [v.rule.id for v in page.made.judged]
    versions = {f.by["rule"]: f.value for f in table.figures_used()}
    assert versions == {v.rule.id: str(v.rule.version) for v in page.made.judged}
