"""Every number of a waterfall as a record of figures.json, and the registry's answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.errors import DataError, MetricError
from spm_lib.core.money import exponent
from spm_lib.forecast.waterfall.between_days import Waterfall, waterfalls, window_of
from spm_lib.forecast.waterfall.words import due_label
from spm_lib.metrics.windows import read_window
from spm_lib.model import Company, Figure, Receipt, SetAside, minor_text, places_on

LARGEST = 3  # deals of a bar that are named; the others are told together
PEOPLE = ("rep_id", "team", "manager_id")


def waterfall_figures(made: Waterfall) -> list[Figure]:
    """Return start, end, every bar and every deal behind the bars."""
    receipt = _receipts(made.company, ()).get((), Receipt(0, scoped=made.company.scoped))
    return [*bar_figures(made, receipt), *_deal_figures(made)]


def bar_figures(made: Waterfall, receipt: Receipt) -> list[Figure]:
    """Return start, end and every bar; a bar that the data cannot tell has no value."""
    figure = _maker(made, receipt)
    found = [
        figure("start", made.start.amount, made.start.deals),
        figure("end", made.end.amount, made.end.deals),
    ]
    rows = made.bars.select("bar", "amount", "deals").iter_rows()
    return [*found, *(figure(bar, amount, deals) for bar, amount, deals in rows)]


def _deal_figures(made: Waterfall) -> list[Figure]:
    """Return what each deal did to each bar, with the deal's own row as its receipt.

    The deals of a bar beyond the largest are also told together.
    """
    receipts = _receipts(made.company, ("opportunity_id",))
    nothing = Receipt(0, scoped=made.company.scoped)
    order = [pl.col("bar"), pl.col("amount").abs(), pl.col("opportunity_id")]
    summed = made.moves.group_by("bar", "opportunity_id").agg(_known_sum(), n=pl.len())
    summed = summed.sort(order, descending=[False, True, False], nulls_last=True)
    found = [
        _maker(made, receipts.get((deal,), nothing))(
            "deal", amount, n, bar=bar, opportunity_id=deal
        )
        for bar, deal, amount, n in summed.select(
            "bar", "opportunity_id", "amount", "n"
        ).iter_rows()
    ]
    rest = summed.filter(pl.int_range(pl.len()).over("bar") >= LARGEST)
    others = rest.group_by("bar", maintain_order=True).agg(_known_sum(), n=pl.len())
    whole = _receipts(made.company, ()).get((), nothing)
    return found + [
        _maker(made, whole)("others", amount, n, bar=bar) for bar, amount, n in others.iter_rows()
    ]


def _known_sum() -> pl.Expr:
    """Return the sum of amounts; null where none is known."""
    amount = pl.col("amount")
    return pl.when(amount.count() > 0).then(amount.sum()).alias("amount")


def _maker(made: Waterfall, receipt: Receipt) -> Callable[..., Figure]:
    currency = made.company.currency
    digits = exponent(currency)
    due = {"due": due_label(made)} if made.due is not None else {}

    def figure(name: str, amount: int | None, n: int | None, **by: str) -> Figure:
        return Figure(
            metric=f"waterfall.{name}",
            as_of=made.company.as_of,
            unit=f"money:{currency}",
            value=minor_text(amount, digits),
            receipt=receipt,
            by={**made.by, **due, **by},
            window=window_of(made),
            n=n,
        )

    return figure


def compute(metric: str) -> Callable[..., list[Figure]]:
    """Return the answer for one id: ``(company, by, window) -> figures``.

    ``by``: rep_id, team and manager_id (as of the company's date). ``window``: the days in which
    things changed; default: the month up to the company's date. Each id is told of all open deals,
    and of those due in a period: the window itself, or the quarter of the day after the company's
    date.

    Raises
    ------
    MetricError
        If a waterfall cannot be broken down by a column.
    """

    def figures(
        company: Company, by: str | Sequence[str] | None = None, window: Any = None
    ) -> list[Figure]:
        names = (by,) if isinstance(by, str) else tuple(by or ())
        unknown = [name for name in names if name not in PEOPLE]
        if unknown:
            raise MetricError(
                f"A waterfall cannot be broken down by '{unknown[0]}'.",
                found=unknown[0],
                do=f"Use {', '.join(PEOPLE)}",
            )
        asked = read_window(window, company.calendar)
        key = f"waterfall by {', '.join(names)} {asked and (asked.start, asked.end)}"
        found = company.once(key, lambda: _answers(company, names, asked))
        return [f for f in found if f.metric == metric]

    return figures


def _answers(company: Company, names: tuple[str, ...], asked: Window | None) -> list[Figure]:
    days = _days(company, asked)
    if days is None:
        return []
    after = company.as_of + timedelta(days=1)
    due = asked or company.calendar.period_of(after, "quarter").window
    receipts = _receipts(company, names)
    groups = people_groups(company, names) if names else None
    found: list[Figure] = []
    for part in (None, due):
        try:
            made = waterfalls(company, **days, due=part, groups=groups)
        except DataError:
            continue
        for one in made:
            nothing = Receipt(0, scoped=company.scoped)
            receipt = receipts.get(tuple(one.by.values()), nothing)
            found += bar_figures(one, receipt)
            found += [] if names else _deal_figures(one)
    return found


def _days(company: Company, window: Window | None) -> dict[str, Any] | None:
    """Return the two days of a window; none where it holds no day that is known."""
    if window is None:
        return {}
    until = min(window.end - timedelta(days=1), company.as_of)
    since = window.start - timedelta(days=1)
    return {"since": since, "until": until} if since < until else None


def people_groups(company: Company, names: Sequence[str]) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return the group of each owner ("": none): its ids by rep_id, team or manager_id.

    Teams and managers are those of the company's date.
    """
    frame = company.changes.frame.filter("mine")
    owners = sorted({*frame["rep_id"].fill_null("").to_list(), *_owners(company)})
    place = _places(company)
    return {
        owner: tuple((n, {"rep_id": owner, **place.get(owner, {})}.get(n, "")) for n in names)
        for owner in owners
    }


def _owners(company: Company) -> list[str]:
    return company.full("opportunities")["rep_id"].fill_null("").to_list()


def _places(company: Company) -> dict[str, dict[str, str]]:
    """Return the team and the manager of each person on the company's date."""
    return {
        row["rep_id"]: {k: row[k] or "" for k in ("team", "manager_id")}
        for row in places_on(company).iter_rows(named=True)
    }


def _receipts(company: Company, names: Sequence[str]) -> Mapping[tuple[str, ...], Receipt]:
    """Return the deals used and set aside, by the group of their owner at as_of, or by deal."""
    aside = company.changes.aside.rename({"reason": "_reason"})
    rows = company.full("opportunities").select("opportunity_id", "rep_id", "amount", "set_aside")
    rows = rows.join(aside, on="opportunity_id", how="left").with_columns(
        pl.coalesce("set_aside", "_reason").alias("set_aside"), pl.col("rep_id").fill_null("")
    )
    place = _places(company)
    used: dict[tuple[str, ...], int] = {}
    parts: dict[tuple[str, ...], dict[str, SetAside]] = {}
    own = [n for n in names if n == "opportunity_id"]
    counted = rows.group_by("rep_id", "set_aside", *own, maintain_order=True).agg(
        rows=pl.len(), told=pl.col("amount").count(), amount=pl.col("amount").sum()
    )
    for rep, reason, *deal, n, told, amount in counted.iter_rows():
        ids = {"rep_id": rep, **place.get(rep, {}), **dict(zip(own, deal, strict=True))}
        key = tuple(ids.get(name, "") for name in names)
        used.setdefault(key, 0)
        if reason is None:
            used[key] += n
        else:
            _add(parts.setdefault(key, {}), reason, n, amount if told else None)
    return {key: Receipt(n, parts.get(key, {}), scoped=company.scoped) for key, n in used.items()}


def _add(parts: dict[str, SetAside], reason: str, rows: int, amount: int | None) -> None:
    before = parts.get(reason, SetAside(0))
    amounts = [a for a in (before.amount, amount) if a is not None]
    parts[reason] = SetAside(before.rows + rows, sum(amounts) if amounts else None)


def shown_bars(made: Waterfall) -> list[str]:
    """Return the bars to show: those with a deal, and those the data cannot tell."""
    return made.bars.filter(pl.col("deals").is_null() | (pl.col("deals") > 0))["bar"].to_list()
