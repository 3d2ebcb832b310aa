"""A file of new disputes, TOML or CSV, read with every fault in one message."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from spm_lib.core.errors import PayError, SpmError
from spm_lib.core.money import to_minor

_REQUIRED = ("rep_id", "period", "expected", "reason")
_KNOWN = (*_REQUIRED, "transaction_id", "actual")


@dataclass(frozen=True)
class Claim:
    """What a person says is wrong; money is minor units."""

    rep_id: str
    period: str
    transaction_id: str | None
    actual: int | None
    expected: int
    reason: str


def read_claims(file: Path, *, currency: str, reps: Collection[str]) -> list[Claim]:
    """Return the disputes of a file: ``[[disputes]]`` of TOML, or rows of CSV with a header.

    Parameters
    ----------
    file
        Keys or columns: rep_id, period, expected, reason; transaction_id, actual (empty: unknown).
        Money is in major units.
    currency
        Of the plan.
    reps
        The people who may be named.

    Raises
    ------
    PayError
        If the file cannot be read, a key is missing or unknown, an amount is none, or a person is
        unknown: all faults at once.
    """
    rows = _rows(file)
    faults = [f"number {n}: {fault}" for n, row in rows for fault in _faults(row, currency, reps)]
    if faults or not rows:
        raise PayError(
            f"{file.name} cannot be taken in.",
            found="; ".join(faults[:12]) or "no dispute",
            do=f"Give each dispute {', '.join(_REQUIRED)}; docs/pay.md shows a file",
        )
    return [_claim(row, currency) for _, row in rows]


def _rows(file: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
        if file.suffix == ".toml":
            given = tomllib.loads(text, parse_float=Decimal).get("disputes", [])
            rows = [{key: str(value) for key, value in row.items()} for row in given]
        else:
            rows = [dict(row) for row in csv.DictReader(text.splitlines())]
    except (OSError, ValueError, AttributeError) as error:
        raise PayError(
            f"{file.name} cannot be read.",
            found=str(error).splitlines()[0],
            do="Give a TOML or CSV file in UTF-8; docs/pay.md shows one",
        ) from None
    return list(enumerate(rows, start=1))


def _faults(row: dict[str, str], currency: str, reps: Collection[str]) -> Iterator[str]:
    yield from (f"'{key}' is missing" for key in _REQUIRED if not row.get(key))
    yield from (f"unknown '{key}'" for key in row if key not in _KNOWN)
    if row.get("rep_id") and row["rep_id"] not in reps:
        yield f"nobody is called '{row['rep_id']}'"
    for key in ("expected", "actual"):
        try:
            _minor(row.get(key), currency)
        except SpmError:
            yield f"'{key}' is no amount: {row[key]}"


def _claim(row: dict[str, str], currency: str) -> Claim:
    return Claim(
        rep_id=row["rep_id"],
        period=row["period"],
        transaction_id=row.get("transaction_id") or None,
        actual=_minor(row.get("actual"), currency),
        expected=to_minor(row["expected"], currency),
        reason=row["reason"],
    )


def _minor(text: str | None, currency: str) -> int | None:
    return to_minor(text, currency) if text else None
