"""The people targets are handed down to: who, in which team, within which limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import polars as pl

from spm_lib.core.errors import DataError, ParameterError
from spm_lib.targets.ratio import Ratio
from spm_lib.targets.sharing.limits import Limits, check_room, in_proportion
from spm_lib.targets.sharing.weights import blended

OwnFigures = Literal["kept", "topped up"]
OWN_FIGURES: tuple[str, ...] = ("kept", "topped up")
_LIMITS = ("floor", "ceiling", "locked", "own")


@dataclass(frozen=True)
class People:
    """Ids, weights and limits of those who get a target; ``own`` counts where it is topped up."""

    ids: tuple[str, ...]
    weights: tuple[Fraction, ...]
    limits: tuple[Limits, ...]
    own: tuple[int, ...]

    def ideal(self, total: Fraction, *, currency: str | None) -> list[Fraction]:
        """Return what each would get if numbers need not be round and no level lay between.

        Raises
        ------
        InfeasibleError
            If the limits leave no room for the total.
        """
        check_room(total, keys=self.ids, limits=self.limits, currency=currency)
        above = [
            Limits(limit.low - own, None if limit.high is None else limit.high - own)
            for limit, own in zip(self.limits, self.own, strict=True)
        ]
        spread = in_proportion(total - sum(self.own), weights=self.weights, limits=above)
        return [own + share for own, share in zip(self.own, spread, strict=True)]


def read_people(
    frame: pl.DataFrame, *, by: str | Mapping[str, Ratio], own_figures: str = "kept"
) -> People:
    """Read the people of a frame (see ``hand_down`` for its columns).

    Raises
    ------
    DataError
        If a person is missing, stands there twice, or has limits that exclude each other.
    ParameterError
        If ``own_figures`` or ``by`` is none of what it may be.
    """
    if own_figures not in OWN_FIGURES:
        raise ParameterError(
            "Own figures are kept or topped up.",
            found=repr(own_figures),
            do=f"Use one of: {', '.join(OWN_FIGURES)}",
        )
    ids = _ids(frame)
    given = {name: _whole(frame, name) for name in _LIMITS}
    topped = own_figures == "topped up"
    weights = tuple(blended(frame, by))
    rows = zip(ids, *(given[name] for name in _LIMITS), strict=True)
    found = [_limits(who, *row, topped=topped) for who, *row in rows]
    limits = tuple(
        limit if weight else Limits(limit.low, limit.low)  # 0 of every basis: the floor, no more
        for limit, weight in zip(found, weights, strict=True)
    )
    own = [
        limit.low if limit.locked else (value or 0) if topped else 0
        for limit, value in zip(limits, given["own"], strict=True)
    ]
    return People(ids, weights, limits, tuple(own))


def _ids(frame: pl.DataFrame) -> tuple[str, ...]:
    if "rep_id" not in frame.columns or not frame.height:
        raise DataError(
            "There is nobody to give a target to.",
            found=f"{frame.height} rows with {', '.join(frame.columns)}",
            do="Give a frame with one row per person and the column rep_id",
        )
    ids = frame["rep_id"].cast(pl.String)
    twice = ids.filter(ids.is_duplicated()).unique().sort().to_list()
    if ids.null_count() or twice:
        raise DataError(
            "Each person has one row.",
            found=f"{ids.null_count()} rows without rep_id; several rows of: {twice[:8]}",
            do="Leave one row per rep_id",
        )
    return tuple(ids.to_list())


def _whole(frame: pl.DataFrame, name: str) -> Sequence[int | None]:
    if name not in frame.columns:
        return [None] * frame.height
    values = frame[name]
    if not (values.dtype.is_integer() or values.dtype == pl.Null):
        raise DataError(
            f"The column '{name}' is not of whole minor units.",
            found=str(values.dtype),
            do="Give Int64 minor units, null where there is no such limit",
        )
    if (values < 0).any():
        raise DataError(
            f"The column '{name}' has a negative number.",
            found=str(values.min()),
            do="Give numbers from 0 up; null says that there is no such limit",
        )
    return values.to_list()


def _limits(
    who: str,
    floor: int | None,
    ceiling: int | None,
    locked: int | None,
    own: int | None,
    *,
    topped: bool,
) -> Limits:
    if locked is not None:
        return Limits(locked, locked)
    if own is not None and not topped:
        return Limits(own, own)
    low = max(floor or 0, own or 0)
    if ceiling is not None and ceiling < low:
        raise DataError(
            f"The floor of {who} is above the ceiling.",
            found=f"at least {low:,}, at most {ceiling:,} minor units",
            do="Lower the floor or the own figure, or raise the ceiling",
        )
    return Limits(low, ceiling)
