"""What pay is worked out from, checked once at the border; inside, it is trusted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from spm_lib.core.errors import PayError
from spm_lib.incentives.chain.columns import TABLES, Expected
from spm_lib.store import frame_hash, sha256_json

LARGEST = 10**17  # minor units or units that a column may add up to


def _empty(name: str) -> pl.DataFrame:
    expected = TABLES[name]
    return pl.DataFrame(schema={**expected.required, **expected.optional})


@dataclass(frozen=True, eq=False)
class PayData:
    """Transactions and people, and what else a plan asks for; each a frame of ``pay_data``."""

    transactions: pl.DataFrame
    people: pl.DataFrame
    quotas: pl.DataFrame = field(default_factory=lambda: _empty("quotas"))
    splits: pl.DataFrame = field(default_factory=lambda: _empty("splits"))
    hierarchy: pl.DataFrame = field(default_factory=lambda: _empty("hierarchy"))
    scores: pl.DataFrame = field(default_factory=lambda: _empty("scores"))
    rates: pl.DataFrame = field(default_factory=lambda: _empty("rates"))
    payees: pl.DataFrame = field(default_factory=lambda: _empty("payees"))
    receipts: pl.DataFrame = field(default_factory=lambda: _empty("receipts"))
    cancellations: pl.DataFrame = field(default_factory=lambda: _empty("cancellations"))
    adjustments: pl.DataFrame = field(default_factory=lambda: _empty("adjustments"))

    @property
    def hash(self) -> str:
        """The fingerprint of all tables; the order of their rows does not matter."""
        tables = {name: getattr(self, name) for name in TABLES}
        if tables["payees"].is_empty():  # so that data without it keep their fingerprint
            del tables["payees"]
        return sha256_json({name: frame_hash(_in_order(table)) for name, table in tables.items()})


def _in_order(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(sorted(frame.columns)).sort(pl.all())


def pay_data(**tables: pl.DataFrame) -> PayData:
    """Return tables, checked: every fault of every table in one message.

    Parameters
    ----------
    tables
        ``transactions`` (transaction_id, date, amount in minor units of their currency; rep_id,
        event, currency, units and columns of your own where rules ask for them), ``people``
        (rep_id, name; role, hired_on, and the days a row is valid), and any of ``quotas``,
        ``splits``, ``hierarchy``, ``scores``, ``rates``, ``payees``, ``receipts``,
        ``cancellations`` and ``adjustments``; see ``docs/pay.md`` for their columns.

    Raises
    ------
    PayError
        If a table or a column is unknown or missing, has another type (money is whole minor
        units, shares and rates are decimals: never floats), is null where it must not be, or a
        key is there twice.

    Examples
    --------
    >>> from datetime import date
    >>> deals = pl.DataFrame({"transaction_id": ["D1"], "rep_id": ["R1"],
    ...                       "date": [date(2026, 3, 1)], "amount": [1_000_00]})
    >>> people = pl.DataFrame({"rep_id": ["R1"], "name": ["Noa"]})
    >>> pay_data(transactions=deals, people=people).transactions.columns
    ['transaction_id', 'date', 'amount', 'rep_id', 'event', 'currency', 'units']
    """
    faults = [f"there is no table '{name}'" for name in tables if name not in TABLES]
    faults += [
        f"{name}: it is missing" for name in ("transactions", "people") if name not in tables
    ]
    given = {name: frame for name, frame in tables.items() if name in TABLES}
    for name, frame in given.items():
        faults += [f"{name}: {fault}" for fault in _faults(frame, TABLES[name])]
    if faults:
        raise PayError(
            "Pay cannot be worked out from these tables.",
            found="; ".join(faults[:12]),
            do="Mend the tables; docs/pay.md lists their columns and types",
        )
    return PayData(**{name: _shaped(frame, TABLES[name]) for name, frame in given.items()})


def _faults(frame: pl.DataFrame, expected: Expected) -> Iterator[str]:
    known = {**expected.required, **expected.optional}
    yield from (f"no column '{c}'" for c in expected.required if c not in frame.columns)
    for column, kind in frame.schema.items():
        if column not in known and not expected.further:
            yield f"unknown column '{column}'"
        if kind.is_float():
            yield f"'{column}' is a float; money is whole minor units, shares are decimals"
        elif column in known and not _fits(kind, known[column]):
            yield f"'{column}' is {kind}, not {known[column]}"
    for column in ("amount", "value", *(("units",) if expected.further else ())):
        if column in frame.columns and frame.schema[column].is_integer():
            yield from _too_large(frame, column)
    for column in expected.required:
        if column in frame.columns and (nulls := frame[column].null_count()):
            yield f"'{column}' is empty in {nulls} rows"
    keys = [c for c in expected.key if c in frame.columns]
    if keys and (twice := frame.height - frame.n_unique(subset=keys)):
        yield f"{twice} rows repeat a {', '.join(keys)}"


def _too_large(frame: pl.DataFrame, column: str) -> Iterator[str]:
    """Refuse what adds up to more than anybody can mean, so that no sum leaves 64 bits."""
    size = frame[column].cast(pl.Int128).abs()
    if (size.sum() or 0) > LARGEST:
        row = size.arg_max() or 0
        told = ", ".join(str(value) for value in frame.row(row)[:2])
        yield (
            f"'{column}' adds up to more than {LARGEST:,}; the largest, in row {row + 1} ({told}): "
            f"{frame[column][row]:,}"
        )


def _fits(kind: pl.DataType, wanted: object) -> bool:
    if kind == pl.Null:
        return True
    if isinstance(wanted, pl.Decimal):
        return kind.is_decimal() or kind.is_integer()
    return kind == wanted or (wanted == pl.Int64 and kind.is_integer())


def _shaped(frame: pl.DataFrame, expected: Expected) -> pl.DataFrame:
    known = {**expected.required, **expected.optional}
    columns = [
        pl.col(c).cast(kind) if c in frame.columns else pl.lit(None, dtype=kind).alias(c)
        for c, kind in known.items()
    ]
    further = [c for c in frame.columns if c not in known]
    return frame.select(*columns, *further)
