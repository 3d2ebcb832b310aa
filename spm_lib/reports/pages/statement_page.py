"""A person's statement of pay: credited deals, how pay was worked out, what is paid and why."""

from __future__ import annotations

from typing import ClassVar

from spm_lib.incentives import PaidPeriod, PersonPaid
from spm_lib.reports.blocks import Block, Column, Section, Sentence, Summary
from spm_lib.reports.cells import Cell, Day, words
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.statement_base import STATES
from spm_lib.reports.pages.statement_derivation import StatementDerivation

NOBODY = "Nothing was worked out for this person in this period."


class StatementPage(StatementDerivation):
    """The statement of one kept period; each method is one part of it.

    For a person it tells everything of that person; for a manager, a team or the company it lists
    the sums of their people.
    """

    title: ClassVar[str] = "Statement of pay"

    def summary(self) -> Summary:
        """Return what is paid, of what volume and attainment, and whether it is released."""
        if not isinstance(self.outcome, PaidPeriod):
            return Summary(edition=self.edition, happened=(self.impossible(self.outcome),))
        if not self.of_one:
            return self._summary_of_people()
        person = self.person
        if person is None:
            return Summary(edition=self.edition, happened=(self.say(NOBODY),))
        happened = [
            self.exactly(
                "{person} is paid {amount} for {period}.",
                person=self.name_of(person.rep_id),
                amount=self.final(person),
                period=self.period_name,
            ),
            *self.payout_told(person),
        ]
        found = self._lead(person)
        if found["attainment"] is not None and found["quota"] is not None:
            happened.append(
                self.exactly("Attainment is {attainment} of a quota of {quota}.", **found)
            )
        why = [self._status_told()]
        if person.corrections:
            why.append(
                self.exactly(
                    "Of it, {amount} correct periods that were closed before.",
                    amount=self.money(
                        "correction.difference",
                        sum(row.difference for row in person.corrections),
                        len(person.corrections),
                        rep_id=person.rep_id,
                    ),
                )
            )
        return self.kept(Summary(edition=self.edition, happened=tuple(happened), why=tuple(why)))

    def _status_told(self) -> Sentence:
        released = self.paid.state == "closed"
        return self.say(
            "Status: released. The period is closed, and its files never change."
            if released
            else "Status: pending. The period is {state}, and may still change.",
            state=self.text(STATES[self.paid.state]),
        )

    def _summary_of_people(self) -> Summary:
        people = self.paid.people
        told = self.exactly(
            "{n:1 person is|{n} people are} paid {amount} for {period}.",
            n=self.write.count(len(people)),
            amount=self.money("final", sum(p.paid for p in people), len(people)),
            period=self.period_name,
        )
        made = Summary(edition=self.edition, happened=(told,), why=(self._status_told(),))
        return self.kept(made)

    def head(self) -> Section | None:
        """Return company, person, team, plan and period, version and status; the sums of one."""
        title = "Statement"
        if not isinstance(self.outcome, PaidPeriod):
            return None
        days = self.days_told(self.paid.start, self.paid.end)
        rows: list[tuple[str, Cell]] = [("Company", words(self.company.settings.workspace.name))]
        if self.of_one:
            rep = self.scope.partition(":")[2]
            rows += [("Person", words(self.name_of(rep))), ("Team", words(self.places.get(rep)))]
        status = self.text("released for payment" if self.paid.state == "closed" else "pending")
        rows += [
            ("Plan", words(self.paid.name)),
            ("Period", words(self.period_name)),
            ("Days", words(days)),
            ("Status", words(f"{status} ({self.text(STATES[self.paid.state])})")),
            ("Version", words(self._version)),
            ("Worked out as of", self.paid.as_of and Day(day=self.paid.as_of)),
            *(self._sums(self.person) if self.person else []),
        ]
        changed = self.say(
            "The plan file has changed since this version was worked out; names and bands are "
            "told only where the rule is still the same."
        )
        note = self.paragraph(changed, tone="caution") if self.paid.plan_changed else None
        return self.section(title, self.pairs("", rows), note)

    @property
    def _version(self) -> str:
        return self.text(
            "{n}, plan {plan}, data {data}",
            n=self.paid.version,
            plan=self.paid.plan_hash[:8],
            data=self.paid.data_hash[:8],
        )

    def _sums(self, person: PersonPaid) -> list[tuple[str, Cell]]:
        found = self._lead(person)
        volume = self.money("volume", person.volume, len(person.credits), rep_id=person.rep_id)
        return [
            ("Credited volume", number(volume)),
            ("Quota after proration and ramp", number(found["quota"])),
            ("Attainment", number(found["attainment"])),
            ("Final pay", number(self.final(person))),
        ]

    def team(self) -> Section | None:
        """Return the sums of each person; nothing in a report for one person."""
        title = "Person by person"
        if not isinstance(self.outcome, PaidPeriod) or self.of_one:
            return None
        rows = sorted(self.paid.people, key=lambda p: (self.name_of(p.rep_id), p.rep_id))
        columns = [
            Column(title="Person"),
            Column(title="Team"),
            self.amounts("Credited volume"),
            Column(title="Attainment", kind="ratio"),
            self.amounts("Final pay"),
        ]
        made = self.table(columns, [self._row(person) for person in rows])
        return self.section(title, made)

    def _row(self, person: PersonPaid) -> tuple[Cell, ...]:
        volume = self.money("volume", person.volume, len(person.credits), rep_id=person.rep_id)
        return (
            words(self.name_of(person.rep_id)),
            words(self.places.get(person.rep_id)),
            number(volume),
            number(self._lead(person)["attainment"]),
            number(self.final(person)),
        )

    def payment(self) -> Section | None:
        """Return the lines of the payment, and how they add up to the final pay."""
        title = "From what was earned to final pay"
        person = self.person
        if person is None:
            return None
        blocks: list[Block | None] = [
            self._lines(person, "Earned, released, taken back", _EARNED),
            self._lines(person, "Draws, caps and adjustments", _BESIDE),
            self._corrections(person),
            self._total(person),
            self.paid_out(person),
            self._balances(person),
        ]
        return self.section(title, *blocks)

    def _lines(self, person: PersonPaid, title: str, kinds: tuple[str, ...]) -> Block | None:
        from spm_lib.incentives.explain.words import KINDS

        rows = [
            (
                words(self.component(line.component)),
                words(self.text(KINDS[line.kind])),
                words(line.transaction_id),
                words(self._reason(line.reason) if line.reason else None),
                number(
                    self.money(
                        "line",
                        line.amount,
                        rep_id=person.rep_id,
                        line=str(line.line),
                        kind=line.kind,
                    )
                ),
            )
            for line in person.payments
            if line.kind in kinds
        ]
        columns = [
            Column(title="Component"),
            Column(title="Line"),
            Column(title="Deal"),
            Column(title="Reason"),
            self.amounts("Amount"),
        ]
        return self.table(columns, rows, title=title)

    def _reason(self, told: str) -> str:
        """Return a reason in the report's language: its own words, not the deals it names."""
        from spm_lib.incentives.explain.words import reason_told

        return reason_told(told, self.write.language)

    def _corrections(self, person: PersonPaid) -> Block | None:
        def cell(metric: str, minor: int, of: str, component: str | None) -> Cell:
            by = {"rep_id": person.rep_id, "of_period": of, "component": component or ""}
            return number(self.money(f"correction.{metric}", minor, **by))

        rows = [
            (
                words(self.period_of(row.of_period)),
                words(self.component(row.component)),
                words(self._reason(row.reason)),
                cell("original", row.original, row.of_period, row.component),
                cell("corrected", row.corrected, row.of_period, row.component),
                cell("difference", row.difference, row.of_period, row.component),
            )
            for row in person.corrections
        ]
        columns = [
            Column(title="Period"),
            Column(title="Component"),
            Column(title="Reason"),
            self.amounts("Original"),
            self.amounts("Corrected"),
            self.amounts("Difference"),
        ]
        return self.table(columns, rows, title="Corrections brought forward")

    def _total(self, person: PersonPaid) -> Block | None:
        rows: list[tuple[str, Cell]] = []
        parts = (
            ("Earned, released, taken back", _EARNED),
            ("Draws, caps and adjustments", _BESIDE),
            ("Corrections brought forward", ("correction",)),
        )
        for name, kinds in parts:
            lines = [line for line in person.payments if line.kind in kinds]
            if lines:
                total = sum(line.amount for line in lines)
                by = {"rep_id": person.rep_id, "kinds": ", ".join(kinds)}
                rows.append((name, number(self.money("line", total, len(lines), **by))))
        rows.append(("Final pay", number(self.final(person))))
        return self.pairs(self.text("Final pay"), rows)

    def _balances(self, person: PersonPaid) -> Block | None:
        rows = [
            (
                words(self.text(_BALANCES.get(row.kind, row.kind))),
                number(self.money("balance", row.amount, rep_id=person.rep_id, kind=row.kind)),
            )
            for row in person.balances
        ]
        columns = [Column(title="Balance after the period"), self.amounts("Amount")]
        return self.table(columns, rows)


_EARNED = ("earning", "release", "clawback")
_BESIDE = ("draw", "guarantee", "recovery", "adjustment", "cap", "carried", "floor")
_BALANCES = {
    "carried": "carried forward",
    "above the cap": "above the cap",
    "owed": "owed of draws",
}
