"""The tables that pay is worked out from: their columns, types, and what null means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

Kind = Any  # a polars type
_TEXT, _WHOLE, _DAY = pl.String, pl.Int64, pl.Date
SHARE = pl.Decimal(38, 12)
RATE = pl.Decimal(38, 12)


@dataclass(frozen=True)
class Expected:
    """One table: columns that must be there and never null, and columns that may be."""

    required: dict[str, Kind]
    optional: dict[str, Kind]
    key: tuple[str, ...]
    further: bool = False


LEAVE = Expected({"rep_id": _TEXT, "valid_from": _DAY, "valid_to": _DAY}, {"reason": _TEXT}, ())
TABLES: dict[str, Expected] = {
    "transactions": Expected(
        {"transaction_id": _TEXT, "date": _DAY, "amount": _WHOLE},
        {"rep_id": _TEXT, "event": _TEXT, "currency": _TEXT, "units": _WHOLE},
        ("transaction_id", "event"),
        further=True,
    ),
    "people": Expected(
        {"rep_id": _TEXT, "name": _TEXT},
        {"role": _TEXT, "hired_on": _DAY, "valid_from": _DAY, "valid_to": _DAY},
        ("rep_id", "valid_from"),
    ),
    "quotas": Expected(
        {
            "rep_id": _TEXT,
            "quota": _TEXT,
            "period_start": _DAY,
            "period_end": _DAY,
            "value": _WHOLE,
        },
        {"kind": _TEXT},
        (),
    ),
    "splits": Expected(
        {"transaction_id": _TEXT, "rep_id": _TEXT, "share": SHARE},
        {"quota_share": SHARE},
        ("transaction_id", "rep_id"),
    ),
    "hierarchy": Expected(
        {"rep_id": _TEXT, "manager_id": _TEXT},
        {"valid_from": _DAY, "valid_to": _DAY},
        ("rep_id", "valid_from"),
    ),
    "scores": Expected(
        {"rep_id": _TEXT, "period_start": _DAY, "objective": _TEXT, "score": RATE},
        {"evidence": _TEXT, "by": _TEXT},
        ("rep_id", "period_start", "objective"),
    ),
    "rates": Expected({"currency": _TEXT, "date": _DAY, "rate": RATE}, {}, ("currency", "date")),
    "payees": Expected({"rep_id": _TEXT, "currency": _TEXT}, {}, ("rep_id",)),
    "receipts": Expected(
        {"transaction_id": _TEXT, "date": _DAY, "amount": _WHOLE}, {"payment_id": _TEXT}, ()
    ),
    "cancellations": Expected(
        {"transaction_id": _TEXT, "date": _DAY},
        {"term_months": _WHOLE, "served_months": _WHOLE},
        ("transaction_id",),
    ),
    "adjustments": Expected(
        {
            "adjustment_id": _TEXT,
            "rep_id": _TEXT,
            "date": _DAY,
            "amount": _WHOLE,
            "kind": _TEXT,
            "reason": _TEXT,
            "approver": _TEXT,
        },
        {"transaction_id": _TEXT},
        ("adjustment_id",),
    ),
}
