"""Tactical mistakes of a company: which open deals break which rule, and what goes with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.core.statement import Phrase, Statement
from spm_lib.metrics.definition import day_number
from spm_lib.metrics.landmarks import time_to_win
from spm_lib.metrics.stages import stage_list
from spm_lib.model import Company
from spm_lib.process.mistakes.cases import past_cases, today_cases
from spm_lib.process.mistakes.limits import Stage, learned_limits
from spm_lib.process.mistakes.needs import known_then, missing
from spm_lib.process.mistakes.pricing import Gap, LikeForLike
from spm_lib.process.mistakes.result import Mistakes, Verdict, exposed_amount
from spm_lib.process.mistakes.rule import Rule
from spm_lib.process.mistakes.rules import RULES
from spm_lib.process.mistakes.stalls import resting
from spm_lib.stats import benjamini_hochberg

STEP, MOST_MARKS = 28, 39  # days between landmarks; three years of them
GIVEN = ("source", "campaign", "type")
MOST_VALUES = 12
MOST_DEALS = 30_000
TOO_FEW = Phrase("too few deals broke it, or kept it, on days past")


def find_mistakes(company: Company, *, rules: Sequence[Rule] | None = None) -> Mistakes:
    """Judge a company's open deals by named rules, and price each by what went with it before.

    A rule is priced on days past (landmarks): deals that were open then are judged by what was
    known then, with limits learned from what had been won then, and are won or not afterwards.

    Parameters
    ----------
    company
        What ``spm_lib.open`` returned.
    rules
        What is looked for; default: all.

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> made = find_mistakes(example_company())
    >>> made.tried, len(made.verdicts)
    (0, 29)
    """
    rules = RULES if rules is None else rules
    lacking = {r.id: missing(company, r.needs) for r in rules}
    judged = [r for r in rules if not lacking[r.id]]
    today = day_number(company.as_of)
    limits = learned_limits(company, judged, [today], stages=open_stages(company))
    broken = _broken_today(company, judged, limits)
    priced = [r for r in judged if not r.ended and not missing(company, r.past)]
    landmarks, horizon, untold = _landmarks(company)
    gaps = _priced(company, priced, landmarks, horizon)
    verdicts = [_verdict(company, r, lacking[r.id], broken, gaps) for r in rules]
    return Mistakes(
        company=company,
        verdicts=_with_luck(verdicts),
        broken=broken,
        limits=limits,
        landmarks=landmarks,
        horizon=horizon,
        untold=untold,
    )


def open_stages(company: Company) -> list[Stage]:
    """Return the open stages: pipeline and stage, in order."""
    return stage_list(company).select("_pipe", "stage").rows()


def _landmarks(company: Company) -> tuple[tuple[int, ...], int | None, Statement | None]:
    """Return the days past on which deals can be judged, and how long they had to be won after."""
    deals = company.table("opportunities").filter(pl.col("created_day").is_not_null())
    try:
        horizon = max(time_to_win(deals), STEP)
    except DataError as error:
        return (), None, Statement(error.what)
    newest = day_number(company.as_of) - horizon
    created = deals["created_day"].filter(deals["created_day"] < newest).sort(descending=True)
    if not created.len():
        return (), horizon, None
    first = created[min(MOST_DEALS, created.len()) - 1]
    marks = [newest - STEP * k for k in range(MOST_MARKS)]
    return tuple(m for m in marks if m > first), horizon, None


def _broken_today(company: Company, rules: Sequence[Rule], limits: pl.DataFrame) -> pl.DataFrame:
    cases = today_cases(company)
    rests = resting(company, cases)
    parts = [
        _those_broken(rule, cases, judge(rule, cases, limits), rests)
        for rule in rules
        if not rule.ended
    ]
    ended = ended_cases(company)
    awake = pl.repeat(value=False, n=ended.height, eager=True)
    parts += [_those_broken(r, ended, r.judged(ended), awake) for r in rules if r.ended]
    return pl.concat([pl.DataFrame(schema=BROKEN), *parts])


BROKEN = {
    "rule": pl.String,
    "opportunity_id": pl.String,
    "rep_id": pl.String,
    "stage": pl.String,
    "amount": pl.Int64,
    "snoozed": pl.Boolean,
}


def _those_broken(
    rule: Rule, cases: pl.DataFrame, broken: pl.Series, rests: pl.Series
) -> pl.DataFrame:
    told = cases.with_columns(rule=pl.lit(rule.id), snoozed=rests)
    typed = [pl.col(name).cast(kind) for name, kind in BROKEN.items()]
    return told.filter(broken.fill_null(value=False)).select(typed)


def ended_cases(company: Company) -> pl.DataFrame:
    """Return the deals that ended in the twelve whole months before ``as_of``, as they stand.

    Columns out: ``opportunity_id, rep_id, stage, amount, outcome, lost_reason, open_visits`` (how
    many open stages the history tells).
    """
    window = company.default_window()
    day = pl.col("closed_on")
    deals = company.table("opportunities").filter(
        (pl.col("outcome") != "open") & (day >= window.start) & (day < window.end)
    )
    visits = company.stints.filter(pl.col("outcome") == "open").group_by("opportunity_id").len()
    return deals.select(
        "opportunity_id", "rep_id", "stage", "amount", "outcome", "lost_reason"
    ).join(
        visits.select("opportunity_id", open_visits="len"), on="opportunity_id", how="left",
        maintain_order="left",
    ).with_columns(pl.col("open_visits").fill_null(0)).sort("opportunity_id")  # fmt: skip


def judge(rule: Rule, cases: pl.DataFrame, limits: pl.DataFrame) -> pl.Series:
    """Return whether each case breaks a rule by the limits of its day; null: not judged."""
    if rule.limit is None:
        return rule.judged(cases)
    mine = limits.filter(pl.col("rule") == rule.id)
    if not rule.limit.by_stage:
        told = cases.join(mine.select("mark", "pipeline", "limit"), on=["mark", "pipeline"],
                          how="left", maintain_order="left")  # fmt: skip
    else:
        keys = ["mark", "pipeline", "stage"]
        told = cases.join(mine.select(*keys, "limit"), on=keys, how="left",
                          maintain_order="left")  # fmt: skip
    return rule.judged(told)


def _priced(
    company: Company, rules: Sequence[Rule], landmarks: Sequence[int], horizon: int | None
) -> dict[str, Gap]:
    if not rules or not landmarks or horizon is None:
        return {}
    cases = _with_outcome(company, past_cases(company, landmarks), horizon)
    cases = cases.filter(~resting(company, cases))
    if not cases.height:
        return {}
    given = tuple(c for c in GIVEN if known_then(company, c))
    more = [c for c in given if c not in cases.columns]
    extra = company.table("opportunities").select("opportunity_id", *more)
    cases = cases.join(extra, on="opportunity_id", how="left", maintain_order="left")
    given = tuple(c for c in given if cases[c].n_unique() <= MOST_VALUES)
    limits = learned_limits(company, rules, landmarks, stages=open_stages(company))
    alike = LikeForLike(cases, given)
    gaps = {r.id: alike.gap(judge(r, cases, limits), apart=r.apart) for r in rules}
    return {rule: gap for rule, gap in gaps.items() if gap is not None}


def _with_outcome(company: Company, cases: pl.DataFrame, horizon: int) -> pl.DataFrame:
    """Add ``won``: whether the deal was won within the horizon after its landmark."""
    ends = company.table("opportunities").select("opportunity_id", "outcome", "closed_day")
    told = cases.join(ends, on="opportunity_id", maintain_order="left")
    soon = pl.col("closed_day") <= pl.col("mark") + horizon
    won = (pl.col("outcome") == "won") & soon
    return told.with_columns(won=won.fill_null(value=False).cast(pl.Int64)).drop("closed_day")


def _verdict(
    company: Company,
    rule: Rule,
    lacking: tuple[Phrase, ...],
    broken: pl.DataFrame,
    gaps: dict[str, Gap],
) -> Verdict:
    if lacking:
        return Verdict(rule, lacking)
    mine = broken.filter(pl.col("rule") == rule.id)
    awake = mine.filter(~pl.col("snoozed"))
    gap = gaps.get(rule.id)
    return Verdict(
        rule,
        unpriced=None if gap else _why_unpriced(company, rule),
        open=awake.height,
        exposed=exposed_amount(awake),
        snoozed=mine.height - awake.height,
        gap=gap,
    )


def _why_unpriced(company: Company, rule: Rule) -> Phrase | Statement:
    if rule.ended:
        return Phrase("those deals have ended: there is nothing to save")
    gone = missing(company, rule.past)
    if gone:
        return Statement("past days cannot be judged without {data}", {"data": gone})
    return TOO_FEW


def _with_luck(verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Add the chance of luck, the number of rules looked at allowed for."""
    p = np.array([v.gap.p if v.gap else np.nan for v in verdicts])
    q = benjamini_hochberg(p) if len(p) else p
    return tuple(replace(v, q=float(x)) if v.gap else v for v, x in zip(verdicts, q, strict=True))
