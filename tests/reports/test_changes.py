"""What changed since the last report: what happened meanwhile is told apart from corrections."""

from __future__ import annotations

import json
import shutil

import polars as pl
import pytest

import spm_lib
from spm_lib.core.errors import ReportError
from spm_lib.metrics import measure
from spm_lib.reports import run_report, write_changes

from .page_reader import read


@pytest.mark.slow
def test_a_corrected_amount_is_told_with_its_metrics_and_nothing_else(
    small_client, tmp_path
) -> None:
    client, out = tmp_path / "client", tmp_path / "out"
    shutil.copytree(small_client.parent, client, ignore=shutil.ignore_patterns("cache"))
    path = client / "spm.toml"
    run_report("funnel", workspace=path, as_of="2026-08-31", output=out)
    deals = pl.read_csv(client / "opportunities.csv")
    won = deals.filter(pl.col("stage") == "Won", pl.col("closed_at").str.starts_with("2026-07"))
    changed = won["opportunity_id"][0]
    more = pl.when(pl.col("opportunity_id") == changed).then(pl.col("amount") + 1_000)
    deals.with_columns(amount=more.otherwise("amount")).write_csv(client / "opportunities.csv")

    page = write_changes("funnel", workspace=path, output=out)
    told = json.loads((page.parent / "changes.json").read_text(encoding="utf-8"))
    july = [
        c for c in told["corrected"] if c["metric"] == "won.amount" and "2026-07" in str(c["by"])
    ]
    assert july
    for one in july:
        assert float(one["as_told_now"]) - float(one["as_reported"]) == 1_000
        assert one["rows"] == {}, "no row came or went"
    assert {c["metric"] for c in told["corrected"]} <= AMOUNTS
    moved = {one["metric"]: one for one in told["moved"]}
    count = [str(won_in(path, day)) for day in ("2026-08-31", "2026-09-30")]
    assert [moved["won.count"]["then"], moved["won.count"]["now"]] == count
    text = read(page.read_text(encoding="utf-8")).all("main")[0].text
    assert "Files that changed: opportunities.csv." in text
    assert "won.amount" in text


AMOUNTS = {
    *("won.amount", "won.amount.change", "deal.mean_amount", "deal.mean_amount.change"),
    *("velocity", "velocity.change", "attainment", "win_rate.closed.value", "coverage"),
    *("lost.amount", "open.amount", "target.remaining"),
}


def won_in(path, day: str) -> int:
    company = spm_lib.open(path, as_of=day)
    return measure(company, "won.count", window=company.default_window()).frame["value"][0]


@pytest.mark.slow
def test_without_an_earlier_report_there_is_nothing_to_compare(small_client, tmp_path) -> None:
    with pytest.raises(ReportError, match="no earlier report"):
        write_changes("funnel", workspace=small_client, output=tmp_path)
