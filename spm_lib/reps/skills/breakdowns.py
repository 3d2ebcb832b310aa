"""By what the numbers of people may be broken down, and the refusal of anything else."""

from __future__ import annotations

from collections.abc import Sequence

from spm_lib.core.errors import MetricError
from spm_lib.metrics.windows import GRAINS

PLACES = ("team", "manager_id")


def names_of(by: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the columns to break down by.

    Raises
    ------
    MetricError
        If people cannot be broken down by one of them.

    Examples
    --------
    >>> names_of("rep_id"), names_of(None)
    (('rep_id',), ())
    """
    names = (by,) if isinstance(by, str) else tuple(by or ())
    known = ("rep_id", *PLACES, *GRAINS)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise MetricError(
            f"A comparison of people cannot be broken down by '{unknown[0]}'.",
            found=unknown[0],
            do="Use rep_id, team or manager_id",
        )
    return names
