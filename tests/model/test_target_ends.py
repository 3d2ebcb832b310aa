"""Targets without ``period_end``: the owner's targets known so far tell how long a period is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from spm_lib.model import Company, company_from_frames
from spm_lib.workspace import Settings
from spm_lib.workspace.settings import Stages, WorkspaceSection

SETTINGS = Settings(
    path=Path("spm.toml"),
    workspace=WorkspaceSection(id="t", name="T", currency="ILS"),
    pipelines={"default": Stages(open=("Lead",), won=("Won",), lost=("Lost",))},
)
NO_END = "no period end"


def target(start: date, rep: str | None = "a", **more: object) -> dict[str, object]:
    return {"rep_id": rep, "team": None, "metric": None, "period_start": start, "value": 12, **more}


def with_targets(*rows: dict[str, object]) -> Company:
    deals = {
        "opportunity_id": ["x", "y"],
        "rep_id": ["a", "a"],
        "amount": [600, 100],
        "stage": ["Won", "Won"],
        "created_at": [date(2025, 1, 5), date(2025, 1, 5)],
        "closed_at": [date(2025, 6, 1), date(2026, 2, 2)],
    }
    texts = {"rep_id": pl.String, "team": pl.String, "metric": pl.String}
    frames = {"opportunities": pl.DataFrame(deals), "targets": pl.DataFrame(rows).cast(texts)}
    return company_from_frames(frames, SETTINGS)


def ends(co: Company, rep: str | None = "a") -> list[date]:
    own = co.table("targets").filter(pl.col("rep_id").eq_missing(pl.lit(rep, pl.String)))
    return own.sort("period_start")["period_end"].to_list()


def test_a_later_target_does_not_change_what_an_earlier_day_knew() -> None:
    yearly = (target(date(2025, 1, 1)), target(date(2026, 1, 1)))
    then, now = (with_targets(*yearly[:n]).at(date(2025, 12, 31)) for n in (1, 2))
    assert ends(then) == ends(now) == []
    assert then.receipt("targets").set_aside[NO_END].rows == 1
    assert ends(with_targets(*yearly)) == [date(2026, 1, 1), date(2027, 1, 1)]


def test_one_reps_months_do_not_cut_a_teams_years() -> None:
    months = [target(date(2025, m, 1), metric="orders.amount") for m in (1, 2, 3)]
    years = [target(date(y, 1, 1), None, team="North") for y in (2025, 2026)]
    co = with_targets(*months, *years)
    assert ends(co, None) == [date(2026, 1, 1), date(2027, 1, 1)]
    assert ends(co)[0] == date(2025, 2, 1)


def test_quarters_are_told_from_months_and_ends_that_are_given_stand() -> None:
    quarters = [target(date(2025, m, 1), "b") for m in (1, 4, 7)]
    given = target(date(2025, 3, 1), "c", period_end=date(2025, 3, 9))
    co = with_targets(*quarters, given)
    assert ends(co, "b") == [date(2025, m, 1) for m in (4, 7, 10)]
    assert ends(co, "c") == [date(2025, 3, 9)]


def test_a_lone_target_without_an_end_is_told() -> None:
    co = with_targets(target(date(2025, 1, 1)), *(target(date(2025, m, 1), "b") for m in (1, 2)))
    told = {n.column: n for n in co.notices if n.kind == "no_period_end"}
    assert told["period_end"].rows == 1
