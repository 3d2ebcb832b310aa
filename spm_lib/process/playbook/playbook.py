"""The playbook: per stage, what goes with winning and what the best closers do otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.core.statement import Statement
from spm_lib.metrics.associations import FALSE_SHARE, Behaviour, associations, held_out_gain
from spm_lib.metrics.mix import mix_columns
from spm_lib.metrics.stages import stage_list
from spm_lib.model import Company, Figure
from spm_lib.process.playbook.best_closers import BestClosers, best_closers, differences
from spm_lib.process.playbook.stage_days import StageDays, stage_days
from spm_lib.stats import benjamini_hochberg

DAYS = 7
FEWEST_DEALS = 200
FEWEST_PEOPLE = 3
STAGE = ("pipeline", "stage")


@dataclass(frozen=True, eq=False)
class Playbook:
    """What goes with winning at each stage, and what the best closers do otherwise there.

    Attributes
    ----------
    table
        One row per test of a behaviour on winning, stages in order: ``pipeline, stage, behaviour,
        term`` ("within": the same person's deals with it against those without, mix of deals
        allowed for), ``odds, low, high`` (95 %), ``p, q`` (over all tests of all stages and of
        ``best`` together), ``done`` (share of deals), ``held_out`` (odds in the last third),
        ``kept`` (same side there), ``found``, ``n, base`` (deals, share of them won).
    best
        One row per behaviour of the best closers against the others, as of ``differences``, with
        ``q`` and ``found``.
    stages
        The stages that could be looked at; ``untold`` has the others with the reason.
    gains
        Per stage: log-loss per deal on the last third without the behaviours minus with them.
    """

    company: Company = field(repr=False)
    days: int
    people: BestClosers
    stages: tuple[StageDays, ...] = field(repr=False)
    untold: tuple[tuple[str, str, Statement], ...]
    table: pl.DataFrame
    best: pl.DataFrame
    gains: dict[tuple[str, str], float | None]

    @property
    def tried(self) -> int:
        """How many comparisons were made, in all stages."""
        return self.table.height + self.best.height

    @property
    def found(self) -> pl.DataFrame:
        """The tests that are clear of luck: same person's deals, in order of stage and strength."""
        return self.table.filter("found")

    def behaviour(self, name: str) -> Behaviour:
        """Return a behaviour by its name."""
        return next(b for s in self.stages for b in s.behaviours if b.name == name)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What goes with winning, stage by stage, in words."""
        from spm_lib.process.playbook.words import playbook_words

        return playbook_words(self)

    def figures(self) -> list[Figure]:
        """Return every number as a record of figures.json."""
        from spm_lib.process.playbook.figures import playbook_figures

        return playbook_figures(self)


def make_playbook(company: Company, *, days: int = DAYS) -> Playbook:
    """Ask what is done in the first days of each stage that goes with winning later.

    Parameters
    ----------
    company
        What ``spm_lib.open`` returned.
    days
        Length of a stage's first days.

    Raises
    ------
    DataError
        If no history of stages is known, or no stage has 200 deals of three people whose
        behaviour can be looked at.
    """
    if not company.has("stints") or not company.stints.height:
        raise DataError(
            "There is no playbook: no move from stage to stage is known.",
            do="Map stage_events with opportunity_id, stage and entered_at",
        )
    deals = company.table("opportunities")
    mix = [c.column for c in mix_columns(company, deals, wanted=None) if c.use == "mix"]
    looked, untold = _stages(company, days, mix)
    if not looked:
        raise DataError(
            "There is no playbook: no stage has enough deals whose handling is known.",
            found="; ".join(f"{stage}: {why.text}" for _, stage, why in untold),
            do=f"Map activities with their opportunity_id; {FEWEST_DEALS} deals per stage are "
            "needed",
        )
    people = best_closers(company, mix=mix)
    table, best = _tests(looked, people, mix)
    gains = {
        (s.pipeline, s.stage): held_out_gain(s.frame, s.told, controls=["stage_then", *mix])
        for s in looked
    }
    return Playbook(company, days, people, tuple(looked), tuple(untold), table, best, gains)


Untold = tuple[str, str, Statement]


def _stages(company: Company, days: int, mix: list[str]) -> tuple[list[StageDays], list[Untold]]:
    looked: list[StageDays] = []
    untold: list[Untold] = []
    for pipeline, stage in stage_list(company).select("_pipe", "stage").iter_rows():
        try:
            made = stage_days(company, pipeline, stage, days=days, keep=mix)
        except DataError:
            untold.append((pipeline, stage, Statement("no deal that was there has been won")))
            continue
        why = _lacks(made)
        if why is None:
            looked.append(made)
        else:
            untold.append((pipeline, stage, why))
    return looked, untold


def _lacks(made: StageDays) -> Statement | None:
    """Say why a stage cannot be looked at; null where it can."""
    if made.frame.height < FEWEST_DEALS or made.frame["rep_id"].n_unique() < FEWEST_PEOPLE:
        text = "{n:1 deal has|{n} deals have} had time enough; {most} of three people are needed"
        return Statement(text, {"n": made.frame.height, "most": FEWEST_DEALS})
    if not made.told:
        return Statement("nothing that was done there is known, or it is done too seldom")
    return None


def _tests(
    looked: list[StageDays], people: BestClosers, mix: list[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return all tests of all stages, false discovery held over all of them together."""
    tables, best = [], []
    for at, stage in enumerate(looked):
        of = {"at": pl.lit(at), "pipeline": pl.lit(stage.pipeline), "stage": pl.lit(stage.stage)}
        table = associations(stage.frame, stage.told, controls=["stage_then", *mix], wider=True)
        table = table.filter(pl.col("term") == "within")  # between people: see differences
        base = float(stage.frame["won"].to_numpy().mean())
        tables.append(
            table.with_columns(
                **of, n=pl.lit(stage.frame.height, dtype=pl.Int64), base=pl.lit(base)
            )
        )
        best.append(differences(stage.frame, stage.told, people).with_columns(**of))
    table, other = pl.concat(tables), pl.concat(best)
    q = benjamini_hochberg(np.concatenate([table["p"].to_numpy(), other["p"].to_numpy()]))
    kept = pl.col("kept").fill_null(value=False)
    table = table.with_columns(q=pl.Series(q[: table.height], dtype=pl.Float64)).with_columns(
        found=(pl.col("q") <= FALSE_SHARE) & kept
    )
    other = other.with_columns(q=pl.Series(q[table.height :], dtype=pl.Float64)).with_columns(
        found=pl.col("q") <= FALSE_SHARE
    )
    order = ["at", "p", "behaviour"]
    return table.sort(*order, "term").drop("at"), other.sort(order).drop("at")
