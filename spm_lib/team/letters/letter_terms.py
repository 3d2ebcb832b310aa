"""What ``letter.toml`` adds to letters: what neither the data nor the pay plan can say."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from spm_lib.incentives.plan.decisions import PERIOD_MONTHS
from spm_lib.team.responses.response_of import goal_metrics
from spm_lib.team.responses.toml_form import Part, read_form
from spm_lib.workspace import nearest

NAME = "letter.toml"
KPIS = ("won.count", "deal.mean_amount", "win_rate.closed.count", "cycle.won.median_days")
TEXTS = ("purpose", "leave", "leaving", "changes")


def _both(value: object) -> object:
    """Take one text for both languages, or one of each."""
    return {"en": value, "he": value} if isinstance(value, str) else value


def _known(value: str) -> str:
    ids = [metric.id for metric in goal_metrics()]
    if value not in ids:
        raise ValueError(f"Write a metric told per person; {nearest(value, ids[:12])}")
    return value


Texts = Annotated[dict[Literal["en", "he"], str], BeforeValidator(_both)]
Kpi = Annotated[str, AfterValidator(_known)]


class BasePay(Part):
    """Base pay of a rep, of a role, or of everybody, in major units of the currency."""

    amount: Annotated[Decimal, Field(ge=0, lt=10**12)]
    per: Literal["month", "quarter", "half_year", "year"]
    rep: str | None = None
    role: str | None = None


class LetterTerms(Part):
    """The client's own words and numbers for letters; everything may be left out.

    Attributes
    ----------
    purpose, leave, leaving, changes
        Texts by language: why there is this plan; what happens on leave or transfer, on leaving,
        and when the plan changes.
    questions_to
        Whom to ask; empty: the own manager.
    dispute_days
        Days after a statement within which a dispute may be raised; null: not stated.
    kpis
        Metrics told of each person over the past twelve months.
    base_pay
        The row of the person counts before that of the role, and that before one for everybody.
    """

    version: Literal[1] = 1
    purpose: Texts = Field(default_factory=dict)
    leave: Texts = Field(default_factory=dict)
    leaving: Texts = Field(default_factory=dict)
    changes: Texts = Field(default_factory=dict)
    questions_to: str = ""
    dispute_days: Annotated[int, Field(ge=1, le=3660)] | None = None
    kpis: tuple[Kpi, ...] = KPIS
    base_pay: tuple[BasePay, ...] = ()

    def monthly_base(self, rep_id: str, role: str | None) -> Decimal | None:
        """Return a person's base pay of a month in major units; null: not stated.

        Examples
        --------
        >>> rows = ({"amount": "120000", "per": "year"},
        ...         {"amount": "11000", "per": "month", "rep": "R1"})
        >>> terms = LetterTerms.model_validate({"base_pay": rows})
        >>> terms.monthly_base("R1", None), terms.monthly_base("R2", "rep")
        (Decimal('11000'), Decimal('10000'))
        """
        mine = [
            (row.rep is None, row.role is None, at)
            for at, row in enumerate(self.base_pay)
            if row.rep in (None, rep_id) and row.role in (None, role)
        ]
        if not mine:
            return None
        row = self.base_pay[min(mine)[-1]]
        return row.amount / PERIOD_MONTHS[row.per]


def letter_terms(file: Path) -> LetterTerms:
    """Return what a client's ``letter.toml`` says; without the file, the defaults.

    Raises
    ------
    TeamError
        If it is no TOML, or says anything that cannot be: all faults at once.
    """
    if not file.is_file():
        return LetterTerms()
    return read_form(file.read_bytes(), LetterTerms, name=file.name, number=Decimal)
