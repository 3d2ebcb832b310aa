"""Which leads become deals: a plain score, shown only where it holds on leads not learned from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.core.statement import Phrase, Statement
from spm_lib.metrics.associations import HELD_OUT
from spm_lib.metrics.case_mix import fitted_chances
from spm_lib.metrics.definition import day_number
from spm_lib.model import Company, Figure
from spm_lib.process.leads.arrival import ArrivalColumn, arrivals
from spm_lib.process.leads.lead_flow import time_to_convert
from spm_lib.stats import Ratio, ratio_of_sums, wilson

FEWEST = 200  # leads learned from, and as many held out
FEWEST_OF = 30  # of them that became deals, and that did not
GROUPS = 5
LEVEL = 0.95  # of the intervals of all groups together
WEEK = 7
Verdict = Literal["shown", "no better", "not calibrated"]
LEARNED, HELD, BETWEEN, YOUNG = "learned", "held out", "between", "young"


@dataclass(frozen=True, eq=False)
class LeadScore:
    """A score of leads by what is known when they come in, and what it is worth.

    Attributes
    ----------
    columns
        What could be known of a lead then, and why some of it is not looked at.
    horizon
        Days from coming in within which a lead must become a deal to count.
    learned, held_out
        Leads it was learned from; leads that came after those had had their time.
    gain
        Log-loss per held-out lead of the rate of its source less that of the score, with an
        interval over weeks: above 0 the score tells more than the source.
    groups
        Held-out leads by their chance, lowest first: ``group`` (1, 2, ...), ``least`` (lowest
        chance in it), ``leads, converted``, ``expected`` (mean chance), ``low, high`` (Wilson;
        95 % for all groups together), ``holds`` (the mean chance lies within).
    verdict
        "shown" where the gain is clear of luck and every group holds; else why it is not shown.
    waiting
        Leads that may still become deals in their time: ``lead_id, rep_id, source, created_on,
        chance`` (of becoming a deal within the horizon, as of the day it came in), ``group``,
        highest first; no rows unless shown.
    sides
        ``lead_id, side`` of every lead: learned, held out, between (had not had its time when the
        held-out ones began), young (has not had its time).
    """

    company: Company = field(repr=False)
    columns: tuple[ArrivalColumn, ...]
    horizon: int
    learned: int
    held_out: int
    gain: Ratio
    groups: pl.DataFrame
    verdict: Verdict
    waiting: pl.DataFrame = field(repr=False)
    sides: pl.DataFrame = field(repr=False)

    def figures(self) -> list[Figure]:
        """Return every number as a record of figures.json; no chances unless they are shown."""
        from spm_lib.process.leads.score_figures import score_figures

        return score_figures(self)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Whether a score is shown, and why, in words."""
        plain = all(c.column != "source" or c.refused for c in self.columns)
        base = Phrase("the rate of all leads" if plain else "the rate of the lead's source")
        values: dict[str, object] = {"n": self.held_out, "groups": self.groups.height, "base": base}
        if self.verdict == "shown":
            text = (
                "What is known of a lead when it comes in foretells more than {base}: so it was on "
                "{n:1 later lead|{n} later leads} that the score was not learned from, and in each "
                "of {groups:1 group|{groups} groups} of them about as many became deals as it had "
                "said."
            )
        elif self.verdict == "no better":
            text = (
                "No score is shown: on {n:1 later lead|{n} later leads} that it was not learned "
                "from, it was not clearly better than {base}."
            )
        else:
            wrong = self.groups.filter(~pl.col("holds")).height
            values["wrong"] = wrong
            text = (
                "No score is shown: on {n:1 later lead|{n} later leads} that it was not learned "
                "from, {wrong:1 group|{wrong} groups} of {groups} became deals more or less often "
                "than it had said."
            )
        return (Statement(text, values),)


def lead_score(company: Company) -> LeadScore:
    """Learn how likely a lead becomes a deal, and ask later leads whether that is so.

    A logistic model with ridge 1 on what is known when a lead comes in (see ``arrivals``), learned
    from leads that had had their time before the newest third of those that have had it came in.
    It is held against the same model of the source alone.

    Raises
    ------
    DataError
        If no lead was ever converted, or there are fewer than 200 leads on either side, or fewer
        than 30 of them became deals, or did not.
    """
    leads, columns = arrivals(company)
    horizon = time_to_convert(leads)
    days = (pl.col("converted_day") - pl.col("created_day")).fill_null(horizon + 1)
    leads = _sided(leads, horizon, day_number(company.as_of)).with_columns(
        won=(days <= horizon).cast(pl.Int64), n=(pl.col("side") == LEARNED).cast(pl.Int64)
    )
    _enough(leads)
    used = [c.column for c in columns if c.refused is None]
    leads = leads.with_columns(chance=pl.Series(_chances(leads, used)))
    held = leads.filter(side=HELD)
    plain = _chances(leads, [c for c in used if c == "source"])
    gain = _gain(held, plain[(leads["side"] == HELD).to_numpy()])
    groups = _groups(held)
    better = gain.low is not None and gain.low > 0
    verdict: Verdict = (
        "no better" if not better else "shown" if groups["holds"].all() else "not calibrated"
    )
    return LeadScore(
        company=company,
        columns=columns,
        horizon=horizon,
        learned=int(leads["n"].sum()),
        held_out=held.height,
        gain=gain,
        groups=groups,
        verdict=verdict,
        waiting=_waiting(leads, groups, shown=verdict == "shown"),
        sides=leads.select("lead_id", "side"),
    )


