"""The deals behind a number, as a table that is only text."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import polars as pl

from spm_lib.core.language import Language
from spm_lib.model import Company
from spm_lib.targets import Baseline

MOST_ROWS = 200


def deals_behind(lever: str, company: Company, base: Baseline, language: Language) -> str:
    """Return the rows behind a lever's value of today, as HTML in which nothing is live.

    Every value is escaped and isolated: a customer's name cannot become part of the page, nor
    turn its neighbours around.
    """
    if lever == "heads":
        return _people(company, base, language)
    if lever == "target":
        return _targets(company, base, language)
    deals = _deals(company, base)
    if lever != "win_rate":
        deals = deals.filter(pl.col("outcome") == "won")
    by = "days" if lever == "cycle_days" else "amount"
    deals = deals.sort(by, "opportunity_id", descending=[True, False], nulls_last=True)
    return table_of(deals, _deal_columns(base, language), language)


def _deals(company: Company, base: Baseline) -> pl.DataFrame:
    inside = pl.col("closed_on").is_between(base.window.start, base.window.end, closed="left")
    deals = company.table("opportunities")
    deals = deals.filter(pl.col("outcome").is_in(["won", "lost"]) & inside)
    deals = deals.with_columns(days=pl.col("closed_day") - pl.col("created_day"))
    return with_names(deals, company)


def named(rows: pl.DataFrame, company: Company, table: str, key: str) -> pl.DataFrame:
    """Add the names of a table, as a column of its name; the key where there is none."""
    names = company.table(table).select(key, pl.col("name").alias(table)).unique(key)
    rows = rows.join(names, on=key, how="left")
    return rows.with_columns(pl.col(table).fill_null(pl.col(key)))


def with_names(deals: pl.DataFrame, company: Company) -> pl.DataFrame:
    """Return deals with the names of their owner and their customer."""
    return named(named(deals, company, "reps", "rep_id"), company, "accounts", "account_id")


Column = tuple[str, str, Callable[[Any], str], bool]  # column, heading, writer, is a number


def _deal_columns(base: Baseline, language: Language) -> list[Column]:
    text = language.text
    return [
        ("opportunity_id", text("Deal"), plain, False),
        ("accounts", text("Customer"), plain, False),
        ("reps", text("Salesperson"), plain, False),
        ("outcome", text("Outcome"), lambda x: text(_OUTCOMES[x]), False),
        ("created_on", text("Created"), language.date, False),
        ("closed_on", text("Closed"), language.date, False),
        ("days", text("Days"), language.number, True),
        ("amount", text("Amount"), lambda x: language.money(x, base.currency), True),
    ]


_OUTCOMES = {"won": "Closed won", "lost": "Closed lost"}


def _people(company: Company, base: Baseline, language: Language) -> str:
    text = language.text
    deals = _deals(company, base)
    counted = deals.group_by("rep_id", "reps").agg(
        pl.len().alias("decided"), (pl.col("outcome") == "won").sum().alias("won")
    )
    columns: list[Column] = [
        ("reps", text("Salesperson"), plain, False),
        ("decided", text("Deals decided"), language.number, True),
        ("won", text("Deals won"), language.number, True),
    ]
    return table_of(counted.sort("reps", "rep_id", nulls_last=True), columns, language)


def _targets(company: Company, base: Baseline, language: Language) -> str:
    text = language.text
    first = base.months[0] if base.target_basis == "given" else base.window.start
    targets = company.table("targets").filter(pl.col("period_end") > first)
    targets = named(targets, company, "reps", "rep_id")
    columns: list[Column] = [
        ("reps", text("Salesperson"), plain, False),
        ("team", text("Team"), plain, False),
        ("period_start", text("From"), language.date, False),
        ("period_end", text("To"), language.date, False),
        ("value", text("Target"), lambda x: language.money(x, base.currency), True),
    ]
    return table_of(targets.sort("period_start", "reps", "rep_id", "team"), columns, language)


def table_of(frame: pl.DataFrame, columns: list[Column], language: Language) -> str:
    """Return rows as a table of text, the first ``MOST_ROWS`` of them, and how many there are."""
    head = "".join(f"<th{_side(col)}>{html.escape(col[1])}</th>" for col in columns)
    shown = frame.head(MOST_ROWS).select([name for name, *_ in columns])
    body = "".join(f"<tr>{_cells(row, columns)}</tr>" for row in shown.iter_rows())
    told = _told(frame.height, language)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<p>{told}</p><div class="spm-deals" tabindex="0">{table}</div>'


def _told(rows: int, language: Language) -> str:
    text, number = language.text, language.number
    if rows <= MOST_ROWS:
        return html.escape(text("{n:1 row|{n} rows}.", n=number(rows)))
    shown = text("The first {shown} of {n} rows.", shown=number(MOST_ROWS), n=number(rows))
    return html.escape(shown)


def _cells(row: tuple[Any, ...], columns: list[Column]) -> str:
    return "".join(
        f"<td{_side(col)}><bdi>{html.escape(col[2](value))}</bdi></td>"
        for value, col in zip(row, columns, strict=True)
    )


def _side(column: Column) -> str:
    return ' class="number"' if column[3] else ""


def plain(value: Any) -> str:
    """Return a value as text; a dash where there is none."""
    return "–" if value is None else str(value)
