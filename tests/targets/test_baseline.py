"""Base rates of a company against the metrics and against plain loops."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from statistics import median

import polars as pl
import pytest

from spm_lib.core.calendar import Window
from spm_lib.core.errors import DataError
from spm_lib.metrics import measure
from spm_lib.model import company_from_frames, open_company
from spm_lib.targets import baseline
from spm_lib.targets.year_target import target_of
from spm_lib.workspace import Settings
from spm_lib.workspace.settings import Stages, WorkspaceSection

SETTINGS = Settings(
    path=Path("spm.toml"),
    workspace=WorkspaceSection(id="tiny", name="Tiny", currency="ILS"),
    pipelines={"default": Stages(open=("Open",), won=("Won",), lost=("Lost",))},
)
DEALS = [
    ("a", "r1", 100_00, "Won", date(2026, 1, 5), date(2026, 2, 4)),
    ("b", "r1", 300_00, "Won", date(2026, 1, 5), date(2026, 3, 6)),
    ("c", "r2", 900_00, "Lost", date(2026, 1, 5), date(2026, 3, 6)),
    ("d", "r2", 500_00, "Won", date(2024, 1, 5), date(2024, 3, 6)),
    ("e", "r2", 500_00, "Open", date(2026, 1, 5), None),
]
COLUMNS = ["opportunity_id", "rep_id", "amount", "stage", "created_at", "closed_at"]


def company(*, targets: list[tuple] | None = None, deals: list[tuple] | None = None):
    rows = DEALS if deals is None else deals
    frames = {"opportunities": pl.DataFrame(rows, schema=COLUMNS, orient="row")}
    if targets:
        names = ["rep_id", "team", "period_start", "period_end", "metric", "value"]
        frames["targets"] = pl.DataFrame(targets, schema=names, orient="row")
    return company_from_frames(frames, SETTINGS, as_of=date(2026, 6, 30))


def test_rates_counted_by_hand():
    base = baseline(company())
    assert (base.won, base.lost, base.heads, base.rep_months) == (2, 1, 2, 24)
    assert base.window == Window(date(2025, 7, 1), date(2026, 7, 1))
    assert base.months[0] == date(2026, 7, 1)
    assert base.months[-1] == date(2027, 6, 1)
    assert sorted(base.cycles) == [30, 60]
    assert base.levers.cycle_days == median([30, 60])
    assert base.levers.deal_amount == round(sum(base.amounts) / 2)


def test_rates_are_those_of_the_metrics(sample_workspace):
    co = open_company(sample_workspace)
    base = baseline(co)
    values = {
        name: measure(co, name, window=base.window).frame["value"][0]
        for name in ("won.count", "lost.count", "win_rate.closed.count", "deal.mean_amount",
                     "cycle.won.median_days")
    }  # fmt: skip
    assert (base.won, base.lost) == (values["won.count"], values["lost.count"])
    assert base.win_rate == pytest.approx(values["win_rate.closed.count"])
    assert base.levers.deal_amount == pytest.approx(values["deal.mean_amount"], abs=1)
    assert base.levers.cycle_days == values["cycle.won.median_days"]


def test_a_scope_sees_its_own_rates(sample_workspace):
    co = open_company(sample_workspace)
    rep = co.table("opportunities").filter(pl.col("outcome") == "won")["rep_id"].mode()[0]
    mine = baseline(open_company(sample_workspace, scope=f"rep:{rep}"))
    assert mine.heads == 1
    assert mine.won < baseline(co).won


def test_without_won_deals_there_is_nothing_to_play():
    with pytest.raises(DataError, match="nothing to play through"):
        baseline(company(deals=DEALS[2:]))


JUL26, JUL27, JUL25 = date(2026, 7, 1), date(2027, 7, 1), date(2025, 7, 1)
WON = "won.amount"


@pytest.mark.parametrize(
    ("targets", "value", "basis"),
    [
        ([("r1", None, JUL26, JUL27, WON, 7_000), ("r2", None, JUL26, JUL27, WON, 5_000)],
         12_000_00, "given"),
        ([("r1", None, JUL25, JUL26, WON, 7_000)], 7_000_00, "last year"),
        ([("r1", None, JUL26, date(2026, 10, 1), WON, 7_000)], 44_000, "stretch"),
        ([("r1", None, JUL26, JUL27, "won.count", 70)], 44_000, "stretch"),
        ([(None, "north", JUL26, JUL27, WON, 9_000)], 9_000_00, "given"),
        ([(None, "north", JUL26, JUL27, WON, 9_000), ("r1", None, JUL26, JUL27, WON, 8_000)],
         8_000_00, "given"),
        ([("r1", None, date(2026, 1, 1), date(2028, 1, 1), WON, 73_000)], 36_500_00, "given"),
        (None, 44_000, "stretch"),
    ],
)  # fmt: skip
def test_target_of_the_year(targets, value, basis):
    found = target_of(
        company(targets=targets), coming=Window(JUL26, JUL27), past=Window(JUL25, JUL26),
        booked=40_000,
    )  # fmt: skip
    assert (found.value, found.basis) == (value, basis)
