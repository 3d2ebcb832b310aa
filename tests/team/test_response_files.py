"""Response files: written, filled in by other hands, read back; hostile ones told by name."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from spm_lib.core.errors import ScopeError
from spm_lib.core.language import language
from spm_lib.team import Goal, Issued, Letter, Response, Worry, response_of
from spm_lib.team.responses.import_folder import Imported, import_folder, tell_imported
from spm_lib.team.responses.read_sheet import read_sheet
from spm_lib.team.responses.response_toml import read_toml, response_toml
from spm_lib.team.responses.write_sheet import response_sheet

from .fill_in import SHEET, filled_sheet, members, open_cells, packed

EN, HE = language("en"), language("he")
DAY = 46357  # 2026-12-01 as Excel counts days


def letter(rep: str, target: int = 100) -> Letter:
    return Letter(client="=Acme & <Sons>", rep_id=rep, name=f"=cmd|{rep}", start=date(2027, 1, 1),
                  end=date(2028, 1, 1), as_of=date(2026, 12, 1), currency="ILS",
                  target=target)  # fmt: skip


def issued(rep: str, version: int = 1) -> Issued:
    return Issued(letter=letter(rep, version * 100), version=version, issued_on=date(2026, 12, 1))


def answer(one: Issued) -> Response:
    return Response(
        letter=one.hash,
        version=one.version,
        rep_id=one.letter.rep_id,
        read_on=date(2026, 12, 1),
        decision="not_accept",
        confidence=2,
        remarks='Too "high" & <steep>\nin March',
        worries=(Worry("target_too_high", "מרץ קצר"), Worry("data", "No deals before May")),
        ideas=("Price list \\ for schools",),
        goals=(Goal("win_rate.closed.count", "30 %", date(2027, 6, 30), "Two joint visits"),),
    )


@pytest.mark.parametrize("tongue", [EN, HE], ids=["en", "he"])
def test_what_is_written_is_read_back_in_both_kinds_and_languages(tongue) -> None:
    one = issued("R1")
    whole = answer(one)
    sheet, bent = read_sheet(response_sheet(one, language=tongue, response=whole))
    assert not bent
    assert response_of(sheet) == whole
    told, lines = read_toml(response_toml(one, language=tongue, response=whole).encode())
    assert response_of(told) == whole
    assert lines["goals", 0, "due"] > lines["worries", 1, "text"] > lines["read_on",]
    assert response_sheet(one, language=tongue) == response_sheet(one, language=tongue)


@pytest.mark.parametrize("tongue", [EN, HE], ids=["en", "he"])
def test_a_sheet_that_other_hands_fill_in_says_what_they_typed(tongue) -> None:
    one = issued("R1")
    blank = response_sheet(one, language=tongue)
    typed = {
        "B10": DAY, "B11": tongue.text("I do not accept"), "B12": 2,
        "C13": 'Too "high" & <steep>\nin March',
        "B16": tongue.text("target too high"), "C16": "מרץ קצר",
        "B17": "data", "C17": "No deals before May", "C25": "Price list \\ for schools",
        "B33": f"{tongue.text('Win rate by count')} · win_rate.closed.count", "C33": "30 %",
        "D33": "30/06/2027", "E33": "Two joint visits",
    }  # fmt: skip
    content, bent = read_sheet(filled_sheet(blank, typed))
    assert (response_of(content), bent) == (answer(one), {})


def test_the_sheet_is_locked_but_for_answers_and_offers_what_may_be_chosen() -> None:
    parts = members(response_sheet(issued("R1"), language=HE))
    sheet = parts[SHEET].decode()
    assert 'rightToLeft="1"' in sheet
    assert "<sheetProtection" in sheet
    unlocked = open_cells(parts)
    assert unlocked == {
        "B10", "B11", "B12", "C13", *(f"{c}{r}" for c in "BC" for r in range(16, 22)),
        *(f"C{r}" for r in range(25, 30)), *(f"{c}{r}" for c in "BCDE" for r in range(33, 36)),
    }  # fmt: skip
    lists = dict(re.findall(r'type="list"[^>]*sqref="([^"]+)"[^>]*><formula1>(.*?)<', sheet))
    assert lists["B11"] == "lists!$A$1:$A$3"
    assert lists["B12"] == '"1,2,3,4,5"'
    assert "B33" in lists
    strings = parts["xl/sharedStrings.xml"].decode()
    assert "win_rate.closed.count" in strings
    assert "<f>" not in sheet, "a client's name that begins with = is text"


class Kept:
    """A register in memory, which refuses one person."""

    def __init__(self) -> None:
        self.kept: list[Response] = []

    def __call__(self, response: Response) -> None:
        if response.rep_id == "R9":
            raise ScopeError("'dana' may not write this about R9.")
        self.kept.append(response)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of good, broken and hostile responses."""
    place = tmp_path_factory.mktemp("responses")
    known = {rep: issued(rep) for rep in ("R1", "R2", "R3", "R4", "R5", "R6", "R7", "R9")}
    new = issued("R2", 2)

    def toml(name: str, one: Issued, change: str = "", to: str = "") -> None:
        text = response_toml(one, language=EN, response=answer(one))
        assert not change or change in text, change
        (place / name).write_text(text.replace(change, to) if change else text, encoding="utf-8")

    def excel(name: str, one: Issued, answers: dict[str, str | int], formula: str = "") -> None:
        blank = response_sheet(one, language=EN, response=answer(one))
        (place / name).write_bytes(filled_sheet(blank, answers, formula))

    toml("a-good.toml", known["R1"])
    excel("b-good.xlsx", new, {"B11": "I accept"})
    toml("c-old.toml", known["R2"])
    excel("d-formula-cell.xlsx", known["R3"], {"B12": "HYPERLINK(1)"}, "B12")
    excel("e-formula-text.xlsx", known["R3"], {"C13": "=cmd|' /C calc'!A0", "B12": 7})
    toml("f-wrong-hash.toml", known["R3"], known["R3"].hash, "0" * 64)
    toml("g-other-person.toml", known["R4"], 'rep_id = "R4"', 'rep_id = "R1"')
    toml("h-stranger.toml", known["R4"], 'rep_id = "R4"', 'rep_id = "R404"')
    toml("i-long.toml", known["R4"], "No deals before May", "x" * 2001)
    toml("j-metric.toml", known["R5"], "win_rate.closed.count", "win_rate.closd")
    toml("k-twice.toml", known["R6"])
    toml("k-twice-other.toml", known["R6"], "confidence = 2", "confidence = 3")
    toml("l-same.toml", known["R7"])
    excel("l-same.xlsx", known["R7"], {})
    toml("m-refused.toml", known["R9"])
    (place / "n-broken.toml").write_text('read_on = "2026', encoding="utf-8")
    (place / "o-broken.xlsx").write_bytes(b"PK no workbook")
    (place / "p-other.xlsx").write_bytes(_other_workbook())
    (place / "q-letter.pdf").write_bytes(b"%PDF")
    (place / "r-huge.toml").write_bytes(b"#" * 1_000_001)
    digits = f"confidence = {'9' * 5000}"
    toml("t-digits.toml", known["R5"], "confidence = 2", digits)
    toml("u-hex.toml", known["R5"], "confidence = 2", f"confidence = 0x{'f' * 5000}")
    toml("v-hex-version.toml", known["R5"], "version = 1", f"version = 0x{'f' * 5000}")
    excel("w-digits.xlsx", known["R5"], {"B12": "9" * 400})
    whole = response_sheet(known["R5"], language=EN)
    (place / "x-damaged.xlsx").write_bytes(_damaged(whole))
    (place / "y-no-sheet.xlsx").write_bytes(_without_sheets(whole))
    (place / "s-link.toml").symlink_to(place / "a-good.toml")
    (place / ".hidden").write_text("x", encoding="utf-8")
    (place / "~$b-good.xlsx").write_text("x", encoding="utf-8")
    return place


