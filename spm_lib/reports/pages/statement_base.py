"""The kept pay behind a statement: cut to the scope first, each number of it a figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from pathlib import Path

from spm_lib.core.errors import SpmError
from spm_lib.core.money import exponent
from spm_lib.incentives import PaidPeriod, PersonPaid
from spm_lib.incentives.modelling.tag_changes import TAGS as NATURES
from spm_lib.incentives.paid.paid_period import Payout
from spm_lib.model import Figure, Receipt, minor_text, open_company
from spm_lib.model.members import places_on
from spm_lib.reports.blocks import Column, Cover, Sentence, Table
from spm_lib.reports.cells import Cell, Number, words
from spm_lib.reports.pages.page import Page
from spm_lib.reports.pages.statement_paid import paid_for, read_outcome

TAGS = {tag: phrase.text for tag, phrase in NATURES.items()}
FINAL, PAID_OUT = "Final pay", "Paid out"
STATES = {
    "calculated": "calculated",
    "reviewed": "reviewed",
    "approved": "approved",
    "closed": "closed",
}


class StatementBase(Page):
    """What the parts of a statement have in common.

    Parameters
    ----------
    pay_plan, period
        Name of the plan and label of the pay period; empty: the only plan, its last kept period.
    paid
        File of the pay cut to the scope, which a run gives; empty: read here.
    """

    def __init__(
        self,
        workspace: str,
        *,
        pay_plan: str = "",
        period: str = "",
        as_of: str = "",
        language: str = "",
        scope: str = "",
        paid: str = "",
    ) -> None:
        super().__init__(workspace, as_of=as_of, language=language, scope=scope)
        if paid:
            self.outcome = read_outcome(Path(paid).read_text(encoding="utf-8"))
            return
        whole = self.company
        if whole.scoped:
            whole = open_company(workspace, as_of=self.company.as_of)
        self.outcome = paid_for(whole, self.company.scope, plan=pay_plan, period=period)

    @property
    def paid(self) -> PaidPeriod:
        """The kept pay; parts ask ``outcome`` first whether there is one."""
        assert isinstance(self.outcome, PaidPeriod)
        return self.outcome

    @property
    def person(self) -> PersonPaid | None:
        """The person of a report for one person; None: of several, or nothing is told."""
        if not isinstance(self.outcome, PaidPeriod) or not self.of_one:
            return None
        return self.outcome.of(self.scope.partition(":")[2])

    @property
    def of_one(self) -> bool:
        """Whether the report is for one person."""
        return self.scope.startswith("rep:")

    @property
    def subtitle(self) -> str:
        """The plan and the period, in words."""
        if not isinstance(self.outcome, PaidPeriod):
            return ""
        return self.text("{plan}: {period}", plan=self.paid.name, period=self.period_name)

    @property
    def period_name(self) -> str:
        """The name of the period in the report's language."""
        return self.period_of(self.paid.period)

    def period_of(self, label: str) -> str:
        """Return the name of a pay period by its label."""
        from spm_lib.incentives.explain.words import period_told

        return period_told(label, self.language)

    def days_told(self, start: date, end: date) -> str:
        """Return the first and the last day of ``[start, end)`` in words."""
        last = end - timedelta(days=1)
        return self.text(
            "{first} to {last}",
            first=self.language.date(start),
            last=self.language.date(last),
        )

    def cover(self) -> Cover:
        """Return who the statement is for; it is printed as a band, not as a page of its own."""
        told: dict[str, object] = {"brief": True}
        if isinstance(self.outcome, PaidPeriod):
            told["window"] = (self.paid.start, self.paid.end)
        return super().cover().model_copy(update=told)

    @cached_property
    def places(self) -> dict[str, str | None]:
        """The team of each person on the last day of the period."""
        frame = places_on(self.company, self.paid.end - timedelta(days=1))
        return dict(frame.select("rep_id", "team").iter_rows())

    @property
    def decimals(self) -> int:
        """How many digits of the plan's currency follow the point."""
        return exponent(self.paid.currency)

    def money(self, metric: str, minor: int | Decimal | None, n: int = 1, /, **by: str) -> Figure:
        """Return a figure of money; fractions of a minor unit are rounded half up."""
        whole = None if minor is None else int(Decimal(minor).quantize(Decimal(1), ROUND_HALF_UP))
        value = minor_text(whole, self.decimals)
        return self.told(metric, value, f"money:{self.paid.currency}", n, **by)

    def told(self, metric: str, value: object, unit: str, n: int = 1, /, **by: str) -> Figure:
        """Return a figure of the period; ``n`` is the number of rows it rests on."""
        return Figure(
            metric=f"pay.{metric}",
            as_of=self.company.as_of,
            unit=unit,
            value=None if value is None else f"{value}",
            receipt=Receipt(n),
            by={"plan": self.paid.plan, "period": self.paid.period, **by},
            window=(self.paid.start, self.paid.end),
        )

    def final(self, person: PersonPaid) -> Figure:
        """Return the final pay of a person."""
        return self.money("final", person.paid, len(person.payments), rep_id=person.rep_id)

    def payout(self, person: PersonPaid) -> tuple[Figure, Figure] | None:
        """Return what is paid out in another currency, and at which rate; null: in the plan's."""
        out, by = person.payout, {"rep_id": person.rep_id}
        if out is None:
            return None
        value = minor_text(out.amount, exponent(out.currency))
        paid = self.told("payout", value, f"money:{out.currency}", **by)
        return paid, self.told("payout.rate", f"{out.rate.normalize():f}", "ratio", **by)

    def paid_out(self, person: PersonPaid) -> Table | None:
        """Return what is paid out in another currency, the rate in full; null: in the plan's."""
        found, out = self.payout(person), person.payout
        if found is None or out is None:
            return None
        rate = self.text("Payout rate, {own} for 1 {currency}", **self._currencies(out))
        columns = [
            Column(title="Currency"),
            Column(title=rate, kind="number", decimals=_digits(out.rate)),
            Column(title="Paid out", kind="money", decimals=exponent(out.currency)),
        ]
        cells = (
            words(out.currency),
            Number(figure=found[1], kind="number"),
            Number(figure=found[0]),
        )
        return self.table(columns, [cells], title=PAID_OUT)

    def payout_told(self, person: PersonPaid) -> Iterator[Sentence]:
        """Yield what is paid out in another currency, in words; nothing: in the plan's."""
        found, out = self.payout(person), person.payout
        if found is None or out is None:
            return
        paid = self.write.number(Number(figure=found[0]), decimals=exponent(out.currency))
        rate = self.write.number(Number(figure=found[1], kind="number"), decimals=_digits(out.rate))
        said = self.say(
            "It is paid out as {amount}, at {rate} {own} for 1 {currency}.",
            amount=paid,
            rate=rate,
            **self._currencies(out),
        )
        yield self.noted(said.model_copy(update={"figures": found}))

    def _currencies(self, out: Payout) -> dict[str, str]:
        return {"own": self.paid.currency, "currency": out.currency}

    def exactly(self, msgid: str, **values: object) -> Sentence:
        """Return a sentence in which money is written to the last minor unit."""
        figures = tuple(v for v in values.values() if isinstance(v, Figure))
        written = {
            name: self.write.number(
                Number(figure=v), decimals=self.decimals if v.unit.startswith("money") else 1
            )
            if isinstance(v, Figure)
            else v
            for name, v in values.items()
        }
        said = self.say(msgid, **written)
        return self.noted(said.model_copy(update={"figures": figures}))

    def amounts(self, title: str) -> Column:
        """Return a column of money, written to the last minor unit."""
        return Column(title=title, kind="money", decimals=self.decimals)

    def pairs(self, title: str, rows: Sequence[tuple[str, Cell]]) -> Table | None:
        """Return a table of names and values; the title is written as it is."""
        cells = [
            (words(self.text(name), strong=name == FINAL), cell)
            for name, cell in rows
            if cell is not None
        ]
        decimals = self.decimals if isinstance(self.outcome, PaidPeriod) else 2
        columns = [Column(title="What"), Column(title="Value", kind="money", decimals=decimals)]
        made = self.table(columns, cells)
        return made and made.model_copy(update={"title": title})

    def component(self, name: str | None) -> str:
        """Return a component's name; a dash where a line is of none."""
        return "–" if name is None else self.paid.names.get(name, name)

    def impossible(self, error: SpmError) -> Sentence:
        """Return why there is no statement, and what to run."""
        return self.say(
            "There is no statement: {reason} {do}",
            reason=self.text(error.what),
            do=" · ".join(self.text(part) for part in (error.found, error.do) if part),
        )


def _digits(rate: Decimal) -> int:
    """Return the digits that a rate is written with: all it has, two at least."""
    places = rate.normalize().as_tuple().exponent
    return max(2, -places) if isinstance(places, int) else 2
