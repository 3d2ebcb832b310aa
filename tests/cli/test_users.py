"""``spm users``: who may sign in, without a password on the line, on paper or in the output."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from spm_lib.cli import app

PASSWORD = "several words nobody would put side by side"


def run(*args: object, given: str):
    return CliRunner().invoke(app, [str(arg) for arg in args], input=given)


def test_users_are_added_listed_and_removed(spm, company) -> None:
    workspace = company / "spm.toml"
    done = run("users", "add", "dana", "-w", workspace, given=f"{PASSWORD}\n{PASSWORD}\n")
    assert done.exit_code == 0
    assert "dana can sign in." in done.stdout
    assert '[[access.viewers]]\nname = "dana"' in done.stdout, "what to write is said"
    assert PASSWORD not in done.output
    kept = (company / "users.json").read_text()
    assert PASSWORD not in kept
    assert json.loads(kept)["users"]["dana"].startswith("scrypt$32768$8$3$")
    assert spm.ok("users", "list", "-w", workspace) == "dana: nothing, no entry in [access]\n"
    with workspace.open("a", encoding="utf-8") as file:
        file.write('\n[[access.viewers]]\nname = "dana"\nscope = "own team"\nperson = "R1"\n')
    assert spm.ok("users", "list", "-w", workspace) == "dana: manager:R1\n"
    told = run("users", "add", "dana", "-w", workspace, "--password-stdin", given=f"{PASSWORD}!\n")
    assert told.stdout == "dana has a new password.\n"
    assert spm.ok("users", "remove", "dana", "-w", workspace) == "dana can no longer sign in.\n"
    assert "There is no user 'dana'" in spm.refused("users", "remove", "dana", "-w", workspace)


def test_two_passwords_that_differ_or_are_short_are_refused(company) -> None:
    workspace = company / "spm.toml"
    differ = run("users", "add", "dana", "-w", workspace, given=f"{PASSWORD}\nanother one\n")
    assert differ.exit_code != 0
    short = run("users", "add", "dana", "-w", workspace, "--password-stdin", given="short\n")
    assert short.exit_code == 1
    assert "at least 10 characters" in short.stderr
    assert not (company / "users.json").exists()


def test_nobody_is_served_without_a_login_to_others(spm, company) -> None:
    workspace = company / "spm.toml"
    told = spm.refused("dashboard", "-w", workspace, "--host", "0.0.0.0")
    assert "served to this machine only" in told
    assert "spm users add" in told
