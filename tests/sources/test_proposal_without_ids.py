"""An export of five Hebrew columns, without an id: proposed, read, and told where it is mapped."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import spm_lib
from spm_lib.core.errors import DataError, WorkspaceError
from spm_lib.model import company_from_frames
from spm_lib.sources import propose_workspace
from spm_lib.workspace import settings_from_text

ROWS = """תאריך;סכום;שלב;נציג;לקוח
27/05/2024;1.200,50 ₪;נסגר בהצלחה;דנה;אלביט
05/02/2024;300 ₪;הצעת מחיר;רון;שטראוס
13/03/2024;7.000 ₪;נסגר - הפסד;רון;תנובה
14/03/2024;7.000 ₪;נסגר בהצלחה;רון;תנובה
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "export.csv").write_bytes(ROWS.encode("windows-1255"))
    return tmp_path


def test_five_hebrew_columns_are_proposed_with_their_proof(folder: Path) -> None:
    proposal = propose_workspace(folder)
    assert not proposal.questions
    said = proposal.summary()
    assert 'ILS, by ₪ in "סכום" of export.csv' in said
    assert "timezone Asia/Jerusalem, language he" in said
    assert 'Hebrew in the data, as "תאריך", a column of export.csv' in said
    assert 'day-first, proved by 13/03/2024 in "תאריך"' in said
    assert '"תאריך" is the only date of a row: taken as the day a deal closed' in said
    assert "no column names a deal for itself: its row number does" in said
    assert '"הצעת מחיר" (1 rows)' in said
    (folder / "spm.toml").write_text(proposal.text, encoding="utf-8")
    company = spm_lib.open(folder / "spm.toml")
    deals = company.table("opportunities").sort("opportunity_id")
    assert deals["opportunity_id"].to_list() == ["2", "3", "4", "5"]  # lines of the file
    assert deals["account_id"].to_list() == ["אלביט", "שטראוס", "תנובה", "תנובה"]
    won = deals.filter(deals["outcome"] == "won")
    assert won["amount"].sum() == 1_200_50 + 7_000_00
    assert str(company.as_of) == "2024-05-27"


def test_what_looks_like_no_table_still_tells_sign_and_day(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("תאריך;סכום\n27/05/2024;₪7\n28/05/2024;₪8\n", encoding="utf-8")
    proposal = propose_workspace(tmp_path)
    assert [q.place for q in proposal.questions] == ["[tables.opportunities]"]
    assert tomllib.loads(proposal.text)["workspace"]["currency"] == "ILS"


def test_deals_mapped_without_an_id_are_told_as_such(folder: Path) -> None:
    text = propose_workspace(folder).text.replace('columns.opportunity_id = "row_id"\n', "")
    (folder / "spm.toml").write_text(text, encoding="utf-8")
    with pytest.raises(WorkspaceError) as caught:
        spm_lib.open(folder / "spm.toml")
    message = str(caught.value)
    assert "[tables.opportunities] columns.opportunity_id" in message
    assert "the key of a deal is missing" in message
    assert "row_number() over () as row_id" in message


def test_the_advised_query_numbers_the_rows(folder: Path) -> None:
    text = propose_workspace(folder).text
    advised = "select *, row_number() over () as row_id from opportunities"
    text = text.replace("select opportunities.*, _row as row_id from opportunities", advised)
    (folder / "spm.toml").write_text(text, encoding="utf-8")
    deals = spm_lib.open(folder / "spm.toml").table("opportunities")
    assert sorted(deals["opportunity_id"]) == ["1", "2", "3", "4"]


def test_frames_without_an_id_are_told_as_such(folder: Path) -> None:
    import polars as pl

    settings = settings_from_text(propose_workspace(folder).text)
    deals = pl.DataFrame({"stage": ["הצעת מחיר"], "created_at": ["2024-01-01"]})
    with pytest.raises(DataError, match=r"every one is set aside.*no opportunity_id \(1 rows\)"):
        company_from_frames({"opportunities": deals}, settings)
