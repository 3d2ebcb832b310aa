"""Legitimate stalls: deals that rest for a reason until a day, and are not accused until then."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from spm_lib.core.errors import DataError
from spm_lib.model import Company
from spm_lib.store import ClientFolder

KEPT = ("stall_reason", "stall_resume")
_SCHEMA = {"opportunity_id": pl.String, "reason": pl.String, "resume": pl.Date, "since": pl.Date}


class Stall(BaseModel):
    """One deal at rest: why, until when, and since when that is known (default: the export)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    opportunity_id: str
    reason: str = Field(min_length=1)
    resume: date
    since: date | None = None


def read_stalls(path: str | Path) -> tuple[Stall, ...]:
    """Return the stalls that a client's ``stall.toml`` names; none where there is no such file.

    Raises
    ------
    DataError
        If the file is not TOML, or an entry lacks its deal, its reason or its day of resuming.
    """
    path = Path(path)
    if not path.is_file():
        return ()
    try:
        told: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return tuple(Stall.model_validate(row) for row in told.get("stall", []))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise DataError(
            f"The file {path.name} cannot be read.",
            found=str(error).splitlines()[0],
            do="Write [[stall]] with opportunity_id, reason and resume = 2026-11-01 for each deal",
        ) from error


def stalls_of(company: Company) -> pl.DataFrame:
    """Return the deals at rest: from ``stall.toml``, or the kept columns of the deals.

    Columns out: ``opportunity_id, reason, resume, since`` (Date; from then on it is respected).
    Without ``since`` a stall is respected from the day of the export on: nobody knows whether it
    was known before. The file goes before the kept columns ``stall_reason`` and ``stall_resume``.
    """
    rows = [s.model_dump() for s in read_stalls(ClientFolder(company.settings.folder).stalls)]
    kept = company.columns("opportunities")[1]
    if set(KEPT) <= set(kept):
        deals = company.table("opportunities").select("opportunity_id", *KEPT)
        deals = deals.drop_nulls().sort("opportunity_id")
        rows += [
            {"opportunity_id": deal, "reason": str(reason), "resume": _day(resume), "since": None}
            for deal, reason, resume in deals.iter_rows()
        ]
    found = pl.DataFrame(rows, schema=_SCHEMA)
    since = pl.col("since").fill_null(company.exported_on)
    return found.with_columns(since).unique("opportunity_id", keep="first", maintain_order=True)


def _day(value: object) -> date:
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise DataError(
            "A day of resuming cannot be read.",
            found=str(value),
            do="Write stall_resume as 2026-11-01",
        ) from error


def resting(company: Company, cases: pl.DataFrame) -> pl.Series:
    """Say of each case whether its deal rests on its day: since known, and not yet to resume.

    Parameters
    ----------
    company
        Whose stalls they are.
    cases
        ``opportunity_id, mark``.
    """
    stalls = stalls_of(company).select(
        "opportunity_id",
        _from=pl.col("since").to_physical().cast(pl.Int64),
        _to=pl.col("resume").to_physical().cast(pl.Int64),
    )
    both = cases.select("opportunity_id", "mark").join(
        stalls, on="opportunity_id", how="left", maintain_order="left"
    )
    rests = (pl.col("_from") <= pl.col("mark")) & (pl.col("mark") < pl.col("_to"))
    return both.select(rests=rests.fill_null(value=False))["rests"]
