"""A plan letter: all that one person is told of the own plan, with a fingerprint of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from spm_lib.model import Figure
from spm_lib.store import sha256_json
from spm_lib.team.letters.wording import Line, Piece

Part = Literal[
    "purpose",
    "covered",
    "mix",
    "measures",
    "target",
    "odds",
    "kpis",
    "rates",
    "worked",
    "crediting",
    "payment",
    "returns",
    "leave",
    "changes",
    "questions",
]
TITLES: dict[Part, str] = {
    "purpose": "Purpose and period",
    "covered": "Who is covered",
    "mix": "Pay mix and on-target earnings",
    "measures": "Measures and weights",
    "target": "Target and its split over time",
    "odds": "Odds of reaching the target",
    "kpis": "Key indicators behind the target",
    "rates": "Rates, accelerators and caps",
    "worked": "Worked pay",
    "crediting": "Crediting and splits",
    "payment": "When earned, when paid",
    "returns": "Returns and clawback",
    "leave": "Leave, transfer and leaving",
    "changes": "Changes to the plan",
    "questions": "Questions and disputes",
}
WORDING = 1  # raised whenever the English sentences of letters change their meaning


class MonthTarget(Piece):
    """The target of the days ``[start, end)``: minor units, or a count."""

    start: date
    end: date
    value: int


class Measured(Piece):
    """A component of pay: its name and tag, what is measured, and its weight (null: none)."""

    name: str
    tag: Literal["commission", "premium", "team_bonus"]
    measure: Line
    weight: Decimal | None = None


class WorkedPay(Piece):
    """What a person would earn in the period at an attainment; minor units of the plan."""

    attainment: Decimal
    sales: int
    pay: int


class Likely(Piece):
    """The odds of reaching the target, and the range of 8 of 10 cases; texts of decimals."""

    odds: str
    low: int
    high: int


class Clause(Piece):
    """What one part of the letter says in sentences; ``missing``: what it cannot say."""

    part: Part
    lines: tuple[Line, ...] = ()
    missing: tuple[Line, ...] = ()


class Letter(Piece):
    """The plan of one person over the days ``[start, end)``.

    Attributes
    ----------
    client, rep_id, name, role, team, manager
        Whose letter; role, team and manager are null where the data do not tell.
    as_of
        The last day known when it was made.
    scenario
        Name of the target plan; empty: the targets are those of the client's data.
    metric, currency
        What the target is of, and the reporting currency; amounts are minor units.
    target, targets
        The target of the period, and its parts; null and empty without one.
    last_target, last_result
        Of the twelve months before the data end; null where not known.
    likely
        Null without odds.
    pay_plan, pay_currency, variable, base_pay
        Name of the pay plan (empty: none), its currency, target variable pay and base pay of the
        period in minor units (null: not stated).
    measures, worked
        Components, and worked pay by attainment; ``left_out`` names components that it leaves out.
    kpis
        The person's own figures of the past twelve months.
    clauses
        Everything else, in sentences.
    """

    wording: int = WORDING
    client: str
    rep_id: str
    name: str
    role: str | None = None
    team: str | None = None
    manager: str | None = None
    start: date
    end: date
    as_of: date
    scenario: str = ""
    metric: str = "won.amount"
    currency: str
    target: int | None = None
    targets: tuple[MonthTarget, ...] = ()
    last_target: int | None = None
    last_result: int | None = None
    likely: Likely | None = None
    pay_plan: str = ""
    pay_currency: str = ""
    variable: int | None = None
    base_pay: int | None = None
    measures: tuple[Measured, ...] = ()
    worked: tuple[WorkedPay, ...] = ()
    left_out: tuple[str, ...] = ()
    kpis: tuple[Figure, ...] = ()
    clauses: tuple[Clause, ...] = ()

    @property
    def hash(self) -> str:
        """The fingerprint of all it says: the same in every language and format."""
        return sha256_json(self.model_dump(mode="json"))

    @property
    def on_target(self) -> int | None:
        """On-target earnings of the period: base pay and target variable pay; null: not known."""
        if self.variable is None or self.base_pay is None:
            return None
        return self.variable + self.base_pay

    def clause(self, part: Part) -> Clause:
        """Return what a part says; empty where it says nothing."""
        return next((c for c in self.clauses if c.part == part), Clause(part=part))
