"""Keys between tables: what points to nothing, what nothing points to, what has one name twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from spm_lib.core.in_one_go import in_one_go
from spm_lib.model.columns import TABLES
from spm_lib.model.notices import Notice, shown
from spm_lib.sources.person_numbers import is_person_number

if TYPE_CHECKING:
    from spm_lib.model.company import Company

TARGETS = {
    "rep_id": "reps",
    "account_id": "accounts",
    "product_id": "products",
    "opportunity_id": "opportunities",
}


def unmatched_keys(company: Company) -> Iterator[Notice]:
    """Tell of keys that match no row of the table they point to."""
    pairs = [
        (name, column)
        for name in company.book.tables
        for column, target in TARGETS.items()
        if name != target and TABLES[name].column(column) is not None
        if column not in TABLES[name].key[:1] and company.has(target)
    ]
    rows = company.whole or company  # what is unknown there is unknown in each view of it
    if company.book.folder:  # only a view's own rows are read from a disk
        rows = company
    unknown = rows.once("unknown keys", lambda: {c: _unknown(rows, pairs, c) for c in TARGETS})
    for name, column in pairs:
        if unknown[column].len():
            yield from _unmatched(company, name, column, unknown[column])


def _unknown(company: Company, pairs: list[tuple[str, str]], column: str) -> pl.Series:
    """Return the keys of all tables that match no row of the table they point to."""
    keys = [_runs(company.table(name)[column]) for name, key in pairs if key == column]
    every = pl.concat([pl.Series(column, dtype=pl.String), *keys])
    if not every.len():
        return every
    known = company.everyone(TARGETS[column]).select(column)
    return every.to_frame().join(known, on=column, how="anti")[column].unique()


def _runs(keys: pl.Series) -> pl.Series:
    """Return one key of each run of equal ones: tables often tell a deal's rows together."""
    some = keys.drop_nulls()
    return some.filter((some != some.shift()).fill_null(value=True))


def _unmatched(company: Company, name: str, column: str, unknown: pl.Series) -> Iterator[Notice]:
    target = TARGETS[column]
    lost = company.table(name).filter(pl.col(column).is_in(unknown.implode()))
    if not lost.height:
        return
    values = _by_count(lost, column)
    near = _look_alikes(values[:10], company.full(target)[column])  # names in scope only
    yield Notice(
        "unmatched_key",
        name,
        column,
        tuple(values[:10]),
        lost.height,
        _UNMATCHED_NEAR if near else _UNMATCHED,
        amount=money_of(lost),
        details={
            "column": column,
            "table": name,
            "target": target,
            "values": shown(values),
            "n": lost.height,
            "near": ", ".join(near),
        },
    )


def _look_alikes(values: list[str], known: pl.Series) -> list[str]:
    """Return ``value ~ known`` where the two differ in blanks, signs or capitals only."""
    letters = {_letters(text): text for text in known.drop_nulls().unique().sort()}
    pairs = [(value, letters.get(_letters(value))) for value in values]
    return [f"{value} ~ {text}" for value, text in pairs if text is not None]


