"""Letters made: a company, its target plan and its pay plan in, one person's letter out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from math import ceil
from typing import Any

import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.errors import PayError, PlanError, SpmError, TeamError
from spm_lib.core.money import exponent
from spm_lib.incentives import Plan
from spm_lib.incentives.chain.people import stays_of
from spm_lib.incentives.chain.periods import months_in
from spm_lib.incentives.chain.quotas import TargetPayBook
from spm_lib.incentives.plan.plan import Component
from spm_lib.metrics import measure
from spm_lib.model import Company, Figure, scope_named
from spm_lib.model.members import places_on
from spm_lib.plans import TargetPlan
from spm_lib.team.letters import clauses
from spm_lib.team.letters.letter import Clause, Letter, Likely, Measured, MonthTarget
from spm_lib.team.letters.letter_terms import LetterTerms
from spm_lib.team.letters.pay_in_words import PayInWords
from spm_lib.team.letters.wording import Known, Line, Name, Plain, line
from spm_lib.team.letters.worked_pay import Paid, worked_pay

PEOPLE = ("rep_id", "name", "role", "hired_on", "valid_from", "valid_to")


@dataclass(frozen=True, eq=False)
class LetterMaker:
    """Makes the letters of a company's people, each from the own rows only.

    Attributes
    ----------
    company
        The whole company, as known on the letter's day.
    targets
        The whole target plan; null: the targets in the company's data.
    pay
        The pay plan; null: ``no_pay`` says why there is none.
    terms
        What the client's ``letter.toml`` adds.
    window
        The period of the letters.
    """

    company: Company
    targets: TargetPlan | None
    pay: Plan | None
    terms: LetterTerms
    window: Window
    no_pay: Line = field(default_factory=lambda: line("There is no pay plan."))

    def letter(self, rep_id: str) -> Letter:
        """Return the letter of a person.

        Raises
        ------
        TeamError
            If there is nobody of that id.
        """
        return _Making(self, rep_id).letter()

    @cached_property
    def people(self) -> dict[str, dict[str, Any]]:
        """The people by id: name, role, hired_on."""
        rows = self.company.table("reps").select("rep_id", "name", "role", "hired_on").to_dicts()
        return {row["rep_id"]: row for row in rows}

    @cached_property
    def places(self) -> dict[str, dict[str, Any]]:
        """Team and manager of each person on the letter's day."""
        return {row["rep_id"]: row for row in places_on(self.company).to_dicts()}


