"""AdventureWorks: next year's quarterly quotas by each method, beside the company's own 163.

For each fiscal year the company's own total of quotas is shared out anew, from what was known on
the day before the year: orders up to then, and the roster and territories of its first day. Only
orders are known, so odds are those of a person's own quarters drawn again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from textwrap import fill

import numpy as np
import polars as pl

import spm_lib
from benchmarks.side_by_side import ROOT
from spm_lib.core.calendar import Window
from spm_lib.core.errors import DataError
from spm_lib.metrics import measure
from spm_lib.model import Company, places_on
from spm_lib.targets.fairness import Spread, own_odds, rank_correlation, spread_of
from spm_lib.targets.over_time import Season, learn_season, plan_time
from spm_lib.targets.sharing import bases, share_out

WORKSPACE = ROOT / "tests" / "data" / "workspaces" / "adventureworks"
REAL = ROOT.parent / "shared" / "data" / "adventureworks"
YEARS = (date(2018, 7, 1), date(2019, 7, 1))
METRIC = "orders.amount"
OWN = "their own"
METHODS: dict[str, str | Mapping[str, float]] = {
    "even": "even",
    "history": "history",
    "territory": "territory",
    "blend of history and territory": {"history": 0.6, "territory": 0.4},
    "blend with a tenth even": {"history": 0.5, "territory": 0.4, "even": 0.1},
}
STEP = 100_000  # quotas in thousands of dollars, as theirs


@dataclass(frozen=True)
class Score:
    """How a method's quotas of all years did.

    Attributes
    ----------
    misplaced
        Share of a year's sales that fell to others than the quotas said: half the sum of
        differences of shares, person by person. ``by_quarter``: person and quarter.
    spread
        Attainment of people in a year / that of the company.
    size
        Correlation of a person's attainment with the size of the territory (last year's sales);
        none is wanted. ``odds_size``: of the odds that could be told in advance.
    odds
        Standard deviation of those odds.
    errors
        Share of the year's sales by which each person's quota missed, by year and person.
    """

    method: str
    misplaced: float
    by_quarter: float
    spread: Spread
    size: float | None
    odds: float
    odds_size: float | None
    errors: tuple[float, ...]


def roster(company: Company, start: date) -> pl.DataFrame:
    """Return who has a quota in the year, from when, and what can be shared out by.

    Results are those known on the day before ``start``; who has nothing to go by has the mean of
    the people of the same role (sales people, managers).
    """
    quotas = year_of(company.table("targets"), start)
    people = quotas.group_by("rep_id").agg(hired_on=pl.col("period_start").min())
    before = company.at(start - timedelta(days=1))
    known = bases(before, metric=METRIC).select("rep_id", history=pl.col("history"))
    places = places_on(company.at(start), start).select("rep_id", "team")
    lands = _territories(before).join(places.drop_nulls(), on="team")
    shared = lands.with_columns(
        territory=(pl.col("sales") / pl.len().over("team")).round().cast(pl.Int64)
    )
    roles = company.table("reps").select(
        "rep_id", manager=pl.col("role").str.contains("Manager").fill_null(value=False)
    )
    joined = (
        people.join(known, on="rep_id", how="left")
        .join(shared.select("rep_id", "team", "territory"), on="rep_id", how="left")
        .join(roles, on="rep_id", how="left")
    )
    usual = pl.col("history").mean().over("manager").round().cast(pl.Int64)
    return joined.with_columns(
        size=pl.col("history"),
        history=pl.coalesce("history", "territory", usual),
        territory=pl.coalesce("territory", "history", usual),
    ).sort("rep_id")


def _territories(before: Company) -> pl.DataFrame:
    """Return the sales of each territory in the twelve months before: team, sales."""
    names = pl.read_csv(
        REAL / "oltp" / "SalesTerritory.csv", separator="\t", has_header=False, infer_schema=False
    )
    by_land = measure(before, METRIC, by="territory", window=before.default_window()).frame
    lands = names.select(territory="column_0", team="column_1")
    return by_land.join(lands, on="territory").select("team", sales=pl.col("value"))


def year_of(rows: pl.DataFrame, start: date, *, day: str = "period_start") -> pl.DataFrame:
    """Return the rows of the fiscal year that begins on a day."""
    return rows.filter(pl.col(day).is_between(start, _next(start), closed="left"))


def _next(start: date) -> date:
    return start.replace(year=start.year + 1)


def season_before(company: Company, start: date) -> Season:
    """Return the season known before a year: learned from two years, else none."""
    try:
        return learn_season(company.at(start - timedelta(days=1)), metric=METRIC).season
    except DataError:
        return Season()


def build(company: Company, start: date, by: str | Mapping[str, float]) -> pl.DataFrame:
    """Return a year's quarterly quotas by a method: rep_id, period_start, value.

    The year's total is that of the company's own quotas.
    """
    people = roster(company, start)
    plan = plan_time(
        people.select("rep_id", "hired_on"),
        window=Window(start, _next(start)),
        calendar=company.calendar,
        grain="quarter",
        season=season_before(company, start),
    )
    total = int(year_of(company.table("targets"), start)["value"].sum())
    there = people.join(plan.time_there, on="rep_id")
    names = (by,) if isinstance(by, str) else tuple(by)
    timed = there.with_columns(
        (pl.col(name) * pl.col("time_there")).alias(name)
        for name in ("history", "territory")
        if name in names
    )
    shared = share_out(timed, target=total, by=by, step=STEP)
    return plan.spread(shared, step=STEP, metric=METRIC)


def results(company: Company, start: date) -> pl.DataFrame:
    """Return what people with a quota sold in the year: rep_id, period_start, sold."""
    orders = year_of(company.table("orders"), start, day="date")
    quarter = pl.col("date").dt.truncate("1q").alias("period_start")
    return orders.group_by("rep_id", quarter).agg(sold=pl.col("amount").sum())


def odds_before(company: Company, start: date, quotas: pl.DataFrame) -> pl.DataFrame:
    """Return the odds of a year's quotas that could be told before it: rep_id, odds.

    A person's own quarters of the year before, drawn again, times the growth that the company's
    total asks of all; null for people with fewer than four.
    """
    past = results(company.at(start - timedelta(days=1)), start.replace(year=start.year - 1))
    growth = quotas["value"].sum() / past["sold"].sum()
    asked = quotas.group_by("rep_id").agg(pl.col("value").sum()).sort("rep_id")
    own = past.select("rep_id", value="sold")
    return own_odds(own, asked, periods=4, growth=growth, draws=4000).select("rep_id", "odds")


def score(company: Company, method: str) -> Score:
    """Return how a method's quotas of all years did against what was sold then."""
    people: list[pl.DataFrame] = []
    quarters: list[pl.DataFrame] = []
    for start in YEARS:
        quotas = (
            year_of(company.table("targets"), start).select("rep_id", "period_start", "value")
            if method == OWN
            else build(company, start, METHODS[method])
        )
        both = quotas.join(results(company, start), on=["rep_id", "period_start"], how="left")
        both = both.with_columns(pl.col("sold").fill_null(0), year=pl.lit(start))
        sizes = roster(company, start).select("rep_id", "size")
        sums = both.group_by("year", "rep_id").agg(pl.col("value", "sold").sum())
        odds = odds_before(company, start, quotas)
        people.append(sums.join(sizes, on="rep_id").join(odds, on="rep_id").sort("rep_id"))
        quarters.append(both)
    return _score(method, pl.concat(people), pl.concat(quarters, how="diagonal"))


