"""A report can be checked against its manifest: its own files, and what it was made from."""

from __future__ import annotations

import shutil

import polars as pl
import pytest

from spm_lib.core.errors import ReportError
from spm_lib.model import check_workspace
from spm_lib.reports import run_report, run_reports
from spm_lib.reports.runs.verify import verify

OWN = 'workspace: str = "spm.toml"  # the client'


@pytest.mark.slow
def test_what_changed_is_told(small_client, tmp_path, notebook) -> None:
    client = tmp_path / "client"
    shutil.copytree(small_client.parent, client, ignore=shutil.ignore_patterns("cache"))
    path = notebook("mine", OWN, "print('well')")
    out = tmp_path / "out"
    folder = run_report(str(path), workspace=client / "spm.toml", output=out)
    (same,) = verify(out, workspace=client / "spm.toml")
    assert (same.broken, same.changed) == ((), ())

    folder.html.write_bytes(folder.html.read_bytes() + b" ")
    folder.figures.unlink()
    with (client / "reps.csv").open("a", encoding="utf-8") as file:
        file.write("R99,New,2026-01-01\n")
    (client / "brand.toml").write_text('[brand]\ncolour = "#0B5D3B"\n', "utf-8")
    (other,) = verify(out, workspace=client / "spm.toml")
    assert set(other.broken) == {
        "report.html is not as it was written",
        "figures.json is missing",
    }
    assert set(other.changed) == {"input reps.csv changed", "the brand changed"}
    assert verify(out)[0].changed == ()


@pytest.mark.slow
def test_rows_mended_since_make_the_report_anew(small_client, tmp_path, notebook) -> None:
    client = tmp_path / "client"
    shutil.copytree(small_client.parent, client, ignore=shutil.ignore_patterns("cache"))
    deals = client / "opportunities.csv"
    deals.write_text(deals.read_text("utf-8").rstrip() + ",one,too,many\n", "utf-8")
    settings, page = client / "spm.toml", notebook("mine", OWN, "print('well')")

    def skipped() -> int:
        run = run_reports([str(page)], workspace=settings, output=tmp_path / "out")
        return len(run.check().skipped)

    assert skipped() == 0
    (rows,) = check_workspace(settings).write_quarantine()
    assert skipped() == 1, "what could not be read is no input"
    faulty = pl.read_csv(rows, infer_schema=False)
    faulty.with_columns(_reason=pl.lit(""), _more=pl.lit("")).write_csv(rows)
    (told,) = verify(tmp_path / "out", workspace=settings)
    assert told.changed == ("input quarantine/opportunities.csv is new",)
    assert skipped() == 0, "mended rows are data"


def test_where_nothing_is_there_is_nothing_to_verify(tmp_path) -> None:
    with pytest.raises(ReportError, match="no report to verify"):
        verify(tmp_path)
    (tmp_path / "manifest.json").write_text("{}", "utf-8")
    with pytest.raises(ReportError, match="cannot be read"):
        verify(tmp_path)
