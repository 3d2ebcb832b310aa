"""What tables and columns of the model are called where people read: message ids, and phrases.

A client's own column is called as the client calls it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from spm_lib.core.statement import Phrase
from spm_lib.model.notices import Notice, shown

if TYPE_CHECKING:
    from spm_lib.core.language import Language

TABLE_NAMES = {
    "opportunities": "Deals",
    "stage_events": "Stage history",
    "activities": "Activities",
    "reps": "People",
    "memberships": "Team memberships",
    "accounts": "Customers",
    "products": "Products",
    "leads": "Leads",
    "orders": "Orders",
    "splits": "Credit splits",
    "payments": "Payments",
    "targets": "Targets",
    "forecast_calls": "Forecast calls",
    "costs": "Costs",
    "fx_rates": "Exchange rates",
}
COLUMN_NAMES = {
    "opportunity_id": "deal",
    "rep_id": "person",
    "account_id": "customer",
    "product_id": "product",
    "order_id": "order",
    "activity_id": "activity",
    "lead_id": "lead",
    "payment_id": "payment",
    "manager_id": "manager",
    "team": "team",
    "currency": "currency",
    "stage": "stage",
    "outcome": "outcome",
    "pipeline": "pipeline",
    "source": "source",
    "campaign": "campaign",
    "discount": "discount",
    "next_step": "next step",
    "forecast_category": "forecast category",
    "lost_reason": "lost reason",
    "type": "type of deal",
    "kind": "kind",
    "name": "name",
    "role": "role",
    "line": "order line",
    "metric": "metric",
    "category": "category",
    "amount": "amount",
    "created_at": "day of creation",
    "closed_at": "day of the close",
    "expected_close": "expected close",
    "week": "week",
    "month": "month",
    "quarter": "quarter",
    "year": "year",
    "age": "age",
}
REASONS = {
    r"(?P<found>\d+) fields where (?P<wanted>\d+) are expected": (
        "{found:1 field|{found} fields} where {wanted} are expected"
    ),
    r"a quote opened in line (?P<start>\d+) closes only in line (?P<end>\d+)": (
        "a quote opened in line {start} closes only in line {end}"
    ),
    r"bytes that are not (?P<encoding>.+)": "bytes that are not {encoding}",
}


def column_phrase(column: str) -> Phrase | str:
    """Return what a column is called in a sentence; a client's own as the client calls it.

    Examples
    --------
    >>> column_phrase("product_id"), column_phrase("Segment")
    (Phrase(text='product'), 'Segment')
    """
    return Phrase(COLUMN_NAMES[column]) if column in COLUMN_NAMES else column


def column_heading(column: str, language: Language) -> str:
    """Return what a column is called over a table.

    Examples
    --------
    >>> from spm_lib.core.language import language
    >>> column_heading("product_id", language("en")), column_heading("Segment", language("he"))
    ('Product', 'Segment')
    """
    if column not in COLUMN_NAMES:
        return column
    name = language.text(COLUMN_NAMES[column])
    return name[:1].upper() + name[1:]


def notice_text(notice: Notice, language: Language) -> str:
    """Return a notice in words: tables, columns, outcomes and reasons by name, not by id."""
    told = dict(notice.details)
    for name in ("table", "target", "raw"):
        if told.get(name) in TABLE_NAMES:
            told[name] = language.text(TABLE_NAMES[str(told[name])])
    if told.get("column") in COLUMN_NAMES:
        told["column"] = language.text(COLUMN_NAMES[str(told["column"])])
    if "outcome" in told:
        told["outcome"] = language.text(str(told["outcome"]))
    if notice.kind == "quarantine":
        told["values"] = shown([reason_text(reason, language) for reason in notice.values])
    return language.text(notice.message, **told)


def reason_text(reason: str, language: Language) -> str:
    """Return why a row could not be read, in words.

    Examples
    --------
    >>> from spm_lib.core.language import language
    >>> reason_text("11 fields where 9 are expected", language("en"))
    '11 fields where 9 are expected'
    """
    for pattern, message in REASONS.items():
        found = re.fullmatch(pattern, reason)
        if found:
            return language.text(message, **found.groupdict())
    return language.text(reason)