def _damaged(content: bytes) -> bytes:
    """The same file as a bad line delivers it: bytes of its sheet turned over."""
    at = content.index(SHEET.encode()) + len(SHEET)
    return content[:at] + bytes(255 - byte for byte in content[at : at + 40]) + content[at + 40 :]


def _without_sheets(content: bytes) -> bytes:
    parts = members(content)
    book = parts["xl/workbook.xml"]
    parts["xl/workbook.xml"] = re.sub(rb"<sheets>.*</sheets>", b"<sheets/>", book)
    return packed(parts)


def _other_workbook() -> bytes:
    import io

    from xlsxwriter import Workbook

    sink = io.BytesIO()
    with Workbook(sink) as book:
        book.add_worksheet().write("A1", "Sales")
    return sink.getvalue()


LETTERS = {"R2": [issued("R2"), issued("R2", 2)]}


def letters(rep: str) -> list[Issued]:
    return LETTERS.get(rep, [] if rep == "R404" else [issued(rep)])


@pytest.fixture(scope="module")
def imported(folder: Path) -> tuple[Imported, Kept]:
    kept = Kept()
    return import_folder(folder, letters=letters, keep=kept), kept


def test_good_ones_are_taken_and_nothing_is_lost(imported, folder: Path) -> None:
    found, kept = imported
    assert [one.file for one in found.taken] == [
        "a-good.toml", "b-good.xlsx", "c-old.toml", "l-same.toml"
    ]  # fmt: skip
    assert kept.kept == [one.response for one in found.taken]
    assert kept.kept[0] == answer(issued("R1"))
    refused = {one.file for one in found.refused}
    told = [*(one.file for one in found.taken), *refused, *found.passed_over]
    assert sorted(told) == sorted(path.name for path in folder.iterdir())
    assert found.passed_over == (".hidden", "~$b-good.xlsx")


