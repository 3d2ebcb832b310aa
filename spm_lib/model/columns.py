"""The canonical tables: each column's name, type and meaning, in the one place for them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Literal

from spm_lib.core.errors import DataError

Kind = Literal["id", "text", "money", "moment", "day", "number", "share", "rate", "whole"]
Visibility = Literal["own", "account", "team", "company", "all"]


@dataclass(frozen=True)
class Column:
    """A canonical column.

    ``kind`` is its type: "id" and "text" are String; "money" is Int64 minor units of the reporting
    currency; "moment" is something that happened (Date, or UTC Datetime where the data has times);
    "day" is a plain Date; "number" and "share" are Float64; "rate" is an exact Decimal; "whole" is
    Int64.
    """

    name: str
    kind: Kind
    meaning: str
    required: bool = False


@dataclass(frozen=True)
class Table:
    """A canonical table: its key, its columns, and who may see its rows.

    ``visibility``: "own" rows belong to the rep in ``rep_id``; "account" rows are seen by reps who
    have dealings with the account; "team" rows belong to a rep or to a whole team; "company" rows
    are seen in company scope only; "all" rows name no person and are seen by everybody.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    visibility: Visibility
    meaning: str

    def column(self, name: str) -> Column | None:
        """Return the column of that name, None where the table has none."""
        return next((c for c in self.columns if c.name == name), None)

    def names(self, *kinds: Kind) -> list[str]:
        """Return the names of the columns, of the given kinds only where kinds are given."""
        return [c.name for c in self.columns if not kinds or c.kind in kinds]


def _table(
    name: str, key: str, visibility: Visibility, meaning: str, columns: dict[str, tuple[Kind, str]]
) -> Table:
    required = {column.rstrip("!") for column in columns if column.endswith("!")}
    made = tuple(
        Column(column.rstrip("!"), kind, text, required=column.rstrip("!") in required)
        for column, (kind, text) in columns.items()
    )
    return Table(name, tuple(key.split()), made, visibility, meaning)


OPEN_ENDED = ("valid_from", "valid_to", "hired_on", "left_on")  # null: since ever, until further
_RECORDED: tuple[Kind, str] = ("moment", "when the row was entered; null: known by event time")

