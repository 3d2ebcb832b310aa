"""Baselines made by hand, so that no code under test makes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

import spm_lib
from spm_lib.core.calendar import Window
from spm_lib.model import Company
from spm_lib.targets import Baseline


def made(
    *,
    won: int = 60,
    lost: int = 140,
    heads: int = 5,
    dispersion: float = 1.0,
    amounts: np.ndarray | None = None,
    cycles: np.ndarray | None = None,
) -> Baseline:
    rng = np.random.default_rng(7)
    seen = np.rint(rng.lognormal(13, 0.7, 60)).astype(np.int64) if amounts is None else amounts
    days = np.sort(np.rint(rng.gamma(3, 20, 60))) if cycles is None else cycles
    return Baseline(
        currency="ILS",
        as_of=date(2026, 9, 30),
        window=Window(date(2025, 10, 1), date(2026, 10, 1)),
        months=tuple(date(2026 + (9 + i) // 12, (9 + i) % 12 + 1, 1) for i in range(12)),
        won=won,
        lost=lost,
        rep_months=heads * 12,
        heads=heads,
        amounts=seen,
        cycles=days,
        dispersion=dispersion,
        target=int(seen.mean() * won),
        target_basis="stretch",
    )


@pytest.fixture
def make() -> Callable[..., Baseline]:
    return made


@pytest.fixture(scope="session")
def sample(request) -> Company:
    """The sample company, opened once."""
    return spm_lib.open(request.config.rootpath / "data" / "sample" / "spm.toml")
