"""A place for a register, on each database."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.team.registers import Place


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "sqlite":
        return Place("sqlite:///team.db", tmp_path)
    return Place(request.getfixturevalue("new_postgres")(), tmp_path)
