"""Whom a plan is modelled for: those whose bookings are simulated, and managers above them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import polars as pl

from spm_lib.core.statement import Statement
from spm_lib.incentives.chain.data import PayData
from spm_lib.incentives.plan.pays import MatrixPay, PoolPay, TablePay
from spm_lib.incentives.plan.plan import Component, Plan


def whom(
    plan: Plan, data: PayData, reps: Iterable[str], *, end: date
) -> tuple[frozenset[str], tuple[Statement, ...]]:
    """Return the ids of the people to be paid, and who was left out and why.

    Managers belong to them where a rule rolls credit up. Left out are people who are nobody of
    the data from the plan's first day until ``end``, and those who lack a quota that a rule of
    their role asks for.
    """
    wanted = set(reps)
    if any(rule.kind == "rollup" for rule in plan.credits):
        wanted |= _above(data.hierarchy, wanted)
    there = (pl.col("valid_from").is_null() | (pl.col("valid_from") < end)) & (
        pl.col("valid_to").is_null() | (pl.col("valid_to") > plan.plan.valid_from)
    )
    found = data.people.filter(pl.col("rep_id").is_in(sorted(wanted)) & there)
    with_quota = _with_quota(plan, data, end)
    lacking = {
        rep
        for rep, role in found.select("rep_id", "role").iter_rows()
        if any(rep not in with_quota[name] for name in quotas_asked(plan, role))
    }
    paid = frozenset(found["rep_id"]) - lacking
    notes = []
    if lacking:
        told = {"people": tuple(sorted(lacking))}
        notes.append(Statement("Left out, without a quota that the plan asks for: {people}.", told))
    if away := sorted(wanted - paid - lacking):
        told = {"people": tuple(away)}
        notes.append(Statement("Left out, not among the people on these days: {people}.", told))
    return paid, tuple(notes)


def _above(hierarchy: pl.DataFrame, reps: set[str]) -> set[str]:
    rows = hierarchy.select("rep_id", "manager_id").unique().rows()
    found, level = set(), set(reps)
    while level := {manager for rep, manager in rows if rep in level} - found:
        found |= level
    return found


def _with_quota(plan: Plan, data: PayData, end: date) -> dict[str, set[str]]:
    """Return who has a quota on any of the days, by the quota's name."""
    rows = data.quotas.filter(
        (pl.col("period_start") < end) & (pl.col("period_end") > plan.plan.valid_from)
    )
    names = {measure.quota or measure.id for measure in plan.measures}
    return {name: set(rows.filter(pl.col("quota") == name)["rep_id"]) for name in names}


def quotas_asked(plan: Plan, role: str | None) -> set[str]:
    """Return the names of the quotas that rules for a role hold attainment against."""
    found = set()
    for component in plan.components:
        if plan.pays_role(component, role):
            found |= {plan.measure(m).quota or m for m in _attained(component)}
    return found


def _attained(component: Component) -> Iterator[str]:
    """Yield the measures whose attainment a component asks for."""
    pays = component.pays
    own = pays.kind in ("curve", "goal")
    if isinstance(pays, TablePay):
        own = pays.of == "attainment" and pays.attained_by is None
        if pays.attained_by:
            yield pays.attained_by
    if isinstance(pays, PoolPay):
        own = pays.scaled == "attainment"
    if isinstance(pays, MatrixPay):
        axes = (pays.rows, pays.columns)
        yield from (a.measure for a in axes if a.measure and a.of == "attainment")
    if own and component.measure:
        yield component.measure
    for gate in component.gates:
        yield from (gate.measures if gate.of == "attainment" else ())
    yield from (m.measure for m in component.multipliers if m.of == "attainment")
