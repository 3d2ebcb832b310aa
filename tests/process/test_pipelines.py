"""Several pipelines: each is judged as if it were the only one, also where stages share a name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from spm_lib.metrics.definition import day_number
from spm_lib.model import Company, company_from_frames
from spm_lib.process import RULES, Mistakes, find_mistakes, process_map
from spm_lib.process.mistakes.cases import past_cases
from spm_lib.process.mistakes.find import judge, open_stages
from spm_lib.process.mistakes.limits import learned_limits
from spm_lib.process.mistakes.pricing import LikeForLike
from spm_lib.process.playbook.discounts import discounts
from spm_lib.process.playbook.stage_days import stage_days
from spm_lib.workspace import Settings
from spm_lib.workspace.settings import Stages, WorkspaceSection
from tests.metrics.companies import OPEN, frames, random_facts

pytestmark = pytest.mark.slow
ORDERS = {"new": OPEN, "renewals": (OPEN[2], OPEN[0], OPEN[3], OPEN[1])}
FACTS = {name: random_facts(seed, deals=400) for name, seed in (("new", 21), ("renewals", 22))}
DAY = FACTS["new"].as_of


def settings_of(*names: str) -> Settings:
    return Settings(
        path=Path("spm.toml"),
        workspace=WorkspaceSection(id="tiny", name="Tiny", currency="ILS"),
        pipelines={n: Stages(open=ORDERS[n], won=("Won",), lost=("Lost",)) for n in names},
    )


def tables_of(name: str, *, told: bool) -> dict[str, pl.DataFrame]:
    """Return the deals of a pipeline, their ids marked; ``told``: with the pipeline's name."""
    found = frames(FACTS[name])
    kept = {t: found[t] for t in ("opportunities", "stage_events")}
    mark = pl.concat_str(pl.lit(f"{name}-"), "opportunity_id").alias("opportunity_id")
    kept = {t: frame.with_columns(mark) for t, frame in kept.items()}
    if told:
        deals = kept["opportunities"].with_columns(pipeline=pl.lit(name))
        kept["opportunities"] = deals
    return kept


@pytest.fixture(scope="module")
def both() -> Company:
    parts = [tables_of(name, told=True) for name in ORDERS]
    tables = {t: pl.concat(part[t] for part in parts) for t in parts[0]}
    return company_from_frames(tables, settings_of(*ORDERS), as_of=DAY)


@pytest.fixture(scope="module")
def judged(both: Company) -> Mistakes:
    return find_mistakes(both)


@pytest.fixture(scope="module", params=ORDERS)
def alone(request: pytest.FixtureRequest) -> tuple[str, Company]:
    """One of the pipelines as a company of its own, whose deals name no pipeline."""
    name = request.param
    return name, company_from_frames(tables_of(name, told=False), settings_of(name), as_of=DAY)


def test_limits_are_learned_from_deals_of_the_same_pipeline(both, alone) -> None:
    name, one = alone
    marks = [day_number(DAY) - 20, day_number(DAY)]
    made, own = (learned_limits(c, RULES, marks, stages=open_stages(c)) for c in (both, one))
    assert_frame_equal(made.filter(pipeline=name), own, check_row_order=False)
    assert set(own["source"]) >= {"stage", "all"}


def test_deals_of_past_days_break_the_same_rules(both, alone) -> None:
    name, one = alone
    mark = day_number(DAY) - 30
    told = []
    for company in (both, one):
        cases = past_cases(company, [mark]).filter(pipeline=name)
        limits = learned_limits(company, RULES, [mark], stages=open_stages(company))
        wanted = [r for r in RULES if not r.ended and r.id not in ("deal.duplicate",)]
        told.append(
            pl.DataFrame({r.id: judge(r, cases, limits) for r in wanted}).with_columns(
                cases["opportunity_id"]
            )
        )
    assert_frame_equal(*told)
    assert {"stage.back", "stage.skipped", "stage.stale"} <= {
        c for c in told[0].columns if told[0][c].dtype == pl.Boolean and told[0][c].any()
    }


def test_open_deals_break_the_same_rules_today(judged, alone) -> None:
    name, one = alone
    kept = ["rule", "opportunity_id", "stage", "amount"]
    made, own = (
        m.broken.filter(
            pl.col("opportunity_id").str.starts_with(name), pl.col("rule") != "deal.duplicate"
        ).select(kept)
        for m in (judged, find_mistakes(one))
    )  # fmt: skip
    assert_frame_equal(made, own, check_row_order=False)
    assert own.height > 100


def test_win_rates_are_compared_within_a_pipeline() -> None:
    """One stage name, two pipelines: the one in which all is lost breaks the rule more often."""
    rng = np.random.default_rng(3)
    n = 3000
    pipeline = rng.choice(["new", "renewals"], n)
    broken = rng.random(n) < np.where(pipeline == "new", 0.7, 0.2)
    won = rng.random(n) < np.where(pipeline == "new", 0.2, 0.7)
    told = {"opportunity_id": [f"d{i}" for i in range(n)], "pipeline": pipeline, "won": won}
    cases = pl.DataFrame(told).with_columns(
        mark=0, rep_id=pl.lit("r"), stage=pl.lit("Proposal"), amount=1, age=9, in_stage=3
    )
    gap = LikeForLike(cases).gap(pl.Series(broken))
    mixed = LikeForLike(cases.with_columns(pipeline=pl.lit("new"))).gap(pl.Series(broken))
    assert gap is not None
    assert mixed is not None
    assert gap.low < 0 < gap.high
    assert mixed.high < -0.2


def test_figures_of_a_limit_name_their_pipeline(judged) -> None:
    figures = [f for f in judged.figures() if f.metric == "mistake.limit"]
    assert {f.by["pipeline"] for f in figures} == set(ORDERS)
    keys = [tuple(sorted(f.by.items())) for f in figures]
    assert len(keys) == len(set(keys))


def test_first_days_discounts_and_map_are_those_of_the_pipeline(both, alone) -> None:
    name, one = alone
    for stage in OPEN:
        made, own = (stage_days(c, name, stage, days=7, keep=[]) for c in (both, one))
        assert_frame_equal(made.frame, own.frame)
        assert made.frame.height > 10
        assert made.horizon == own.horizon
    lowered = [discounts(c).filter(pipeline=name) for c in (both, one)]
    assert_frame_equal(*lowered, check_row_order=False)
    window = both.default_window()
    window = replace(window, start=window.start.replace(year=window.start.year - 1))
    moves = [process_map(c, window=window).moves.filter(pipeline=name) for c in (both, one)]
    assert_frame_equal(*moves)
    assert moves[0].height
