"""The kept version of a pay period read from a client's folder, for statements."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeVar

import polars as pl

from spm_lib.core.errors import PayError, PlanError
from spm_lib.core.money import exponent
from spm_lib.incentives.border.decided import read_leave, withheld
from spm_lib.incentives.chain.periods import PayPeriod, end_of, pay_periods
from spm_lib.incentives.close.ledger_files import Kept, PayFiles
from spm_lib.incentives.paid.bands import band_of
from spm_lib.incentives.paid.kept_average import MONTHS, averages, stretches, worked_months
from spm_lib.incentives.paid.paid_period import (
    Balance,
    Calculation,
    Correction,
    Credit,
    DealPaid,
    PaidPeriod,
    Payment,
    Payout,
    PersonPaid,
    Told,
)
from spm_lib.incentives.paid.plan_changes import PaidBy, Person, plan_changes
from spm_lib.incentives.plan.load import load_plan
from spm_lib.incentives.plan.plan import Component, Plan
from spm_lib.store import ClientFolder

T = TypeVar("T", bound=Told)
_HOW = "Work it out first: spm pay calculate PLAN PERIOD"


def paid_period(
    client: ClientFolder,
    *,
    plan: str = "",
    period: str = "",
    rep_ids: Iterable[str] | None = None,
    people: Mapping[str, str | None] | None = None,
) -> PaidPeriod:
    """Return the last kept version of a pay period, cut to people.

    Parameters
    ----------
    client
        The client's folder, with its ``plans`` and ``pay``.
    plan
        The plan's name; empty: the only one that is kept.
    period
        Its label, such as "2026-08"; empty: the last one that is kept.
    rep_ids
        Whose rows; None: everybody's.
    people
        Who is known (see ``known_people``): the file of leave names nobody else, and target pay of
        other roles changes nothing for a person. None: nobody is looked for.

    Raises
    ------
    PayError
        If nothing is kept of it, a kept file was changed after it was written, or the file of
        leave cannot be read or names somebody unknown (whom is told to who may see everybody).
    PlanError
        If the plan file is not there or cannot be read.
    """
    name = plan.removesuffix(".toml") or _only_plan(client)
    rules = load_plan(client.plans / f"{name}.toml")
    files = PayFiles(client, rules.plan.id)
    days = _period(rules, files, period)
    kept = files.versions(days.label)[-1]
    try:
        leave = read_leave(rules, client.plans, people=people)
    except PayError as error:  # its rows are other people's
        raise error if rep_ids is None else withheld(error) from None
    reader = _Reader(client, rules, kept, days, leave, people or {})
    return reader.whole().within(rep_ids)


def _only_plan(client: ClientFolder) -> str:
    names = _kept_plans(client)
    if not names:
        raise PayError("No pay has been worked out yet.", do=_HOW)
    if len(names) > 1:
        found = ", ".join(names)
        raise PayError("There are several pay plans.", found=found, do="Say which: pay_plan=NAME")
    return names[0]


def _kept_plans(client: ClientFolder) -> list[str]:
    place = client.pay
    return sorted(p.name for p in place.iterdir() if p.is_dir()) if place.is_dir() else []


def _period(plan: Plan, files: PayFiles, label: str) -> PayPeriod:
    kept = [p for p in pay_periods(plan) if (not label or p.label == label)]
    kept = [p for p in kept if files.versions(p.label)]
    if not kept:
        found = f"{plan.plan.id} {label}".strip()
        do = f"Run: spm pay calculate {plan.plan.id} {label or 'PERIOD'}"
        raise PayError("No pay of this period has been worked out yet.", found=found, do=do)
    return kept[-1]


class _Reader:
    """Reads one kept version, and those before it for what is told of twelve months."""

    def __init__(
        self,
        client: ClientFolder,
        plan: Plan,
        kept: Kept,
        days: PayPeriod,
        leave: pl.DataFrame | None,
        roles: Mapping[str, str | None],
    ) -> None:
        self.client, self.plan, self.kept, self.days = client, plan, kept, days
        self.unit = Decimal(10) ** exponent(plan.plan.currency)
        names = ("payments", "earnings", "credits", "corrections", "balances", "deals", "payouts")
        self._parts = {
            name: kept.table(name).partition_by("rep_id", as_dict=True)
            for name in names
            if kept.has(name)
        }
        self._leave, self._roles = leave, roles
        self.before = _kept_until(client, days)
        self._hashes = [str(self._run(one)["plan_hash"]) for one in self.before]
        self._worked = self._by_rep("earnings")
        self._paid = self._by_rep("payments")
        self._plans = list(_plan_files(client, {one.plan for one in self.before}))

    def whole(self) -> PaidPeriod:
        """Return the period with everybody of whom anything is told."""
        head, told = self.plan.plan, self._run(self.kept)
        marks = json.loads((self.kept.folder / "states.json").read_text("utf-8"))
        reps = {str(key[0]) for part in self._parts.values() for key in part}
        return PaidPeriod(
            plan=head.id,
            name=head.name,
            currency=head.currency,
            period=self.days.label,
            start=self.days.start,
            end=self.days.end,
            version=self.kept.version,
            state=self.kept.state,
            as_of=self.kept.as_of,
            leave_known=self._leave is not None,
            steps=tuple((mark["state"], mark["by"]) for mark in marks),
            plan_hash=told["plan_hash"],
            data_hash=told["data_hash"],
            plan_changed=told["plan_hash"] != self.plan.hash,
            changes=self._changes(),
            names={c.id: c.name for c in self.plan.components},
            tags={c.id: c.tag for c in self.plan.components},
            people=tuple(self._person(rep) for rep in sorted(reps)),
        )

    def _run(self, kept: Kept) -> dict[str, Any]:
        return json.loads((kept.folder / "run.json").read_text("utf-8"))

    def _changes(self) -> tuple[str, ...]:
        """Return the periods whose plan is not that of the kept period before it."""
        told = zip(self.before, self._hashes, strict=True)
        pairs = pairwise((one.period, by) for one, by in told if one.plan == self.kept.plan)
        return tuple(label for (_, was), (label, now) in pairs if was != now)

    def _by_rep(self, name: str) -> dict[tuple[object, ...], pl.DataFrame]:
        tables = [
            kept.table(name).with_columns(plan=pl.lit(kept.plan), plan_hash=pl.lit(by))
            for kept, by in zip(self.before, self._hashes, strict=True)
        ]
        return pl.concat(tables, how="diagonal").partition_by("rep_id", as_dict=True)

    def _rows(self, name: str, rep: str) -> list[dict[str, Any]]:
        found = self._parts.get(name, {}).get((rep,))
        return [] if found is None else found.to_dicts()

    def _person(self, rep: str) -> PersonPaid:
        lines = self._rows("payments", rep)
        return PersonPaid(
            rep_id=rep,
            payments=tuple(_only(Payment, row) for row in sorted(lines, key=lambda r: r["line"])),
            calculations=tuple(self._calculation(row) for row in self._rows("earnings", rep)),
            credits=tuple(self._credit(row) for row in self._credits(rep)),
            deals=tuple(_only(DealPaid, row) for row in self._rows("deals", rep)),
            payout=next((_only(Payout, row) for row in self._rows("payouts", rep)), None),
            corrections=tuple(_only(Correction, row) for row in self._rows("corrections", rep)),
            balances=tuple(_only(Balance, row) for row in self._rows("balances", rep)),
            **self._twelve_months(rep),
        )

    def _twelve_months(self, rep: str) -> dict[str, Any]:
        """Return what is told of a person's last worked months, split where the plan changed."""
        earned = self._worked.get((rep,))
        if earned is None:
            return {}
        spans = earned.select("from", "to").unique().iter_rows()
        worked = worked_months(spans, self._away(rep))
        told: dict[str, Any] = {"worked": tuple(worked[-MONTHS:])}
        if not worked:
            return told
        paid = self._tagged(rep, earned)
        person = Person(rep, frozenset(earned["component"]), self._roles.get(rep))
        periods = earned.select("period", "period_start", "plan", "plan_hash").unique()
        changes = plan_changes(map(PaidBy._make, periods.iter_rows()), self._plans, person)
        first = worked[-MONTHS:][0]
        return told | {
            "averages": averages(paid, worked),
            "plan_changes": tuple(day for day in changes if first < day < self.days.end),
            "stretches": stretches(paid, worked, changes),
        }

    def _away(self, rep: str) -> list[tuple[date, date]]:
        if self._leave is None:
            return []
        own = self._leave.filter(pl.col("rep_id") == rep)
        return list(own.select("valid_from", "valid_to").iter_rows())

    def _tagged(self, rep: str, earned: pl.DataFrame) -> pl.DataFrame:
        """Return a person's payments with the tag that their component had in that period.

        Where it earned nothing in that period (a correction), it is that of its own plan's file.
        Of each tag that earned 0 there is a row of 0: months without a sale have a mean too.
        """
        rows = earned.select("period", "period_start", "tag", amount=pl.lit(0, dtype=pl.Int64))
        unpaid, paid = rows.unique(maintain_order=True), self._paid.get((rep,))
        if paid is None:
            return unpaid
        keys = ["plan", "period_start", "component"]
        then = earned.select(*keys, "tag").unique(keys, keep="first", maintain_order=True)
        made = paid.join(then, on=keys, how="left")
        made = made.join(_stated_tags(self._plans), on=["plan", "component"], how="left")
        made = made.with_columns(tag=pl.coalesce("tag", "stated"))
        return pl.concat([made.select(unpaid.columns), unpaid])

    def _calculation(self, row: dict[str, Any]) -> Calculation:
        rule = self._rule(row["component"], row["rule_version"])
        measure = self.plan.measure(rule.measure) if rule and rule.measure else None
        counted = measure is not None and measure.counted
        base = None if row["base"] is None else Decimal(row["base"])
        major = base if counted or base is None else base / self.unit
        band = rule and band_of(self.plan, rule, base=major, attainment=row["attainment"])
        told = {
            **row,
            "name": rule.name if rule else row["component"],
            "own": row["from"],
            "end": row["to"],
            "counted": counted,
            "quota_name": measure and (measure.quota or measure.id),
            "band": band or None,
        }
        return _only(Calculation, told)

    def _rule(self, name: str, version: str) -> Component | None:
        """Return the rule as it stands in the plan file; None: it has changed, or is gone."""
        named = [c for c in self.plan.components if c.id == name and c.version == version]
        return named[0] if named else None

    def _credits(self, rep: str) -> list[dict[str, Any]]:
        rows = self._rows("credits", rep)
        return sorted(rows, key=lambda row: (row["date"], row["transaction_id"], row["rule"]))

    def _credit(self, row: dict[str, Any]) -> Credit:
        money = [f"pay.{measure.base}" for measure in self.plan.measures if not measure.counted]
        amounts = [row[column] for column in money if row.get(column) is not None]
        told = {**row, "day": row["date"], "amount": amounts[0] if amounts else None}
        return _only(Credit, told)


