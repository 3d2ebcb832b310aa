"""Which methods a forecast uses: for the company, for its people, and one period earlier."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from spm_lib.core.statement import Statement
from spm_lib.forecast.horizon import Horizon
from spm_lib.forecast.methods.method import Method
from spm_lib.forecast.methods.offered import method_named
from spm_lib.forecast.past.history import History
from spm_lib.forecast.track_record.backtest import LEVELS, Backtest, nothing_offered
from spm_lib.forecast.track_record.champion import FEWEST, Champion, choose_champion


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


def methods_on(
    tested: Mapping[str, Backtest], history: History, horizon: Horizon
) -> tuple[Method, Method] | None:
    """Return the methods (company, people) that a forecast of a past day would have used.

    Only windows of the track record that had closed by the day of ``history`` are looked at, and
    only methods that it allows; None where it allows none.
    """
    found = [_chosen_on(tested, history, horizon, level=level) for level in LEVELS]
    if found[0] is None:
        return None
    people = found[1] if found[1] is not None and found[1][1] >= FEWEST else found[0]
    return found[0][0], people[0]


def _chosen_on(
    tested: Mapping[str, Backtest], history: History, horizon: Horizon, *, level: str
) -> tuple[Method, int] | None:
    """Return the champion of a level on a past day, and the windows it was chosen by."""
    first: tuple[Method, int] | None = None
    for grain in ("quarter", "month"):
        methods = tested[grain].methods
        usable = {m.id: m for m in methods if m.eligible and not m.lacks(history, horizon)}
        if not usable:
            continue
        found = choose_champion(
            tested[grain].scores, methods=list(usable.values()), origin=history.origin, level=level
        )
        made = usable[found.method], found.windows
        if found.windows >= FEWEST:
            return made
        first = first or made
    return first


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
