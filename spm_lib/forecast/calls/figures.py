"""Every number of the record of calls as a record of figures.json, and the registry's answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import polars as pl

from spm_lib.core.errors import DataError, MetricError
from spm_lib.core.money import exponent
from spm_lib.model import Company, Figure, Receipt, SetAside, minor_text

if TYPE_CHECKING:
    from spm_lib.forecast.calls.record import CallRecord

PEOPLE = ("rep_id", "manager_id")
WAYS = ("call", "model", "half", "mix")
_MADE: WeakKeyDictionary[object, dict[tuple[object, ...], CallRecord | None]] = WeakKeyDictionary()


def call_figures(record: CallRecord) -> list[Figure]:
    """Return all figures: standing calls, bias, errors, weights and the mix ahead."""
    make = _Maker(record)
    return [*make.standing(), *make.biases(), *make.errors(), *make.ahead()]


class _Maker:
    """Makes the figures of one record."""

    def __init__(self, record: CallRecord) -> None:
        self.record, company = record, record.company
        self.digits, self.currency = exponent(company.currency), company.currency
        self.receipts = _receipts(company)
        self.whole = self.receipts.get(None, Receipt(0, scoped=company.scoped))
        ahead = record.ahead
        self.days = (ahead.start, ahead.end)

    def figure(self, metric: str, value: object, *, unit: str, **more: Any) -> Figure:
        text = None
        if value is not None:
            money = unit.startswith("money")
            text = minor_text(int(value), self.digits) if money else f"{value:.6f}"  # type: ignore
        more.setdefault("receipt", self.whole)
        return Figure(metric=metric, unit=unit, value=text, as_of=self.record.company.as_of, **more)

    def money(self, metric: str, value: int | None, **more: Any) -> Figure:
        return self.figure(metric, value, unit=f"money:{self.currency}", window=self.days, **more)

    def _of(self, person: str | None) -> dict[str, Any]:
        """Return the ids and the receipt of a person's own calls."""
        if person is None:
            return {"by": {}}
        nothing = Receipt(0, scoped=self.record.company.scoped)
        return {"by": {"rep_id": person}, "receipt": self.receipts.get(person, nothing)}

    def standing(self) -> Iterator[Figure]:
        period = {"period": self.record.ahead.label}
        for row in self.record.standing.iter_rows(named=True):
            own = self._of(row["id"])
            own["by"] = {**period, **own["by"]}
            if row["level"] == "rep":
                yield self.money("calls.call", row["call"], n=row["called"], **own)
                continue
            by = {**period, **({"manager_id": row["id"]} if row["id"] else {})}
            yield self.money("calls.rolled_up", row["call"], n=row["called"], by=by)
            share = row["called"] / row["people"] if row["people"] else None
            yield self.figure("calls.called", share, unit="ratio", n=row["people"], by=by)
            if row["level"] == "manager":
                yield self.money("calls.call", row["own_call"], n=1, **own)

    def biases(self) -> Iterator[Figure]:
        for row in self.record.bias.iter_rows(named=True):
            own = self._of(row["id"])
            group = {"level": row["level"]} if row["id"] is None else {}
            own["by"] = {**own["by"], **group, "weeks": str(row["weeks"])}
            ends = {k: None if row[k] is None else f"{row[k]:.6f}" for k in ("low", "high")}
            yield self.figure(
                "calls.bias", row["bias"], unit="ratio", n=row["periods"], **own, **ends
            )

    def errors(self) -> Iterator[Figure]:
        mix = self.record.mix
        if mix is None:
            return
        for row in mix.errors.iter_rows(named=True):
            by = {"level": row["level"], "weeks": str(mix.weeks)}
            for way in WAYS:
                yield self.figure(
                    "calls.error", row[way], unit="ratio", n=row["periods"], by={**by, "way": way}
                )
            yield self.figure(
                "calls.best_weight", row["best"], unit="ratio", n=row["periods"], by=by
            )
        for level, weight in sorted(mix.weight.items()):
            known = mix.rows.filter(pl.col("level") == level)["period"].n_unique()
            by = {"level": level, "weeks": str(mix.weeks)}
            yield self.figure("calls.weight", weight, unit="ratio", n=known, by=by)

    def ahead(self) -> Iterator[Figure]:
        mix = self.record.mix
        if mix is None or mix.now.get("call") is None:
            return
        by = {"period": self.record.ahead.label}
        yield self.money("calls.model", mix.now["model"], by=by)
        yield self.money("calls.mix", mix.now["mix"], by=by)


def _receipts(company: Company) -> Mapping[str | None, Receipt]:
    """Return the rows of forecast calls behind each person, and (None) behind all."""
    rows = company.full("forecast_calls").with_columns(pl.col("rep_id").fill_null(""))
    used: dict[str | None, int] = {}
    aside: dict[str | None, dict[str, SetAside]] = {}
    counted = rows.group_by("rep_id", "set_aside", maintain_order=True).agg(
        n=pl.len(), told=pl.col("amount").count(), amount=pl.col("amount").sum()
    )
    for rep, reason, n, told, amount in counted.iter_rows():
        for who in (rep, None):
            used.setdefault(who, 0)
            if reason is None:
                used[who] += n
            else:
                parts = aside.setdefault(who, {})
                before = parts.get(reason, SetAside(0))
                sums = [a for a in (before.amount, amount if told else None) if a is not None]
                parts[reason] = SetAside(before.rows + n, sum(sums) if sums else None)
    return {who: Receipt(n, aside.get(who, {}), scoped=company.scoped) for who, n in used.items()}


def compute(metric: str) -> Callable[..., list[Figure]]:
    """Return the answer for one id: ``(company, by, window) -> figures``.

    ``by``: rep_id tells people and managers by their own calls, manager_id what their people
    called, summed; without it, all together. ``window`` keeps figures of the period ahead that lie
    in it. Where there are no calls there are no figures.

    Raises
    ------
    MetricError
        If calls cannot be broken down by a column.
    """

    def figures(
        company: Company, by: str | Sequence[str] | None = None, window: Any = None
    ) -> list[Figure]:
        from spm_lib.metrics.windows import read_window

        names = (by,) if isinstance(by, str) else tuple(by or ())
        unknown = [name for name in names if name not in PEOPLE]
        if unknown:
            raise MetricError(
                f"Calls cannot be broken down by '{unknown[0]}'.",
                found=unknown[0],
                do=f"Use {' or '.join(PEOPLE)}",
            )
        record = _record(company)
        found = call_figures(record) if record else []
        wanted = read_window(window, company.calendar)
        return [
            f
            for f in found
            if f.metric == metric
            and {k for k in f.by if k in PEOPLE} == set(names)
            and (
                wanted is None
                or (f.window and wanted.start <= f.window[0] and f.window[1] <= wanted.end)
            )
        ]

    return figures


def _record(company: Company) -> CallRecord | None:
    from spm_lib.forecast.calls.record import call_record

    made = _MADE.setdefault(company.book, {})
    key = (company.as_of, company.scope)
    if key not in made:
        try:
            made[key] = call_record(company)
        except DataError:
            made[key] = None
    return made[key]
