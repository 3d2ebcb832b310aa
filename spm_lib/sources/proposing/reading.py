"""How the text of one file is to be read: only what its own values prove."""

from __future__ import annotations

from collections.abc import Iterable

from spm_lib.sources.proposing.findings import Finding
from spm_lib.sources.proposing.profile import ColumnProfile
from spm_lib.sources.proposing.survey import FoundFile
from spm_lib.sources.proposing.toml_text import array, quoted

UNDECIDED = '"?"'
Line = tuple[str, str, str]
"""A line of the proposal: key, value as TOML, why."""


def reading_lines(
    file: FoundFile, *, used: Iterable[str], place: str
) -> tuple[list[Line], list[Finding]]:
    """Return the reading keys of a file, and what was found or could not be told about them."""
    columns = [file.profile(c) for c in used]
    lines: list[Line] = []
    findings: list[Finding] = []
    if not file.header:
        names = [c.name for c in file.columns]
        lines += [("header", "false", "the first line is data"), ("names", array(names), "")]
        findings.append(
            Finding("question", place, "the file has no header: give its columns names")
        )
    for line, finding in (_dates(columns, place), _decimal(columns, place)):
        lines += [line] if line else []
        findings += [finding] if finding else []
    return lines, findings


def _dates(columns: list[ColumnProfile], place: str) -> tuple[Line | None, Finding | None]:
    written = [c for c in columns if c.kind == "date" and c.dates.numeric]
    if not written:
        return None, None
    place = f"{place} dates"
    day = next((c for c in written if c.dates.day_first), None)
    month = next((c for c in written if c.dates.month_first), None)
    if day and month:
        text = (
            f'both orders of day and month: "{day.name}" has {day.dates.day_first}, '
            f'"{month.name}" has {month.dates.month_first}; have it exported again in one order'
        )
        return ("dates", UNDECIDED, text), Finding("question", place, text)
    if not day and not month:
        example = written[0].dates.example
        text = f'is {example} ("{written[0].name}") day-first or month-first? No value exceeds 12'
        return ("dates", UNDECIDED, text), Finding("question", place, text)
    proof = day or month
    assert proof is not None
    order = "day-first" if day else "month-first"
    value = proof.dates.day_first if day else proof.dates.month_first
    text = f'{order}, proved by {value} in "{proof.name}"'
    return ("dates", quoted(order), text), Finding("guess", place, text)


def _decimal(columns: list[ColumnProfile], place: str) -> tuple[Line | None, Finding | None]:
    comma = next((c for c in columns if c.decimal_comma), None)
    point = next((c for c in columns if c.decimal_point), None)
    place = f"{place} decimal"
    if comma and point:
        text = (
            f'two decimal signs: "{comma.name}" has {comma.decimal_comma}, '
            f'"{point.name}" has {point.decimal_point}'
        )
        return ("decimal", UNDECIDED, text), Finding("question", place, text)
    if comma:
        text = f'a comma, as in {comma.decimal_comma} of "{comma.name}"'
        return ("decimal", '","', text), Finding("guess", place, text)
    return None, None
