"""``spm pay model``: what a plan would pay on simulated years, beside another one if asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spm_lib.cli.opening import open_client
from spm_lib.cli.options import WORKSPACE, Format, TableFormat, Tongue, Workspace
from spm_lib.cli.printing import print_csv, print_json, print_table
from spm_lib.cli.watching import watched

if TYPE_CHECKING:
    import polars as pl

    from spm_lib.core.language import Language
    from spm_lib.incentives import PayModel, Plan
    from spm_lib.plans import ApprovedTargets, Planner, TargetScenario

_TITLES = {
    "rep_id": "rep_id", "name": "Name", "plan": "Plan", "role": "Role",
    "quota": "Quota", "sales": "Bookings", "attainment": "Attainment",
    "pay": "Pay", "p10": "P10", "p50": "P50", "p90": "P90", "error": "± (standard error)",
    "cost_rate": "Pay / bookings", "ccos": "Cost of sales with base pay",
    "old": "Old", "new": "New", "change": "Change", "change_p10": "Change P10",
    "change_p90": "Change P90", "better": "Years with more pay", "side": "Side",
    "of": "By", "higher": "Reached more", "lower": "Paid more", "share": "Of the years",
    "gap": "By how much",
}  # fmt: skip
_RATIOS = ("attainment", "cost_rate", "ccos", "better", "share")
_WORDS = {"of": {"attainment": "attainment", "sales": "sales"},
          "side": {"winner": "winner", "loser": "loser"}}  # fmt: skip
_MODELLED = ("rep_id", "name", "quota", "sales", "attainment", "pay", "p10", "p50", "p90")
_COMPARED = ("rep_id", "name", "old", "new", "change", "change_p10", "change_p90", "better", "side")
_COMPANY = ("plan", "pay", "error", "p10", "p50", "p90", "sales", "cost_rate", "ccos")
_STEPS = ("plan", "attainment", "sales", "pay", "cost_rate")
_INVERSIONS = ("of", "higher", "lower", "share", "gap")
_FEW = 10


def model(
    plan: Annotated[
        str, typer.Argument(metavar="PLAN", help="The plan file, or its name in the folder plans/.")
    ],
    workspace: Workspace = WORKSPACE,
    against: Annotated[
        str | None, typer.Option(help="The plan it would replace.", metavar="OLD_PLAN")
    ] = None,
    scenario: Annotated[
        str | None,
        typer.Option(
            help="Targets and levers of a scenario; default: the proposal of spm plan init.",
            metavar="NAME",
        ),
    ] = None,
    futures: Annotated[int, typer.Option(help="How many simulated years.", min=2, max=2_000)] = 200,
    language: Annotated[Tongue, typer.Option(help="Language of the words.")] = Tongue.en,
    format: TableFormat = Format.table,  # noqa: A002 - named as the option is
) -> None:
    """Tell what a plan would pay on simulated years: cost, spread, people, who is paid out of turn.

    Targets are the quotas. With --against: pay under both plans in the same years, who gains and
    who loses. Amounts as JSON and CSV are minor units.
    """
    from spm_lib.core.language import language as tongue
    from spm_lib.incentives import compare_models, tag_changes

    names = [against, plan] if against else [plan]
    plans = [plan_named(name, workspace) for name in names]
    models = _modelled(plans, workspace, scenario, futures)
    found = compare_models(*models) if against else None
    people = found.people if found else models[0].people
    if format is Format.json:
        tables = {"steps": _stepped(models), "inversions": models[-1].inversions}
        whole = {"company": _company(models), "people": people, **tables}
        print_json({name: _plain(table) for name, table in whole.items()})
    elif format is Format.csv:
        print_csv(people.columns, _plain(people), numbers=people.columns[2:])
    else:
        spoken = tongue(language)
        _print(models, people, _Telling(spoken, models[0].currency))
        for one in tag_changes(plans[-1], plans[0] if against else None):
            typer.echo(one.tell(spoken))


def plan_named(name: str, workspace: Path) -> Plan:
    """Return the plan of a file, or of a name in the client's folder ``plans/``."""
    from spm_lib.incentives import load_plan
    from spm_lib.store import ClientFolder

    beside = ClientFolder.of(workspace).plans / f"{name.removesuffix('.toml')}.toml"
    return load_plan(beside if beside.is_file() and not Path(name).is_file() else Path(name))


