"""A page for one person: what this deal pays me, and what is missing to the next band."""

from __future__ import annotations

import html
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import polars as pl

from spm_lib.core.errors import ParameterError, ScopeError, SpmError
from spm_lib.core.language import Language
from spm_lib.core.language import language as language_of
from spm_lib.core.money import from_minor, to_minor
from spm_lib.dashboards.asked import read_day
from spm_lib.dashboards.deals_behind import with_names
from spm_lib.dashboards.kit import Kit
from spm_lib.dashboards.pay.own_pay import OwnPay, plan_of
from spm_lib.dashboards.pay.own_told import OwnTold
from spm_lib.dashboards.reason import page_or_reason, reason
from spm_lib.dashboards.told import admitted
from spm_lib.store import ClientFolder
from spm_lib.workspace import Scope

_LONGEST = 24  # letters of an amount


def my_pay_page(**asked: Any) -> widgets.Widget:
    """Return a person's page of pay, or the reason why there is none, to be shown by the notebook.

    Takes the parameters of ``OwnPage``.
    """
    return page_or_reason(lambda: OwnPage(**asked).box)


class OwnPage:
    """The page; ``box`` is the widget that shows all of it.

    Whoever sees one person's rows gets that person's page; whoever sees more chooses a person
    first. Each person's pay is worked out from that person's rows alone.

    Parameters
    ----------
    language
        "en" or "he"; empty: the workspace's own.
    as_of
        Day of the pay (YYYY-MM-DD); empty: the workspace's own.
    plan
        Name of one of several plans in force; empty: the only one.
    workspace
        Workspace file; None: the one the server was started with, else the sample company.
    """

    def __init__(
        self,
        *,
        language: str = "",
        as_of: str = "",
        plan: str = "",
        workspace: str | Path | None = None,
    ) -> None:
        self.admitted = admitted(as_of=read_day(as_of), workspace=workspace)
        self.company, self._plan = self.admitted.company, plan
        self.language: Language = language_of(language or self.company.settings.workspace.language)
        self.folder = ClientFolder.of(self.admitted.workspace)
        self.people = self._people()
        self._build()
        self._choose_person()

    def _people(self) -> list[tuple[str, str]]:
        """Return names and ids of those who are here on the day and may be looked at."""
        day, reps = self.company.as_of, self.company.table("reps")
        there = pl.col("left_on").is_null() | (pl.col("left_on") >= day)
        here = reps.filter(there).sort(pl.coalesce("name", "rep_id"), "rep_id")
        found = [(name or rep, rep) for rep, name in here.select("rep_id", "name").iter_rows()]
        if not found or self.company.scope.part is not None:
            raise ScopeError(
                "This page is a person's own.",
                found=f"a page of {self.admitted.scope}",
                do="Ask for a scope of people, such as own, under [access]",
            )
        return found

    def _build(self) -> None:
        text, self.kit = self.language.text, Kit()
        make = self.kit.make
        self.person = make(widgets.Dropdown, options=self.people, description=text("Person"))
        self.deal = make(widgets.Dropdown, options=[("", "")], description=text("Open deal"))
        self.amount = make(
            widgets.Text, description=text("Amount"), placeholder=text("such as 50,000")
        )
        self.head, self.so_far, self.said, self.told, self.notes = (
            self.kit.html() for _ in range(5)
        )
        shown = [self.person] if len(self.people) > 1 else []
        controls = make(widgets.Box, [*shown, self.deal, self.amount]).add_class("spm-controls")
        parts = [self.head, self.so_far, controls, self.said, self.told, self.notes]
        self.box = make(widgets.VBox, parts).add_class("spm-page").add_class("spm-pay")
        if self.language.direction == "rtl":
            self.box.add_class("spm-rtl")
        self._filling = False
        self.person.observe(lambda _: self._choose_person(), names="value")
        self.deal.observe(lambda _: self._choose_deal(), names="value")
        self.amount.observe(lambda _: self._answer(), names="value")

    def _choose_person(self) -> None:
        """Take up a person: the pay so far, the open deals, and no deal chosen."""
        self._fill([("", "")], "")
        self.told.value = self.so_far.value = self.notes.value = self.said.value = ""
        self.pay: OwnPay | None = None
        try:
            self.pay = self._pay_of(str(self.person.value))
        except SpmError as error:
            self.said.value = reason(error)
            self.head.value = self._head("")
            return
        write = OwnTold(self.pay, self.language)
        self.head.value = self._head(self.pay.plan.plan.name)
        self.so_far.value = write.so_far() + write.bands()
        self.notes.value = write.notes()
        self._fill(self._options(self.pay), "")
        first = self.pay.deals.filter(pl.col("amount") > 0)
        if first.height:
            self.deal.value = first["opportunity_id"][0]

    def _pay_of(self, rep: str) -> OwnPay:
        own = self.company if len(self.people) == 1 else self.company.within(Scope.rep(rep))
        return OwnPay.of(own, rep, plan_of(self.folder, own, rep, self._plan), self.folder)

    def _fill(self, options: list[tuple[str, str]], value: str) -> None:
        self._filling = True
        self.deal.options, self.deal.value, self.amount.value = options, value, ""
        self._filling = False

    def _options(self, pay: OwnPay) -> list[tuple[str, str]]:
        text, write = self.language.text, self.language
        named = with_names(pay.deals, self.company)
        columns = ("opportunity_id", "accounts", "amount", "stage")
        found = [(text("A deal of any amount"), "")]
        for deal, customer, amount, stage in named.select(columns).iter_rows():
            told = [deal, customer or "", stage or "", write.money(amount, pay.currency)]
            found.append((" · ".join(write.isolate(one) for one in told if one), deal))
        return found

    def _choose_deal(self) -> None:
        """Write the chosen deal's amount into the field, which answers."""
        if self._filling or self.pay is None:
            return
        rows = self.pay.deals.filter(pl.col("opportunity_id") == self.deal.value)
        amount = rows["amount"][0] if rows.height else None
        told = "" if amount is None else self._written(amount)
        if told == self.amount.value:
            self._answer()
        else:
            self.amount.value = told

    def _written(self, minor: int) -> str:
        assert self.pay is not None
        exact = from_minor(minor, self.pay.currency)
        return f"{exact:,.0f}" if exact % 1 == 0 else f"{exact:,f}"

    def _answer(self) -> None:
        """Tell what the deal pays; of what cannot be, why, and the last answer stays."""
        if self._filling or self.pay is None:
            return
        self.said.value = ""
        asked = self.amount.value.strip()
        if not asked:
            self.told.value = ""
            return
        try:
            amount = read_amount(asked, self.pay.currency)
            deal = self.deal.value or ""
            named = self.language.text("New deal")
            self.told.value = OwnTold(self.pay, self.language).deal(
                self.pay.with_deal(amount, deal, named=named)
            )
        except SpmError as error:
            self.said.value = reason(error)

    def _head(self, plan: str) -> str:
        text, write, company = self.language.text, self.language, self.company
        name = next((n for n, rep in self.people if rep == self.person.value), "")
        title = text("What a deal pays: {name}", name=name)
        fresh = text(
            "Data as of {as_of}; the newest thing in it happened on {newest}.",
            as_of=write.date(company.as_of),
            newest=write.date(company.exported_on),
        )
        told = f"{fresh} {text('Pay plan: {name}', name=plan)}" if plan else fresh
        return f"<h1>{html.escape(title)}</h1><p>{html.escape(told)}</p>"


def read_amount(text: str, currency: str) -> int:
    """Read an amount as people type it, in minor units.

    Raises
    ------
    ParameterError
        If it is no amount above 0.

    Examples
    --------
    >>> read_amount("50,000.5", "ILS"), read_amount("₪ 1 200", "ILS")
    (5000050, 120000)
    """
    plain = text.translate(str.maketrans("", "", ", \u00a0₪$€£"))
    try:
        exact = Decimal(plain if len(plain) <= _LONGEST else "")
        if not exact.is_finite() or exact <= 0:
            raise InvalidOperation
        return to_minor(exact, currency)
    except (InvalidOperation, ValueError, ArithmeticError):
        raise ParameterError(
            "A deal's amount is a number above 0.",
            found=repr(text[:40]),
            do="Write it in digits, such as 50,000",
        ) from None
