"""Whether a set of targets is fair: what each asks, whom it stretches, and what it goes with."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.targets.fairness.correlation import Correlation, rank_correlation
from spm_lib.targets.fairness.spread import Spread, spread_of

FEW = 8  # people under which names and numbers are told, and nothing of the whole
_STRETCHED = 3
_OPTIONAL = ("name", "last_year", "last_target", "potential", "size", "odds", "attainment")


@dataclass(frozen=True)
class Range:
    """A ratio over people: the least, the greatest, and the coefficient of variation.

    ``variation`` is standard deviation / mean; all None where nobody has the ratio, ``variation``
    under eight people.
    """

    low: float | None
    high: float | None
    variation: float | None
    n: int


@dataclass(frozen=True, eq=False)
class Fairness:
    """What a set of targets asks of people.

    Attributes
    ----------
    people
        ``rep_id, name, value``, and where known ``to_last_year`` (target / last year's result),
        ``to_last_target``, ``to_potential``, ``odds``, ``attainment``; sorted by rep_id. Null
        where the divisor is null or 0.
    stretched
        The three most stretched: the lowest odds, or without odds the greatest ``to_last_year``
        (else ``to_potential``); ``rep_id, name, value, by, measure``.
    few
        Under eight people: correlations and variations are None, for they would not be reliable.
    spread
        Of ``attainment``, of a past period; None where it is not given.
    ranges
        By column (``to_last_year``, ``to_last_target``, ``to_potential``).
    correlations
        By name: ``odds and size`` (of the territory), ``odds and growth`` (in money),
        ``attainment and size``, ``attainment and growth``. None is wanted to differ from 0.
    """

    people: pl.DataFrame
    stretched: pl.DataFrame
    few: bool
    spread: Spread | None
    ranges: dict[str, Range] = field(default_factory=dict)
    correlations: dict[str, Correlation] = field(default_factory=dict)


def check_fairness(targets: pl.DataFrame) -> Fairness:
    """Look at a set of targets, one per person.

    Parameters
    ----------
    targets
        ``rep_id``, ``value`` (the target, minor units) and what is known: ``name``, ``last_year``
        (last year's result, as if there all year), ``last_target``, ``potential``, ``size`` (of
        the territory; default: potential, else last year's result), ``odds`` (of reaching the
        target, 0 to 1), ``attainment`` (of a past period).

    Raises
    ------
    DataError
        If ``rep_id`` or ``value`` is missing.

    Examples
    --------
    >>> asked = {"rep_id": ["a", "b"], "value": [120, 90], "last_year": [100, 100]}
    >>> found = check_fairness(pl.DataFrame(asked))
    >>> found.stretched.select("rep_id", "by", "measure").rows()
    [('a', 'to_last_year', 1.2), ('b', 'to_last_year', 0.9)]
    >>> found.few, found.ranges["to_last_year"].high
    (True, 1.2)
    """
    people = _people(targets)
    few = people.height < FEW
    known = {name for name in _OPTIONAL if people[name].null_count() < people.height}
    ranges = {
        name: _range(people[name], few=few)
        for name in ("to_last_year", "to_last_target", "to_potential")
        if people[name].null_count() < people.height
    }
    growth = (people["value"] - people["last_year"]).cast(pl.Float64)
    pairs = {
        f"{side} and {other}": rank_correlation(people[side].to_list(), values.to_list())
        for side in ("odds", "attainment")
        for other, values in (("size", people["size"]), ("growth", growth))
        if side in known and values.null_count() < people.height
    }
    ratios = ("to_last_year", "to_last_target", "to_potential")
    told = [
        "rep_id",
        "name",
        "value",
        *(n for n in (*ratios, "odds", "attainment") if n in {*known, *ranges}),
    ]
    return Fairness(
        people=people.select(told),
        stretched=_stretched(people),
        few=few,
        spread=spread_of(people["attainment"].to_list()) if "attainment" in known else None,
        ranges=ranges,
        correlations=pairs,
    )


def _people(targets: pl.DataFrame) -> pl.DataFrame:
    if not {"rep_id", "value"} <= set(targets.columns):
        raise DataError(
            "Targets to look at have a person and a value.",
            found=", ".join(targets.columns),
            do="Give rep_id and value, and what else is known",
        )
    missing = [pl.lit(None).alias(name) for name in _OPTIONAL if name not in targets.columns]
    full = targets.with_columns(missing).with_columns(
        pl.col("name").cast(pl.String).fill_null(pl.col("rep_id")),
        size=pl.coalesce(*(pl.col(c).cast(pl.Float64) for c in ("size", "potential", "last_year"))),
    )
    return full.with_columns(
        to_last_year=_ratio("last_year"),
        to_last_target=_ratio("last_target"),
        to_potential=_ratio("potential"),
        last_year=pl.col("last_year").cast(pl.Int64),
    ).sort("rep_id")


def _ratio(column: str) -> pl.Expr:
    whole = pl.col(column).cast(pl.Float64)
    return pl.when(whole > 0).then(pl.col("value") / whole)


def _range(values: pl.Series, *, few: bool) -> Range:
    known = values.drop_nulls()
    mean, deviation = known.mean(), known.std()
    told = not few and known.len() >= FEW and isinstance(mean, float) and mean > 0
    return Range(
        low=float(known.min()),  # type: ignore[arg-type]
        high=float(known.max()),  # type: ignore[arg-type]
        variation=float(deviation) / mean if told and deviation is not None else None,  # type: ignore[arg-type,operator]
        n=known.len(),
    )


def _stretched(people: pl.DataFrame) -> pl.DataFrame:
    for column, descending in (("odds", False), ("to_last_year", True), ("to_potential", True)):
        known = people.filter(pl.col(column).is_not_null())
        if known.height:
            order = known.sort(column, "rep_id", descending=[descending, False])
            return order.head(_STRETCHED).select(
                "rep_id", "name", "value", by=pl.lit(column), measure=pl.col(column)
            )
    none = pl.DataFrame(schema={"by": pl.String, "measure": pl.Float64})
    return people.select("rep_id", "name", "value").clear().hstack(none)
