"""What the designer's page shows of a plan: tiles, the pay curve, everybody's line, sentences."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import polars as pl

from spm_lib.charts import pay_curve_chart, vega_lite
from spm_lib.core.language import Language
from spm_lib.core.money import to_minor
from spm_lib.core.statement import Phrase
from spm_lib.dashboards.pay.plan_desk import PlanDesk
from spm_lib.dashboards.pay.priced import Priced
from spm_lib.incentives import BUDGET_STEPS, tag_changes

Rows = list[dict[str, Any]]
_WIDTH, _NAMED, _NONE = 660, 5, "–"
_POINTS = {"attainment": pl.Float64, "old": pl.Int64, "new": pl.Int64}
_PERIODS = {
    key: phrase.text
    for key, phrase in {
        "month": Phrase("month"),
        "quarter": Phrase("quarter"),
        "half_year": Phrase("half-year"),
        "year": Phrase("year"),
    }.items()
}


def charts_of(desk: PlanDesk, language: Language) -> dict[str, dict[str, Any]]:
    """Return the specification of the pay curve; later only its rows are replaced."""
    frame = pl.DataFrame(curve_rows(desk), schema=_POINTS)
    title = language.text("What one person is paid by attainment of the quota")
    currency = desk.begun.currency
    made = pay_curve_chart(frame, language=language, title=title, currency=currency, width=_WIDTH)
    return {"curve": vega_lite(made)}


def curve_rows(desk: PlanDesk) -> Rows:
    """Return the points of both curves."""
    old, new = (p.curve(desk.quota, desk.role).rows for p in (desk.beside, desk.priced))
    pairs = zip(new.iter_rows(), old["pay"], strict=True)
    return [{"attainment": float(at), "old": was, "new": pay} for (at, pay), was in pairs]


class Tiles:
    """The key numbers; what takes long is worked out when levers rest: until then the last one."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._last = _NONE

    def of(self, desk: PlanDesk, *, settled: bool) -> Rows:
        """Return cost, cost of sales, winners and losers, and the cost at attainments."""
        return [
            self._cost(desk),
            self._cost_rate(desk),
            self._winners(desk),
            self._budget(desk, settled=settled),
        ]

    def _cost(self, desk: PlanDesk) -> dict[str, str]:
        write, old, new = self.language, desk.beside, desk.priced
        money = money_of(new, write)
        note = write.text("beside it: {value}", value=money(old.cost))
        if new.cost != old.cost:
            change = _signed(money, new.cost - old.cost)
            note = write.text("{change} against {value}", change=change, value=money(old.cost))
        return _tile(write.text("Cost on these deals"), money(new.cost), note)

    def _cost_rate(self, desk: PlanDesk) -> dict[str, str]:
        write, old, new = self.language, desk.beside, desk.priced
        name, was = write.text("Commission cost rate"), write.percent(old.cost_rate, 2)
        note = write.text("beside it: {value}", value=was)
        return _tile(name, write.percent(new.cost_rate, 2), note)

    def _winners(self, desk: PlanDesk) -> dict[str, str]:
        write, found = self.language, desk.compared
        value = write.text("{winners} gain, {losers} lose", winners=found.winners,
                           losers=found.losers)  # fmt: skip
        same = len(paid_people(desk)) - found.winners - found.losers
        note = write.text("{n:1 person is|{n} people are} paid the same", n=same)
        return _tile(write.text("Winners and losers"), value, note)

    def _budget(self, desk: PlanDesk, *, settled: bool) -> dict[str, str]:
        write = self.language
        name = write.text("Cost at 100% of all quotas")
        if not settled:
            return _tile(name, self._last, write.text("worked out when the sliders rest"))
        found, money = desk.priced.budget, money_of(desk.priced, write)
        if not found:
            self._last = _NONE
            return _tile(name, _NONE, write.text("there are no quotas of these days"))
        low, middle, high = (money(found[step][0]) for step in BUDGET_STEPS)
        self._last = middle
        return _tile(name, middle, write.text("80%: {low} · 120%: {high}", low=low, high=high))