def _score(method: str, people: pl.DataFrame, quarters: pl.DataFrame) -> Score:
    level = pl.col("sold").sum().over("year") / pl.col("value").sum().over("year")
    told = people.with_columns(
        attainment=pl.when(pl.col("value") > 0).then(pl.col("sold") / pl.col("value") / level)
    )
    odds = told["odds"].drop_nulls()
    size = told["size"].to_list()
    return Score(
        method=method,
        misplaced=sum(_errors(people)) / 2 / len(YEARS),
        by_quarter=sum(_errors(quarters)) / 2 / len(YEARS),
        spread=spread_of(told["attainment"].to_list()),
        size=rank_correlation(told["attainment"].to_list(), size).value,
        odds=float(np.std(odds.to_numpy(), ddof=1)),
        odds_size=rank_correlation(told["odds"].to_list(), size).value,
        errors=_errors(people),
    )


def _errors(rows: pl.DataFrame) -> tuple[float, ...]:
    shares = rows.with_columns(pl.col("value", "sold") / pl.col("value", "sold").sum().over("year"))
    return tuple((shares["value"] - shares["sold"]).abs().to_list())


def difference(closer: Score, other: Score, draws: int = 10_000) -> tuple[float, float]:
    """Return the 95 % interval of how much less one method misplaces, people drawn again."""
    apart = (np.array(other.errors) - np.array(closer.errors)) / 2 / len(YEARS)
    drawn = np.random.default_rng(1).integers(0, apart.size, (draws, apart.size))
    low, high = np.quantile(apart[drawn].sum(axis=1), [0.025, 0.975])
    return float(low), float(high)


