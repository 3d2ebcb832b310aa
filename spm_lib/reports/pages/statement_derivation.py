"""How a statement's pay came about: deals, components, quota, exchange rates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cached_property

import polars as pl

from spm_lib.incentives import PersonPaid
from spm_lib.incentives.paid.paid_period import Band, Calculation
from spm_lib.model import Figure
from spm_lib.reports.blocks import Block, Column, Section, Sentence
from spm_lib.reports.cells import Cell, Day, Number, words
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.statement_average import StatementAverage
from spm_lib.reports.pages.statement_base import TAGS

_DECISIONS = {
    "accept": "accepted",
    "accept_with_remarks": "accepted with remarks",
    "not_accept": "not accepted",
}
_KINDS = {
    "direct": "own",
    "overlay": "overlay",
    "rollup": "team sales",
    "reversal": "cancelled",
}


class StatementDerivation(StatementAverage):
    """The parts of a statement that open its numbers."""

    def _lead(self, person: PersonPaid) -> dict[str, Figure | None]:
        """Return quota and attainment of the first component that has them."""
        found = next((c for c in person.calculations if c.quota is not None), None)
        if found is None:
            return {"quota": None, "attainment": None}
        return {"quota": self._quota(person, found), "attainment": self._reached(person, found)}

    def _quota(self, person: PersonPaid, made: Calculation) -> Figure:
        by = {"rep_id": person.rep_id, "component": made.component}
        if made.counted:
            return self.told("quota.count", _plain(made.quota), "count", **by)
        return self.money("quota", made.quota, **by)

    def _reached(self, person: PersonPaid, made: Calculation) -> Figure:
        by = {"rep_id": person.rep_id, "component": made.component}
        return self.told("attainment", _plain(made.attainment), "ratio", **by)

    def credited(self) -> Section | None:
        """Return the transactions credited in the period, with share and exchange rate."""
        title = "Credited transactions"
        person = self.person
        if person is None:
            return None
        rows = []
        brought = person.brought()
        for credit in person.credits:
            by = {"rep_id": person.rep_id, "deal": credit.transaction_id, "rule": credit.rule}
            currency, rate = self._rates.get(credit.transaction_id, (None, None))
            rows.append(
                (
                    words(credit.transaction_id),
                    Day(day=credit.day),
                    words(self.text(_KINDS.get(credit.kind, credit.kind))),
                    number(self.told("share", _plain(credit.share), "ratio", **by)),
                    words(currency),
                    rate
                    and Number(
                        figure=self.told("exchange_rate", rate, "ratio", **by), kind="number"
                    ),
                    number(
                        None
                        if credit.amount is None
                        else self.money("credited", credit.amount, **by)
                    ),
                    self._brought(person, brought, credit.transaction_id),
                )
            )
        columns = [
            Column(title="Deal"),
            Column(title="Date", kind="date"),
            Column(title="Credit"),
            Column(title="Share", kind="ratio", decimals=0),
            Column(title="Currency"),
            Column(title="Exchange rate", kind="number", decimals=4),
            self.amounts("Credited"),
            self.amounts("Earned"),
        ]
        if brought.get(None):
            rest = words(self.text("of no single deal"))
            rows.append((rest, *[None] * 6, self._brought(person, brought, None)))
        if not rows:
            nothing = self.say("No transaction was credited in this period.")
            return self.section(title, self.paragraph(nothing))
        return self.section(title, self.table(columns, rows))

    def _brought(
        self, person: PersonPaid, brought: dict[str | None, int], deal: str | None
    ) -> Cell:
        """Return what a deal pays, beside the first of its credits; nothing: none."""
        amount = brought.pop(deal, None)
        if amount is None:
            return None
        return number(self.money("deal", amount, rep_id=person.rep_id, deal=deal or ""))

    @cached_property
    def _rates(self) -> dict[str, tuple[str, Decimal | None]]:
        """Return the currency and rate of each foreign deal: the latest known on its day."""
        rates = self.company.table("fx_rates").sort("date")
        found: dict[str, tuple[str, Decimal | None]] = {}
        for deal, currency, day in self._foreign:
            known = rates.filter((pl.col("currency") == currency) & (pl.col("date") <= day))
            found[deal] = (currency, known["rate"][-1] if known.height else None)
        return found

    @property
    def _foreign(self) -> list[tuple[str, str, date]]:
        frames = [
            self.company.table("opportunities").select(
                pl.col("opportunity_id").alias("deal"), "currency", pl.col("closed_on").alias("day")
            ),
            self.company.table("orders").select(
                pl.concat_str("order_id", pl.lit("/"), "line").alias("deal"),
                "currency",
                pl.col("date").alias("day"),
            ),
        ]
        foreign = pl.col("currency").is_not_null() & (pl.col("currency") != self.company.currency)
        rows = [frame.filter(foreign & pl.col("day").is_not_null()) for frame in frames]
        return [row for frame in rows for row in frame.iter_rows()]

    def calculation(self) -> Section | None:
        """Return each component worked out, step by step."""
        title = "How each component was worked out"
        person = self.person
        if person is None:
            return None
        blocks = [self._component(person, made) for made in person.calculations]
        return self.section(title, *blocks)

    def _component(self, person: PersonPaid, made: Calculation) -> Block | None:
        by = {"rep_id": person.rep_id, "component": made.component, "from": made.own.isoformat()}
        base = (
            self.told("base.count", made.base, "count", **by)
            if made.counted
            else self.money("base", made.base, **by)
        )
        rows: list[tuple[str, Cell]] = [
            ("Days that count", words(self.days_told(made.since, made.end))),
            ("Paid on", None if made.base is None else number(base)),
            ("Quota after proration and ramp", self._with_quota(self._quota, person, made)),
            ("Attainment", self._with_quota(self._reached, person, made)),
            ("Band", words(self._band(made.band, made)) if made.band else None),
            ("Rate of the band", self._rate(made, by)),
            ("Earned before gate and multiplier", number(self.money("raw", made.raw, **by))),
            ("Gate", self._factor("gate", made.gate, by)),
            ("Multiplier", self._factor("multiplier", made.multiplier, by)),
            ("Withheld above the cap", self._unless_zero("withheld", made.withheld, by)),
            (
                "Earned in earlier periods",
                self._unless_zero("earned_before", made.earned_before, by),
            ),
            ("Earned in this period", number(self.money("earned", made.amount, **by))),
        ]
        tag = self.text(TAGS[made.tag])
        return self.pairs(self.text("{component} ({tag})", component=made.name, tag=tag), rows)

    def _with_quota(
        self,
        figure: Callable[[PersonPaid, Calculation], Figure],
        person: PersonPaid,
        made: Calculation,
    ) -> Cell:
        return None if made.quota is None else number(figure(person, made))

    def _factor(self, metric: str, value: Decimal, by: dict[str, str]) -> Cell:
        return None if value == 1 else number(self.told(metric, _plain(value), "ratio", **by))

    def _unless_zero(self, metric: str, value: Decimal, by: dict[str, str]) -> Cell:
        return None if value == 0 else number(self.money(metric, value, **by))

    def _rate(self, made: Calculation, by: dict[str, str]) -> Cell:
        band = made.band
        if band is None or (band.rate is None and band.amount is None):
            return None
        if band.rate is None or made.counted:
            unit = 10**self.decimals
            return number(self.money("raw", (band.amount or band.rate or 0) * unit, **by))
        return number(self.told("rate", _plain(band.rate), "ratio", **by))

    def _band(self, band: Band, made: Calculation) -> str | None:
        low, high = (self._bound(value, band, made) for value in (band.low, band.high))
        if low is None and high is None:
            return None
        if high is None:
            return self.text("above {low}", low=low)
        if low is None:
            return self.text("up to {high}", high=high)
        return self.text("{low} to {high}", low=low, high=high)

    def _bound(self, value: Decimal | None, band: Band, made: Calculation) -> str | None:
        if value is None:
            return None
        if band.of == "attainment":
            return self.language.percent(value, 0 if value * 100 % 1 == 0 else 1)
        if made.counted:
            return self.language.number(value)
        return self.language.money(int(value * 10**self.decimals), self.paid.currency)

    def derivation(self) -> Section | None:
        """Return the targets behind the quota, and when the plan changed."""
        title = "Plan and quota"
        person = self.person
        if person is None:
            return None
        said = [
            self.say("The plan or its rates changed in {period}.", period=self.period_of(period))
            for period in self.paid.changes
        ]
        steps = [
            f"{self.text(state)} ({by})" if by else self.text(state)
            for state, by in self.paid.steps
        ]
        said.append(self.say("Steps taken: {steps}.", steps=self.language.list(steps)))
        said += self._signed(person)
        return self.section(title, *(self._targets(person)), self.paragraph(*said))

    def _signed(self, person: PersonPaid) -> list[Sentence]:
        """Return which version of the plan letter the person signed; nothing without letters."""
        signed = person.signed
        if signed is None:
            return []
        letter = signed.letter[:8]
        if signed.decision is None:
            text = "Plan letter: version {version} ({letter}) was handed out, and not answered."
            return [self.say(text, version=signed.version, letter=letter)]
        later = "Version {version} was handed out since, and is not answered."
        waiting = [self.say(later, version=signed.waiting)] if signed.waiting else []
        return [
            self.say(
                "Plan letter: version {version} ({letter}), {decision} on {day}.",
                version=signed.version,
                letter=letter,
                decision=self.text(_DECISIONS[signed.decision]),
                day=self.language.date(signed.day),
            ),
            *waiting,
        ]

    def _targets(self, person: PersonPaid) -> list[Block | None]:
        """Return the targets that each quota was made of; one table for each quota."""
        blocks: list[Block | None] = []
        done: set[tuple[str | None, date, date]] = set()
        for made in person.calculations:
            key = (made.quota_name, made.since, made.end)
            if made.quota is None or key in done:
                continue
            done.add(key)
            blocks.append(self._quota_table(person, made))
        return blocks

    def _quota_table(self, person: PersonPaid, made: Calculation) -> Block | None:
        targets = self.company.table("targets").filter(
            (pl.col("rep_id") == person.rep_id)
            & (pl.col("metric") == made.quota_name)
            & (pl.col("period_start") < made.end)
            & (pl.col("period_end") > made.since)
        )
        rows: list[tuple[Cell, ...]] = []
        for start, end, value in (
            targets.sort("period_start").select("period_start", "period_end", "value").iter_rows()
        ):
            by = {"rep_id": person.rep_id, "from": start.isoformat()}
            figure = (
                self.told("quota.count", value, "count", **by)
                if made.counted
                else self.money("quota.stated", value, **by)
            )
            rows.append((words(self.days_told(start, end)), number(figure)))
        days = self.days_told(made.since, made.end)
        name = self.text("Counts after proration and ramp: {days}", days=days)
        rows.append((words(name, strong=True), number(self._quota(person, made))))
        return self.table([Column(title="Target"), self.amounts("Quota")], rows)


def _plain(value: Decimal | None) -> str | None:
    """Return decimal text without trailing zeros."""
    if value is None:
        return None
    text = f"{value.normalize():f}"
    return "0" if Decimal(text) == 0 else text
