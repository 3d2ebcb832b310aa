"""The change waterfall: from the open pipeline of one day to that of another, deal by deal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl

from spm_lib.core.calendar import Period, Window
from spm_lib.core.errors import DataError, ParameterError
from spm_lib.core.statement import Statement
from spm_lib.forecast.horizon import date_of, day_number, months_earlier
from spm_lib.forecast.waterfall.moves import (
    BARS,
    Stretch,
    moves_of,
    of_people,
    of_whole,
    standing,
    steps_of,
)
from spm_lib.model import Company, DealChanges, Figure

OF_A_PERIOD = ("pulled_in", "slipped_in", "pushed", "moved_earlier")
OF_A_GROUP = ("owner_in", "owner_out")
NEEDS = {
    "reopened": "stage",
    "up": "amount",
    "down": "amount",
    "owner_in": "rep_id",
    "owner_out": "rep_id",
    "deleted": "deleted",
    **dict.fromkeys(OF_A_PERIOD, "expected_close"),
}
LACKS = {
    "stage": "the data has no dated history of stages: a deal that came back from the lost ones is "
    "not seen",
    "amount": "the history does not tell amounts",
    "rep_id": "the history does not tell owners",
    "expected_close": "the history does not tell planned closes",
    "deleted": "a deleted deal leaves no trace in this data; states kept by `spm snapshot` would "
    "tell",
}


@dataclass(frozen=True)
class Standing:
    """The open pipeline at the end of a day: minor units, deals, deals without an amount.

    ``amount`` is None where the amounts of open deals are not known as of that day.
    """

    amount: int | None
    deals: int
    unpriced: int


@dataclass(frozen=True, eq=False)
class Waterfall:
    """What changed in the open pipeline between the ends of two days.

    Attributes
    ----------
    since, until
        The two days; everything after the end of ``since``, up to the end of ``until``, counts.
    due
        Only deals planned to close in ``[start, end)``; None: all open deals.
    start, end
        The pipeline on both days. ``start.amount`` plus the amounts of all bars is ``end.amount``.
    bars
        One row per bar, in order: ``bar``, ``amount`` (signed Int64 minor units; null: this data
        cannot tell, or none of its deals has an amount; never 0 for that), ``deals`` (Int64: how
        many deals), ``moves``.
    moves
        What every bar is made of: ``bar, opportunity_id, rep_id, on`` (Date), ``amount`` (signed;
        null: the deal has none).
    lacks
        Why a bar is not told, by bar.
    """

    company: Company = field(repr=False)
    since: date
    until: date
    due: Window | None
    start: Standing
    end: Standing
    bars: pl.DataFrame
    moves: pl.DataFrame
    lacks: Mapping[str, Statement]
    by: Mapping[str, str] = field(default_factory=dict)

    def amount(self, bar: str) -> int | None:
        """Return the signed amount of a bar; None where the data cannot tell it."""
        return self.bars.filter(pl.col("bar") == bar)["amount"].item()

    def deals(self, bar: str) -> pl.DataFrame:
        """Return the deals of a bar, largest first: opportunity_id, rep_id, amount (signed), on."""
        mine = self.moves.filter(pl.col("bar") == bar).drop("bar")
        order = [pl.col("amount").abs(), pl.col("opportunity_id"), pl.col("on")]
        return mine.sort(order, descending=[True, False, False], nulls_last=True)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What happened, in words."""
        from spm_lib.forecast.waterfall.words import waterfall_findings

        return waterfall_findings(self)

    def figures(self) -> list[Figure]:
        """Return every number of the waterfall as a record of figures.json."""
        from spm_lib.forecast.waterfall.figures import waterfall_figures

        return waterfall_figures(self)


def change_waterfall(
    company: Company,
    *,
    since: date | None = None,
    until: date | None = None,
    due: Window | Period | str | None = None,
) -> Waterfall:
    """Return what changed in the open pipeline between the ends of two days.

    It goes along the events in between: a deal that was pulled in and pushed out again is in both
    bars. A winning change counts at the amount won, a losing one at the last amount before it.

    Parameters
    ----------
    company
        What ``spm_lib.open`` returned; deals in its scope count, and what moves over the edge of
        the scope is taken over or handed over.
    since, until
        The two days; default: the company's date, and the day one month before it.
    due
        Look only at deals planned to close in a period (a window, or text such as "2026-Q4"). A
        deal won in the period without being planned for it is pulled in, and won.

    Raises
    ------
    ParameterError
        If ``until`` is not after ``since``, or is after the company's date.
    DataError
        If the data tells neither a history nor when deals were created; or, with ``due``, no
        dated planned closes.

    Examples
    --------
    >>> from datetime import date
    >>> from spm_lib.metrics import example_company
    >>> made = change_waterfall(example_company(), since=date(2026, 1, 31))
    >>> made.start.amount + made.bars["amount"].fill_null(0).sum() == made.end.amount
    True
    """
    (made,) = waterfalls(company, since=since, until=until, due=due)
    return made


