"""The sample company, opened once."""

from __future__ import annotations

from pathlib import Path

import pytest

import spm_lib
from spm_lib.model import Company


@pytest.fixture(scope="session")
def sample(root: Path) -> Company:
    """The sample company as of its own day."""
    return spm_lib.open(root / "data" / "sample" / "spm.toml")
