"""A store of a workspace's files takes in what is new once, and refuses what it cannot mend."""

from __future__ import annotations

from pathlib import Path

import pytest

import spm_lib
from spm_lib.core.errors import DataError
from spm_lib.model import build_store_of, extend_store_of
from tests.model.test_store_extended import assert_same

FILE = """
version = 1
[workspace]
id = "acme"
name = "Acme"
currency = "ILS"
[stages]
open = ["Lead", "Talks"]
won = ["Won"]
lost = ["Lost"]
[tables.opportunities]
path = "deals-*.csv"
columns = { opportunity_id = "id", stage = "stage", created_at = "made", currency = "money" }
[tables.stage_events]
path = "history-*.csv"
columns = { opportunity_id = "id", entered_at = "day", stage = "stage", amount = "amount" }
"""
DEALS, HISTORY = "id,stage,made,money\n", "id,day,stage,amount\n"


@pytest.fixture
def client(tmp_path: Path) -> Path:
    """A client's folder, under a name that would be a pattern of names, and its store."""
    folder = tmp_path / "acme [old] *"
    folder.mkdir()
    (folder / "spm.toml").write_text(FILE)
    (folder / "deals-1.csv").write_text(f"{DEALS}A,Talks,2026-01-01,\nB,Lead,2026-01-02,ILS\n")
    (folder / "history-1.csv").write_text(
        f"{HISTORY}A,2026-01-01,Lead,100\nA,2026-01-09,Talks,120\nB,2026-01-02,Lead,50\n"
    )
    build_store_of(folder, folder / "store", buckets=2)
    return folder


def test_a_currency_that_comes_after_its_history_is_refused(client: Path) -> None:
    """What the history tells of the deal was read in the reporting currency."""
    (client / "deals-2.csv").write_text(f"{DEALS}A,Won,2026-01-01,USD\n")
    with pytest.raises(DataError, match="name their currency after"):
        extend_store_of(client, client / "store")
    (client / "deals-2.csv").write_text(f"{DEALS}C,Won,2026-01-03,USD\n")
    assert extend_store_of(client, client / "store") == {"opportunities": 1}
    assert_same(spm_lib.open(client), spm_lib.open(client / "store"))


def test_a_deal_that_names_the_reporting_currency_late_changes_no_row(client: Path) -> None:
    """An event told again beside it is a repeat, as it is where all is read at once."""
    (client / "deals-2.csv").write_text(f"{DEALS}A,Talks,2026-01-01,ILS\n")
    (client / "history-2.csv").write_text(f"{HISTORY}A,2026-01-09,Talks,120\n")
    extend_store_of(client, client / "store")
    at_once, stored = spm_lib.open(client), spm_lib.open(client / "store")
    assert_same(at_once, stored)
    assert at_once.receipt("stage_events").used == stored.receipt("stage_events").used == 3


def test_a_first_currency_that_comes_after_signs_were_not_read_is_refused(client: Path) -> None:
    """Where deals name currencies, a sign beside an amount of their history tells its own."""
    (client / "deals-1.csv").write_text(f"{DEALS}A,Talks,2026-01-01,\n")
    (client / "history-1.csv").write_text(f"{HISTORY}A,2026-01-01,Lead,$100\n")
    build_store_of(client, client / "store", buckets=2)
    (client / "deals-2.csv").write_text(f"{DEALS}B,Talks,2026-01-01,ils\n")
    with pytest.raises(DataError, match="name their currency after"):
        extend_store_of(client, client / "store")
    build_store_of(client, client / "store", buckets=2)
    assert_same(spm_lib.open(client), spm_lib.open(client / "store"))


def test_new_files_are_taken_in_once_though_two_see_them(client: Path, monkeypatch) -> None:
    """The second looked at the store before the first wrote to it, and finds it changed."""
    (client / "history-2.csv").write_text(f"{HISTORY}B,2026-01-20,Talks,60\n")
    read = spm_lib.model.stored.of_workspace.read_workspace

    def overtaken(path: Path):
        monkeypatch.setattr("spm_lib.model.stored.of_workspace.read_workspace", read)
        assert extend_store_of(client, client / "store") == {"stage_events": 1}
        return read(path)

    monkeypatch.setattr("spm_lib.model.stored.of_workspace.read_workspace", overtaken)
    with pytest.raises(DataError, match="Somebody wrote to the store meanwhile"):
        extend_store_of(client, client / "store")
    assert extend_store_of(client, client / "store") == {}
    assert_same(spm_lib.open(client), spm_lib.open(client / "store"))


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_files_are_found_whatever_their_folder_is_called(client: Path, engine: str) -> None:
    stored = spm_lib.open(client / "store", engine=engine)
    rows = stored.counted(stored.rows("stage_events"))
    assert sorted(rows["opportunity_id"]) == ["A", "A", "B"]


def test_what_was_found_in_files_is_told_of_all_of_them(client: Path) -> None:
    """A column that had no value when the store was built has one now."""
    (client / "deals-1.csv").write_text(f"{DEALS}A,Talks,2026-01-01,\nB,Lead,2026-01-02,\n")
    build_store_of(client, client / "store", buckets=1)
    lacking = [n for n in spm_lib.open(client / "store").notices if "without any value" in str(n)]
    assert len(lacking) == 1
    (client / "deals-2.csv").write_text(f"{DEALS}C,Won,2026-01-03,USD\n")
    extend_store_of(client, client / "store")
    assert_same(spm_lib.open(client), spm_lib.open(client / "store"))
