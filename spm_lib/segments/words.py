"""What segments, repeat customers and whitespace say, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from spm_lib.core.statement import Amount, Points, Share, Statement
from spm_lib.model.names import column_phrase
from spm_lib.segments.columns import EMPTY, RARE

if TYPE_CHECKING:
    from spm_lib.model import Company
    from spm_lib.segments.discover import Discovery
    from spm_lib.segments.profile import IdealCustomer
    from spm_lib.segments.programmes import Programmes
    from spm_lib.segments.repeat_customers import RepeatCustomers
    from spm_lib.segments.whitespace import Whitespace

MOST = 3
LEVEL = 0.05


def value_words(value: str, *, column: str, company: Company) -> Statement:
    """Return the value of a column as it is told: products, empty and rare values by a name."""
    if column == "product_id" and company.has("products"):
        names = company.table("products").filter(pl.col("product_id") == value)["name"].drop_nulls()
        value = names[0] if names.len() else value
    if value == EMPTY:
        return Statement("not filled")
    return Statement("rare values") if value == RARE else Statement("{value}", {"value": value})


def discovery_words(found: Discovery) -> tuple[Statement, ...]:
    """Return what differs, what did not hold, and how it was looked for."""
    told = [_differs(found, name) for name in found.found]
    if not told:
        told = [
            Statement(
                "Not one of {n:1 column|{n} columns} tells deals apart that are won more often: "
                "what differs between segments may be luck.",
                {"n": found.tests.height},
            )
        ]
    return (*told, *_shaken(found), _looked(found))


def _differs(found: Discovery, name: str) -> Statement:
    values = found.values.filter(pl.col("column") == name, pl.col("difference").is_not_null())
    sure = values.filter((pl.col("low") > 0) | (pl.col("high") < 0))
    if not sure.height:
        text = "{column} goes with winning, though no single value of it stands out for sure."
        return Statement(text, {"column": column_phrase(name)})
    top = sure.sort(pl.col("difference").abs(), descending=True).row(0, named=True)
    text = (
        "Deals of {value} ({column}) are won {points} more often than other deals of the same "
        "people and year."
        if top["difference"] > 0
        else "Deals of {value} ({column}) are won {points} less often than other deals of the same "
        "people and year."
    )
    return Statement(
        text,
        {
            "column": column_phrase(name),
            "value": value_words(top["value"], column=name, company=found.company),
            "points": Points(abs(top["difference"])),
        },
    )


def _shaken(found: Discovery) -> list[Statement]:
    names = found.tests.filter(pl.col("standing") == "did not hold")["column"].to_list()
    if not names:
        return []
    text = "On later deals it did not hold of: {columns}. Do not act on it."
    return [Statement(text, {"columns": tuple(column_phrase(n) for n in names)}, "why")]


def _looked(found: Discovery) -> Statement:
    text = (
        "{n:1 column was|{n} columns were} looked at on {earlier} decided deals and tried on "
        "{later} later ones, closed from {day} on. It goes with winning; nobody has shown that it "
        "is the cause."
    )
    values = {
        "n": found.tests.height,
        "earlier": found.deals,
        "later": found.held_out,
        "day": found.split,
    }
    return Statement(text, values, "why")


def profile_words(found: IdealCustomer) -> tuple[Statement, ...]:
    """Return whom to pursue and whom not, and what nobody can tell."""
    told = found.table
    pursue = told.filter(pl.col("wins") == "more", pl.col("worth") != "less")
    leave = told.filter(pl.col("wins") == "less", pl.col("worth") != "more")
    large = told.filter(pl.col("wins") == "less", pl.col("worth") == "more")
    look = "Look for more deals of {names}: they are won more often and are worth the effort."
    if found.per_activity is None:  # no effort is known
        look = "Look for more deals of {names}: they are won more often and bring no less per deal."
    found_words = [
        (look, pursue),
        ("Think twice about deals of {names}: they are won less often and bring no more.", leave),
        ("Deals of {names} are won less often and are worth more all the same: keep them, and "
         "count on fewer.", large),
    ]  # fmt: skip
    return tuple(
        Statement(text, {"names": _names(part, found.company)}, "todo")
        for text, part in found_words
        if part.height
    )


def _names(part: pl.DataFrame, company: Company) -> tuple[Statement, ...]:
    return tuple(
        Statement(
            "{value} ({column})",
            {
                "value": value_words(row["value"], column=row["column"], company=company),
                "column": column_phrase(row["column"]),
            },
        )
        for row in part.head(MOST).iter_rows(named=True)
    )


def repeat_words(found: RepeatCustomers) -> tuple[Statement, ...]:
    """Return who comes back, and whether the groups tell it."""
    whole = Statement(
        "Of {n:1 customer|{n} customers} a year ago, {share} bought again within the year.",
        {"n": found.then, "share": Share(found.came_back / found.then)},
    )
    if found.p is None or found.p > LEVEL:
        text = "How lately and how often a customer bought does not tell who comes back."
        return (whole, Statement(text, kind="why"))
    told = found.groups.filter(pl.col("then") > 0).sort("share", descending=True)
    best, worst = told.row(0, named=True), told.row(-1, named=True)
    text = (
        "It depends on how lately and how often they bought: from {worst} to {best} of a group "
        "come back."
    )
    values = {"best": Share(best["share"]), "worst": Share(worst["share"])}
    return (whole, Statement(text, values, "why"))


def whitespace_words(found: Whitespace) -> tuple[Statement, ...]:
    """Return the largest gap between what customers buy and what those like them buy."""
    told = found.table.filter(pl.col("expected").is_not_null(), pl.col("without") > 0)
    if not told.height:
        return ()
    top = told.row(0, named=True)
    text = (
        "{n:1 customer|{n} customers} do not buy {product}, though {share} of customers like them "
        "do: read with caution, {money} in all."
        if not top["segment"]
        else "{n:1 customer|{n} customers} of {segment} do not buy {product}, though {share} of "
        "customers like them do: read with caution, {money} in all."
    )
    values: dict[str, object] = {
        "n": top["without"],
        "product": top["product"],
        "share": Share(top["share"]),
        "money": Amount(top["expected"], found.company.currency),
    }
    values |= {"segment": top["segment"]} if top["segment"] else {}
    return (Statement(text, values),)


def programmes_words(made: Programmes) -> tuple[Statement, ...]:
    """Return what each training and SPIF of the ledger went with, or why it cannot be said."""
    told = []
    for one in made.told:
        values = {"kind": one.kind, "start": one.start}
        if one.found is None:
            text = "{kind}, from {start}: what it returned cannot be said, for {why}."
            told.append(Statement(text, {**values, "why": one.why}))
            continue
        first = one.found.statements(made.company.currency)[0]
        told.append(Statement("{kind}, from {start}: {told}", {**values, "told": first}))
    return tuple(told)
