"""A metric of one's own: a decorated function in the client's ``notebooks/metrics.py``.

It gets an id, a place in the dictionary, receipts, intervals and the property tests like any other.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import narwhals.stable.v2 as nw

from spm_lib.core.errors import MetricError
from spm_lib.metrics.definition import Context, Measure
from spm_lib.metrics.durations import quantile_of
from spm_lib.metrics.measure import declare
from spm_lib.metrics.statistic import COUNT, MEAN, RATE, SHARE, SUM, VALUE_SHARE, Statistic
from spm_lib.model.columns import TABLES, day_column
from spm_lib.model.registry import MetricId

OWN_FILE = Path("notebooks") / "metrics.py"
Kind = Literal["count", "sum", "share", "weighted share", "rate", "mean", "median"]
STATISTICS: dict[str, Statistic] = {
    "count": COUNT,
    "sum": SUM,
    "share": replace(SHARE, counts=False),
    "weighted share": VALUE_SHARE,
    "rate": replace(RATE, counts=False),
    "mean": MEAN,
    "median": quantile_of(0.5),
}
NEEDED: dict[str, tuple[str, ...]] = {
    "count": (),
    "sum": ("numerator",),
    "share": ("numerator", "denominator"),
    "weighted share": ("numerator", "denominator"),
    "rate": ("numerator", "denominator"),
    "mean": ("numerator", "denominator"),
    "median": ("value",),
}
GIVEN = ("reason", "numerator", "denominator", "value")
UNIT = {"count": "count", "sum": "money", "mean": "money", "median": "days"}
Rows = Callable[[nw.LazyFrame[Any]], nw.LazyFrame[Any]]


def metric(
    name: str,
    *,
    title: str,
    formula: str,
    kind: Kind,
    table: str = "opportunities",
    date: str | None = "closed_at",
    unit: str | None = None,
    numerator: str = "",
    denominator: str = "",
    null_rule: str = "Null where the denominator is 0.",
    reading: str = "",
    dimensions: Sequence[str] = ("rep_id",),
) -> Callable[[Rows], Rows]:
    """Declare a metric of one's own.

    The decorated function takes the rows of ``table`` (a Narwhals lazy frame, one row per row of
    the table, the ones set aside at intake too) and returns the same rows with ``reason`` (text;
    null: the row counts) and what ``kind`` adds up: nothing for "count", ``numerator`` for "sum",
    ``numerator`` and ``denominator`` for "share" (0 or 1 each), "weighted share", "rate" and
    "mean", ``value`` (whole days) for "median". Integers only: money is in minor units.

    Parameters
    ----------
    name
        The id: dotted, general to special, such as "deal.large.share".
    title, formula, numerator, denominator, null_rule, reading
        The definition, as the dictionary prints it.
    kind
        How a value is made of the rows; it decides the interval too.
    table
        The canonical table that is read.
    date
        The dated column that windows and periods go by; None for a state at as_of.
    unit
        "count", "ratio", "money", "days" or a text of one's own; default by kind.
    dimensions
        Columns the property tests break the metric down by.

    Raises
    ------
    MetricError
        If the kind, the table or the date column does not exist.

    Examples
    --------
    >>> import narwhals.stable.v2 as nw
    >>> @metric(
    ...     "example.big.count", title="Big wins", formula="Wins of 1,000 or more", kind="count"
    ... )
    ... def big_wins(rows):
    ...     small = (nw.col("outcome") != "won") | (nw.col("amount") < 100_000)
    ...     return rows.with_columns(reason=nw.when(small).then(nw.lit("not a big win")))
    >>> from spm_lib.model.registry import metric_id
    >>> metric_id("example.big.count").room
    'own'
    """
    _check(name, kind=kind, table=table, date=date)

    def declared(classify: Rows) -> Rows:
        definition = MetricId(
            id=name,
            name=title,
            formula=formula,
            numerator=numerator or formula,
            denominator=denominator,
            unit=unit or UNIT.get(kind, "ratio"),
            date_field=date or "as_of",
            null_rule="Never null." if kind in ("count", "sum") else null_rule,
            table=table,
            room="own",
            reading=reading,
            dimensions=tuple(dimensions),
        )
        day = day_column(date) if date else None
        declare(
            Measure(definition, STATISTICS[kind], _checked(name, classify, kind=kind), date=day)
        )
        return classify

    return declared


def _check(name: str, *, kind: str, table: str, date: str | None) -> None:
    if kind not in STATISTICS:
        raise MetricError(
            f"The metric '{name}' has no such kind.",
            found=repr(kind),
            do=f"Use one of: {', '.join(STATISTICS)}",
        )
    if table not in TABLES:
        raise MetricError(
            f"The metric '{name}' reads a table that does not exist.",
            found=repr(table),
            do=f"Use one of: {', '.join(TABLES)}",
        )
    dated = TABLES[table].names("moment", "day")
    if date is not None and date not in dated:
        raise MetricError(
            f"The metric '{name}' goes by a date that '{table}' does not have.",
            found=repr(date),
            do=f"Use one of: {', '.join(dated)}",
        )


def _checked(name: str, classify: Rows, *, kind: str) -> Callable[..., nw.LazyFrame[Any]]:
    """Return the classification, refused with a message if it does not give what it must."""

    def checked(rows: nw.LazyFrame[Any], _context: Context) -> nw.LazyFrame[Any]:
        given = [c for c in rows.collect_schema().names() if c.lower() in GIVEN]
        made = classify(rows.rename({c: f"_kept_{c}" for c in given}))
        if not isinstance(made, nw.LazyFrame):
            raise MetricError(
                f"The metric '{name}' must return rows.",
                found=type(made).__name__,
                do="Return rows.with_columns(reason=..., ...)",
            )
        there = made.collect_schema().names()
        missing = [c for c in ("reason", *NEEDED[kind]) if c not in there]
        if missing:
            raise MetricError(
                f"The metric '{name}' leaves out columns it must give.",
                found=f"missing: {', '.join(missing)}",
                do="Add them with rows.with_columns(...)",
            )
        working = {"reason": "_left_out", **{c: f"_{c}" for c in NEEDED[kind]}}
        spare = [c for c in there if c.lower() in {g.lower() for g in given} - set(working)]
        return made.rename(working).drop(spare).rename({f"_kept_{c}": c for c in given})

    return checked


def load_own_metrics(company_folder: str | Path) -> ModuleType | None:
    """Run the client's ``notebooks/metrics.py`` if there is one, so that its metrics are declared.

    Parameters
    ----------
    company_folder
        The folder that holds ``spm.toml``.

    Returns
    -------
    ModuleType | None
        The module, or None where the client has no metrics of their own.

    Raises
    ------
    MetricError
        If the file cannot be run; the error and its line are named.
    """
    path = Path(company_folder) / OWN_FILE
    if not path.is_file():
        return None
    spec = importlib.util.spec_from_file_location("client_metrics", path)
    if spec is None or spec.loader is None:
        raise MetricError("The client's metrics cannot be loaded.", found=str(path))
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except MetricError:
        raise
    except Exception as cause:
        raise MetricError(
            "The client's metrics cannot be loaded.",
            found=f"{path.name}: {type(cause).__name__}: {cause}",
            do=f"Mend {OWN_FILE}",
        ) from cause
    return module
