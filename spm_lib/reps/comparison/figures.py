"""Every number of a comparison as a record of figures.json, and the answers of the registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from spm_lib.model import Figure, Receipt, SetAside
from spm_lib.reps.skills.figures import skill_figures

if TYPE_CHECKING:
    from spm_lib.reps.comparison.compare import RepComparison

_RATIOS = {
    "rep.win_rate.shrunk": ("shrunk", "shrunk_low", "shrunk_high"),
    "rep.win_rate.p_best": ("p_best", None, None),
    "rep.win_rate.p_above": ("p_above", None, None),
    "rep.win_rate.peers": ("peer_rate", None, None),
    "rep.win_rate.expected": ("expected_rate", None, None),
    "rep.win_rate.o_e": ("o_e", "o_e_low", "o_e_high"),
}


def comparison_figures(result: RepComparison) -> list[Figure]:
    """Return all figures: the metrics per person, the estimates, the tests, the mix."""
    measured = [figure for part in result.measured.values() for figure in part.figures()]
    make = _Maker(result)
    people = [f for row in result.table.iter_rows(named=True) for f in make.person(row)]
    mix = [make.mix(row, kind) for row in result.mix.iter_rows(named=True) for kind in _SHARES]
    skills = skill_figures(result, make.told, receipts=make.receipts, whole=make.whole)
    return [*measured, *people, *make.tests(), *mix, *skills]


LEAST = 1e-12  # chances below it are told as this
_SHARES = {"rep.mix.share": "share", "rep.mix.company_share": "company_share"}


class _Maker:
    """Makes figures that share a date, a window and receipts."""

    def __init__(self, result: RepComparison) -> None:
        self.result = result
        rates = result.measured["win_rate"]
        ids = rates.frame["rep_id"].to_list()
        self.receipts: dict[str | None, Receipt] = dict(zip(ids, rates.receipts, strict=True))
        self.whole = added(rates.receipts)

    def figure(
        self, metric: str, value: float | None, *, unit: str = "ratio", **more: Any
    ) -> Figure:
        return self.told(metric, _text(value), unit=unit, **more)

    def told(self, metric: str, text: str | None, *, unit: str = "ratio", **more: Any) -> Figure:
        window = (self.result.window.start, self.result.window.end)
        as_of = self.result.company.as_of
        return Figure(metric=metric, as_of=as_of, unit=unit, value=text, window=window, **more)

    def person(self, row: Mapping[str, Any]) -> list[Figure]:
        common: dict[str, Any] = {
            "by": {"rep_id": row["rep_id"]},
            "receipt": self.receipts[row["rep_id"]],
        }
        found = [
            self.figure(
                metric,
                row[value],
                n=row["n"],
                low=_text(row[low]) if low else None,
                high=_text(row[high]) if high else None,
                **common,
            )
            for metric, (value, low, high) in _RATIOS.items()
        ]
        rank: dict[str, Any] = {
            "low": _text(row["rank_low"]),
            "high": _text(row["rank_high"]),
            "n": row["n"],
        }
        found.append(self.figure("rep.win_rate.rank", None, unit="count", **rank, **common))
        days = row["tenure_days"]
        return [*found, self.figure("rep.tenure.days", days, unit="days", n=row["n"], **common)]

    def tests(self) -> list[Figure]:
        rates = self.result.rates
        common: dict[str, Any] = {"receipt": self.whole}
        n = int(rates.frame["n"].sum())
        numbers = {
            "rep.win_rate.heterogeneity.chi2": _text(rates.test.q),
            "rep.win_rate.heterogeneity.phi": _text(rates.test.phi),
            "rep.win_rate.true_sd": _text(rates.true_sd),
            "rep.win_rate.heterogeneity.p": chance_text(rates.test.p),
            "rep.win_rate.adjusted_p": chance_text(self.result.adjusted_p),
        }
        found = [self.told(metric, text, n=n, **common) for metric, text in numbers.items()]
        return found + [
            self.told("rep.difference.p", chance_text(d.p), n=n, by={"aspect": d.aspect}, **common)
            for d in self.result.differences
        ]

    def mix(self, row: Mapping[str, Any], metric: str) -> Figure:
        by = {name: row[name] or "" for name in ("column", "value", "rep_id")}
        return self.figure(
            metric,
            row[_SHARES[metric]],
            n=row["deals"],
            by=by,
            receipt=self.receipts[row["rep_id"]],
        )


def _text(value: float | None) -> str | None:
    if value is None:
        return None
    return str(value) if isinstance(value, int) else f"{value:.6f}"


def chance_text(p: float | None) -> str | None:
    """Return a chance as decimal text; one that is not 0 is never told as 0.

    Examples
    --------
    >>> chance_text(0.25), chance_text(3e-40)
    ('0.250000', '0.000000000001')
    """
    if p is None or p >= 1e-4:
        return _text(p)
    return f"{max(p, LEAST):.12f}"


def added(receipts: Sequence[Receipt]) -> Receipt:
    """Return the receipt of all groups together."""
    parts: dict[str, SetAside] = {}
    for receipt in receipts:
        for reason, part in receipt.set_aside.items():
            before = parts.get(reason, SetAside(0))
            amounts = [a for a in (before.amount, part.amount) if a is not None]
            parts[reason] = SetAside(before.rows + part.rows, sum(amounts) if amounts else None)
    used = sum(receipt.used for receipt in receipts)
    return Receipt(used, parts, scoped=any(receipt.scoped for receipt in receipts))
