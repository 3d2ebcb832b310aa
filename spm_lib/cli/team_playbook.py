"""``spm team playbook``: what goes with winning, as items of the client's checklist."""

from __future__ import annotations

import typer

from spm_lib.cli.opening import open_client
from spm_lib.cli.options import WORKSPACE, Tongue, Workspace
from spm_lib.cli.team_desk import ANALYST, Spoken, Viewer, whole_register


def playbook(
    workspace: Workspace = WORKSPACE,
    viewer: Viewer = ANALYST,
    language: Spoken = Tongue.en,
) -> None:
    """Write what goes with winning at each stage into the client's checklist.toml.

    Items of its own stay; those that an earlier call wrote are replaced.
    """
    from spm_lib.core.language import language as tongue
    from spm_lib.process import checklist_text, make_playbook
    from spm_lib.store import ClientFolder, write_whole
    from spm_lib.team import checklist_with

    whole_register(workspace, viewer=viewer)  # whoever sees a part only is refused
    company = open_client(workspace)
    made = make_playbook(company)
    client = ClientFolder.of(company.settings.path)
    text = checklist_with(client, checklist_text(made, language=tongue(language.value)))
    write_whole(client.checklist, text)
    typer.echo(f"Wrote {text.count('playbook_')} items of the playbook to {client.checklist}")
