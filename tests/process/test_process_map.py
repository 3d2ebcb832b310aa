"""The process map is conserved: every deal walked by hand gives the same counts and days."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import polars as pl
import pytest

import spm_lib
from spm_lib.core.calendar import Window
from spm_lib.core.errors import DataError
from spm_lib.core.language import language
from spm_lib.metrics.definition import EPOCH
from spm_lib.model import Company, company_from_frames
from spm_lib.process import process_map
from spm_lib.process.process_map.walks import KINDS
from spm_lib.workspace import settings_from_text
from tests.metrics.companies import company, random_facts


def walked(co: Company, window: Window) -> dict[tuple, list[int]]:
    """Return days in a stage per (stage, kind, to): each deal's rows in order, one by one."""
    ranks = {s: i for i, s in enumerate(next(iter(co.settings.pipelines.values())).open)}
    found: dict[tuple, list[int]] = {}
    deals: dict[str, list[tuple]] = {}
    for row in co.stints.sort("opportunity_id", "seq").iter_rows(named=True):
        deals.setdefault(row["opportunity_id"], []).append(
            (row["stage"], row["entered_on"], row["outcome"])
        )
    for steps in deals.values():
        for at, (stage, day, outcome) in enumerate(steps):
            if outcome != "open" or not window.start <= day < window.end:
                continue
            after = steps[at + 1] if at + 1 < len(steps) else None
            if after is None:
                kind, to, left = "still_open", None, co.as_of
            else:
                to, left = after[0], after[1]
                kind = after[2]
                if kind == "open":
                    step = ranks[to] - ranks[stage]
                    kind = "back" if step < 0 else "advanced" if step == 1 else "skipped"
            found.setdefault((stage, kind, to), []).append((left - day).days)
    return found


def agrees(co: Company, window: Window) -> int:
    made = process_map(co, window=window)
    told = {
        (r["stage"], r["kind"], r["to"]): (r["visits"], r["median_days"])
        for r in made.moves.iter_rows(named=True)
    }
    naive = walked(co, window)
    assert told == {key: (len(days), median(days)) for key, days in naive.items()}
    entered: Counter[str] = Counter()
    for (stage, _, _), days in naive.items():
        entered[stage] += len(days)
    for row in made.stages.iter_rows(named=True):
        assert row["entered"] == sum(row[kind] for kind in KINDS) == entered[row["stage"]]
    return sum(entered.values())


def test_a_walk_along_every_deal_gives_the_same_map() -> None:
    for seed in (3, 4):
        co = company(random_facts(seed, deals=60))
        assert agrees(co, co.default_window())


TWO_LOST = """
version = 1
[workspace]
id = "two"
name = "Two lost stages"
currency = "ILS"
[stages]
open = ["Lead", "Proposal"]
won = ["Won"]
lost = ["Lost", "Dropped"]
[tables.stage_events]
path = "moves.csv"
columns = { opportunity_id = "id", stage = "stage", entered_at = "at" }
"""


def test_what_is_lost_to_several_stages_is_lost_together() -> None:
    """Four of seven are lost at Lead, to two stages; three of three at Proposal, to one of them."""
    settings = settings_from_text(TWO_LOST)
    ends = ["Lost", "Lost", "Dropped", "Dropped", *["Proposal"] * 3]
    rows = []
    for number, (to, days) in enumerate(zip(ends, (2, 4, 10, 20, 1, 1, 1), strict=True)):
        came, deal = date(2026, 1, 1), f"d{number}"
        rows += [(deal, came, "Lead"), (deal, came + timedelta(days=days), to)]
        if to == "Proposal":
            rows.append((deal, came + timedelta(days=30), "Lost"))
    names = ["opportunity_id", "entered_at", "stage"]
    events = pl.DataFrame(rows, schema=names, orient="row")
    co = company_from_frames({"stage_events": events}, settings, as_of=date(2026, 3, 31))
    made = process_map(co, window=Window(date(2026, 1, 1), date(2026, 4, 1)))
    worst = made.most_lost()
    assert worst is not None
    assert (worst["stage"], worst["kind_visits"], worst["kind_days"]) == ("Lead", 4, 7.0)
    text = made.statements[0].tell(language("en"))
    assert text.startswith("Most is lost at Lead: 4 of 7 visits (57%), half of them after 7 days")
    told = {f.metric: f.value for f in made.figures() if f.by == {"stage": "Lead", "kind": "lost"}}
    assert told["process.moved"] == "4"
    assert told["process.median_days"] == "7.0"


def test_without_a_history_it_is_refused() -> None:
    co = company(random_facts(5, deals=20, history=False))
    with pytest.raises(DataError, match="cannot be mapped"):
        process_map(co, window=co.default_window())


def test_every_deal_of_the_sample_is_conserved(sample_workspace: Path) -> None:
    co = spm_lib.open(sample_workspace)
    whole = Window(EPOCH, co.as_of.replace(year=co.as_of.year + 1))
    assert agrees(co, whole) == co.stints.filter(outcome="open").height > 10_000
    figures = process_map(co, window=whole).figures()
    shares: dict[str, float] = {}
    for figure in figures:
        if figure.metric == "process.share":
            stage = figure.by["stage"]
            shares[stage] = shares.get(stage, 0.0) + float(figure.value or 0)
            assert float(figure.low or 1) <= float(figure.value or 0) <= float(figure.high or 0)
    assert all(total == pytest.approx(1, abs=1e-5) for total in shares.values())
    assert {f.receipt.read for f in figures} == {co.receipt("opportunities").read}
