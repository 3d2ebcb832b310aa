"""The pages of people on real data: whole in both languages, whatever the data lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from spm_lib.model import metric_ids, open_company
from spm_lib.reports import ManagerPage, RepPage, build_document
from spm_lib.reports.html.render import render_document
from spm_lib.reports.pdf.render import render_pdf
from spm_lib.reports.scopes import each
from spm_lib.workspace import Brand
from tests.reports.pdf_reader import Pdf
from tests.reports.test_people_pages import document

WORKSPACES = Path(__file__).resolve().parents[1] / "data" / "workspaces"
SETS = ("adventureworks", "maven_crm", "powerbi_regional_sales", "quicksight_pipeline")
OF_MANAGER = ("cover", "summary", "key_figures", "needs_this_week", "bands", "table_of_people")

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(  # of orders, and in Hebrew of deals; the others are a proof
    "workspace",
    [
        pytest.param(name, marks=() if name in (SETS[0], SETS[-1]) else pytest.mark.proof)
        for name in SETS
    ],
)
def test_two_pages_of_four_real_companies(workspace: str, real_data: Path) -> None:
    path = WORKSPACES / workspace / "spm.toml"
    someone = each(open_company(path), "rep")[0]
    tongue = "he" if SETS.index(workspace) % 2 else "en"
    own = document(RepPage(str(path), scope=someone.scope, language=tongue))
    assert len(Pdf(render_pdf(own, brand=Brand())).document) <= 2
    page = ManagerPage(str(path), language=tongue)
    blocks = [getattr(page, name)() for name in (*OF_MANAGER, "deals", "definitions")]
    every = build_document(blocks, title="page")
    known = {m.id for m in metric_ids()}
    for made in (own, every):
        told = {f.metric for f in made.figures if f.value is not None}
        assert told <= known
        assert told & {"won.amount", "orders.amount"}
        assert someone.who in render_document(made)
    reached = {f.metric for f in own.figures if f.metric.startswith("attainment")}
    assert bool(reached) is (workspace == "adventureworks")
