"""Comparing people fairly: is there a difference at all, in what, and how sure is it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.errors import DataError
from spm_lib.core.statement import Statement
from spm_lib.metrics import Measured, measure
from spm_lib.metrics.case_mix import adjusted_p, expected_wins
from spm_lib.metrics.mix import MixColumn, mix_columns, mix_table
from spm_lib.model import Company, Figure
from spm_lib.reps.coarse import FEWEST
from spm_lib.reps.comparison.closed_deals import closed_deals, counts_by_rep
from spm_lib.reps.comparison.differences import Difference, differences
from spm_lib.reps.comparison.tenure import tenure
from spm_lib.reps.comparison.win_rates import WinRates, allow_for_mix, compare_win_rates
from spm_lib.reps.skills.rep_skills import RepSkills, rep_skills
from spm_lib.stats import steady

SMALL = 20
MEASURES = {
    "win_rate": "win_rate.closed.count",
    "won": "won.count",
    "size": "deal.mean_amount",
    "cycle": "cycle.won.median_days",
}


@dataclass(frozen=True, eq=False)
class RepComparison:
    """What may be said when people are compared on the deals they closed in a window.

    Attributes
    ----------
    window
        The deals closed in ``[start, end)``, credited to the owner at the close.
    rates
        Win rates: test, pooling, evidence and the frame (see ``WinRates``).
    table
        One row per person, sorted by ``rep_id``: ``name``, the columns of ``rates.frame``,
        ``peer_rate`` (closed win rate of the others; null with fewer than 5 others),
        ``expected_rate, o_e, o_e_low, o_e_high`` (case mix; null without mix columns), ``won_count,
        won_per_month, deal_mean, deal_low, deal_high`` (Int64 minor units), ``cycle_days,
        cycle_low, cycle_high`` (median), ``since, tenure_days, ramping, left``, ``few`` (fewer
        than 20 closed deals).
    differences
        Tests of win rate, volume, deal size and cycle.
    mix
        Shares of segment, source, product per person against the company (see ``mix_table``).
    mix_columns
        The columns looked at, and why some are not used.
    adjusted_p
        The win rate test after allowing for the mix; null where there is none.
    measured
        The metrics the table was read from, with their receipts.
    """

    company: Company = field(repr=False)
    window: Window
    rates: WinRates
    table: pl.DataFrame
    differences: tuple[Difference, ...]
    mix: pl.DataFrame
    mix_columns: tuple[MixColumn, ...]
    adjusted_p: float | None
    measured: dict[str, Measured] = field(repr=False)

    @property
    def ranked(self) -> bool:
        """Whether people may be ordered by win rate."""
        return self.rates.ranked

    @property
    def peers_withheld(self) -> bool:
        """Whether averages over others are withheld because there are fewer than five of them."""
        return self.table.height - 1 < FEWEST

    @cached_property
    def skills(self) -> RepSkills:
        """The skills of these people, pooled, with what differs and what does not."""
        return rep_skills(self.company, window=self.window)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What happened, why, and what to do, in words."""
        from spm_lib.reps.comparison.findings import findings

        return findings(self)

    def figures(self) -> list[Figure]:
        """Return every number of the comparison as a record of figures.json."""
        from spm_lib.reps.comparison.figures import comparison_figures

        return comparison_figures(self)


@steady
def compare_reps(
    company: Company,
    *,
    window: Window | str | None = None,
    mix: Sequence[str] | None = None,
    seed: int = 1,
) -> RepComparison:
    """Compare the people of a company on the deals they closed in a window.

    Parameters
    ----------
    company
        What ``spm_lib.open`` returned; within a scope only its own people are seen.
    window
        ``[start, end)`` of the close, or "2026", "2026-Q1" ...; default: the twelve whole months
        that end at ``as_of``.
    mix
        Columns of the deals to use as mix; default: those that the file gives (see
        ``mix_columns``).
    seed
        Where the posterior draws of ranks start.

    Raises
    ------
    DataError
        If no deal with an owner was closed in the window.
    """
    wanted = _window(company, window)
    deals = closed_deals(company, wanted)
    if not deals.height:
        raise DataError(
            "There is nobody to compare: no deal with an owner was won or lost in the window.",
            found=f"{wanted.label} as of {company.as_of}",
            do="Choose a longer window, or map rep_id of opportunities",
        )
    counts = counts_by_rep(deals)
    rates = compare_win_rates(counts, seed=seed)
    people = tenure(company, wanted, reps=counts["rep_id"])
    columns = mix_columns(company, deals, wanted=mix)
    used = [column.column for column in columns if column.use == "mix"]
    expected = expected_wins(deals, used) if used else None
    after = adjusted_p(expected) if expected is not None else None
    if expected is not None:
        rates = allow_for_mix(rates, expected, after)
    measured = {k: measure(company, m, by="rep_id", window=wanted) for k, m in MEASURES.items()}
    return RepComparison(
        company=company,
        window=wanted,
        rates=rates,
        table=_table(rates.frame, people, expected, measured),
        differences=differences(deals, rates, exposure=people),
        mix=mix_table(deals, [c.column for c in columns if c.use in ("mix", "shown")]),
        mix_columns=columns,
        adjusted_p=after,
        measured=measured,
    )


def _window(company: Company, window: Window | str | None) -> Window:
    if window is None:
        return company.default_window()
    return company.calendar.parse_window(window) if isinstance(window, str) else window


def _table(
    rates: pl.DataFrame,
    people: pl.DataFrame,
    expected: pl.DataFrame | None,
    measured: dict[str, Measured],
) -> pl.DataFrame:
    frame = _with_peers(rates).join(people, on="rep_id", how="left", maintain_order="left")
    frame = frame.join(_mix(expected), on="rep_id", how="left", maintain_order="left")
    size = _picked(measured["size"], value="deal_mean", low="deal_low", high="deal_high")
    cycle = _picked(measured["cycle"], value="cycle_days", low="cycle_low", high="cycle_high")
    won = _picked(measured["won"], value="won_count")
    for part in (won, size, cycle):
        frame = frame.join(part, on="rep_id", how="left", maintain_order="left")
    return frame.with_columns(
        won_per_month=pl.col("won_count") / pl.col("days") * (365.25 / 12),
        few=pl.col("n") < SMALL,
    ).select("rep_id", "name", pl.exclude("rep_id", "name"))


def _with_peers(rates: pl.DataFrame) -> pl.DataFrame:
    """Add the closed win rate of all others, null where they are fewer than five."""
    others = pl.col("won").sum() - pl.col("won"), pl.col("n").sum() - pl.col("n")
    enough = rates.height - 1 >= FEWEST
    rate = pl.when(pl.lit(enough) & (others[1] > 0)).then(others[0] / others[1])
    return rates.with_columns(peer_rate=rate)


_MIX = ("expected_rate", "o_e", "o_e_low", "o_e_high")


def _mix(expected: pl.DataFrame | None) -> pl.DataFrame:
    if expected is None:
        return pl.DataFrame(schema={"rep_id": pl.String, **dict.fromkeys(_MIX, pl.Float64)})
    return expected.select("rep_id", *_MIX)


def _picked(measured: Measured, **names: str) -> pl.DataFrame:
    frame = measured.frame.filter(pl.col("rep_id").is_not_null())
    return frame.select("rep_id", **{new: pl.col(old) for old, new in names.items()})