def _sided(leads: pl.DataFrame, horizon: int, today: int) -> pl.DataFrame:
    """Add the side of each lead: what is learned from had had its time before the test begins."""
    day = pl.col("created_day")
    ripe = leads.filter(day + horizon <= today)
    cut = int(ripe["created_day"].quantile(1 - HELD_OUT, "higher") or 0)
    side = (
        pl.when(day + horizon > today)
        .then(pl.lit(YOUNG))
        .when(day >= cut)
        .then(pl.lit(HELD))
        .when(day + horizon <= cut)
        .then(pl.lit(LEARNED))
        .otherwise(pl.lit(BETWEEN))
    )
    return leads.with_columns(side=side)


def _enough(leads: pl.DataFrame) -> None:
    for side in (LEARNED, HELD):
        there = leads.filter(side=side)
        made = int(there["won"].sum())
        if there.height < FEWEST or min(made, there.height - made) < FEWEST_OF:
            raise DataError(
                "Leads cannot be scored: too few have had their time.",
                found=f"{there.height} leads {side}, {made} of them became deals",
                do=f"Take a longer time: {FEWEST} leads are needed, and {FEWEST_OF} of each end",
            )


def _chances(leads: pl.DataFrame, columns: list[str]) -> np.ndarray:
    """Return P(becomes a deal in its time) of every lead, learned from those with ``n`` of 1."""
    counted = leads.with_columns(won=pl.col("won") * pl.col("n"), _at=pl.int_range(pl.len()))
    cells = counted.group_by(columns or [pl.lit(0).alias("_all")], maintain_order=True).agg(
        pl.col("won").sum(), pl.col("n").sum(), pl.col("_at")
    )
    told = cells.with_columns(chance=pl.Series(fitted_chances(cells, columns)))
    return told.explode("_at").sort("_at")["chance"].to_numpy()


def _gain(held: pl.DataFrame, plain: np.ndarray) -> Ratio:
    """Return how much less the log-loss per lead is than with the source alone, over weeks."""
    won = held["won"].to_numpy()
    losses = [
        -np.log(np.where(won == 1, chance, 1 - chance))
        for chance in (plain, held["chance"].to_numpy())
    ]
    weeks = held.select(week=pl.col("created_day") // WEEK, gain=pl.Series(losses[0] - losses[1]))
    summed = weeks.group_by("week").agg(pl.col("gain").sum(), n=pl.len()).sort("week")
    return ratio_of_sums(summed["gain"].to_numpy(), summed["n"].to_numpy())


def _groups(held: pl.DataFrame) -> pl.DataFrame:
    """Return held-out leads in groups of about a fifth, equal chances together."""
    place = (pl.col("chance").rank("average") - 0.5) / held.height * GROUPS
    fifths = held.with_columns(_fifth=place.floor())
    told = (
        fifths.group_by("_fifth")
        .agg(
            least=pl.col("chance").min(),
            leads=pl.len().cast(pl.Int64),
            converted=pl.col("won").sum(),
            expected=pl.col("chance").mean(),
        )
        .sort("_fifth")
        .with_columns(group=pl.int_range(1, pl.len() + 1))
        .drop("_fifth")
    )
    level = 1 - (1 - LEVEL) / max(told.height, 1)
    low, high = wilson(told["converted"].to_numpy(), told["leads"].to_numpy(), level)
    inside = pl.col("expected").is_between(pl.Series(low), pl.Series(high))
    return told.with_columns(low=pl.Series(low), high=pl.Series(high), holds=inside)


def _waiting(leads: pl.DataFrame, groups: pl.DataFrame, *, shown: bool) -> pl.DataFrame:
    """Return the leads that may still become deals in their time, each with its group."""
    still = leads.filter((pl.col("side") == YOUNG) & pl.col("converted_day").is_null() & shown)
    edges = groups["least"].to_numpy()[1:]
    group = pl.Series(np.searchsorted(edges, still["chance"].to_numpy(), side="right") + 1)
    return (
        still.with_columns(group=group.cast(pl.Int64))
        .select("lead_id", "rep_id", "source", "created_on", "chance", "group")
        .sort("chance", "created_on", "lead_id", descending=[True, True, False])
    )
