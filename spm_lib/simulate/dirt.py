"""Realistic dirt: faults planted into the rows of an export, each noted with where it went.

Works on raw rows (dicts of text), so that every fault looks as it does in a real file. Every row
gets at most one fault; the note names the row by its key until the file's line is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from spm_lib.simulate.presets import Dirt
from spm_lib.simulate.world import World

Row = dict[str, str | None]
PRODUCT_VARIANT = ("GalilERP Pro", "GalilERPPro")
BAD_DATES = ("31/02/2025", "TBD", "00/00/0000", "2025-13-05", "בקרוב")
BAD_AMOUNTS = ("approx 20k", "n/a?", "12.000.00", "לבדוק")
UNKNOWN_OWNERS = ("R99", "system.user", "")


@dataclass(frozen=True)
class Planted:
    """One planted fault: kind, file, line (1 is the header), deal, column and what was written."""

    kind: str
    file: str
    line: int
    opportunity_id: str
    column: str
    written: str


@dataclass(frozen=True)
class Fault:
    """A fault to plant: how often, in which column, on which rows, and what is written there."""

    kind: str
    count: int
    column: str
    fits: Callable[[Row], bool]
    value: Callable[[Row, int], str | None]


def _one_of(words: tuple[str, ...]) -> Callable[[Row, int], str]:
    """Return a writer that goes through words in turn."""
    return lambda _, k: words[k % len(words)]


@dataclass
class Soil:
    """The rows of a file while faults are planted, with notes of what was planted where."""

    rows: list[Row]
    order: Iterator[int]
    notes: list[tuple[int, str, str, str]] = field(default_factory=list)
    used: set[int] = field(default_factory=set)

    def pick(self, count: int, fits: Callable[[Row], bool]) -> list[int]:
        """Choose rows without a fault that fit."""
        chosen: list[int] = []
        while len(chosen) < count:
            row = next(self.order, None)
            if row is None:
                break
            if row not in self.used and fits(self.rows[row]):
                chosen.append(row)
        self.used.update(chosen)
        return chosen

    def write(self, row: int, kind: str, column: str, value: str | None) -> None:
        """Write a faulty value into a row and note it."""
        self.rows[row] = self.rows[row] | {column: value}
        self.notes.append((row, kind, column, value or ""))

    def again(self, row: int, kind: str, changes: Row) -> None:
        """Append a row once more, with changes, and note it."""
        self.rows.append(self.rows[row] | changes)
        column = next(iter(changes), "")
        self.notes.append((len(self.rows) - 1, kind, column, changes.get(column) or ""))


def _soil(world: World, rows: list[Row], stream: str) -> Callable[[], Soil]:
    """Return rows to plant in, in a random order that is walked anew for each kind of fault."""
    soil = Soil(rows, iter(()))
    turn = iter(range(1000))

    def walk() -> Soil:
        levels = world.chance(stream).uniform(np.arange(len(rows)), draw=next(turn))
        soil.order = iter(np.argsort(levels, kind="stable").tolist())
        return soil

    return walk


def _always(_: Row) -> bool:
    return True


def _open(row: Row) -> bool:
    return not (row["Stage"] or "").startswith("Closed")


def _closed(row: Row) -> bool:
    return (row["Stage"] or "").startswith("Closed")


def _won(row: Row) -> bool:
    return row["Stage"] == "Closed Won"


def _value_faults(dirt: Dirt, rows: int) -> list[Fault]:
    """Return the faults of a single value, in the order in which they are planted."""
    stray, written = PRODUCT_VARIANT
    half = dirt.unreadable_dates // 2
    return [
        Fault(
            "unreadable_date",
            dirt.unreadable_dates - half,
            "Close Date",
            _closed,
            _one_of(BAD_DATES),
        ),
        Fault("unreadable_date", half, "Created", _closed, _one_of(BAD_DATES[::-1])),
        Fault(
            "unreadable_amount", dirt.unreadable_amounts, "Amount", _always, _one_of(BAD_AMOUNTS)
        ),
        Fault("bracketed_amount", dirt.bracketed_amounts, "Amount", _closed, _one_of(("(500)",))),
        Fault("unknown_owner", dirt.unknown_owners, "Owner", _always, _one_of(UNKNOWN_OWNERS)),
        Fault("undated", dirt.undated, "Created", _open, _one_of(("",))),
        Fault(
            "product_variant",
            dirt.product_variant,
            "Product",
            lambda row: row["Product"] == stray,
            _one_of((written,)),
        ),
        Fault(
            "plan_as_close_date",
            dirt.plan_as_close_date,
            "Close Date",
            _open,
            lambda row, _: row["Expected Close"],
        ),
        Fault(
            "close_before_created",
            dirt.close_before_created,
            "Close Date",
            _closed,
            _one_of(("01/03/2023",)),
        ),
        Fault("future_row", dirt.future_rows, "Created", _open, _one_of(("15/11/2026",))),
        Fault(
            "shekel_amount",
            dirt.shekel_amounts,
            "Amount",
            lambda row: bool(row["Amount"]),
            lambda row, _: f"₪{float(row['Amount'] or 0):,.0f}",
        ),
        Fault(
            "missing_amount",
            int(dirt.missing_amounts * rows),
            "Amount",
            lambda row: not _won(row),
            _one_of(("", "", "-")),
        ),
    ]


def plant_in_opportunities(
    world: World, rows: list[Row], dirt: Dirt
) -> list[tuple[int, str, str, str]]:
    """Plant faults into the opportunities; rows are changed and appended in place.

    Returns
    -------
    list
        (row, kind, column, what was written), rows counted from 0.
    """
    walk = _soil(world, rows, "dirt/opportunities")
    for fault in _value_faults(dirt, len(rows)):
        for k, row in enumerate((soil := walk()).pick(fault.count, fault.fits)):
            soil.write(row, fault.kind, fault.column, fault.value(soil.rows[row], k))
    for row in (soil := walk()).pick(dirt.exact_duplicates, _always):
        soil.again(row, "exact_duplicate", {})
    for row in (soil := walk()).pick(dirt.conflicting_ids, lambda r: r["Stage"] == "Closed Lost"):
        amount = f"{float(soil.rows[row]['Amount'] or 0) + 1000:.2f}"
        soil.again(row, "conflicting_id", {"Amount": amount, "Owner": "R01"})
    return soil.notes


def plant_in_history(
    world: World, rows: list[Row], dirt: Dirt, *, strangers: dict[str, str]
) -> list[tuple[int, str, str, str]]:
    """Plant repeated rows and rows of deals that do not exist into the history.

    `strangers` are the unknown owners by deal; the CRM wrote them into every edit as well.
    """
    walk = _soil(world, rows, "dirt/history")
    soil = walk()
    for row, edit in enumerate(rows):
        if (deal := edit["Opp ID"] or "") in strangers:
            soil.used.add(row)
            soil.write(row, "unknown_owner_edit", "Owner", strangers[deal])
    for row in (soil := walk()).pick(dirt.repeated_history, _always):
        soil.again(row, "repeated_history", {})
    for k, row in enumerate((soil := walk()).pick(dirt.orphan_history, _always)):
        soil.again(row, "orphan_history", {"Opp ID": f"OP-99900{k}"})
    return soil.notes


def located(notes: list[tuple[int, str, str, str]], rows: list[Row], file: str) -> list[Planted]:
    """Turn notes into planted faults with the line of the file (the header is line 1)."""
    return [
        Planted(kind, file, row + 2, rows[row]["Opp ID"] or "", column, written)
        for row, kind, column, written in sorted(notes)
    ]
