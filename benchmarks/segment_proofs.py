"""How often columns without effect are accused, and how often planted ones are found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from rich.progress import track
from scipy.special import expit

from spm_lib.segments.columns import RARE
from spm_lib.segments.discover import split_day, try_columns

DEALS, PEOPLE, CUSTOMERS, DAYS = 4000, 20, 500, 1100
PLANTED = {"segment": (0.3, 0.0, -0.4), "source": (0.35, 0.0, 0.0, -0.2)}
IDLE = {"region": 4, "product": 6, "channel": 2, "city": 15, "of_the_seller": 4, "of_the_year": 3}


@dataclass(frozen=True)
class SegmentCheck:
    """How discovery did on companies made by chance.

    ``accused`` counts columns without effect that were found, ``idle`` all of them; ``found`` of
    ``planted`` columns with an effect; ``false_share`` is the mean share of false finds among what
    a company's discovery found (the false discovery rate); ``wrong_side`` counts values of planted
    columns told on the wrong side of 0.
    """

    companies: int
    accused: int
    idle: int
    found: int
    planted: int
    false_share: float
    wrong_side: int


def made_deals(seed: int, *, effects: bool = True, deals: int = DEALS) -> pl.DataFrame:
    """Return decided deals whose people, customers and years differ, with columns of both kinds.

    ``segment`` (of the customer) and ``source`` move the odds as planted, unless ``effects`` is
    False. The others do nothing of their own, though ``of_the_seller`` leans to some sellers and
    ``of_the_year`` to some years.
    """
    rng = np.random.default_rng(seed)
    rep, account = rng.integers(0, PEOPLE, deals), rng.integers(0, CUSTOMERS, deals)
    day = np.sort(rng.integers(0, DAYS, deals))
    odds = (
        -0.8 + rng.normal(0, 0.3, PEOPLE)[rep] + rng.normal(0, 0.25, CUSTOMERS)[account]
    ) + 0.15 * (day // 365)
    segment, source = rng.integers(0, 3, CUSTOMERS)[account], rng.integers(0, 4, deals)
    for name, code in (("segment", segment), ("source", source)):
        odds = odds + effects * np.asarray(PLANTED[name])[code]
    idle = {
        "region": rng.integers(0, 4, CUSTOMERS)[account],
        "product": rng.integers(0, 6, deals),
        "channel": rng.integers(0, 2, deals),
        "city": rng.integers(0, 15, CUSTOMERS)[account],
        "of_the_seller": np.where(rng.random(deals) < 0.6, rep % 4, rng.integers(0, 4, deals)),
        "of_the_year": np.where(rng.random(deals) < 0.6, day // 365 % 3, rng.integers(0, 3, deals)),
    }
    codes = {"segment": segment, "source": source, **idle}
    return pl.DataFrame(
        {
            "opportunity_id": [f"d{n:05}" for n in range(deals)],
            "rep_id": [f"r{n}" for n in rep],
            "account_id": [f"a{n}" for n in account],
            "won": (rng.random(deals) < expit(odds)).astype(np.int64),
            "closed_day": 19_000 + day,
            **{name: [f"{name}{n}" for n in code] for name, code in codes.items()},
        }
    )


def check_discovery(seeds: int, *, first: int = 0, effects: bool = True) -> SegmentCheck:
    """Discover segments in companies whose truth is known.

    Examples
    --------
    >>> check_discovery(2).planted
    4
    """
    names = [*PLANTED, *IDLE]
    accused = found = wrong = 0
    shares = []
    for seed in track(range(first, first + seeds), description="companies, segments"):
        deals = made_deals(seed, effects=effects)
        split = split_day(deals)
        early = deals.filter(pl.col("closed_day") < split)
        late = deals.filter(pl.col("closed_day") >= split)
        tests, values = try_columns(names, early=early, late=late)
        told = set(tests.filter(pl.col("standing") == "differs")["column"])
        false = told - set(PLANTED) if effects else told
        accused, found = accused + len(false), found + len(told & set(PLANTED))
        shares.append(len(false) / max(len(told), 1))
        wrong += _wrong_side(values, told & set(PLANTED)) if effects else 0
    idle = seeds * (len(IDLE) + (0 if effects else len(PLANTED)))
    planted = seeds * len(PLANTED) if effects else 0
    return SegmentCheck(seeds, accused, idle, found, planted, float(np.mean(shares)), wrong)


def _wrong_side(values: pl.DataFrame, columns: set[str]) -> int:
    """Count values told to win more (less) that lie below (above) the mean of their column."""
    wrong = 0
    for row in values.filter(pl.col("column").is_in(columns)).iter_rows(named=True):
        if row["value"] == RARE or row["low"] is None:
            continue
        effects = np.asarray(PLANTED[row["column"]])
        away = effects[int(row["value"].removeprefix(row["column"]))] - effects.mean()
        wrong += (row["low"] > 0 and away < 0) or (row["high"] < 0 and away > 0)
    return wrong


def segments_part(*, seeds: int) -> str:
    """Return the part of docs/validation.md on segments."""
    planted, none = check_discovery(seeds), check_discovery(seeds, first=10_000, effects=False)
    return f"""## Segments that differ are found, others are not accused
Companies of {DEALS:,} decided deals whose people, customers and years differ; two columns with an
effect, six without, one of which leans to some sellers and one to some years. A find is corrected
for all columns and holds on the later third. The bound of the false share is 8 %.

| companies | planted columns found | on the wrong side | idle columns accused | false share of \
what is found |
|---|---|---|---|---|
| {planted.companies} | {planted.found} of {planted.planted} | {planted.wrong_side} | \
{planted.accused} of {planted.idle} | {planted.false_share:.1%} |
| {none.companies}, nothing planted | - | - | {none.accused} of {none.idle} | \
{none.false_share:.1%} |
"""
