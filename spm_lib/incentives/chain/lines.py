"""All lines of a plan: those of plain rules at once, the others and whoever asks one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import polars as pl

from spm_lib.core.money import parts_of
from spm_lib.incentives.chain.arithmetic import decimal_from, rounded
from spm_lib.incentives.chain.at_once import AtOnce, at_once
from spm_lib.incentives.chain.earning import EARNING_COLUMNS, PLACES, Earner, Line, earning_row
from spm_lib.incentives.chain.ledger import Ledger
from spm_lib.incentives.chain.periods import PayPeriod
from spm_lib.incentives.chain.releasing import Releaser
from spm_lib.incentives.plan.plan import Plan


class Lines:
    """The lines of a run in exact fractions, worked out when somebody asks for them."""

    def __init__(self, ledger: Ledger, periods: list[PayPeriod]) -> None:
        self.ledger, self.periods = ledger, periods
        self._kept: dict[str, list[Line]] = {}

    def of(self, rep: str) -> list[Line]:
        """Return a person's lines, by component as in the file, and period."""
        if rep not in self._kept:
            self._kept[rep] = self._worked_out(rep, None)
        return self._kept[rep]

    def in_period(self, period: PayPeriod) -> Iterator[Line]:
        """Return everybody's lines of a period, by person; none of them is kept."""
        return (line for rep in self._reps for line in self._worked_out(rep, period))

    def __iter__(self) -> Iterator[Line]:
        """Return everybody's lines, by person."""
        return (line for rep in self._reps for line in self.of(rep))

    @property
    def _reps(self) -> list[str]:
        return sorted(self.ledger.stays)

    def _worked_out(self, rep: str, only: PayPeriod | None) -> list[Line]:
        plan = self.ledger.plan
        found = Earner(self.ledger, self.periods).of(rep, plan.components, only)
        if plan.decisions.rounding.at == "payment":
            found = rounded_together(found, plan.decisions.rounding.mode)
        return found


@dataclass(frozen=True, eq=False)
class AllEarned:
    """What all components earn.

    Attributes
    ----------
    table
        The earnings: one row per line, by person, component as in the file, and period.
    plain
        Rows that are paid as they are, of components worked out at once: rep_id, number (of the
        period), place (of the component), component, rule_version, amount.
    others
        The lines of all other components.
    """

    table: pl.DataFrame
    plain: pl.DataFrame
    others: list[Line]


def earned_by_all(lines: Lines, releaser: Releaser) -> AllEarned:
    """Work out everybody's lines.

    Raises
    ------
    PayError
        If a quota, a target pay or a score that is asked for is missing: all at once.
    """
    places = list(enumerate(lines.ledger.plan.components))
    ids = _at_once(lines.ledger.plan, releaser)
    quick = AtOnce(lines.ledger, lines.periods)
    frames = [
        quick.earnings(component).with_columns(place=pl.lit(place, dtype=pl.UInt32))
        for place, component in places
        if component.id in ids
    ]
    others = _others(lines, ids)
    lines.ledger.settle()
    frames.append(_told(lines, others))
    order = ("rep_id", "place", "number", "from")
    table = pl.concat(frames).sort(order, maintain_order=True)
    plain = table.filter(pl.col("component").is_in(ids)).select(PLAIN)
    return AllEarned(table.select(_shown()), plain, others)


PLAIN = ("rep_id", "number", "place", "component", "rule_version", "amount")


def _at_once(plan: Plan, releaser: Releaser) -> list[str]:
    """Return the components that are worked out at once in all their versions."""
    ids = dict.fromkeys(component.id for component in plan.components)
    slow = {c.id for c in plan.components if not at_once(c, plan)}
    return [name for name in ids if name not in slow and not releaser.takes_back(name)]


def _others(lines: Lines, ids: list[str]) -> list[Line]:
    """Return the lines of all components but these, by person."""
    plan, ledger = lines.ledger.plan, lines.ledger
    slow = [component for component in plan.components if component.id not in ids]
    if len(slow) == len(plan.components):
        return list(lines)
    earner = Earner(ledger, lines.periods)
    return [line for rep in sorted(ledger.stays) for line in earner.of(rep, slow)] if slow else []


def _told(lines: Lines, others: list[Line]) -> pl.DataFrame:
    """Return lines as rows of the earnings, with the places of period and component."""
    numbers = {period: i for i, period in enumerate(lines.periods)}
    places = {id(component): i for i, component in enumerate(lines.ledger.plan.components)}
    rows = [
        (*earning_row(line), numbers[line.period], places[id(line.component)]) for line in others
    ]
    wide = {c: pl.Int128 if kind.is_decimal() else kind for c, kind in EARNING_COLUMNS.items()}
    schema = {**wide, "number": pl.UInt32, "place": pl.UInt32}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _shown() -> list[pl.Expr]:
    return [
        decimal_from(pl.col(c), PLACES).alias(c) if kind.is_decimal() else pl.col(c)
        for c, kind in EARNING_COLUMNS.items()
    ]


def rounded_together(lines: list[Line], mode: str) -> list[Line]:
    """Return a person's lines whose whole amounts add up to each period's rounded total."""
    groups: dict[PayPeriod, list[int]] = defaultdict(list)
    for index, line in enumerate(lines):
        groups[line.period].append(index)
    made = list(lines)
    for members in groups.values():
        exact = [lines[i].exact for i in members]
        total = rounded(sum(exact, Fraction(0)), mode)
        for i, amount in zip(members, parts_of(total, exact), strict=True):
            made[i] = replace(lines[i], amount=amount)
    return made
