"""Which methods a forecast uses: for the company, for its people, and one period earlier."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from spm_lib.core.statement import Statement
from spm_lib.forecast.backtest import LEVELS, Backtest, nothing_offered
from spm_lib.forecast.champion import FEWEST, Champion
from spm_lib.forecast.methods import method_named


def champion_of(tested: Mapping[str, Backtest], *, horizon: str, method: str | None) -> Champion:
    """Return the champion of the horizon; of the month where too few quarters have closed."""
    lacks = tested["quarter"].lacks
    if all(m.id in lacks for m in tested["quarter"].methods if m.eligible):
        raise nothing_offered(lacks)
    if method is not None:
        asked = Statement("The method was chosen by hand.", kind="why")
        return Champion(method_named(method).id, asked, 0, beats_naive=False)
    champion = tested[horizon].champion()
    if champion.windows < FEWEST and horizon == "quarter":
        monthly = tested["month"].champion()
        if monthly.windows >= FEWEST and monthly.method not in lacks:
            return monthly
    return champion


def method_for_people(tested: Mapping[str, Backtest], champion: Champion) -> str:
    """Return the method that shares the champion's totals out among people."""
    grain = _grain(tested, champion)
    mine = champions_of(tested).get((grain or "", "rep"))
    if mine is None or mine.windows < FEWEST or mine.method in tested["quarter"].lacks:
        return champion.method
    return mine.method


def champions_of(tested: Mapping[str, Backtest]) -> dict[tuple[str, str], Champion]:
    """Return the method chosen per horizon and level, where the data allows one."""
    return {
        (grain, level): done.champion(level)
        for grain, done in tested.items()
        for level in LEVELS
        if any(m.eligible and m.id not in done.lacks for m in done.methods)
    }


def _grain(tested: Mapping[str, Backtest], champion: Champion) -> str | None:
    """Return the horizon whose past chose the champion; None where there was no choice."""
    chosen = champions_of(tested)
    grains = (g for g in ("quarter", "month") if chosen.get((g, "company")) == champion)
    return next(grains, None)


def used_before(tested: Mapping[str, Backtest], champion: Champion) -> str | None:
    """Return the method chosen at the last past origin, if it was another one.

    Of the horizon that chose the champion; None where there was no choice.
    """
    grain = _grain(tested, champion)
    if grain is None or champion.windows < FEWEST:
        return None
    done = tested[grain]
    rows = done.champions.filter(pl.col("level") == "company").sort("origin")
    last = rows["method"][-1] if rows.height >= FEWEST else None
    return last if last not in (None, champion.method) else None
