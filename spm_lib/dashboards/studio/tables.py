"""The studio's plan as tables of figures, for the workbook to take along."""

from __future__ import annotations

from spm_lib.core.language import Language
from spm_lib.model import Figure
from spm_lib.plans import TargetPlan
from spm_lib.reports.blocks import Block, Column, Table
from spm_lib.reports.cells import Cell, Day, Edition, Number, Words


def tables_of(plan: TargetPlan, language: Language) -> list[Block]:
    """Return the company's numbers, everybody's, and everybody's by period."""
    edition = Edition(language=language.code, currency=plan.scenario.currency)  # type: ignore[arg-type]
    figures = {_key(one): one for one in plan.figures}
    return [
        _company(plan, figures, edition, language),
        _people(plan, figures, edition, language),
        _periods(plan, figures, edition, language),
    ]


def _key(figure: Figure) -> tuple[str, ...]:
    return (figure.metric, *(f"{k}={v}" for k, v in sorted(figure.by.items())))


def _number(figure: Figure | None, part: str = "value") -> Cell:
    return None if figure is None else Number(figure=figure, part=part)  # type: ignore[arg-type]


def _company(plan: TargetPlan, figures: dict, edition: Edition, language: Language) -> Table:
    text = language.text
    names = {
        "target.value": text("The company's target"),
        "target.over_assignment.all": text("Over-assignment in all"),
        plan.odds_metric: text("Odds of the company's target"),
        "target.expected": text("Expected bookings"),
        "capacity.bookings": text("What people can bring"),
        "capacity.gap": text("Gap to the target"),
    }
    rows = tuple(
        (Words(text=name), _number(figures[(metric,)]), _number(figures[(metric,)], "interval"))
        for metric, name in names.items()
        if (metric,) in figures
    )
    columns = (
        Column(title=text("What")),
        Column(title=text("Value"), kind="number"),
        Column(title=text("Interval"), kind="number"),
    )
    return Table(title=text("The company"), columns=columns, rows=rows, edition=edition)


def _people(plan: TargetPlan, figures: dict, edition: Edition, language: Language) -> Table:
    text = language.text
    metrics = ("target.value", plan.odds_metric, "target.expected", "fairness.to_last_year")
    rows = []
    for rep, name, team, note in plan.people.select("rep_id", "name", "team", "note").iter_rows():
        numbers = (_number(figures.get((metric, f"rep_id={rep}"))) for metric in metrics)
        rows.append(
            (Words(text=name or rep), Words(text=team or ""), *numbers, Words(text=note or ""))
        )
    columns = (
        Column(title=text("Name")),
        Column(title=text("Team")),
        Column(title=text("Target"), kind="money"),
        Column(title=text("Odds"), kind="ratio"),
        Column(title=text("Expected bookings"), kind="money"),
        Column(title=text("Of last year's pace"), kind="ratio"),
        Column(title=text("Note")),
    )
    return Table(title=text("People"), columns=columns, rows=tuple(rows), edition=edition)


def _periods(plan: TargetPlan, figures: dict, edition: Edition, language: Language) -> Table:
    text = language.text
    names = dict(plan.people.select("rep_id", "name").iter_rows())
    own = plan.targets.drop_nulls("rep_id").select("rep_id", "period_start")
    rows = []
    for rep, start in own.iter_rows():
        found = figures.get(("target.value", f"period={start.isoformat()}", f"rep_id={rep}"))
        rows.append(
            (Words(text=names.get(rep) or rep), Day(day=start, grain="month"), _number(found))
        )
    columns = (
        Column(title=text("Name")),
        Column(title=text("Month"), kind="date"),
        Column(title=text("Target"), kind="money"),
    )
    return Table(
        title=text("Targets by period"), columns=columns, rows=tuple(rows), edition=edition
    )
