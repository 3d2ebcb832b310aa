"""What every room shares: errors, the client's calendar, exact money, and language.

Nothing comes in and nothing of sales is known here; periods, integer minor units and localised
text go out. Imports no other room.
"""

from spm_lib.core.calendar import GRAINS, Period, Window, WorkCalendar
from spm_lib.core.errors import (
    DataError,
    DeliveryError,
    MetricError,
    MissingExtraError,
    ParameterError,
    ReportError,
    ScopeError,
    SourceError,
    SpmError,
    WorkspaceError,
)
from spm_lib.core.language import LANGUAGES, Language, language
from spm_lib.core.money import exponent, from_minor, split_exactly, to_minor
from spm_lib.core.statement import Amount, Phrase, Points, Share, Statement

__all__ = [
    "GRAINS",
    "LANGUAGES",
    "Amount",
    "DataError",
    "DeliveryError",
    "Language",
    "MetricError",
    "MissingExtraError",
    "ParameterError",
    "Period",
    "Phrase",
    "Points",
    "ReportError",
    "ScopeError",
    "Share",
    "SourceError",
    "SpmError",
    "Statement",
    "Window",
    "WorkCalendar",
    "WorkspaceError",
    "exponent",
    "from_minor",
    "language",
    "split_exactly",
    "to_minor",
]
