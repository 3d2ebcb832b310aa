"""Letters handed out and answered: one content hash everywhere, own rows only, nothing lost."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

import spm_lib
from spm_lib.cli.app import app
from spm_lib.reports import LetterPage, Request, run_requests
from spm_lib.reports.pages.letter_read import Told, letter_for, maker_for
from spm_lib.store import ClientFolder
from spm_lib.team import LetterFiles
from spm_lib.team.letters.letter import TITLES
from tests.team.fill_in import filled_sheet
from tests.team.small_team import write_client

pytestmark = pytest.mark.slow  # whole reports, in two languages
HASH = re.compile(r"[0-9a-f]{64}")
DAY = ("--on", "2026-12-31")


def spm(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, words)
    return done.exit_code, done.output


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_client(tmp_path_factory.mktemp("letters") / "acme")


@pytest.fixture(scope="module")
def drafts(client: Path) -> str:
    """Return the page of R2 before anything was issued."""
    return str(LetterPage(str(client), scope="rep:R2").purpose())


@pytest.fixture(scope="module")
def made(client: Path, drafts: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the issued letters of both reps, one of them also in Hebrew."""
    root = tmp_path_factory.mktemp("out")
    code, told = spm("team", "letters", "-w", str(client), *DAY, "-o", str(root))
    assert code == 0, told
    assert "M1: no target, so no letter" in told
    assert "R1: version 1" in told
    hebrew = Request("letter", ("rep:R1",), languages=("he",), formats=("html", "pdf"))
    run_requests([hebrew], workspace=client, output=root).check()
    return root


def read(folder: Path, rep: str, language: str) -> tuple[str, str]:
    """Return the text of a person's web page and of the paper."""
    from pypdf import PdfReader

    (place,) = folder.rglob(f"letter/rep-{rep}/{language}*")
    printed = PdfReader(place / "report.pdf")
    assert len(printed.pages) <= 3
    paper = "".join(page.extract_text() for page in printed.pages)
    return (place / "report.html").read_text(encoding="utf-8"), paper


def test_the_content_hash_is_one_on_the_web_on_paper_and_in_both_languages(
    client: Path, made: Path
) -> None:
    expected = LetterFiles(ClientFolder.of(client)).all_of("R1")[0].hash
    for language in ("en", "he"):
        for text in read(made, "R1", language):
            assert set(HASH.findall(text)) == {expected}
    assert "טביעת תוכן" in read(made, "R1", "he")[0]


def test_parts_stand_in_their_order_with_the_numbers_of_the_letter(made: Path) -> None:
    page, _ = read(made, "R1", "en")
    places = [page.index(f">{title}<") for title in TITLES.values() if f">{title}<" in page]
    assert places == sorted(places)
    assert len(places) == len(TITLES)
    for told in ("₪1,200,000", "₪48,000", "₪28,800", "₪57,600", "24 won deals", "Dana"):
        assert told in page, told
    assert "This is a draft" not in page
    assert "There are no odds for this target." in page
    assert "pay mix and on-target earnings are left out" in page


def test_a_letter_holds_its_own_rows_only(made: Path) -> None:
    for rep, others in (("R1", ("Secret Sam", "77,77", "77777")), ("R2", ("Noa Cohen",))):
        for file in next(made.rglob(f"letter/rep-{rep}")).rglob("*.*"):
            if file.suffix in (".html", ".json", ".ipynb"):
                text = file.read_text(encoding="utf-8")
                assert not [secret for secret in others if secret in text], (rep, file)
    figures = json.loads(next(made.rglob("letter/rep-R1/en*/figures.json")).read_text("utf-8"))
    assert {f["by"]["rep_id"] for f in figures if "rep_id" in f["by"]} == {"R1"}
    worked = {f["by"]["attainment"]: f["value"] for f in figures
              if f["metric"] == "letter.worked.pay"}  # fmt: skip
    assert worked == {"0.5": "0.00", "0.8": "28800.00", "1": "48000.00", "1.2": "57600.00"}


def test_a_letter_is_a_draft_until_it_is_issued_and_a_company_has_none(
    client: Path, drafts: str, made: Path
) -> None:
    assert "This is a draft" in drafts
    page = LetterPage(str(client), scope="rep:R2")
    assert "draft" not in str(page.purpose())
    assert page.mark.startswith("Version 1 ")
    nobody = LetterPage(str(client))
    assert "A plan letter is of one person." in nobody.summary().happened[0].text
    assert nobody.target() is None


def test_answers_come_in_and_a_changed_plan_asks_again(
    client: Path, made: Path, tmp_path: Path
) -> None:
    common = ("-w", str(client), *DAY)
    answers = tmp_path / "answers"
    answers.mkdir()
    folders = {rep: next(made.rglob(f"letter/rep-{rep}/en")) for rep in ("R1", "R2")}
    blank = (folders["R1"] / "response.xlsx").read_bytes()
    typed = {"B10": 46388, "B11": "I do not accept", "B12": 2, "C13": "March is short",
             "B16": "territory", "C16": "Haifa"}  # fmt: skip
    (answers / "noa.xlsx").write_bytes(filled_sheet(blank, typed))
    (answers / "sam.toml").write_bytes((folders["R2"] / "response.toml").read_bytes())
    code, told = spm("team", "import", str(answers), *common)
    assert code == 1, "a blank file is refused"
    assert "noa.xlsx: taken, R1, version 1" in told
    assert "sam.toml, line 10: Decision: it is missing; fill it in" in told
    assert "1 taken, 1 refused" in told
    _, told = spm("team", "status", *common)
    assert "not accepted" in told
    assert "not answered" in told

    targets = client.parent / "targets.csv"
    targets.write_text(targets.read_text("utf-8").replace("100000", "110000"), encoding="utf-8")
    out = tmp_path / "out"
    code, told = spm("team", "letters", *common, "-o", str(out), "--format", "html")
    assert code == 0, told
    assert "R1: version 2" in told
    assert "R2: version 1, as before" in told
    page = next(out.rglob("letter/rep-R1/en/report.html")).read_text(encoding="utf-8")
    assert "Target: ₪1,320,000, before ₪1,200,000." in page
    _, told = spm("team", "import", str(answers), *common)
    assert "noa.xlsx: version 2 was issued since, and needs a new answer" in told
    _, told = spm("team", "status", *common)
    assert "to be asked again" in told


def test_a_letter_of_an_earlier_day_does_not_know_a_later_version(tmp_path: Path) -> None:
    file = write_client(tmp_path / "acme")
    whole, files = spm_lib.open(file), LetterFiles(ClientFolder.of(file))
    days = (date(2026, 11, 30), date(2026, 12, 31))
    makers = [maker_for(whole.at(day)) for day in days]
    for version, maker in enumerate(makers, start=1):
        assert files.issue(maker.letter("R1"), on=date(2027, 1, version)).version == version
    for version, maker in enumerate(makers, start=1):
        told = letter_for(maker, "rep:R1")
        assert isinstance(told, Told)
        assert (told.issued.version, told.draft) == (version, False)
    assert not files.all_of("R1")[0].changes
    before = letter_for(maker_for(whole.at(date(2026, 10, 31))), "rep:R1")
    assert isinstance(before, Told)
    assert (before.issued.version, before.draft, before.issued.changes) == (1, True, ())
