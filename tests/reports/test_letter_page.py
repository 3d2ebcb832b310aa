"""The printed letter: one content hash on the web, on paper, in both languages; own rows only."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import spm_lib
from spm_lib.reports import LetterPage, Request, run_requests
from spm_lib.store import ClientFolder
from spm_lib.team import LetterFiles, letter_maker
from spm_lib.team.letters.letter import TITLES
from tests.team.small_team import write_client

pytestmark = pytest.mark.slow  # whole reports, in two languages
HASH = re.compile(r"[0-9a-f]{64}")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_client(tmp_path_factory.mktemp("letters") / "acme")


@pytest.fixture(scope="module")
def made(client: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run: the letters of two people, one of them also in Hebrew."""
    root = tmp_path_factory.mktemp("out")
    formats = ("html", "pdf")
    asked = [
        Request("letter", ("rep:R1",), languages=("en", "he"), formats=formats),
        Request("letter", ("rep:R2",), languages=("en",), formats=formats),
    ]
    run_requests(asked, workspace=client, output=root).check()
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
    folder = ClientFolder.of(client)
    expected = letter_maker(spm_lib.open(client), None, client=folder).letter("R1").hash
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
    assert "This is a draft" in page
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


def test_an_issued_letter_is_no_draft_and_a_company_has_none(client: Path) -> None:
    folder = ClientFolder.of(client)
    whole = spm_lib.open(client)
    LetterFiles(folder).issue(letter_maker(whole, None, client=folder).letter("R2"), on=whole.as_of)
    page = LetterPage(str(client), scope="rep:R2")
    assert "draft" not in str(page.purpose())
    assert page.mark.startswith("Version 1 ")
    nobody = LetterPage(str(client))
    assert "A plan letter is of one person." in nobody.summary().happened[0].text
    assert nobody.target() is None
