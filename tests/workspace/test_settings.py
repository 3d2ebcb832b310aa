"""The workspace file: the documented example, every fault at once, and no secret anywhere."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from spm_lib.core.errors import WorkspaceError
from spm_lib.workspace import Scope, load_settings, settings_from_text
from spm_lib.workspace.faults import known_keys

HEAD = 'version = 1\n[workspace]\nid = "a"\nname = "A"\ncurrency = "ILS"\n'
TABLE = '[tables.opportunities]\npath = "deals.csv"\ncolumns.stage = "Stage"\n'


def faults_of(text: str) -> str:
    with pytest.raises(WorkspaceError) as caught:
        settings_from_text(text)
    return str(caught.value)


@pytest.fixture
def page(root: Path) -> str:
    return (root / "docs" / "reference-workspace.md").read_text(encoding="utf-8")


def test_the_documented_example_loads(page: str) -> None:
    example = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    assert example is not None
    settings = settings_from_text(example[1])
    assert settings.workspace.as_of == date(2026, 9, 30)
    assert settings.pipelines["default"].lost == ("Closed Lost",)
    assert settings.raw["opps"].scale == 1000
    assert settings.tables["opportunities"].reading.dates == "day-first"
    assert settings.tables["accounts"].from_ == "accounts"
    assert settings.raw["accounts"].path == "exports/accounts.csv"
    assert settings.calendar.week == "sun-thu"


def test_every_key_is_in_the_documented_example(page: str) -> None:
    sections = [
        ("workspace",), ("workspace", "calendar"), ("stages",), ("raw", "x"),
        ("raw", "x", "unpivot"), ("connections", "x"), ("tables", "x"),
        ("team",),
    ]  # fmt: skip
    example = page.split("```")[1]
    missing = [k for s in sections for k in known_keys(s) if not re.search(rf"\b{k}\b", example)]
    assert missing == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("version = 2\n" + HEAD[12:] + TABLE, "version: found 2. Write 1."),
        (HEAD + 'colour = "red"\n' + TABLE, "[workspace] colour: there is no such key"),
        (HEAD + 'timezon = "UTC"\n' + TABLE, "Did you mean 'timezone'?"),
        (HEAD.replace("ILS", "XQZ") + TABLE, "[workspace] currency: found 'XQZ'"),
        (HEAD.replace("ILS", "?") + TABLE, "nobody has decided this yet"),
        (HEAD + 'timezone = "Mars"\n' + TABLE, "[workspace] timezone: found 'Mars'"),
        (HEAD + 'language = "fr"\n' + TABLE, "[workspace] language: found 'fr'"),
        (HEAD + 'as_of = "30/09/2026"\n' + TABLE, "[workspace] as_of: found '30/09/2026'"),
        (HEAD + "fiscal_year_start = true\n" + TABLE, "[workspace] fiscal_year_start"),
        (HEAD + '[stages]\nopen = ["A"]\nwon = ["A"]\n' + TABLE, '"A" is listed in open and won'),
        (HEAD + '[stages]\nunsure = ["Closed"]\n' + TABLE, "Move each to open, won or lost"),
        (HEAD + "[stages]\n[pipelines.x]\n" + TABLE, "both [stages] and [pipelines.NAME]"),
        (HEAD + '[tables.opportunities]\nfrom = "x"\n', "there is no raw frame 'x'"),
        (HEAD + "[tables.opportunities]\n", "it does not say where from"),
        (
            HEAD + '[tables.a]\nfrom = "r"\nquery = "select 1"\n[raw.r]\npath = "x"\n',
            "from and query",
        ),
        (
            HEAD + '[raw.r]\npath = "x"\n[tables.a]\nfrom = "r"\ndates = "iso"\n',
            "Move it to [raw.r]",
        ),
        (HEAD + '[raw.r]\n[tables.a]\nfrom = "r"\n', "neither path nor connection"),
        (HEAD + '[raw.r]\nconnection = "crm"\n' + TABLE, "there is no connection 'crm'"),
        (HEAD + '[raw.r]\npath = "x"\nheader = false\n' + TABLE, "no header and no names"),
        (HEAD + '[raw.r]\npath = "x"\nencoding = "klingon"\n' + TABLE, "found 'klingon'"),
        (
            HEAD + '[raw.r]\npath = "x"\nencoding = "rot13"\n' + TABLE,
            "encoding: found 'rot13'",
        ),
        (HEAD + TABLE + 'encoding = "base64"\n', '"utf-8", "utf-16" or "windows-1255"'),
        (HEAD + TABLE + 'encoding = "?"\n', "encoding: nobody has decided"),
        (HEAD + TABLE + "delimiter = '\"'\n", "delimiter: found '\"'. Write one character"),
        (HEAD + 'as_of = "9999-12-31"\n' + TABLE, "[workspace] as_of: found '9999-12-31'"),
        (HEAD + 'exported_on = "0001-01-01"\n' + TABLE, "exported_on: found '0001-01-01'"),
        (HEAD + '[raw.r]\npath = "x"\nthousands = "."\n' + TABLE, "also the decimal sign"),
        (HEAD + '[raw.r]\npath = "${HOME}/x"\n' + TABLE, "filled in connections only"),
        (HEAD + '[raw.opportunities]\npath = "x"\n' + TABLE, "there is also a [raw.opportunities]"),
        (HEAD, "no table is mapped"),
        ("x = [", "is not valid TOML"),
    ],
)
def test_a_fault_is_named_with_its_place_and_what_to_write(text: str, says: str) -> None:
    assert says in faults_of(text)


def test_all_faults_come_in_one_message_in_the_order_of_the_file() -> None:
    told = faults_of(
        '[workspace]\nid = "A B"\n[stages]\nunsure = ["x"]\n[raw.r]\ndate = "iso"\n'
        '[tables.opportunities]\nfrom = "q"\n'
    )
    places = re.findall(r"^  - (.*?):", told, re.MULTILINE)
    assert places == [
        "version", "[workspace] id", "[workspace] name", "[workspace] currency",
        "[stages] unsure", "[raw.r]", "[raw.r] date", "[tables.opportunities] from",
    ]  # fmt: skip


@pytest.mark.parametrize("section", ["connections.crm", "team"])
def test_a_secret_is_refused_in_the_file_and_shown_nowhere(
    section: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm = f'[{section}]\nurl = "{{}}"\n'
    told = faults_of(HEAD + crm.format("postgresql://bob:hunter2@h/db") + TABLE)
    assert "a password stands in the file" in told
    assert "hunter2" not in told
    monkeypatch.setenv("CRM_URL", "postgresql://bob:hunter2@h/db")
    settings = settings_from_text(HEAD + crm.format("${CRM_URL}") + TABLE)
    assert "hunter2" not in repr(settings) + str(settings) + settings.model_dump_json()
    told = faults_of(HEAD + f'[{section}]\nurl = 7\npassword = "hunter2"\n' + TABLE)
    assert "hunter2" not in told


def test_settings_cannot_be_changed() -> None:
    settings = settings_from_text(HEAD + TABLE)
    with pytest.raises(ValidationError):
        settings.workspace.name = "B"  # type: ignore[misc]


def test_a_query_is_read_as_its_raw_frames_agree_unless_it_says_otherwise() -> None:
    raws = '[raw.a]\npath = "a"\ndates = "day-first"\ndecimal = ","\n'
    raws += '[raw.b]\npath = "b"\ndates = "day-first"\n'
    query = '[tables.orders]\nquery = "select * from a join b using (id)"\n'
    reading = settings_from_text(HEAD + raws + query).tables["orders"].reading
    assert (reading.dates, reading.decimal) == ("day-first", ".")
    told = settings_from_text(HEAD + raws + query + 'dates = "iso"\n')
    assert told.tables["orders"].reading.dates == "iso"


def test_the_file_is_found_in_its_folder_and_missed_with_advice(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="spm init"):
        load_settings(tmp_path)
    (tmp_path / "spm.toml").write_text("\ufeff" + HEAD + TABLE, encoding="utf-8")
    assert load_settings(tmp_path).folder == tmp_path
    (tmp_path / "spm.toml").write_bytes(HEAD.encode() + 'name2 = "שלום"'.encode("windows-1255"))
    with pytest.raises(WorkspaceError, match="not UTF-8"):
        load_settings(tmp_path / "spm.toml")


def test_an_empty_scope_sees_nobody() -> None:
    nobody = Scope.reps(set(), label="empty team")
    assert not nobody.allows("r1")
    assert not nobody.allows(None)
    assert Scope.company().allows(None)
