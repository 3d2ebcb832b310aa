"""What a page shows, as files: the view as Excel, its figures or opened deals as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from spm_lib.core.bidi import tame
from spm_lib.core.formulas import guard
from spm_lib.core.language import Language
from spm_lib.core.money import from_minor
from spm_lib.dashboards.deals_behind import Column
from spm_lib.model import Figure, metric_id
from spm_lib.reports import build_document
from spm_lib.reports.blocks import Block
from spm_lib.reports.formats import FORMATS
from spm_lib.store import ClientFolder
from spm_lib.workspace import load_brand

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
_FIGURES = ("metric", "value", "unit", "low", "high", "n", "from", "to", "as_of")


def as_excel(blocks: Sequence[Block], *, title: str, workspace: Path) -> bytes:
    """Return blocks as the workbook that a report of them would be, in the client's look.

    Raises
    ------
    MissingExtraError
        If the part ``office`` is not installed.
    """
    brand = load_brand(ClientFolder.of(workspace).brand)
    made = FORMATS["xlsx"](build_document(blocks, title=title), brand=brand)
    assert isinstance(made, bytes)
    return made


def figures_csv(figures: Iterable[Figure], language: Language) -> bytes:
    """Return figures as CSV, a row each: decimal text, ids, windows ``[from, to)``."""
    listed = list(figures)
    by = sorted({name for figure in listed for name in figure.by})
    rows: list[Sequence[Any]] = [[*_FIGURES[:1], "name", *by, *_FIGURES[1:]]]
    for figure in listed:
        start, end = figure.window or (None, None)
        named = [figure.metric, _name(figure.metric, language)]
        groups = [figure.by.get(name) for name in by]
        numbers = (figure.value, figure.low, figure.high)
        value, low, high = (None if one is None else Decimal(one) for one in numbers)
        values = [value, figure.unit, low, high, figure.n]
        rows.append([*named, *groups, *values, start, end, figure.as_of])
    return _written(rows)


def deals_csv(deals: pl.DataFrame, columns: Sequence[Column], *, currency: str) -> bytes:
    """Return deals as CSV with the headings of the page; amounts as decimal text in the currency.

    Examples
    --------
    >>> deals = pl.DataFrame({"id": ["=1+1"], "amount": [5]})
    >>> columns = [("id", "Deal", str, False), ("amount", "Amount", str, True)]
    >>> deals_csv(deals, columns, currency="ILS").decode("utf-8-sig").splitlines()
    ['Deal,Amount (ILS)', "'=1+1,0.05"]
    """
    names = [name for name, _, _, _ in columns]
    heads = [f"{head} ({currency})" if name == "amount" else head for name, head, _, _ in columns]
    exact = {"amount": lambda minor: str(from_minor(minor, currency))}
    rows: list[Sequence[Any]] = [heads]
    for row in deals.select(names).iter_rows():
        cells = zip(names, row, strict=True)
        rows.append([exact[n](v) if n in exact and v is not None else v for n, v in cells])
    return _written(rows)


def _name(metric: str, language: Language) -> str:
    return language.text(metric_id(metric).name)


def _written(rows: Iterable[Sequence[Any]]) -> bytes:
    """Write rows so that Excel reads Hebrew, and takes nothing for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow(
            ["" if v is None else guard(tame(v)) if isinstance(v, str) else v for v in row]
        )
    return out.getvalue().encode("utf-8-sig")
