"""The examples of the docs run: Python and TOML on the sample company, commands by the real app."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
import typer
from typer.testing import CliRunner

from spm_lib.cli import app
from spm_lib.delivery import load_delivery_pack
from spm_lib.incentives import plan_from_text
from spm_lib.plans import load_scenario, read_target_scenario
from spm_lib.reports import load_pack
from spm_lib.team.following.checklist import read_checklist
from spm_lib.team.letters.letter_terms import letter_terms
from spm_lib.workspace import load_settings, settings_from_text

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("docs/*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
FENCE = re.compile(
    r"^(?P<in> *)```(?P<kind>\w*)\n(?P<text>.*?)^(?P=in)```$", re.MULTILINE | re.DOTALL
)
COMMAND = re.compile(
    r"""(?:^|[\s(/"])spm (?=[a-z])(?P<rest>(?:"[^"\n]*"|[^\n#&|<>";)}])*)""", re.MULTILINE
)
SECRETS = {
    "CRM_DATABASE_URL": "sqlite:///crm.db",
    "SMTP_PASSWORD": "not-a-password",
    "PDF_NOA": "not-a-password-either",
}
MODULE = "def make(rep):\n    return rep\n"  # what the docs let a fork server call
CHEAP = ("metrics", "simulate", "check")  # commands that are run, not only parsed


def blocks(page: Path, *kinds: str) -> list[str]:
    """Return the fenced blocks of a page, of these kinds or of all."""
    found = FENCE.finditer(page.read_text(encoding="utf-8"))
    return [textwrap.dedent(m["text"]) for m in found if not kinds or m["kind"] in kinds]


def commands(page: Path) -> list[str]:
    """Return each `spm` command line that stands in a block of a page."""
    text = "\n".join(blocks(page)).replace("\\\n", " ").replace("&amp;", "&").replace("&gt;", ">")
    return [m["rest"].strip() for m in COMMAND.finditer(text)]


IN_SPARK = "spark.table("  # a block that runs in tests/metrics/test_on_spark.py, in a session
WITH_PYTHON = [p for p in PAGES if blocks(p, "python", "py")]
TOML = [(p, i) for p in PAGES for i, _ in enumerate(blocks(p, "toml"))]
LINES = sorted({line for page in PAGES for line in commands(page)})


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the sample company, where examples may write."""
    goal = tmp_path_factory.mktemp("docs") / "sample"
    shutil.copytree(ROOT / "data/sample", goal, ignore=shutil.ignore_patterns("truth"))
    (goal / "my_module.py").write_text(MODULE, encoding="utf-8")
    (goal / "exports").symlink_to(goal, target_is_directory=True)
    return goal


@pytest.fixture
def beside(sample: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand beside the workspace file of the sample company, with the secrets of the docs."""
    monkeypatch.chdir(sample)
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    return sample


@pytest.mark.slow
@pytest.mark.parametrize("page", WITH_PYTHON, ids=lambda p: p.name)
def test_python_blocks_run(page: Path, beside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order of the page, as a reader would; commands are parsed in place of being run."""

    def parsed(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        assert command[0] == "spm"
        parse(command[1:])
        return subprocess.CompletedProcess(command, 0, stdout="", stderr="")

    if page.name == "scheduling.md":
        monkeypatch.setattr(subprocess, "run", parsed)
    if page.name == "README.md":
        monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(beside)
    names: dict[str, Any] = {"__name__": "example"}
    for block in blocks(page, "python", "py"):
        if IN_SPARK not in block:
            exec(compile(block, str(page), "exec"), names)
    if page.name == "reports.md":
        assert names["outcome"].value == "R1", names["outcome"]


def workspace_with(block: str, folder: Path) -> object:
    """Read a part of a workspace file as a part of the sample's."""
    path, text = folder / "with_part.toml", (folder / "spm.toml").read_text("utf-8")
    for told in re.findall(r"^\[[\w.]+\]$", block, re.MULTILINE):  # in place of the sample's own
        text = re.sub(
            rf"^{re.escape(told)}$.*?(?=^\[|\Z)", "", text, flags=re.MULTILINE | re.DOTALL
        )
    path.write_text(text + "\n" + block, encoding="utf-8")
    return load_settings(path).raw


def access(block: str, folder: Path) -> object:
    """Read a part of a workspace file that says who sees what."""
    workspace_with(block, folder)
    return load_settings(folder / "with_part.toml").access


def workspace(block: str, folder: Path) -> object:
    path = folder / "whole.toml"
    path.write_text(block, encoding="utf-8")
    return load_settings(path).tables


def pack(block: str, folder: Path) -> object:
    path = folder / "pack.toml"
    path.write_text(block, encoding="utf-8")
    read = load_delivery_pack(path)
    asked = load_pack(path) if "[[reports]]" in block else ()
    return read.recipients and (read.mail or asked)


def scenario(block: str, folder: Path) -> object:
    (folder / "scenarios").mkdir(exist_ok=True)
    (folder / "scenarios/two-more-people.toml").write_text(block, encoding="utf-8")
    return load_scenario(folder / "spm.toml", "two-more-people").levers.heads == 23


def kpis(block: str, folder: Path) -> object:
    """Read the KPIs of a target scenario, added to one that needs nothing else."""
    basis = 'as_of = 2026-09-30\nstart = 2027-01-01\nend = 2028-01-01\ntarget = "1.00"'
    whole = f'version = 2\nname = "KPIs"\ncurrency = "ILS"\n[basis]\n{basis}\n{block}'
    return read_target_scenario(whole).kpis


def pay_plan(block: str, folder: Path) -> object:
    """Read a pay plan; a part of one is read as added to the plan that the page begins with."""
    whole = block if "version = 1" in block else blocks(ROOT / "docs/pay.md", "toml")[0] + block
    return plan_from_text(whole).components


def team(block: str, folder: Path) -> object:
    """Read the address of a register, or a checklist."""
    if "[team]" in block:
        head = 'version = 1\n[workspace]\nid = "a"\nname = "A"\ncurrency = "ILS"\n'
        return settings_from_text(f'{head}[tables.orders]\npath = "o.csv"\n{block}').team.url
    path = folder / "checklist.toml"
    path.write_text(block, encoding="utf-8")
    return read_checklist(path)


def terms_of_letters(block: str, folder: Path) -> object:
    path = folder / "letter.toml"
    path.write_text(block, encoding="utf-8")
    read = letter_terms(path)
    path.unlink()
    return read.base_pay and read.kpis


READERS: dict[str, Callable[[str, Path], object]] = {
    "dashboards.md": access,
    "how-to.md": workspace_with,
    "letters.md": terms_of_letters,
    "pay.md": pay_plan,
    "reference-workspace.md": workspace,
    "reports.md": pack,
    "scale.md": workspace_with,
    "targets.md": kpis,
    "team.md": team,
    "what-if.md": scenario,
}


@pytest.mark.parametrize(("page", "place"), TOML, ids=lambda v: getattr(v, "name", str(v)))
def test_toml_blocks_are_read_by_what_they_are_for(page: Path, place: int, beside: Path) -> None:
    assert page.name in READERS, "say in READERS what reads this block"
    assert READERS[page.name](blocks(page, "toml")[place], beside)


def parse(words: list[str]) -> str:
    """Let the real app parse a command line without doing anything; return the command's name."""
    command: Any = typer.main.get_command(app)
    context = command.make_context("spm", list(words))
    while isinstance(command, click.Group) or hasattr(command, "resolve_command"):
        rest = [*context._protected_args, *context.args]
        name, command, rest = command.resolve_command(context, rest)
        context = command.make_context(name, rest, parent=context)
    return context.command_path


def test_there_are_commands_in_the_docs() -> None:
    assert len(LINES) > 15
    for name in ("init", "check", "metrics", "report", "deliver", "simulate", "dashboard"):
        assert any(line.startswith(name) for line in LINES), name


@pytest.mark.parametrize("line", LINES)
def test_command_lines_are_understood(line: str, beside: Path) -> None:
    assert parse(shlex.split(line)).startswith("spm ")


def test_an_option_that_is_not_there_is_noticed(beside: Path) -> None:
    with pytest.raises(Exception, match="--langauge"):
        parse(["report", "funnel", "--langauge", "he"])


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [ln for p in ("tutorial.md", "simulator.md") for ln in commands(ROOT / "docs" / p)
     if ln.startswith(CHEAP) and not ("simulate" in ln and len(ln.split()) > 1)],
)  # fmt: skip
def test_cheap_commands_run(line: str, beside: Path) -> None:
    done = CliRunner().invoke(app, shlex.split(line))
    assert done.exit_code == 0, done.output
    assert len(done.output.splitlines()) > 3
