"""Fill rates: columns that are filled (or changed) only when a deal closes tell its outcome.

Such a column would make every backtest look brilliant and every forecast wrong: it is refused as a
feature, by name.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from spm_lib.model import Company

FEWEST = 20
GAP = 0.10
SURE = 4.0  # standard errors
MOST_LEVELS = 40
_CANDIDATES = ("source", "campaign", "product_id", "type", "account_id")
_NEVER_TRAITS = ("account_id",)  # too many of them to learn from, but told when refused


@dataclass(frozen=True)
class Refused:
    """A column refused as a feature: filled in this share of open and of closed deals.

    ``moving`` says that it was refused because its value changes in the life of a deal.
    """

    column: str
    open_filled: float
    closed_filled: float
    moving: bool = False


def refused_columns(company: Company) -> tuple[Refused, ...]:
    """Return the columns of deals that open and closed deals fill differently, by name.

    With fewer than 20 open or closed deals nothing can be told, and nothing is refused. A column
    is refused if the fill rates differ by more than 10 points and 4 standard errors; in a log of
    states also if its value changes within deals.
    """
    return company.once("forecast refused columns", lambda: tuple(_refused(company)))


def traits_told(company: Company) -> tuple[str, ...]:
    """Return the columns of deals that are safe to learn from: few levels, filled at creation."""
    refused = {found.column for found in refused_columns(company)} | set(_NEVER_TRAITS)
    names = [name for name in _candidates(company) if name not in refused]
    deals = company.some("opportunities", *names)
    return tuple(name for name in names if _few(deals[name]))


def _candidates(company: Company) -> list[str]:
    canonical, kept = company.columns("opportunities")
    names = [n for n in _CANDIDATES if n in canonical] + sorted(kept)
    kinds = company.some("opportunities", *names).schema
    return [name for name in names if kinds[name] == pl.String]


def _few(column: pl.Series) -> bool:
    return 2 <= column.drop_nulls().n_unique() <= MOST_LEVELS


def _refused(company: Company) -> list[Refused]:
    names, moving = _candidates(company), _moving(company)
    deals = company.some("opportunities", "outcome", *names)
    is_open = deals["outcome"] == "open"
    opened, closed = deals.filter(is_open), deals.filter(~is_open)
    found = []
    for name in names:
        if name in moving or _differs(opened[name], closed[name]):
            shares = (_filled(opened[name]), _filled(closed[name]))
            found.append(Refused(name, *shares, moving=name in moving))
    return found


def _filled(column: pl.Series) -> float:
    return 1 - column.null_count() / max(len(column), 1)


def _differs(opened: pl.Series, closed: pl.Series) -> bool:
    if min(len(opened), len(closed)) < FEWEST:
        return False
    gap = abs(_filled(opened) - _filled(closed))
    pooled = _filled(pl.concat([opened, closed]))
    error = (pooled * (1 - pooled) * (1 / len(opened) + 1 / len(closed))) ** 0.5
    return gap > GAP and gap > SURE * error


def _moving(company: Company) -> set[str]:
    """Return the kept columns of a log of states whose value changes within deals."""
    told = {name for part in company.columns("stage_events") for name in part}
    names = [name for name in company.columns("opportunities")[1] if name in told]
    told = ("opportunity_id", *names)
    events = company.some("stage_events", *told) if names else pl.DataFrame()
    if not events.height:
        return set()
    levels = events.group_by("opportunity_id").agg(pl.col(n).drop_nulls().n_unique() for n in names)
    share = levels.select((pl.col(n) > 1).mean() for n in names).row(0)
    return {name for name, moved in zip(names, share, strict=True) if moved > 0.01}
