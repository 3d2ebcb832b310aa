"""What a rule must be told by the data, and how to see whether it is told."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from spm_lib.core.statement import Phrase
from spm_lib.model import Company

CONTACT_COLUMNS = ("contact_id", "contact", "Contact", "Contact ID")


def contact_column(company: Company) -> str | None:
    """Return the kept column of activities that names whom at the customer they were with."""
    if not company.has("activities"):
        return None
    kept = company.columns("activities")[1]
    return next((c for c in CONTACT_COLUMNS if c in kept), None)


def known_then(company: Company, column: str) -> bool:
    """Say whether a column of the deals is known from their creation on, so on any past day."""
    return column in company.book.known.get("opportunities", frozenset())


Told = Callable[[Company], bool]


def _filled(column: str, outcome: str = "open") -> Told:
    def told(company: Company) -> bool:
        deals = company.table("opportunities").filter(pl.col("outcome") == outcome)
        return deals[column].null_count() < deals.height

    return told


def _kind(kind: str) -> Told:
    def told(company: Company) -> bool:
        acts = company.table("activities").filter(pl.col("opportunity_id").is_not_null())
        return bool((acts["kind"] == kind).any())

    return told


def _history(name: str) -> Told:
    return lambda company: name in company.changes.told


def _then(column: str) -> Told:
    return lambda company: known_then(company, column)


def _activities(company: Company) -> bool:
    acts = company.table("activities")
    return acts["opportunity_id"].null_count() < acts.height


def _leads(company: Company) -> bool:
    leads = company.table("leads").filter(pl.col("opportunity_id").is_not_null())
    return leads["first_response_day"].null_count() < leads.height


def _creation(company: Company) -> bool:
    deals = company.table("opportunities")
    return deals["created_day"].null_count() < deals.height


def _leavers(company: Company) -> bool:
    reps = company.table("reps")
    return reps["left_day"].null_count() < reps.height


NEEDS: dict[str, tuple[Phrase, Told]] = {
    "activities": (Phrase("activities with the deal they were for"), _activities),
    "kinds": (
        Phrase("kinds of activities"),
        lambda c: c.table("activities")["kind"].n_unique() > 1,
    ),
    "meetings": (Phrase("activities of the kind meeting"), _kind("meeting")),
    "demos": (Phrase("activities of the kind demo"), _kind("demo")),
    "proposals": (Phrase("activities of the kind proposal"), _kind("proposal")),
    "contacts": (
        Phrase("a kept column of activities that names the contact (contact_id)"),
        lambda c: contact_column(c) is not None,
    ),
    "leads": (Phrase("leads with their first response and the deal they became"), _leads),
    "creation": (Phrase("the day on which deals were created"), _creation),
    "stages": (Phrase("a history of stages"), _history("stage")),
    "planned": (Phrase("planned closes of open deals"), _filled("expected_day")),
    "planned history": (Phrase("a history of planned closes"), _history("expected_close")),
    "owner": (Phrase("owners of open deals"), _filled("rep_id")),
    "owner history": (Phrase("a history of owners"), _history("rep_id")),
    "leavers": (Phrase("the day on which people left"), _leavers),
    "amount": (Phrase("amounts of open deals"), _filled("amount")),
    "amount history": (Phrase("a history of amounts"), _history("amount")),
    "next step": (Phrase("next steps of open deals"), _filled("next_step")),
    "next step then": (Phrase("next steps as they were on past days"), lambda _: False),
    "product": (Phrase("products of open deals"), _filled("product_id")),
    "product then": (Phrase("products known from the creation on"), _then("product_id")),
    "source": (Phrase("sources of open deals"), _filled("source")),
    "source then": (Phrase("sources known from the creation on"), _then("source")),
    "account": (Phrase("customers of open deals"), _filled("account_id")),
    "account then": (Phrase("customers known from the creation on"), _then("account_id")),
    "lost reason": (Phrase("reasons of lost deals"), _filled("lost_reason", "lost")),
}


def missing(company: Company, needs: tuple[str, ...]) -> tuple[Phrase, ...]:
    """Return in words which of these needs the data does not meet as known at its day."""
    told = company.once("told needs", dict)
    for name in needs:
        if name not in told:
            told[name] = NEEDS[name][1](company)
    return tuple(NEEDS[name][0] for name in needs if not told[name])
