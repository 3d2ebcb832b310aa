"""``spm simulate``, ``check``, ``snapshot``, ``init``: what they write, and what they refuse."""

from __future__ import annotations

import re
import shlex
from datetime import date
from pathlib import Path

import polars as pl
import pytest

import spm_lib
from spm_lib.core import DataError
from spm_lib.simulate import PRESETS
from spm_lib.store import ClientFolder, keep_snapshot, read_snapshot, sha256_file

pytestmark = pytest.mark.slow


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    files = (path for path in files if path.relative_to(folder).parts[0] != "cache")
    return {path.relative_to(folder).as_posix(): sha256_file(path) for path in files}


def test_the_same_seed_gives_the_same_bytes(spm, made_company, tmp_path) -> None:
    spm.ok("simulate", "tiny", "--seed", "3", "--folder", tmp_path / "again")
    assert contents(tmp_path / "again") == contents(made_company)


def test_presets_are_listed_and_unknown_ones_refused(spm) -> None:
    listed = spm.ok("simulate")
    assert all(re.search(rf"^{name} ", listed, re.MULTILINE) for name in PRESETS)
    assert "null_reps" in spm.refused("simulate", "nobody")


def test_a_folder_in_use_is_not_written_over(spm, company) -> None:
    before = contents(company)
    assert "--force" in spm.refused("simulate", "tiny", "--folder", company)
    assert contents(company) == before
    spm.ok("simulate", "tiny", "--seed", "4", "--folder", company, "--force")
    assert contents(company).keys() == before.keys()
    assert contents(company) != before


def test_force_does_not_delete_what_is_no_simulated_company(spm, tmp_path) -> None:
    (tmp_path / "letters.txt").write_text("dear")
    assert "another origin" in spm.refused("simulate", "tiny", "--folder", tmp_path, "--force")
    assert (tmp_path / "letters.txt").read_text() == "dear"


def test_check_counts_every_row(spm, company) -> None:
    told = spm.ok("check", "--workspace", company / "spm.toml")
    co = spm_lib.open(company / "spm.toml")
    deals = co.receipt("opportunities")
    assert re.search(rf"^opportunities +{deals.read:,} +{deals.used:,} *$", told, re.MULTILINE)
    for name in co.book.tables:
        assert re.search(rf"^{name} ", told, re.MULTILINE)
    assert not (company / "quarantine" / "opps.csv").exists()


def test_a_row_that_cannot_be_read_is_mended_and_read_back(spm, company) -> None:
    workspace, source = company / "spm.toml", company / "opportunities.csv"
    whole = spm_lib.open(workspace).receipt("opportunities").used
    lines = source.read_bytes().split(b"\r\n" if b"\r\n" in source.read_bytes() else b"\n")
    lines[5] += b",one,too,many"
    lines[9] += b",one,too,many"
    source.write_bytes(b"\n".join(line.rstrip(b"\r") for line in lines))
    told = spm.ok("check", "--workspace", workspace)
    quarantine = company / "quarantine" / "opps.csv"
    assert f"{quarantine}: 2 rows" in told
    assert spm_lib.open(workspace).receipt("opportunities").used == whole - 2
    mended = _mend_first(quarantine)
    told = spm.ok("check", "--workspace", workspace)
    assert f"{quarantine}: 1 rows" in told
    assert mended in quarantine.read_text(encoding="utf-8-sig")
    assert spm_lib.open(workspace).receipt("opportunities").used == whole - 1
    assert f"{quarantine}: 1 rows" in spm.ok("check", "--workspace", workspace)


def _mend_first(quarantine: Path) -> str:
    """Empty the reason and the surplus of the first row, and return its deal."""
    frame = pl.read_csv(quarantine, infer_schema=False)
    first = pl.int_range(pl.len()) == 0
    emptied = [pl.when(~first).then(pl.col(name)).alias(name) for name in ("_reason", "_more")]
    frame.with_columns(emptied).write_csv(quarantine)
    return str(frame.row(0)[0])


def test_a_fault_in_the_workspace_file_is_told(spm, company) -> None:
    workspace = company / "spm.toml"
    workspace.write_text(workspace.read_text().replace("currency", "curency", 1))
    result = spm("check", "--workspace", workspace)
    assert result.exit_code == 1
    assert "curency" in result.stderr
    assert "currency" in result.stderr


