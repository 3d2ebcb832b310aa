"""A small invented company for the commands, made once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from spm_lib.cli import app


class Spm:
    """Runs ``spm`` within the test."""

    def __call__(self, *args: str | Path) -> Result:
        return CliRunner().invoke(app, [str(arg) for arg in args])

    def ok(self, *args: str | Path) -> str:
        """Run a line that must succeed, and return what it printed."""
        result = self(*args)
        assert result.exit_code == 0, result.output
        return result.stdout

    def refused(self, *args: str | Path) -> str:
        """Run a line that must be refused in one paragraph on stderr, and return that."""
        result = self(*args)
        assert result.exit_code == 1, result.output
        assert result.stderr.startswith("Error: ")
        assert "Traceback" not in result.stderr
        assert result.stderr.count("\n") == 1
        return result.stderr


@pytest.fixture
def spm() -> Spm:
    """The command."""
    return Spm()


@pytest.fixture(scope="session")
def made_company(tmp_path_factory) -> Path:
    """The folder of a tiny simulated company; not to be changed."""
    home = tmp_path_factory.mktemp("cli") / "tiny"
    Spm().ok("simulate", "tiny", "--seed", "3", "--folder", home)
    return home


@pytest.fixture
def company(made_company: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change, without what other tests have derived from it."""
    derived = shutil.ignore_patterns("cache")
    return Path(shutil.copytree(made_company, tmp_path / "tiny", ignore=derived))
