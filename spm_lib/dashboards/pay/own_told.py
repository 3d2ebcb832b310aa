"""What a person's page of pay says: the deal, the next band, the pay so far; only text."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator

import polars as pl

from spm_lib.core.language import Language
from spm_lib.core.money import exponent
from spm_lib.core.statement import Phrase
from spm_lib.dashboards.pay.own_pay import DealPay, OwnPay
from spm_lib.incentives import NextBand
from spm_lib.incentives.explain.words import KINDS, NO_DEAL, period_told, reason_told

_GRAINS = {
    "quarter": Phrase("This quarter so far").text,
    "year": Phrase("This year so far").text,
}
_BALANCES = {
    "carried": Phrase("carried to later periods").text,
    "owed": Phrase("owed from draws").text,
    "above the cap": Phrase("kept above the cap").text,
}


class OwnTold:
    """Writes a person's pay.

    Parameters
    ----------
    pay
        The pay.
    language
        The reader's.
    """

    def __init__(self, pay: OwnPay, language: Language) -> None:
        self.pay, self.write = pay, language
        self._names = {component.id: component.name for component in pay.plan.components}

    def money(self, minor: int | None) -> str:
        """Return an amount to the last minor unit where it has any."""
        whole = minor is None or minor % 10 ** exponent(self.pay.currency) == 0
        decimals = 0 if whole else exponent(self.pay.currency)
        return self.write.money(minor, self.pay.currency, decimals=decimals)

    @property
    def _period(self) -> str:
        return period_told(self.pay.period.label, self.write)

    def so_far(self) -> str:
        """Return the pay so far and the attainment as tiles."""
        text, found = self.write.text, self.pay.so_far
        period = text("{period} so far", period=self._period)
        tiles = [(period, self.money(found["period"]), "")]
        tiles += [(text(_GRAINS[g]), self.money(found[g]), "") for g in _GRAINS if g in found]
        for name, base, quota in self.pay.attainments:
            told = text("{sales} of {quota}", sales=self.money(base), quota=self.money(quota))
            share = self.write.percent(base / quota, 1) if quota else ""
            tiles.append((text("Attainment: {rule}", rule=name), share, told))
        return _tiles(tiles)

    def bands(self) -> str:
        """Return the distance to the next band of each rule, and what it is worth."""
        told = [line for band in self.pay.bands for line in self._band(band)]
        return _section(self.write.text("The next band"), told or [self._no_band()])

    def _band(self, band: NextBand) -> Iterator[str]:
        text, thousand = self.write.text, 1_000 * 10 ** exponent(self.pay.currency)
        yield text(
            "{rule}: {missing} of sales are missing to the next band. Selling them pays {brings}.",
            rule=self._names[band.component],
            missing=self.money(band.missing),
            brings=self.money(band.brings),
        )
        yield text(
            "Up to there each further {thousand} pays {below}, from there on {above}.",
            thousand=self.money(thousand),
            below=self.money(band.below),
            above=self.money(band.above),
        )

    def _no_band(self) -> str:
        return self.write.text("No band is above where you stand.")

    def deal(self, deal: DealPay) -> str:
        """Return what a deal pays: the sum, the lines, and the whole payment explained."""
        text = self.write.text
        name = self.write.isolate(deal.deal)
        tiles = [
            (text("{deal} pays you", deal=name), self.money(deal.paid), self._rate(deal)),
            (
                text("Your pay of {period} would be", period=self._period),
                self.money(deal.opened.amount),
                text("if it is won on {day}", day=self.write.date(self.pay.day)),
            ),
        ]
        if deal.later:
            note = text("released later")
            tiles.append((text("And later"), self.money(deal.later), note))
        then = [self._then(self._names[rule], missing) for rule, missing in deal.missing.items()]
        parts = [_tiles(tiles), _section(text("After this deal"), then) if then else ""]
        parts.append(f"<h2>{html.escape(text('Line by line'))}</h2>{self._lines(deal)}")
        parts.append(f"<h2>{html.escape(text('The whole payment'))}</h2>{self._opened(deal)}")
        told = "".join(f"<li>{html.escape(one)}</li>" for one in deal.opened.tell(self.write))
        return f"{''.join(parts)}<ul>{told}</ul>"

    def _rate(self, deal: DealPay) -> str:
        share = self.write.percent((deal.paid + deal.later) / deal.amount, 2)
        return self.write.text("{share} of {amount}", share=share, amount=self.money(deal.amount))

    def _then(self, rule: str, missing: int | None) -> str:
        text = self.write.text
        if missing is None:
            return text("{rule}: no band is above.", rule=rule)
        left = self.money(missing)
        return text("{rule}: {missing} missing to the next band.", rule=rule, missing=left)

    def _line(self, kind: str, component: str | None) -> str:
        what = self.write.text(KINDS[kind])
        if component is None:
            return what
        name = self._names.get(component, component)
        return name if kind == "earning" else f"{self.write.isolate(name)} ({what})"

    def _lines(self, deal: DealPay) -> str:
        text = self.write.text
        heads = (text("Line"), text("So far"), text("With the deal"), text("The deal brings"))
        rows = [
            (self._line(kind, component), *map(self.money, amounts))
            for kind, component, *amounts in deal.lines.iter_rows()
        ]
        sums = deal.lines.select(pl.col("before", "after", "change").sum()).row(0)
        return _table(heads, rows, last=(text("Sum"), *map(self.money, sums)))

    def _opened(self, deal: DealPay) -> str:
        text, rows = self.write.text, []
        for row in deal.opened.table.iter_rows(named=True):
            if row["level"] == "line":
                cells = (self._line(row["kind"], row["component"]), "", self.money(row["amount"]))
            else:
                reason = row["reason"] or NO_DEAL
                told = row["transaction_id"] or reason_told(reason, self.write)
                credited = self.money(row["credited"]) if row["credited"] is not None else ""
                cells = (told, credited, self.money(row["amount"]))
            rows.append((row["level"], cells, row["transaction_id"] == deal.deal))
        heads = (text("Line and deals"), text("Credited"), text("Pays"))
        return _table(heads, [cells for _, cells, _ in rows],
                      marks=[_mark(level, own=own) for level, _, own in rows])  # fmt: skip

    def notes(self) -> str:
        """Return what this rests on, and what is not in it."""
        text, pay = self.write.text, self.pay
        told = [
            text(
                "Worked out by the plan {plan} from your own deals, with the data as of {day}. It "
                "is no statement of pay.",
                plan=pay.plan.plan.name,
                day=self.write.date(pay.day),
            ),
            text("Credit for other people's deals is not in it."),
        ]
        if pay.tables.left_out:
            names = self.write.list([self.write.isolate(name) for name in pay.tables.left_out])
            told.append(text("Not in it, as they look at others: {rules}.", rules=names))
        own = (pl.col("rep_id") == pay.rep) & (pl.col("period") == pay.period.label)
        for kind, amount in pay.run.balances.filter(own).select("kind", "amount").iter_rows():
            what = text(_BALANCES[kind]) if kind in _BALANCES else kind
            told.append(
                text("Before this deal: {amount} {what}.", amount=self.money(amount), what=what)
            )
        return _section(text("What this rests on"), told)


def _mark(level: str, *, own: bool) -> str:
    return "line" if level == "line" else "own deal" if own else "deal"


def _tiles(tiles: Iterable[tuple[str, str, str]]) -> str:
    made = "".join(
        f'<div class="spm-tile"><div class="name">{html.escape(name)}</div>'
        f'<div class="value"><bdi>{html.escape(value)}</bdi></div>'
        f'<div class="today">{html.escape(note)}</div></div>'
        for name, value, note in tiles
    )
    return f'<div class="spm-tiles">{made}</div>'


def _section(title: str, lines: Iterable[str]) -> str:
    items = "".join(f"<li>{html.escape(one)}</li>" for one in lines)
    return f"<h2>{html.escape(title)}</h2><ul>{items}</ul>"


def _table(
    heads: Iterable[str],
    rows: Iterable[Iterable[str]],
    *,
    last: Iterable[str] = (),
    marks: Iterable[str] = (),
) -> str:
    """Return a table of text; the first column is text, the others are numbers."""
    listed = [list(row) for row in rows]
    kinds = list(marks) or ["line"] * len(listed)
    head = "".join(f"<th scope=col>{html.escape(one)}</th>" for one in heads)
    body = "".join(_row(row, kind) for row, kind in zip(listed, kinds, strict=True))
    foot = f"<tfoot>{_row(list(last), 'sum')}</tfoot>" if last else ""
    inside = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>{foot}"
    return f'<div class="spm-deals pay-lines" tabindex="0"><table>{inside}</table></div>'


def _row(cells: list[str], kind: str) -> str:
    first, *numbers = (f"<bdi>{html.escape(cell)}</bdi>" for cell in cells)
    told = "".join(f'<td class="number">{one}</td>' for one in numbers)
    return f'<tr class="{kind}"><th scope=row>{first}</th>{told}</tr>'
