"""Open deals that ask for attention: long in their stage, pushed, overdue, without a next step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from spm_lib.core.money import exponent
from spm_lib.model import Company, Figure, MetricId, minor_text, register
from spm_lib.workspace import Scope

EPOCH = date(1970, 1, 1)
FLAGS = ("due_soon", "overdue", "ageing", "pushed", "no_step")
WEEK = 7
NAMES = {
    "due_soon": "due within a week, no next step",
    "overdue": "past its date",
    "ageing": "long in its stage",
    "pushed": "pushed",
    "no_step": "no next step",
}
Usual = Callable[[str, str | None, str], Figure | None]


@dataclass(frozen=True)
class OpenDeal:
    """One open deal; what is not known is null.

    ``days`` in its stage, ``usual`` the days after which most have moved on, ``pushes`` how often
    its date was moved past the end of a month, ``overdue`` days past its expected close;
    ``soon``: it is due within a week.
    """

    opportunity_id: str
    rep_id: str | None
    account: str | None
    stage: str
    amount: int | None
    due: date | None
    days: int | None
    usual: Figure | None
    pushes: int | None
    overdue: int | None
    step: bool | None
    soon: bool = False

    @property
    def flags(self) -> tuple[str, ...]:
        """What asks for attention."""
        holds = {
            "due_soon": self.soon and self.step is False,
            "ageing": self.long,
            "pushed": bool(self.pushes),
            "overdue": bool(self.overdue),
            "no_step": self.step is False,
        }
        return tuple(flag for flag in FLAGS if holds[flag])

    @property
    def long(self) -> bool:
        """Whether it is longer in its stage than is usual."""
        return self.days is not None and self.usual is not None and self.days > self._most

    @property
    def _most(self) -> float:
        assert self.usual is not None
        return float(self.usual.value or 0)


@dataclass(frozen=True)
class OpenDeals:
    """The open deals of people, and which of the flags the data can tell of."""

    company: Company
    deals: tuple[OpenDeal, ...]
    told: frozenset[str]

    def of(self, rep: str) -> tuple[OpenDeal, ...]:
        """Return one person's open deals, the largest first."""
        return tuple(deal for deal in self.deals if deal.rep_id == rep)

    def flagged(self, rep: str, flag: str = "") -> tuple[OpenDeal, ...]:
        """Return one person's deals that ask for attention, for one reason or any."""
        return tuple(d for d in self.of(rep) if (flag in d.flags if flag else d.flags))

    def figure(self, deal: OpenDeal, name: str) -> Figure | None:
        """Return one number of one deal: amount, days, pushes or overdue."""
        value = getattr(deal, name)
        if value is None:
            return None
        units = {"amount": f"money:{self.company.currency}", "pushes": "count"}
        text = minor_text(value, exponent(self.company.currency)) if name == "amount" else value
        return Figure(
            metric=f"open.deal.{name}",
            as_of=self.company.as_of,
            unit=units.get(name, "days"),
            value=str(text),
            receipt=self.company.receipt("opportunities"),
            by={"opportunity_id": deal.opportunity_id},
        )


def open_deals(company: Company, *, usual: Usual | None = None) -> OpenDeals:
    """Return the open deals in scope, the largest first.

    Of a deal that was handed over its owner knows what happened since: days and moved dates are
    those of the owner's own time, whoever reads.

    Parameters
    ----------
    company
        What the page opened.
    usual
        Gives, for a person, pipeline and stage, the days after which most deals have moved on.
    """
    whole = _in_view(company, usual=usual)
    own = {rep: _in_view(company.within(Scope.rep(rep)), usual=usual) for rep in _heirs(company)}
    deals = [deal for deal in whole.deals if deal.rep_id not in own]
    deals += [deal for view in own.values() for deal in view.deals]
    deals.sort(key=lambda deal: (-(deal.amount or 0), deal.opportunity_id))
    return OpenDeals(company, tuple(deals), whole.told)


def _heirs(company: Company) -> list[str]:
    """Return the owners of open deals that somebody else had before."""
    changes = company.changes
    if "rep_id" not in changes.told:
        return []
    now = company.table("opportunities").filter(pl.col("outcome") == "open")
    owners = now.select("opportunity_id", _owner="rep_id").drop_nulls()
    held = (
        changes.frame.select("opportunity_id", "rep_id").drop_nulls().join(owners, "opportunity_id")
    )
    return held.filter(pl.col("rep_id") != pl.col("_owner"))["_owner"].unique().sort().to_list()