def test_a_snapshot_holds_the_tables_of_that_day(spm, company) -> None:
    workspace = company / "spm.toml"
    co = spm_lib.open(workspace)
    line = ["snapshot", "--workspace", workspace]
    assert spm.ok(*line).startswith(f"Kept {len(co.book.tables)} tables as of {co.as_of} in ")
    assert spm.ok(*line).startswith(f"Nothing to do: this very state of {co.as_of} is kept in ")
    assert spm.ok(*line, "--force").startswith("Nothing to do")
    folder = ClientFolder.of(workspace)
    assert folder.snapshot_days() == [co.as_of]
    kept = read_snapshot(folder, co.as_of)
    good = kept["opportunities"].filter(pl.col("set_aside").is_null()).drop("set_aside")
    minor = (pl.col("amount") * 100).cast(pl.Int64)
    assert good.drop("snapshot_on").with_columns(minor).equals(co.table("opportunities"))
    assert good["snapshot_on"].unique().to_list() == [co.as_of]
    assert kept["opportunities"].height == co.receipt("opportunities").read
    assert set(kept) >= {"opportunities", *co.book.tables}
    deals = company / "opportunities.csv"
    deals.write_bytes(deals.read_bytes().rstrip().rpartition(b"\n")[0])
    assert "--force" in spm.refused(*line)
    assert spm.ok(*line, "--force").startswith(f"Replaced the state of {co.as_of} by ")


def test_a_state_is_kept_once_and_never_replaced_in_silence(tmp_path) -> None:
    folder, day = ClientFolder(tmp_path), date(2026, 9, 30)
    old, new = pl.DataFrame({"a": [1]}), pl.DataFrame({"a": [2]})
    place = keep_snapshot(folder, day, {"deals": old})
    before = contents(tmp_path)
    assert keep_snapshot(folder, day, {"deals": old}) == place
    with pytest.raises(DataError, match="--force"):
        keep_snapshot(folder, day, {"deals": new})
    assert contents(tmp_path) == before
    keep_snapshot(folder, day, {"deals": new}, replace=True)
    assert read_snapshot(folder, day)["deals"].equals(new)
    assert [p.name for p in folder.snapshots.iterdir()] == ["2026-09-30"]
    with pytest.raises(DataError, match="2026-09-30"):
        read_snapshot(folder, date(2026, 1, 1))


def test_the_lines_of_the_readme_find_each_others_files(spm, company, monkeypatch) -> None:
    """``spm init exports/`` was followed by a plain ``spm check``, which found no file."""
    exports = company.rename(company.parent / "exports")
    (exports / "spm.toml").unlink()
    monkeypatch.chdir(exports.parent)
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    lines = re.findall(r"^spm (init|check) (.*?) *#", readme, re.MULTILINE)
    assert [command for command, _ in lines] == ["init", "check"]
    told = [spm(command, *shlex.split(rest)) for command, rest in lines]
    assert f"Wrote {Path('exports/spm.toml')}" in told[0].stdout
    assert "no workspace file" not in told[1].stderr
    assert told[1].exit_code == 0 or "nobody has decided this yet" in told[1].stderr


def test_init_proposes_a_file_and_says_what_it_does_not_know(spm, company) -> None:
    exports = company.parent / "exports"
    exports.mkdir()
    (company / "opportunities.csv").rename(exports / "opportunities.csv")
    told = spm.ok("init", exports, "--name", "Tiny Ltd")
    written = (exports / "spm.toml").read_text(encoding="utf-8")
    assert 'name = "Tiny Ltd"' in written
    assert "Closed Won" in written
    assert "opportunities.csv" in told
    assert f"Wrote {exports / 'spm.toml'}" in told
    assert "already" in spm.refused("init", exports)
    assert (exports / "spm.toml").read_text(encoding="utf-8") == written
    spm.ok("init", exports, "--force", "--currency", "EUR")
    assert 'currency = "EUR"' in (exports / "spm.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("line", "says"),
    [(["init", "nowhere"], "no such folder"), (["init", ".", "--currency", "eur"], "ISO 4217")],
)
def test_init_refuses_what_it_cannot_read(spm, line, says) -> None:
    assert says in spm.refused(*line)
