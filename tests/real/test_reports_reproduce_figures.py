"""A report of real data prints the figures that were measured from its files by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spm_lib.reports import run_reports

WORKSPACES = Path(__file__).resolve().parents[1] / "data" / "workspaces"

pytestmark = pytest.mark.slow


def figures_of(workspace: str, folder: Path, **options: object) -> list[dict]:
    """Run the funnel report and return the records of its figures.json."""
    path = WORKSPACES / workspace / "spm.toml"
    result = run_reports(["funnel"], workspace=path, output=folder, **options).check()
    return json.loads(next(result.index.parent.rglob("figures.json")).read_text(encoding="utf-8"))


def value(figures: list[dict], metric: str, *, now: bool = False) -> str | None:
    """Return the company's figure: of the report's window, or (``now``) of the state at as_of."""
    found = [f for f in figures if f["metric"] == metric and not f["by"]]
    return next(f["value"] for f in found if (f["window"] is None) == now)


def test_maven_reports_the_measured_figures(real_data: Path, tmp_path: Path) -> None:
    figures = figures_of("maven_crm", tmp_path)
    assert value(figures, "won.count") == "4238"
    assert value(figures, "won.amount") == "10005534.00"
    rate = next(f for f in figures if f["metric"] == "win_rate.closed.count" and not f["by"])
    assert round(float(rate["value"]), 4) == 0.6315
    assert rate["n"] == 6711
    assert value(figures, "open.count", now=True) == str(1589 + 500)


def test_quicksight_reports_the_measured_figures(real_data: Path, tmp_path: Path) -> None:
    figures = figures_of("quicksight_pipeline", tmp_path, parameters={"months": 60}, language="he")
    assert value(figures, "open.count", now=True) == "975"
    won = next(f for f in figures if f["metric"] == "won.count" and not f["by"])
    receipt = won["receipt"]
    rows = receipt["used"] + sum(part["rows"] for part in receipt["set_aside"].values())
    assert rows == 9571
    assert receipt["set_aside"]["lost"]["rows"] == 7980


def test_powerbi_reports_the_measured_figures(real_data: Path, tmp_path: Path) -> None:
    figures = figures_of("powerbi_regional_sales", tmp_path)
    assert value(figures, "open.count", now=True) == "5333"
    assert value(figures, "open.amount", now=True) == "27812381.00"
    won = next(f for f in figures if f["metric"] == "won.count" and not f["by"])
    assert won["receipt"]["set_aside"]["lost"]["rows"] == 7385
