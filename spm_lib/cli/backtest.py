"""``spm backtest``: what each forecasting method would have been worth on this history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spm_lib.cli.opening import open_client
from spm_lib.cli.options import WORKSPACE, AsOf, Format, OnEngine, TableFormat, Workspace, day
from spm_lib.cli.printing import print_csv, print_json, print_table

if TYPE_CHECKING:
    import polars as pl

    from spm_lib.forecast import Backtest

_SCORES = ("bias", "wape", "ncrps", "coverage80")
_KEY = (
    "bias: sum of forecast - actual; wape: sum of |forecast - actual|; ncrps: the same for the "
    "whole distribution; all as a share of what was won, best first. coverage80: how often the "
    "80 % range held. champion: what choosing by the past alone would have used."
)


class Horizon(StrEnum):
    """How far ahead is forecast."""

    month = "month"
    quarter = "quarter"


def backtest(
    workspace: Workspace = WORKSPACE,
    as_of: AsOf = None,
    engine: OnEngine = None,
    horizon: Annotated[Horizon, typer.Option(help="How far ahead.")] = Horizon.month,
    origins: Annotated[int, typer.Option(help="How many past windows to score.", min=1)] = 36,
    format: TableFormat = Format.table,  # noqa: A002
) -> None:
    """Let every forecasting method forecast the past, knowing only what was known then."""
    from spm_lib import forecast

    company = open_client(workspace, as_of=day(as_of), engine=engine)
    done = forecast.run_backtest(company, grain=horizon.value, origins=origins, watch=_watched)
    frame = done.track_record()
    if format is Format.json:
        print_json(frame.to_dicts())
    elif format is Format.csv:
        print_csv(frame.columns, frame.to_dicts())
    else:
        _print(frame)
        typer.echo(_changes(done))


def _watched(origins: Sequence[Any]) -> Iterable[Any]:
    """Show on standard error how many origins have been forecast from, where somebody looks."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    yield from track(
        origins,
        description="Forecasting the past",
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def _changes(done: Backtest) -> str:
    """Return what choosing by the past would have used of the company, and from which day on."""
    from spm_lib.forecast.horizon import date_of

    used = [f"{method} from {date_of(day)}" for day, method in done.changes() if method]
    return f"champion of the company: {', '.join(used) or 'none'}."


def _print(frame: pl.DataFrame) -> None:
    from spm_lib.core import language

    english = language("en")
    rows = [
        [
            row["method"],
            row["level"],
            str(row["windows"]),
            *(english.percent(row[name]) for name in _SCORES),
            english.interval(*(english.percent(row[f"coverage_{end}"]) for end in ("low", "high"))),
        ]
        for row in frame.sort("level", "ncrps", "method", nulls_last=True).iter_rows(named=True)
    ]
    columns = ["method", "level", "windows", *_SCORES, "95 % interval"]
    print_table(columns, rows, right=columns[2:])
    typer.echo(f"\n{_KEY}")