def _kept_until(client: ClientFolder, days: PayPeriod) -> list[Kept]:
    """Return the last version of each kept period of any plan that ended with this one or before.

    By its first day. A quarter or a year of another plan that still runs is not over: its months
    would count as worked ones, and the months of this plan in them are not paid yet.
    """
    found: list[tuple[Any, Kept]] = []
    for name in _kept_plans(client):
        files = PayFiles(client, name)
        for place in sorted(p for p in (client.pay / name).iterdir() if p.is_dir()):
            versions = files.versions(place.name)
            first = _first_day(versions[-1]) if versions else None
            if first is not None and end_of(place.name, first) <= days.end:
                found.append((first, versions[-1]))
    return [kept for _, kept in sorted(found, key=lambda pair: (pair[0], pair[1].plan))]


def _first_day(kept: Kept) -> date | None:
    """Return the first day of a kept period, as its earnings tell; null: it is of nobody.

    Where nobody sold anything nothing is paid, and the month was worked all the same.
    """
    starts = (kept.table(name)["period_start"] for name in ("earnings", "payments"))
    days: Iterator[date] = (day for start in starts for day in start.head(1))
    return next(days, None)


def _stated_tags(plans: Iterable[Plan]) -> pl.DataFrame:
    """Return plan, component and the tag that the plan's file states."""
    tags = {(plan.plan.id, c.id): c.tag for plan in plans for c in plan.components}
    rows = [(*key, tag) for key, tag in tags.items()]
    schema = {"plan": pl.String, "component": pl.String, "stated": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _plan_files(client: ClientFolder, names: Iterable[str]) -> Iterator[Plan]:
    """Yield the plans of these names as their files say now; those that cannot be read left out."""
    for name in sorted(names):
        with suppress(PlanError):
            yield load_plan(client.plans / f"{name}.toml")


def _only(kind: type[T], row: dict[str, Any]) -> T:
    return kind.model_validate({name: row[name] for name in kind.model_fields if name in row})
