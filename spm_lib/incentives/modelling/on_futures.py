"""A plan modelled on the forecast's draws: every future paid as real deals are, to the cent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from spm_lib.core.errors import PayError
from spm_lib.core.language import language
from spm_lib.incentives.chain.arithmetic import rounded
from spm_lib.incentives.chain.data import PayData
from spm_lib.incentives.lint.lint import check_plan
from spm_lib.incentives.modelling.attaining import BUDGET_STEPS, attained, cost_table
from spm_lib.incentives.modelling.mix import WHOLE, mix_of
from spm_lib.incentives.modelling.pay_model import PayModel
from spm_lib.incentives.modelling.replay import Replay, in_millionths
from spm_lib.incentives.modelling.standing_in import standing_in
from spm_lib.incentives.modelling.whom import whom
from spm_lib.incentives.plan.plan import Plan

if TYPE_CHECKING:
    from spm_lib.forecast import Draws

Ints = np.ndarray
STEP_FUTURES = 50  # futures on which the cost at given attainments is worked out


def model_pay(
    plan: Plan,
    draws: Draws,
    data: PayData,
    *,
    start: date | None = None,
    steps: Sequence[Decimal] = BUDGET_STEPS,
    salaries: int | None = None,
    watch: Callable[[int, int], None] | None = None,
) -> PayModel:
    """Pay a plan on each future of simulated bookings.

    Each future goes through the same chain as real deals, one transaction per person and period
    (on the first day of it on board), parted by the columns that rules ask for as past deals were.

    Parameters
    ----------
    draws
        Bookings per person, period and future, whole months one after another.
    data
        Tables of pay: people and quotas of the modelled days; transactions up to then, of which
        those from ``start`` on are paid as they happened. Cancellations, receipts, splits, scores
        and adjustments are not looked at.
    start
        First day that is paid; null: that of the draws.
    steps
        Shares of quota at which the cost is asked for; see ``PayModel.steps``.
    salaries
        Base pay of the same days in minor units, for ``ccos``; null: not known.
    watch
        Told how many futures are paid, and of how many.

    Raises
    ------
    PlanError
        If the plan has an error of the linter, or is not in force on these days.
    PayError
        If the plan asks what sums by person and month cannot tell, or a number is missing.
    """
    check_plan(plan)
    first, end = draws.periods[0].start, draws.periods[-1].end
    made, notes = standing_in(plan, start or first, end)
    people, left = whom(made, data, draws.reps, end=end)
    if not people:
        raise PayError(
            "Nobody is left whom the plan could be modelled for.",
            found=" ".join(note.tell(language("en")) for note in left) or "no people",
            do="Give people quotas of these days, or model another plan",
        )
    mix = mix_of(made, data.transactions, first)
    replay = Replay(made, _of(data, people, made, first), draws.of(set(people)), mix)
    names = dict(data.people.select("rep_id", pl.struct("name", "role")).iter_rows())
    played = _play(replay, _measure(made, replay.data), watch or (lambda _, __: None))
    return PayModel(
        plan=plan.plan.id,
        currency=plan.plan.currency,
        start=made.plan.valid_from,
        end=end,
        reps=replay.reps,
        names=tuple(names[rep]["name"] for rep in replay.reps),
        roles=tuple(names[rep]["role"] for rep in replay.reps),
        quotas=played.quotas,
        pay=played.pay,
        sales=played.sales,
        counted=played.counted,
        steps=_steps(replay, played, steps),
        salaries=salaries,
        notes=(*notes, *mix.notes, *left),
    )


def _of(data: PayData, people: frozenset[str], plan: Plan, first: date) -> PayData:
    """Return the tables of the people paid, with what happened from the plan's start on."""
    mine = pl.col("rep_id").is_in(sorted(people))
    day = pl.col("date")
    past = data.transactions.filter(mine & (day >= plan.plan.valid_from) & (day < first))
    return PayData(
        transactions=past,
        people=data.people.filter(mine),
        quotas=data.quotas.filter(mine),
        hierarchy=data.hierarchy.filter(mine & pl.col("manager_id").is_in(sorted(people))),
        rates=data.rates,
    )


def _measure(plan: Plan, data: PayData) -> str | None:
    """Return the measure that attainment is told of: the first one paid by with a quota."""
    told = set(data.quotas["quota"])
    measures = [plan.measure(c.measure) for c in plan.components if c.measure]
    return next((m.id for m in measures if (m.quota or m.id) in told), None)


@dataclass(frozen=True, eq=False)
class _Played:
    """All futures paid: (people, futures), and what stood before the first of them."""

    measure: str | None
    pay: Ints
    sales: Ints
    counted: Ints
    quotas: tuple[Fraction | None, ...]


def _play(replay: Replay, measure: str | None, watch: Callable[[int, int], None]) -> _Played:
    values, futures = replay.draws.values, replay.draws.scenarios
    shape = (len(replay.reps), futures)
    pay, counted = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    quotas: dict[str, Fraction] = {}
    for number in range(futures):
        run = replay.pay(values[:, :, number])
        pay[:, number] = replay.paid(run)
        if measure is not None:
            counted[:, number] = replay.counted(run, measure)
            quotas = quotas or {r: quota for r, (_, quota) in attained(run.lines, measure).items()}
        watch(number + 1, futures)
    told = tuple(quotas.get(rep) for rep in replay.reps)
    return _Played(measure, pay, _sales(replay), counted, told)


def _sales(replay: Replay) -> Ints:
    """Return each person's bookings: what happened, and each future's."""
    sums = replay.data.transactions.group_by("rep_id").agg(pl.col("amount").sum())
    booked = dict(sums.iter_rows())
    place = {rep: i for i, rep in enumerate(replay.reps)}
    found = np.zeros((len(place), replay.draws.scenarios), np.int64)
    found[[place[rep] for rep in replay.draws.reps]] = replay.draws.horizon()
    return found + np.array([[booked.get(rep, 0)] for rep in replay.reps], np.int64)


def _steps(replay: Replay, played: _Played, steps: Sequence[Decimal]) -> pl.DataFrame:
    """Return the mean cost where all together reach shares of their quotas."""
    owners = [i for i, quota in enumerate(played.quotas) if quota]
    quota = sum((played.quotas[i] or Fraction(0) for i in owners), Fraction(0))
    if played.measure is None or not quota:
        return cost_table([])
    values = replay.draws.values[:, :, :STEP_FUTURES]
    nothing = replay.pay(np.zeros_like(values[:, :, 0]))
    before = int(replay.counted(nothing, played.measure)[owners].sum())
    booked = int(replay.data.transactions["amount"].sum())
    reached = played.counted[owners][:, : values.shape[2]].sum(axis=0) - before
    rows = []
    for step in steps:
        sold, paid = [], []
        for number in np.flatnonzero(reached > 0):
            factor = max(Fraction(step) * quota - before, Fraction(0)) / int(reached[number])
            amounts = in_millionths(values[:, :, number], rounded(factor * WHOLE))
            sold.append(booked + int(amounts.sum()))
            paid.append(int(replay.paid(replay.pay(amounts)).sum()))
        if sold:
            rows.append((step, *(rounded(Fraction(sum(v), len(v))) for v in (sold, paid))))
    return cost_table(rows)
