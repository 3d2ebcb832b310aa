"""``spm plan``: target plans from scenario files, side by side, and solved for given odds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spm_lib.cli.opening import open_client
from spm_lib.cli.options import WORKSPACE, AsOf, Format, TableFormat, Workspace, day
from spm_lib.cli.printing import print_csv, print_json, print_table
from spm_lib.cli.speaking import SpeakingGroup
from spm_lib.cli.watching import watched

if TYPE_CHECKING:
    import polars as pl

    from spm_lib.plans import Planner, TargetPlan

plan = typer.Typer(
    help="Target plans from scenario files.", cls=SpeakingGroup, no_args_is_help=True
)
ScenarioName = Annotated[
    str,
    typer.Argument(help="Its name under scenarios/, or the path of its file.", metavar="SCENARIO"),
]
_SHARES = ("growth", "odds", "odds_a", "odds_b", "odds_difference", "over_assignment")
_BUILT = ("rep_id", "name", "team", "target", "pace", "growth", "odds", "p10", "p90", "note")
_COMPARED = ("rep_id", "name", "target_a", "target_b", "difference", "odds_a", "odds_b", "side")
_COST = ("cost_a", "cost_b", "cost_difference")
_SOLVED = ("rep_id", "name", "target", "odds", "with_odds", "multiple", "new_deals")


@plan.command()
def init(
    name: Annotated[str, typer.Argument(help="What to call it.", metavar="NAME")],
    workspace: Workspace = WORKSPACE,
    as_of: AsOf = None,
    take: Annotated[
        str | None,
        typer.Option("--from", help="Take over the levers of a what-if scenario.", metavar="NAME"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over one that is there.")] = False,
) -> None:
    """Propose a scenario file: the next year, shared out by what people sold and have open."""
    from functools import partial

    from spm_lib.core import language
    from spm_lib.core.errors import ParameterError
    from spm_lib.plans import Planner, asked_target, load_scenario, propose, save_target_scenario
    from spm_lib.store import ClientFolder
    from spm_lib.team import approved_targets
    from spm_lib.workspace import Scope

    company = open_client(workspace, as_of=day(as_of))
    goal = ClientFolder.of(workspace).scenario(name)
    if goal.exists() and not force:
        raise ParameterError(
            "There is a scenario of that name already.",
            found=str(goal),
            do="Choose another name, or add --force to write over it",
        )
    old = load_scenario(workspace, take) if take else None
    approved = None
    if old is None:
        planner = partial(Planner, company)
        approved = approved_targets(company, Scope.company(), planner=planner, on=day(as_of))
    made = propose(company, name=name, what_if=old, approved=approved)
    typer.echo(f"Wrote {save_target_scenario(workspace, made)}")
    for note in approved.told(asked_target(company, approved)) if approved else ():
        typer.echo(note.tell(language("en")))
    typer.echo(f'Next: edit it, then spm plan build "{name}" -w {workspace}')


@plan.command()
def build(
    scenario: ScenarioName,
    workspace: Workspace = WORKSPACE,
    targets: Annotated[
        Path | None,
        typer.Option(
            help="Write the targets here as CSV that the workspace can map.", metavar="FILE"
        ),
    ] = None,
    format: TableFormat = Format.table,  # noqa: A002
) -> None:
    """Share the company's target out, split it over time, and tell everybody's odds.

    As JSON it prints the figures with metric ids and receipts, as in figures.json.
    """
    from spm_lib.store import write_whole

    _, (made,) = _planned(workspace, scenario)
    if targets is not None:
        write_whole(targets, made.targets_csv())
    if format is Format.json:
        print_json([figure.to_dict(made.decimals) for figure in made.figures])
    elif format is Format.csv:
        _print_csv(_with_pay(made), made)
    else:
        paid = ("pay", "pay_p10", "pay_p90") if made.pay else ()
        _print_table(_with_pay(made), (*_BUILT[:-1], *paid, "note"), made)
        typer.echo("")
        for line in _company_told(made):
            typer.echo(line)
    if targets is not None:
        typer.echo(f"Wrote {targets}", err=True)


@plan.command()
def compare(
    a: ScenarioName,
    b: ScenarioName,
    workspace: Workspace = WORKSPACE,
    format: TableFormat = Format.table,  # noqa: A002
) -> None:
    """Set two scenarios side by side: difference per person, who gains, who loses, odds, cost."""
    from spm_lib import plans

    _, (one, other) = _planned(workspace, a, b)
    found = plans.compare(one, other)
    if format is Format.json:
        print_json({"company": found.company.to_dicts(), "people": found.people.to_dicts()})
    elif format is Format.csv:
        _print_csv(found.people, one)
    else:
        cost = _COST if one.pay or other.pay else ()
        _print_table(found.people, (*_COMPARED[:-1], *cost, "side"), one)
        typer.echo("")
        for name, row in zip("ab", found.company.to_dicts(), strict=True):
            asked = ("target", "people", "odds", "expected")
            asked = (*asked, "cost", "cost_p10", "cost_p90") if row["cost"] is not None else asked
            told = {k: _cell(k, row[k], one) for k in asked}
            typer.echo(f"{name} {row['name']}: " + _listed(told))
        typer.echo(
            f"b makes it easier for {found.winners.height} and harder for {found.losers.height}."
        )
        if found.no_cost:
            typer.echo(f"Cost: not told ({found.no_cost}).")


@plan.command()
def solve(
    scenario: ScenarioName,
    odds: Annotated[float, typer.Option(help="The odds to reach, such as 0.8.")] = 0.8,
    workspace: Workspace = WORKSPACE,
    format: TableFormat = Format.table,  # noqa: A002
) -> None:
    """Find the largest targets reached with given odds, and what people need to reach theirs.

    New deals, calls, meetings and so on are per week; a person who cannot reach the target by one
    and a half times today's activity has none.
    """
    from spm_lib import plans

    planner, (made,) = _planned(workspace, scenario)
    found = plans.solve(made, odds=odds, planner=planner if made.odds else None)
    if format is Format.json:
        people = found.needed.to_dicts()
        whole = {"odds": odds, "company_target": found.company_target, "people": people}
        print_json(whole)
    elif format is Format.csv:
        _print_csv(found.needed, made)
    else:
        columns = found.needed.columns
        kinds = columns[columns.index("pipeline") :] if found.needs else []
        _print_table(found.needed, (*_SOLVED[: 7 if kinds else 5], *kinds), made)
        told = _cell("target", found.company_target, made)
        typer.echo(f"\nThe company reaches {told} with odds of {_cell('odds', odds, made)}.")


def _planned(workspace: Path, *names: str) -> tuple[Planner, list[TargetPlan]]:
    """Build the plans of scenarios, with the settled number of draws."""
    from spm_lib.plans import Planner, load_target_scenario

    scenarios = [load_target_scenario(workspace, name) for name in names]
    with watched() as say:
        say("the client's tables")
        planner = Planner(open_client(workspace))
        return planner, [planner.plan(scenario, watch=say) for scenario in scenarios]


def _listed(told: dict[str, str]) -> str:
    return ", ".join(f"{name.replace('_p', ' P')} {value}" for name, value in told.items())


def _with_pay(made: TargetPlan) -> pl.DataFrame:
    """Return the people of a plan, with their expected pay where it names pay plans."""
    if made.pay is None:
        return made.people
    paid = made.pay.people.select("rep_id", "pay", pay_p10="p10", pay_p90="p90")
    return made.people.join(paid, on="rep_id", how="left")


def _print_table(frame: pl.DataFrame, columns: tuple[str, ...], made: TargetPlan) -> None:
    rows = [[_cell(name, row[name], made) for name in columns] for row in frame.to_dicts()]
    right = [name for name in columns if name not in ("rep_id", "name", "team", "side", "note")]
    heads = [name.replace("_", " ") for name in columns]
    right = [name.replace("_", " ") for name in right]
    print_table(heads, rows, right=right, wrapped=("note",))


def _cell(column: str, value: Any, made: TargetPlan) -> str:
    """Return a value as a reader expects it; null as a dash."""
    from spm_lib.core import language

    english = language("en")
    if value is None:
        return "–"
    if column in _SHARES:
        return english.percent(value)
    if isinstance(value, float):
        return english.number(value, 1)
    if isinstance(value, int) and not isinstance(value, bool):
        money = made.decimals or made.metric.endswith("amount")
        return english.money(value, made.scenario.currency) if money else english.number(value)
    return str(value)


def _print_csv(frame: pl.DataFrame, made: TargetPlan) -> None:
    """Print a frame with amounts in major units."""
    from spm_lib.model import minor_text

    whole = [c for c, kind in frame.schema.items() if kind.is_integer()]
    rows = [
        {k: minor_text(v, made.decimals) if k in whole else v for k, v in row.items()}
        for row in frame.to_dicts()
    ]
    print_csv(frame.columns, rows, numbers=whole)


def _company_told(made: TargetPlan) -> Iterator[str]:
    """Tell what the company asks, how it is shared, and the odds."""
    from spm_lib.core import language

    english = language("en")
    asked = _cell("target", made.company_target, made)
    over = _cell("over_assignment", made.over_assignment, made)
    yield (
        f"The company asks {asked} from {made.window.start} until before {made.window.end}; "
        f"people's targets add up to {over} more."
    )
    told = made.company_odds
    if told is None:
        yield f"Odds: not told. {made.no_odds}"
    else:
        low, high = (_cell("target", told[name], made) for name in ("p10", "p90"))
        yield (
            f"Odds of the company's target: {english.percent(told['odds'])}; in 8 of 10 cases "
            f"{low} to {high}."
        )
    yield from _kpis_told(made)
    if made.pay is not None:
        yield from _paid_told(made)
    for rep, name, reason in made.left_out.iter_rows():
        yield f"Without a target: {name or rep}, {reason}."
    for note in made.notes:
        yield note.tell(english)


def _kpis_told(made: TargetPlan) -> Iterator[str]:
    """Tell of each KPI what is shared out, or between which ratios people's own lie."""
    from spm_lib.core import language

    english = language("en")
    people = None if made.kpis is None else made.kpis.people
    for (kpi, kind), rows in (
        [] if people is None else people.group_by("kpi", "kind", maintain_order=True)
    ):
        targets = rows["target"].to_list()
        if kind == "count":
            total = english.number(round(sum(targets)))
            yield f"KPI {kpi}: {total} shared out among {english.number(len(targets))} people."
        else:
            low, high = english.percent(min(targets), 1), english.percent(max(targets), 1)
            yield f"KPI {kpi}: each person's own, {low} to {high}."


def _paid_told(made: TargetPlan) -> Iterator[str]:
    """Tell what the pay plans of the scenario cost."""
    from decimal import Decimal

    from spm_lib.core import language

    assert made.pay is not None
    assert made.pay.company is not None
    english, paid = language("en"), made.pay.company
    pay, low, high = (
        english.money(paid[name], made.scenario.currency) for name in ("pay", "p10", "p90")
    )
    rates = [
        f"{english.percent(Decimal(paid[name]), 2)} {what}"
        for name, what in (("cost_rate", "of bookings"), ("ccos", "with base pay"))
        if paid[name] is not None
    ]
    yield (
        f"Pay by {', '.join(made.pay.plans)}: {pay}, in 8 of 10 of {made.pay.futures} simulated "
        f"years {low} to {high}" + "".join(f"; {rate}" for rate in rates) + "."
    )
    for note in made.pay.notes:
        yield note.tell(english)
