"""Figures as rows of text for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spm_lib.core import Language
    from spm_lib.model import Company, Figure

_PERIODS = {"week", "month", "quarter", "year"}


def figure_table(
    figures: Sequence[Figure], *, spoken: Language
) -> tuple[list[str], list[list[str]]]:
    """Return the columns and the rows of a table of figures; empty columns are left out."""
    names = list(dict.fromkeys(name for figure in figures for name in figure.by))
    windows = len({figure.window for figure in figures}) > 1 and not _PERIODS & {*names}
    ranges = any(figure.low is not None for figure in figures)
    cohorts = any(figure.mature is not None for figure in figures)
    say = spoken.text
    columns = [*names, *([say("from"), say("to")] if windows else []), say("value"), say("n")]
    columns += [say("95 % interval")] if ranges else []
    counts = list(dict.fromkeys(name for figure in figures for name in figure.counts))
    columns += [say(name.replace("_", " ")) for name in counts]
    columns += [*([say("mature")] if cohorts else []), say("used"), say("set aside")]
    rows = []
    for figure in figures:
        row = [figure.by.get(name, "") or "–" for name in names]
        if windows:
            row += [spoken.date(edge) for edge in figure.window or (None, None)]
        row += [written(figure.value, figure.unit, spoken=spoken), spoken.number(figure.n)]
        if ranges:
            low, high = (written(x, figure.unit, spoken=spoken) for x in (figure.low, figure.high))
            row.append(spoken.interval(low, high) if figure.low is not None else "–")
        row += [spoken.number(figure.counts.get(name)) for name in counts]
        if cohorts:
            row.append(say("yes") if figure.mature else say("not yet"))
        row.append(spoken.number(figure.receipt.used))
        row.append(spoken.number(figure.receipt.read - figure.receipt.used))
        rows.append(row)
    return columns, rows


def written(value: str | None, unit: str, *, spoken: Language) -> str:
    """Return a figure's value as a reader expects it.

    Examples
    --------
    >>> from spm_lib.core import language
    >>> written("0.4567", "ratio", spoken=language("en"))
    '45.7%'
    >>> written("1234.5", "money:ILS", spoken=language("en"))
    '₪1,235'
    """
    from spm_lib.core import to_minor

    if value is None:
        return spoken.number(None)
    kind, _, currency = unit.partition(":")
    if kind == "money":
        return spoken.money(to_minor(Decimal(value), currency[:3]), currency[:3])
    if kind == "ratio":
        return spoken.percent(Decimal(value))
    number = Decimal(value)
    return spoken.number(number, 0 if number == number.to_integral_value() else 2)


def receipt_lines(
    figures: Sequence[Figure], *, company: Company, spoken: Language
) -> Iterator[str]:
    """Tell the day, the window, and why rows were set aside where there is one figure."""
    known = {"as_of": spoken.date(company.as_of), "newest": spoken.date(company.exported_on)}
    yield spoken.text("As of {as_of}; newest entry {newest}.", **known)
    windows = [figure.window for figure in figures if figure.window]
    if windows:
        start, end = min(w[0] for w in windows), max(w[1] for w in windows)
        edges = {"start": spoken.date(start), "end": spoken.date(end)}
        yield spoken.text("Window: from {start} until before {end}.", **edges)
    if any(figure.mature is False for figure in figures):
        yield spoken.text("A cohort that is not yet mature will still change: its deals are open.")
    aside: Counter[str] = Counter()
    for figure in figures:
        aside.update({reason: part.rows for reason, part in figure.receipt.set_aside.items()})
    if len(figures) == 1 and aside:
        told = [f"{spoken.text(reason)} {spoken.number(n)}" for reason, n in aside.most_common()]
        yield spoken.text("Set aside: {reasons}.", reasons="; ".join(told))
