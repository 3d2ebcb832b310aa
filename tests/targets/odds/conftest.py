"""A simulated company whose odds are asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from spm_lib.model import Company
from spm_lib.simulate import preset_of
from spm_lib.targets.odds.odds import Odds
from tests.targets.odds.companies import company_of

AS_OF, START, END = date(2026, 9, 30), date(2026, 10, 1), date(2027, 10, 1)
SMALL = replace(preset_of("clean"), opportunities=1500, seats=8, teams=2, movers=1, accounts=200)


def targets(odds: Odds, value: int, *, end: date = END) -> pl.DataFrame:
    """The same target for everybody, from the start of October."""
    rows = [(rep, START, end, value) for rep in odds.reps]
    names = ["rep_id", "period_start", "period_end", "value"]
    return pl.DataFrame(rows, schema=names, orient="row")


@pytest.fixture(scope="session")
def company() -> Company:
    return company_of(SMALL, 5, as_of=AS_OF)


@pytest.fixture(scope="session")
def odds(company: Company) -> Odds:
    return Odds.of(company, start=START, end=END)


@pytest.fixture(scope="session")
def same() -> Callable[..., pl.DataFrame]:
    return targets
