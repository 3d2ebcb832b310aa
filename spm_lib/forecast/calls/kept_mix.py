"""A finished mix of calls and models, kept in the client's cache: its models take long to fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from spm_lib.core.calendar import Period
from spm_lib.forecast.calls.mix import ERRORS, MIXED_ROWS, CallMix, best_mix
from spm_lib.forecast.track_record.backtest import Backtest
from spm_lib.forecast.track_record.kept import kept, of_the_house
from spm_lib.model import Company
from spm_lib.store import frame_hash


def kept_mix(
    company: Company,
    closed: Sequence[Period],
    ahead: Period,
    *,
    category: str,
    method: str | None = None,
    tested: Mapping[str, Backtest] | None = None,
) -> CallMix | None:
    """Return the mix of ``best_mix``, made once for all that it depends on (see ``kept``)."""

    def make() -> tuple[CallMix | None]:
        found = best_mix(company, closed, ahead, category=category, method=method, tested=tested)
        return (found,)

    records = tested or {}
    if not all(of_the_house(m) for record in records.values() for m in record.methods):
        return make()[0]
    asked = {
        "calls": category,
        "method": method,
        "periods": [period.label for period in (*closed, ahead)],
        "tested": tested and {grain: _print(record) for grain, record in records.items()},
    }
    return kept(company, asked, make, tell=_told, read=_read)[0]


def _print(record: Backtest) -> list[str]:
    """Return what of a track record decides the models: its methods and their scores."""
    return [*(method.id for method in record.methods), frame_hash(record.scores)]


def _told(made: tuple[CallMix | None]) -> dict[str, Any]:
    mix = made[0]
    if mix is None:
        return {"mix": None}
    frames = {name: getattr(mix, name).to_dict(as_series=False) for name in ("rows", "errors")}
    plain = {"weeks": mix.weeks, "method": mix.method, "weight": mix.weight, "now": mix.now}
    return {"mix": {**plain, **frames}}


def _read(content: Mapping[str, Any]) -> tuple[CallMix | None]:
    told = content["mix"]
    if told is None:
        return (None,)
    rows = pl.DataFrame(told["rows"], schema=MIXED_ROWS)
    errors = pl.DataFrame(told["errors"], schema=ERRORS)
    mix = CallMix(told["weeks"], told["method"], rows, errors, told["weight"], told["now"])
    return (mix,)