WANTED = {
    "d-formula-cell.xlsx": ("cell B12: Confidence: it holds a formula",),
    "e-formula-text.xlsx": (
        "cell B12: Confidence: found 7; write a whole number, 1 to 5",
        "cell C13: Remarks: found =cmd",
    ),
    "f-wrong-hash.toml": ("line 3: Letter: found 000000000000, which is not the letter of R3",),
    "g-other-person.toml": ("line 3: Letter: found", "not the letter of R1, version 1"),
    "h-stranger.toml": ("line 5: Person: no letter was issued to R404",),
    "i-long.toml": ("Worry 2, text: it has 2,001 characters; at most 2,000",),
    "j-metric.toml": ("Goal 1, metric: there is no metric win_rate.closd", "win_rate.closed"),
    "k-twice.toml": ("answers the same letter as k-twice-other.toml, in another way; keep one",),
    "k-twice-other.toml": ("answers the same letter as k-twice.toml",),
    "l-same.xlsx": ("says the same as l-same.toml, which was taken",),
    "m-refused.toml": ("'dana' may not write this about R9.",),
    "n-broken.toml": ("not valid TOML", "What to do: Correct that line"),
    "o-broken.xlsx": ("cannot be opened as an Excel workbook",),
    "p-other.xlsx": ("This is not the sheet of a response.", "cell E1: nothing"),
    "q-letter.pdf": ("Only .xlsx and .toml files are read. Found: .pdf",),
    "r-huge.toml": ("The file is too large. Found: 1,000,001 bytes",),
    "s-link.toml": ("This is a link",),
    "t-digits.toml": ("not valid TOML in UTF-8. Found: Exceeds the limit",),
    "u-hex.toml": ("Confidence: found …; write a whole number, 1 to 5",),
    "v-hex-version.toml": ("Version of the letter: found …; leave this field as it was",),
    "w-digits.xlsx": ("cell B12: Confidence: found 9999",),
    "x-damaged.xlsx": ("cannot be opened as an Excel workbook",),
    "y-no-sheet.xlsx": ("cannot be opened as an Excel workbook",),
}


def test_each_fault_is_told_by_file_place_what_was_found_and_what_to_do(imported) -> None:
    told: dict[str, str] = {one.file: "\n".join(one.tell(EN)) for one in imported[0].refused}
    assert set(told) == set(WANTED)
    for file, parts in WANTED.items():
        for part in parts:
            assert part in told[file], (file, told[file])
        assert told[file].startswith(file)


def test_an_answer_to_an_older_letter_is_told_as_such(imported) -> None:
    lines = tell_imported(imported[0])
    assert "c-old.toml: taken, R2, version 1" in lines
    assert "c-old.toml: version 2 was issued since, and needs a new answer" in lines
    assert len([line for line in lines if "needs a new answer" in line]) == 1
    assert "נקלט" in tell_imported(imported[0], code="he")[0]
