"""A designer's plan as tables of figures, for the workbook to take along."""

from __future__ import annotations

from typing import Any

import polars as pl

from spm_lib.core.language import Language
from spm_lib.core.money import exponent
from spm_lib.dashboards.pay.plan_desk import PlanDesk
from spm_lib.dashboards.pay.plan_told import findings_told, moves_told
from spm_lib.dashboards.pay.priced import Priced
from spm_lib.incentives import BUDGET_STEPS
from spm_lib.model import Figure, Receipt, minor_text
from spm_lib.reports.blocks import Block, Column, Table
from spm_lib.reports.cells import Edition, Number, Words

_TENTHS = 10


def tables_of(desk: PlanDesk, language: Language) -> list[Block]:
    """Return cost, everybody's pay, the curve, and what was moved and found."""
    edition = Edition(language=language.code, currency=desk.priced.currency)  # type: ignore[arg-type]
    return [
        _company(desk, edition, language),
        _people(desk, edition, language),
        _curve(desk, edition, language),
        _words(desk, edition, language),
    ]


class _Figures:
    """Makes figures of a replay: of a plan, over its days."""

    def __init__(self, desk: PlanDesk) -> None:
        self.past, self.as_of = desk.past, desk.company.as_of

    def money(self, metric: str, priced: Priced, minor: int | None, **by: str) -> Number:
        value = minor_text(minor, exponent(priced.currency))
        return self.told(metric, value, f"money:{priced.currency}", priced, **by)

    def told(self, metric: str, value: object, unit: str, priced: Priced, **by: str) -> Number:
        n = priced.run.transactions.height
        figure = Figure(
            metric=f"pay.{metric}",
            as_of=self.as_of,
            unit=unit,
            value=None if value is None else f"{value}",
            receipt=Receipt(n),
            by={"plan": priced.plan.plan.id, **by},
            window=(self.past.start, self.past.end),
            n=n,
        )
        return Number(figure=figure)


def _company(desk: PlanDesk, edition: Edition, language: Language) -> Table:
    text, make, both = language.text, _Figures(desk), (desk.beside, desk.priced)
    rows: list[tuple[Any, ...]] = [
        (
            Words(text=text("Cost on these deals")),
            *(make.money("replay.cost", one, one.cost) for one in both),
        ),
        (
            Words(text=text("Sales")),
            *(make.money("replay.sales", one, one.sales) for one in both),
        ),
        (
            Words(text=text("Commission cost rate")),
            *(make.told("replay.cost_rate", one.cost_rate, "ratio", one) for one in both),
        ),
    ]
    for step in BUDGET_STEPS if desk.priced.budget else ():
        at = f"{step}"
        name = text("Cost at {share} of all quotas", share=language.percent(step, 0))
        costs = (one.budget.get(step, (None, None))[0] for one in both)
        cells = (
            make.money("replay.at", one, cost, attainment=at)
            for one, cost in zip(both, costs, strict=True)
        )
        rows.append((Words(text=name), *cells))
    return _table(text("The plan"), (text("What"), *_beside(language)), rows, edition)


def _people(desk: PlanDesk, edition: Edition, language: Language) -> Table:
    text, make = language.text, _Figures(desk)
    rows = []
    listed = desk.compared.people.filter((pl.col("old") != 0) | (pl.col("new") != 0))
    for rep, name, old, new, change in listed.select(
        "rep_id", "name", "old", "new", "change"
    ).iter_rows():
        rows.append(
            (
                Words(text=name or rep),
                make.money("replay.pay", desk.beside, old, rep_id=rep),
                make.money("replay.pay", desk.priced, new, rep_id=rep),
                make.money("replay.change", desk.priced, change, rep_id=rep),
            )
        )
    heads = (text("Name"), *_beside(language), text("Change"))
    return _table(text("People"), heads, rows, edition)


def _curve(desk: PlanDesk, edition: Edition, language: Language) -> Table:
    text, make, both = language.text, _Figures(desk), (desk.beside, desk.priced)
    columns = [one.curve(desk.quota, desk.role).rows.gather_every(_TENTHS) for one in both]
    rows = []
    for (step, old), new in zip(columns[0].iter_rows(), columns[1]["pay"], strict=True):
        at = f"{step.normalize():f}"
        cells = (
            make.money("curve", one, pay, attainment=at)
            for one, pay in zip(both, (old, new), strict=True)
        )
        rows.append((Words(text=language.percent(step, 0)), *cells))
    heads = (text("Attainment of the quota"), *_beside(language))
    return _table(text("Pay curve"), heads, rows, edition)


def _words(desk: PlanDesk, edition: Edition, language: Language) -> Table:
    text = language.text
    lines = [(text("What was moved"), one) for one in moves_told(desk, language)]
    lines += [(text("What the linter finds"), one) for one in findings_told(desk, language)]
    rows = [(Words(text=what), Words(text=told)) for what, told in lines]
    columns = (Column(title=text("What")), Column(title=text("Note")))
    return Table(title=text("Notes"), columns=columns, rows=tuple(rows), edition=edition)


def _beside(language: Language) -> tuple[str, str]:
    return language.text("Beside it"), language.text("As the sliders stand")


def _table(title: str, heads: tuple[str, ...], rows: list[Any], edition: Edition) -> Table:
    columns = (Column(title=heads[0]), *(Column(title=one, kind="money") for one in heads[1:]))
    return Table(title=title, columns=columns, rows=tuple(rows), edition=edition)