def _in_view(company: Company, *, usual: Usual | None) -> OpenDeals:
    frame = company.table("opportunities").filter(pl.col("outcome") == "open")
    told = {"overdue"} if company.has("opportunities", "expected_close") else set()
    stays = _days_in_stage(company)
    if usual is not None and stays:
        told.add("ageing")
    pushes = _pushes(company)
    if pushes is not None:
        told.add("pushed")
    if company.has("opportunities", "next_step") and company.as_of >= company.exported_on:
        told.add("no_step")  # before that day nobody knows what stood there
    if {"overdue", "no_step"} <= told:
        told.add("due_soon")
    accounts = account_names(company)
    rows = [
        _deal(company, row, told=told, stays=stays, pushes=pushes, accounts=accounts, usual=usual)
        for row in frame.iter_rows(named=True)
    ]
    rows.sort(key=lambda deal: (-(deal.amount or 0), deal.opportunity_id))
    return OpenDeals(company, tuple(rows), frozenset(told))


def _deal(
    company: Company,
    row: dict[str, Any],
    *,
    told: set[str],
    stays: dict[str, int],
    pushes: dict[str, int] | None,
    accounts: dict[str, str],
    usual: Usual | None,
) -> OpenDeal:
    deal, due = row["opportunity_id"], row["expected_day"]
    late = None if due is None else (company.as_of - EPOCH).days - due
    step = None
    if "no_step" in told:
        step = bool((row["next_step"] or "").strip())
    days = stays.get(deal)
    most = usual(row["rep_id"], row["pipeline"], row["stage"]) if usual and row["rep_id"] else None
    return OpenDeal(
        opportunity_id=deal,
        rep_id=row["rep_id"],
        account=accounts.get(row["account_id"] or ""),
        stage=row["stage"] or "",
        amount=row["amount"],
        due=None if due is None else EPOCH + timedelta(days=due),
        days=days,
        usual=most,
        pushes=None if pushes is None else pushes.get(deal, 0),
        overdue=late if late is not None and late > 0 else None,
        step=step,
        soon=late is not None and -WEEK <= late <= 0,
    )


def _days_in_stage(company: Company) -> dict[str, int]:
    """Return for how many days each deal has been in its stage, by the history of stages."""
    if not company.has("stage_events"):
        return {}
    last = company.stints.filter(pl.col("is_last") & pl.col("entered_day").is_not_null())
    today = (company.as_of - EPOCH).days
    return {d: today - e for d, e in last.select("opportunity_id", "entered_day").iter_rows()}


def _pushes(company: Company) -> dict[str, int] | None:
    """Return how often each deal's date was moved later past a month's end; None: not told."""
    changes = company.changes
    if "expected_close" not in changes.told:
        return None
    month = pl.from_epoch("expected_day", time_unit="d").dt.truncate("1mo")
    moved = (
        changes.frame.filter(pl.col("expected_day").is_not_null())
        .with_columns(_month=month)
        .with_columns(_before=pl.col("_month").shift(1).over("opportunity_id"))
        .filter(pl.col("_month") > pl.col("_before"))
    )
    counted = moved.group_by("opportunity_id").agg(pl.len().cast(pl.Int64))
    return dict(counted.iter_rows())


def account_names(company: Company) -> dict[str, str]:
    """Return the names of accounts by id, of those that have one."""
    accounts = company.table("accounts")
    if not accounts.height or "name" not in accounts.columns:
        return {}
    return dict(accounts.select("account_id", "name").drop_nulls().iter_rows())


def flag_figure(
    base: Figure, deals: Sequence[OpenDeal], flag: str, *, company: Company, of: str = "count"
) -> Figure:
    """Return how many deals carry a flag, or their amount; ``base`` is the person's open deals."""
    held = [deal for deal in deals if flag in deal.flags]
    value: str | None = str(len(held))
    unit = "count"
    if of == "amount":
        value = minor_text(sum(d.amount or 0 for d in held), exponent(company.currency))
        unit = f"money:{company.currency}"
    return replace(base, metric=f"open.{flag}.{of}", value=value, unit=unit, n=len(deals))


def declare_open_deals() -> None:
    """Put the ids of single open deals into the registry."""
    for name, (title, formula, unit) in _DEALS.items():
        register(
            MetricId(
                id=f"open.deal.{name}",
                name=title,
                formula=formula,
                numerator="",
                denominator="",
                unit=unit,
                date_field="",
                null_rule="no figure where the data does not tell",
                table="opportunities",
                room="reports",
                dimensions=(),
            )
        )


_DEALS = {
    "amount": ("Amount of an open deal", "amount of the deal at as_of", "money"),
    "days": ("Days in its stage", "days from entering its stage to as_of", "days"),
    "pushes": (
        "Times pushed past the end of a month",
        "moves of the expected close to a later month",
        "count",
    ),
    "overdue": ("Days past the expected close", "days from the expected close to as_of", "days"),
}
