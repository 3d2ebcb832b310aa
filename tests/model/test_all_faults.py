"""Everything that is wrong with a workspace file and its data, told in one message."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import spm_lib
from spm_lib.core.errors import DataError, SourceError, WorkspaceError
from spm_lib.model import check_workspace

SOUND = """version = 1
[workspace]
id = "w"
name = "W"
currency = "ILS"
[stages]
open = ["Lead"]
won = ["Won"]
lost = ["Lost"]
[tables.opportunities]
path = "deals.csv"
dates = "iso"
columns = { opportunity_id = "Id", amount = "Amount", stage = "Stage", created_at = "Created" }
"""
MORE = """
[tables.opportunites]
path = "deals.csv"
columns = { opportunity_id = "Id" }
[tables.activities]
path = "exports/calls*.csv"
columns = { activity_id = "id" }
[raw.people]
path = "people.csv"
[tables.reps]
from = "people"
columns = { rep_id = "Ownr", nmae = "Name" }
keep = ["Grade", "Level"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deals.csv").write_text("Id,Amount,Stage,Created\n1,10,Won,2026-01-01\n")
    (tmp_path / "people.csv").write_text("Owner,Name\na,Ann\n")
    return tmp_path


def told(folder: Path, text: str) -> str:
    (folder / "spm.toml").write_text(text, encoding="utf-8")
    messages = []
    for run in (spm_lib.open, check_workspace):
        with pytest.raises(WorkspaceError) as caught:
            run(folder / "spm.toml")
        messages.append(str(caught.value))
    assert messages[0] == messages[1]
    return messages[0]


def places(message: str) -> list[str]:
    return re.findall(r"^  - (.*?): ", message, re.MULTILINE)


def test_what_cannot_be_known_at_creation_is_told(folder: Path) -> None:
    text = SOUND.replace('path = "deals.csv"', 'path = "deals.csv"\nkeep = ["Amount"]')
    deals = text + 'known_at_creation = ["source", "Amount", "stage", "Colour"]\n'
    reps = '[tables.reps]\npath = "people.csv"\nknown_at_creation = ["Name"]\n'
    message = told(folder, deals + reps + 'columns = { rep_id = "Owner" }\n')
    assert "known_at_creation: 'stage' changes in the life of a row." in message
    assert "known_at_creation: no column 'Colour'." in message
    assert "[tables.reps] known_at_creation: rows of reps stand as they are" in message
    assert "'source'" not in message
    assert "'Amount' changes" not in message


def test_faults_of_settings_names_files_and_columns_come_in_one_message(folder: Path) -> None:
    text = SOUND.replace('name = "W"', 'nam = "W"').replace('"iso"', '"dayfirst"')
    message = told(folder, text.replace("amount =", "ammount =") + MORE)
    assert sorted(places(message)) == sorted(
        [
            "[workspace] name",
            "[workspace] nam",
            "[tables.opportunities] dates",
            "[tables.opportunities] columns.ammount",
            "[tables.opportunites]",
            "[tables.activities] path",
            "[tables.reps] columns.rep_id",
            "[tables.reps] columns.nmae",
            "[tables.reps] keep",
            "[tables.reps] keep",
        ]
    )
    assert message.startswith("spm.toml says 10 things that cannot be:")


def test_each_fault_says_what_was_found_and_what_to_write(folder: Path) -> None:
    message = told(folder, SOUND.replace("amount =", "ammount =") + MORE)
    assert "there is no such column of opportunities. Did you mean 'amount'?" in message
    assert "there is no such table. Did you mean 'opportunities'?" in message
    assert f"nothing at {folder}/exports/calls*.csv" in message
    assert "there is no column 'Ownr' in people.csv. Did you mean 'Owner'?" in message
    assert "there is no column 'Grade' in people.csv" in message


def test_an_inherited_fault_is_told_where_it_is_written_only(folder: Path) -> None:
    raw = '[raw.people]\npath = "people.csv"\ndates = "dayfirst"\n'
    for table in ("reps", "accounts"):
        raw += f'[tables.{table}]\nfrom = "people"\ncolumns.name = "Name"\n'
    assert places(told(folder, SOUND + raw)) == ["[raw.people] dates"]


def test_constants_and_replacements_of_unknown_columns_are_faults_too(folder: Path) -> None:
    more = 'fixed = { curency = "USD" }\nvalues.stag = { a = "b" }\nzero_is_missing = ["amonut"]\n'
    assert places(told(folder, SOUND + more)) == [
        "[tables.opportunities] values.stag",
        "[tables.opportunities] fixed.curency",
        "[tables.opportunities] zero_is_missing",
    ]


def test_a_query_that_cannot_be_run_is_one_fault_among_others(folder: Path) -> None:
    query = '[tables.accounts]\nquery = "select nothing from people"\ncolumns.name = "Name"\n'
    message = told(folder, SOUND.replace('"Stage"', '"Stge"') + MORE + query)
    assert "[tables.accounts] query" in places(message)
    assert "[tables.opportunities] columns.stage" in places(message)


def test_files_that_cannot_be_read_stay_a_fault_of_the_data(folder: Path) -> None:
    (folder / "deals.csv").write_text("<html></html>")
    (folder / "spm.toml").write_text(SOUND, encoding="utf-8")
    with pytest.raises(SourceError, match="web page"):
        spm_lib.open(folder / "spm.toml")


def test_secrets_do_not_enter_the_list(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CRM_URL", raising=False)
    crm = '[connections.crm]\nurl = "${CRM_URL}"\n[raw.c]\nconnection = "crm"\nquery = "select 1"\n'
    message = told(folder, SOUND.replace('"Stage"', '"Stge"') + crm)
    assert places(message) == ["[raw.c]", "[tables.opportunities] columns.stage"]
    assert "CRM_URL" in message


def test_the_advice_for_an_unlisted_stage_sets_its_rows_aside(folder: Path) -> None:
    rows = "Id,Amount,Stage,Created\n1,10,Won,2026-01-01\n2,20,?!,2025-12-31\n"
    (folder / "deals.csv").write_text(rows)
    (folder / "spm.toml").write_text(SOUND, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        spm_lib.open(folder / "spm.toml")
    advised = 'values.stage = { "?!" = "" }'
    assert f"{advised} in [tables.opportunities]" in str(caught.value)
    (folder / "spm.toml").write_text(f"{SOUND}{advised}\n", encoding="utf-8")
    company = spm_lib.open(folder / "spm.toml")
    assert company.table("opportunities")["opportunity_id"].to_list() == ["1"]
    assert company.receipt("opportunities").set_aside["no stage"].rows == 1


def with_stages(folder: Path, *stages: str) -> None:
    rows = [f"{n},10,{stage},2026-01-01" for n, stage in enumerate(stages)]
    content = "\n".join(["Id,Amount,Stage,Created", *rows])
    (folder / "deals.csv").write_text(f"{content}\n", encoding="utf-8")


def test_stages_that_nobody_listed_are_told_with_the_other_faults(folder: Path) -> None:
    with_stages(folder, "Won", "Wonn", "Wonn", "Lead")
    message = told(folder, SOUND + 'keep = ["Region"]\n')
    assert places(message) == [
        "[tables.opportunities] keep",
        "[tables.opportunities] columns.stage",
    ]
    assert "'Wonn' (2 rows). Listed: Lead, Won, Lost" in message
    assert "'Wonn' looks like 'Won'" in message
    assert 'values.stage = { "Wonn" = "" }' in message


def test_a_fault_of_the_settings_does_not_hide_stages_of_a_query(folder: Path) -> None:
    with_stages(folder, "Won", "X")
    text = SOUND.replace('path = "deals.csv"', 'query = "select * from deals"')
    text = text.replace('name = "W"', 'nam = "W"') + '[raw.deals]\npath = "deals.csv"\n'
    found = places(told(folder, text))
    assert sorted(found) == [
        "[tables.opportunities] columns.stage", "[workspace] nam", "[workspace] name",
    ]  # fmt: skip


def test_stages_are_no_fault_where_the_outcome_or_a_value_tells_or_they_are_asked(
    folder: Path,
) -> None:
    with_stages(folder, "Won", "X")
    keep = 'keep = ["Region"]\n'
    one = ["[tables.opportunities] keep"]
    assert places(told(folder, SOUND + keep + 'fixed = { outcome = "open" }\n')) == one
    assert places(told(folder, SOUND + keep + 'values.stage = { X = "Lead" }\n')) == one
    asked = SOUND.replace('lost = ["Lost"]', 'lost = ["Lost"]\nunsure = ["X"]')
    message = told(folder, asked + keep)
    assert places(message) == ["[stages] unsure", *one]
    assert 'values.stage = { "X" = "" }' in message
