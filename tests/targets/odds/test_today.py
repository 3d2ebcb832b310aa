"""How unsteady months are, from companies in which it is planted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from spm_lib.forecast import history_of, reps_of
from spm_lib.simulate import preset_of
from spm_lib.targets.odds.today import month_variance
from tests.targets.odds.companies import company_of


@pytest.mark.parametrize(("planted", "low", "high"), [(0.0, 0.0, 0.12), (0.5, 0.25, 0.5)])
def test_unsteady_months_are_told_from_chance(planted: float, low: float, high: float) -> None:
    preset = replace(preset_of("clean"), opportunities=4000, shock_sd=planted)
    company = company_of(preset, 4, as_of=date(2026, 9, 30))
    found = np.sqrt(month_variance(history_of(company, reps=reps_of(company))))
    assert low <= found <= high
