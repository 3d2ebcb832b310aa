"""Every error this library raises on purpose.

SpmError (ValueError)
├── WorkspaceError      the workspace file says something that cannot be (all faults in one message)
├── SourceError         client data that cannot be read
├── DataError           tables that break the contract of the model
├── MetricError         a metric that does not exist, or cannot be computed from this data
├── PlanError           a pay plan says something that cannot be (all faults in one message)
├── PayError            pay that cannot be calculated from what is known, or may not be changed
├── TeamError           the team's register refuses: a record that cannot be, or a conflict
├── ParameterError      a report or dashboard parameter that is unknown, mistyped or out of range
├── ScopeError          rows somebody may not see
├── ReportError         a report that could not be made
├── DeliveryError       a report that could not be handed over
└── MissingExtraError   an optional part that is not installed
"""

from __future__ import annotations


class SpmError(ValueError):
    """The root of all errors raised on purpose: what was wrong, what was found, what to do.

    Parameters
    ----------
    what
        What was wrong, in one sentence.
    found
        What was found: file, row, column, value.
    do
        What the reader should do about it.

    Examples
    --------
    >>> print(SpmError("No such stage.", found="'Wonn'", do="Write 'Won'."))
    No such stage. Found: 'Wonn'. What to do: Write 'Won'.
    """

    def __init__(self, what: str, *, found: str | None = None, do: str | None = None) -> None:
        self.what, self.found, self.do = what, found, do
        parts = [what.rstrip()]
        if found:
            parts.append(f"Found: {found.rstrip().rstrip('.')}.")
        if do:
            parts.append(f"What to do: {do.rstrip().rstrip('.')}.")
        super().__init__(" ".join(parts))


class WorkspaceError(SpmError):
    """The workspace file says something that cannot be."""


class SourceError(SpmError):
    """Client data that cannot be read."""


class DataError(SpmError):
    """Tables that break the contract of the model."""


class MetricError(SpmError):
    """A metric that does not exist, or cannot be computed from this data."""


class PlanError(SpmError):
    """A pay plan says something that cannot be."""


class PayError(SpmError):
    """Pay that cannot be calculated from what is known, or may not be changed any more."""


class TeamError(SpmError):
    """The team's register refuses what was said: a record that cannot be, or a broken history."""


class ParameterError(SpmError):
    """A report or dashboard parameter that is unknown, mistyped or out of range."""


class ScopeError(SpmError):
    """Rows that somebody may not see."""


class ReportError(SpmError):
    """A report that could not be made."""


class DeliveryError(SpmError):
    """A report that could not be handed over to those it is for."""


class MissingExtraError(SpmError):
    """An optional part that is not installed."""

    @classmethod
    def of(cls, extra: str, purpose: str) -> MissingExtraError:
        """Name the extra that is missing and the command that installs it."""
        return cls(
            f"{purpose} needs the optional part '{extra}', which is not installed.",
            do=f"Run: pip install 'spm-lib[{extra}]'",
        )
