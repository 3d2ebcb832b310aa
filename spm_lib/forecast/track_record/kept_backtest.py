"""A finished backtest, kept in the client's cache: the next report reads it, not makes it anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from spm_lib.forecast.methods.method import Method
from spm_lib.forecast.track_record.backtest import (
    CHAMPIONS,
    Backtest,
    Past,
    lacks_today,
    run_backtest,
)
from spm_lib.forecast.track_record.kept import kept, of_the_house
from spm_lib.forecast.track_record.reliability import RELIABILITY
from spm_lib.forecast.track_record.scoring import SCORES
from spm_lib.forecast.track_record.shock import PastError
from spm_lib.model import Company

_FRAMES = {"scores": SCORES, "champions": CHAMPIONS, "reliability": RELIABILITY}


def kept_backtest(
    company: Company,
    past: Past,
    *,
    grain: str,
    methods: Sequence[Method],
    origins: int,
    draws: int = 500,
    seed: int = 1,
) -> Backtest:
    """Return the backtest of ``run_backtest``, made once for all that it depends on (see ``kept``).

    Methods from outside this library are never kept.
    """
    asked: dict[str, Any] = {"grain": grain, "origins": origins, "draws": draws, "seed": seed}

    def make() -> Backtest:
        return run_backtest(company, methods=methods, past=past, **asked)

    if not all(of_the_house(method) for method in methods):
        return make()
    key = {**asked, "methods": [method.id for method in methods]}
    found = kept(company, key, make, tell=_told, read=_read)
    if isinstance(found, Backtest):
        return found
    lacks = lacks_today(company, past, methods=methods, grain=grain)
    return Backtest(grain=grain, methods=tuple(methods), lacks=lacks, **found)


def _told(made: Backtest) -> dict[str, Any]:
    return {
        **{name: getattr(made, name).to_dict(as_series=False) for name in _FRAMES},
        "errors": {name: [_plain(error) for error in past] for name, past in made.errors.items()},
    }


def _plain(error: PastError) -> dict[str, Any]:
    return {
        "end": error.end,
        "windows": error.expected.shape[1],
        "expected": error.expected.ravel().tolist(),
        "actual": error.actual.ravel().tolist(),
        "luck": error.luck.tolist(),
        "luck_total": error.luck_total,
        "luck_reps": error.luck_reps.tolist(),
    }


def _read(content: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: pl.DataFrame(content[name], schema=s) for name, s in _FRAMES.items()}
    errors = {name: tuple(map(_error, past)) for name, past in content["errors"].items()}
    return {**found, "errors": errors}


def _error(told: Mapping[str, Any]) -> PastError:
    def numbers(name: str) -> np.ndarray:
        return np.array(told[name], dtype=float)

    return PastError(
        end=told["end"],
        expected=numbers("expected").reshape(-1, told["windows"]),
        actual=numbers("actual").reshape(-1, told["windows"]),
        luck=numbers("luck"),
        luck_total=told["luck_total"],
        luck_reps=numbers("luck_reps"),
    )