def waterfalls(
    company: Company,
    *,
    since: date | None = None,
    until: date | None = None,
    due: Window | Period | str | None = None,
    groups: Mapping[str, tuple[tuple[str, str], ...]] | None = None,
) -> list[Waterfall]:
    """Return the waterfall of the whole, or one per group of owners.

    ``groups`` maps an owner ("": none) to the ids of the group, such as ``(("team", "North"),)``.
    Otherwise as ``change_waterfall``.
    """
    until = until or company.as_of
    since = since or month_before(until)
    _check_days(company, since, until)
    window = _window(company, due)
    changes = company.changes
    _check_told(company, changes, window)
    stretch = Stretch(day_number(since), day_number(until), window and _days(window))
    steps = steps_of(changes.frame, until=stretch.until)
    names = {owner: repr(ids) for owner, ids in (groups or {}).items()}
    steps = of_whole(steps) if groups is None else of_people(steps, names)
    moves = moves_of(steps, stretch)
    ends = [standing(steps, stretch, day=day) for day in (stretch.since, stretch.until)]
    ids = {"": ()} if groups is None else {repr(g): g for g in groups.values()}
    lacks = _lacking(changes, due=window is not None, groups=groups is not None or company.scoped)
    blind = _amounts_unknown(changes)
    return [
        _one(company, (since, until, window), name, dict(by), moves, ends, lacks, blind=blind)
        for name, by in sorted(ids.items())
    ]


def month_before(day: date) -> date:
    """Return the day one month before, a month's last day for a last day.

    Examples
    --------
    >>> month_before(date(2026, 9, 30)), month_before(date(2026, 11, 26))
    (datetime.date(2026, 8, 31), datetime.date(2026, 10, 26))
    """
    return date_of(months_earlier(day_number(day) + 1, 1) - 1)


def _check_days(company: Company, since: date, until: date) -> None:
    if not since < until <= company.as_of:
        raise ParameterError(
            "A waterfall goes from a day to a later one that is known.",
            found=f"from {since} to {until}, as of {company.as_of}",
            do="Give since < until, and until no later than the company's date",
        )


def _window(company: Company, due: Window | Period | str | None) -> Window | None:
    if isinstance(due, str):
        return company.calendar.parse_window(due)
    return due.window if isinstance(due, Period) else due


def _days(window: Window) -> tuple[int, int]:
    return day_number(window.start), day_number(window.end)


def _check_told(company: Company, changes: DealChanges, due: Window | None) -> None:
    dated = company.has("opportunities", "created_at")
    if "stage" not in changes.told and not dated:
        raise DataError(
            "The data does not tell when deals came to be.",
            found="no created_at, no history of stages",
            do="Map created_at in [tables.opportunities], or [tables.stage_events]",
        )
    if due is not None and "expected_close" not in changes.told:
        raise DataError(
            "The data does not tell for when deals were planned before.",
            found="no expected_close in the history",
            do="Map expected_close in [tables.stage_events], or ask without a period",
        )


def _lacking(changes: DealChanges, *, due: bool, groups: bool) -> dict[str, Statement]:
    """Say which of the bars cannot be told, and why; of a whole, nothing is handed over."""
    return {
        bar: Statement(LACKS[NEEDS[bar]], kind="note")
        for bar in applying(due=due)
        if bar in NEEDS and NEEDS[bar] not in changes.told and (groups or bar not in OF_A_GROUP)
    }


def applying(*, due: bool) -> tuple[str, ...]:
    """Return the bars that there can be: those of planned closes only with a period."""
    return tuple(bar for bar in BARS if due or bar not in OF_A_PERIOD)


def _amounts_unknown(changes: DealChanges) -> bool:
    """Say whether nobody can tell what open deals are worth: before the export, no history."""
    open_ = changes.frame.group_by("opportunity_id").last().filter(pl.col("outcome") == "open")
    return "amount" not in changes.told and bool(open_.height) and not open_["amount"].count()


Days = tuple[date, date, Window | None]


def _one(
    company: Company,
    days: Days,
    group: str,
    by: dict[str, str],
    moves: pl.DataFrame,
    ends: list[pl.DataFrame],
    lacks: Mapping[str, Statement],
    *,
    blind: bool,
) -> Waterfall:
    own = moves.filter(pl.col("group") == group)
    since, until, due = days
    start, end = (_stood(at.filter(pl.col("group") == group), blind=blind) for at in ends)
    summed = own.group_by("bar").agg(
        pl.when(pl.col("priced").any()).then(pl.col("amount").sum()).alias("amount"),
        deals=pl.col("opportunity_id").n_unique(),
        moves=pl.len(),
        unpriced=~pl.col("priced").any(),
    )
    unknown = [*lacks, *(["new"] if blind else [])]
    every = pl.DataFrame({"bar": applying(due=due is not None)})
    bars = every.join(summed, on="bar", how="left", maintain_order="left")
    told = ~pl.col("bar").is_in(unknown)
    numbers = ("amount", "deals", "moves")
    bars = bars.with_columns(
        pl.when(told).then(pl.col(c).fill_null(0).cast(pl.Int64)) for c in numbers
    ).select(
        "bar",
        pl.when(~pl.col("unpriced").fill_null(value=False)).then("amount").alias("amount"),
        "deals",
        "moves",
    )
    moved = own.select(
        "bar",
        "opportunity_id",
        "rep_id",
        pl.when("priced").then("amount").alias("amount"),
        on=pl.col("day").cast(pl.Int32).cast(pl.Date),
    )
    return Waterfall(company, since, until, due, start, end, bars, moved, lacks, by)


def _stood(deals: pl.DataFrame, *, blind: bool) -> Standing:
    amount = None if blind else int(deals["amount"].sum())
    return Standing(amount, deals.height, deals["amount"].null_count())


def window_of(made: Waterfall) -> tuple[date, date]:
    """Return the days in which the changes happened, ``[start, end)``."""
    return made.since + timedelta(days=1), made.until + timedelta(days=1)
