"""How the named questions are asked: which variant, and the kind of frame that goes back.

All of them take the company first, then ``by`` and ``window`` as ``measure`` does, and return its
frame: a pandas one if the company was made of pandas frames, else polars. Money is in minor units.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from spm_lib.core.errors import MetricError
from spm_lib.metrics.measure import By, measure
from spm_lib.metrics.windows import WindowLike
from spm_lib.model import Company

Frame = Any


def shown(company: Company, frame: pl.DataFrame) -> Frame:
    """Return the frame in the kind the company was made of."""
    return frame.to_pandas() if company.border == "pandas" else frame


def chosen(variants: Mapping[str, str], variant: str) -> str:
    """Return the metric id of a variant, or refuse it by naming the known ones."""
    if variant in variants:
        return variants[variant]
    raise MetricError(
        "There is no such variant of this metric.",
        found=repr(variant),
        do=f"Use one of: {', '.join(variants)}",
    )


def asked_for(company: Company, metric: str, *, by: By, window: WindowLike) -> Frame:
    """Return the frame of one metric."""
    return shown(company, measure(company, metric, by=by, window=window).frame)