def _modelled(
    plans: list[Plan], workspace: Path, scenario: str | None, futures: int
) -> list[PayModel]:
    from spm_lib.plans import Planner, load_target_scenario, propose

    with watched() as say:
        say("the client's tables")
        planner = Planner(open_client(workspace))
        asked: TargetScenario = (
            load_target_scenario(workspace, scenario)
            if scenario
            else propose(planner.company, name="Proposal", approved=_approved(planner))
        )
        found = []
        for plan in plans:
            say(f"pay by {plan.plan.id}")
            found.append(planner.pay_model(asked, plan, futures=futures))
        return found


def _approved(planner: Planner) -> ApprovedTargets:
    from spm_lib.team import approved_targets
    from spm_lib.workspace import Scope

    return approved_targets(planner.company, Scope.company(), planner=lambda: planner)


def _company(models: list[PayModel]) -> pl.DataFrame:
    import polars as pl

    rows = [m.company.select(pl.lit(m.plan).alias("plan"), pl.all()) for m in models]
    return pl.concat(rows)


def _stepped(models: list[PayModel]) -> pl.DataFrame:
    import polars as pl

    return pl.concat([m.steps.select(pl.lit(m.plan).alias("plan"), pl.all()) for m in models])


def _plain(table: pl.DataFrame) -> list[dict[str, Any]]:
    """Return rows with decimals as text."""
    kept = table.to_dicts()
    decimals = [name for name, kind in table.schema.items() if kind.is_decimal()]
    return [
        row | {name: None if row[name] is None else str(row[name].normalize()) for name in decimals}
        for row in kept
    ]


class _Telling:
    """Cells of a table in a language, money in a currency."""

    def __init__(self, language: Language, currency: str) -> None:
        self.language, self.currency = language, currency

    def table(self, frame: pl.DataFrame, columns: tuple[str, ...]) -> None:
        text = self.language.text
        rows = [[self.cell(name, row[name]) for name in columns] for row in frame.to_dicts()]
        texts = ("rep_id", "name", "plan", "side", "of", "higher", "lower")
        right = [text(_TITLES[name]) for name in columns if name not in texts]
        print_table([text(_TITLES[name]) for name in columns], rows, right=right)
        typer.echo("")

    def cell(self, column: str, value: Any) -> str:
        if value is None:
            return "–"
        if column in _RATIOS:
            return self.language.percent(value, 2 if column in ("cost_rate", "ccos") else 0)
        if isinstance(value, int):
            return self.language.money(value, self.currency)
        words = _WORDS.get(column)
        return self.language.text(words[value]) if words else str(value)


def _print(models: list[PayModel], people: pl.DataFrame, telling: _Telling) -> None:
    newest, text = models[-1], telling.language.text
    start, end = (telling.language.date(day) for day in (newest.start, newest.end))
    n = newest.futures
    typer.echo(
        text("{n} simulated years from {start} until before {end}.", n=n, start=start, end=end)
    )
    telling.table(_company(models), _COMPANY)
    steps = _stepped(models)
    if steps.height:
        typer.echo(text("Where all together reach this share of their quotas:"))
        telling.table(steps, _STEPS)
    telling.table(people, _COMPARED if len(models) > 1 else _MODELLED)
    inversions = newest.inversions
    if inversions.height:
        typer.echo(text("Reached more and was paid less, in years of the plan {plan}:",
                        plan=newest.plan))  # fmt: skip
        telling.table(inversions.head(_FEW), _INVERSIONS)
    told: list[str] = []
    for one in models:
        told += [line for note in one.notes if (line := note.tell(telling.language)) not in told]
    for line in told:
        typer.echo(line)
