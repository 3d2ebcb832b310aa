"""The worked examples that pay must give as written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def examples() -> dict[str, dict[str, Any]]:
    """The worked examples V01 to V09, by id."""
    text = (HERE / "data" / "worked_examples.json").read_text(encoding="utf-8")
    return {example["id"]: example for example in json.loads(text)["examples"]}
