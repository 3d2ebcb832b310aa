"""A review as an Excel file to fill in: the scale to choose from, the self-rating beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from spm_lib.core.bidi import tame
from spm_lib.core.errors import TeamError
from spm_lib.core.language import Language
from spm_lib.team.following.review import Review
from spm_lib.team.following.review_form import (
    ReviewForm,
    Side,
    fault_at,
    place_name,
    rating_faults,
)
from spm_lib.team.records.rating import AREAS, SCALE
from spm_lib.team.responses.response_faults import Place
from spm_lib.team.responses.sheet_cells import SheetCells, sheet_cells, whole_number
from spm_lib.team.responses.sheet_styles import SheetStyles, new_book
from spm_lib.workspace import Fault, all_in_one

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

MARK, MARK_CELL = "spm review 1", "F1"
MOST_GOALS = 5
_HEAD = {"rep_id": 3, "period": 4, "side": 5}
_AREAS, _REMARK, _GOALS = 9, 15, 17
_WITHOUT = _GOALS + MOST_GOALS + 1
_WIDTHS = {"A:A": 28, "B:B": 12, "C:C": 60, "D:D": 14, "E:E": 44, "F:F": 14}
_TALL = 32  # points: room for two lines


def cells() -> dict[Place, str]:
    """Return the cell of each field.

    Examples
    --------
    >>> cells()["scores", 2, "rating"], cells()["next_goals", 0]
    ('B11', 'C17')
    """
    found: dict[Place, str] = {(key,): f"B{row}" for key, row in _HEAD.items()}
    for at in range(len(AREAS)):
        found["scores", at, "rating"] = f"B{_AREAS + at}"
        found["scores", at, "ground"] = f"C{_AREAS + at}"
    found["remark",] = f"C{_REMARK}"
    for at in range(MOST_GOALS):
        found["next_goals", at] = f"C{_GOALS + at}"
    found["without_self",] = f"C{_WITHOUT}"
    return found


def review_sheet(review: Review, side: Side, *, language: Language, on: date) -> bytes:
    """Return the Excel form of one side's ratings; only the cells of answers are open.

    Parameters
    ----------
    review
        What is there already: the manager reads the self-rating beside each area.
    side
        Whose form.
    language
        Of the words; a Hebrew sheet runs from right to left.
    on
        The day, so that the same form is the same bytes.

    Raises
    ------
    MissingExtraError
        If XlsxWriter is not installed.
    """
    sink, book = new_book(on)
    sheet = book.add_worksheet(language.text("Review"))
    _Sheet(sheet, SheetStyles.of(book, language), language).write(review, side)
    book.close()
    return sink.getvalue()


class _Sheet:
    """The sheet of one side, as it is written."""

    def __init__(self, sheet: Worksheet, styles: SheetStyles, language: Language) -> None:
        self.sheet, self.styles, self.language = sheet, styles, language

    def write(self, review: Review, side: Side) -> None:
        """Write all of it."""
        if self.language.direction == "rtl":
            self.sheet.right_to_left()
        for columns, width in _WIDTHS.items():
            self.sheet.set_column(columns, width, self.styles.plain)
        self._head(review, side)
        self._areas(review, side)
        self._words(review, side)
        self.sheet.protect("", {"format_rows": True, "format_columns": True})
        self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 0)

    def _text(self, cell: str, text: str, style: Any = None) -> None:
        self.sheet.write_string(cell, tame(text), style or self.styles.plain)

    def _say(self, cell: str, msgid: str, style: Any = None) -> None:
        self._text(cell, self.language.text(msgid), style)

    def _head(self, review: Review, side: Side) -> None:
        said = {"rep_id": "Person", "period": "Period", "side": "Whose rating"}
        told = {"rep_id": review.rep_id, "period": review.period, "side": side}
        self.sheet.set_row(0, 24)
        self._say("A1", "Review", self.styles.title)
        self._text(MARK_CELL, MARK, self.styles.faint)
        self._say("A2", "Fill in the yellow cells, save the file, and send it back.")
        for key, row in _HEAD.items():
            self._say(f"A{row}", said[key])
            self._text(f"B{row}", told[key], self.styles.wrapped)
        said_so = self.language.text(side.capitalize())
        if said_so.lower() != side:  # the word that is read back is the same in every language
            self._text(f"C{_HEAD['side']}", said_so)
        scale = [f"{rating} {self.language.text(words)}" for rating, words in SCALE.items()]
        self._text("A7", " · ".join(scale), self.styles.faint)

    def _areas(self, review: Review, side: Side) -> None:
        own = {score.area: score for score in review.own.scores} if review.own else {}
        beside = side == "manager" and bool(own)
        heads = {"A": "Area", "B": "Rating", "C": "Ground"}
        heads |= {"D": "Self", "E": "Ground"} if beside else {}
        for column, msgid in heads.items():
            self._say(f"{column}{_AREAS - 1}", msgid, self.styles.strong)
        for row, area in enumerate(AREAS, start=_AREAS):
            self.sheet.set_row(row - 1, _TALL)
            self._say(f"A{row}", area.replace("_", " "), self.styles.wrapped)
            self._blank(f"B{row}")
            self._blank(f"C{row}")
            said = self.language.text("Choose one of the list.")
            rule = {"validate": "list", "source": list(SCALE), "error_message": said}
            self.sheet.data_validation(f"B{row}", rule)
            if beside and area in own:
                self.sheet.write_number(f"D{row}", own[area].rating, self.styles.wrapped)
                self._text(f"E{row}", own[area].ground, self.styles.wrapped)

    def _words(self, review: Review, side: Side) -> None:
        self._say(f"A{_REMARK}", "Remark", self.styles.strong)
        self._say(f"A{_GOALS}", "Goals for the next period", self.styles.strong)
        rows = [_REMARK, *range(_GOALS, _GOALS + MOST_GOALS)]
        if side == "manager" and review.own is None:
            said = "Why there is no self-rating, which comes first."
            self._say(f"A{_WITHOUT}", said, self.styles.wrapped)
            rows.append(_WITHOUT)
        for row in rows:
            self.sheet.set_row(row - 1, _TALL)
            self._blank(f"C{row}")

    def _blank(self, cell: str) -> None:
        self.sheet.write_blank(cell, None, self.styles.open)


def read_review_sheet(content: bytes, *, name: str) -> ReviewForm:
    """Return what was filled in on a sheet that ``review_sheet`` wrote.

    Parameters
    ----------
    content
        The file.
    name
        Of the file, for the errors.

    Raises
    ------
    TeamError
        If it is not such a sheet, holds a formula, or says what cannot be: all faults at once,
        each by its cell.
    """
    found = sheet_cells(content, mark=MARK, at=MARK_CELL, what="a review")
    places = cells()
    faults = [
        Fault(f"cell {cell}", "it holds a formula", "Type the answer as plain text")
        for cell in places.values()
        if cell in found.formulas
    ]
    try:
        form = ReviewForm.model_validate(_content(found, places))
    except ValidationError as error:
        told = [(tuple(one["loc"]), one) for one in error.errors(include_url=False)]
        faults += [_fault(_where(place, places), one) for place, one in told]
        raise TeamError(all_in_one(name, faults)) from None
    faults += [
        fault_at(_where(place, places), error)
        for place, error in rating_faults(form)
        if places.get(place) not in found.formulas
    ]
    if faults:
        raise TeamError(all_in_one(name, faults))
    return form


def _content(found: SheetCells, places: Mapping[Place, str]) -> dict[str, Any]:
    told = {place: found.value(cell) or "" for place, cell in places.items()}
    made: dict[str, Any] = {key: told[key,] for key in (*_HEAD, "remark", "without_self")}
    made["scores"] = [
        {
            "area": area,
            "rating": whole_number(told["scores", at, "rating"]) or 0,
            "ground": told["scores", at, "ground"],
        }
        for at, area in enumerate(AREAS)
    ]
    made["next_goals"] = [told["next_goals", at] for at in range(MOST_GOALS)]
    return made


def _where(place: Place, places: Mapping[Place, str]) -> str:
    return f"cell {places[place]}" if place in places else place_name(place)


def _fault(where: str, error: Mapping[str, Any]) -> Fault:
    if where.endswith(tuple(f"B{row}" for row in range(_AREAS, _AREAS + len(AREAS)))):
        do = f"Choose a whole number from 1 to {len(SCALE)}"
    else:
        do = str(error["msg"])
    return Fault(where, f"found {error['input']!r}", do)
