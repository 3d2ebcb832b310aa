"""Every chart made here is checked against the schema of Vega-Lite, part by part."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from altair.utils import schemapi


@pytest.fixture(autouse=True, scope="module")
def checked() -> Iterator[None]:
    """Check what elsewhere is left unchecked, for time's sake."""
    with schemapi.debug_mode(True):
        yield
