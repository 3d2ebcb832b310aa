"""Settings of a small company, and frames made from rows."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from spm_lib.workspace import Settings, settings_from_text

TEXT = """
version = 1
[workspace]
id = "acme"
name = "Acme"
currency = "{currency}"
timezone = "{timezone}"
[stages]
open = ["Lead", "Proposal", "Talks"]
won = ["Won"]
lost = ["Lost"]
[tables.opportunities]
path = "deals.csv"
columns = {{ opportunity_id = "id", stage = "stage" }}
"""


@pytest.fixture(scope="session")
def settings_of() -> Callable[..., Settings]:
    """Settings with a currency and a zone of one's choice."""

    def make(*, currency: str = "ILS", timezone: str = "Asia/Jerusalem") -> Settings:
        return settings_from_text(TEXT.format(currency=currency, timezone=timezone))

    return make


@pytest.fixture(scope="session")
def settings(settings_of: Callable[..., Settings]) -> Settings:
    return settings_of()


@pytest.fixture(scope="session")
def frame_of() -> Callable[[list[dict]], pl.DataFrame]:
    """A frame of rows; every row names every column that any row names."""

    def make(rows: list[dict]) -> pl.DataFrame:
        return pl.DataFrame(rows, infer_schema_length=None)

    return make
