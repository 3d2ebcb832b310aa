"""Deals that show what a number means: won, or lost at a stage, the largest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.money import exponent
from spm_lib.model import Company, Figure, MetricId, minor_text, register
from spm_lib.reports.pages.open_deals import account_names


@dataclass(frozen=True)
class ClosedDeal:
    """One closed deal: ``stage`` is the last open stage it was in; "" where nobody knows."""

    opportunity_id: str
    account: str | None
    outcome: str
    closed_on: date
    amount: int | None
    stage: str


class ClosedExamples:
    """The deals that people closed in a window."""

    def __init__(self, company: Company, window: Window) -> None:
        self.company, self.window = company, window

    def of(self, rep: str, outcome: str, *, stage: str = "") -> list[ClosedDeal]:
        """Return a person's deals of an outcome, largest first; with a stage those lost there."""
        return [
            deal
            for deal in self._all.get(rep, ())
            if deal.outcome == outcome and (not stage or deal.stage == stage)
        ]

    def figure(self, deal: ClosedDeal) -> Figure | None:
        """Return the amount of a deal as a figure; none where it has none."""
        if deal.amount is None:
            return None
        return Figure(
            metric="closed.deal.amount",
            as_of=self.company.as_of,
            unit=f"money:{self.company.currency}",
            value=minor_text(deal.amount, exponent(self.company.currency)),
            receipt=self.company.receipt("opportunities"),
            by={"opportunity_id": deal.opportunity_id},
        )

    @cached_property
    def _all(self) -> dict[str, list[ClosedDeal]]:
        deals = self.company.table("opportunities").filter(
            pl.col("outcome").is_in(["won", "lost"])
            & (pl.col("closed_on") >= self.window.start)
            & (pl.col("closed_on") < self.window.end)
            & pl.col("rep_id").is_not_null()
        )
        deals = deals.sort(
            pl.col("amount").fill_null(0), "opportunity_id", descending=[True, False]
        )
        names, stages = account_names(self.company), self._stages
        found: dict[str, list[ClosedDeal]] = {}
        columns = ("opportunity_id", "rep_id", "account_id", "outcome", "closed_on", "amount")
        for deal, rep, account, outcome, day, amount in deals.select(columns).iter_rows():
            one = ClosedDeal(
                deal, names.get(account or ""), outcome, day, amount, stages.get(deal, "")
            )
            found.setdefault(rep, []).append(one)
        return found

    @cached_property
    def _stages(self) -> dict[str, str]:
        stints = self.company.stints.filter(pl.col("outcome") == "open")
        last = stints.group_by("opportunity_id", maintain_order=True).last()
        return dict(last.select("opportunity_id", "stage").iter_rows())


def declare_closed_examples() -> None:
    """Put the amount of a single closed deal into the registry."""
    register(
        MetricId(
            id="closed.deal.amount",
            name="Amount of a closed deal",
            formula="amount of the deal as it was closed",
            numerator="",
            denominator="",
            unit="money",
            date_field="closed_at",
            null_rule="no figure where the deal has no amount",
            table="opportunities",
            room="reports",
            dimensions=(),
        )
    )
