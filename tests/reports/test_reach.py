"""A time that the data holds in part only is compared with nothing; what is late is truly late."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

import spm_lib
from spm_lib.reports.pages.declared import change
from spm_lib.reports.pages.funnel_page import FunnelPage
from spm_lib.reports.pages.reach import first_result, reaches


def client(folder, *, first: date):
    """Two deals won each month from a first day on, each of 100, due on the day they close."""
    days = [first + timedelta(days=15 * step) for step in range(100)]
    days = [day for day in days if day <= date(2026, 9, 30)]
    rows = [f"{n},100,Won,{day},{day}" for n, day in enumerate(days)]
    rows += [f"o{n},50,Lead,,2026-09-{day}" for n, day in enumerate((28, 29, 30))]
    text = "\n".join(["Id,Sum,Stage,Closed,Due", *rows]) + "\n"
    (folder / "deals.csv").write_text(text, encoding="utf-8")
    (folder / "spm.toml").write_text(
        """version = 1
[workspace]
id = "w"
name = "W"
currency = "ILS"
as_of = 2026-09-30
[stages]
open = ["Lead"]
won = ["Won"]
lost = ["Lost"]
[tables.opportunities]
path = "deals.csv"
dates = "iso"
[tables.opportunities.columns]
opportunity_id = "Id"
amount = "Sum"
stage = "Stage"
closed_at = "Closed"
expected_close = "Due"
"""
    )
    return folder / "spm.toml"


@pytest.mark.parametrize(
    ("first", "whole"),
    [
        (date(2024, 9, 1), True),
        (date(2024, 11, 5), True),  # a tenth of the year is forgiven
        (date(2024, 11, 8), False),
        (date(2025, 2, 2), False),
        (date(2026, 1, 1), False),
    ],
)
def test_a_year_that_is_there_in_part_is_not_compared_with(tmp_path, first, whole) -> None:
    page = FunnelPage(client(tmp_path, first=first), language="en", months=12)
    assert (page.window_before.start, page.window.end) == (date(2024, 10, 1), date(2026, 10, 1))
    assert first_result(page.company) == first
    assert reaches(page.company, page.window_before) is whole
    (moved,) = change(page.company, "won.amount", window=page.window)
    tiles = page.key_figures().tiles
    told = " ".join(s.text for s in (*page.summary().happened, *page.summary().why))
    if whole:
        deals = page.company.table("opportunities").filter(pl.col("outcome") == "won")
        sums = [
            deals.filter(pl.col("closed_on").is_between(w.start, w.end, closed="left"))[
                "amount"
            ].sum()
            for w in (page.window, page.window_before)
        ]
        assert float(moved.value or 0) == pytest.approx(sums[0] / sums[1] - 1, abs=1e-6)
        assert "first result" not in told
    else:
        assert moved.value is None
        assert [tile.change for tile in tiles] == [None] * len(tiles)
        assert f"The first result in the data is of {page.language.date(first)}" in told
        assert "time before." not in told.replace("time before to compare", "")


def test_a_deal_due_on_the_day_itself_is_not_late_yet(tmp_path) -> None:
    page = FunnelPage(client(tmp_path, first=date(2024, 9, 1)), language="en")
    (count,) = page.open_now("open.count", overdue=True)
    (amount,) = page.open_now("open.amount", overdue=True)
    due = spm_lib.open(tmp_path / "spm.toml").table("opportunities").filter(outcome="open")
    late = due.filter(pl.col("expected_close") < date(2026, 9, 30))
    assert (count.value, amount.value) == ("2", "100.00")
    assert late.height == 2
