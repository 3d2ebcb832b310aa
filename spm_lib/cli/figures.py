"""Figures as rows of text for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spm_lib.core import Language
    from spm_lib.model import Company, Figure

_PERIODS = {"week", "month", "quarter", "year"}


_NAMED = {
    "rep_id": "reps",
    "manager_id": "reps",
    "account_id": "accounts",
    "product_id": "products",
}


def figure_table(
    figures: Sequence[Figure], *, company: Company, spoken: Language
) -> tuple[list[str], list[list[str]], list[str]]:
    """Return the columns of a table of figures, its rows, and which columns are numbers.

    Empty columns are left out. Beside the ids of people, customers and products stand their names,
    where the client's tables tell them; ids that are numbers are in the order of numbers.
    """
    names = list(dict.fromkeys(name for figure in figures for name in figure.by))
    figures = _by_number(figures, names[0]) if names else figures
    called = {name: found for name in names if (found := _names(company, name, figures))}
    windows = len({figure.window for figure in figures}) > 1 and not _PERIODS & {*names}
    ranges = any(figure.low is not None for figure in figures)
    cohorts = any(figure.mature is not None for figure in figures)
    say = spoken.text
    heads = [head for name in names for head in ([name, say("name")] if name in called else [name])]
    columns = [*heads, *([say("from"), say("to")] if windows else []), say("value"), say("n")]
    columns += [say("95 % interval")] if ranges else []
    counts = list(dict.fromkeys(name for figure in figures for name in figure.counts))
    columns += [say(name.replace("_", " ")) for name in counts]
    columns += [*([say("mature")] if cohorts else []), say("used"), say("set aside")]
    rows = []
    for figure in figures:
        row = [cell for name in names for cell in _who(figure.by.get(name, ""), called.get(name))]
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
    return columns, rows, columns[len(heads) :]


def _who(key: str, called: Mapping[str, str] | None) -> list[str]:
    """Return the cells of a key: itself, and its name where keys of that kind have names."""
    return [key or "–", *([called.get(key, "–")] if called is not None else [])]


def _names(company: Company, column: str, figures: Sequence[Figure]) -> dict[str, str]:
    """Return the names of the keys shown; empty where none has a name of its own."""
    table = _NAMED.get(column)
    if table is None:
        return {}
    shown = {figure.by.get(column, "") for figure in figures}
    key = "rep_id" if table == "reps" else column
    pairs = company.table(table).select(key, "name").drop_nulls().iter_rows()
    found = {one: name for one, name in pairs if one in shown}
    return found if any(one != name for one, name in found.items()) else {}


def _by_number(figures: Sequence[Figure], column: str) -> list[Figure]:
    """Return the figures in the order of numbers where all keys of a column are such."""
    keys = [figure.by.get(column, "") for figure in figures]
    if not all(key.isdecimal() for key in keys if key):
        return list(figures)
    return sorted(figures, key=lambda f: (not f.by.get(column), int(f.by.get(column) or 0)))


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
