"""The methods there are, simple ones first; a new one is a class in a file and a line here."""

from __future__ import annotations

from spm_lib.core.errors import ParameterError
from spm_lib.forecast.methods.auto_series import AutoArima, AutoEts
from spm_lib.forecast.methods.boosted import Boosted
from spm_lib.forecast.methods.close_date import CloseDate
from spm_lib.forecast.methods.combination import MeanWithConversion, MeanWithSeason, SeasonByShares
from spm_lib.forecast.methods.hazard import Hazard
from spm_lib.forecast.methods.hybrid import Hybrid
from spm_lib.forecast.methods.last_period import LastPeriod
from spm_lib.forecast.methods.method import Method
from spm_lib.forecast.methods.multi_state import MultiState
from spm_lib.forecast.methods.run_rate import RunRate
from spm_lib.forecast.methods.same_month_last_quarter import SameMonthLastQuarter
from spm_lib.forecast.methods.same_month_last_year import SameMonthLastYear
from spm_lib.forecast.methods.snapshot_conversion import SnapshotConversion
from spm_lib.forecast.methods.stage_weighted import StageWeighted

METHODS: tuple[Method, ...] = (
    RunRate(),
    LastPeriod(),
    SameMonthLastQuarter(),
    SameMonthLastYear(),
    SnapshotConversion(),
    StageWeighted(),
    CloseDate(),
    MultiState(),
    Hazard(),
    Hybrid(),
    MeanWithConversion(),
    MeanWithSeason(),
    SeasonByShares(),
)

OPTIONAL: tuple[Method, ...] = (AutoEts(), AutoArima(), Boosted())
"""Methods that need an extra: used where they are asked for, so that figures do not depend on what
happens to be installed."""


def method_named(name: str) -> Method:
    """Return the method of an id, the optional ones included.

    Raises
    ------
    ParameterError
        If there is none; the ids there are are named.
    """
    found = next((method for method in (*METHODS, *OPTIONAL) if method.id == name), None)
    if found is None:
        raise ParameterError(
            "There is no such forecasting method.",
            found=repr(name),
            do=f"Use one of: {', '.join(method.id for method in (*METHODS, *OPTIONAL))}",
        )
    return found