class PayLines:
    """Everybody's line as it was last told: only what changed is told again."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._told: dict[str, tuple[int, int]] = {}

    def forget(self) -> None:
        """Tell everything anew."""
        self._told.clear()

    def changed(self, desk: PlanDesk) -> Rows:
        """Return the lines that changed: pay of both plans, and by how much they differ."""
        write, money, found = self.language, money_of(desk.priced, self.language), []
        columns = ("rep_id", "old", "new", "change", "change_rate")
        for rep, old, new, change, rate in desk.compared.people.select(columns).iter_rows():
            if self._told.get(rep) == (old, new):
                continue
            self._told[rep] = (old, new)
            share = _NONE if rate is None else write.percent(rate, 1)
            line = {"old": money(old), "new": money(new), "change": _signed(money, change)}
            found.append({"id": rep, **line, "share_told": share, "stretched": change < 0})
        return found


def paid_people(desk: PlanDesk) -> Rows:
    """Return the people that one of the two plans pays, by name: id, name, team (role)."""
    runs = (desk.priced.run, desk.beside.run)
    paid = {
        rep for run in runs for frame in (run.earnings, run.payments) for rep in frame["rep_id"]
    }
    people = desk.past.data.people.filter(pl.col("rep_id").is_in(sorted(paid)))
    people = people.unique("rep_id", keep="last", maintain_order=True).sort("name", "rep_id")
    columns = people.select("rep_id", "name", "role").iter_rows()
    return [{"id": rep, "name": name or rep, "team": role or ""} for rep, name, role in columns]


def plan_sentences(desk: PlanDesk, language: Language) -> str:
    """Return the sections of text as HTML; nothing in it is markup but ours."""
    text = language.text
    parts = [
        (text("What the linter finds"), findings_told(desk, language)),
        (text("What was moved"), moves_told(desk, language)),
        (text("Commission or premium"), tags_told(desk, language)),
    ]
    listed = [_section(title, _list(lines)) for title, lines in parts if lines]
    listed.append(_section(text("Who gains and who loses most"), winners_table(desk, language)))
    table = budget_table(desk, language)
    if table:
        listed.append(_section(text("Cost by attainment of all quotas"), table))
    listed.append(_section(text("What this rests on"), _list(notes_told(desk, language))))
    return "".join(listed)


def findings_told(desk: PlanDesk, language: Language) -> list[str]:
    """Return what the linter finds, amounts and mends in it."""
    found = [one.tell(language) for one in desk.priced.findings(desk.quota)]
    return found or [language.text("Nothing: no cliff, no gap, no reason to hold deals back.")]


def moves_told(desk: PlanDesk, language: Language) -> list[str]:
    """Return which numbers are not as in the file, with both values."""
    levers, places = desk.levers, {p.path: p.value for p in desk.levers.places.values()}
    return [
        language.text(
            "{number}: {before}, now {after}",
            number=levers.name_of(path),
            before=levers.value_told(path, Decimal(places[path])),
            after=levers.value_told(path, value),
        )
        for path, value in desk.changed.items()
    ]


def tags_told(desk: PlanDesk, language: Language) -> list[str]:
    """Return which components turn from commission to premium, or back; nothing where none."""
    found = tag_changes(desk.priced.plan, desk.beside.plan)
    return [one.tell(language) for one in found]


def winners_table(desk: PlanDesk, language: Language) -> str:
    """Return who gains and who loses most, by name, as a table; nobody: a sentence."""
    people, text = desk.compared.people, language.text
    moved = people.filter(pl.col("change") != 0)
    if moved.is_empty():
        return _list([text("Everybody is paid the same by both.")])
    money = money_of(desk.priced, language)
    gaining = moved.filter(pl.col("change") > 0).reverse().head(_NAMED)
    losing = moved.filter(pl.col("change") < 0).head(_NAMED)
    pairs = pl.concat([gaining, losing]).select("name", "change").iter_rows()
    rows = [(name, _signed(money, change)) for name, change in pairs]
    return _table((text("Name"), text("Change")), rows)


def budget_table(desk: PlanDesk, language: Language) -> str:
    """Return cost and cost of sales at 80, 100 and 120 % as a table; empty without quotas."""
    old, new, text = desk.beside.budget, desk.priced.budget, language.text
    if not new:
        return ""
    money, nothing = money_of(desk.priced, language), (None, None)
    rows = []
    for step in BUDGET_STEPS:
        cells = [language.percent(step, 0)]
        for pay, share in (old.get(step, nothing), new[step]):
            cells += [_NONE if pay is None else money(pay), language.percent(share, 2)]
        rows.append(cells)
    rate = text("Commission cost rate")
    both = (text("Beside it"), rate, text("As the sliders stand"), rate)
    return _table((text("Attainment"), *both), rows)


def notes_told(desk: PlanDesk, language: Language) -> list[str]:
    """Return on which days the plan is replayed, for whom the curve is, and what is not in it."""
    return list(_notes(desk, language))


def _notes(desk: PlanDesk, language: Language) -> Iterator[str]:
    text, past = language.text, desk.past
    last = past.end.fromordinal(past.end.toordinal() - 1)
    yield text("Replayed on all deals won from {first} to {last}, with the quotas of these days.",
               first=language.date(past.start), last=language.date(last))  # fmt: skip
    if past.refused:
        reason = past.refused.tell(language)
        yield text("The whole year before cannot be replayed: {reason}", reason=reason)
    yield text(
        "The curve is that of a person with the usual quota, {quota} for a {period}, all of whose "
        "sales count for every rule.",
        quota=_quota_told(desk, language),
        period=text(_PERIODS[desk.begun.plan.plan.period]),
    )
    curve = desk.priced.curve(desk.quota, desk.role)
    if curve.left_out:
        names = language.list([language.isolate(name) for name in curve.left_out])
        yield text("Not in the curve, as they do not hang on sales alone: {rules}.", rules=names)
    if curve.bent:
        names = language.list([language.isolate(name) for name in curve.bent])
        yield text("In the curve with every gate passed and every multiplier 1: {rules}.",
                   rules=names)  # fmt: skip


def money_of(priced: Priced, language: Language) -> Any:
    """Return what writes an amount of a plan's currency, whole."""
    return lambda minor: language.money(minor, priced.currency, decimals=0)


def _quota_told(desk: PlanDesk, language: Language) -> str:
    priced = desk.begun
    if priced.measure is not None and priced.plan.measure(priced.measure).counted:
        return language.number(desk.quota)
    return language.money(to_minor(desk.quota, priced.currency), priced.currency, decimals=0)


def _signed(money: Any, minor: int) -> str:
    return f"+\u2060{money(minor)}" if minor > 0 else money(minor)  # no line ends after the sign


def _tile(name: str, value: str, note: str) -> dict[str, str]:
    return {"name": name, "value": value, "note": note}


def _list(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{html.escape(one)}</li>' for one in lines)}</ul>"


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th scope=col>{html.escape(one)}</th>" for one in heads)
    body = "".join(
        f"<tr>{''.join(f'<td><bdi>{html.escape(cell)}</bdi></td>' for cell in row)}</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _section(title: str, inside: str) -> str:
    return f"<section><h2>{html.escape(title)}</h2>{inside}</section>"