def knows_the_year(company: Company) -> float:
    """Return how closely own quotas follow the same quarter's results, the past taken out.

    Correlation of the logs of quota and result over persons and quarters, the person's result of
    the same quarter last year taken out of both.
    """
    rows = []
    for start in YEARS:
        last = results(company, start.replace(year=start.year - 1)).select(
            "rep_id", pl.col("period_start").dt.offset_by("1y"), before="sold"
        )
        quotas = year_of(company.table("targets"), start)
        joined = quotas.join(results(company, start), on=["rep_id", "period_start"])
        rows.append(joined.join(last, on=["rep_id", "period_start"]))
    known = pl.concat(rows).filter((pl.col("value") > 0) & (pl.col("sold") > 0))
    value, sold, before = (np.log(known[c].to_numpy()) for c in ("value", "sold", "before"))
    rest = [y - np.polyval(np.polyfit(before, y, 1), before) for y in (value, sold)]
    return float(np.corrcoef(rest)[0, 1])


def misplaced_quarters(company: Company, season: Season) -> float:
    """Return what share of the second year's sales fell to other quarters than a season says."""
    start = YEARS[-1]
    plan = plan_time(
        pl.DataFrame({"rep_id": ["all"]}),
        window=Window(start, _next(start)),
        calendar=company.calendar,
        grain="quarter",
        season=season,
    )
    sold = results(company, start).group_by("period_start").agg(pl.col("sold").sum())
    seen = sold.sort("period_start")["sold"].to_numpy()
    return float(np.abs(np.array(plan.full, float) - seen / seen.sum()).sum()) / 2


def quota_part(folder: Path = WORKSPACE) -> str:
    """Return the section of docs/validation.md."""
    if not REAL.is_dir():
        return (
            "## Quotas shared out anew\nNOT RUN: the real data sets are not beside this checkout.\n"
        )
    company = spm_lib.open(folder)
    scores = [score(company, method) for method in (OWN, *METHODS)]
    return "\n".join([_HEAD, *(_line(s) for s in scores), "", _verdict(scores, company)])


_COLUMNS = (
    "quotas",
    "sales misplaced, year",
    "person and quarter",
    "SD of attainment",
    "within 20 %",
    "attainment and size",
    "SD of odds",
    "odds and size",
)
_HEAD = f"""## Quotas shared out anew: AdventureWorks
Two fiscal years, the total of each as the company's own quotas had it, shared out among the people
who had one. Known are the orders up to the day before the year and the roster and territories of
its first day; people who came later in the year have their part of it. Quarters by the season
learned from two whole years (second year; in the first one, by working days). Odds are those of a
person's own four quarters before, drawn again, times the growth the total asks of all: the data has
orders and no deals.

| {" | ".join(_COLUMNS)} |
|{"---|" * len(_COLUMNS)}"""


def _line(found: Score) -> str:
    size, odds_size = (
        "-" if value is None else f"{value:+.2f}" for value in (found.size, found.odds_size)
    )
    return (
        f"| {found.method} | {found.misplaced:.1%} | {found.by_quarter:.1%} "
        f"| {found.spread.deviation or 0:.2f} | {found.spread.near or 0:.0%} | {size} "
        f"| {found.odds:.2f} | {odds_size} |"
    )


def _verdict(scores: list[Score], company: Company) -> str:
    own, *ours = scores
    even = ours[0]
    closest, second = sorted(ours, key=lambda s: s.misplaced)[:2]
    fairest = min(ours, key=_deviation)
    sentences = (
        f"Closest of what could be known: **{closest.method}**, which misplaces "
        f"{closest.misplaced:.1%} of a year's sales.",
        f"That is less than even quotas by {_apart(closest, even)}, and less than {second.method} "
        f"by {_apart(closest, second)}.",
        f"Fairest: **{fairest.method}**, under which the attainment of people spreads by "
        f"{_deviation(fairest):.2f} around the company's (even: {_deviation(even):.2f}).",
        f"All of this is of {len(own.errors)} person-years.",
    )
    seasons = (season_before(company, YEARS[-1]), Season())
    learned, even_year = (misplaced_quarters(company, season) for season in seasons)
    over_time = (
        f"Of the second year's sales {learned:.1%} fell to other quarters than the season learned "
        f"before it says; {even_year:.1%} to others than working days alone say.",
    )
    warning = (
        f"Their own quotas misplace {own.misplaced:.1%} and spread by {_deviation(own):.2f}, but "
        "they follow the results of the very quarter they are for: with last year's result taken "
        f"out, log quota and log result correlate at {knows_the_year(company):.2f}.",
        "Quotas made before a quarter cannot know that; in this vendor's sample they were made "
        "from the results.",
        "They are a mark that no method can reach, not one to beat.",
    )
    return "\n\n".join(fill(" ".join(part), 100) for part in (sentences, over_time, warning)) + "\n"


def _apart(closer: Score, other: Score) -> str:
    low, high = difference(closer, other)
    return f"{other.misplaced - closer.misplaced:.1%} (95 % interval {low:+.1%} to {high:+.1%})"


def _deviation(found: Score) -> float:
    return found.spread.deviation or 0.0


def main() -> None:
    """Print the section."""
    print(quota_part())


if __name__ == "__main__":
    main()