class _Making:
    """One person's letter in the making."""

    def __init__(self, maker: LetterMaker, rep_id: str) -> None:
        if rep_id not in maker.people:
            raise TeamError(
                "There is nobody to write to.", found=rep_id, do="Name a rep_id of the table reps"
            )
        self.maker, self.rep = maker, rep_id
        self.person, self.place = maker.people[rep_id], maker.places.get(rep_id, {})
        self.role: str | None = self.person["role"]
        self.company = maker.company.within(scope_named(maker.company, f"rep:{rep_id}"))

    def letter(self) -> Letter:
        """Return it, its parts in their order."""
        maker, plan = self.maker, self._plan
        worked, left_out, no_worked = self._worked()
        told = [
            clauses.purpose(maker.terms),
            Clause(part="target", missing=tuple(self._no_target())),
            Clause(part="odds", missing=tuple(self._no_odds())),
            Clause(part="kpis", lines=tuple(self._needed())),
            Clause(part="mix", missing=tuple(self._no_mix())),
            clauses.leave(plan, maker.terms),
            clauses.changing(maker.terms),
            clauses.questions(maker.terms, self._manager),
            *(self._of_plan(plan, no_worked) if plan else self._without_plan()),
        ]
        return Letter(
            client=maker.company.settings.workspace.name,
            rep_id=self.rep,
            name=self._name(self.rep) or self.rep,
            role=self.role,
            team=self.place.get("team"),
            manager=self._manager,
            start=maker.window.start,
            end=maker.window.end,
            as_of=maker.company.as_of,
            currency=maker.company.currency,
            **self._targets,
            likely=self._likely,
            pay_plan=plan.plan.name if plan else "",
            pay_currency=plan.plan.currency if plan else "",
            variable=self._variable,
            base_pay=self._base,
            measures=tuple(self._measures()),
            worked=worked,
            left_out=left_out,
            kpis=tuple(self._kpis),
            clauses=tuple(c for c in told if c.lines or c.missing),
        )

    @cached_property
    def _plan(self) -> Plan | None:
        """The pay plan, if it pays this person."""
        plan = self.maker.pay
        return plan if plan and any(plan.pays_role(c, self.role) for c in plan.components) else None

    @cached_property
    def _components(self) -> tuple[Component, ...]:
        """The components that pay this person in the letter's period."""
        plan, window = self._plan, self.maker.window
        if plan is None:
            return ()
        return tuple(
            c
            for c in plan.components
            if plan.pays_role(c, self.role)
            and (c.valid_from is None or c.valid_from < window.end)
            and (c.valid_to is None or window.start < c.valid_to)
        )

    def _name(self, rep_id: str | None) -> str | None:
        found = self.maker.people.get(rep_id or "")
        return (found["name"] or rep_id) if found else rep_id

    @property
    def _manager(self) -> str | None:
        return self._name(self.place.get("manager_id"))

    @cached_property
    def _row(self) -> dict[str, Any]:
        """The person's row of the target plan; empty where there is none."""
        plan = self.maker.targets
        rows = [] if plan is None else plan.people.filter(pl.col("rep_id") == self.rep).to_dicts()
        return rows[0] if rows else {}

    @cached_property
    def _targets(self) -> dict[str, Any]:
        """Scenario, metric, target, its parts, and what came before."""
        plan = self.maker.targets
        metric = "won.amount" if plan is None else plan.metric
        frame = self.company.table("targets") if plan is None else plan.targets
        mine = frame.filter(
            (pl.col("rep_id") == self.rep)
            & (pl.col("metric") == metric)
            & (pl.col("period_start") >= self.maker.window.start)
            & (pl.col("period_end") <= self.maker.window.end)
            & pl.col("value").is_not_null()
        ).sort("period_start")
        parts = tuple(
            MonthTarget(start=start, end=end, value=value)
            for start, end, value in mine.select("period_start", "period_end", "value").iter_rows()
        )
        return {
            "scenario": "" if plan is None else plan.scenario.name,
            "metric": metric,
            "targets": parts,
            "target": sum(t.value for t in parts) if parts else None,
            "last_target": self._row.get("last_target"),
            "last_result": self._row.get("last_year"),
        }

    def _no_target(self) -> Iterator[Line]:
        if self._targets["target"] is not None:
            return
        plan = self.maker.targets
        why = [] if plan is None else plan.left_out.filter(pl.col("rep_id") == self.rep)["reason"]
        if len(why):
            yield line("You have no target in this plan: {reason}", reason=Known(text=why[0]))
        else:
            yield line("There is no target for this period.")

    @property
    def _likely(self) -> Likely | None:
        row = self._row
        if row.get("odds") is None or self._targets["target"] is None:
            return None
        return Likely(odds=f"{row['odds']:.4f}", low=row["p10"], high=row["p90"])

    def _no_odds(self) -> Iterator[Line]:
        plan = self.maker.targets
        if self._likely is None and self._targets["target"] is not None:
            if plan is not None and plan.no_odds:
                yield line("There are no odds: {reason}", reason=Known(text=plan.no_odds))
            else:
                yield line("There are no odds for this target.")

    @cached_property
    def _kpis(self) -> list[Figure]:
        """The person's own figures of the past twelve months; those without a value left out."""
        window, found = self.company.default_window(), []
        for metric in self.maker.terms.kpis:
            try:
                found += measure(self.company, metric, window=window).figures()[:1]
            except SpmError:  # a table that it needs was not handed over
                continue
        return [figure for figure in found if figure.value is not None]

    def _needed(self) -> Iterator[Line]:
        """Tell how many deals the target takes at the person's own level."""
        own = {figure.metric: Decimal(figure.value or 0) for figure in self._kpis}
        mean, rate = own.get("deal.mean_amount"), own.get("win_rate.closed.count")
        target = self._targets["target"]
        if target is None or self._targets["metric"] != "won.amount" or not mean:
            return
        won = ceil(Decimal(target) / 10 ** exponent(self.company.currency) / mean)
        yield line("At your average deal the target takes {n:1 won deal|{n} won deals}.",
                   n=_count(won))  # fmt: skip
        if rate:
            yield line("At your win rate that is {n:1 decided deal|{n} decided deals}.",
                       n=_count(ceil(won / rate)))  # fmt: skip

    @cached_property
    def _frame(self) -> pl.DataFrame:
        """The person's row as the engine of pay takes it."""
        row = [(self.rep, self.rep, self.role, self.person["hired_on"], None, None)]
        kinds = {"role": pl.String, **dict.fromkeys(PEOPLE[3:], pl.Date)}
        return pl.DataFrame(row, schema=list(PEOPLE), schema_overrides=kinds, orient="row")

    @cached_property
    def _paid_days(self) -> Window | None:
        plan, window = self._plan, self.maker.window
        if plan is None:
            return None
        return Window(max(plan.plan.valid_from, window.start), min(plan.plan.valid_to, window.end))

    @cached_property
    def _variable(self) -> int | None:
        if self._plan is None or self._paid_days is None:
            return None
        book = TargetPayBook(self._plan, stays_of(self._frame))
        found = book.between(self.rep, self._paid_days.start, self._paid_days.end)
        return None if found is None else _whole(Decimal(found.numerator) / found.denominator)

    @cached_property
    def _base(self) -> int | None:
        """Base pay of the same days as the variable one, or of the whole period."""
        monthly = self.maker.terms.monthly_base(self.rep, self.role)
        days = self._paid_days or self.maker.window
        if monthly is None:
            return None
        months = months_in(days.start, days.end)
        currency = self._plan.plan.currency if self._plan else self.company.currency
        minor = monthly * months.numerator / months.denominator * 10 ** exponent(currency)
        return _whole(minor)

    def _no_mix(self) -> Iterator[Line]:
        if self._plan is None:
            yield (
                self.maker.no_pay
                if self.maker.pay is None
                else line(
                    "The pay plan {plan} does not pay your role.", plan=self.maker.pay.plan.name
                )
            )
        elif self._variable is None:
            yield line("The pay plan states no target variable pay for you.")
        if self._base is None:
            yield line("Base pay is not in the data: pay mix and on-target earnings are left out.")

    def _measures(self) -> Iterator[Measured]:
        assert self._plan is not None or not self._components
        for component in self._components:
            words = PayInWords(self._plan)  # pyright: ignore[reportArgumentType]
            base = line("{measure}", measure=words.base_of(component.measure))
            if component.measure is None:
                base = line("objectives")
            yield Measured(
                name=component.name, tag=component.tag, measure=base, weight=component.weight
            )

    def _worked(self) -> tuple[tuple, tuple[str, ...], list[Line]]:
        """Return worked pay, the components it leaves out, and why there is none."""
        plan, targets = self._plan, self._targets["targets"]
        if plan is None or not targets:
            return (), (), [line("Worked pay needs a target and a pay plan.")]
        person = Paid(self.rep, self.role, self.person["hired_on"])
        try:
            worked, left = worked_pay(plan, person, targets, metric=self._targets["metric"])
        except (PayError, PlanError) as error:
            return (), (), [line("Worked pay is left out: {reason}", reason=Name(text=error.what))]
        none = [line("No part of your pay is a function of this target alone.")]
        return worked, left, [] if worked else none

    def _of_plan(self, plan: Plan, no_worked: Sequence[Line]) -> Iterator[Clause]:
        """Return the parts that the pay plan tells."""
        words, many = PayInWords(plan), len(self._components) > 1
        rates: list[Line] = []
        for component in self._components:
            told = words.component(component)
            if many:
                head = line("{component}: {rule}", component=component.name, rule=told[0])
                told = [head, *told[1:]]
            rates += told
        if plan.cap:
            rates.append(words.cap(plan.cap))
        yield Clause(part="rates", lines=tuple(rates))
        yield Clause(
            part="worked", lines=tuple(_as_if(self._worked_days)), missing=tuple(no_worked)
        )
        yield clauses.crediting(plan, self.rep)
        yield clauses.payment(plan, self._components, self.rep, self.role)
        yield clauses.returns(plan)

    @property
    def _worked_days(self) -> Window | None:
        """The days that worked pay is of, where they are not the whole period."""
        return None if self._paid_days == self.maker.window else self._paid_days

    def _without_plan(self) -> Iterator[Clause]:
        said = (line("Not told: there is no pay plan for you in this period."),)
        for part in ("measures", "rates", "worked", "crediting", "payment", "returns"):
            yield Clause(part=part, missing=said)


def _as_if(days: Window | None) -> Iterator[Line]:
    yield line("As if each month brought the same share of its target; before tax.")
    if days is not None:
        yield line("The pay plan is in force from {first} to {last}: pay is of these days.",
                   first=days.start, last=_day_before(days.end))  # fmt: skip


def _day_before(day: date) -> date:
    from datetime import timedelta

    return day - timedelta(days=1)


def _count(n: int) -> Plain:
    return Plain(value=Decimal(n))


def _whole(minor: Decimal) -> int:
    return int(minor.quantize(Decimal(1), ROUND_HALF_UP))
