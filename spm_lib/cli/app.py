"""The commands of ``spm``, put together."""

from __future__ import annotations

from typing import Annotated

import typer

from spm_lib.cli.backtest import backtest
from spm_lib.cli.changes import changes
from spm_lib.cli.check import check
from spm_lib.cli.dashboard import dashboard
from spm_lib.cli.deliver import deliver
from spm_lib.cli.init import init
from spm_lib.cli.metrics import metrics
from spm_lib.cli.pay import pay
from spm_lib.cli.plan import plan
from spm_lib.cli.report import report
from spm_lib.cli.simulate import simulate
from spm_lib.cli.snapshot import snapshot
from spm_lib.cli.speaking import SpeakingGroup
from spm_lib.cli.store import store
from spm_lib.cli.team import team
from spm_lib.cli.users import users
from spm_lib.cli.workspace import workspace

app = typer.Typer(
    name="spm",
    help="Sales performance workbench: from a CRM export to true numbers, reports and dashboards.",
    cls=SpeakingGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"spm {version('spm-lib')}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show where in the program an error came from.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Sales performance workbench: from a CRM export to true numbers, reports and dashboards."""


for command in (
    init,
    check,
    metrics,
    report,
    changes,
    deliver,
    dashboard,
    simulate,
    backtest,
    snapshot,
):
    app.command()(command)
app.add_typer(users, name="users")
app.add_typer(plan, name="plan")
app.add_typer(pay, name="pay")
app.add_typer(team, name="team")
app.add_typer(store, name="store")
app.add_typer(workspace, name="workspace")
