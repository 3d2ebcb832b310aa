"""The trainings and SPIFs of the cost ledger, and what each went with for those who took part."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal

import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.months import months_after
from spm_lib.core.statement import Phrase, Statement
from spm_lib.metrics import measure
from spm_lib.metrics.costs import SPIFS, names_of
from spm_lib.metrics.returns import payback_months
from spm_lib.model import Company, Figure
from spm_lib.segments.programme import ProgrammeReturn, programme_amounts, programme_return

MONTHS = 6  # looked at from its first day on, and as many before it
APART = 45  # days between two bookings of one kind from which on they are two programmes
MOST = 6  # the newest ones
LEVEL = 0.95  # of the intervals of all of them together
OTHER = "of no training or SPIF, or of another one"
YOUNG = Phrase("it has not had its six months yet")
NOBODY = Phrase("the ledger does not say who took part: no person, nor a team of known people")
EARLY = Phrase("the data does not reach back to the six months before it")
FEW = Phrase("it needs four people who took part, and as many who did not")


@dataclass(frozen=True, eq=False)
class Programme:
    """One training or SPIF of the ledger.

    Attributes
    ----------
    kind, start
        What the ledger calls it, and the first day of its first period.
    people
        Who took part: the people its costs name, or the teams, as they were on that day.
    cost, rows
        What was booked for it (minor units), and in how many rows.
    window
        Six months from its first day on; what people brought in it is held against the same span
        before.
    found
        What it went with; null where it cannot be said.
    why
        Why it cannot be said; null where it can.
    """

    kind: str
    start: date
    people: tuple[str, ...]
    cost: int
    rows: int
    window: Window
    found: ProgrammeReturn | None
    why: Phrase | None

    @property
    def payback(self) -> tuple[float | None, float | None, float | None]:
        """Months at this pace until what it went with pays its cost, lowest and highest.

        Null where it brings nothing at that end: then it never does.
        """
        if self.found is None:
            return None, None, None
        ends = (self.found.incremental, self.found.high, self.found.low)
        value, low, high = (
            None if v is None else payback_months(self.cost, v / MONTHS, 1) for v in ends
        )
        return _plain(value), _plain(low), _plain(high)


@dataclass(frozen=True, eq=False)
class Programmes:
    """The newest trainings and SPIFs of the ledger, newest first.

    ``margin`` is the share of what was brought that is gross profit: from the order lines where
    they tell their cost, else 1 (``on`` "revenue").
    """

    company: Company = field(repr=False)
    told: tuple[Programme, ...]
    margin: float
    base: Literal["won", "orders"]

    @property
    def on(self) -> Literal["gross profit", "revenue"]:
        """What is held against the cost."""
        return "revenue" if self.margin == 1.0 else "gross profit"

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What the programmes went with, in words; associations, never causes."""
        from spm_lib.segments.words import programmes_words

        return programmes_words(self)

    def figures(self) -> list[Figure]:
        """Return every number as a record of figures.json."""
        from spm_lib.segments.programme_figures import programmes_figures

        return programmes_figures(self)


def _plain(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def programmes(company: Company) -> Programmes:
    """Return what the newest trainings and SPIFs of the cost ledger went with.

    Rows of a kind that means training, or a SPIF, and lie less than 45 days apart are one
    programme. Those who took part are compared with the others (see ``programme_return``); the
    intervals hold for all programmes together. Nothing is told of a ledger without such rows.
    """
    return company.once("programmes", lambda: _made(company))


def _made(company: Company) -> Programmes:
    margin, base = _margin(company)
    drafts = sorted(_drafts(company), key=lambda d: (d["start"], d["kind"]), reverse=True)[:MOST]
    level = 1 - (1 - LEVEL) / max(len(drafts), 1)
    told = tuple(_judged(company, draft, margin, base, level) for draft in drafts)
    return Programmes(company, told, margin, base)


def _margin(company: Company) -> tuple[float, Literal["won", "orders"]]:
    if not company.has("orders", "cost"):
        return 1.0, "won" if company.has("opportunities") else "orders"
    found = measure(company, "orders.gross_margin").frame["value"][0]
    return (1.0, "won") if found is None or found <= 0 else (float(found), "orders")


def _drafts(company: Company) -> list[dict]:
    """Return the programmes of the ledger: kind, start, cost, rows and who took part."""
    if not company.has("costs"):
        return []
    names = [*names_of("training"), *SPIFS]
    rows = company.table("costs").with_columns(
        _kind=pl.col("kind").str.strip_chars().str.to_lowercase()
    )
    rows = rows.filter(pl.col("_kind").is_in(names) & pl.col("amount").is_not_null())
    gap = pl.col("period_start").diff().over("_kind").dt.total_days() > APART
    rows = rows.sort("_kind", "period_start", "rep_id", "team").with_columns(
        _run=gap.fill_null(value=False).cum_sum().over("_kind")
    )
    found = []
    for (_, _), part in rows.group_by("_kind", "_run", maintain_order=True):
        start = part["period_start"][0]
        people = _people(company, part, start)
        found.append({"kind": part["kind"][0], "start": start, "cost": int(part["amount"].sum()),
                      "rows": part.height, "people": people})  # fmt: skip
    return found


def _people(company: Company, part: pl.DataFrame, day: date) -> tuple[str, ...]:
    """Return who took part: named people, and those who were in named teams on the day."""
    people = set(part["rep_id"].drop_nulls())
    teams = part.filter(pl.col("rep_id").is_null())["team"].drop_nulls().unique()
    if teams.len() and company.has("memberships"):
        first = pl.col("valid_from").is_null() | (pl.col("valid_from") <= day)
        last = pl.col("valid_to").is_null() | (pl.col("valid_to") > day)
        there = company.table("memberships").filter(
            pl.col("team").is_in(teams.implode()) & first & last
        )
        people |= set(there["rep_id"].drop_nulls())
    return tuple(sorted(people))


def _judged(
    company: Company,
    draft: dict,
    margin: float,
    base: Literal["won", "orders"],
    level: float,
) -> Programme:
    start = draft["start"]
    window = Window(start, months_after(start, MONTHS))
    made = Programme(**draft, window=window, found=None, why=None)
    why = _cannot(company, made, base)
    if why is None:
        frame = programme_amounts(company, made.people, window, base=base)
        found = programme_return(frame, cost=made.cost, margin=margin, level=level)
        why = FEW if found.incremental is None else None
        return Programme(**draft, window=window, found=None if why else found, why=why)
    return Programme(**draft, window=window, found=None, why=why)


def _cannot(company: Company, made: Programme, base: str) -> Phrase | None:
    if not made.people:
        return NOBODY
    if company.as_of < made.window.end - timedelta(1):
        return YOUNG
    table, day = ("orders", "date") if base == "orders" else ("opportunities", "closed_on")
    first = company.table(table)[day].min()
    span = made.window.end - made.window.start
    return EARLY if not isinstance(first, date) or first > made.window.start - span else None
