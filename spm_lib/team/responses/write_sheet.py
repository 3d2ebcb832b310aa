"""The response as an Excel file to fill in: lists to choose from, everything else locked."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from spm_lib.core.bidi import tame
from spm_lib.core.language import Language
from spm_lib.team.letters.letter_files import Issued
from spm_lib.team.responses.choices import (
    CATEGORY_WORDS,
    CONFIDENCE_WORDS,
    DECISION_WORDS,
    metric_choices,
)
from spm_lib.team.responses.response import Response
from spm_lib.team.responses.response_faults import FIELDS, Place
from spm_lib.team.responses.response_of import LONGEST_TEXT, MOST, response_content
from spm_lib.team.responses.sheet_layout import (
    GOAL_COLUMNS,
    GOALS,
    HEAD,
    IDEAS,
    MARK,
    MARK_CELL,
    SINGLE,
    WORRIES,
    cells,
)
from spm_lib.team.responses.sheet_styles import SheetStyles, new_book

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_WIDTHS = {"A:A": 24, "B:B": 34, "C:C": 60, "D:D": 16, "E:E": 40}
_TALL = 32  # points: room for two lines
_GOAL_HEADS = {"metric": "Metric", "measure": "What is to be reached", "due": "By when",
               "help_wanted": "Help wanted"}  # fmt: skip
_MULTILINE = ("remarks", "worries", "ideas", "goals")


def response_sheet(
    issued: Issued, *, language: Language, response: Response | None = None
) -> bytes:
    """Return the Excel file in which a person answers an issued letter.

    Only the cells of answers are open; choices come from lists. The same letter gives the same
    bytes.

    Parameters
    ----------
    issued
        The letter that is answered.
    language
        Of the words; a Hebrew sheet runs from right to left.
    response
        Filled in already; null: blank.

    Raises
    ------
    MissingExtraError
        If XlsxWriter is not installed.
    """
    sink, book = new_book(issued.issued_on)
    _Sheet(book, issued, language).write(response)
    book.close()
    return sink.getvalue()


class _Sheet:
    """The sheet of one letter, as it is written."""

    def __init__(self, book: Workbook, issued: Issued, language: Language) -> None:
        self.issued, self.language = issued, language
        self.sheet: Worksheet = book.add_worksheet(language.text("Response"))
        self.lists: Worksheet = book.add_worksheet("lists")
        styles = SheetStyles.of(book, language)
        self.plain, self.wrapped, self.strong = styles.plain, styles.wrapped, styles.strong
        self.title, self.faint = styles.title, styles.faint
        self.open, self.day = styles.open, styles.day

    def write(self, response: Response | None) -> None:
        """Write all of it, filled in with a response where there is one."""
        sheet = self.sheet
        if self.language.direction == "rtl":
            sheet.right_to_left()
        for columns, width in _WIDTHS.items():
            sheet.set_column(columns, width, self.plain)
        self._head()
        self._labels()
        self._choices()
        self._answers(response)
        sheet.protect("", {"format_rows": True, "format_columns": True})
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        self.lists.hide()

    def _text(self, cell: str, text: str, style: Any = None) -> None:
        self.sheet.write_string(cell, tame(text), style or self.plain)

    def _say(self, cell: str, msgid: str, style: Any = None) -> None:
        self._text(cell, self.language.text(msgid), style)

    def _head(self) -> None:
        letter = self.issued.letter
        self.sheet.set_row(0, _TALL)
        self._say("A1", "Response to the plan letter", self.title)
        self._text(MARK_CELL, MARK, self.faint)
        self._text("A2", f"{letter.client} · {letter.name}", self.strong)
        self._say("A3", "Fill in the yellow cells, save the file, and send it back.")
        for key, row in HEAD.items():
            self._say(f"A{row}", FIELDS[key])
        self._text(f"B{HEAD['letter']}", self.issued.hash, self.faint)
        self.sheet.write_number(f"B{HEAD['version']}", self.issued.version, self.wrapped)
        self._text(f"B{HEAD['rep_id']}", letter.rep_id, self.wrapped)
        if letter.target is not None:
            self._say("A7", "Target")
            self._text("B7", self._target(), self.wrapped)

    def _target(self) -> str:
        letter = self.issued.letter
        if letter.metric.endswith("count"):
            return self.language.number(letter.target)
        return self.language.money(letter.target, letter.currency)

    def _labels(self) -> None:
        for key, row in SINGLE.items():
            self._say(f"A{row}", FIELDS[key], self.strong)
        self.sheet.set_row(SINGLE["remarks"] - 1, _TALL)
        goals = {GOAL_COLUMNS[key]: head for key, head in _GOAL_HEADS.items()}
        heads = {WORRIES: ("worries", {"B": "Category", "C": "Text"}),
                 IDEAS: ("ideas", {"C": "Text"}),
                 GOALS: ("goals", goals)}  # fmt: skip
        for row, (name, columns) in heads.items():
            self._say(f"A{row - 1}", FIELDS[name], self.strong)
            for column, msgid in columns.items():
                self._say(f"{column}{row - 1}", msgid, self.strong)
            for at in range(MOST[name]):
                self.sheet.write_number(f"A{row + at}", at + 1, self.faint)
                self.sheet.set_row(row + at - 1, _TALL)

    def _choices(self) -> None:
        """Write what there is to choose from on the hidden sheet, and tie cells to it."""
        told = self.language.text
        columns = {
            "A": ([told(word) for word in DECISION_WORDS.values()], ["B11"]),
            "B": ([told(word) for word in CATEGORY_WORDS.values()], self._cells("category")),
            "C": (list(metric_choices(self.language).values()), self._cells("metric")),
        }
        for column, (values, targets) in columns.items():
            for row, value in enumerate(values, start=1):
                self.lists.write_string(f"{column}{row}", value)
            for cell in targets:
                source = f"=lists!${column}$1:${column}${len(values)}"
                self._check(cell, {"validate": "list", "source": source},
                            "Choose one of the list.")  # fmt: skip
        words = [told(word) for word in CONFIDENCE_WORDS.values()]
        self._text(f"C{SINGLE['confidence']}", ", ".join(words), self.faint)
        self._check(f"B{SINGLE['confidence']}", {"validate": "list", "source": [1, 2, 3, 4, 5]},
                    "Choose one of the list.")  # fmt: skip
        first, last = datetime(2000, 1, 1), datetime(2199, 12, 31)  # noqa: DTZ001 - days only
        rule = {"validate": "date", "criteria": "between", "minimum": first, "maximum": last}
        for cell in (f"B{SINGLE['read_on']}", *self._cells("due")):
            self._check(cell, rule, "Write a day, such as 2026-12-31.")

    def _cells(self, key: str) -> list[str]:
        return [cell for place, cell in cells().items() if place[-1] == key]

    def _check(self, cell: str, rule: dict[str, Any], msgid: str) -> None:
        said = self.language.text(msgid)
        self.sheet.data_validation(cell, {**rule, "error_message": said})

    def _answers(self, response: Response | None) -> None:
        given = {} if response is None else self._given(response)
        for place, cell in cells().items():
            if place[0] in HEAD:
                continue
            value = given.get(place)
            days = place[-1] in ("read_on", "due")
            style = self.day if days else self.open
            if isinstance(value, datetime):
                self.sheet.write_datetime(cell, value, style)
            elif isinstance(value, int):
                self.sheet.write_number(cell, value, style)
            elif value:
                self.sheet.write_string(cell, value, style)
            else:
                self.sheet.write_blank(cell, None, style)
            if place[0] in _MULTILINE and place[-1] in ("text", "remarks", "measure"):
                rule = {"validate": "length", "criteria": "<=", "value": LONGEST_TEXT}
                self._check(cell, rule, "This is too long: shorten it.")

    def _given(self, response: Response) -> dict[Place, Any]:
        """Return what a response says, field by field, as the sheet shows it."""
        told, found = response_content(response), {}
        for key in SINGLE:
            found[key,] = told[key]
        found["read_on",] = datetime.combine(response.read_on, time())
        found["decision",] = self.language.text(DECISION_WORDS[response.decision])
        names = metric_choices(self.language)
        for at, worry in enumerate(response.worries):
            found["worries", at, "category"] = self.language.text(CATEGORY_WORDS[worry.category])
            found["worries", at, "text"] = worry.text
        for at, idea in enumerate(response.ideas):
            found["ideas", at] = idea
        for at, goal in enumerate(response.goals):
            found["goals", at, "metric"] = names.get(goal.metric, goal.metric)
            found["goals", at, "measure"] = goal.measure
            found["goals", at, "due"] = datetime.combine(goal.due, time())
            found["goals", at, "help_wanted"] = goal.help_wanted
        return found