def _letters(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


_UNMATCHED = "{column} of {table} matches no row of {target}: {values} ({n:1 row|{n:,} rows})."
_UNMATCHED_NEAR = (
    "{column} of {table} matches no row of {target}: {values} ({n:1 row|{n:,} rows}). Is it "
    "meant to be: {near}? A values map in the workspace file says so."
)


def money_of(rows: pl.DataFrame) -> int | None:
    """Return the money on rows in minor units; None where no row carries any."""
    if "amount" not in rows.columns or rows["amount"].null_count() == rows.height:
        return None
    return int(rows["amount"].sum())


def _by_count(rows: pl.DataFrame, column: str) -> list[str]:
    counts = rows.group_by(column).len().sort(["len", column], descending=[True, False])
    return counts[column].cast(pl.String).to_list()


def empty_keys(company: Company) -> Iterator[Notice]:
    """Tell of deals without account, owner, product, source or campaign where others have one."""
    if company.as_of < company.exported_on:
        return
    deals = company.table("opportunities")
    for column in ("rep_id", "account_id", "product_id", "source", "campaign"):
        if 0 < deals[column].null_count() < deals.height:
            empty = deals.filter(pl.col(column).is_null())
            still = int((empty["outcome"] == "open").sum())
            yield Notice(
                "empty_key",
                "opportunities",
                column,
                (),
                empty.height,
                "{n:1 opportunity has|{n:,} opportunities have} no {column} ({open:,} of them "
                "open).",
                amount=money_of(empty),
                details={"n": empty.height, "column": column, "open": still},
            )


def reps_without_deals(company: Company) -> Iterator[Notice]:
    """Tell of people who own nothing."""
    if not company.has("reps") or company.as_of < company.exported_on:
        return
    idle = company.table("reps").filter(~pl.col("rep_id").is_in(sorted(_owners(company))))
    if idle.height:
        names = idle.select(pl.coalesce("name", "rep_id"))["name"].sort().to_list()
        yield Notice(
            "rep_without_deals",
            "reps",
            "rep_id",
            tuple(names[:10]),
            idle.height,
            "{n:1 person of the reps table owns|{n:,} people of the reps table own} no deal "
            "and no order: {values}.",
            details={"n": idle.height, "values": shown(names)},
        )


def _owners(company: Company) -> set[str]:
    """Return who owns deals or orders."""
    return {rep for name in ("opportunities", "orders") for rep in company.values(name, "rep_id")}


def same_names(company: Company) -> Iterator[Notice]:
    """Tell of different accounts, products or people that share a name."""
    for name in ("accounts", "products", "reps"):
        names = company.table(name)["name"].drop_nulls()
        if names.n_unique() < names.len():
            shared = pl.col("name").is_not_null() & pl.col("name").is_duplicated()
            twice = company.table(name).filter(shared)
            names = twice["name"].unique().sort().to_list()
            yield Notice(
                "same_name",
                name,
                "name",
                tuple(names[:10]),
                twice.height,
                "{n:1 row of {table} shares|{n:,} rows of {table} share} a name with another: "
                "{values}. They are kept apart.",
                details={"n": twice.height, "table": name, "values": shown(names)},
            )


def several_numbers(company: Company) -> Iterator[Notice]:
    """Tell of owners whose rows carry several numbers of people: a name that several share."""
    for name in ("opportunities", "orders", "activities"):
        for column in filter(is_person_number, company.columns(name)[1]):
            rows = company.table(name).filter(pl.col("rep_id").is_not_null())
            numbers = pl.col(column).cast(pl.String).drop_nulls().unique().sort()
            found = rows.group_by("rep_id").agg(numbers, pl.len().alias("n")).sort("rep_id")
            found = found.filter(pl.col(column).list.len() > 1)
            if found.height:
                yield _several(found, name, column)


def _several(found: pl.DataFrame, name: str, column: str) -> Notice:
    pairs = zip(found["rep_id"], found[column], strict=True)
    values = [f"{rep} ({shown(numbers, most=3)})" for rep, numbers in pairs]
    return Notice(
        "several_numbers",
        name,
        "rep_id",
        tuple(found["rep_id"].head(10).to_list()),
        int(found["n"].sum()),
        "{n:1 owner in {table} carries|{n:,} owners in {table} carry} several values of "
        "{column}: {values}. People of one name count as one: if {column} is a person's "
        "number, map it as rep_id.",
        details={"n": found.height, "table": name, "column": column, "values": shown(values)},
    )


def several_teams(company: Company) -> Iterator[Notice]:
    """Tell of people who changed team or manager, or left theirs."""
    places = company.table("memberships").lazy().unique(maintain_order=True)
    ended = (pl.col("valid_to") <= company.as_of).fill_null(value=False)
    found = places.filter(pl.col("rep_id").is_duplicated() | ended)
    moved = in_one_go(found.select(pl.col("rep_id").unique().sort()))["rep_id"].to_list()
    if moved:
        yield Notice(
            "several_teams",
            "memberships",
            "rep_id",
            tuple(moved[:10]),
            len(moved),
            "{n:1 person|{n:,} people} changed or left a team or manager; figures follow the "
            "dates: {values}.",
            details={"n": len(moved), "values": shown(moved)},
        )


def sellers_without_target(company: Company) -> Iterator[Notice]:
    """Tell of people who sell and have no target, where others have one."""
    if not company.has("targets", "rep_id") or company.as_of < company.exported_on:
        return
    won = pl.col("rep_id").filter(pl.col("outcome") == "won").drop_nulls().unique()
    winners = set(company.table("opportunities").select(won)["rep_id"])
    aimed = set(company.values("targets", "rep_id"))
    without = sorted((winners | set(company.values("orders", "rep_id"))) - aimed)
    if without and aimed:
        yield Notice(
            "seller_without_target",
            "targets",
            "rep_id",
            tuple(without[:10]),
            len(without),
            "{n:1 person sells and has|{n:,} people sell and have} no target: {values}.",
            details={"n": len(without), "values": shown(without)},
        )


def sellers_without_team(company: Company) -> Iterator[Notice]:
    """Tell of people who sell and were never in a team, where others were."""
    if not company.has("memberships") or company.as_of < company.exported_on:
        return
    members = set(company.everyone("memberships")["rep_id"].drop_nulls().to_list())
    without = sorted(_owners(company) - members)
    if without:
        yield Notice(
            "seller_without_team",
            "memberships",
            "rep_id",
            tuple(without[:10]),
            len(without),
            "{n:1 person sells and is|{n:,} people sell and are} in no team: {values}.",
            details={"n": len(without), "values": shown(without)},
        )