_ALL = [
    _table(
        "opportunities",
        "opportunity_id",
        "own",
        "one row per deal, as it stands",
        {
            "opportunity_id!": ("id", "key of the deal"),
            "rep_id": ("id", "owner; of a closed deal the owner at the close, who gets the credit"),
            "account_id": ("id", "customer"),
            "amount": ("money", "value of the deal; at a loss the last known value before it"),
            "currency": (
                "text",
                "currency of the amount as given; null: as a sign says, else the reporting one",
            ),
            "stage": ("text", "stage as the client names it"),
            "outcome": ("text", "open, won or lost; given, or told by the stage"),
            "pipeline": ("text", "which of several pipelines; null: the default"),
            "created_at": ("moment", "when the deal came to be; null: undated"),
            "closed_at": ("moment", "when it was won or lost; null while open"),
            "expected_close": ("day", "the planned close"),
            "recorded_at": _RECORDED,
            "source": ("text", "where the deal came from"),
            "campaign": ("text", "campaign that brought it"),
            "product_id": ("id", "product"),
            "discount": ("number", "discount as a ratio"),
            "next_step": ("text", "next step as written by the rep"),
            "forecast_category": ("text", "the rep's call, such as commit or best case"),
            "lost_reason": ("text", "why it was lost"),
            "type": ("text", "new, expansion or renewal"),
        },
    ),
    _table(
        "stage_events",
        "opportunity_id entered_at seq",
        "own",
        "one row per change in a deal's history",
        {
            "opportunity_id!": ("id", "the deal"),
            "entered_at!": ("moment", "when the change happened"),
            "stage": ("text", "stage from then on; unchanged: a field change, not a visit"),
            "seq": (
                "whole",
                "order among changes of the same instant; default: order of files and rows",
            ),
            "amount": ("money", "value from then on; null: as before"),
            "currency": ("text", "currency of the amount as given; null: the deal's"),
            "expected_close": ("day", "planned close from then on; null: as before"),
            "rep_id": ("id", "owner from then on; null: as before"),
            "pipeline": ("text", "which of several pipelines; null: the deal's"),
            "outcome": ("text", "open, won or lost; given, or told by the stage"),
            "recorded_at": _RECORDED,
        },
    ),
    _table(
        "activities",
        "activity_id",
        "own",
        "one row per call, meeting, e-mail or other activity",
        {
            "activity_id!": ("id", "key"),
            "rep_id": ("id", "who did it"),
            "kind": ("text", "what it was, such as call, meeting, proposal"),
            "happened_at!": ("moment", "when"),
            "opportunity_id": ("id", "the deal it was for"),
            "account_id": ("id", "the customer it was for"),
            "recorded_at": _RECORDED,
        },
    ),
    _table(
        "reps",
        "rep_id",
        "own",
        "one row per person who sells",
        {
            "rep_id!": ("id", "key"),
            "name": ("text", "name to print"),
            "role": ("text", "role"),
            "hired_on": ("day", "first day"),
            "left_on": ("day", "first day no longer there"),
            "team": ("text", "team without dates: a membership valid for all time is made of it"),
            "manager_id": ("id", "manager without dates, likewise"),
        },
    ),
    _table(
        "memberships",
        "rep_id valid_from team",
        "own",
        "who was in which team under which manager, when: [valid_from, valid_to)",
        {
            "rep_id!": ("id", "the person"),
            "team": ("text", "the team"),
            "manager_id": ("id", "the manager"),
            "valid_from": ("day", "first day; null: always was"),
            "valid_to": ("day", "first day no longer; null: until further notice"),
        },
    ),
    _table(
        "accounts",
        "account_id",
        "account",
        "one row per customer",
        {
            "account_id!": ("id", "key"),
            "name": ("text", "name to print"),
            "created_at": ("moment", "when it became known"),
        },
    ),
    _table(
        "products",
        "product_id",
        "all",
        "one row per product",
        {
            "product_id!": ("id", "key"),
            "name": ("text", "name to print"),
            "price": ("money", "list price"),
        },
    ),
    _table(
        "leads",
        "lead_id",
        "own",
        "one row per lead, before it is a deal",
        {
            "lead_id!": ("id", "key"),
            "created_at!": ("moment", "when it came in"),
            "source": ("text", "where from"),
            "rep_id": ("id", "whose it is"),
            "first_response_at": ("moment", "when somebody first answered"),
            "converted_at": ("moment", "when it became a deal"),
            "opportunity_id": ("id", "the deal it became"),
            "recorded_at": _RECORDED,
        },
    ),
    _table(
        "orders",
        "order_id line",
        "own",
        "one row per order line",
        {
            "order_id!": ("id", "the order"),
            "line": ("id", "line of the order; default: the number of the line in its order"),
            "rep_id": ("id", "who sold it"),
            "date!": ("day", "date of the order"),
            "account_id": ("id", "customer"),
            "product_id": ("id", "product"),
            "units": ("number", "units sold"),
            "amount": ("money", "value of the line"),
            "cost": ("money", "cost of the line"),
            "currency": ("text", "currency of the amounts as given"),
            "invoiced_at": ("moment", "when it was invoiced"),
            "recorded_at": _RECORDED,
        },
    ),
    _table(
        "splits",
        "opportunity_id order_id rep_id kind",
        "own",
        "who shares the credit of a deal or an order",
        {
            "opportunity_id": ("id", "the deal"),
            "order_id": ("id", "or the order"),
            "rep_id!": ("id", "who gets a share"),
            "share": ("share", "the share, 0..1"),
            "kind": ("text", "what is shared, such as revenue or overlay"),
            "recorded_at": _RECORDED,
        },
    ),
    _table(
        "payments",
        "payment_id",
        "own",
        "money received from customers",
        {
            "payment_id!": ("id", "key"),
            "date!": ("day", "when it was received"),
            "amount": ("money", "how much"),
            "currency": ("text", "currency of the amount as given"),
            "rep_id": ("id", "whose sale it pays for"),
            "order_id": ("id", "the order it pays"),
            "opportunity_id": ("id", "or the deal"),
            "account_id": ("id", "who paid"),
            "recorded_at": _RECORDED,
        },
    ),
    _table(
        "targets",
        "rep_id team period_start period_end metric",
        "team",
        "what a rep or a team is to reach in a period: [period_start, period_end)",
        {
            "rep_id": ("id", "the person; null: the team's target"),
            "team": ("text", "the team; null: the person's target"),
            "period_start!": ("day", "first day"),
            "period_end": ("day", "first day after; default: told by the owner's other targets"),
            "metric": ("text", "metric id, perhaps with a part (.count:call); default: won.amount"),
            "value": ("money", "the target: minor units; of a count a number, of a ratio per cent"),
        },
    ),
    _table(
        "forecast_calls",
        "rep_id period_start submitted_at category",
        "own",
        "what reps said they would close",
        {
            "rep_id!": ("id", "who said it"),
            "period_start!": ("day", "for which period"),
            "submitted_at!": ("moment", "when"),
            "category": ("text", "commit, best case, ..."),
            "amount": ("money", "how much"),
        },
    ),
    _table(
        "costs",
        "period_start kind rep_id team",
        "team",
        "what selling cost",
        {
            "period_start!": ("day", "first day of the period"),
            "kind": ("text", "salary, tools, ..."),
            "amount": ("money", "how much"),
            "currency": ("text", "currency of the amount as given"),
            "rep_id": ("id", "whose"),
            "team": ("text", "or which team's"),
        },
    ),
    _table(
        "fx_rates",
        "currency date",
        "all",
        "exchange rates",
        {
            "currency!": ("text", "foreign currency, ISO 4217"),
            "date!": ("day", "from which day"),
            "rate!": ("rate", "reporting currency per 1 foreign, an exact decimal"),
        },
    ),
]

TABLES: dict[str, Table] = {table.name: table for table in _ALL}


def canonical_table(name: str) -> Table:
    """Return the definition of a canonical table.

    Raises
    ------
    DataError
        If there is no such table; the nearest name is given.
    """
    if name in TABLES:
        return TABLES[name]
    near = difflib.get_close_matches(name, TABLES, n=1)
    raise DataError(
        f"There is no table '{name}'.",
        found=f"known tables: {', '.join(TABLES)}",
        do=f"Write '{near[0]}'" if near else "Use one of the known tables",
    )


def day_column(name: str) -> str:
    """Return the name of the Int64 epoch-day column of a dated column.

    Examples
    --------
    >>> [day_column(c) for c in ("created_at", "expected_close", "date", "valid_from")]
    ['created_day', 'expected_day', 'day', 'valid_from_day']
    """
    special = {"expected_close": "expected_day", "date": "day"}
    return special.get(name, f"{name.removesuffix('_at').removesuffix('_on')}_day")


def on_column(name: str) -> str:
    """Return the name of the workspace-local Date of a moment.

    Examples
    --------
    >>> on_column("created_at")
    'created_on'
    """
    return f"{name.removesuffix('_at')}_on" if name.endswith("_at") else name
