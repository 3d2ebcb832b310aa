"""What `spm init` proposes: true guesses with reasons, questions where nothing proves an answer."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from spm_lib.core.errors import SourceError, WorkspaceError
from spm_lib.sources import Proposal, propose_workspace, read_raws, run_query
from spm_lib.sources.proposing.slugs import slug_of
from spm_lib.sources.proposing.stage_words import verdict
from spm_lib.sources.proposing.words import COLUMN_NAMES
from spm_lib.workspace import settings_from_text
from tests.examples import rest_as_proofs

pytestmark = pytest.mark.slow

SALESFORCE = "Opportunity ID,Opportunity Owner,Account Name,Stage,Amount,Close Date,Created Date\n"


def folder(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def real_empty(tmp_path: Path) -> Path:
    (tmp_path / "nothing").mkdir()
    return tmp_path / "nothing"


def questions(proposal: Proposal) -> list[str]:
    return [question.place for question in proposal.questions]


def deals(*rows: str) -> str:
    return SALESFORCE + "\n".join(f"{n},Ann,Acme {n},{row}" for n, row in enumerate(rows)) + "\n"


def test_explicit_words_are_proposed_and_listed_for_confirmation(tmp_path: Path) -> None:
    rows = ["Closed Won,5,25/12/2025,01/12/2025", "Closed Lost,7,26/12/2025,02/12/2025",
            "Proposal,8,27/12/2025,03/12/2025", "Prospecting,8,27/12/2025,03/12/2025"]  # fmt: skip
    proposal = propose_workspace(folder(tmp_path, opps=deals(*rows)), currency="USD")
    settings = settings_from_text(proposal.text)
    stages = settings.pipelines["default"]
    assert stages.open == ("Prospecting", "Proposal")
    assert (stages.won, stages.lost) == (("Closed Won",), ("Closed Lost",))
    assert '[stages] won: "Closed Won" (1 rows), by its words' in proposal.summary()
    assert settings.raw["opportunities"].dates == "day-first"
    assert "day-first, proved by 27/12/2025" in proposal.summary()
    assert settings.tables["opportunities"].columns["rep_id"] == "Opportunity Owner"


@pytest.mark.parametrize("stage", ["Closed", "Done", "נסגר", "X-17", "On hold", "Cancelled"])
def test_a_stage_that_does_not_say_is_never_guessed(tmp_path: Path, stage: str) -> None:
    rows = ["Closed Won,5,25/12/2025,01/12/2025", f"{stage},7,26/12/2025,02/12/2025"]
    proposal = propose_workspace(folder(tmp_path, opps=deals(*rows)), currency="USD")
    assert questions(proposal) == ["[stages] unsure"]
    assert stage in proposal.summary()
    with pytest.raises(WorkspaceError, match=f'open, won or lost: "{stage}"'):
        settings_from_text(proposal.text)


def test_an_order_of_day_and_month_that_nothing_proves_is_asked(tmp_path: Path) -> None:
    rows = ["Closed Won,5,03/04/2025,01/02/2025"]
    proposal = propose_workspace(folder(tmp_path, opps=deals(*rows)), currency="USD")
    assert questions(proposal) == ["[tables.opportunities] dates"]
    with pytest.raises(WorkspaceError, match="nobody has decided this yet"):
        settings_from_text(proposal.text)
    both = ["Closed Won,5,25/04/2025,01/25/2025"]
    proposal = propose_workspace(folder(tmp_path, opps=deals(*both)), currency="USD")
    assert "both orders of day and month" in proposal.summary()


def test_a_currency_that_no_sign_proves_is_asked(tmp_path: Path) -> None:
    row = "Closed Won,{},2025-04-03,2025-02-01"
    proposal = propose_workspace(folder(tmp_path, opps=deals(row.format("5"))))
    assert questions(proposal) == ["[workspace] currency"]
    proposal = propose_workspace(folder(tmp_path, opps=deals(row.format("₪5"))))
    settings = settings_from_text(proposal.text)
    assert (settings.workspace.currency, settings.workspace.timezone) == ("ILS", "Asia/Jerusalem")


def test_hebrew_columns_decimal_commas_and_windows_1255(tmp_path: Path) -> None:
    text = "מספר הזדמנות;נציג;שלב;סכום;תאריך יצירה;תאריך סגירה\n"
    text += "1;דנה;זכייה;1.234,50;31/01/2026;28/02/2026\n2;רון;הפסד;7,25;01/02/2026;01/03/2026\n"
    text += "3;רון;הצעת מחיר - הצעה;12,50;05/02/2026;\n"
    (tmp_path / "הזדמנויות.csv").write_bytes(text.encode("windows-1255"))
    proposal = propose_workspace(tmp_path, currency="ILS", name="Acme")
    settings = settings_from_text(proposal.text)
    raw = settings.raw["opportunities"]
    assert (raw.dates, raw.decimal) == ("day-first", ",")
    assert settings.pipelines["default"].won == ("זכייה",)
    assert settings.pipelines["default"].lost == ("הפסד",)
    assert settings.workspace.language == "he"
    assert set(settings.tables["opportunities"].columns) == {
        "opportunity_id", "rep_id", "stage", "amount", "created_at", "closed_at",
    }  # fmt: skip


@pytest.mark.parametrize("kinds", [3, 8])
def test_few_customers_are_customers_and_kinds_are_not(tmp_path: Path, kinds: int) -> None:
    text = "מספר עסקה;שלב;סכום;לקוח\n"
    text += "".join(f"{n};זכייה;5;לקוח {n % kinds}\n" for n in range(60))
    proposal = propose_workspace(folder(tmp_path, deals=text), currency="ILS")
    columns = tomllib.loads(proposal.text)["tables"]["opportunities"]["columns"]
    assert ("account_id" in columns) == (kinds == 8)


def test_a_small_file_that_a_column_points_to_is_looked_up(tmp_path: Path) -> None:
    head = "Deal ID,Owner,Stage,Amount,Created Date,Campaign No"
    rows = [f"D{n},Ann,Closed Won,{n},2026-01-{n:02},{n % 3 or ''}" for n in range(1, 10)]
    campaigns = "Campaign No,Channel,Owner\n1,Fair,x\n2,Mail,y\n7,Mail,z\n"
    home = folder(tmp_path, deals="\n".join([head, *rows]) + "\n", campaigns=campaigns)
    proposal = propose_workspace(home, currency="USD")
    assert "campaigns.csv (3 rows, utf-8, comma): looked up by opportunities" in proposal.summary()
    assert '"Campaign No" is looked up in campaigns.csv: Channel' in proposal.summary()
    settings = settings_from_text(proposal.text, path=home / "spm.toml")
    assert settings.tables["opportunities"].keep[-1] == "Channel"
    raws = {name: raw.frame for name, raw in read_raws(settings).items()}
    made = run_query(str(settings.tables["opportunities"].query), raws)
    told = dict(made.select("Deal ID", "Channel").iter_rows())
    assert told == {f"D{n}": {1: "Fair", 2: "Mail"}.get(n % 3) for n in range(1, 10)}


def test_pipedrive_names_status_and_two_close_times(tmp_path: Path) -> None:
    text = "Deal - ID,Deal - Owner,Deal - Stage,Deal - Value,Deal - Status,Deal - Deal created,"
    text += "Deal - Won time,Deal - Lost time\n"
    text += "1,Ann,Demo,5,Won,2026-01-01 10:00:00,2026-02-01 10:00:00,\n"
    text += "2,Ann,Demo,6,Lost,2026-01-02 10:00:00,,2026-03-01 10:00:00\n"
    text += "3,Bo,Proposal,7,Open,2026-01-03 10:00:00,,\n"
    proposal = propose_workspace(folder(tmp_path, deals=text), currency="EUR")
    settings = settings_from_text(proposal.text, path=tmp_path / "spm.toml")
    table = settings.tables["opportunities"]
    assert table.values["outcome"] == {"Won": "won", "Lost": "lost", "Open": "open"}
    raws = {name: raw.frame for name, raw in read_raws(settings).items()}
    made = run_query(str(table.query), raws)
    assert made[table.columns["closed_at"]].to_list() == [
        "2026-02-01 10:00:00", "2026-03-01 10:00:00", None,
    ]  # fmt: skip


def test_salesforce_yes_no_columns_tell_what_words_do_not(tmp_path: Path) -> None:
    text = "Id,OwnerId,StageName,Amount,CloseDate,CreatedDate,IsClosed,IsWon\n"
    text += "1,a,Signed,5,2026-01-31,2026-01-01,true,true\n"
    text += "2,a,Closed,6,2026-02-28,2026-01-01,true,false\n"
    text += "3,a,Proposal,6,2026-03-31,2026-01-01,false,false\n"
    proposal = propose_workspace(folder(tmp_path, Opportunity=text), currency="EUR")
    stages = settings_from_text(proposal.text).pipelines["default"]
    assert (stages.open, stages.won, stages.lost) == (("Proposal",), ("Signed",), ("Closed",))
    assert "by the file's own yes/no columns" in proposal.summary()


def test_a_field_history_is_cut_to_its_stages(tmp_path: Path) -> None:
    text = "OpportunityId,Field,OldValue,NewValue,CreatedDate\n1,StageName,Lead,Won,2026-01-31\n"
    text += "1,Amount,5,6,2026-01-30\n1,StageName,,Lead,2026-01-01\n"
    proposal = propose_workspace(folder(tmp_path, OpportunityFieldHistory=text), currency="EUR")
    table = settings_from_text(proposal.text).tables["stage_events"]
    assert str(table.query).endswith("where \"Field\" = 'StageName'")


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ('לקוח ב בע"מ', "lkvh-b-bam"),
        ("Müller & Søn AG", "muller-son-ag"),
        ("לקוח 2", "lkvh-2"),
    ],
)
def test_the_id_is_the_name_in_latin_letters(tmp_path: Path, name: str, id_: str) -> None:
    named = tmp_path / name
    named.mkdir()
    proposal = propose_workspace(folder(named, opps=deals("Won,5,2025-04-25,2025-01-25")))
    assert tomllib.loads(proposal.text)["workspace"]["id"] == id_


def test_names_that_latin_letters_cannot_tell_have_ids_of_their_own() -> None:
    names = ["Компания 2", "Общество 2", "株式会社", "!!!", "???", "2"]
    ids = [slug_of(name) for name in names]
    assert len({*ids}) == len(names)
    assert all(re.fullmatch("[a-z0-9][a-z0-9-]{0,63}", id_) for id_ in ids)
    assert ids == [slug_of(name) for name in names]


def test_a_file_without_header_and_one_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    folder(tmp_path, quota="7,2026-01-01,100\n8,2026-01-01,200\n", bad='a,"b"c\n1,2\n')
    proposal = propose_workspace(tmp_path, currency="EUR")
    assert "no header" in proposal.summary()
    assert "bad.csv: could not be read" in proposal.summary()
    assert "no file looks like deals" in proposal.summary()
    with pytest.raises(SourceError, match="No data file"):
        propose_workspace(real_empty(tmp_path))


def test_words_of_stages() -> None:
    told = {"won": ["Won", "Closed Won", "6 - Closed Won", "זכיה", "נסגר - זכייה"],
            "lost": ["Lost", "closed lost", "Closed - Lost to competitor", "הפסד"],
            "open": ["Lead", "2-Develop", "משא ומתן", "הצעת מחיר", "Contract sent", "5. Close"],
            "unsure": ["Closed", "Won back, lost", "סגור", "אחר", "Unqualified", "7"]}  # fmt: skip
    for side, stages in told.items():
        assert [verdict(stage) for stage in stages] == [side] * len(stages), side


def test_every_name_is_a_canonical_column() -> None:
    from spm_lib.model.columns import (
        TABLES,
    )  # downstream on purpose

    for table, columns in COLUMN_NAMES.items():
        assert set(columns) <= set(TABLES[table].names()), table


EXPECTED = {
    "maven_crm": ("[workspace] currency",),
    "quicksight_pipeline": ("[workspace] currency",),
    "adventureworks_dirty": ("[workspace] currency", "[tables.targets] dates"),
    "bohanec_b2b": ("[workspace] currency", "[workspace] as_of"),
    "powerbi_regional_sales": ("[workspace] currency",),
    "adventureworks": ("[workspace] currency",),
}


@pytest.mark.parametrize("name", rest_as_proofs(EXPECTED, each_run=4))
def test_real_folders_load_once_what_is_asked_is_answered(real_data: Path, name: str) -> None:
    proposal = propose_workspace(real_data / name)
    found = [place.replace("[raw.", "[tables.") for place in questions(proposal)]
    assert found == list(EXPECTED[name])
    text = proposal.text.replace('currency = "?"', 'currency = "USD"')
    text = text.replace('dates = "?"', 'dates = "day-first"')
    text = text.replace('as_of = "?"', 'as_of = "2018-01-01"')
    settings = settings_from_text(text, path=real_data / name / "spm.toml")
    raws = read_raws(settings)
    for table in settings.tables.values():
        frames = {n: raw.frame for n, raw in raws.items()}
        made = frames[table.from_] if table.from_ else run_query(str(table.query), frames)
        assert set(table.columns.values()) <= set(made.columns)
    assert all(raw.quarantine.is_empty() for raw in raws.values())


def test_what_a_consultant_reads_of_real_folders(real_data: Path) -> None:
    maven = propose_workspace(real_data / "maven_crm")
    assert '"GTXPro" (1,480 rows)' in maven.summary()
    assert '"Won" (4,238 rows), by its words' in maven.summary()
    leads = propose_workspace(real_data / "quicksight_pipeline")
    stages = tomllib.loads(leads.text)["stages"]
    assert stages["open"] == ["Lead", "Prospect", "Qualified", "Contracting"]
    assert "7,980 of 7,980 lost rows have an amount of 0" in leads.summary()
    power = tomllib.loads(propose_workspace(real_data / "powerbi_regional_sales").text)
    assert power["tables"]["opportunities"]["columns"]["outcome"] == "Status"
    assert power["tables"]["accounts"]["columns"]["account_id"] == "AccountSeq"


@pytest.mark.parametrize("name", rest_as_proofs(["fivetran_hubspot", "fivetran_salesforce"]))
def test_names_of_crm_objects_are_known(real_data: Path, name: str) -> None:
    proposal = propose_workspace(real_data / "crm_export_headers" / name, currency="USD")
    tables = tomllib.loads(proposal.text)["tables"]
    assert {"opportunities", "activities", "reps"} <= set(tables)
    assert tables["opportunities"]["columns"]["rep_id"] == "owner_id"
