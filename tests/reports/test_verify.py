"""A report can be checked against its manifest: its own files, and what it was made from."""

from __future__ import annotations

import shutil

import pytest

from spm_lib.core.errors import ReportError
from spm_lib.reports import run_report
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


def test_where_nothing_is_there_is_nothing_to_verify(tmp_path) -> None:
    with pytest.raises(ReportError, match="no report to verify"):
        verify(tmp_path)
    (tmp_path / "manifest.json").write_text("{}", "utf-8")
    with pytest.raises(ReportError, match="cannot be read"):
        verify(tmp_path)
