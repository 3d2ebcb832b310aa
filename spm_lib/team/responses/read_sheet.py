"""A filled in Excel file read back: each field with its cell, formulas told from answers."""

from __future__ import annotations

from typing import Any

from spm_lib.team.responses.choices import CATEGORY_WORDS, DECISION_WORDS, chosen, chosen_metric
from spm_lib.team.responses.response_faults import Place
from spm_lib.team.responses.response_of import MOST
from spm_lib.team.responses.sheet_cells import day_text, sheet_cells, whole_number
from spm_lib.team.responses.sheet_layout import MARK, MARK_CELL, cells


def read_sheet(content: bytes) -> tuple[dict[str, Any], dict[Place, str]]:
    """Return what an Excel file of a response says, and the cells that hold a formula.

    Parameters
    ----------
    content
        Bytes of the file that ``response_sheet`` wrote and somebody filled in.

    Returns
    -------
    The content for ``response_of`` (empty cells are None), and each field that holds a formula
    with its cell.

    Raises
    ------
    TeamError
        If it is no workbook, too large when unpacked, or not the sheet of a response.
    """
    found = sheet_cells(content, mark=MARK, at=MARK_CELL, what="a response")
    places = cells()
    told = {place: found.value(cell) for place, cell in places.items()}
    bent = {place: cell for place, cell in places.items() if cell in found.formulas}
    return _content(told), bent


def _content(told: dict[Place, str | None]) -> dict[str, Any]:
    made: dict[str, Any] = {key: told[key,] for key in ("letter", "rep_id", "remarks")}
    made |= {key: whole_number(told[key,]) for key in ("version", "confidence")}
    made["read_on"] = day_text(told["read_on",])
    made["decision"] = chosen(DECISION_WORDS, told["decision",])
    made["worries"] = [
        {
            "category": chosen(CATEGORY_WORDS, told["worries", at, "category"]),
            "text": told["worries", at, "text"],
        }
        for at in range(MOST["worries"])
    ]
    made["ideas"] = [told["ideas", at] for at in range(MOST["ideas"])]
    made["goals"] = [
        {
            "metric": chosen_metric(told["goals", at, "metric"]),
            "measure": told["goals", at, "measure"],
            "due": day_text(told["goals", at, "due"]),
            "help_wanted": told["goals", at, "help_wanted"],
        }
        for at in range(MOST["goals"])
    ]
    return made
