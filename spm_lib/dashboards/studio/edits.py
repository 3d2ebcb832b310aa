"""Edits of the studio's table: what a cell says becomes a row of the scenario."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from spm_lib.core.errors import ParameterError
from spm_lib.core.money import from_minor, to_minor
from spm_lib.plans import Row, TargetScenario

FIELDS = ("value", "locked", "away_from", "away_until", "note")


def edited(
    scenario: TargetScenario, rep_id: str, field: str, value: Any, *, target: int
) -> TargetScenario:
    """Return the scenario with one cell of a person's line edited.

    Parameters
    ----------
    field, value
        ``value`` (text of an amount; empty: as shared out), ``locked`` (whether the others make up
        for it), ``away_from`` and ``away_until`` (YYYY-MM-DD; empty: none), ``note``.
    target
        What the person has now, which a lock keeps.

    Raises
    ------
    ParameterError
        If the cell says what cannot be.
    """
    if field not in FIELDS:
        raise ParameterError("There is no such column to edit.", found=repr(field)[:60])
    if field == "locked":
        change = _locked(scenario, rep_id, lock=value is True, target=target)
    elif not isinstance(value, str) or len(value) > 500:
        raise ParameterError("A cell holds text.", found=repr(value)[:60])
    elif field == "value":
        change = _amount(value.strip(), scenario)
    elif field == "note":
        change = {"note": value.strip()}
    else:
        change = _leave(field, value.strip())
    return _with(scenario, rep_id, change)


def cells_of(scenario: TargetScenario, rep_id: str) -> dict[str, Any]:
    """Return what a person's cells say, as the page shows them."""
    told: dict[str, Any] = {
        "value": "",
        "locked": False,
        "away_from": "",
        "away_until": "",
        "note": "",
    }
    for row in scenario.rows:
        if row.rep_id != rep_id:
            continue
        if row.set is not None:
            told |= {"value": _text(row.set, scenario), "locked": row.lock}
        elif row.move is not None:
            told |= {"locked": row.lock}
        for name in ("away_from", "away_until"):
            if (day := getattr(row, name)) is not None:
                told[name] = day.isoformat()
        told["note"] = row.note or told["note"]
    return told


def _text(minor: int, scenario: TargetScenario) -> str:
    if scenario.basis.metric.endswith("count"):
        return str(minor)
    exact = from_minor(minor, scenario.currency)
    return f"{exact:f}".rstrip("0").rstrip(".") if exact % 1 == 0 else f"{exact:f}"


def _amount(value: str, scenario: TargetScenario) -> Mapping[str, Any]:
    if not value:
        return {"set": None, "move": None}
    try:
        exact = Decimal(value.replace(",", "").replace("\u00a0", "").replace(" ", ""))
        if not exact.is_finite() or exact < 0:
            raise InvalidOperation
        counted = scenario.basis.metric.endswith("count")
        minor = int(exact) if counted else to_minor(exact, scenario.currency)
    except (InvalidOperation, ValueError, ArithmeticError):
        raise ParameterError(
            "A target is an amount, 0 or more.",
            found=repr(value[:40]),
            do="Write it in digits, such as 1,250,000, or empty the cell to share out again",
        ) from None
    return {"set": minor, "move": None}


def _locked(scenario: TargetScenario, rep_id: str, *, lock: bool, target: int) -> Mapping[str, Any]:
    own = [r for r in scenario.rows if r.rep_id == rep_id and (r.set, r.move) != (None, None)]
    if own:
        return {"lock": lock}
    return {"set": target, "lock": True} if lock else {}


def _leave(field: str, value: str) -> Mapping[str, Any]:
    try:
        day = date.fromisoformat(value) if value else None
    except ValueError:
        raise ParameterError(
            "That is not a day.", found=repr(value[:40]), do="Choose one"
        ) from None
    if field == "away_from" and day is None:
        return {"away_from": None, "away_until": None}
    return {field: day}


def _with(scenario: TargetScenario, rep_id: str, change: Mapping[str, Any]) -> TargetScenario:
    """Return the scenario with the last own row of a person changed; what says nothing goes."""
    own = [n for n, row in enumerate(scenario.rows) if row.rep_id == rep_id]
    rows = [dict(row) for row in scenario.rows]
    if not own:
        rows.append({"rep_id": rep_id})
        own = [len(rows) - 1]
    if "set" in change:
        for number in own[:-1]:
            rows[number] |= {"set": None, "move": None}
    rows[own[-1]] |= change
    empty = dict(Row(rep_id=rep_id))
    kept = [row for row in rows if row["rep_id"] != rep_id or {**row, "lock": True} != empty]
    return scenario.changed(rows=tuple(kept))
