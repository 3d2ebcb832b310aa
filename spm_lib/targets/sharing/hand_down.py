"""A target handed down: to teams, to their people, adding up exactly at every level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import polars as pl

from spm_lib.core.errors import DataError, ParameterError
from spm_lib.targets.ratio import Ratio, half_up
from spm_lib.targets.sharing.limits import Limits, check_room, in_proportion, whole_parts
from spm_lib.targets.sharing.over_assignment import multiplied, pool_of, read_over
from spm_lib.targets.sharing.people import OwnFigures, People, read_people
from spm_lib.targets.sharing.rounding import in_steps

PERSON = "rep_id"
_LARGEST = 2**62
_LEVELS = {
    "level": pl.String,
    "id": pl.String,
    "target": pl.Int64,
    "over": pl.Float64,
    "children": pl.Int64,
    "difference": pl.Int64,
    "multiplied": pl.Float64,
}


@dataclass(frozen=True, eq=False)
class HandDown:
    """A target handed down through the levels of a company.

    Attributes
    ----------
    people
        ``rep_id``, ``value`` (Int64, minor units), in the order of the people that came in.
    levels
        One row per target that was handed down, the company's first: ``level`` of those below
        it, ``id`` of whose target it is (null: the company, or people without a team),
        ``target``, ``over`` (the level's over-assignment), ``children`` (sum of those below),
        ``difference`` (children - target), ``multiplied`` (over-assignment from the company down
        to here, all levels together).
    """

    people: pl.DataFrame
    levels: pl.DataFrame

    @cached_property
    def over(self) -> float:
        """What all people's targets add up to above the company's: their sum / it - 1."""
        target = self.levels["target"][0]
        return self.people["value"].sum() / target - 1 if target else 0.0


def hand_down(
    people: pl.DataFrame,
    *,
    target: int,
    by: str | Mapping[str, Ratio] = "even",
    levels: Sequence[str] = ("team",),
    over: Sequence[Ratio] = (),
    step: int = 1,
    own_figures: OwnFigures = "kept",
    currency: str | None = None,
) -> HandDown:
    """Hand a company's target down through its levels to its people.

    Parameters
    ----------
    people
        One row per person: ``rep_id``, a column for each of ``levels``, one for each basis of
        ``by`` (0 counts as 0; null is not known: the mean of those known), and, where wanted,
        Int64 minor units ``floor``, ``ceiling``, ``locked`` (a number that stays, 0 too) and
        ``own`` (the figure a person gave from below). Null: no such limit. The frame is left as
        it is.
    target
        The company's target in minor units, or a count.
    by
        One basis, or how much each counts: ``{"history": 0.6, "pipeline": 0.3, "even": 0.1}``.
    levels
        Columns between company and person, from the top: ``("region", "team")``; empty: none.
    over
        Over-assignment of each step down, from the top, as a ratio: for company -> team -> person
        two numbers. Empty: none.
    step
        All numbers are multiples of it where limits allow, in minor units: 1, 10_000 for hundreds.
    own_figures
        ``kept``: who gave an own figure has it, the others get the rest. ``topped up``: all
        begin at their own figures, and the rest comes on top, by the weights.
    currency
        Of the amounts in error messages; None: plain numbers.

    Raises
    ------
    InfeasibleError
        If floors, ceilings and locks leave no room: by how much, and who.
    DataError
        If a column is missing or cannot be.
    ParameterError
        If target, step, over-assignment or blend cannot be.

    Examples
    --------
    >>> rows = [("a", "N", 2), ("b", "N", 1), ("c", "S", 3)]
    >>> people = pl.DataFrame(rows, schema=["rep_id", "team", "sold"], orient="row")
    >>> handed = hand_down(people, target=600, by="sold", over=[0.1, 0.0])
    >>> handed.people["value"].to_list()
    [220, 110, 330]
    >>> handed.levels.select("level", "id", "target", "children", "difference").rows()
    [('team', None, 600, 660, 60), ('rep_id', 'N', 330, 330, 0), ('rep_id', 'S', 330, 330, 0)]
    """
    _check(people, target=target, levels=levels, step=step)
    overs = _overs(over, steps=len(levels) + 1)
    read = read_people(people, by=by, own_figures=own_figures)
    pool = pool_of(target, over=overs[0], step=step)
    total = pool * (1 + multiplied(overs[1:]))
    tree = _Tree(
        people=read,
        shares=whole_parts(read.ideal(total, currency=currency))[0],
        places=[people[name].cast(pl.String).to_list() for name in levels],
        names=(*levels, PERSON),
        overs=overs,
        step=step,
        currency=currency,
    )
    values: dict[int, int] = {}
    rows = list(tree.down(target, owner=None, members=range(people.height), values=values))
    rows.sort(key=lambda row: tree.names.index(row[0]))
    handed = [values[i] for i in range(people.height)]
    return HandDown(
        people=people.select(PERSON, value=pl.Series("value", handed, dtype=pl.Int64)),
        levels=pl.DataFrame(rows, schema=_LEVELS, orient="row"),
    )


def share_out(
    people: pl.DataFrame,
    *,
    target: int,
    by: str | Mapping[str, Ratio] = "even",
    over: Ratio = 0,
    step: int = 1,
    own_figures: OwnFigures = "kept",
    currency: str | None = None,
) -> pl.DataFrame:
    """Share a target out among people, with no level between: ``rep_id``, ``value``.

    See ``hand_down`` for what comes in and what is refused.

    Examples
    --------
    >>> people = pl.DataFrame({"rep_id": ["a", "b", "c"], "sold": [3, 2, 2]})
    >>> share_out(people, target=100, by="sold")["value"].to_list()
    [43, 29, 28]
    """
    handed = hand_down(
        people,
        target=target,
        by=by,
        levels=(),
        over=(over,),
        step=step,
        own_figures=own_figures,
        currency=currency,
    )
    return handed.people


@dataclass(frozen=True)
class _Tree:
    """The levels of a company, and what each person would get if numbers need not be round.

    ``shares`` are whole numbers of one common part: only their proportions count.
    """

    people: People
    shares: Sequence[int]
    places: Sequence[Sequence[str | None]]
    names: Sequence[str]
    overs: Sequence[Fraction]
    step: int
    currency: str | None

    def down(
        self,
        target: int,
        *,
        owner: str | None,
        members: Sequence[int],
        values: dict[int, int],
        depth: int = 0,
    ) -> Iterator[tuple]:
        """Hand a target to those below it; yield a row of ``levels`` for each target."""
        groups = self._groups(members, depth)
        below = multiplied(self.overs[depth + 1 :])
        keys = [key or "" for key in groups]
        weights = [sum(self.shares[i] for i in group) for group in groups.values()]
        limits = [self._limits(group, below) for group in groups.values()]
        pool = self._pool(target, limits, depth)
        exact = Fraction(pool)
        check_room(exact, keys=keys, limits=limits, currency=self.currency)
        shares = in_proportion(exact, weights=weights, limits=limits)
        given = in_steps(shares, keys=keys, limits=limits, step=self.step)
        so_far = multiplied(self.overs[: depth + 1])
        over = float(self.overs[depth])
        yield (self.names[depth], owner, target, over, pool, pool - target, float(so_far))
        for (key, group), value in zip(groups.items(), given, strict=True):
            if depth == len(self.places):
                values[group[0]] = value
            else:
                yield from self.down(
                    value, owner=key, members=group, values=values, depth=depth + 1
                )

    def _groups(self, members: Sequence[int], depth: int) -> dict[str | None, list[int]]:
        place = self.places[depth] if depth < len(self.places) else self.people.ids
        groups: dict[str | None, list[int]] = {}
        for i in sorted(members, key=lambda i: (place[i] or "", self.people.ids[i])):
            groups.setdefault(place[i], []).append(i)
        return groups

    def _limits(self, group: Sequence[int], below: Fraction) -> Limits:
        """Return a group's limits: those of its people, without the over-assignment below it."""
        low = sum(self.people.limits[i].low for i in group) / (1 + below)
        tops = [self.people.limits[i].high for i in group]
        if None in tops:
            return Limits(low.__ceil__())
        high = sum(top for top in tops if top is not None) / (1 + below)
        if low.__ceil__() > high.__floor__():  # all locked: the nearest number
            nearest = half_up(Fraction(low))
            return Limits(nearest, nearest)
        return Limits(low.__ceil__(), high.__floor__())

    def _pool(self, target: int, limits: Sequence[Limits], depth: int) -> int:
        """Return what is given out below a target; where all are locked, what they have."""
        pool = pool_of(target, over=self.overs[depth], step=self.step)
        if depth == 0:
            return pool
        least = max(pool, sum(limit.low for limit in limits))
        tops = [limit.high for limit in limits]
        if None in tops:
            return least
        return min(least, sum(top for top in tops if top is not None))


def _check(people: pl.DataFrame, *, target: int, levels: Sequence[str], step: int) -> None:
    if isinstance(levels, str) or not set(levels) <= set(people.columns):
        raise DataError(
            "A level of the company is no column of the people.",
            found=f"levels {levels}, columns {', '.join(people.columns)}",
            do='Give the columns from the top, such as levels=("team",), or () for none',
        )
    for name, value, least in (("target", target, 0), ("step", step, 1)):
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value < _LARGEST:
            raise ParameterError(
                f"The {name} is not a whole number of minor units from {least} up.",
                found=repr(value),
                do="Give it in minor units: 1,000.00 is 100_000",
            )


def _overs(over: Sequence[Ratio], *, steps: int) -> list[Fraction]:
    if isinstance(over, str) or len(over) not in (0, steps):
        raise ParameterError(
            "Over-assignment is given for each step down, or for none.",
            found=f"{over!r} for {steps} steps",
            do="Give one ratio per step from the top, such as over=[0.05, 0.1]",
        )
    return [read_over(one) for one in over] or [Fraction(0)] * steps
