"""The Excel form of a review: filled in by other hands, read back, each fault by its cell."""

from __future__ import annotations

import re
from datetime import date

import pytest

from spm_lib.core.errors import TeamError
from spm_lib.core.language import language
from spm_lib.sources.excel import excel_texts
from spm_lib.team import (
    Rating,
    Review,
    Score,
    read_form,
    read_review_sheet,
    record_of_review,
    review_form,
    review_sheet,
)
from spm_lib.team.following.review_form import ReviewForm
from spm_lib.team.records.rating import AREAS
from tests.team.fill_in import SHEET, filled_sheet, members, open_cells

EN, HE = language("en"), language("he")
ON = date(2026, 10, 14)
EMPTY_ZIP = b"PK\x05\x06" + bytes(18)
OWN = Rating("R1", "2026-Q3", tuple(Score(area, 4, f"=seen {area}") for area in AREAS))
TYPED = {
    "B9": 5, "C9": "120 %, two large deals", "B11": 2, "C11": 'מערכת ה-CRM "ריקה" <ביולי>',
    "C15": "A good quarter & a long one", "C17": "Qualify harder", "C19": "יותר ביקורים",
}  # fmt: skip
FILLED = Rating(
    "R1",
    "2026-Q3",
    (Score("goals_and_attainment", 5, TYPED["C9"]), Score("crm_hygiene", 2, str(TYPED["C11"]))),
    remark="A good quarter & a long one",
    next_goals=("Qualify harder", "יותר ביקורים"),
)


def blank(side: str = "self", own: Rating | None = None, tongue=EN) -> bytes:
    return review_sheet(Review("R1", "2026-Q3", own, None), side, language=tongue, on=ON)  # type: ignore[arg-type]


@pytest.mark.parametrize("tongue", [EN, HE], ids=["en", "he"])
@pytest.mark.parametrize(("side", "own"), [("self", None), ("manager", OWN)])
def test_what_other_hands_typed_is_read_back(side: str, own: Rating | None, tongue) -> None:
    form = read_review_sheet(filled_sheet(blank(side, own, tongue), TYPED), name="review.xlsx")
    assert form.side == side
    assert record_of_review(form) == FILLED
    assert blank(side, own, tongue) == blank(side, own, tongue)


def test_the_toml_and_the_sheet_say_the_same() -> None:
    """A form left as it was: both are refused for the same reason, and read to the same."""
    review = Review("R1", "2026-Q3", None, None)
    toml = review_form(review, "self", language=EN)
    same = read_form(toml.encode(), ReviewForm, name="review.toml")
    told = {
        key: getattr(same, key) for key in ("rep_id", "period", "side", "remark", "without_self")
    }
    with pytest.raises(TeamError, match="No area is rated") as error:
        read_review_sheet(blank(), name="review.xlsx")
    with pytest.raises(TeamError, match="No area is rated"):
        record_of_review(same)
    assert "review.xlsx says one thing" in str(error.value)
    sheet = read_review_sheet(filled_sheet(blank(), {"B9": 3, "C9": "met"}), name="review.xlsx")
    assert {key: getattr(sheet, key) for key in told} == told


def test_the_manager_reads_the_self_rating_and_no_formula_stands_anywhere() -> None:
    content = blank("manager", OWN, HE)
    parts = members(content)
    sheet = parts[SHEET].decode()
    assert 'rightToLeft="1"' in sheet
    assert excel_texts(content, file="review").item(4, 2) == HE.text("Manager") != "Manager"
    assert "<f>" not in sheet
    grid = excel_texts(content, file="review")
    assert [grid.item(row - 1, 3) for row in range(9, 14)] == ["4"] * 5
    assert grid.item(8, 4) == "=seen goals_and_attainment"
    assert open_cells(parts) == {f"{c}{r}" for c in "BC" for r in range(9, 14)} | {
        "C15", *(f"C{r}" for r in range(17, 22))
    }  # fmt: skip
    lists = dict(re.findall(r'type="list"[^>]*sqref="([^"]+)"[^>]*><formula1>(.*?)<', sheet))
    assert all(lists[f"B{row}"] == '"1,2,3,4,5"' for row in range(9, 14))
    alone = blank("manager")
    said = excel_texts(alone, file="review").item(22, 0)
    assert said == "Why there is no self-rating, which comes first."
    assert "C23" in open_cells(members(alone))


def test_every_fault_is_named_by_its_cell() -> None:
    typed = {"B9": 7, "C9": "far above", "B10": 3, "C11": "said, not rated", "C12": "x" * 2001,
             "B12": 2, "B13": 4, "C13": "1+1"}  # fmt: skip
    broken = filled_sheet(blank(), typed, formulas="C13")
    with pytest.raises(TeamError) as error:
        read_review_sheet(broken, name="review.xlsx")
    told = str(error.value)
    assert "review.xlsx says 5 things" in told
    for said in (
        "cell C13: it holds a formula",
        "cell B9: The rating is a whole number from 1 to 5 (found 7)",
        "cell C10: The ground of the rating is missing",
        "cell B11: The rating is a whole number from 1 to 5 (found 0)",
        "cell C12: The ground of the rating is too long (found 2001 signs)",
    ):
        assert said in told
    with pytest.raises(TeamError) as error:
        read_review_sheet(filled_sheet(blank(), {"B9": "good", "B10": "4.5"}), name="review.xlsx")
    assert "cell B9: found 'good'. Choose a whole number from 1 to 5." in str(error.value)
    assert "cell B10: found '4.5'" in str(error.value)


@pytest.mark.parametrize("content", [b"", b"no workbook", b"PK\x03\x04 torn", EMPTY_ZIP])
def test_what_is_no_sheet_of_a_review_is_refused(content: bytes) -> None:
    with pytest.raises(TeamError, match="cannot be opened as an Excel workbook") as error:
        read_review_sheet(content, name="review.xlsx")
    assert str(error.value).count("What to do") == 1
    moved = filled_sheet(blank(), {"F1": "spm response 1"})
    with pytest.raises(TeamError, match="not the sheet of a review"):
        read_review_sheet(moved, name="review.xlsx")
