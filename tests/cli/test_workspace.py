"""``spm workspace delete``: all that was derived goes, all that people wrote stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from spm_lib.store import sha256_file


def files(folder: Path) -> dict[str, str]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256_file(path) for path in found}


@pytest.fixture
def written(company, spm, tmp_path) -> dict[str, str]:
    """What people wrote into the client's folder, before anything is derived from it."""
    for name in ("scenarios/stretch.toml", "plans/pay.toml", "notebooks/own.ipynb", "team.db"):
        (company / name).parent.mkdir(exist_ok=True)
        (company / name).write_text(name)
    return files(company)


@pytest.fixture
def derived(company, written, spm, tmp_path) -> Path:
    """A client from whose data much was derived; returns the root of the reports."""
    spm.ok("snapshot", "-w", company)
    for name in ("cache/views/a.parquet", "quarantine/deals.csv", "pay/plan/2026-08/v1/pay.csv"):
        (company / name).parent.mkdir(parents=True, exist_ok=True)
        (company / name).write_text("rows of the client")
    reports = tmp_path / "out"
    for name in ("tiny", "neighbour"):
        page = reports / name / "2026-09-30" / "funnel" / "all" / "en" / "report.html"
        page.parent.mkdir(parents=True)
        page.write_text("page")
    return reports


def test_it_lists_and_touches_nothing_until_told(spm, company, derived) -> None:
    before = files(company), files(derived)
    told = spm.ok("workspace", "delete", "-w", company, "--output", derived)
    assert "--yes" in told
    for name in ("cache", "quarantine", "snapshots", "pay", "tiny"):
        assert f"{name}: " in told
    assert (files(company), files(derived)) == before


def test_what_people_wrote_stays_and_no_other_client_is_touched(
    spm, company, written, derived
) -> None:
    spm.ok("workspace", "delete", "-w", company, "--output", derived, "--yes")
    assert files(company) == written
    assert list(files(derived)) == ["neighbour/2026-09-30/funnel/all/en/report.html"]
    again = spm.ok("workspace", "delete", "-w", company, "--output", derived, "--yes")
    assert "gone already" in again


def test_a_link_goes_and_what_it_points_to_stays(spm, company, tmp_path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "precious").write_text("mine")
    (company / "pay").symlink_to(other, target_is_directory=True)
    spm.ok("workspace", "delete", "-w", company, "--output", tmp_path / "none", "--yes")
    assert not (company / "pay").is_symlink()
    assert (other / "precious").read_text() == "mine"


def test_an_id_cannot_lead_out_of_the_reports(spm, company, tmp_path) -> None:
    text = (company / "spm.toml").read_text(encoding="utf-8")
    (company / "spm.toml").write_text(text.replace('id = "tiny"', 'id = ".."'), encoding="utf-8")
    (tmp_path / "keep").write_text("mine")
    spm("workspace", "delete", "-w", company, "--output", tmp_path / "reports", "--yes")
    assert (tmp_path / "keep").read_text() == "mine"
