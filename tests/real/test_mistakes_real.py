"""Real sets: mistakes counted by Python's own reader, and what each set cannot answer, said."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import spm_lib
from spm_lib.core.language import language
from spm_lib.process import Mistakes, find_mistakes

pytestmark = pytest.mark.slow

WORKSPACES = Path(__file__).resolve().parents[1] / "data" / "workspaces"


def found(name: str) -> Mistakes:
    return find_mistakes(spm_lib.open(WORKSPACES / name / "spm.toml"))


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def broken(made: Mistakes, rule: str) -> set[str]:
    return set(made.broken.filter(pl.col("rule") == rule)["opportunity_id"])


def lacking(made: Mistakes, rule: str) -> str:
    tongue = language("en")
    return "; ".join(tongue.text(p.text) for p in made.verdict(rule).lacking)


def test_maven_knows_only_how_old_its_deals_are(real_data: Path) -> None:
    """No history, activities or plans: one rule is priced, and no open amount is known."""
    made = found("maven_crm")
    deals = list(rows(real_data / "maven_crm" / "sales_pipeline.csv"))
    days = {
        d["opportunity_id"]: date.fromisoformat(d["engage_date"]) for d in deals if d["engage_date"]
    }
    cycles = [
        (date.fromisoformat(d["close_date"]) - days[d["opportunity_id"]]).days
        for d in deals
        if d["deal_stage"] == "Won"
    ]
    limit = np.quantile(cycles, 0.9, method="higher")
    open_ones = [
        d["opportunity_id"] for d in deals if d["deal_stage"] in ("Prospecting", "Engaging")
    ]
    old = {i for i in open_ones if i in days and (made.company.as_of - days[i]).days > limit}
    assert broken(made, "deal.old") == old
    assert len(old) > 1000
    assert [v.rule.id for v in made.verdicts if v.gap] == ["deal.old"]
    assert made.verdict("deal.old").cost is None, "no amount is known"
    assert "activities" in lacking(made, "touch.stale")
    assert "a history of stages" in lacking(made, "stage.stale")
    assert "planned closes" in lacking(made, "close.past")


def test_powerbi_plans_are_counted_and_not_priced(real_data: Path) -> None:
    made = found("powerbi_regional_sales")
    today = made.company.as_of
    plans = {
        d["OpportunitySeq"]: date.fromisoformat(d["CloseDate"][:10])
        for d in rows(real_data / "powerbi_regional_sales" / "Opportunities.csv")
        if d["Status"] == "Open"
    }
    assert broken(made, "close.past") == {i for i, day in plans.items() if day < today}
    ends = {
        i
        for i, day in plans.items()
        if day >= today and (day + timedelta(1)).day == 1 and day.month % 3 == 0
    }
    assert broken(made, "close.quarter_end") == ends
    assert ends
    why = made.verdict("close.past").unpriced
    assert why is not None
    assert "a history of planned closes" in why.tell(language("en"))  # pyright: ignore
    assert "a history of stages" in lacking(made, "stage.back")


STAGES = ["Lead", "Prospect", "Qualified", "Contracting"]


def test_quicksight_moves_are_counted_from_the_log(real_data: Path) -> None:
    """Skips and stays of every deal, by walking through the log."""
    made = found("quicksight_pipeline")
    log: dict[str, list[tuple[date, str]]] = defaultdict(list)
    path = real_data / "quicksight_pipeline" / "SalesPipeline_QuickSightSample.csv"
    for row in rows(path):
        month, of_month, year = map(int, row["Date"].split("/"))
        day = date(year, month, of_month)
        log[row["Lead Name"]].append((day, row["Opportunity Stage"]))
    skipped, stays, now = set(), defaultdict(list), {}
    for deal, events in log.items():
        events.sort(key=lambda event: event[0])
        visits = [events[0]]
        visits += [b for a, b in pairwise(events) if a[1] != b[1]]
        last = visits[-1][1]
        if last in STAGES:
            now[deal] = visits[-1]
            ranks = [STAGES.index(stage) for _, stage in visits]
            skipped |= {deal} if any(b - a > 1 for a, b in pairwise(ranks)) else set()
        if last == "Closed Won":
            for (day, stage), (left, _) in pairwise(visits):
                stays[stage].append((left - day).days)
    limits = {stage: np.quantile(days, 0.9, method="higher") for stage, days in stays.items()}
    of_all = np.quantile([d for days in stays.values() for d in days], 0.9, method="higher")
    few = {stage for stage, days in stays.items() if len(days) < 20}
    stale = {
        deal
        for deal, (day, stage) in now.items()
        if (made.company.as_of - day).days
        > (of_all if stage in few or stage not in limits else limits[stage])
    }
    assert broken(made, "stage.skipped") == skipped
    assert broken(made, "stage.stale") == stale
    assert min(len(skipped), len(stale)) > 20
    assert "activities" in lacking(made, "touch.slow_first")
